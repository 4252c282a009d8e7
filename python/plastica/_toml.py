"""Tables as TOML, the way the manual writes them: a header for each part, a line for each key, texts with line breaks as blocks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def key(name: str) -> str:
    """A key, in quotes where it must be."""
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def value(x: Any) -> str:
    """One value. Raises `TypeError` for what TOML has no word for."""
    if isinstance(x, bool | np.bool_):
        return "true" if x else "false"
    if isinstance(x, str):
        return _text(x)
    if isinstance(x, int | np.integer):
        return str(int(x))
    if isinstance(x, float | np.floating):
        number = float(x)
        return repr(number).replace("e+", "e") if np.isfinite(number) else ("nan" if number != number else ("inf" if number > 0 else "-inf"))
    if isinstance(x, Mapping):
        return "{ " + ", ".join(f"{key(k)} = {value(v)}" for k, v in x.items()) + " }" if x else "{}"
    if isinstance(x, list | tuple):
        return "[" + ", ".join(value(v) for v in x) + "]"
    raise TypeError(f"a {type(x).__name__} cannot be written into an experiment: {x!r}")


def _text(text: str) -> str:
    if "\n" not in text:
        return json.dumps(text, ensure_ascii=False)
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').replace("\r", "\\r")
    escaped = escaped[:-1] + '\\"' if escaped.endswith('"') else escaped
    return f'"""\n{escaped}"""'


def table(header: str, body: Mapping[str, Any]) -> str:
    """A table with its header."""
    return "\n".join([f"[{header}]", *(f"{key(k)} = {value(v)}" for k, v in body.items())]) + "\n"


def listed(header: str, body: Mapping[str, Any]) -> str:
    """One table of a list, with its header."""
    return "\n".join([f"[[{key(header)}]]", *(f"{key(k)} = {value(v)}" for k, v in body.items())]) + "\n"
