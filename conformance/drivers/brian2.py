"""Drives Brian2, in which rules are written by the user: these are written as the Brian2 documentation would.

Run by `run.py`, in an interpreter that has `brian2`.
"""
import sys
import tempfile
from pathlib import Path

# This file is named like the package that it drives: let `import brian2` find the package.
sys.path[0] = str(Path(__file__).resolve().parents[1])

import brian2 as b2  # noqa: E402
import distal  # noqa: E402
import numpy as np  # noqa: E402
from driver import Driver, serve, stretches  # noqa: E402

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

TAGGING = """
dc/dt = -c/tau_Ca : 1 (clock-driven)
up = gamma_p*int(c > theta_p) : 1
down = gamma_d*int(c > theta_d) : 1
dh/dt = (0.1*(h_0 - h) + up*(h_max - h) - down*h)/tau_h : volt (clock-driven)
dz/dt = p_post*(int(h - h_0 > theta_tag)*(z_max - z) + int(h_0 - h > theta_tag)*(z_min - z))/tau_z : 1 (clock-driven)
S_post = abs(h - h_0) : volt (summed)
"""
CELL = """
dv/dt = (g_L*(E_L - v) + g_e*(E_e - v) + g_i*(E_i - v) + I)/C : volt (unless refractory)
dg_e/dt = -g_e/tau_e : siemens
dg_i/dt = -g_i/tau_i : siemens
"""
PLASTIC = """
w : siemens
dx/dt = -x/tau : 1 (event-driven)
dy/dt = -y/tau : 1 (event-driven)
"""

# A cell of Izhikevich's program: an explicit scheme of its own, so it is written as statements that run in each step.
IZHIKEVICH = "v : 1\nu : 1\nI : 1\na : 1 (constant)\nd : 1 (constant)\nddopamine/dt = -dopamine/tau_d : 1"
HALF = "v += 0.5*((0.04*v + 5)*v + 140 - u + I)\n"
STEP = f"I += 13*(rand() - 0.5)\n{HALF}{HALF}u += a*(0.2*v - u)\nI = 0"
# Eligibility c as it would be at the beginning of the present 10 ms; `late` brings a change there, the slow clock all to the end.
THREE_FACTORS = "w : 1\nc : 1\ndr/dt = -r/tau : 1 (event-driven)\ndo/dt = -o/tau : 1 (event-driven)"
LATE = "late = exp((t_in_timesteps % every)*dt/tau_c)\n"
# The loop: a detector of the two spikes tells messengers, in turn, when they are to release dopamine.
DETECTOR = "last : second\nseen : 1\ncount : integer"
MESSENGERS = 64  # more than are ever under way


