"""Whole experiments with a folder of results, as the command line runs them, and opening such folders."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from . import _plastica, _toml
from ._circuit import Circuit, Given, opened
from ._errors import Diagnostic, diagnostics
from ._parts import Part
from ._progress import Bar
from ._units import as_text, has_unit

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

T = TypeVar("T")
Told: TypeAlias = bool | Callable[[str, float, float], object] | None
"""None, True, False, or a function that is called with a name, seconds done and their sum."""


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
class Run:
    """The folder of a run: what was recorded, opened with pandas and xarray.

    Of a study, `trials`, `blocks` and `measures` are its tables, and `learning_curve` and `measure` are arrays over subjects.
    """

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
    def text(self) -> str:
        """The experiment as it was run, every default spelled out."""
        return (self.folder / "experiment.toml").read_text(encoding="utf-8")

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

    @property
    def tasks(self) -> list[str]:
        """Names of the tasks of a study."""
        return [name.removeprefix("trials-") for name in self.names if name.startswith("trials-")]

    def blocks(self) -> pd.DataFrame:
        """A row for each block that a subject lived through: `group`, `subject`, `block`, `day`, `nth`, times in seconds, rates in hertz.

        Raises `FileNotFoundError` when the run is no study, and `ImportError` without pandas and pyarrow.
        """
        return self._of_study("blocks")

    def trials(self, task: str | None = None) -> pd.DataFrame:
        """A row for each trial of a task: who (`group`, `subject`), when (`block`, `day`, `nth`, `trial`), and its scores, not a number where
        a trial has none. Names of scores end in their unit, such as `duration_s`.

        `task` is needed where a study has several. Raises `ValueError` when there is no such task, and `ImportError` without pandas and pyarrow.
        """
        if task is None and len(self.tasks) == 1:
            task = self.tasks[0]
        if task not in self.tasks:
            raise ValueError(f"which task? There are: {', '.join(self.tasks) or 'none'}")
        return self._of_study(f"trials-{task}")

    def measures(self) -> pd.DataFrame:
        """A row for each number that was read at the borders of blocks: who, when, `measure`, `row` and `column` from 1, `value` in SI units.

        Raises `FileNotFoundError` when the run is no study, and `ImportError` without pandas and pyarrow.
        """
        return self._of_study("measures")

    def _of_study(self, name: str) -> pd.DataFrame:
        if not list((self.folder / name).glob("part-*.parquet")):
            raise FileNotFoundError(f"the run in {self.folder} has no table `{name}`: it is no study, or it has not come to its end")
        return self.table(name)

    def measure(self, name: str, *, block: str | None = None, when: str = "after") -> xr.DataArray:
        """A measure, such as weights from groups to groups, `[group, subject, day, nth, row, column]`, SI units; not a number where a subject has none.

        - `block`: at whose border it was read, where there are several; `when`: `"before"` or `"after"` it

        Dimensions of length one are left out, but for `group` and `subject`. Raises `ValueError` when it was not read there, and `ImportError`
        without pandas, pyarrow and xarray.
        """
        table = self.measures()
        table = table[(table.measure == name) & (table.when == when) & ((table.block == block) if block is not None else True)]
        if table.empty:
            raise ValueError(f"no measure `{name}` was read {when} {block or 'a block'}; there are: {', '.join(sorted(set(self.measures().measure)))}")
        if table.block.nunique() > 1:
            raise ValueError(f"`{name}` was read {when} several blocks; choose one: {', '.join(sorted(set(table.block)))}")
        found: xr.DataArray = table.set_index(["group", "subject", "day", "nth", "row", "column"]).value.to_xarray()
        return found.rename(name).squeeze([str(d) for d in found.dims if found.sizes[d] == 1 and d not in ("group", "subject")])

    def learning_curve(self, score: str, *, task: str | None = None, block: str | None = None, by: str = "day", statistic: str = "mean") -> xr.DataArray:
        """A score of each subject over days, `[group, subject, day]`; not a number where a subject has none.

        - `by`: `"day"`, `"nth"` (occurrences of the block), or `"trial"` (all trials of a subject, one after another)
        - `statistic`: of the trials of a day: `"mean"`, `"median"`, `"std"`, `"max"`, `"min"`, `"sum"`
        - `block`: only trials of this block

        Raises `ValueError` when the task has no such score, and `ImportError` without pandas, pyarrow and xarray.
        """
        table = self.trials(task)
        # Scores with a unit have it in the name of their column.
        found = [column for column in table.columns if column == score or column.rsplit("_", 1)[0] == score]
        if not found:
            raise ValueError(f"there is no score `{score}`; there are: {', '.join(table.columns[9:])}")
        if block is not None:
            table = table[table.block == block]
        if by == "trial":
            order = table.sort_values(["block_from_s", "trial"], kind="stable")
            table = order.assign(trial=order.groupby(["group", "subject"]).cumcount() + 1)
        elif by not in ("day", "nth"):
            raise ValueError(f"a curve is by `day`, `nth` or `trial`, not by `{by}`")
        curve: xr.DataArray = table.groupby(["group", "subject", by])[found[0]].agg(statistic).to_xarray()
        return curve.rename(score)

    def branch(
        self,
        at: str,
        other: str | Path | Circuit | Part | Iterable[Part],
        *,
        out: str | Path | None = None,
        threads: int | None = None,
        progress: Told = None,
    ) -> Results:
        """Another future from the past of this study: what `other` says is laid over its text, from the moment `at` on.

        - `at`: such as `"day 3"`, `"day 3 22:00"`, `"36 h"`, at the border of two blocks
        - `other`: a path, a text with a line break, a circuit, or parts

        Raises `ModelError`, and `OSError` when this run is no study or its folder cannot be read.
        """
        if isinstance(other, Path) or (isinstance(other, str) and "\n" not in other):
            with_ = (str(other), Path(other).read_text(encoding="utf-8"))
        elif isinstance(other, str):
            with_ = ("text", other)
        else:
            with_ = ("parts", str(other if isinstance(other, Circuit) else Circuit(other)))
        told = _Told(progress)
        try:
            where = None if out is None else str(out)
            found = _plastica.branch_study(str(self.folder), at, with_, out=where, threads=threads, progress=None if progress is False else told)
        finally:
            told.close()
        return _results(found)

    def resume(self, *, threads: int | None = None, progress: Told = None) -> Results:
        """Goes on with this run, which was interrupted; see `plastica.resume`."""
        return resume(self.folder, threads=threads, progress=progress)


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
        return _results(_plastica.run_experiment(given, how, progress=call))
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
        return _results(_plastica.resume_experiment(str(folder), threads=threads, progress=None if progress is False else told))
    finally:
        told.close()


def _results(found: dict[str, Any]) -> Results:
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
