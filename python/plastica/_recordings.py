"""What was recorded, as numpy arrays and, where the packages are there, as pandas, xarray and Neo objects; each draws itself in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ._units import times

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Arrays = tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32], npt.NDArray[np.float64]]


class Recording:
    """What one record has kept. `name`, the `owner` (a population or projection), the `variable` and its `unit`."""

    def __init__(self, about: Mapping[str, Any], dt: float) -> None:
        self.name: str = about["name"]
        self.owner: str = about["owner"]
        self.variable: str = about["variable"]
        self.unit: str = about["unit"] or "1"
        self.dt = dt
        """The step in seconds."""
        self.t: Floats
        """Times in seconds."""

    def __len__(self) -> int:
        return len(self.t)

    def to_pandas(self) -> pd.DataFrame:
        """As a table. Raises `ImportError` without pandas."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<plastica.{type(self).__name__} {self.name!r} of {self.owner}: {len(self)} rows>"


class Spikes(Recording):
    """Spikes in order of time, then neuron: `t` in seconds and `i`, the neuron, both `[n_spikes]`; `step` is the exact time in steps."""

    def __init__(self, about: Mapping[str, Any], arrays: Arrays, dt: float) -> None:
        super().__init__(about, dt)
        self.step: Integers = arrays[0]
        self.i: Integers = arrays[1].astype(np.int64)
        self.t = times(self.step, dt)
        self.neurons: int = about["neurons"]
        """Neurons of the population."""

    def trains(self) -> dict[int, Floats]:
        """Spike times of each neuron that fired, in seconds."""
        return {int(n): self.t[self.i == n] for n in np.unique(self.i)}

    def rate(self, *, bin: float = 0.01, until: float | None = None) -> tuple[Floats, Floats]:
        """Begin of each bin in seconds, and spikes per second and neuron in it; `bin` and `until` in seconds."""
        end = until if until is not None else (float(self.t[-1]) + self.dt if len(self.t) else bin)
        number = max(1, int(np.ceil(end / bin - 1e-9)))
        place = np.floor(self.t / bin + 1e-9).astype(np.int64)
        counts = np.bincount(place[place < number], minlength=number)
        return times(np.arange(number), bin), counts / (bin * max(1, self.neurons))

    def to_pandas(self) -> pd.DataFrame:
        """Columns `time_s` and `neuron`, as a run's folder has them. Raises `ImportError` without pandas."""
        import pandas as pd

        return pd.DataFrame({"time_s": self.t, "neuron": self.i})

    def to_neo(self, *, until: float | None = None) -> Any:
        """A `neo.Segment` with a `SpikeTrain` for each neuron; `until` in seconds. Raises `ImportError` without neo."""
        import neo
        import quantities

        end = until if until is not None else (float(self.t[-1]) + self.dt if len(self.t) else 0.0)
        segment = neo.Segment(name=self.name)
        trains = self.trains()
        for n in range(self.neurons):
            times = trains.get(n, np.empty(0))
            segment.spiketrains.append(neo.SpikeTrain(times, units=quantities.s, t_stop=end, name=f"{self.owner} {n}", neuron=n))
        return segment

    def plot(self, ax: Axes | None = None, **style: Any) -> Axes:
        """A raster; returns the axes."""
        from .plot import raster

        return raster(self, ax=ax, **style)


