"""Quantities: texts like `"10 ms"`, `pint` quantities and Brian2's own, told apart by what they offer, with no import of either.

Inside the package a number without a unit is in SI units.
"""

from __future__ import annotations

import functools
import math
import re
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from . import _plastica

Quantity: TypeAlias = Any
"""A text such as `"10 ms"`, a number, an array, or a quantity of `pint` or Brian2."""
Floats: TypeAlias = npt.NDArray[np.float64]

_BASE = ("metre", "kilogram", "second", "amp", "kelvin", "mole", "candela")
_PINT = ("[length]", "[mass]", "[time]", "[current]", "[temperature]", "[substance]", "[luminosity]")
# Names that mean the same in pint's short form and in the language, with every prefix.
_SHORT = re.compile(r"(da|[yzafpnumcdhkMGTPEZY])?(s|V|A|S|F|Hz|m|g|mol|ohm|C|K|W|J|N|Pa)")


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> tuple[float, str]:
    """Value in SI units and unit of a text such as `"10 ms"`.

    Raises `ModelError` with the place underlined.
    """
    return _plastica.quantity(text)


def _powers(value: Any) -> tuple[float, ...] | None:
    """Powers of metre, kilogram, second, ampere, kelvin, mole, candela of a foreign quantity; None for what has no unit."""
    if hasattr(value, "dimensionality") and hasattr(value, "to_base_units"):
        found = dict(value.dimensionality)
        return tuple(float(found.get(name, 0)) for name in _PINT)
    if hasattr(value, "dim") and hasattr(value.dim, "_dims"):
        return tuple(float(power) for power in value.dim._dims)
    return None


def has_unit(value: Any) -> bool:
    """Is it a quantity of `pint` or Brian2?"""
    return _powers(value) is not None


def magnitude(value: Any) -> Any:
    """The number or array in SI units of a foreign quantity."""
    if hasattr(value, "to_base_units"):
        return value.to_base_units().magnitude
    return np.asarray(value)[()]


_NAMED: dict[tuple[float, ...], str] = {
    (0, 0, 1, 0, 0, 0, 0): "second",
    (1, 0, 0, 0, 0, 0, 0): "metre",
    (0, 0, 0, 1, 0, 0, 0): "amp",
    (0, 0, -1, 0, 0, 0, 0): "hertz",
    (2, 1, -3, -1, 0, 0, 0): "volt",
    (-2, -1, 3, 2, 0, 0, 0): "siemens",
    (2, 1, -3, -2, 0, 0, 0): "ohm",
    (-2, -1, 4, 2, 0, 0, 0): "farad",
    (0, 0, 1, 1, 0, 0, 0): "coulomb",
}


def unit_of(powers: tuple[float, ...]) -> str:
    """The name of a unit in the language."""
    if powers in _NAMED:
        return _NAMED[powers]

    def side(sign: int) -> str:
        part = [(name, power * sign) for name, power in zip(_BASE, powers, strict=True) if power * sign > 0]
        return "*".join(name if power == 1 else f"{name}**{power:g}" for name, power in part)

    above, below = side(1), side(-1)
    if not below:
        return above or "1"
    return f"{above or '1'}/({below})" if below.count("*") else f"{above or '1'}/{below}"


def as_text(value: Any) -> Any:
    """A foreign quantity with one value as the text of the language, such as `"10 ms"`; a pure number as itself."""
    powers = _powers(value)
    assert powers is not None
    if not any(powers):
        return float(magnitude(value))
    if hasattr(value, "to_base_units"):
        # As it was written, if the language has the same name: 3 ms stays 3 ms to the last bit.
        unit = f"{value.units:~C}".replace("µ", "u").replace("Ω", "ohm")
        if _SHORT.fullmatch(unit):
            return f"{float(value.magnitude)!r} {unit}"
    unit = unit_of(powers)
    return f"{float(magnitude(value))!r} {unit}" if unit in _NAMED.values() else f"{float(magnitude(value))!r}*{unit}"


@functools.lru_cache(maxsize=4096)
def _unit(text: str) -> tuple[float, str]:
    return (1.0, "1") if text in ("", "1") else parse(f"1*{text}")


def to_si(value: Quantity, unit: str) -> float | Floats:
    """A quantity as a number or an array in SI units. `unit` is what it must be in: `1` for pure numbers.

    Raises `ValueError` when the unit is another one.
    """
    found = "1"
    if isinstance(value, str):
        number, found = parse(value)
        result: float | Floats = number
    elif (powers := _powers(value)) is not None:
        found = _unit(unit_of(powers))[1]
        result = _numbers(magnitude(value))
    else:
        # A bare number is in SI units, as all that this package hands out.
        return _numbers(value)
    if found != _unit(unit)[1]:
        raise ValueError(f"this must be in {unit}, but it is in {found}")
    return result


def _numbers(value: Any) -> float | Floats:
    array = np.asarray(value, dtype=np.float64)
    return float(array) if array.ndim == 0 else array


@functools.lru_cache(maxsize=4096)
def _text_seconds(text: str) -> float:
    seconds = to_si(text, "second")
    assert isinstance(seconds, float)
    return seconds


def seconds(value: Quantity) -> float:
    """A time in seconds; a number without a unit is refused, for it is too easily meant in milliseconds."""
    if isinstance(value, str):
        return _text_seconds(value)
    if _powers(value) is None:
        raise TypeError(f'a time needs a unit: write "{value} ms" or "{value} s", or give a quantity of pint or Brian2')
    result = to_si(value, "second")
    if not isinstance(result, float) or not math.isfinite(result):
        raise ValueError("a time is one finite number")
    return result


def steps(time: float, dt: float) -> int:
    """A time in seconds as a number of whole steps, none at least. Raises `ValueError` when it is not whole."""
    exact = time / dt
    whole = round(exact)
    if whole < 0 or abs(exact - whole) > 1e-6 * max(1.0, exact):
        raise ValueError(f"{time:g} s is {exact:.6f} steps of dt, not a whole number; dt is {dt:g} s")
    return whole


def times(step: npt.NDArray[Any], dt: float) -> Floats:
    """Steps as seconds."""
    out: Floats = np.multiply(step, dt, dtype=np.float64)
    return out
