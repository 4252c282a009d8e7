"""What a running circuit holds beside its neurons and synapses: modulators, and what was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING

import numpy as np

from ._recordings import Recording, recording
from ._units import Quantity, parse, to_si

if TYPE_CHECKING:
    from ._simulation import Simulation


class Modulators(MutableMapping[str, float]):
    """The modulators that the models of a circuit read: `sim.modulators["DA"] = 0.5` sets one wherever it is read.

    They begin at their value at rest. Values are in the unit that the models give them.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def __getitem__(self, name: str) -> float:
        value = self._simulation._core.modulator(name)
        if value is None:
            raise KeyError(f"no model reads a modulator `{name}`; they read: {', '.join(self) or 'none'}")
        return value

    def __setitem__(self, name: str, value: Quantity) -> None:
        number = to_si(value, "1") if not isinstance(value, str) else parse(value)[0]
        if not isinstance(number, float) or not np.isfinite(number):
            raise ValueError(f"the modulator `{name}` is one finite number, not {value!r}")
        if not self._simulation._core.set_modulator(name, number):
            raise KeyError(f"no model reads a modulator `{name}`; they read: {', '.join(self) or 'none'}")
        self._simulation._version += 1

    def __delitem__(self, name: str) -> None:
        raise TypeError(f"the modulator `{name}` belongs to the circuit; set it to 0")

    def __iter__(self) -> Iterator[str]:
        return iter(self._simulation._core.modulators())

    def __len__(self) -> int:
        return len(self._simulation._core.modulators())

    def __repr__(self) -> str:
        return f"<modulators: {', '.join(f'{name} = {value:g}' for name, value in self.items()) or 'none'}>"


class Recordings(Mapping[str, Recording]):
    """What the records of a circuit have kept so far, by name; each look takes a copy that stays as it is."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._about = {about["name"]: (index, about) for index, about in enumerate(simulation._core.records())}

    def __getitem__(self, name: str) -> Recording:
        if name not in self._about:
            raise KeyError(f"nothing is recorded as {name!r}; recorded are: {', '.join(self._about) or 'nothing'}")
        index, about = self._about[name]
        return recording(about, self._simulation._core.kept(index), self._simulation.dt)

    def __iter__(self) -> Iterator[str]:
        return iter(self._about)

    def __len__(self) -> int:
        return len(self._about)

    def clear(self) -> None:
        """Forgets what was kept so far, to keep memory small in a long run."""
        self._simulation._core.forget()
