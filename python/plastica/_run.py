"""The folder of a run: what was recorded, and the tables and curves of a study."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from . import _plastica
from ._circuit import Circuit
from ._parts import Part

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ._experiments import Results

Told: TypeAlias = bool | Callable[[str, float, float], object] | None
"""None, True, False, or a function that is called with a name, seconds done and their sum."""


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
        from ._experiments import carry_out, results

        if isinstance(other, Path) or (isinstance(other, str) and "\n" not in other):
            with_ = (str(other), Path(other).read_text(encoding="utf-8"))
        elif isinstance(other, str):
            with_ = ("text", other)
        else:
            with_ = ("parts", str(other if isinstance(other, Circuit) else Circuit(other)))
        where = None if out is None else str(out)
        return results(carry_out(progress, lambda told: _plastica.branch_study(str(self.folder), at, with_, out=where, threads=threads, progress=told)))

    def resume(self, *, threads: int | None = None, progress: Told = None) -> Results:
        """Goes on with this run, which was interrupted; see `plastica.resume`."""
        from ._experiments import resume

        return resume(self.folder, threads=threads, progress=progress)