class Series(Recording):
    """A variable at an interval: `t` in seconds `[n_times]`, `values` `[n_times, n_elements]` in SI units; the elements are `neuron`s, or
    `synapse`s with their `pre` and `post`, `[n_elements]`. A count of synapses has one element, its `projection`."""

    def __init__(self, about: Mapping[str, Any], arrays: Arrays, dt: float) -> None:
        super().__init__(about, dt)
        self.t = times(arrays[0], dt)
        self.labels: dict[str, Integers] = {k: about[k].astype(np.int64) for k in ("neuron", "synapse", "pre", "post") if k in about}
        if not self.labels:
            self.labels = {"projection": np.zeros(1, np.int64)}
        self.dimension = next(name for name in ("neuron", "synapse", "projection") if name in self.labels)
        """`neuron`, `synapse`, or `projection` for a count of synapses."""
        self.values: Floats = arrays[2].reshape(len(self.t), len(self.labels[self.dimension]))

    def to_xarray(self) -> xr.DataArray:
        """Dimensions `time` (seconds) and `neuron` or `synapse`. Raises `ImportError` without xarray."""
        import xarray as xr

        labels = {name: (self.dimension, values) for name, values in self.labels.items()}
        out = xr.DataArray(self.values, dims=("time", self.dimension), coords={"time": self.t, **labels}, name=self.variable, attrs={"units": self.unit})
        out.time.attrs["units"] = "s"
        return out

    def to_pandas(self) -> pd.DataFrame:
        """A row for each time, a column for each neuron or synapse. Raises `ImportError` without pandas."""
        import pandas as pd

        columns = pd.Index(self.labels[self.dimension], name=self.dimension)
        return pd.DataFrame(self.values, index=pd.Index(self.t, name="time_s"), columns=columns)

    def to_neo(self) -> Any:
        """A `neo.AnalogSignal`. Raises `ImportError` without neo."""
        import neo
        import quantities

        units = {"volt": "V", "amp": "A", "siemens": "S", "1": "dimensionless", "hertz": "Hz", "second": "s"}.get(self.unit, self.unit)
        step = float(self.t[1] - self.t[0]) if len(self.t) > 1 else self.dt
        start = float(self.t[0]) if len(self.t) else 0.0
        return neo.AnalogSignal(self.values, units=units, sampling_period=step * quantities.s, t_start=start * quantities.s, name=f"{self.owner}.{self.variable}")

    def plot(self, ax: Axes | None = None, **style: Any) -> Axes:
        """A line for each element; returns the axes."""
        from .plot import series

        return series(self, ax=ax, **style)


class Changes(Recording):
    """A variable of synapses whenever it changed: `t` in seconds, `synapse`, `pre`, `post`, `values`, all `[n_changes]`."""

    def __init__(self, about: Mapping[str, Any], arrays: Arrays, dt: float) -> None:
        super().__init__(about, dt)
        place = arrays[1].astype(np.int64)
        self.step: Integers = arrays[0]
        self.t = times(self.step, dt)
        self.synapse, self.pre, self.post = (about[k].astype(np.int64)[place] for k in ("synapse", "pre", "post"))
        self.values: Floats = arrays[2]

    def to_pandas(self) -> pd.DataFrame:
        """Columns `time_s`, `synapse`, `pre`, `post` and the variable, as a run's folder has them. Raises `ImportError` without pandas."""
        import pandas as pd

        return pd.DataFrame({"time_s": self.t, "synapse": self.synapse, "pre": self.pre, "post": self.post, self.variable: self.values})

    def plot(self, ax: Axes | None = None, **style: Any) -> Axes:
        """A stepped line for each synapse; returns the axes."""
        from .plot import changes

        return changes(self, ax=ax, **style)


class Rate(Recording):
    """The rate of a population: `t`, the begin of each bin that is complete, and `values` in spikes per second and neuron, `[n_bins]`."""

    def __init__(self, about: Mapping[str, Any], arrays: Arrays, dt: float) -> None:
        super().__init__(about, dt)
        self.t = times(arrays[0], dt)
        self.bin: float = about["every"] * dt
        """Length of a bin in seconds."""
        self.values: Floats = arrays[2] / (self.bin * max(1, about["neurons"]))

    def to_xarray(self) -> xr.DataArray:
        """Dimension `time` in seconds. Raises `ImportError` without xarray."""
        import xarray as xr

        out = xr.DataArray(self.values, dims=("time",), coords={"time": self.t}, name="rate", attrs={"units": "Hz"})
        out.time.attrs["units"] = "s"
        return out

    def to_pandas(self) -> pd.DataFrame:
        """Columns `time_s` and `rate`. Raises `ImportError` without pandas."""
        import pandas as pd

        return pd.DataFrame({"time_s": self.t, "rate": self.values})

    def to_neo(self) -> Any:
        """A `neo.AnalogSignal` in hertz; each sample stands for the bin that begins with it. Raises `ImportError` without neo."""
        import neo
        import quantities

        start = float(self.t[0]) if len(self.t) else 0.0
        return neo.AnalogSignal(
            self.values[:, None], units="Hz", sampling_period=self.bin * quantities.s, t_start=start * quantities.s, name=f"rate of {self.owner}"
        )

    def plot(self, ax: Axes | None = None, **style: Any) -> Axes:
        """The rate over time; returns the axes."""
        from .plot import rates

        return rates(self, ax=ax, **style)


def recording(about: Mapping[str, Any], arrays: Arrays, dt: float) -> Recording:
    """What one record has kept."""
    kind: dict[str, type[Spikes] | type[Series] | type[Changes] | type[Rate]] = {"spikes": Spikes, "series": Series, "changes": Changes, "rate": Rate}
    return kind[about["kind"]](about, arrays, dt)
