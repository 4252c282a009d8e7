"""Drives Brian2, in which rules are written by the user: these are written as the Brian2 documentation would.

Run by `run.py`, in an interpreter that has `brian2`.
"""
import sys
from pathlib import Path

# This file is named like the package that it drives: let `import brian2` find the package.
sys.path[0] = str(Path(__file__).resolve().parents[1])

import brian2 as b2  # noqa: E402
import numpy as np  # noqa: E402
from driver import Driver, NotAvailable, serve  # noqa: E402

TRACE = "d{0}/dt = -{0}/{1} : 1 (event-driven)\n"
# Name of the rule: traces with their time constants, what a presynaptic and a postsynaptic spike do to the weight, and which traces they set.
RULES = {
    "pair": ({"r1": "tau_plus", "o1": "tau_minus"}, "w -= A_minus*o1", "w += A_plus*r1"),
    "triplet": (
        {"r1": "tau_plus", "r2": "tau_x", "o1": "tau_minus", "o2": "tau_y"},
        "w -= o1*(A2_minus + A3_minus*r2)",
        "w += r1*(A2_plus + A3_plus*o2)",
    ),
    "vogels": ({"r1": "tau", "o1": "tau"}, "w += eta*(o1 - 2*rho_0*tau)", "w += eta*r1"),
}
CALCIUM = """
above_p = int(c > theta_p) : 1
above_d = int(c > theta_d) : 1
dc/dt = -c/tau_Ca : 1 (clock-driven)
drho/dt = (-rho*(1 - rho)*(rho_star - rho) + gamma_p*(1 - rho)*above_p - gamma_d*rho*above_d{noise})/tau : 1 (clock-driven)
"""
NOISE = " + sigma*sqrt(tau*(above_d + above_p))*xi"
UNITS = {"D": b2.second, "rho_0": b2.Hz}


def namespace(p):
    """Parameters with Brian2's units."""
    return {name: value * (b2.second if name.startswith("tau") else UNITS.get(name, 1)) for name, value in p.items()}


def statements(request):
    """(equations, on_pre, on_post) of a rule that acts at spikes."""
    traces, on_pre, on_post = RULES[request["rule"]]
    step = {"all_to_all": " += 1", "nearest_spike": " = 1"}[request["interaction"]]
    equations = "w : 1\n" + "".join(TRACE.format(*item) for item in traces.items())
    own = lambda letter: "".join(f"\n{name}{step}" for name in traces if name[0] == letter)
    return equations, on_pre + own("r"), on_post + own("o")


def sources(trains, dt):
    steps = [np.round(np.asarray(t) / dt).astype(int) for t in trains]
    index = np.repeat(np.arange(len(trains)), [len(s) for s in steps])
    return b2.SpikeGeneratorGroup(len(trains), index, np.concatenate(steps) * dt * b2.second)


class Brian2(Driver):
    name = "Brian2"

    def version(self):
        return b2.__version__

    def settings(self):
        return {"target": "numpy", "precision": "double", "traces": "event-driven"}

    def pairing(self, request):
        b2.start_scope()
        b2.prefs.codegen.target = "numpy"
        trials, copies, dt = request["trials"], request["copies"], request["grid"]
        b2.defaultclock.dt = dt * b2.second
        b2.seed(request.get("seed", 1))
        pre, post = sources([t["pre"] for t in trials], dt), sources([t["post"] for t in trials], dt)
        if request["rule"] == "calcium":
            synapses = self.calcium(request, pre, post)
        else:
            equations, on_pre, on_post = statements(request)
            synapses = b2.Synapses(pre, post, equations, on_pre=on_pre, on_post=on_post, namespace=namespace(request["parameters"]))
        pairs = np.repeat(np.arange(len(trials)), copies)
        synapses.connect(i=pairs, j=pairs)
        if "D" in request["parameters"]:
            synapses.pre.delay = request["parameters"]["D"] * b2.second
        for name, value in request["initial"].items():
            setattr(synapses, name, np.tile(np.arange(copies) >= copies * value["DOWN"], len(trials)).astype(float) if isinstance(value, dict) else value)
        net, values, now = b2.Network(pre, post, synapses), [None] * len(trials), 0
        for end in sorted({t["end"] for t in trials}):
            steps = round(end / dt)
            net.run((steps - now) * dt * b2.second)
            now = steps
            found = np.array(getattr(synapses, request["measure"])[:]).reshape(len(trials), copies)
            for k, t in enumerate(trials):
                if t["end"] == end:
                    values[k] = found[k].tolist()
        return {"values": values}

    def calcium(self, request, pre, post):
        noisy = request["parameters"]["sigma"] > 0
        equations = CALCIUM.format(noise=NOISE if noisy else "")
        names = namespace(request["parameters"])
        return b2.Synapses(pre, post, equations, on_pre="c += C_pre", on_post="c += C_post", method="euler", namespace=names)


if __name__ == "__main__":
    serve(Brian2())
