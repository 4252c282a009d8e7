"""A voltage-based rule: neurons that fire by themselves at many rates, and presynaptic spikes that are drawn once and given to both.

Source: Clopath C, Busing L, Vasilaki E, Gerstner W (2010) Nat Neurosci 13:344, equations 1 to 3, with the amplitudes of its fit to
visual cortex; Brian2's example "Clopath_et_al_2010_no_homeostasis" is of the same rule.
"""

import numpy as np

N, STEPS = 30, 10_000
CELL = """
dv/dt = (EL - v + DT*exp((v - VT)/DT) + R*I)/tau_m : volt
du_minus/dt = (v - u_minus)/(10*ms) : volt
du_plus/dt = (v - u_plus)/(7*ms) : volt
I : amp (constant)
"""
RULE = """
dx/dt = -x/(15*ms) : 1 (clock-driven)
dw/dt = A_p*x*clip((v_post - theta_p)/mV, 0, 100)*clip((u_plus_post - theta_m)/mV, 0, 100)/ms : 1 (clock-driven)
"""
ON_PRE = "w = clip(w - A_d*clip((u_minus_post - theta_m)/mV, 0, 100), 0, 3); x += 1"
AMPLITUDES = {"A_d": 14e-5, "A_p": 8e-5}


def drawn():
    step, neuron = np.nonzero(np.random.default_rng(2010).random((STEPS, N)) < 20e-4)
    return neuron, step


def plastica():
    import plastica as pl

    neuron, step = drawn()
    constants = {"EL": "-70.6 mV", "DT": "2 mV", "VT": "-50.4 mV", "R": "33 Mohm", "tau_m": "9.4 ms"}
    cell = pl.Neuron("exponential", equations=CELL, threshold="v > 0*mV", reset="v = -60*mV", method="euler", parameters=constants)
    rule = pl.Synapse(
        "voltage", equations=RULE.replace(" (clock-driven)", ""), on_pre=ON_PRE, method="euler",
        parameters={"theta_m": "-70.6 mV", "theta_p": "-45.3 mV", **AMPLITUDES}, initial={"w": 1},
    )  # fmt: skip
    S = pl.Population("S", spikes=(neuron, step * 1e-4), size=N)
    P = pl.Population("P", model=cell, size=N, parameters={"I": "40*pA*i"}, initial={v: "EL" for v in ("v", "u_minus", "u_plus")})
    SP = pl.Projection("SP", pre=S, post=P, synapse=rule, connect="one_to_one")
    return pl.Circuit(SP, pl.Record("P", spikes=P), precision="double").build().run("1 s")


def brian2():
    from brian2 import Mohm, Network, NeuronGroup, SpikeGeneratorGroup, SpikeMonitor, Synapses, ms, mV, second

    neuron, step = drawn()
    constants = {"EL": -70.6 * mV, "DT": 2 * mV, "VT": -50.4 * mV, "R": 33 * Mohm, "tau_m": 9.4 * ms}
    G = NeuronGroup(N, CELL, threshold="v > 0*mV", reset="v = -60*mV", method="euler", namespace=constants)
    G.v, G.u_minus, G.u_plus, G.I = "EL", "EL", "EL", "40*pA*i"
    S = SpikeGeneratorGroup(N, neuron, step * 1e-4 * second)
    Y = Synapses(S, G, RULE, on_pre=ON_PRE, method="euler", namespace={"theta_m": -70.6 * mV, "theta_p": -45.3 * mV, **AMPLITUDES})
    Y.connect(j="i")
    Y.w = 1
    M = SpikeMonitor(G)
    Network(G, S, Y, M).run(1 * second, namespace={})
    return {"P": M}, {("SP", "w"): Y.w[:]}
