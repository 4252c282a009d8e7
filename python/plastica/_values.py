"""State, weights and parameters of a running circuit, read and set like arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from ._errors import StaleError
from ._units import Floats, Quantity, to_si

if TYPE_CHECKING:
    from ._simulation import Simulation

Array = npt.NDArray[np.float64]


class View(np.lib.mixins.NDArrayOperatorsMixin):
    """The present values of one variable: `sim.E.v`, `sim.EE.w`.

    - shape: `[n_neurons]`, or `[n_synapses]` in the order of `.i` and `.j`, or `()` for what is one value for all
    - values: in SI units, float64; `unit` names the unit
    - reading: indices, slices, arithmetic, `numpy` functions; what comes out is an array of its own that may not be written to
    - setting: `sim.EE.w[:] = x`, `sim.EE.w[sim.EE.i == 3] = 0`, with numbers in SI units or quantities of that unit
    - valid until the simulation goes on (`run`, `step`, `restore`); then `StaleError`, never old numbers

    The numbers are copied out of the engine at the first reading and back at each setting, which the engine's own layout
    (rows for each thread, single precision, deferred updates) asks for: a view costs nothing until it is read.
    """

    def __init__(self, simulation: Simulation, of_population: bool, index: int, name: str, unit: str, kind: str, size: int) -> None:
        self._simulation = simulation
        self._place = (of_population, index, name)
        self._kind = kind
        self._size = size
        self._epoch = simulation._epoch
        self._version = -1
        self._array: Array | None = None
        self.unit = unit
        """Name of the unit, `1` for pure numbers."""

    def _values(self) -> Array:
        simulation = self._simulation
        if self._epoch != simulation._epoch:
            raise StaleError(f"the simulation has gone on since this view of `{self._place[2]}` was taken; take a new one")
        if self._array is None or self._version != simulation._version:
            found = simulation._core.read(*self._place)
            if found is None:
                raise AttributeError(f"`{self._place[2]}` is not kept: nothing in the circuit needs it")
            if len(found) == 1 and (self._size != 1 or self._kind == "parameter"):
                found = found.reshape(())
            found.flags.writeable = False
            self._array, self._version = found, simulation._version
        return self._array

    def _set(self, values: Array) -> None:
        if self._epoch != self._simulation._epoch:
            raise StaleError(f"the simulation has gone on since this view of `{self._place[2]}` was taken; take a new one")
        if not np.isfinite(values).all():
            raise ValueError(f"`{self._place[2]}` would not be a finite number")
        if not self._simulation._core.write(*self._place, np.ascontiguousarray(values, dtype=np.float64).reshape(-1)):
            reason = "it follows from other values" if self._kind == "derived" else f"it takes one value for all, or {self._size}"
            raise ValueError(f"`{self._place[2]}` cannot be set so: {reason}")
        self._simulation._version += 1

    def __getitem__(self, index: Any) -> Any:
        return self._values()[index]

    def __setitem__(self, index: Any, value: Quantity) -> None:
        new = to_si(np.asarray(value) if isinstance(value, View) else value, self.unit)
        whole = (isinstance(index, slice) and index == slice(None)) or index is Ellipsis
        if whole and np.ndim(new) == 0:
            # One value for all also serves what is kept once for many synapses.
            self._set(np.asarray(new, dtype=np.float64))
            return
        values = self._values().copy()
        values[index] = new
        self._set(values)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        values = self._values()
        if dtype is not None and np.dtype(dtype) != values.dtype:
            return values.astype(dtype)
        return values.copy() if copy else values

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        out = options.pop("out", None)
        plain = [x._values() if isinstance(x, View) else x for x in inputs]
        result = getattr(ufunc, method)(*plain, **options)
        if out is None:
            return result
        # `view += x`, and out=view.
        out[0][...] = result
        return out[0]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._values(), name)

    def __len__(self) -> int:
        return len(self._values())

    def __iter__(self) -> Iterator[float]:
        return iter(cast("list[float]", self._values().tolist()))

    def __float__(self) -> float:
        return float(self._values())

    @property
    def shape(self) -> tuple[int, ...]:
        """`[n_neurons]`, `[n_synapses]`, or `()`."""
        return self._values().shape

    @property
    def dtype(self) -> np.dtype[np.float64]:
        """float64."""
        return self._values().dtype

    def quantity(self) -> Any:
        """The values as a `pint` quantity. Raises `ImportError` without pint."""
        import pint

        registry: Any = pint.application_registry
        return registry.Quantity(self._values().copy(), "dimensionless" if self.unit == "1" else self.unit)

    def __repr__(self) -> str:
        shown = "stale" if self._epoch != self._simulation._epoch else np.array2string(self._values(), threshold=10)
        return f"<{self._place[2]} in {self.unit}: {shown}>"


def as_array(values: View | Floats) -> Array:
    """A view or an array as an array."""
    return np.asarray(values, dtype=np.float64)
