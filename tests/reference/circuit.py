"""A circuit, described once and written twice: as an experiment file for Plastica, and as Brian2 objects.

Texts are in Plastica's language.  For Brian2 a number and its unit get a `*` between them ("10 ms" becomes "10*ms"), and the
words that Brian2 has no flag for are left out.  Everything else is the same text in both, so the two cannot drift apart.

Brian2 sorts its objects inside a time slot by name; the names given here make that order the order of the text.
"""
import json
import platform
import re
from pathlib import Path

import numpy as np

STEPS = 10_000  # 1 s at 0.1 ms
SAMPLE = 2000  # weights kept of a large projection
# Methods that Brian2 has under another name, or has not; its own `heun` is a stochastic method whose drift is forward Euler.
METHODS = {"euler_maruyama": "euler"}
EXPLICIT = {
    # Heun's method
    "heun": ("k1 = dt*f(x, t)\nk2 = dt*f(x + k1, t + dt)\nx_new = x + (k1 + k2)/2", None),
    # Ruemelin (1982) SIAM J Numer Anal 19:604, for Stratonovich noise
    "stochastic_heun": (
        "x_support = x + dt*f(x, t) + g(x, t)*dW\nf_support = f(x_support, t + dt)\ng_support = g(x_support, t + dt)\n"
        "x_new = x + .5*dt*(f(x, t) + f_support) + .5*dW*(g(x, t) + g_support)",
        "multiplicative",
    ),
}
QUANTITY = re.compile(r"(?<![\w.])(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)[ \t]+(?!and\b|or\b|if\b|else\b)([A-Za-z]\w*)")


def brian(text):
    """A text of Plastica's language as Brian2 reads it."""
    text = QUANTITY.sub(r"\1*\2", text)
    return text.replace("(input, unless refractory)", "(unless refractory)")


