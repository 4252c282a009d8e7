"""Tasks that are written in Python: hooks around trials, and what was scored."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from ._progress import Bar, Progress
from ._units import Quantity, seconds, steps

if TYPE_CHECKING:
    import pandas as pd

    from ._simulation import Simulation


class Trials(Sequence[Mapping[str, float]]):
    """What a `Trainer` has scored: one mapping for each trial, with `trial` from 1, `from_s`, `length_s` and the scores."""

    def __init__(self, rows: Sequence[Mapping[str, float]] = ()) -> None:
        self._rows: list[Mapping[str, float]] = list(rows)

    def __getitem__(self, index: Any) -> Any:
        return Trials(self._rows[index]) if isinstance(index, slice) else self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Mapping[str, float]]:
        return iter(self._rows)

    def __repr__(self) -> str:
        return f"<plastica.Trials: {len(self)}, the last one {dict(self._rows[-1]) if self._rows else 'not yet'}>"

    def to_pandas(self) -> pd.DataFrame:
        """A row for each trial. Raises `ImportError` without pandas."""
        import pandas as pd

        return pd.DataFrame(self._rows)


_NAMES = ("before", "after_stimulus", "step", "score", "length", "stimulus", "interval", "pause")


class Trainer:
    """A task that is written in Python: a class with hooks, which `Simulation.train` calls at the boundaries of trials.

    Write a class of your own with some of the hooks; each takes the simulation, which it may read and set, and in `before` and `score` also run:

    - `before(sim, trial)`: before a trial, counted from 1: present the stimulus
    - `after_stimulus(sim)`: when `stimulus` has passed, or the trial ends before: take it away
    - `step(sim)`: after each `interval`: an environment of your own goes on; returning True ends the trial
    - `score(sim)`: at the end: scores by name; here a modulator may be set, such as a reward

    and with the times of a trial as attributes, each a quantity such as `"200 ms"`, in whole steps:

    - `length`: the longest that a trial may be; needed
    - `stimulus`: after which `after_stimulus` is called; the whole trial unless said
    - `interval`: from one call of `step` to the next; `step` is not called unless said
    - `pause`: from the end of a trial to the next, none unless said

    ```python
    class Reward(plastica.Trainer):
        length, stimulus = "50 ms", "20 ms"

        def before(self, sim, trial):
            sim.E.drive_in = 1.0
            self.spikes = sim.E.counts

        def after_stimulus(self, sim):
            sim.E.drive_in = 0.0

        def score(self, sim):
            return {"spikes": int((sim.E.counts - self.spikes).sum())}
    ```
    """

    length: ClassVar[Quantity] = None
    stimulus: ClassVar[Quantity] = None
    interval: ClassVar[Quantity] = None
    pause: ClassVar[Quantity] = None
    _trials: Trials | None = None

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Warns of a name that is nearly one of a hook or a time: it would never be called or read."""
        super().__init_subclass__(**keywords)
        for name in vars(cls):
            near = difflib.get_close_matches(name, _NAMES, 1, 0.8)
            if near and not name.startswith("_") and name not in (*_NAMES, "trials"):
                warnings.warn(f"{cls.__name__}.{name} is no hook of a Trainer and will not be used; did you mean `{near[0]}`?", UserWarning, stacklevel=2)

    @property
    def trials(self) -> Trials:
        """All trials that were finished, also those before an interruption."""
        if self._trials is None:
            self._trials = Trials()
        return self._trials

    def before(self, sim: Simulation, trial: int) -> None:
        """Before a trial."""

    def after_stimulus(self, sim: Simulation) -> None:
        """When the stimulus has been there for its time."""

    def step(self, sim: Simulation) -> bool | None:
        """After each interval; True ends the trial."""

    def score(self, sim: Simulation) -> Mapping[str, float] | None:
        """At the end of a trial: its scores."""


def train(sim: Simulation, trainer: Trainer, trials: int, progress: Progress) -> Trials:
    """Carries out trials; see `Simulation.train`."""
    if trainer.length is None:
        raise ValueError(f'{type(trainer).__name__} does not say how long a trial is: write length = "200 ms" into the class')

    def own(time: Quantity) -> int | None:
        return None if time is None else steps(seconds(time), sim.dt)

    length, stimulus, interval, pause = own(trainer.length) or 0, own(trainer.stimulus), own(trainer.interval), own(trainer.pause) or 0
    if 0 in (length, stimulus, interval):
        raise ValueError("a trial, its stimulus and its interval last one step at least")
    stimulus = length if stimulus is None else min(stimulus, length)
    bar = Bar(float(trials), progress, f"{sim.name}, trials")
    try:
        for number in range(1, trials + 1):
            begin = sim.now
            trainer.before(sim, len(trainer.trials) + 1)
            _trial(sim, trainer, length, stimulus, interval)
            scores = trainer.score(sim)
            if scores is None:
                scores = {}
            if not isinstance(scores, Mapping):
                raise TypeError(f'{type(trainer).__name__}.score must return scores by name, such as {{"hits": 1}}, not {type(scores).__name__}')
            row = {"trial": len(trainer.trials) + 1, "from_s": begin * sim.dt, "length_s": (sim.now - begin) * sim.dt, **scores}
            trainer.trials._rows.append(row)
            if pause:
                sim.step(pause)
            if bar.needed:
                bar.update(float(number))
    finally:
        bar.close()
    return trainer.trials


def _trial(sim: Simulation, trainer: Trainer, length: int, stimulus: int, interval: int | None) -> None:
    """From one border to the next: the end of the stimulus, a step of the task, the end of the trial."""
    begin = sim.now
    shown, next_step, over = False, interval, False
    while not over and (done := sim.now - begin) < length:
        border = min(b for b in (length, next_step, None if shown else stimulus) if b is not None)
        sim.step(border - done)
        if not shown and border >= stimulus:
            trainer.after_stimulus(sim)
            shown = True
        if next_step is not None and interval is not None and border == next_step:
            over = bool(trainer.step(sim))
            next_step += interval
    if not shown:
        trainer.after_stimulus(sim)
