"""Plots in one line each; every function returns the matplotlib axes that it drew on, and makes its own unless `ax` is given.

Needs matplotlib (`pip install plastica[plot]`). `style` goes to the drawing function of matplotlib.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ._recordings import Changes, Rate, Series, Spikes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ._groups import Synapses
    from ._run import Run
    from ._study import Study
    from ._window import Window

__all__ = ["changes", "learning_curve", "raster", "rates", "series", "timeline", "weight_histogram", "weight_matrix", "window"]


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    from matplotlib import pyplot

    return pyplot.subplots()[1]


def _label(name: str, unit: str) -> str:
    return name if unit == "1" else f"{name} ({unit})"


def raster(spikes: Spikes, ax: Axes | None = None, **style: Any) -> Axes:
    """A dot for each spike: seconds across, neurons upwards."""
    ax = _axes(ax)
    ax.plot(spikes.t, spikes.i, **{"linestyle": "", "marker": ".", "markersize": 2, "color": "k", **style})
    ax.set(xlabel="time (s)", ylabel=f"neuron of {spikes.owner}", ylim=(-0.5, spikes.neurons - 0.5))
    return ax


def rates(rate: Rate | Spikes, ax: Axes | None = None, *, bin: float = 0.01, **style: Any) -> Axes:
    """Spikes per second and neuron over time. `bin` in seconds is for spikes; a rate has its own."""
    ax = _axes(ax)
    t, values, width = (rate.t, rate.values, rate.bin) if isinstance(rate, Rate) else (*rate.rate(bin=bin), bin)
    ax.stairs(values, np.append(t, (t[-1] if len(t) else 0.0) + width), **style)
    ax.set(xlabel="time (s)", ylabel=f"rate of {rate.owner} (Hz)")
    return ax


def series(values: Series, ax: Axes | None = None, **style: Any) -> Axes:
    """A line for each neuron or synapse over time."""
    ax = _axes(ax)
    ax.plot(values.t, values.values, **style)
    ax.set(xlabel="time (s)", ylabel=_label(f"{values.owner}.{values.variable}", values.unit))
    return ax


def changes(values: Changes, ax: Axes | None = None, **style: Any) -> Axes:
    """A stepped line for each synapse over time."""
    ax = _axes(ax)
    for synapse in np.unique(values.synapse):
        own = values.synapse == synapse
        ax.step(values.t[own], values.values[own], where="post", **style)
    ax.set(xlabel="time (s)", ylabel=_label(f"{values.owner}.{values.variable}", values.unit))
    return ax


def weight_matrix(synapses: Synapses, variable: str = "w", ax: Axes | None = None, **style: Any) -> Axes:
    """A variable of every synapse as an image: targets across, sources downwards, empty where there is no synapse."""
    ax = _axes(ax)
    image = ax.imshow(synapses.matrix(variable), **{"aspect": "auto", "interpolation": "nearest", **style})
    ax.figure.colorbar(image, ax=ax, label=_label(variable, synapses.variables[variable]))
    ax.set(xlabel=f"neuron of {synapses.post.name}", ylabel=f"neuron of {synapses.pre.name}")
    return ax


def weight_histogram(synapses: Synapses, variable: str = "w", ax: Axes | None = None, **style: Any) -> Axes:
    """How the values of a variable are spread over the synapses."""
    ax = _axes(ax)
    ax.hist(np.broadcast_to(np.asarray(synapses[variable]), (synapses.size,)), **{"bins": 50, **style})
    ax.set(xlabel=_label(variable, synapses.variables[variable]), ylabel="synapses")
    return ax


def window(change: Window, ax: Axes | None = None, **style: Any) -> Axes:
    """A spike-timing window: time from the presynaptic to the postsynaptic spike across, change of the weight upwards."""
    ax = _axes(ax)
    ax.axhline(0, color="0.8", linewidth=0.8)
    ax.axvline(0, color="0.8", linewidth=0.8)
    ax.plot(change.timing * 1e3, change.change, **{"marker": ".", **style})
    ax.set(xlabel="post - pre (ms)", ylabel=_label(f"change of {change.variable}", change.unit))
    return ax


def learning_curve(run: Run, score: str, ax: Axes | None = None, *, level: float = 0.95, **choice: Any) -> Axes:
    """A score of a study over days: the mean of each group over its subjects, with the confidence band of that mean.

    - `level`: of the band, from Student's t distribution; there is none for a single subject
    - `choice`: `task`, `block`, `by` and `statistic`, as in `Run.learning_curve`
    """
    ax = _axes(ax)
    curve = run.learning_curve(score, **choice)
    [along] = [str(name) for name in curve.dims if name not in ("group", "subject")]
    for group in curve.coords["group"].values:
        own = curve.sel(group=group)
        n = own.count("subject")
        mean = own.mean("subject")
        [line] = ax.plot(curve.coords[along], mean, marker=".", label=str(group))
        half = np.array([_student(level, int(count)) for count in n.values]) * own.std("subject", ddof=1) / np.sqrt(n)
        ax.fill_between(curve.coords[along], mean - half, mean + half, color=line.get_color(), alpha=0.2, linewidth=0)
    ax.set(xlabel={"day": "day", "nth": "occurrence", "trial": "trial"}[along], ylabel=score)
    ax.legend()
    return ax


def _student(level: float, n: int) -> float:
    """How many standard errors on both sides of a mean over n hold the probability `level`; not a number for less than two.

    Source: Abramowitz and Stegun (1964), Handbook of Mathematical Functions, 26.7.3 and 26.7.4, inverted by halving.
    """
    freedom = n - 1
    if freedom < 1:
        return math.nan

    def within(angle: float) -> float:
        term = total = math.cos(angle) if freedom % 2 else 1.0
        for k in range(3 if freedom % 2 else 2, freedom - 1, 2):
            term *= math.cos(angle) ** 2 * ((k - 1) / k)
            total += term
        if freedom % 2 == 0:
            return math.sin(angle) * total
        return 2 / math.pi * (angle + (math.sin(angle) * total if freedom > 1 else 0.0))

    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if within(middle) < level else (low, middle)
    return math.tan(low) * math.sqrt(freedom)


def timeline(study: Study, ax: Axes | None = None, **style: Any) -> Axes:
    """What each group lives through: a bar for each stretch of one kind, hours across, groups one above the other."""
    ax = _axes(ax)
    groups = study.timeline()
    kinds = list(dict.fromkeys(kind for stretches in groups.values() for kind, _, _ in stretches))
    from matplotlib import colormaps

    colors = colormaps["tab10"].colors  # type: ignore[attr-defined]
    for row, stretches in enumerate(groups.values()):
        for number, kind in enumerate(kinds):
            bars = [(start / 3600, max(length, 1.0) / 3600) for own, start, length in stretches if own == kind]
            label = kind if row == 0 else None
            ax.broken_barh(bars, (row - 0.4, 0.8), **{"color": colors[number % 10], "label": label, **style})
    ax.set(xlabel="time (h)", yticks=range(len(groups)), yticklabels=list(groups))
    ax.legend(ncols=5, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return ax
