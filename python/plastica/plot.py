"""Plots in one line each; every function returns the matplotlib axes that it drew on, and makes its own unless `ax` is given.

Needs matplotlib (`pip install plastica[plot]`). `style` goes to the drawing function of matplotlib.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._learning import learning_curve, timeline
from ._recordings import Changes, Rate, Series, Spikes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ._groups import Synapses
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
    # Where another raster is there already, room for both.
    top = max(spikes.neurons - 0.5, ax.get_ylim()[1] if ax.lines else 0.0)
    ax.plot(spikes.t, spikes.i, **{"linestyle": "", "marker": ".", "markersize": 2, "color": "k", **style})
    ax.set(xlabel="time (s)", ylabel=f"neuron of {spikes.owner}", ylim=(-0.5, top))
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
    # The two sides are drawn apart: between them nothing was tried.
    look: dict[str, Any] = {"marker": ".", **style}
    for side in (change.timing < 0, change.timing >= 0):
        if side.any():
            [line] = ax.plot(change.timing[side] * 1e3, change.change[side], **look)
            look = {**look, "color": line.get_color(), "label": None}
    ax.set(xlabel="post - pre (ms)", ylabel=_label(f"change of {change.variable}", change.unit))
    return ax
