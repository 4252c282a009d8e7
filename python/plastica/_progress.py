"""The progress bar: tqdm's where it is installed, a small one of our own elsewhere, none where nobody looks."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, TypeAlias

Progress: TypeAlias = bool | Callable[[float, float], object] | None
"""None: a bar in a terminal or a notebook; True or False: a bar or none; a function: called with seconds done and their sum."""

_WAIT_S = 0.5


class Bar:
    """Shows simulated seconds. It begins after half a second, so that short runs leave the screen alone."""

    def __init__(self, total: float, progress: Progress, what: str = "") -> None:
        self.total = total
        self.what = what
        self.call = progress if callable(progress) else None
        self.shown = progress is True or (progress is None and (_in_notebook() or sys.stderr.isatty()))
        self.begin = time.monotonic()
        self.bar: Any = None
        self.last = ""

    @property
    def needed(self) -> bool:
        """Is there anybody to be told?"""
        return self.shown or self.call is not None

    def update(self, done: float) -> None:
        """So many seconds are done."""
        if self.call is not None:
            self.call(done, self.total)
        if not self.shown or (self.bar is None and not self.last and time.monotonic() - self.begin < _WAIT_S):
            return
        if self.bar is None and not self.last:
            self.bar = _tqdm(self.total, self.what)
        if self.bar is not None:
            self.bar.n = done
            self.bar.refresh()
            return
        part = min(1.0, done / self.total) if self.total else 1.0
        spent = time.monotonic() - self.begin
        left = f"{spent * (1 - part) / part:.0f} s left" if part > 0 else ""
        line = f"\r{self.what} [{'#' * round(30 * part):<30}] {100 * part:3.0f} %, {left}"
        sys.stderr.write(line.ljust(len(self.last)))
        sys.stderr.flush()
        self.last = line

    def close(self) -> None:
        """Takes the bar away."""
        if self.bar is not None:
            self.bar.close()
        elif self.last:
            sys.stderr.write("\r" + " " * len(self.last) + "\r")
            sys.stderr.flush()


def _tqdm(total: float, what: str) -> Any:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    layout = "{desc} {percentage:3.0f}%|{bar}| {n:.3g} of {total:.3g} s simulated, {elapsed} real, {remaining} left"
    return tqdm(total=total, desc=what, leave=False, bar_format=layout)


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    return shell is not None and type(shell.get_ipython()).__name__ == "ZMQInteractiveShell"
