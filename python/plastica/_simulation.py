"""A running circuit: step it, look at it, change it, go on; copy it, pickle it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from . import _plastica
from ._circuit import Given
from ._errors import Diagnostic, diagnostics
from ._groups import Neurons, Synapses
from ._held import Modulators, Recordings
from ._progress import Bar, Progress
from ._units import Quantity, seconds, steps

if TYPE_CHECKING:
    from ._trainer import Trainer, Trials


class Simulation:
    """A circuit at a moment of its time. Made by `Circuit.build`.

    Populations and projections are attributes: `sim.E.v`, `sim.EE.w`. Running in pieces gives the same bits as running at once.
    One simulation belongs to one thread at a time; different simulations run side by side in different threads.
    `pickle`, `copy.copy` and `copy.deepcopy` take the complete state along.
    """

    def __init__(self, given: Given, *, threads: int | None = None, seed: int | None = None) -> None:
        self._given = given
        self._how: dict[str, int | None] = {"threads": threads, "seed": seed}
        self._core = _plastica.Simulation(given, threads=threads, seed=seed)
        self._restored = 0
        self._version = 0
        self._lying: dict[tuple[bool, int, str], bool] = {}
        self._feeds: dict[tuple[str, str], tuple[Callable[[float], Quantity], int]] = {}
        self._lists: dict[int, tuple[int, list[npt.NDArray[np.uint32]]]] = {}
        about = self._core.about()
        self.name: str = about["name"]
        """Name of the experiment."""
        self.dt: float = about["dt"]
        """The step in seconds."""
        self.seed: int = about["seed"]
        """Seed of all random numbers."""
        self.threads: int = about["threads"]
        """Threads; results do not depend on it."""
        self.precision: str = about["precision"]
        """`single` or `double`."""
        populations, projections = self._core.owners()
        self.populations: Mapping[str, Neurons] = MappingProxyType({a["name"]: Neurons(self, k, a) for k, a in enumerate(populations)})
        """Populations by name, in the order of the text."""
        self.projections: Mapping[str, Synapses] = MappingProxyType({a["name"]: Synapses(self, k, a) for k, a in enumerate(projections)})
        """Projections by name, in the order of the text."""
        self.recordings = Recordings(self)
        """What was recorded, by name."""
        self.modulators = Modulators(self)
        """The modulators that models read: values by name, which may be set."""

    def __getattr__(self, name: str) -> Any:
        found = [group[name] for group in (self.__dict__.get("populations", {}), self.__dict__.get("projections", {})) if name in group]
        if len(found) == 1:
            return found[0]
        if found:
            raise AttributeError(f"`{name}` is a population and a projection: write .populations or .projections")
        known = [*self.__dict__.get("populations", ()), *self.__dict__.get("projections", ())]
        raise AttributeError(f"there is no population or projection `{name}`; there are: {', '.join(known)}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__.get("populations", ()) or name in self.__dict__.get("projections", ()):
            raise AttributeError(f"`{name}` is a group; set one of its variables: .{name}.NAME = ...")
        object.__setattr__(self, name, value)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.populations, *self.projections]

    def run(self, duration: Quantity, *, progress: Progress = None) -> Self:
        """Runs for a time, such as `"10 ms"`; returns itself.

        Ctrl-C stops between two steps with `KeyboardInterrupt`, and everything so far is kept: the run can go on.
        A function for `progress` is called with seconds done and their sum, a few times a second, and may look into the simulation.

        Raises `RunError` when a value is not a number any more, and `ValueError` when the time is no whole number of steps.
        """
        return self.step(steps(seconds(duration), self.dt), progress=progress)

    def step(self, number: int = 1, *, progress: Progress = None) -> Self:
        """Runs so many steps; returns itself."""
        if self._feeds:
            return self._fed(number, progress)
        if number < 1000 and progress is None:
            # Too short for anybody to wait for.
            self._core.advance(number)
            return self
        bar = Bar(number * self.dt, progress, self.name)
        try:
            self._core.advance(number, (lambda done: bar.update(done * self.dt)) if bar.needed else None)
        finally:
            bar.close()
        return self

    def feed(self, population: Neurons | str, variable: str, function: Callable[[float], Quantity] | None, *, every: Quantity) -> None:
        """An input that is written in Python: from now on `function(t)` sets a variable, each `every`, before the step at that time.

        - `function`: takes the time in seconds; returns one value for all, or `[n_neurons]`, in SI units or as a quantity; `None` ends the input
        - a second function for the same variable takes the place of the first

        Copies of the simulation have it, too; to pickle it, the function must be one that `pickle` finds by its name.
        Raises `KeyError` when there is no such population or variable, and `ValueError` when `every` is no whole number of steps.
        """
        neurons = self.populations[population] if isinstance(population, str) else population
        neurons[variable]
        number = steps(seconds(every), self.dt)
        if number == 0:
            raise ValueError("an input is asked once in each step at most")
        if function is None:
            self._feeds.pop((neurons.name, variable), None)
        else:
            self._feeds[neurons.name, variable] = (function, number)

    def _fed(self, number: int, progress: Progress) -> Self:
        """Runs from one call of an input that is written in Python to the next."""
        end = self.now + number
        bar = Bar(number * self.dt, progress, self.name)
        try:
            while (now := self.now) < end:
                for (population, variable), (function, every) in self._feeds.items():
                    if now % every == 0:
                        self.populations[population][variable] = function(now * self.dt)
                next_call = min(now - now % every + every for _, every in self._feeds.values())
                self._core.advance(min(next_call, end) - now)
                if bar.needed:
                    bar.update((self.now - end + number) * self.dt)
        finally:
            bar.close()
        return self

    def enable(self, input: str, on: bool = True) -> None:
        """Lets an input of the text act, or not (`on=False`). Raises `KeyError` when there is none of this name."""
        names = self._core.inputs()
        if input not in names:
            raise KeyError(f"there is no input `{input}`; there are: {', '.join(names) or 'none'}")
        self._core.enable_input(names.index(input), on)

    def train(self, trainer: Trainer, trials: int, *, progress: Progress = None) -> Trials:
        """Carries out trials of a task that is written in Python, one after another; their scores, and those of earlier calls.

        Ctrl-C ends it with `KeyboardInterrupt` between two steps; trials that were finished stay in `trainer.trials`.
        """
        from ._trainer import train

        return train(self, trainer, trials, progress)

    @property
    def now(self) -> int:
        """The step that comes next."""
        return self._core.now()

    @property
    def _epoch(self) -> tuple[int, int]:
        """Differs whenever the simulation has gone on."""
        return self._core.now(), self._restored

    @property
    def t(self) -> float:
        """Time in seconds: `now * dt`."""
        return self.now * self.dt

    @property
    def spike_counts(self) -> dict[str, int]:
        """Spikes of each population since the start."""
        return dict(zip(self.populations, self._core.spike_counts(), strict=True))

    @property
    def warnings(self) -> list[Diagnostic]:
        """What was found in the text that is no error."""
        return diagnostics(self._core.warnings())

    @property
    def text(self) -> str:
        """The text that was built."""
        return self._given.text

    def _synapses(self, index: int) -> list[npt.NDArray[np.uint32]]:
        turnover = self._core.synapse_count(index)[1]
        if index not in self._lists or self._lists[index][0] != turnover:
            lists = self._core.synapses(index)
            for array in lists:
                array.flags.writeable = False
            self._lists[index] = (turnover, lists)
        return self._lists[index][1]

    def state(self) -> dict[str, Any]:
        """The complete state, with what was recorded: a dictionary of arrays that `restore` takes."""
        step, arrays, kept = self._core.state()
        return {"step": step, "arrays": arrays, "kept": kept}

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Goes on from a state of the same circuit and seed, on any number of threads; returns itself.

        Raises `RunError` when it is of another circuit.
        """
        self._core.restore(state["step"], list(state["arrays"].items()), list(state["kept"]))
        self._lists.clear()
        self._restored += 1
        return self

    def copy(self) -> Simulation:
        """Another simulation at the same moment, with what was recorded; both go on independently."""
        return self._again(self.state())

    def _again(self, state: Mapping[str, Any]) -> Simulation:
        made = Simulation(self._given, **self._how).restore(state)
        made._feeds.update(self._feeds)
        return made

    def __copy__(self) -> Simulation:
        return self.copy()

    def __deepcopy__(self, memo: object) -> Simulation:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle, (self._given, self._how, self.state(), self._feeds)

    def __repr__(self) -> str:
        if "recordings" not in self.__dict__:
            return "<plastica.Simulation that is not built>"
        return f"<plastica.Simulation {self.name!r} at {self.t:g} s: {', '.join([*self.populations, *self.projections])}>"


def _unpickle(given: Given, how: dict[str, int | None], state: Mapping[str, Any], feeds: dict[Any, Any]) -> Simulation:
    made = Simulation(given, **how).restore(state)
    made._feeds.update(feeds)
    return made
