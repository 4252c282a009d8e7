"""AMPA and NMDA receptors as kinetic schemes: a pulse of transmitter follows each presynaptic spike, and magnesium blocks the NMDA
receptors while the membrane is low. Thirty neurons with one synapse each; the presynaptic spikes are drawn once and given to both.

Source: Destexhe A, Mainen ZF, Sejnowski TJ (1998) in Koch and Segev (eds), Methods in Neuronal Modeling, 2nd ed, chapter 1 (the rates);
Jahr CE, Stevens CF (1990) J Neurosci 10:3178 (the block).
"""

import numpy as np

N, STEPS = 30, 10_000
CELL = """
dv/dt = (g_l*(E_l - v) - g_a*a*v - g_n*b*n*v)/C : volt
da/dt = 1.1/ms*int(T > 0.5)*(1 - a) - 0.19/ms*a : 1
dn/dt = 0.072/ms*int(T > 0.5)*(1 - n) - 0.0066/ms*n : 1
b = 1/(1 + exp(-0.062*v/mV)/3.57) : 1
T : 1
"""
CONSTANTS = {"C": (200, "pF"), "g_l": (10, "nS"), "E_l": (-70, "mV"), "g_a": (30, "nS"), "g_n": (12, "nS")}
PULSE = {"begin": "T_post += 1", "end": "T_post -= 1"}


def drawn():
    rng = np.random.default_rng(1990)
    step, neuron = np.nonzero(rng.random((STEPS, N)) < np.linspace(5e-4, 1e-2, N))
    return neuron, step


def plastica():
    import plastica as pl

    neuron, step = drawn()
    constants = {name: f"{value} {unit}" for name, (value, unit) in CONSTANTS.items()}
    cell = pl.Neuron("receptors", equations=CELL, threshold="v > -50*mV", reset="v = -60*mV", refractory="2 ms", method="rk4", parameters=constants)
    S = pl.Population("S", spikes=(neuron, step * 1e-4), size=N)
    P = pl.Population("P", model=cell, size=N, initial={"v": "-70 mV"})
    pulse = pl.Synapse("pulse", on_pre={"begin": {"do": PULSE["begin"]}, "end": {"do": PULSE["end"], "delay": "1 ms"}})
    return pl.Circuit(pl.Projection("SP", pre=S, post=P, synapse=pulse, connect="one_to_one"), pl.Record("P", spikes=P), precision="double").build().run("1 s")


def brian2():
    import brian2 as b

    neuron, step = drawn()
    constants = {name: value * getattr(b, unit) for name, (value, unit) in CONSTANTS.items()}
    G = b.NeuronGroup(N, CELL, threshold="v > -50*mV", reset="v = -60*mV", refractory=2 * b.ms, method="rk4", namespace=constants)
    G.v = -70 * b.mV
    S = b.SpikeGeneratorGroup(N, neuron, step * 1e-4 * b.second)
    Y = b.Synapses(S, G, on_pre=PULSE, delay={"end": 1 * b.ms})
    Y.connect(j="i")
    M = b.SpikeMonitor(G)
    b.Network(G, S, Y, M).run(1 * b.second, namespace={})
    return {"P": M}, {}