class Brian2(Driver):
    name = "Brian2"

    def version(self):
        return b2.__version__

    def settings(self):
        return {"target": "numpy; network: cpp_standalone", "precision": "double", "traces": "event-driven"}

    def pairing(self, request):
        b2.start_scope()
        b2.prefs.codegen.target = "numpy"
        trials, copies, step = request["trials"], request["copies"], request["grid"]
        b2.defaultclock.dt = step * b2.second
        b2.seed(request.get("seed", 1))
        pre, post = sources([t["pre"] for t in trials], step), sources([t["post"] for t in trials], step)
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
            steps = round(end / step)
            net.run((steps - now) * step * b2.second)
            now = steps
            found = np.array(getattr(synapses, request["measure"])[:]).reshape(len(trials), copies)
            for k, t in enumerate(trials):
                if t["end"] == end:
                    values[k] = found[k].tolist()
        return {"values": values}

    def tagging(self, request):
        """Steps of 0.2 ms around the tetani and of 0.2 s in between, when there is no calcium."""
        b2.start_scope()
        b2.prefs.codegen.target = "numpy"
        p, n = request["parameters"], len(request["trains"])
        unit = lambda k: b2.second if k.startswith("tau") or k == "D" else b2.volt if k in ("h_0", "h_max", "theta_tag", "theta_pro") else 1
        names = {k: v * unit(k) for k, v in p.items()} | {"made": float(request["proteins"])}
        fibres = b2.SpikeGeneratorGroup(n, [], [] * b2.second)
        cell = b2.NeuronGroup(1, "S : volt\ndp/dt = (-p + made*int(S > theta_pro))/tau_p : 1", method="euler", namespace=names)
        synapses = b2.Synapses(fibres, cell, TAGGING, on_pre="c += C_pre", method="euler", namespace=names)
        synapses.connect()
        synapses.pre.delay = p["D"] * b2.second
        synapses.h = np.array(request["start"]) * b2.volt
        net, now, h, z = b2.Network(fibres, cell, synapses), 0, [], []
        for kind, length, measured in stretches(request):
            inside = [(k, t) for k, train in enumerate(request["trains"]) for t in train if now <= t * 1e6 < now + length]
            b2.defaultclock.dt = request["grid"] * b2.second if kind == "fast" else 0.2 * b2.second
            if kind == "fast":
                synapses.pre.delay = p["D"] * b2.second
            else:
                synapses.c = 0
                synapses.pre.delay = 0 * b2.second
            fibres.set_spikes([k for k, _ in inside], [t for _, t in inside] * b2.second)
            net.run(length * b2.usecond)
            now += length
            if measured:
                h.append(float(synapses.h[request["measured"]] / b2.volt))
                z.append(float(synapses.z[request["measured"]]))
        return {"h": h, "z": z}

    def network(self, request):
        return self.compiled(self.balanced, request)

    def reward(self, request):
        return self.compiled(self.distal, request)

    def compiled(self, run, request):
        """Brian2's C++ standalone mode, in a folder that is thrown away."""
        with tempfile.TemporaryDirectory() as folder:
            b2.prefs.devices.cpp_standalone.extra_make_args_unix = ["-j2"]  # its default is as many compilers as there are files
            b2.set_device("cpp_standalone", directory=folder, build_on_run=True)
            try:
                return run(request)
            finally:
                b2.device.reinit()
                b2.set_device("runtime")

    def balanced(self, request):
        b2.start_scope()
        b2.seed(request["seed"])
        b2.defaultclock.dt = request["dt"] * b2.second
        n_e, n_i, p = request["n_E"], request["n_I"], request["parameters"]
        units = {"C": b2.farad, "g_L": b2.siemens, "I": b2.amp, "tau_e": b2.second, "tau_i": b2.second, "t_ref": b2.second}
        names = {name: value * units.get(name, b2.volt) for name, value in request["neuron"].items()}
        cells = b2.NeuronGroup(n_e + n_i, CELL, threshold="v >= v_th", reset="v = v_reset", refractory="t_ref", method="exponential_euler", namespace=names)
        cells.v = "v_reset + rand()*(v_th - v_reset)"
        e, i = cells[:n_e], cells[n_e:]
        draw = np.random.default_rng(request["seed"])

        def connect(synapses, n_pre, n_post, k, own):
            """`k` sources of each target, without repetition; none itself where both are the same group."""
            pre = [draw.choice(n_pre - own, k, replace=False) for _ in range(n_post)]
            pre = [x + (own and x >= j) for j, x in enumerate(pre)]
            synapses.connect(i=np.concatenate(pre), j=np.repeat(np.arange(n_post), k))
            synapses.pre.delay = request["dt"] * b2.second

        parts = []
        for pre, post, n_post, own in ((e, e, n_e, 1), (e, i, n_i, 0)):
            parts.append(b2.Synapses(pre, post, on_pre="g_e += w_E", namespace={"w_E": request["w_E"] * b2.siemens}))
            connect(parts[-1], n_e, n_post, request["k_E"], own)
        parts.append(b2.Synapses(i, i, on_pre="g_i += w_II", namespace={"w_II": request["w_II"] * b2.siemens}))
        connect(parts[-1], n_i, n_i, request["k_I"], 1)
        rule = {"eta": p["eta"] * b2.siemens, "rho_0": p["rho_0"] * b2.Hz, "tau": p["tau"] * b2.second, "w_max": p["w_max"] * b2.siemens}
        parts.append(b2.Synapses(i, e, PLASTIC, on_pre="w = clip(w + eta*(y - 2*rho_0*tau), 0*nsiemens, w_max)\ng_i += w\nx += 1", on_post="w = clip(w + eta*x, 0*nsiemens, w_max)\ny += 1", namespace=rule))
        connect(parts[-1], n_i, n_e, request["k_I"], 0)
        monitors = {"E": b2.SpikeMonitor(e), "I": b2.SpikeMonitor(i)}
        b2.Network(cells, *monitors.values(), *parts).run(request["duration"] * b2.second)
        answer = {name: {"i": np.array(m.i).tolist(), "t": np.array(m.t / b2.second).tolist()} for name, m in monitors.items()}
        return answer | {"plastic": {"i": np.array(parts[-1].i).tolist(), "j": np.array(parts[-1].j).tolist()}}

    def distal(self, request):
        """The loop is part of the network: compiled code cannot ask Python for the next reward, so Brian2 draws its delay."""
        b2.start_scope()
        b2.seed(request["seed"])
        dt, p, n_e = request["dt"] * b2.second, request["parameters"], request["n_E"]
        b2.defaultclock.dt = dt
        every = round(0.01 / request["dt"])
        names = {k: v * (b2.second if k.startswith("tau") else 1) for k, v in p.items()} | {"every": every, "kept": np.exp(-0.01 / p["tau_c"])}
        excitatory, inhibitory, chosen = distal.connections(n_e, request["n_I"], request["out_degree"], request["seed"])
        size, target = n_e + request["n_I"], excitatory[chosen][1]
        cells = b2.NeuronGroup(size, IZHIKEVICH, threshold="v >= 30", reset="v = -65\nu += d", method="exact", namespace=names)
        cells.v, cells.u = -65, -13
        cells.a, cells.d = np.where(np.arange(size) < n_e, 0.02, 0.1), np.where(np.arange(size) < n_e, 8.0, 2.0)
        # A spike is found at the end of a step and acts at the beginning of the next one: the millisecond of the protocol.
        cells.run_regularly(STEP, dt=dt, when="start")
        plastic = b2.Synapses(cells, cells, THREE_FACTORS, on_pre="I_post += w\n" + LATE + "c -= A_minus*o*late\nr += 1", on_post=LATE + "c += A_plus*r*late\no += 1", namespace=names)
        plastic.connect(i=[i for i, _ in excitatory], j=[j for _, j in excitatory])
        plastic.w = np.where(np.arange(len(excitatory)) == chosen, 0.0, p["w_E"])
        plastic.run_regularly("c *= kept\nw = clip(w + c*(dopamine_post + d_tonic), 0, w_max)", dt=every * dt, when="start")
        fixed = b2.Synapses(cells, cells, on_pre="I_post += w_I", namespace=names)
        fixed.connect(i=[i for i, _ in inhibitory], j=[j for _, j in inhibitory])
        parts = [cells, plastic, fixed]
        if request.get("random_rewards"):
            times = distal.Rewards(request).times
            source = b2.SpikeGeneratorGroup(1, np.zeros(len(times), int), times * b2.second)
        else:
            low, high = request["delay"]
            detector = b2.NeuronGroup(1, DETECTOR, threshold="seen > 0", reset="seen = 0")
            detector.last = -1 * b2.second
            source = b2.NeuronGroup(MESSENGERS, "due : second", threshold="abs(t - due) < dt/2")
            source.due = -1 * b2.second
            pre = b2.Synapses(cells, detector, on_pre="last_post = t", order=-1)
            pre.connect(i=0, j=0)
            post = b2.Synapses(cells, detector, on_pre="seen_post = int(t - last_post > dt/2 and t - last_post < window - dt/2)\ncount_post += int(seen_post)", namespace={"window": request["window"] * b2.second})
            post.connect(i=target, j=0)
            # The detector fires one step after the spike that it has seen.
            tell = b2.Synapses(detector, source, on_pre="mine = int(j == count_pre % N_post)\ndue_post = (1 - mine)*due_post + mine*(t - dt + low + rand()*(high - low))", namespace={"low": low * b2.second, "high": high * b2.second})
            tell.connect()
            parts += [detector, pre, post, tell]
        release = b2.Synapses(source, cells, on_pre="dopamine_post += d_reward", namespace=names)
        release.connect()
        spikes, rewards = b2.SpikeMonitor(cells, record=False), b2.SpikeMonitor(source, record=False)
        b2.Network(*parts, source, release, spikes, rewards).run(request["duration"] * b2.second)
        w = np.array(plastic.w)
        rate = int(spikes.num_spikes) / size / request["duration"]
        return {"chosen": float(w[chosen]), "others_median": float(np.median(np.delete(w, chosen))), "rewards": int(rewards.num_spikes), "rate": rate}

    def calcium(self, request, pre, post):
        noisy = request["parameters"]["sigma"] > 0
        equations = CALCIUM.format(noise=NOISE if noisy else "")
        names = namespace(request["parameters"])
        return b2.Synapses(pre, post, equations, on_pre="c += C_pre", on_post="c += C_post", method="euler", namespace=names)


if __name__ == "__main__":
    serve(Brian2())
