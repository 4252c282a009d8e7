"""Plastica simulates how a nervous system learns, from rules written as equations.

Build a circuit of parts (`Neuron`, `Synapse`, `Population`, `Projection`, `Input`, `Record`, `Change`), or load one
(`Circuit.load`), or both; `Circuit.build` makes a `Simulation` that is run step by step, looked at and changed. A `Study` has groups of
subjects that live through programmes of blocks, and runs as a whole. A `Trainer` is a task that is written in Python.

```python
import plastica as pl

E = pl.Population("E", model="lif_delta", size=100)
kicks = pl.Input("kicks", population=E, poisson={"rate": "20 kHz", "weight": "0.1 mV", "variable": "v"})
sim = pl.Circuit(E, kicks, pl.Record("spikes", spikes=E)).build()
sim.run("100 ms")
sim.recordings["spikes"].plot()
```

Numbers without a unit are in SI units, except times that you give, which need one. What is wrong with a text is a `ModelError`
whose `diagnostics` underline the place, as on the command line.
"""

from . import plot
from ._circuit import Circuit, check
from ._errors import Diagnostic, ModelError, PlasticaError, RunError, StaleError
from ._experiments import Results, open_run, resume, run
from ._folder import recordings
from ._groups import Neurons, Synapses
from ._held import Modulators
from ._library import library, show
from ._lives import Block, Figure, Group, Measure, Modulator, Row, State, Table, Task, Variation
from ._nwb import to_nwb
from ._parts import Change, Input, Neuron, Part, Population, Projection, Record, Synapse
from ._plastica import VERSION as __version__
from ._programme import Programme, day
from ._recordings import Changes, Rate, Recording, Series, Spikes
from ._run import Run
from ._simulation import Simulation
from ._study import Study
from ._trainer import Trainer, Trials
from ._values import View
from ._window import Window, timing_window

__all__ = [
    "Block",
    "Change",
    "Changes",
    "Circuit",
    "Diagnostic",
    "Figure",
    "Group",
    "Input",
    "Measure",
    "ModelError",
    "Modulator",
    "Modulators",
    "Neuron",
    "Neurons",
    "Part",
    "PlasticaError",
    "Population",
    "Programme",
    "Projection",
    "Rate",
    "Record",
    "Recording",
    "Results",
    "Row",
    "Run",
    "RunError",
    "Series",
    "Simulation",
    "Spikes",
    "StaleError",
    "State",
    "Study",
    "Synapse",
    "Synapses",
    "Table",
    "Task",
    "Trainer",
    "Trials",
    "Variation",
    "View",
    "Window",
    "__version__",
    "check",
    "day",
    "library",
    "open_run",
    "plot",
    "recordings",
    "resume",
    "run",
    "show",
    "timing_window",
    "to_nwb",
]
