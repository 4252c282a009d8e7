"""Makes the Brian2 references: each function below is one circuit, 1 s of biological time, nothing random at run time.

    python make_brian2.py [NAME ...] [--root brian2] [--target numpy|cython] [--no-check]

To add a circuit, write a function and put it into `CIRCUITS`.  Each circuit is also run with all initial values and
parameters off by about 1e-12; if one spike moves, the circuit is refused, since then rounding alone would move it too.
"""
import argparse
from functools import partial
from pathlib import Path

import numpy as np

from circuit import Circuit, make


def pairs(n_pre, n_post, share, seed, autapses=True):
    """An explicit list: each pair with a probability, by source, then target."""
    drawn = np.random.default_rng(seed).random((n_pre, n_post)) < share
    if not autapses:
        np.fill_diagonal(drawn, False)
    return np.nonzero(drawn)


def trains(n, mean_interval, seed, steps=10_000):
    """Irregular spikes: intervals of 2 ms plus an exponential part, in steps."""
    rng = np.random.default_rng(seed)
    neuron, step = [], []
    for k in range(n):
        times = np.cumsum(20 + rng.exponential(mean_interval - 20, size=4 * steps // mean_interval)).astype(int)
        times = times[times < steps]
        neuron.append(np.full(len(times), k))
        step.append(times)
    return np.concatenate(neuron), np.concatenate(step)


# Neuron models, one circuit each.


def lif_delta():
    c = Circuit("lif_delta", "Delta synapses: spikes that arrive while the neuron is refractory are lost; constant refractory time, one delay, exact integration.")
    c.neuron(
        "lif_delta", method="exact", equations="dv/dt = (mu - v)/tau_m : volt (input, unless refractory)\nmu : volt (constant)",
        threshold="v >= v_th", reset="v = v_reset", refractory="2 ms",
        parameters=dict(tau_m="20 ms", v_th="20 mV", v_reset="10 mV"),
    )
    c.synapse("jump", on_pre="v_post += J", parameters=dict(J="0.21 mV"))
    c.synapse("drop", on_pre="v_post -= J", parameters=dict(J="0.43 mV"))
    c.population("E", "lif_delta", 80, initial=dict(v="9.3 mV + 9 mV*sin(1.7*i)", mu="20.5 mV + 2 mV*sin(0.3*i + 0.2)"))
    c.population("I", "lif_delta", 20, initial=dict(v="9.1 mV + 9 mV*sin(2.3*i)", mu="21.3 mV + 1.5 mV*sin(0.7*i)"))
    c.projection("EE", "E", "E", "jump", pairs(80, 80, 0.1, 1, False), delay="1.5 ms")
    c.projection("EI", "E", "I", "jump", pairs(80, 20, 0.15, 2), delay="1.5 ms")
    c.projection("IE", "I", "E", "drop", pairs(20, 80, 0.2, 3), delay="1.5 ms")
    return c


def lif_exp():
    c = Circuit("lif_exp", "Exponential current synapses, exact integration with time constants that differ between neurons; the refractory time is an expression of the neuron (its steps are counted as Brian2 counts them: rounded down), delays and weights differ between synapses.")
    c.neuron(
        "lif_exp", method="exact",
        equations="dv/dt = (v_rest - v + R_m*(I + I_ext))/tau_m : volt (unless refractory)\ndI/dt = -I/tau_syn : amp\nI_ext : amp (constant)\ntau_m : second (constant)\nref : second (constant)",
        threshold="v > v_th", reset="v = v_reset", refractory="ref + extra",
        parameters=dict(v_rest="-60 mV", v_th="-50 mV", v_reset="-61 mV", R_m="100 Mohm", tau_syn="5 ms", extra="0.5 ms"),
    )
    c.synapse("weighted", equations="w : amp", on_pre="I_post += w")
    initial = dict(v="-56 mV + 4 mV*sin(1.3*i)", I_ext="105 pA + 30 pA*sin(0.37*i)", tau_m="15 ms + 0.13 ms*(i % 70)", ref="1.07 ms + 0.1 ms*(i % 31)")
    c.population("N", "lif_exp", 100, initial=initial)
    pre, post = pairs(100, 100, 0.1, 11, False)
    c.projection("excite", "N", "N", "weighted", (pre, post), delay="0.3 ms + 0.1 ms*((3*i + 7*j) % 23)", columns=dict(w=5e-12 + 4e-12 * np.sin(pre + 2.0 * post)))
    pre, post = pairs(100, 100, 0.05, 12, False)
    c.projection("inhibit", "N", "N", "weighted", (pre, post), columns=dict(delay_s=((2 * pre + 5 * post) % 19) / 10000), initial=dict(w="-9 pA + 2 pA*cos(0.5*i + j)"))
    return c


def lif_alpha():
    c = Circuit("lif_alpha", "Alpha currents; refractory while a condition holds; spikes from a list.")
    c.neuron(
        "lif_alpha", method="exact",
        equations="dv/dt = (v_rest - v + R_m*I + mu)/tau_m : volt (unless refractory)\ndI/dt = (x - I)/tau_syn : amp\ndx/dt = -x/tau_syn : amp\nda/dt = -a/tau_a : 1\nmu : volt (constant)",
        threshold="v > v_th", reset="v = v_rest; a += 1", refractory="a > 0.6",
        parameters=dict(v_rest="-65 mV", v_th="-50 mV", R_m="80 Mohm", tau_m="18 ms", tau_syn="3 ms", tau_a="11 ms"),
    )
    c.synapse("alpha", equations="w : amp", on_pre="x_post += w")
    c.spikes("S", 40, *trains(40, 500, 21))
    c.population("N", "lif_alpha", 60, initial=dict(v="-60 mV + 5 mV*sin(0.9*i)", mu="13.5 mV + 4 mV*sin(0.21*i)"))
    c.projection("SN", "S", "N", "alpha", pairs(40, 60, 0.3, 22), delay="0.7 ms", initial=dict(w="60 pA + 25 pA*sin(i + 0.5*j)"))
    c.projection("NN", "N", "N", "alpha", pairs(60, 60, 0.1, 23, False), delay="1.2 ms", initial=dict(w="-25 pA"))
    return c


def conductances(name, doc, method, noise=False):
    """The same circuit for each method, so that only the method tells their spikes apart."""
    c = Circuit(name, doc)
    term = " + sigma*xi*tau_n**-0.5" if noise else ""
    c.neuron(
        "lif_cond", method=method,
        equations=f"dv/dt = (g_L*(E_L - v) + g_e*(E_e - v) + g_i*(E_i - v) + I_ext)/C{term} : volt (unless refractory)\ndg_e/dt = -g_e/tau_e : siemens\ndg_i/dt = -g_i/tau_i : siemens\nI_ext : amp (constant)",
        threshold="v > v_th", reset="v = v_reset", refractory="5 ms",
        parameters=dict(C="200 pF", g_L="10 nS", E_L="-60 mV", E_e="0 mV", E_i="-80 mV", tau_e="5 ms", tau_i="10 ms", v_th="-50 mV", v_reset="-60 mV")
        | (dict(sigma="0 mV", tau_n="10 ms") if noise else {}),
    )
    c.synapse("excite", on_pre="g_e_post += g", parameters=dict(g="1.1 nS"))
    c.synapse("inhibit", on_pre="g_i_post += g", parameters=dict(g="5.2 nS"))
    c.population("E", "lif_cond", 80, initial=dict(v="-56 mV + 4 mV*sin(1.1*i)", I_ext="130 pA + 60 pA*sin(0.23*i)"))
    c.population("I", "lif_cond", 20, initial=dict(v="-55 mV + 4 mV*sin(1.9*i)", I_ext="120 pA + 40 pA*sin(0.81*i)"))
    for post, n in (("E", 80), ("I", 20)):
        c.projection("E" + post, "E", post, "excite", pairs(80, n, 0.08, 31, False), delay="0.8 ms")
        c.projection("I" + post, "I", post, "inhibit", pairs(20, n, 0.15, 32, False), delay="0.8 ms")
    return c


lif_cond = partial(conductances, "lif_cond", "Conductances, exponential Euler.", "exponential_euler")
method_rk4 = partial(conductances, "method_rk4", "Conductances, classical Runge-Kutta.", "rk4")
method_heun = partial(conductances, "method_heun", "Conductances, Heun's method (in Brian2 written as an explicit state updater).", "heun")
method_euler = partial(conductances, "method_euler", "Conductances, forward Euler.", "euler")
method_euler_maruyama = partial(conductances, "method_euler_maruyama", "Conductances, Euler-Maruyama at zero noise.", "euler_maruyama", True)
method_stochastic_heun = partial(conductances, "method_stochastic_heun", "Conductances, the stochastic Heun method of Ruemelin (1982) at zero noise (in Brian2 written as an explicit state updater).", "stochastic_heun", True)


def adex(name="adex", method="rk4"):
    c = Circuit(name, f"Adaptive exponential integrate-and-fire neurons, method {method}, coupled by exponential currents.")
    c.neuron(
        "adex", method=method,
        equations="dv/dt = (g_L*(E_L - v) + g_L*D_T*exp((v - V_T)/D_T) + I + I_ext - z)/C : volt\ndz/dt = (a*(v - E_L) - z)/tau_z : amp\ndI/dt = -I/tau_syn : amp\nI_ext : amp (constant)",
        threshold="v > v_peak", reset="v = v_reset; z += b", refractory=None,
        parameters=dict(C="281 pF", g_L="30 nS", E_L="-70.6 mV", V_T="-50.4 mV", D_T="2 mV", tau_z="144 ms", a="4 nS", b="80.5 pA", v_peak="-42 mV", v_reset="-70.6 mV", tau_syn="5 ms"),
    )
    c.synapse("weighted", equations="w : amp", on_pre="I_post += w")
    c.population("N", "adex", 50, initial=dict(v="-65 mV + 5 mV*sin(0.7*i)", z="20 pA*(1 + sin(i))", I_ext="900 pA + 250 pA*sin(0.4*i)"))
    c.projection("NN", "N", "N", "weighted", pairs(50, 50, 0.1, 41, False), delay="1 ms", initial=dict(w="8 pA*sin(0.3*i + 0.8*j)"))
    return c


def izhikevich():
    c = Circuit("izhikevich", "Izhikevich neurons of several kinds, forward Euler, coupled by exponential currents.")
    c.neuron(
        "izhikevich", method="euler",
        equations="dv/dt = (0.04*v**2/mV + 5*v + 140 mV - u + I + I_ext)/ms : volt\ndu/dt = a*(b*v - u) : volt\ndI/dt = -I/tau_syn : volt\nI_ext : volt (constant)\na : hertz (constant)\nb : 1 (constant)\nc : volt (constant)\nd : volt (constant)",
        threshold="v >= v_peak", reset="v = c; u += d", parameters=dict(v_peak="30 mV", tau_syn="4 ms"),
    )
    c.synapse("weighted", equations="w : volt", on_pre="I_post += w")
    c.population("N", "izhikevich", 60, initial=dict(
        a="20 hertz + 15 hertz*int(i % 3 == 2)", b="0.2", c="-65 mV + 5 mV*int(i % 3 == 1)", d="5 mV + 3 mV*int(i % 3 == 0)",
        v="-65 mV + 5 mV*sin(1.3*i)", u="-13 mV + 1 mV*cos(i)", I_ext="5.5 mV + 1.5 mV*sin(0.37*i)",
    ))
    c.projection("NN", "N", "N", "weighted", pairs(60, 60, 0.1, 51, False), delay="2 ms", initial=dict(w="0.2 mV*sin(0.3*i + 0.8*j)"))
    return c


def hodgkin_huxley():
    c = Circuit("hodgkin_huxley", "Hodgkin-Huxley neurons with the COBAHH parameters of Brette et al. (2007), exponential Euler, coupled by conductances.")
    c.neuron(
        "cobahh", method="exponential_euler",
        equations="""
dv/dt = (g_L*(E_L - v) + g_e*(E_e - v) + g_i*(E_i - v) - g_Na*m*m*m*h*(v - E_Na) - g_K*n*n*n*n*(v - E_K) + I_ext)/C : volt
dm/dt = alpha_m*(1 - m) - beta_m*m : 1
dn/dt = alpha_n*(1 - n) - beta_n*n : 1
dh/dt = alpha_h*(1 - h) - beta_h*h : 1
dg_e/dt = -g_e/tau_e : siemens
dg_i/dt = -g_i/tau_i : siemens
alpha_m = 0.32*4/exprel((13 mV - v + V_T)/(4 mV))/ms : hertz
beta_m = 0.28*5/exprel((v - V_T - 40 mV)/(5 mV))/ms : hertz
alpha_h = 0.128*exp((17 mV - v + V_T)/(18 mV))/ms : hertz
beta_h = 4/(1 + exp((40 mV - v + V_T)/(5 mV)))/ms : hertz
alpha_n = 0.032*5/exprel((15 mV - v + V_T)/(5 mV))/ms : hertz
beta_n = 0.5*exp((10 mV - v + V_T)/(40 mV))/ms : hertz
I_ext : amp (constant)
""",
        threshold="v > -20 mV", reset="", refractory="3 ms",
        parameters=dict(C="200 pF", g_L="10 nS", E_L="-60 mV", E_K="-90 mV", E_Na="50 mV", g_Na="20 uS", g_K="6 uS", V_T="-63 mV", tau_e="5 ms", tau_i="10 ms", E_e="0 mV", E_i="-80 mV"),
    )
    c.synapse("excite", on_pre="g_e_post += g", parameters=dict(g="2 nS"))
    c.synapse("inhibit", on_pre="g_i_post += g", parameters=dict(g="8 nS"))
    initial = dict(v="-63 mV + 3 mV*sin(1.7*i)", m="0.02", h="0.95", n="0.05 + 0.02*sin(i)", I_ext="180 pA + 90 pA*sin(0.29*i)")
    c.population("E", "cobahh", 40, initial=initial)
    c.population("I", "cobahh", 10, initial=initial)
    for post, n in (("E", 40), ("I", 10)):
        c.projection("E" + post, "E", post, "excite", pairs(40, n, 0.1, 61, False), delay="0.5 ms")
        c.projection("I" + post, "I", post, "inhibit", pairs(10, n, 0.2, 62, False), delay="0.5 ms")
    return c


# Plasticity rules: spikes from a list drive neurons that spike by themselves as well.

LIF = dict(
    method="exact", equations="dv/dt = (v_rest - v + R_m*(I + I_ext))/tau_m : volt (unless refractory)\ndI/dt = -I/tau_syn : amp\nI_ext : amp (constant)",
    threshold="v > v_th", reset="v = v_rest", refractory="3 ms",
    parameters=dict(v_rest="-65 mV", v_th="-50 mV", R_m="100 Mohm", tau_m="20 ms", tau_syn="5 ms"),
)
LIF_INITIAL = dict(v="-60 mV + 4 mV*sin(1.3*i)", I_ext="150 pA + 40 pA*sin(0.61*i)")


def plastic(name, doc, delay="1 ms", w="0.5 + 0.3*sin(i + 2*j)", n_pre=20, n_post=20, interval=400, share=0.8, neuron=None, initial=None, more=None, **synapse):
    """One plastic projection from a list of spikes onto spiking neurons."""
    c = Circuit(name, doc)
    c.neuron("post", **(neuron or LIF))
    c.synapse(name, **synapse)
    c.spikes("S", n_pre, *trains(n_pre, interval, sum(map(ord, name))))
    c.population("N", "post", n_post, initial=initial or LIF_INITIAL)
    c.projection("SN", "S", "N", name, pairs(n_pre, n_post, share, 71), delay=delay, initial=dict(w=w) | (more or {}))
    return c


PAIR = dict(tau_plus="20 ms", tau_minus="24 ms", A_plus=0.011, A_minus=0.012, q="18 pA")
TRACES = "w : 1\ndx/dt = -x/tau_plus : 1 (event-driven)\ndy/dt = -y/tau_minus : 1 (event-driven)"


def stdp_additive():
    return plastic("stdp_additive", "Additive pair rule, all to all, hard bounds; all-to-all connection.", share=1.1, equations=TRACES, parameters=PAIR,
                   on_pre="I_post += w*q; x += 1; w = clip(w - A_minus*y, 0, 1)", on_post="y += 1; w = clip(w + A_plus*x, 0, 1)")


def stdp_multiplicative():
    return plastic("stdp_multiplicative", "Multiplicative pair rule; delays differ between synapses.", delay="0.2 ms + 0.1 ms*((5*i + 3*j) % 17)", equations=TRACES, parameters=PAIR,
                   on_pre="I_post += w*q; x += 1; w -= w*A_minus*y", on_post="y += 1; w += (1 - w)*A_plus*x")


def stdp_power():
    return plastic("stdp_power", "Power-law pair rule (mu = 0.4); no delay.", delay=None, equations=TRACES, parameters=PAIR | dict(mu=0.4),
                   on_pre="I_post += w*q; x += 1; w = clip(w - A_minus*w**mu*y, 0, 1)", on_post="y += 1; w = clip(w + A_plus*(1 - w)**mu*x, 0, 1)")


def stdp_nearest():
    return plastic("stdp_nearest", "Pair rule, nearest neighbours: a spike sets its trace to 1.", equations=TRACES, parameters=PAIR,
                   on_pre="I_post += w*q; x = 1; w = clip(w - A_minus*y, 0, 1)", on_post="y = 1; w = clip(w + A_plus*x, 0, 1)")


TRIPLET = dict(tau_plus="16.8 ms", tau_minus="33.7 ms", tau_y="40 ms", A2_plus=5.3e-3, A3_plus=8.0e-3, A2_minus=3.5e-3, q="18 pA")
TRIPLET_TRACES = "w : 1\ndr1/dt = -r1/tau_plus : 1 (event-driven)\ndo1/dt = -o1/tau_minus : 1 (event-driven)\ndo2/dt = -o2/tau_y : 1 (event-driven)"


def triplet_minimal():
    return plastic("triplet_minimal", "Minimal triplet rule, hippocampal (Pfister and Gerstner 2006).", equations=TRIPLET_TRACES, parameters=TRIPLET,
                   on_pre="I_post += w*q; r1 += 1; w = clip(w - A2_minus*o1, 0, 1)", on_post="w = clip(w + r1*(A2_plus + A3_plus*o2), 0, 1); o1 += 1; o2 += 1")


def triplet_full():
    return plastic("triplet_full", "Full triplet rule, hippocampal (Pfister and Gerstner 2006).", equations=TRIPLET_TRACES + "\ndr2/dt = -r2/tau_x : 1 (event-driven)",
                   parameters=TRIPLET | dict(tau_x="946 ms", tau_y="27 ms", A2_plus=6.1e-3, A3_plus=6.7e-3, A2_minus=1.6e-3, A3_minus=1.4e-3),
                   on_pre="I_post += w*q; w = clip(w - o1*(A2_minus + A3_minus*r2), 0, 1); r1 += 1; r2 += 1",
                   on_post="w = clip(w + r1*(A2_plus + A3_plus*o2), 0, 1); o1 += 1; o2 += 1")


def tsodyks_markram():
    return plastic("tsodyks_markram", "Short-term plasticity: facilitation and depression that differ between synapses; `released` is what the last spike released.",
                   equations="w : 1\nreleased : 1\nU : 1 (constant)\ndu/dt = -u/tau_f : 1 (event-driven)\ndx/dt = (1 - x)/tau_d : 1 (event-driven)", parameters=dict(tau_f="120 ms", tau_d="90 ms", q="90 pA"),
                   on_pre="u += U*(1 - u); released = u*x; x -= released; I_post += w*q*released", more=dict(U="0.3 + 0.2*sin(0.7*i + j)", x="1"))


def vogels():
    return plastic("vogels", "Inhibitory rule (Vogels et al. 2011).", equations=TRACES, initial=LIF_INITIAL | dict(I_ext="210 pA + 30 pA*sin(0.61*i)"),
                   parameters=dict(tau_plus="20 ms", tau_minus="20 ms", eta=0.01, alpha=0.4, q="12 pA"),
                   on_pre="I_post -= w*q; x += 1; w = clip(w + eta*(y - alpha), 0, 2)", on_post="y += 1; w = clip(w + eta*x, 0, 2)")


def clopath():
    neuron = dict(
        method="euler",
        equations="dv/dt = (g_L*(E_L - v) + I + I_ext - z)/C : volt\ndz/dt = -z/tau_z : amp\ndI/dt = -I/tau_syn : amp\ndu_plus/dt = (v - u_plus)/tau_plus : volt\ndu_minus/dt = (v - u_minus)/tau_minus : volt\nI_ext : amp (constant)",
        threshold="v > -47 mV", reset="v = -60 mV; z += 120 pA", refractory=None,
        parameters=dict(C="281 pF", g_L="30 nS", E_L="-70.6 mV", tau_z="40 ms", tau_syn="5 ms", tau_plus="7 ms", tau_minus="10 ms"),
    )
    return plastic("clopath", "Voltage-based rule (Clopath et al. 2010), on linear neurons: depression at presynaptic spikes, potentiation in every step above a threshold.", neuron=neuron,
                   initial=dict(v="-66 mV + 4 mV*sin(i)", u_plus="-70 mV", u_minus="-70 mV", I_ext="900 pA + 250 pA*sin(0.61*i)"), method="euler",
                   equations="dw/dt = A_LTP*x*(v_post - theta_plus)*int(v_post > theta_plus)*(u_plus_post - theta_minus)*int(u_plus_post > theta_minus) : 1\ndx/dt = -x/tau_x : 1",
                   parameters=dict(A_LTD="2e-3/mV", A_LTP="6e-5/(mV**2*ms)", theta_plus="-52 mV", theta_minus="-70.6 mV", tau_x="15 ms", q="6 pA"),
                   on_pre="I_post += w*q; w = clip(w - A_LTD*(u_minus_post - theta_minus)*int(u_minus_post > theta_minus), 0, 3); x += 1")


def graupner_brunel():
    return plastic("graupner_brunel", "Calcium-based rule (Graupner and Brunel 2012) without noise: calcium after a delay of its own, efficacy in every step.", method="euler",
                   equations="drho/dt = (-rho*(1 - rho)*(rho_star - rho) + gamma_p*(1 - rho)*int(c > theta_p) - gamma_d*rho*int(c > theta_d))/tau : 1\ndc/dt = -c/tau_ca : 1\nw : 1 (constant)",
                   parameters=dict(rho_star=0.5, gamma_p=321.808, gamma_d=200.0, theta_p=1.3, theta_d=1.0, tau="20 second", tau_ca="20 ms", Cpre=0.56, Cpost=1.24, q="18 pA"),
                   on_pre=dict(transmit="I_post += w*(0.5 + rho)*q", calcium=dict(delay="13.7 ms", do="c += Cpre")), on_post="c += Cpost", more=dict(rho="0.5 + 0.45*sin(2*i + j)"))


def reward():
    neuron = LIF | dict(equations=LIF["equations"] + "\ndd/dt = -d/tau_d : hertz", parameters=LIF["parameters"] | dict(tau_d="200 ms"))
    c = plastic("reward", "Reward-modulated rule with eligibility (Izhikevich 2007): pairs mark an eligibility that dopamine turns into weight.", neuron=neuron, method="euler",
                equations="dw/dt = c*d_post : 1\ndc/dt = -c/tau_c : 1\ndx/dt = -x/tau_plus : 1 (event-driven)\ndy/dt = -y/tau_minus : 1 (event-driven)",
                parameters=dict(tau_c="1 second", tau_plus="20 ms", tau_minus="20 ms", A_plus=0.1, A_minus=0.105, q="18 pA"),
                on_pre="I_post += w*q; x += 1; c -= A_minus*y", on_post="y += 1; c += A_plus*x")
    c.synapse("dopamine", on_pre="d_post += 5 hertz")
    c.spikes("R", 1, np.array([0, 0, 0]), np.array([2013, 4507, 7811]))
    c.projection("RN", "R", "N", "dopamine", "all_to_all")
    return c


def scaling():
    neuron = LIF | dict(equations=LIF["equations"] + "\ndr/dt = -r/tau_r : hertz", reset="v = v_rest; r += 1/tau_r", parameters=LIF["parameters"] | dict(tau_r="300 ms"))
    return plastic("scaling", "Homeostatic scaling every 50 ms towards a target rate, beside pair plasticity. The rates begin at the target, so that the first tick, at 0 s, changes nothing.", neuron=neuron,
                   initial=LIF_INITIAL | dict(r="12 hertz"), equations=TRACES, parameters=PAIR | dict(target="12 hertz", beta="0.02 second"),
                   on_pre="I_post += w*q; x += 1; w = clip(w - A_minus*y, 0, 4)", on_post="y += 1; w = clip(w + A_plus*x, 0, 4)",
                   on_interval=dict(every="50 ms", do="w = clip(w*(1 + beta*(target - r_post)), 0, 4)"))


def recurrent():
    c = Circuit("recurrent", "1,000 neurons, explicit lists; more than 100,000 plastic E->E synapses (additive pair rule) and plastic I->E synapses (Vogels' rule).")
    c.neuron("lif", **LIF)
    c.synapse("static", on_pre="I_post += q", parameters=dict(q="1.1 pA"))
    c.synapse("stdp", equations=TRACES, parameters=PAIR | dict(q="1 pA"), on_pre="I_post += w*q; x += 1; w = clip(w - A_minus*y, 0, 2)", on_post="y += 1; w = clip(w + A_plus*x, 0, 2)")
    c.synapse("inhibitory", equations=TRACES, parameters=dict(tau_plus="20 ms", tau_minus="20 ms", eta=0.01, alpha=0.4, q="2.4 pA"),
              on_pre="I_post -= w*q; x += 1; w = clip(w + eta*(y - alpha), 0, 3)", on_post="y += 1; w = clip(w + eta*x, 0, 3)")
    drive = "185 pA + 25 pA*sin(0.61*i + 0.1)"
    c.population("E", "lif", 800, initial=dict(v="-57.5 mV + 7.4 mV*sin(1.3*i)", I_ext=drive))
    c.population("I", "lif", 200, initial=dict(v="-57.5 mV + 7.4 mV*sin(2.1*i)", I_ext=drive))
    c.projection("EE", "E", "E", "stdp", pairs(800, 800, 0.16, 81, False), delay="1.5 ms", parquet=True, initial=dict(w="0.5 + 0.3*sin(i + 2*j)"))
    c.projection("EI", "E", "I", "static", pairs(800, 200, 0.1, 82), delay="0.8 ms", parquet=True)
    c.projection("IE", "I", "E", "inhibitory", pairs(200, 800, 0.1, 83), delay="0.8 ms", parquet=True, initial=dict(w="1 + 0.3*sin(i + 2*j)"))
    return c


CIRCUITS = [
    lif_delta, lif_exp, lif_alpha, lif_cond, adex, izhikevich, hodgkin_huxley,
    method_rk4, method_heun, method_euler, method_euler_maruyama, method_stochastic_heun,
    stdp_additive, stdp_multiplicative, stdp_power, stdp_nearest, triplet_minimal, triplet_full, tsodyks_markram, vogels, clopath, graupner_brunel, reward, scaling,
    recurrent,
]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("names", nargs="*", help="circuits; all when none is named")
    p.add_argument("--root", default=Path(__file__).resolve().parent / "brian2", type=Path, help="folder to write to")
    p.add_argument("--target", default="numpy", choices=["numpy", "cython"], help="how Brian2 runs its code")
    p.add_argument("--no-check", action="store_true", help="do not run the disturbed copies")
    a = p.parse_args()
    made = [f() for f in CIRCUITS]
    unknown = set(a.names) - {c.name for c in made}
    if unknown:
        raise SystemExit(f"no such circuit: {', '.join(sorted(unknown))}; there are {', '.join(c.name for c in made)}")
    for circuit in made:
        if not a.names or circuit.name in a.names:
            make(circuit, a.root, a.target, not a.no_check)


if __name__ == "__main__":
    main()
