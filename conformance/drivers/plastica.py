"""Drives Plastica through its Python package. Rules are those of its model library, by name; none is written here.

Run by `run.py`, in an interpreter that has `plastica`.
"""
import sys
import tempfile
from pathlib import Path

# This file is named like the package that it drives: let `import plastica` find the package.
sys.path[0] = str(Path(__file__).resolve().parents[1])

import distal  # noqa: E402
import numpy as np  # noqa: E402
import plastica as pl  # noqa: E402
from driver import Driver, NotAvailable, serve, stretches  # noqa: E402

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


# A neuron of Izhikevich's program: an explicit scheme of its own, so it is written as statements that run in each step.
CELL = """
[neuron.cell]
equations = '''
v : 1
u : 1
I : 1
a : 1 (constant)
d : 1 (constant)
'''
threshold = "v >= 30"
reset = "v = -65; u += d"
"""
HALF = "v += 0.5*((0.04*v + 5)*v + 140 - u + I)"
STEP = f"I += 13*(rand() - 0.5); {HALF}; {HALF}; u += a*(0.2*v - u); I = 0"


def life(request):
    """The experiment file of a tagging request: a fibre and a projection for each synapse, all onto one neuron of the library."""
    p = request["parameters"]
    rule = [f'{k} = "{p[k]!r} V"' for k in ("h_0", "h_max", "theta_tag")] + [f'{k} = "{p[k]!r} s"' for k in ("tau_h", "tau_Ca", "tau_z")]
    rule += [f"{k} = {p[k]!r}" for k in ("gamma_p", "gamma_d", "theta_p", "theta_d", "C_pre", "z_max", "z_min")] + ['sigma_pl = "0 mV"']
    # In the library the threshold of the proteins is h_0/(nm + 0.001), and 3 ms of the calcium's delay are the axon's.
    lines = [
        "[experiment]\nname = 'tagging-suite'\ndoc = 'A trial of the suite.'\nsource = 'the suite'",
        f"[simulation]\ndt = '{round(request['grid'] * 1000, 6)} ms'\nprecision = 'double'",
        "[population.cell]\nmodel = 'lif_tagging'\nsize = 1",
        f"[population.cell.parameters]\nh_0 = '{p['h_0']!r} V'\ntau_p = '{p['tau_p']!r} s'\nalpha = {int(request['proteins'])}\nsigma_WN = '0 nA*second**0.5'",
        f"[modulator.nm]\ninitial = {p['h_0'] / p['theta_pro'] - 0.001!r}",
    ]
    for k, (train, h) in enumerate(zip(request["trains"], request["start"])):
        times = ", ".join(f"'{round(t * 1e6)} us'" for t in train)
        lines.append(f"[population.fibre{k}]\nspikes = {{ times = [[{times}]] }}")
        lines.append(f"[projection.synapse{k}]\npre = 'fibre{k}'\npost = 'cell'\nsynapse = 'calcium_tagging'\nconnect = 'all_to_all'\ndelay = '{round((p['D'] - 0.0158) * 1000, 6)} ms'\ninitial = {{ h = '{h!r} V' }}")
        lines.append(f"[projection.synapse{k}.parameters]\n" + "\n".join(rule))
    programme, marks = [], 0
    for kind, duration, measured in stretches(request):
        name = f"mark{marks}" if measured else kind
        if measured:
            lines.append(f"[block.{name}]\nkind = 'rest'" + ("\nclock = 'slow'" if kind == "slow" else ""))
            marks += 1
        programme.append(f"{name} {duration} us")
    lines.append("[block.fast]\nkind = 'rest'\n[block.slow]\nkind = 'rest'\nclock = 'slow'")
    after = [f"mark{k}" for k in range(marks)]
    lines.append("\n".join(f"[measure.{name}]\nprojection = 'synapse{request['measured']}'\nvariable = '{variable}'\nafter = {after}" for name, variable in (("h", "h_now"), ("z", "z"))))
    lines.append(f"[study]\ndoc = 'One life.'\n[[group]]\nname = 'all'\nsubjects = 1\nprogramme = '{', '.join(programme)}'")
    lines += [f"[[row]]\nid = 'E09'\nquantity = '{name} {k}'\ngroup = 'all'\nblock = 'mark{k}'\nscore = '{name}'\nwith = {{ x = {{ }} }}\nvalue = 'x'" for name in ("h", "z") for k in range(marks)]
    return "\n\n".join(lines) + "\n"


