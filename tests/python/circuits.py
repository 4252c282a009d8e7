"""Small circuits that several tests use."""

import plastica as pl

RULE = pl.Synapse(
    "pairs",
    equations="""
w : volt
dx/dt = -x/tau : 1 (event-driven)
dy/dt = -y/tau : 1 (event-driven)
""",
    on_pre="v_post += w; x += 1; w = clip(w - A*y, 0*mV, w_max)",
    on_post="y += 1; w = clip(w + A*x, 0*mV, w_max)",
    parameters={"tau": "20 ms", "A": "0.01 mV", "w_max": "1 mV"},
    initial={"w": "0.5 mV"},
)


def plastic(*more, size=50, precision="single", **keys):
    """Neurons that are kicked at random and excite each other through plastic synapses; spikes, voltages and rates are recorded."""
    E = pl.Population("E", model="lif_delta", size=size)
    EE = pl.Projection("EE", pre=E, post=E, synapse=RULE, connect={"rule": "probability", "p": 0.2}, delay="1.5 ms")
    kicks = pl.Input("kicks", population=E, poisson={"rate": "20 kHz", "weight": "0.1 mV", "variable": "v"})
    records = [
        pl.Record("spikes", spikes=E),
        pl.Record("v", population=E, variable="v", interval="1 ms", neurons=[0, 3]),
        pl.Record("w", projection=EE, variable="w", interval="10 ms", every=7),
        pl.Record("changes", projection=EE, variable="w", interval="change", synapses=[0, 5]),
        pl.Record("rate", rate=E, bin="10 ms"),
    ]
    return pl.Circuit(EE, kicks, *records, *more, precision=precision, name="plastic", **keys)
