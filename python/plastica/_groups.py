"""Populations and projections of a running circuit, with their variables as attributes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ._units import Quantity, times
from ._values import View

if TYPE_CHECKING:
    import pandas as pd

    from ._simulation import Simulation

_OWN = ("_simulation", "_index", "_variables", "_of_population", "name", "_size", "model", "_ends", "_pre", "_post")


class Group:
    """What neurons and synapses have in common: variables and parameters by name, as attributes; one whose name is taken is `sim.E["name"]`."""

    _of_population = True

    def __init__(self, simulation: Simulation, index: int, about: Mapping[str, Any]) -> None:
        self._simulation = simulation
        self._index = index
        self._variables: dict[str, tuple[str, str]] = {name: (unit, kind) for name, unit, kind in about["variables"]}
        self.name: str = about["name"]
        self._size: int = about["size"]
        self.model: str = about["model"]
        self._ends: tuple[int, int] | None = about["ends"]

    @property
    def size(self) -> int:
        """Number of neurons, or of synapses, which may come and go."""
        return self._size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, name: str) -> View:
        """The present values of a variable or parameter."""
        if name not in self._variables:
            raise KeyError(self._unknown(name))
        unit, kind = self._variables[name]
        return View(self._simulation, self._of_population, self._index, name, unit, kind, self.size)

    def __setitem__(self, name: str, value: Quantity) -> None:
        self[name][...] = value

    def __getattr__(self, name: str) -> View:
        if name.startswith("__") or name not in self.__dict__.get("_variables", ()):
            raise AttributeError(self._unknown(name) if "_variables" in self.__dict__ else name)
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN:
            object.__setattr__(self, name, value)
        elif name in self._variables:
            self[name][...] = value
        else:
            raise AttributeError(self._unknown(name))

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._variables]

    def _unknown(self, name: str) -> str:
        near = difflib.get_close_matches(name, self._variables, 1)
        help = f"did you mean `{near[0]}`?" if near else f"it has: {', '.join(self._variables) or 'none'}"
        return f"`{self.name}` has no variable or parameter `{name}`; {help}"

    @property
    def variables(self) -> Mapping[str, str]:
        """Units of all variables and parameters, by name."""
        return MappingProxyType({name: unit for name, (unit, _) in self._variables.items()})

    def __repr__(self) -> str:
        what = "neurons" if self._of_population else "synapses"
        return f"<{self.name}: {self.size} {what} of {self.model or 'given spikes'}: {', '.join(self._variables)}>"


class Neurons(Group):
    """A population of a running circuit. `sim.E.v` reads a variable, `sim.E.v = "-60 mV"` sets it for all; `sim.E["size"]` and
    `sim.E["size"] = ...` are for variables whose name is taken."""

    @property
    def positions(self) -> npt.NDArray[np.float64]:
        """Where each neuron is, `[n_neurons, n_axes]`, metres; no axes where the text has no positions."""
        axes = self._simulation._core.positions(self._index)
        return np.stack([values for _, values in axes], axis=1) if axes else np.empty((self.size, 0))

    @property
    def counts(self) -> npt.NDArray[np.uint32]:
        """Spikes of each neuron, `[n_neurons]`, since the first look at this; so look once before the time that matters."""
        return self._simulation._core.tally(self._index)

    @property
    def spiking(self) -> npt.NDArray[np.uint32]:
        """The neurons that spiked in the last step, ascending."""
        return self._simulation._core.spiking(self._index)

    @property
    def spike_count(self) -> int:
        """Spikes of all neurons since the start."""
        return self._simulation.spike_counts[self.name]


class Synapses(Group):
    """A projection of a running circuit. `sim.EE.w` reads the weights in the order of `.i` and `.j`: by source, then axonal delay,
    then target."""

    _of_population = False

    @property
    def size(self) -> int:
        """Number of synapses at present."""
        return self._simulation._core.synapse_count(self._index)[0]

    @property
    def i(self) -> npt.NDArray[np.uint32]:
        """Presynaptic neuron of each synapse, `[n_synapses]`."""
        return self._simulation._synapses(self._index)[0]

    @property
    def j(self) -> npt.NDArray[np.uint32]:
        """Postsynaptic neuron of each synapse, `[n_synapses]`."""
        return self._simulation._synapses(self._index)[1]

    @property
    def delay(self) -> npt.NDArray[np.float64]:
        """Axonal delay of each synapse, `[n_synapses]`, seconds."""
        return times(self._simulation._synapses(self._index)[2], self._simulation.dt)

    @property
    def dendritic_delay(self) -> npt.NDArray[np.float64]:
        """Dendritic delay of each synapse, `[n_synapses]`, seconds."""
        return times(self._simulation._synapses(self._index)[3], self._simulation.dt)

    @property
    def pre(self) -> Neurons:
        """The presynaptic population."""
        assert self._ends is not None
        return list(self._simulation.populations.values())[self._ends[0]]

    @property
    def post(self) -> Neurons:
        """The postsynaptic population."""
        assert self._ends is not None
        return list(self._simulation.populations.values())[self._ends[1]]

    @property
    def frozen(self) -> bool:
        """Is plasticity stopped?"""
        return self._simulation._core.is_frozen(self._index)

    def freeze(self) -> None:
        """Stops plasticity; transmission goes on."""
        self._simulation._core.freeze(self._index, True)

    def release(self) -> None:
        """Lets plasticity go on."""
        self._simulation._core.freeze(self._index, False)

    def matrix(self, variable: str = "w") -> npt.NDArray[np.float64]:
        """A variable as a matrix `[n_pre, n_post]`; not a number where there is no synapse, the sum where a pair has several."""
        values = np.broadcast_to(np.asarray(self[variable]), (self.size,))
        shape = (self.pre.size, self.post.size)
        place = self.i.astype(np.int64) * shape[1] + self.j
        out: npt.NDArray[np.float64] = np.bincount(place, weights=values, minlength=shape[0] * shape[1]).astype(np.float64)
        out[np.bincount(place, minlength=shape[0] * shape[1]) == 0] = np.nan
        return out.reshape(shape)

    def to_pandas(self) -> pd.DataFrame:
        """A row for each synapse: `pre`, `post`, delays in seconds, variables in SI units. Raises `ImportError` without pandas."""
        import pandas as pd

        columns: dict[str, Any] = {"pre": self.i, "post": self.j, "delay_s": self.delay, "dendritic_delay_s": self.dendritic_delay}
        for name, (_, kind) in self._variables.items():
            if kind != "parameter":
                columns[name] = np.broadcast_to(np.asarray(self[name]), (self.size,))
        return pd.DataFrame(columns)