def toml(value):
    """A TOML value; a text with a line break becomes a block."""
    if isinstance(value, str):
        return f'"""\n{value.strip()}\n"""' if "\n" in value else json.dumps(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + " }"
    return repr(value)


class Circuit:
    """Models, populations and projections by name, in the order of the text."""

    def __init__(self, name, doc):
        self.name, self.doc = name, doc
        self.neurons, self.synapses, self.populations, self.projections = {}, {}, {}, {}

    def neuron(self, name, **keys):
        self.neurons[name] = keys

    def synapse(self, name, **keys):
        self.synapses[name] = keys

    def population(self, name, model, size, **keys):
        self.populations[name] = dict(model=model, size=size, **keys)

    def spikes(self, name, size, neuron, step):
        """A population of given spikes; at most one per neuron and step."""
        order = np.lexsort((neuron, step))
        self.populations[name] = dict(size=size, neuron=np.asarray(neuron)[order], step=np.asarray(step)[order])

    def projection(self, name, pre, post, synapse, connect, delay=None, parquet=False, columns=None, **keys):
        """`connect`: arrays of pre and post indices, or the name of a rule; `columns`: values by synapse, SI units."""
        self.projections[name] = dict(pre=pre, post=post, synapse=synapse, connect=connect, delay=delay, parquet=parquet, columns=columns or {}, keys=keys)

    # Plastica

    def write(self, folder):
        """Writes `experiment.toml` and the files that it names."""
        folder.mkdir(parents=True, exist_ok=True)
        out = ["# Made by tests/reference/make_brian2.py; change it there.", "[experiment]", f"name = {toml(self.name)}", f"doc = {toml(self.doc)}", ""]
        out += ["[simulation]", 'dt = "0.1 ms"', 'duration = "1 s"', 'precision = "double"', "seed = 1", ""]
        for kind, models in (("neuron", self.neurons), ("synapse", self.synapses)):
            for name, keys in models.items():
                out += [f"[{kind}.{name}]", *(f"{k} = {toml(v)}" for k, v in keys.items() if v is not None), ""]
        for name, p in self.populations.items():
            out.append(f"[population.{name}]")
            if "step" in p:
                file = f"input_{name}.csv"
                lines = [f"{n},{s / 10000!r}" for n, s in zip(p["neuron"].tolist(), p["step"].tolist())]
                (folder / file).write_text("neuron,time_s\n" + "\n".join(lines) + "\n")
                out += [f'spikes = "{file}"', f"size = {p['size']}", ""]
            else:
                out += [*(f"{k} = {toml(v)}" for k, v in p.items()), ""]
        for name, p in self.projections.items():
            out += [f"[projection.{name}]", f'pre = "{p["pre"]}"', f'post = "{p["post"]}"', f'synapse = "{p["synapse"]}"']
            out.append(f"connect = {toml({'rule': p['connect']} if isinstance(p['connect'], str) else {'rule': 'list', 'file': self.write_pairs(folder, name, p)})}")
            if p["delay"]:
                out.append(f"delay = {toml(p['delay'])}")
            out += [*(f"{k} = {toml(v)}" for k, v in p["keys"].items()), ""]
        for name, p in self.populations.items():
            if "model" in p:
                out += [f"[record.{name}]", f'spikes = "{name}"', ""]
        (folder / "experiment.toml").write_text("\n".join(out).rstrip() + "\n")

    @staticmethod
    def write_pairs(folder, name, p):
        pre, post = p["connect"]
        if p["parquet"]:
            import pyarrow as pa
            import pyarrow.parquet as pq

            table = pa.table({"pre": pa.array(pre, pa.int32()), "post": pa.array(post, pa.int32())})
            pq.write_table(table, folder / f"connections_{name}.parquet", compression="snappy")
            return f"connections_{name}.parquet"
        rows = zip(pre.tolist(), post.tolist(), *(c.tolist() for c in p["columns"].values()))
        text = ",".join(["pre", "post", *p["columns"]]) + "\n" + "".join(",".join(map(repr, row)) + "\n" for row in rows)
        (folder / f"connections_{name}.csv").write_text(text)
        return f"connections_{name}.csv"

    # Brian2

    def run(self, target, disturb=0.0):
        """Runs in Brian2; with `disturb`, all initial values and parameters are off by about that fraction.

        Returns the spikes of each population, `(neuron, step)`, and the synaptic variables of each projection.
        """
        import brian2 as b

        b.start_scope()
        b.prefs.codegen.target = target
        b.defaultclock.dt = 0.1 * b.ms
        units = {k: v for k, v in vars(b).items() if not k.startswith("_")}
        objects, groups, monitors, synapses = [], {}, {}, {}

        def off(k):
            # Different for each value, so that nothing cancels.
            return 1 + disturb * np.cos(3.0 * np.arange(k) + 1.0)

        def namespace(model, fixed):
            out = {}
            for k, (name, value) in enumerate(model.get("parameters", {}).items()):
                value = eval(brian(value), units) if isinstance(value, str) else value
                out[name] = value if name in fixed else value * off(k + 1)[k]
            return out

        def initial(group, values):
            for name, value in values.items():
                if isinstance(value, str):
                    setattr(group, name, brian(value))
                else:
                    setattr(group, name + "_", value)
                var = getattr(group, name + "_")
                if disturb and np.issubdtype(var[:].dtype, np.floating) and name not in ("ref",):
                    var[:] = var[:] * off(len(var[:]))

        for k, (name, p) in enumerate(self.populations.items()):
            label = f"g{k:02}_{name}"
            if "step" in p:
                group = b.SpikeGeneratorGroup(p["size"], p["neuron"], p["step"] * 0.1 * b.ms, name=label)
            else:
                model = self.neurons[p["model"]]
                refractory = model.get("refractory")
                fixed = set(re.findall(r"[A-Za-z_]\w*", refractory or ""))
                if refractory:
                    quantity = re.fullmatch(r"[\d.]+ \w+", refractory)
                    refractory = eval(brian(refractory), units) if quantity else brian(refractory)
                group = b.NeuronGroup(
                    p["size"], brian(model["equations"]), threshold=brian(model["threshold"]), reset=brian(model.get("reset", "")),
                    refractory=refractory or False, method=self.method(model["method"]), namespace=namespace(model, fixed), name=label,
                )
                initial(group, p.get("initial", {}))
                monitors[name] = b.SpikeMonitor(group, name="monitor_" + label)
                objects.append(monitors[name])
            groups[name] = group
            objects.append(group)
        for k, (name, p) in enumerate(self.projections.items()):
            model, label = self.synapses[p["synapse"]], f"p{k:02}_{name}"
            pre, post = model.get("on_pre"), model.get("on_post")
            delays = {}
            if isinstance(pre, dict):
                extra = {way: do.get("delay", "0 ms") if isinstance(do, dict) else "0 ms" for way, do in pre.items()}
                delays = {way: eval(brian(f"{p['delay'] or '0 ms'} + {d}"), units) for way, d in extra.items()}
                pre = {way: brian(do["do"] if isinstance(do, dict) else do) for way, do in pre.items()}
            else:
                pre = pre and brian(pre)
            s = b.Synapses(
                groups[p["pre"]], groups[p["post"]], brian(model.get("equations", "")), on_pre=pre, on_post=post and brian(post),
                method=self.method(model.get("method")), namespace=namespace(model, ()), name=label, **({"delay": delays} if delays else {}),
            )
            if isinstance(p["connect"], str):
                {"all_to_all": lambda: s.connect(), "one_to_one": lambda: s.connect(j="i")}[p["connect"]]()
            else:
                s.connect(i=p["connect"][0], j=p["connect"][1])
            columns = dict(p["columns"])
            if "delay_s" in columns:
                s.delay = columns.pop("delay_s") * b.second
            elif p["delay"] and not delays:
                s.delay = brian(p["delay"])
            initial(s, columns | p["keys"].get("initial", {}))
            if "on_interval" in model:
                s.run_regularly(brian(model["on_interval"]["do"]), dt=eval(brian(model["on_interval"]["every"]), units))
            synapses[name] = s
            objects.append(s)
        b.Network(*objects).run(STEPS * 0.1 * b.ms, namespace={})
        spikes = {}
        for name, m in monitors.items():
            neuron, step = np.asarray(m.i[:]), np.rint(np.asarray(m.t_[:]) / 1e-4).astype(int)
            order = np.lexsort((neuron, step))
            spikes[name] = neuron[order], step[order]
        weights = {}
        for name, s in synapses.items():
            for variable in self.synapses[self.projections[name]["synapse"]].get("_compare", PLASTIC):
                if variable in s.variables and self.is_plastic(name, variable):
                    weights[name, variable] = np.asarray(s.i[:]), np.asarray(s.j[:]), np.array(getattr(s, variable + "_")[:])
        return spikes, weights

    def is_plastic(self, projection, variable):
        model = self.synapses[self.projections[projection]["synapse"]]
        statements = json.dumps([model.get(k) for k in ("on_pre", "on_post", "on_interval")])
        return bool(re.search(rf"(?<!\w){variable} [-+*/]?= ", statements)) or f"d{variable}/dt" in model.get("equations", "")

    @staticmethod
    def method(name):
        from brian2.stateupdaters.explicit import ExplicitStateUpdater

        if name in EXPLICIT:
            description, stochastic = EXPLICIT[name]
            return ExplicitStateUpdater(description, stochastic=stochastic)
        return METHODS.get(name, name) if name else None

    def store(self, folder, spikes, weights, checked):
        """Writes what Brian2 found."""
        import brian2

        for name, (neuron, step) in spikes.items():
            (folder / f"spikes_{name}.csv").write_text("neuron,step\n" + "".join(f"{n},{s}\n" for n, s in zip(neuron, step)))
        rows, summary = [], []
        for (name, variable), (pre, post, value) in weights.items():
            summary.append(dict(projection=name, variable=variable, synapses=len(value), mean=float(value.mean()), sd=float(value.std())))
            keep = np.arange(len(value)) if len(value) <= SAMPLE else np.linspace(0, len(value) - 1, SAMPLE).astype(int)
            rows += [f"{name},{variable},{pre[k]},{post[k]},{value[k]:.17g}\n" for k in keep]
        if rows:
            (folder / "weights.csv").write_text("projection,variable,pre,post,value\n" + "".join(rows))
        meta = dict(
            brian2=brian2.__version__, numpy=np.__version__, python=platform.python_version(), steps=STEPS, dt_s=1e-4,
            methods={n: m["method"] for n, m in self.neurons.items()} | {n: m["method"] for n, m in self.synapses.items() if m.get("method")},
            spikes={n: len(s[0]) for n, s in spikes.items()}, weights=summary,
            tolerance=dict(spikes="the same neurons in the same steps", weights_relative=1e-9), **checked,
        )
        (folder / "meta.json").write_text(json.dumps(meta, indent=1) + "\n")


# Synaptic variables that are compared, where a model has them and changes them.
PLASTIC = ("w", "rho", "released")


def make(circuit, root, target="numpy", check=True):
    """Writes one circuit, runs it, and sees that small disturbances change no spike."""
    folder = Path(root) / circuit.name
    circuit.write(folder)
    spikes, weights = circuit.run(target)
    checked = {}
    if check:
        size = 1e-12
        others, other_weights = circuit.run(target, disturb=size)
        for name, (neuron, step) in spikes.items():
            if not (np.array_equal(neuron, others[name][0]) and np.array_equal(step, others[name][1])):
                n = min(len(step), len(others[name][1]))
                first = np.flatnonzero((step[:n] != others[name][1][:n]) | (neuron[:n] != others[name][0][:n]))
                raise SystemExit(f"{circuit.name}: population {name} spikes otherwise after a disturbance of {size}, from step {step[first[0]] if len(first) else 'the end'}; make it less sensitive")
        worst = max((float(np.max(np.abs(w[2] - other_weights[k][2]) / np.maximum(np.abs(w[2]), 1e-12))) for k, w in weights.items()), default=0.0)
        checked = dict(disturbance=size, weights_moved_by=worst)
    circuit.store(folder, spikes, weights, checked)
    rates = {n: round(len(s[0]) / circuit.populations[n]["size"], 2) for n, s in spikes.items()}
    means = {k: (float(f"{w[2].mean():.6g}"), float(f"{w[2].std():.3g}")) for k, w in weights.items()}
    print(circuit.name, rates, means, f"moved {checked.get('weights_moved_by', 0):.1e}", flush=True)
