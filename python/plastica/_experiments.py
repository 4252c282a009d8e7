"""Whole experiments with a folder of results, as the command line runs them, and opening such folders."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from . import _plastica, _toml
from ._circuit import Circuit, Given, opened
from ._errors import Diagnostic, diagnostics
from ._progress import Bar
from ._run import Run, Told
from ._units import as_text, has_unit

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")


@dataclass
class How:
    """How a run is carried out, as the compiled half takes it."""

    threads: int | None = None
    seed: int | None = None
    out: str | None = None
    full: bool = False
    exact: bool = False
    without: list[str] = field(default_factory=list)
    subject: tuple[str, int] | None = None
    set: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Results(Run):
    """What an experiment came to: a row for each published number, beside the simulated one."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    """The rows of `results.json`: `id`, `quantity`, `published`, `simulated`, `verdict` and more."""
    faults: list[str] = field(default_factory=list)
    """What Plastica computed wrongly, a sentence for each; empty if all is well."""
    warnings: list[Diagnostic] = field(default_factory=list)
    """What was found in the text that is no error."""

    def to_pandas(self) -> pd.DataFrame:
        """The rows as a table. Raises `ImportError` without pandas."""
        import pandas as pd

        return pd.DataFrame(self.rows)

    @property
    def report(self) -> Path:
        """The page with figures and tables, which needs no network."""
        return self.folder / "report.html"


def run(
    what: str | Path | Circuit,
    *,
    out: str | Path | None = None,
    threads: int | None = None,
    seed: int | None = None,
    full: bool = False,
    exact: bool = False,
    without: str | Iterable[str] = (),
    subject: tuple[str, int] | None = None,
    set: Mapping[str, Any] | None = None,
    progress: Told = None,
    paths: Iterable[str | Path] = (),
) -> Results:
    """Runs an experiment of the library, a file or a circuit with a duration, as `plastica run` does.

    - `out`: folder of the results, `runs/NAME-1`, `-2` and so on unless said
    - `full`: the full size of a published study, where there is a quick and a full one
    - `exact`: without the accelerations that a study declares
    - `without`: names of what is laid over the file, `[without.NAME]`
    - `subject`: one subject alone, `("group", 3)`: the same life as in the whole study
    - `set`: values by key, such as `{"projection.chain.parameters.eta": 2}`

    The interpreter's lock is released. Ctrl-C ends it with `KeyboardInterrupt` and a checkpoint in its folder, from which `plastica.resume` goes on.

    Raises `FileNotFoundError` for an unknown name, `ModelError`, `RunError`, and `OSError` when the folder cannot be written.
    """
    given = what._given(seed=seed)[0] if isinstance(what, Circuit) else _named(what, paths)
    return run_given(given, how(out, threads, seed, full, exact, without, subject, set), progress)


def how(
    out: str | Path | None,
    threads: int | None,
    seed: int | None,
    full: bool = False,
    exact: bool = False,
    without: str | Iterable[str] = (),
    subject: tuple[str, int] | None = None,
    set: Mapping[str, Any] | None = None,
) -> How:
    """The ways of carrying out a run, as the compiled half takes them."""
    names = [without] if isinstance(without, str) else list(without)
    values = [f"{key}={_toml.value(as_text(value) if has_unit(value) else value)}" for key, value in (set or {}).items()]
    return How(threads, seed, None if out is None else str(out), full, exact, names, subject, values)


def _named(what: str | Path, paths: Iterable[str | Path]) -> Given:
    given = opened(what, paths)
    # A text without a name of its own is called after its folder or file.
    path = Path(given.name)
    given.name = (path.parent.name if path.name == "experiment.toml" else path.stem) or given.name
    return given


class _Told:
    """One bar after another, one for each part of a run."""

    def __init__(self, progress: Told) -> None:
        self.progress = progress
        self.bar: Bar | None = None

    def __call__(self, what: str, done: float, total: float) -> None:
        if callable(self.progress):
            self.progress(what, done, total)
            return
        if self.bar is None or (self.bar.what, self.bar.total) != (what, total):
            self.close()
            self.bar = Bar(total, self.progress, what)
        self.bar.update(done)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()


def run_given(given: Given, how: How, progress: Told) -> Results:
    """Runs a text; see `run`."""
    told = _Told(progress)
    call = None if progress is False else told
    try:
        return results(_plastica.run_experiment(given, how, progress=call))
    finally:
        told.close()


def carry_out(progress: Told, go: Callable[[Callable[[str, float, float], object] | None], T]) -> T:
    """Carries out runs that are made of others, with a bar."""
    told = _Told(progress)
    try:
        return go(None if progress is False else told)
    finally:
        told.close()


def resume(folder: str | Path, *, threads: int | None = None, progress: Told = None) -> Results:
    """Goes on with a run that was interrupted, bit for bit. Raises `OSError` when the folder holds none, or a complete one."""
    told = _Told(progress)
    try:
        return results(_plastica.resume_experiment(str(folder), threads=threads, progress=None if progress is False else told))
    finally:
        told.close()


def results(found: dict[str, Any]) -> Results:
    rows = json.loads(found["json"])["rows"]
    return Results(Path(found["folder"]), rows, list(found["faults"]), diagnostics(found["warnings"]))


def open_run(folder: str | Path) -> Run:
    """Opens the folder of a run, also of one that goes on or that crashed; of one that is complete, its `Results`.

    Raises `FileNotFoundError` when there is none.
    """
    complete = Path(folder) / "results.json"
    if complete.is_file():
        found = json.loads(complete.read_text(encoding="utf-8"))
        return Results(Path(folder), found["rows"], found.get("faults", []))
    return Run(Path(folder))