class Plastica(Driver):
    name = "Plastica"

    def version(self):
        return pl.__version__

    def settings(self):
        return {"precision": "double; reward: single"}

    def pairing(self, request):
        model = LIBRARY.get((request["rule"], request["interaction"]))
        if model is None:
            raise NotAvailable(f"the library has no rule {request['rule']} ({request['interaction']})")
        trials, copies = request["trials"], request["copies"]
        # The library's calcium rule carries the delay of its calcium in the text of the model.
        if "D" in request["parameters"]:
            text = pl.show(model).replace('delay = "4.6098 ms"', f'delay = "{round(request["parameters"]["D"] * 1000, 6)} ms"')
            model = pl.Synapse.from_text(text)
        pre = pl.Population("pre", spikes=spikes([t["pre"] for t in trials]), size=len(trials))
        post = pl.Population("post", spikes=spikes([t["post"] for t in trials]), size=len(trials))
        pairs = np.repeat(np.arange(len(trials)), copies)
        initial = request["initial"]
        if copies > 1:
            initial = {name: np.tile(np.arange(copies) >= copies * share["DOWN"], len(trials)).astype(float) if isinstance(share, dict) else share for name, share in initial.items()}
        synapses = pl.Projection("synapses", pre=pre, post=post, synapse=model, connect=(pairs, pairs), multapses=copies > 1, parameters=parameters(request), initial=initial)
        sim = pl.Circuit(synapses, dt=f"{round(request['grid'] * 1000, 6)} ms", precision="double", seed=request.get("seed", 1)).build(threads=1)
        values = [None] * len(trials)
        for end in sorted({t["end"] for t in trials}):
            sim.step(round(end / request["grid"]) - sim.now, progress=False)
            now = np.array(getattr(sim.synapses, request["measure"]))
            order = np.asarray(sim.synapses.i)
            for k, t in enumerate(trials):
                if t["end"] == end:
                    values[k] = now[order == k].tolist()
        return {"values": values}

    def tagging(self, request):
        """One life with two clocks: spikes where there is calcium, the slow clock in the quiet between."""
        with tempfile.TemporaryDirectory() as folder:
            text = Path(folder) / "experiment.toml"
            text.write_text(life(request))
            found = pl.run(text, out=Path(folder) / "run", threads=1, progress=False)
        value = {row["quantity"]: row["simulated"] for row in found.rows}
        return {name: [value[f"{name} {k}"] for k in range(len(request["at"]))] for name in ("h", "z")}

    def network(self, request):
        p, n, dt = request["parameters"], request["neuron"], f"{round(request['dt'] * 1000, 6)} ms"
        units = {"C": "F", "g_L": "S", "tau_e": "s", "tau_i": "s", "t_ref": "s"}
        constants = {name: f"{value!r} {units.get(name, 'V')}" for name, value in n.items() if name != "I"}
        cells = [pl.Population(name, model="lif_cond_exp", size=request[f"n_{name}"], parameters=constants, initial={"I_ext": f"{n['I']!r} A", "v": {"distribution": "uniform", "low": constants["v_reset"], "high": constants["v_th"]}}) for name in "EI"]
        rule = {"eta": f"{p['eta']!r} S", "rho_0": f"{p['rho_0']!r} Hz", "tau": f"{p['tau']!r} s", "w_max": f"{p['w_max']!r} S"}
        kinds = {"E": ("static_conductance", request["w_E"]), "I": ("static_conductance_inhibitory", request["w_II"])}
        projections = []
        for pre in cells:
            for post in cells:
                plastic = (pre.name, post.name) == ("I", "E")
                synapse, w = ("vogels_conductance", 0.0) if plastic else kinds[pre.name]
                connect = {"rule": "fixed_indegree", "k": request[f"k_{pre.name}"]}
                projections.append(pl.Projection(pre.name + post.name, pre=pre, post=post, synapse=synapse, connect=connect, delay=dt, parameters=rule if plastic else None, initial={"w": f"{w!r} S"}))
        sim = pl.Circuit(*projections, *(pl.Record(f"spikes_{c.name}", spikes=c) for c in cells), dt=dt, precision="double", seed=request["seed"]).build(threads=1)
        sim.step(round(request["duration"] / request["dt"]), progress=False)
        found = {name: sim.recordings[f"spikes_{name}"] for name in "EI"}
        answer = {name: {"i": x.i.tolist(), "t": x.t.tolist()} for name, x in found.items()}
        return answer | {"plastic": {"i": np.asarray(sim.IE.i).tolist(), "j": np.asarray(sim.IE.j).tolist()}}

    def reward(self, request):
        """A second at a time; dopamine is told its last reward, so the run stops at each."""
        p, dt = request["parameters"], request["dt"]
        excitatory, inhibitory, chosen = distal.connections(request["n_E"], request["n_I"], request["out_degree"], request["seed"])
        size = request["n_E"] + request["n_I"]
        cells = pl.Population("cells", model=pl.Neuron.from_text(CELL), size=size, parameters={"a": np.where(np.arange(size) < request["n_E"], 0.02, 0.1), "d": np.where(np.arange(size) < request["n_E"], 8.0, 2.0)}, initial={"v": -65, "u": -13})
        drive = pl.Input("drive", population=cells, do=STEP)
        # The library's rule, which transmits nothing, with transmission; the chosen synapse is found by its pair, which is its only one.
        text = pl.show("izhikevich_da")
        model = pl.Synapse.from_text(text.replace('on_pre = "c -=', 'on_pre = "I_post += w; c -='))
        pre, post = (np.array(x) for x in zip(*excitatory))
        start = np.where(np.arange(len(pre)) == chosen, 0.0, p["w_E"])
        rule = {"A_plus": p["A_plus"], "A_minus": p["A_minus"], "tau_plus": f"{p['tau']!r} s", "tau_minus": f"{p['tau']!r} s", "tau_c": f"{p['tau_c']!r} s", "tau_d": f"{p['tau_d']!r} s", "d_tonic": p["d_tonic"], "w_max": p["w_max"]}
        plastic = pl.Projection("plastic", pre=cells, post=cells, synapse=model, connect=(pre, post), multapses=True, autapses=True, parameters=rule, initial={"w": start})
        fixed = pl.Projection("fixed", pre=cells, post=cells, synapse=pl.Synapse("jump", equations="w : 1", on_pre="I_post += w"), connect=tuple(np.array(x) for x in zip(*inhibitory)), multapses=True, initial={"w": p["w_I"]})
        target = int(post[chosen])
        pair = pl.Record("pair", spikes=cells, neurons=[0, target])
        sim = pl.Circuit(plastic, fixed, drive, pair, dt=f"{dt * 1000!r} ms", seed=request["seed"]).build(threads=1)
        rewards, dopamine, last = distal.Rewards(request), 0.0, 0.0
        for second in range(round(request["duration"])):
            for at in rewards.within(second, second + 1):
                sim.step(round(at / dt) - sim.now, progress=False)
                dopamine, last = dopamine * np.exp(-(at - last) / p["tau_d"]) + p["d_reward"], at
                sim.plastic.t_reward, sim.plastic.d_reward = f"{at!r} s", dopamine
            sim.step(round((second + 1) / dt) - sim.now, progress=False)
            found = sim.recordings["pair"]
            rewards.saw(*(found.t[found.i == k].tolist() for k in (0, target)))
            sim.recordings.clear()
        w = np.array(sim.plastic.w)
        at = np.flatnonzero((np.asarray(sim.plastic.i) == 0) & (np.asarray(sim.plastic.j) == target))
        rate = sim.cells.spike_count / size / request["duration"]
        return {"chosen": float(w[at[0]]), "others_median": float(np.median(np.delete(w, at))), "rewards": len(rewards.within(0, request["duration"])), "rate": rate}


if __name__ == "__main__":
    serve(Plastica())
