"""Programmes as objects: what is lived through, in order, which prints itself as the text of a programme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._parts import Part
from ._units import Quantity, seconds

if TYPE_CHECKING:
    from ._lives import Block


class Programme:
    """What is lived through, in order: blocks, texts and other programmes.

    `a + b` is one after another, `5 * a` repeats, `day` fills a day; `str()` is the text, as the file has it.

    ```python
    imagery, rest, wake = (plastica.Block(name, name) for name in ("imagery", "rest", "wake"))
    session = 60 * (imagery("15 s") + rest("15 s"))
    life = 5 * plastica.day("24 h", session, wake.until("07:00"))
    str(session)  # "60 x (imagery 15 s, rest 15 s)"
    ```

    Blocks that are given as objects come with it into a study. Source: `docs/reference/programme.md`.
    """

    items: tuple[str, ...]
    """Texts of the items."""
    parts: tuple[Part, ...]
    """The blocks that were given as objects."""

    def __init__(self, *items: Programme | Block | str) -> None:
        texts: list[str] = []
        parts: list[Part] = []
        for item in items:
            if isinstance(item, Programme):
                texts += item.items
                parts += item.parts
            elif isinstance(item, Part):
                texts.append(item.name)
                parts.append(item)
            else:
                texts.append(str(item).strip())
        self.items = tuple(texts)
        self.parts = tuple(parts)

    def _with(self, *items: str) -> Programme:
        made = Programme(*items)
        made.parts = self.parts
        return made

    def lasting(self, duration: Quantity) -> Programme:
        """The one block that this is, for so long. Raises `ValueError` when it is more than one name."""
        return self._with(f"{self._name()} {_time(duration)}")

    def until(self, clock: str) -> Programme:
        """The one block that this is, until a time of day. Raises `ValueError` when it is more than one name."""
        return self._with(f"{self._name()} until {clock}")

    def _name(self) -> str:
        if len(self.items) != 1 or any(c in self.items[0] for c in " (,"):
            raise ValueError(f"only a block by its name can be given a time, but this is `{self}`")
        return self.items[0]

    def __add__(self, other: Programme | Block | str) -> Programme:
        return Programme(self, other)

    def __radd__(self, other: Block | str) -> Programme:
        return Programme(other, self)

    def __mul__(self, times: int) -> Programme:
        """Repeats. Raises `ValueError` for less than once."""
        if times < 1:
            raise ValueError(f"a programme is lived through once at least, not {times} times")
        return self._with(f"{times} x {self}" if _is_one(str(self)) else f"{times} x ({self})")

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Programme | str) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        return ", ".join(self.items)

    def __repr__(self) -> str:
        return f"<plastica.Programme {str(self)!r}>"


def day(duration: Quantity, *items: Programme | Block | str) -> Programme:
    """A day that the items fill, such as `day("24 h", session, wake.until("23:00"), night)`; what is missing is a diagnostic."""
    inside = Programme(*items)
    return inside._with(f"day {_time(duration)} ({inside})")


def _is_one(text: str) -> bool:
    """Is it one item, and no repetition, so that it can be repeated without brackets?"""
    depth = 0
    for c in text:
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            return False
    return not text[:1].isdigit()


def _time(duration: Quantity) -> str:
    # Programmes have words of their own for hours and minutes, so that a text stays as it is.
    return duration if isinstance(duration, str) else f"{seconds(duration):.12g} s"
