"""Drives NEST, in which rules are compiled in. What NEST does not have is said; nothing is imitated with other models.

NEST's delay of a plastic synapse is dendritic: a presynaptic spike reaches the synapse at once, a postsynaptic one after the delay,
which is at least one step.  The protocols have no delay, so the postsynaptic neuron fires one delay earlier.
A weight in NEST changes when its presynaptic neuron fires: one spike more, after the end, brings it up to date; by then nothing is
left of any trace that could change it.

Run by `run.py`, in an interpreter that has `nest`.
"""
import os
import sys
from pathlib import Path

# This file is named like the package that it drives: let `import nest` find the package.
sys.path[0] = str(Path(__file__).resolve().parents[1])

import nest  # noqa: E402
from driver import Driver, NotAvailable, serve  # noqa: E402

# Protocols begin so long after NEST's time 0; the nearest-neighbour rules treat that moment as a presynaptic spike.
LEAD_MS = float(os.environ.get("CONFORMANCE_NEST_LEAD_MS", "10"))
W_MAX = 1000.0  # bounds of NEST's rules, far from every weight


def ms(seconds):
    return round(seconds * 1e6) / 1e3


class Nest(Driver):
    name = "NEST"

    def version(self):
        return nest.__version__

    def settings(self):
        return {"delay": "dendritic, one step, made up for", "threads": 1, "lead_ms": LEAD_MS}

    def pairing(self, request):
        model, keys, post_keys = self.synapse(request)
        nest.ResetKernel()
        nest.set_verbosity("M_ERROR")
        grid = ms(request["grid"])
        nest.resolution = grid
        # A spike generator sends with a delay, too; both sides have the same, so only the dendritic delay is left between them.
        offset, found = max(10, round(LEAD_MS / grid)) * grid, []
        tail = 20 * max(request["parameters"].get(k, 0.0) for k in ("tau_plus", "tau_minus", "tau")) * 1000
        tail = max(grid, round(tail / grid) * grid)
        last = 0.0
        for t in request["trials"]:
            end = ms(t["end"]) + tail
            pre_times = [ms(x) + offset for x in t["pre"]] + [end + offset]
            post_times = [ms(x) + offset - grid for x in t["post"]]
            pre, post = nest.Create("parrot_neuron"), nest.Create("parrot_neuron", params=post_keys)
            for neuron, times in ((pre, pre_times), (post, post_times)):
                source = nest.Create("spike_generator", params={"spike_times": times, "allow_offgrid_times": False, "shift_now_spikes": False})
                nest.Connect(source, neuron, syn_spec={"delay": grid})
            # Receptor 1 of a parrot neuron takes spikes without repeating them.
            nest.Connect(pre, post, syn_spec={"synapse_model": model, "delay": grid, "receptor_type": 1, "weight": request["initial"]["w"], **keys})
            found.append((pre, post))
            last = max(last, end)
        nest.Simulate(round((last + offset) / grid) * grid + 20 * grid)
        weights = [nest.GetConnections(pre, post, synapse_model=model).weight for pre, post in found]
        return {"values": [[w - self.unpaired(request)] for w in weights]}

    def tagging(self, request):
        raise NotAvailable("NEST has no built-in rule with tags and proteins")

    def network(self, request):
        """`iaf_cond_exp` and `vogels_sprekeler_synapse`, whose weights and bound are negative where they inhibit."""
        nest.ResetKernel()
        nest.rng_seed = request["seed"]
        dt = ms(request["dt"])
        nest.resolution = dt
        n, p = request["neuron"], request["parameters"]
        keys = {"C_m": n["C"] * 1e12, "g_L": n["g_L"] * 1e9, "E_L": n["E_L"] * 1e3, "E_ex": n["E_e"] * 1e3, "E_in": n["E_i"] * 1e3, "tau_syn_ex": n["tau_e"] * 1e3, "tau_syn_in": n["tau_i"] * 1e3}
        keys |= {"V_th": n["v_th"] * 1e3, "V_reset": n["v_reset"] * 1e3, "t_ref": n["t_ref"] * 1e3, "I_e": n["I"] * 1e12, "tau_minus": p["tau"] * 1e3}
        keys["V_m"] = nest.random.uniform(n["v_reset"] * 1e3, n["v_th"] * 1e3)
        e, i = nest.Create("iaf_cond_exp", request["n_E"], params=keys), nest.Create("iaf_cond_exp", request["n_I"], params=keys)
        rule = {"synapse_model": "vogels_sprekeler_synapse", "delay": dt, "weight": -1e-10, "Wmax": -p["w_max"] * 1e9, "eta": p["eta"] * 1e9, "alpha": 2 * p["rho_0"] * p["tau"], "tau": p["tau"] * 1e3}
        fixed = lambda w: {"synapse_model": "static_synapse", "delay": dt, "weight": w * 1e9}
        some = lambda k: {"rule": "fixed_indegree", "indegree": k, "allow_multapses": False, "allow_autapses": False}
        for post in (e, i):
            nest.Connect(e, post, some(request["k_E"]), fixed(request["w_E"]))
        nest.Connect(i, i, some(request["k_I"]), fixed(-request["w_II"]))
        nest.Connect(i, e, some(request["k_I"]), rule)
        recorders = {"E": nest.Create("spike_recorder"), "I": nest.Create("spike_recorder")}
        nest.Connect(e, recorders["E"])
        nest.Connect(i, recorders["I"])
        nest.Simulate(request["duration"] * 1e3)
        first = {"E": e[0].global_id, "I": i[0].global_id}
        answer = {}
        for name, recorder in recorders.items():
            events = recorder.events
            answer[name] = {"i": [int(x) - first[name] for x in events["senders"]], "t": [float(x) / 1e3 for x in events["times"]]}
        plastic = nest.GetConnections(synapse_model="vogels_sprekeler_synapse")
        return answer | {"plastic": {"i": [int(x) - first["I"] for x in plastic.sources()], "j": [int(x) - first["E"] for x in plastic.targets()]}}

    def unpaired(self, request):
        """What the last presynaptic spike, which is not of the protocol, does by itself."""
        p = request["parameters"]
        return -p["eta"] * 2 * p["rho_0"] * p["tau"] if request["rule"] == "vogels" else 0.0

    def synapse(self, request):
        """(model, its keys, keys of the postsynaptic neuron) of a rule."""
        p, rule, interaction = request["parameters"], request["rule"], request["interaction"]
        if rule == "pair":
            # Additive: mu = 0. The amplitudes are in units of the largest weight.
            rate = p["A_plus"] / W_MAX
            keys = {"tau_plus": p["tau_plus"] * 1000, "lambda": rate, "alpha": p["A_minus"] / p["A_plus"], "mu_plus": 0.0, "mu_minus": 0.0, "Wmax": W_MAX}
            model = {"all_to_all": "stdp_synapse", "nearest_spike": "stdp_nn_symm_synapse"}[interaction]
            return model, keys, {"tau_minus": p["tau_minus"] * 1000}
        if rule == "triplet" and interaction == "all_to_all":
            keys = {"tau_plus": p["tau_plus"] * 1000, "tau_plus_triplet": p["tau_x"] * 1000, "Aplus": p["A2_plus"], "Aplus_triplet": p["A3_plus"], "Aminus": p["A2_minus"], "Aminus_triplet": p["A3_minus"], "Wmax": W_MAX}
            return "stdp_triplet_synapse", keys, {"tau_minus": p["tau_minus"] * 1000, "tau_minus_triplet": p["tau_y"] * 1000}
        if rule == "vogels" and interaction == "all_to_all":
            keys = {"tau": p["tau"] * 1000, "eta": p["eta"], "alpha": 2 * p["rho_0"] * p["tau"], "Wmax": W_MAX}
            return "vogels_sprekeler_synapse", keys, {"tau_minus": p["tau"] * 1000}
        if rule == "triplet":
            raise NotAvailable("stdp_triplet_synapse is all-to-all only")
        raise NotAvailable(f"NEST has no built-in rule {rule}")


if __name__ == "__main__":
    serve(Nest())
