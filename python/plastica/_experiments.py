"""Whole experiments with a folder of results, as the command line runs them, and opening such folders."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from . import _plastica
from ._circuit import Circuit, Given, opened
from ._errors import Diagnostic, diagnostics
from ._progress import Bar

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Told: TypeAlias = bool | Callable[[str, float, float], object] | None
"""None, True, False, or a function that is called with a name, seconds done and their sum."""


@dataclass(frozen=True)
class Run:
    """The folder of a run: what was recorded, opened with pandas and xarray."""

    folder: Path

    def __post_init__(self) -> None:
        if not (self.folder / "run.json").is_file():
            raise FileNotFoundError(f"there is no run in {self.folder}: it has no run.json")

    @property
    def about(self) -> dict[str, Any]:
        """Version, seed, precision."""
        found: dict[str, Any] = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
        return found

    @property
    def names(self) -> list[str]:
        """Names of what was recorded."""
        tables = {path.parent.name for path in self.folder.glob("*/part-*.parquet")}
        return sorted(tables | {path.name.removesuffix(".zarr") for path in self.folder.glob("*.zarr")})

    def table(self, name: str) -> pd.DataFrame:
        """Spikes, or changes of synapses. Raises `ImportError` without pandas and pyarrow."""
        import pandas as pd

        return pd.read_parquet(self.folder / name)

    def series(self, name: str) -> xr.Dataset:
        """A variable at an interval, or a rate. Raises `ImportError` without xarray and zarr."""
        import xarray as xr

        found: xr.Dataset = xr.open_zarr(self.folder / f"{name}.zarr")
        return found


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


def run(
    what: str | Path | Circuit,
    *,
    out: str | Path | None = None,
    threads: int | None = None,
    seed: int | None = None,
    full: bool = False,
    progress: Told = None,
    paths: Iterable[str | Path] = (),
) -> Results:
    """Runs an experiment of the library, a file or a circuit with a duration, as `plastica run` does.

    - `out`: folder of the results, `runs/NAME-1`, `-2` and so on unless said
    - `full`: the full size of a published study, where there is a quick and a full one

    Ctrl-C ends it with `KeyboardInterrupt` and a checkpoint in its folder, from which `plastica.resume` goes on.

    Raises `FileNotFoundError` for an unknown name, `ModelError`, `RunError`, and `OSError` when the folder cannot be written.
    """
    given = what._given()[0] if isinstance(what, Circuit) else _named(what, paths)
    return run_given(given, out=out, threads=threads, seed=seed, full=full, progress=progress)


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


def run_given(given: Given, *, out: str | Path | None, threads: int | None, seed: int | None, full: bool, progress: Told) -> Results:
    """Runs a text; see `run`."""
    told = _Told(progress)
    call = None if progress is False else told
    try:
        return _results(_plastica.run_experiment(given, threads=threads, seed=seed, out=None if out is None else str(out), full=full, progress=call))
    finally:
        told.close()


def resume(folder: str | Path, *, threads: int | None = None, progress: Told = None) -> Results:
    """Goes on with a run that was interrupted, bit for bit. Raises `OSError` when the folder holds none, or a complete one."""
    told = _Told(progress)
    try:
        return _results(_plastica.resume_experiment(str(folder), threads=threads, progress=None if progress is False else told))
    finally:
        told.close()


def _results(found: dict[str, Any]) -> Results:
    rows = json.loads(found["json"])["rows"]
    return Results(Path(found["folder"]), rows, list(found["faults"]), diagnostics(found["warnings"]))


def open_run(folder: str | Path) -> Run:
    """Opens the folder of a run, also of one that goes on or that crashed. Raises `FileNotFoundError` when there is none."""
    return Run(Path(folder))
