"""Recordings as a file of Neurodata Without Borders (NWB 2), through pynwb.

What goes where: spikes are the units table, a row for each neuron; variables at an interval and rates are `TimeSeries`; changes of
synapses are tables in the processing module `changes`; which neuron or synapse a column of a series is, a table in the module `elements`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from ._run import Run
from ._folder import recordings
from ._recordings import Changes, Rate, Recording, Series, Spikes
from ._simulation import Simulation


def to_nwb(
    what: Simulation | Run | Mapping[str, Recording],
    path: str | Path | None = None,
    *,
    until: float | None = None,
    start: datetime | None = None,
    identifier: str | None = None,
    description: str | None = None,
) -> Any:
    """Recordings as an `pynwb.NWBFile`, which is written to `path` if one is given.

    - `what`: a simulation, a run (of a folder: `open_run`), or some recordings by name
    - `until`: end of the observation in seconds; the time of the simulation, or of the last value, unless said
    - `start`: the moment that stands for t = 0, now unless said; NWB wants one, and a simulation has none
    - `identifier`, `description`: name and seed of the simulation unless said

    Units of values are those of the recordings (SI). Raises `ImportError` without pynwb, `ValueError` when nothing is recorded, and `OSError` when the file cannot be written.
    """
    import pynwb

    kept, about, text, end = _taken(what)
    if not kept:
        raise ValueError("nothing is recorded: add a `Record` to the circuit, or [record.NAME] to the file")
    file = pynwb.NWBFile(
        session_description=description or f"Simulated with Plastica: {about}",
        identifier=identifier or about,
        session_start_time=start or datetime.now(UTC),
        # The text from which the simulation can be made again.
        notes=text,
    )
    _add_spikes(file, {name: x for name, x in kept.items() if isinstance(x, Spikes)}, end if until is None else until)
    for name, x in kept.items():
        if isinstance(x, Series | Rate):
            file.add_acquisition(_series(name, x))
        if isinstance(x, Series):
            _table(file, "elements", name, f"columns of the series {name}", {k: (f"{k}, counted from 0", v) for k, v in x.labels.items()})
        if isinstance(x, Changes):
            texts = {"time_s": "time of the change, seconds", "synapse": "synapse, counted from 0", "pre": "presynaptic neuron", "post": "postsynaptic neuron"}
            columns = {"time_s": x.t, "synapse": x.synapse, "pre": x.pre, "post": x.post}
            value = {x.variable: (f"{x.owner}.{x.variable} after the change, {x.unit}", x.values)}
            _table(file, "changes", name, f"changes of {x.owner}.{x.variable}", {k: (texts[k], v) for k, v in columns.items()} | value)
    if path is not None:
        with pynwb.NWBHDF5IO(str(path), "w") as io:
            io.write(file)
    return file


def _taken(what: Simulation | Run | Mapping[str, Recording]) -> tuple[dict[str, Recording], str, str | None, float]:
    """Recordings, what they are called, the text that they come from, and their end in seconds."""
    if isinstance(what, Simulation):
        return dict(what.recordings.items()), f"{what.name or 'circuit'}, seed {what.seed}", what.text, what.t
    if isinstance(what, Run):
        kept, about = recordings(what), what.about
        text = (what.folder / "experiment.toml").read_text(encoding="utf-8")
        return kept, f"{about['experiment'] or 'circuit'}, seed {about['seed']}", text, float(about["duration_s"]) or _end(kept)
    return dict(what.items()), ", ".join(what) or "nothing", None, _end(what)


def _end(kept: Mapping[str, Recording]) -> float:
    """The last moment of which something is known, in seconds."""
    return max((float(x.t[-1]) + (x.bin if isinstance(x, Rate) else x.dt) for x in kept.values() if len(x)), default=0.0)


def _add_spikes(file: Any, kept: Mapping[str, Spikes], end: float) -> None:
    """A unit for each neuron, the silent ones too."""
    if not kept:
        return
    file.add_unit_column("record", "name of the record")
    file.add_unit_column("population", "population of the neuron")
    file.add_unit_column("neuron", "number of the neuron in its population, from 0")
    for name, x in kept.items():
        trains = x.trains()
        for n in range(x.neurons):
            file.add_unit(spike_times=trains.get(n, np.empty(0)), obs_intervals=[[0.0, end]], record=name, population=x.owner, neuron=n)


def _series(name: str, x: Series | Rate) -> Any:
    """A `TimeSeries`, by its rate where it is regular."""
    import pynwb

    unit = "hertz" if isinstance(x, Rate) else x.unit
    about = f"spikes per second and neuron of {x.owner}, in bins that begin at these times" if isinstance(x, Rate) else f"{x.owner}.{x.variable}; its columns are in elements/{name}"
    steps = np.diff(x.t)
    regular = len(steps) > 0 and bool(np.allclose(steps, steps[0], rtol=1e-9, atol=0.0))
    when: dict[str, Any] = {"rate": 1.0 / float(steps[0]), "starting_time": float(x.t[0])} if regular else {"timestamps": x.t}
    return pynwb.TimeSeries(name=name, data=x.values, unit=unit, description=about, **when)


def _table(file: Any, module: str, name: str, about: str, columns: Mapping[str, tuple[str, Any]]) -> None:
    from hdmf.common import DynamicTable, VectorData

    if module not in file.processing:
        file.create_processing_module(module, {"elements": "what the columns of series are", "changes": "values whenever they changed"}[module])
    made = [VectorData(name=column, description=text, data=np.asarray(values)) for column, (text, values) in columns.items()]
    file.processing[module].add(DynamicTable(name=name, description=about, columns=made))
