"""Exceptions, and the diagnostics that they carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Diagnostic:
    """Something to say about a place in a text; the same value that the command line draws.

    `str()` of it is the drawing: file and line, the underlined words, the reason and the repair.
    """

    id: str
    """Stable name, such as `unit-mismatch`."""
    severity: str
    """`error` or `warning`."""
    message: str
    """One sentence."""
    label: str
    """Said under the place; may be empty."""
    note: str | None
    """The reason."""
    help: str | None
    """The repair."""
    file: str
    """What the text is called."""
    line: int
    """Counted from 1."""
    column: int
    """Counted from 1, in characters."""
    underlined: str
    """The words at the place."""
    text: str
    """The drawing."""

    def __str__(self) -> str:
        return self.text


def diagnostics(values: Sequence[Mapping[str, Any]]) -> list[Diagnostic]:
    """Diagnostics from what the compiled half hands over."""
    names = [field.name for field in fields(Diagnostic)]
    return [Diagnostic(**{name: value[name] for name in names}) for value in values]


class PlasticaError(Exception):
    """What every exception of this package is."""


class ModelError(PlasticaError, ValueError):
    """A text is at fault. `diagnostics` holds all that is wrong, and `str()` shows it with the places underlined."""

    def __init__(self, text: str, values: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(text, values)
        self.diagnostics: list[Diagnostic] = diagnostics(values)

    def __str__(self) -> str:
        return "\n" + str(self.args[0])


class RunError(PlasticaError, RuntimeError):
    """A run failed: a value is not a number any more, or another thread has the simulation. What was recorded is kept."""


class StaleError(PlasticaError, RuntimeError):
    """A view of state or weights was used after the simulation went on. Take a new one: `sim.E.v`."""
