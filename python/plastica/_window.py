"""The spike-timing window of a synapse model: pairs of spikes at many timings, one synapse for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ._circuit import Circuit
from ._parts import Population, Projection, Synapse, Values
from ._units import Quantity, seconds, steps, times

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Window:
    """How a weight changes with the timing of pairs of spikes."""

    timing: npt.NDArray[np.float64]
    """Time from the presynaptic to the postsynaptic spike, `[n_timings]`, seconds."""
    before: npt.NDArray[np.float64]
    """The variable before the pairs, `[n_timings]`."""
    after: npt.NDArray[np.float64]
    """The variable after the pairs, `[n_timings]`."""
    variable: str
    """Name of the variable."""
    unit: str
    """Its unit."""

    @property
    def change(self) -> npt.NDArray[np.float64]:
        """`after - before`, `[n_timings]`."""
        return self.after - self.before

    def plot(self, ax: Axes | None = None, **style: Any) -> Axes:
        """Draws the window; returns the axes."""
        from .plot import window

        return window(self, ax=ax, **style)

    def to_pandas(self) -> pd.DataFrame:
        """Columns `timing_s`, `before`, `after`. Raises `ImportError` without pandas."""
        import pandas as pd

        return pd.DataFrame({"timing_s": self.timing, "before": self.before, "after": self.after})


def timing_window(
    synapse: Synapse | str,
    timings: Iterable[Quantity] | None = None,
    *,
    pairs: int = 60,
    interval: Quantity = "1 s",
    variable: str = "w",
    parameters: Values | None = None,
    initial: Values | None = None,
    dt: Quantity = "0.1 ms",
    paths: Iterable[str | Path] = (),
) -> Window:
    """Gives pairs of spikes to one synapse for each timing, and tells what became of its weight.

    - `synapse`: a model, or a name of the library; one that reads the membrane of a neuron cannot be used here
    - `timings`: from the presynaptic to the postsynaptic spike; from -100 ms to 100 ms in steps of 2 ms unless said, without 0
    - `pairs`, `interval`: how many, and from one to the next
    - `parameters`, `initial`: values of the synapse that differ from the model's

    Raises `ModelError` when the model has faults.
    """
    asked = [seconds(t) for t in timings] if timings is not None else [t * 2e-3 for t in range(-50, 51) if t]
    step, period = seconds(dt), seconds(interval)
    timing = np.array([steps(abs(t), step) * (1 if t >= 0 else -1) for t in asked], dtype=np.int64)
    lead = int(np.abs(timing).max(initial=0)) + 1
    every = steps(period, step)
    begin = lead + every * np.arange(pairs, dtype=np.int64)

    def end(name: str, shift: npt.NDArray[np.int64]) -> Population:
        at = (begin[:, None] + shift[None, :]).ravel()
        return Population(name, spikes=(np.tile(np.arange(len(timing)), pairs), times(at, step)), size=len(timing))

    pre, post = end("pre", np.zeros_like(timing)), end("post", timing)
    projection = Projection("pairs", pre=pre, post=post, synapse=synapse, connect="one_to_one", parameters=parameters, initial=initial)
    simulation = Circuit(projection, dt=dt, precision="double", name="window", paths=paths).build(threads=1)
    synapses = simulation.projections["pairs"]
    unit = synapses.variables[variable]
    before = np.array(synapses[variable])
    simulation.step(int(begin[-1]) + lead + every, progress=False)
    return Window(times(timing, step), before, np.array(synapses[variable]), variable, unit)
