"""What a run has recorded on disk, as the same recordings that a simulation in memory has: they draw themselves, and can be handed on."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _plastica
from ._run import Run
from ._recordings import Changes, Rate, Recording, Series, Spikes

_NOBODY = np.empty(0, dtype=np.uint32)


def recordings(run: Run) -> dict[str, Recording]:
    """Recordings of a run by name, in the order of its text; a study has none.

    All of each is read into memory: for a long one, `Run.table` and `Run.series` take what is used. Values of series are as they were
    stored, in single precision unless the run was double. Raises `ImportError` without pandas, pyarrow, xarray and zarr.
    """
    text = tomllib.loads((run.folder / "experiment.toml").read_text(encoding="utf-8"))
    about = run.about
    dt: float = about["dt_s"]
    sizes = {name: int(table["size"]) for name, table in text.get("population", {}).items()}
    found: dict[str, Recording] = {}
    for name, record in text.get("record", {}).items():
        if name not in run.names:
            continue
        owner = next(record[key] for key in ("spikes", "rate", "population", "projection") if key in record)
        kind = "spikes" if "spikes" in record else "rate"
        said = {"name": name, "owner": owner, "variable": record.get("variable", kind), "unit": "hertz" if "rate" in record else "1"}
        if "spikes" in record:
            table = run.table(name)
            found[name] = Spikes({**said, "neurons": sizes[owner]}, (_steps(table.time_s, dt), np.asarray(table.neuron, dtype=np.uint32), np.empty(0)), dt)
        elif record.get("interval") == "change":
            model = text["projection"][owner]["synapse"]
            found[name] = _changes(run, {**said, "unit": _unit(text["synapse"][model]["equations"], record["variable"])}, dt)
        else:
            found[name] = _sampled(run, said, dt, rate="rate" in record)
    return found


def _steps(times: Any, dt: float) -> npt.NDArray[np.int64]:
    return np.round(np.asarray(times, dtype=np.float64) / dt).astype(np.int64)


def _unit(equations: str, variable: str) -> str:
    """The base unit of a variable, from the line of its model that declares it; a table of changes does not keep it."""
    line = re.search(rf"^\s*(?:d{variable}/dt\s*=|{variable}\b)[^:]*:\s*([^(#\n]+)", equations, re.M)
    written = line[1].strip() if line else "1"
    return "1" if written == "1" else _plastica.quantity(f"1 {written}")[1]


def _changes(run: Run, said: dict[str, Any], dt: float) -> Changes:
    table = run.table(said["name"])
    columns = {key: np.asarray(table[key], dtype=np.int64) for key in ("synapse", "pre", "post")}
    values = np.asarray(table[said["variable"]], dtype=np.float64)
    return Changes({**said, **columns}, (_steps(table.time_s, dt), np.arange(len(table), dtype=np.uint32), values), dt)


def _sampled(run: Run, said: dict[str, Any], dt: float, *, rate: bool) -> Series | Rate:
    data = run.series(said["name"])
    steps = _steps(data.time, dt)
    if rate:
        every = round(float(data.attrs["interval_s"]) / dt)
        # A rate in memory is made from counts; these are the counts of one neuron.
        counts = np.asarray(data["rate"], dtype=np.float64) * (every * dt)
        return Rate({**said, "every": every, "neurons": 1}, (steps, _NOBODY, counts), dt)
    values = data[said["variable"]]
    labels = {key: np.asarray(data[key]) for key in ("neuron", "synapse", "pre", "post") if key in data.coords}
    return Series({**said, "unit": values.attrs.get("units", "1"), **labels}, (steps, _NOBODY, np.asarray(values, dtype=np.float64).ravel()), dt)
