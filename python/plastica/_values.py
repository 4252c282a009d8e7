"""State, weights and parameters of a running circuit, read and set like arrays, where they lie in the engine's memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from ._errors import StaleError
from ._units import Floats, Quantity, to_si

if TYPE_CHECKING:
    from ._simulation import Simulation

Array = npt.NDArray[Any]

_LEAST = {"f": float(np.finfo(np.float32).smallest_normal), "d": float(np.finfo(np.float64).smallest_normal)}

# What numpy's arrays can do, and what would hand out their memory.
_METHODS = frozenset(name for name in dir(np.ndarray) if not name.startswith("_") and callable(getattr(np.ndarray, name)))
_CHANGING = frozenset({"byteswap", "fill", "itemset", "partition", "put", "resize", "setfield", "setflags", "sort", "view", "getfield", "dump"})


class View(np.lib.mixins.NDArrayOperatorsMixin):
    """The present values of one variable: `sim.E.v`, `sim.EE.w`.

    - shape: `[n_neurons]`, or `[n_synapses]` in the order of `.i` and `.j`, or `()` for what is one value for all
    - values: in SI units; `unit` names the unit; `dtype` is that of the engine: float32 in single precision, but float64 for parameters and
      for what is worked out
    - reading: indices, slices, arithmetic, `numpy` functions; what comes out is an array of its own, and `numpy.asarray` a copy
    - setting: `sim.EE.w[:] = x`, `sim.EE.w[sim.EE.i == 3] = 0`, with numbers in SI units or quantities of that unit
    - valid until the simulation goes on (`run`, `step`, `restore`); then `StaleError`, never old numbers

    In a circuit of one thread variables are read and set in the engine's own memory, without a copy; what waits is done first.
    What is worked out (traces, sub-expressions), and variables that are shared out among threads, are copied at the first reading.
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

    def _fresh(self) -> None:
        if self._epoch != self._simulation._epoch:
            raise StaleError(f"the simulation has gone on since this view of `{self._place[2]}` was taken; take a new one")

    @property
    def _lies(self) -> bool:
        """Do the values lie in one piece in the engine?"""
        known = self._simulation._lying
        if self._place not in known:
            known[self._place] = self._simulation._core.look([self._place], False, lambda array: array is not None)
        return known[self._place]

    def _values(self) -> Array:
        """A copy of the values, taken once."""
        self._fresh()
        simulation = self._simulation
        if self._array is None or self._version != simulation._version:
            if self._lies:
                found = simulation._core.look([self._place], False, np.array)
            else:
                read = simulation._core.read(*self._place)
                if read is None:
                    raise AttributeError(f"`{self._place[2]}` is not kept: nothing in the circuit needs it")
                found = read.astype(np.float32) if simulation._core.is_single(*self._place) else read
            if len(found) == 1 and (self._size != 1 or self._kind == "parameter"):
                found = found.reshape(())
            found.flags.writeable = False
            self._array, self._version = found, simulation._version
        return self._array

    def _look(self, function: Callable[[Array], Any]) -> Any:
        if self._lies:
            self._fresh()
            # Copied while the simulation is locked.
            return self._simulation._core.look([self._place], False, lambda array: _own(function(array)))
        return _own(function(self._values()))

    def _set(self, index: Any, new: float | Floats) -> None:
        self._fresh()
        if not (math.isfinite(new) if isinstance(new, float) else np.isfinite(new).all()):
            raise ValueError(f"`{self._place[2]}` would not be a finite number")
        core = self._simulation._core

        def assign(array: Array | None) -> bool:
            if array is None:
                return False
            # Numbers below the smallest normal one are slow on many processors; the engine keeps none.
            least = _LEAST[array.dtype.char]
            if isinstance(new, float):
                array[index] = new if abs(new) >= least else 0.0
            else:
                array[index] = np.where(np.abs(new) < least, 0.0, new)
            return True

        if not (self._lies and core.look([self._place], True, assign)):
            whole = (isinstance(index, slice) and index == slice(None)) or index is Ellipsis
            if whole and np.ndim(new) == 0:
                # One value for all also serves what is kept once for many synapses.
                values = np.asarray(new, dtype=np.float64)
            else:
                values = self._values().astype(np.float64)
                values[index] = new
            if not core.write(*self._place, np.ascontiguousarray(values).reshape(-1)):
                reason = "it follows from other values" if self._kind == "derived" else f"it takes one value for all, or {self._size}"
                raise ValueError(f"`{self._place[2]}` cannot be set so: {reason}")
        self._simulation._version += 1

    def __getitem__(self, index: Any) -> Any:
        chosen = _plain(index)
        found = self._look(lambda array: array[chosen])
        if isinstance(found, np.ndarray):
            # What would be set in a piece that was cut out would be lost.
            found.flags.writeable = False
        return found

    def __setitem__(self, index: Any, value: Quantity) -> None:
        self._set(_plain(index), to_si(value._values() if isinstance(value, View) else value, self.unit))

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        values = self._values()
        if dtype is not None and np.dtype(dtype) != values.dtype:
            return values.astype(dtype)
        return values.copy() if copy else values

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        out = options.pop("out", None)
        views = [x for x in inputs if isinstance(x, View)]
        options = {key: _plain(x) for key, x in options.items()}

        def compute(arrays: Sequence[Array]) -> Any:
            rest = iter(arrays)
            return getattr(ufunc, method)(*(next(rest) if isinstance(x, View) else x for x in inputs), **options)

        result = _apply(views, compute)
        if out is None:
            return result
        # `view += x`, and out=view.
        out[0][...] = result
        return out[0]

    def __array_function__(self, function: Callable[..., Any], types: Any, arguments: Any, options: Any) -> Any:
        views = [x for x in arguments if isinstance(x, View)]
        # Views inside of lists, and as options, become copies by themselves.
        if not views or any(_holds_view(x) for x in (*arguments, *options.values()) if not isinstance(x, View)):
            return function(*(_plain(x) for x in arguments), **{key: _plain(x) for key, x in options.items()})

        def compute(arrays: Sequence[Array]) -> Any:
            rest = iter(arrays)
            return function(*(next(rest) if isinstance(x, View) else x for x in arguments), **options)

        return _apply(views, compute)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in _METHODS and name not in _CHANGING:
            return lambda *arguments, **options: self._method(name, arguments, options)
        return getattr(self._values(), name)

    def _method(self, name: str, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:
        # Other views among the arguments are copied before the simulation is locked.
        plain, named = [_plain(x) for x in arguments], {key: _plain(x) for key, x in options.items()}
        return self._look(lambda array: getattr(array, name)(*plain, **named))

    def __len__(self) -> int:
        return len(self._values()) if self.shape == () else self.shape[0]

    def __iter__(self) -> Iterator[float]:
        return iter(cast("list[float]", self._values().tolist()))

    def __float__(self) -> float:
        return float(self._look(float))

    @property
    def shape(self) -> tuple[int, ...]:
        """`[n_neurons]`, `[n_synapses]`, or `()`."""
        return cast("tuple[int, ...]", self._look(np.shape))

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64, as the engine keeps it."""
        return cast("np.dtype[Any]", self._look(lambda array: array.dtype))

    def quantity(self) -> Any:
        """The values as a `pint` quantity. Raises `ImportError` without pint."""
        import pint

        registry: Any = pint.application_registry
        return registry.Quantity(self._values().copy(), "dimensionless" if self.unit == "1" else self.unit)

    def __repr__(self) -> str:
        shown = "stale" if self._epoch != self._simulation._epoch else np.array2string(self._values(), threshold=10)
        return f"<{self._place[2]} in {self.unit}: {shown}>"


def _apply(views: Sequence[View], function: Callable[[Sequence[Array]], Any]) -> Any:
    """Calls a function with the values of views: over the engine's memory where they lie there, else copies. What it returns is its own."""
    for view in views:
        view._fresh()
    arrays: list[Array | None] = [None if view._lies else view._values() for view in views]

    def within(simulations: Sequence[Simulation]) -> Any:
        if not simulations:
            return _own(function(cast("list[Array]", arrays)))
        places = [k for k, view in enumerate(views) if view._lies and view._simulation is simulations[0]]

        def given(*found: Array) -> Any:
            for k, array in zip(places, found, strict=True):
                arrays[k] = array
            return within(simulations[1:])

        return simulations[0]._core.look([views[k]._place for k in places], False, given)

    return within(list(dict.fromkeys(view._simulation for view in views if view._lies)))


def _own(result: Any) -> Any:
    """A result that does not lie over the engine's memory."""
    if isinstance(result, np.ndarray):
        return result if result.base is None else result.copy()
    if isinstance(result, tuple) and type(result) is tuple:
        return tuple(_own(one) for one in result)
    if isinstance(result, list):
        return [_own(one) for one in result]
    return result


def _holds_view(x: Any) -> bool:
    return isinstance(x, View) or (isinstance(x, list | tuple) and any(_holds_view(one) for one in x))


def _plain(x: Any) -> Any:
    if isinstance(x, View):
        return x._values()
    return type(x)(_plain(one) for one in x) if type(x) in (list, tuple) else x

