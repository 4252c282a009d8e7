"""Plots of a study: what its subjects learned, and what they lived through. `plastica.plot` shows them to the user."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ._run import Run

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

# Colours of the kinds of block, those of waking warm and those of sleep cold; a kind that is not named here is grey.
_COLOURS = {
    "practice": "#d1495b",
    "imagery": "#edae49",
    "exposure": "#f4a261",
    "test": "#222222",
    "wake": "#f3ead7",
    "rest": "#cfe3d4",
    "nrem": "#30638e",
    "rem": "#86bbd8",
    "injury": "#8d3b72",
}
_DAY, _SHORT = 86400.0, 300.0


def _axes(ax: Axes | None, **size: Any) -> Axes:
    if ax is not None:
        return ax
    from matplotlib import pyplot

    made: Axes = pyplot.subplots(**size)[1]
    return made


def _trials(scores: pd.DataFrame | Run, task: str | None) -> pd.DataFrame:
    if not isinstance(scores, Run):
        return scores
    tasks = [name.removeprefix("trials-") for name in scores.names if name.startswith("trials-")]
    if task is None and len(tasks) != 1:
        raise ValueError(f"say which task: {', '.join(tasks) or 'this run has none'}")
    return scores.table(f"trials-{task if task is not None else tasks[0]}")


def _column(table: pd.DataFrame, name: str) -> str:
    """The column of this name, or of this name and a unit (`reaction_time_s`)."""
    found = [str(c) for c in table.columns if c == name or str(c).rsplit("_", 1)[0] == name]
    if not found:
        raise ValueError(f"there is no column `{name}`; there are: {', '.join(map(str, table.columns))}")
    return name if name in found else found[0]


def t_quantile(confidence: float, degrees: int) -> float:
    """How many standard errors the two-sided interval of a mean reaches to each side, for Student's t.

    With t = sqrt(degrees)*tan(a) the density of `a` is that of cos(a)**(degrees - 1), which is summed on a fine grid.
    """
    a = np.linspace(0.0, np.pi / 2, 200_001)
    density = np.cos(a) ** (degrees - 1)
    share = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    return float(np.sqrt(degrees) * np.tan(np.interp(confidence, share / share[-1], a)))


def learning_curve(
    scores: pd.DataFrame | Run,
    score: str,
    ax: Axes | None = None,
    *,
    by: str = "day",
    block: str | None = None,
    task: str | None = None,
    statistic: str = "mean",
    level: float = 0.95,
    **style: Any,
) -> Axes:
    """A line for each group: the mean over its subjects of a score, with the confidence interval of that mean as a band.

    - `scores`: a run of a study, or a table with columns `group`, `subject`, that of `by` and that of `score`, a row for each trial
    - `by`: what stands across: `"day"`, `"nth"` (occurrences of the block), `"trial"` (all trials of a subject, one after another), or another column
    - `block`: only trials in this block; `task`: of a run with several
    - `statistic`: of the trials of one subject at one place, such as `"mean"` or `"median"`
    - `level`: of the band, by Student's t over subjects; a group of one subject has none

    Raises `ValueError` when there is no such task, column or trial.
    """
    table = _trials(scores, task)
    group, subject, value = (_column(table, name) for name in ("group", "subject", score))
    if block is not None:
        table = table[table[_column(table, "block")] == block]
    if not len(table):
        raise ValueError(f"there is no trial in block `{block}`" if block is not None else "there is no trial")
    if by == "trial":
        # A table that is no run's is taken as it is ordered.
        order = [column for column in ("block_from_s", "trial") if column in table.columns]
        table = table.sort_values(order, kind="stable") if order else table
        table = table.assign(trial=table.groupby([group, subject]).cumcount() + 1)
    across = _column(table, by)
    ax = _axes(ax)
    subjects = table.groupby([group, across, subject], sort=False)[value].agg(statistic).dropna()
    for name in subjects.index.unique(group):
        own = subjects[name].groupby(across)
        mean, number = own.mean(), own.count()
        x = mean.index.to_numpy(dtype=float)
        (line,) = ax.plot(x, mean, **{"marker": ".", "label": str(name), **style})
        if (number > 1).any():
            reach = own.sem() * [t_quantile(level, n - 1) if n > 1 else np.nan for n in number]
            ax.fill_between(x, mean - reach, mean + reach, color=line.get_color(), alpha=0.2, linewidth=0)
    ax.set(xlabel={"nth": f"occurrence of {block or 'the block'}"}.get(by, by), ylabel=score)
    if by in ("day", "nth", "trial"):
        from matplotlib.ticker import MaxNLocator

        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    return ax


def timeline(study: Any, ax: Axes | None = None, **style: Any) -> Axes:
    """The programme of each group of a study: a row for each day, its hours across, a colour for each kind of block.

    - `study`: a run of one, or what has a `timeline()` that gives `(kind, start, length)` in seconds for each group

    So that they can be seen, blocks shorter than five minutes are drawn as long as that, and a little later where they would hide one
    another. Raises `FileNotFoundError` when the run is no study.
    """
    rows = [(name, day, bars) for name, bars in _bars(study).items() for day in range(_days(bars))]
    ax = _axes(ax, figsize=(8, 1.2 + 0.3 * len(rows)), layout="constrained")
    shown: dict[str, Any] = {}
    for row, (_, day, bars) in enumerate(rows):
        begin, end, right = day * _DAY, (day + 1) * _DAY, 0.0
        for kind, start, length in bars:
            # What takes no time happens once, on the day on which it begins.
            if start >= end or (start + length <= begin and start < begin):
                continue
            left = max(start, begin)
            true = min(start + length, end) - left
            short = true < _SHORT
            # Many short blocks in a row do not add up to a delay that misleads.
            drawn = min(max(left, right), left + 2 * _SHORT) if short else left
            right = drawn + max(true, _SHORT) if short else right
            look = {"color": _COLOURS.get(kind, "0.6"), "height": 0.8, "zorder": 3 if short else 2, **style}
            shown.setdefault(kind, ax.barh(row, max(true, _SHORT) / 3600, left=(drawn - begin) / 3600, **look))
    names = [f"{name}, day {day + 1}" if day == 0 else f"day {day + 1}" for name, day, _ in rows]
    ax.set_yticks(range(len(rows)), names)
    ax.invert_yaxis()
    ax.set(xlabel="hours since the day began", xlim=(-0.2, 24.2), xticks=range(0, 25, 4))
    ax.legend(list(shown.values()), list(shown), loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    return ax


def _bars(study: Any) -> dict[str, list[tuple[str, float, float]]]:
    """Kind, start and length of each stretch of each group."""
    if not isinstance(study, Run):
        found: dict[str, list[tuple[str, float, float]]] = study.timeline()
        return found
    path = study.folder / "study.json"
    if not path.is_file():
        raise FileNotFoundError(f"the run in {study.folder} is no study: it has no study.json")
    return {group["name"]: group["bars"] for group in json.loads(path.read_text(encoding="utf-8"))["groups"]}


def _days(bars: list[tuple[str, float, float]]) -> int:
    """How many days a life has touched."""
    end = max((start + length for _, start, length in bars), default=0.0)
    return max(1, int(np.ceil(end / _DAY - 1e-9)))
