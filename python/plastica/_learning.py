"""Plots of a study: what its subjects learned, and what they lived through. `plastica.plot` shows them to the user."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ._experiments import Run

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
    confidence: float = 0.95,
    **style: Any,
) -> Axes:
    """A line for each group: the mean over its subjects of a score, with the confidence interval of that mean as a band.

    - `scores`: a run of a study, or a table with columns `group`, `subject`, that of `by` and that of `score`, a row for each trial
    - `by`: what stands across: `"day"`, `"nth"` (occurrences of the block), or another column
    - `block`: only trials in this block
    - `task`: of a run with several
    - `confidence`: of the band, by Student's t over the means of subjects; a group of one subject has none
    """
    table = _trials(scores, task)
    for column in ("group", "subject", by, score):
        if column not in table.columns:
            raise KeyError(f"there is no column `{column}`; there are: {', '.join(map(str, table.columns))}")
    if block is not None:
        table = table[table["block"] == block]
    if not len(table):
        raise ValueError(f"there is no trial in block `{block}`" if block is not None else "there is no trial")
    ax = _axes(ax)
    subjects = table.groupby(["group", by, "subject"], sort=False)[score].mean().dropna()
    for group in subjects.index.unique("group"):
        own = subjects[group].groupby(by)
        mean, number = own.mean(), own.count()
        x = mean.index.to_numpy(dtype=float)
        (line,) = ax.plot(x, mean, **{"marker": ".", "label": str(group), **style})
        if (number > 1).any():
            reach = own.sem() * [t_quantile(confidence, n - 1) if n > 1 else np.nan for n in number]
            ax.fill_between(x, mean - reach, mean + reach, color=line.get_color(), alpha=0.2, linewidth=0)
    ax.set(xlabel={"nth": f"occurrence of {block or 'the block'}"}.get(by, by), ylabel=score)
    if by in ("day", "nth"):
        from matplotlib.ticker import MaxNLocator

        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    return ax


def timeline(run: Run, ax: Axes | None = None, **style: Any) -> Axes:
    """The programme of each group of a study: a row for each day, its hours across, a colour for each kind of block.

    So that they can be seen, blocks shorter than five minutes are drawn as long as that, and a little later where they would hide one
    another. Raises `FileNotFoundError` when the run is no study.
    """
    path = run.folder / "study.json"
    if not path.is_file():
        raise FileNotFoundError(f"the run in {run.folder} is no study: it has no study.json")
    groups = json.loads(path.read_text(encoding="utf-8"))["groups"]
    rows = [(group, day) for group in groups for day in range(_days(group["bars"]))]
    ax = _axes(ax, figsize=(8, 1.2 + 0.3 * len(rows)), layout="constrained")
    shown: dict[str, Any] = {}
    for row, (group, day) in enumerate(rows):
        begin, end, right = day * _DAY, (day + 1) * _DAY, 0.0
        for kind, start, length in group["bars"]:
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
    names = [f"{group['name']}, day {day + 1}" if day == 0 else f"day {day + 1}" for group, day in rows]
    ax.set_yticks(range(len(rows)), names)
    ax.invert_yaxis()
    ax.set(xlabel="hours since the day began", xlim=(-0.2, 24.2), xticks=range(0, 25, 4))
    ax.legend(list(shown.values()), list(shown), loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    return ax


def _days(bars: list[tuple[str, float, float]]) -> int:
    """How many days a life has touched."""
    end = max((start + length for _, start, length in bars), default=0.0)
    return max(1, int(np.ceil(end / _DAY - 1e-9)))
