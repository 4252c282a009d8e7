"""What comes with Plastica, by name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from . import _plastica


def library(kind: str, *, paths: Iterable[str | Path] = ()) -> dict[str, str]:
    """Names and first sentences of the `experiments`, `neurons` or `synapses`. `paths` are searched before the library.

    Raises `ValueError` for another kind.
    """
    if kind not in ("experiments", "neurons", "synapses"):
        raise ValueError(f"`{kind}` is not one of experiments, neurons, synapses")
    return dict(_plastica.library(kind, [str(path) for path in paths]))


def show(what: str | Path, *, paths: Iterable[str | Path] = ()) -> str:
    """The text of a file, or of a model or an experiment of the library. Raises `FileNotFoundError`, naming the nearest known name."""
    return _plastica.open_named(str(what), [str(path) for path in paths])[1]
