"""Drives Plastica through its Python package. Rules are those of its model library, by name; none is written here.

Run by `run.py`, in an interpreter that has `plastica`.
"""
import sys
from pathlib import Path

# This file is named like the package that it drives: let `import plastica` find the package.
sys.path[0] = str(Path(__file__).resolve().parents[1])

import numpy as np  # noqa: E402
import plastica as pl  # noqa: E402
from driver import Driver, NotAvailable, serve  # noqa: E402

# Name of the rule and interaction in the suite: name in the library, and the library's name of each parameter that differs.
LIBRARY = {
    ("pair", "all_to_all"): "triplet_minimal",
    ("pair", "nearest_spike"): "triplet_minimal_nearest",
    ("triplet", "all_to_all"): "triplet_full",
    ("triplet", "nearest_spike"): "triplet_full_nearest",
    ("vogels", "all_to_all"): "vogels",
    ("calcium", "all_to_all"): "graupner_brunel",
}
UNITS = {"tau": "second", "D": "second", "rho_0": "Hz"}


def quantity(name, value):
    """A parameter as the library has it: time constants in seconds, rates in hertz, all else a pure number."""
    unit = next((u for key, u in UNITS.items() if name == key or (key == "tau" and name.startswith("tau"))), None)
    return value if unit is None else f"{value!r} {unit}"


def parameters(request):
    """Parameters by the library's names."""
    p = dict(request["parameters"])
    if request["rule"] == "pair":
        p = {"A2_plus": p["A_plus"], "A3_plus": 0, "A2_minus": p["A_minus"], "tau_plus": p["tau_plus"], "tau_minus": p["tau_minus"]}
    return {name: quantity(name, value) for name, value in p.items() if name not in ("D", "beta")}


def spikes(trains):
    """A population's spikes from a list of trains in seconds."""
    neurons = np.repeat(np.arange(len(trains)), [len(t) for t in trains])
    times = np.concatenate([np.asarray(t, dtype=float) for t in trains]) if len(neurons) else np.zeros(0)
    return neurons, times


class Plastica(Driver):
    name = "Plastica"

    def version(self):
        return pl.__version__

    def settings(self):
        return {"precision": "double"}

    def pairing(self, request):
        model = LIBRARY.get((request["rule"], request["interaction"]))
        if model is None:
            raise NotAvailable(f"the library has no rule {request['rule']} ({request['interaction']})")
        trials, copies = request["trials"], request["copies"]
        # The library's calcium rule carries the delay of its calcium in the text of the model.
        if "D" in request["parameters"]:
            text = pl.show(model).replace('delay = "4.6098 ms"', f'delay = "{request["parameters"]["D"] * 1000!r} ms"')
            model = pl.Synapse.from_text(text)
        pre = pl.Population("pre", spikes=spikes([t["pre"] for t in trials]), size=len(trials))
        post = pl.Population("post", spikes=spikes([t["post"] for t in trials]), size=len(trials))
        pairs = np.repeat(np.arange(len(trials)), copies)
        initial = request["initial"]
        if copies > 1:
            initial = {name: np.tile(np.arange(copies) >= copies * share["DOWN"], len(trials)).astype(float) if isinstance(share, dict) else share for name, share in initial.items()}
        synapses = pl.Projection("synapses", pre=pre, post=post, synapse=model, connect=(pairs, pairs), multapses=copies > 1, parameters=parameters(request), initial=initial)
        sim = pl.Circuit(synapses, dt=f"{request['grid'] * 1000!r} ms", precision="double", seed=request.get("seed", 1)).build(threads=1)
        values = [None] * len(trials)
        for end in sorted({t["end"] for t in trials}):
            sim.step(round(end / request["grid"]) - sim.now, progress=False)
            now = np.array(getattr(sim.synapses, request["measure"]))
            order = np.asarray(sim.synapses.i)
            for k, t in enumerate(trials):
                if t["end"] == end:
                    values[k] = now[order == k].tolist()
        return {"values": values}


if __name__ == "__main__":
    serve(Plastica())
