"""Neurons that differ in their first potential fire alike under a frozen noise: an array of values over time.

Source: Mainen ZF, Sejnowski TJ (1995) Science 268:1503; after Brian2's example "reliability". Brian2 has the values as a timed array, here
they are carried by spikes: neuron k of `clock` fires one step before value k is due, and its synapses set the current.
"""

import numpy as np

N, EACH, BINS = 25, 5, 2000
CELL = "dv/dt = (-v + {current})/tau : volt (unless refractory)"


def drawn():
    rng = np.random.default_rng(1995)
    noise = np.zeros(BINS)
    for k in range(1, BINS):
        noise[k] = 0.9 * noise[k - 1] + rng.normal()
    return 17e-3 + 4e-3 * noise, rng.uniform(0, 15e-3, N)


def plastica():
    import plastica as pl

    values, v = drawn()
    cell = pl.Neuron("cell", equations=CELL.format(current="I") + "\nI : volt", threshold="v > 15*mV", reset="v = 0*mV", refractory="2 ms", method="euler", parameters={"tau": "10 ms"})
    P = pl.Population("P", model=cell, size=N, initial={"v": v, "I": np.full(N, values[0])})
    clock = pl.Population("clock", spikes=(np.arange(BINS - 1), (np.arange(1, BINS) * EACH - 1) * 1e-4), size=BINS - 1)
    tell = pl.Synapse("tell", equations="value : volt (constant)", on_pre="I_post = value")
    pairs = (np.repeat(np.arange(BINS - 1), N), np.tile(np.arange(N), BINS - 1))
    told = pl.Projection("told", pre=clock, post=P, synapse=tell, connect=pairs, parameters={"value": np.repeat(values[1:], N)})
    return pl.Circuit(told, pl.Record("P", spikes=P), precision="double").build().run("1 s")


def brian2():
    import brian2 as b

    values, v = drawn()
    I = b.TimedArray(values * b.volt, dt=EACH * 0.1 * b.ms)
    constants = {"tau": 10 * b.ms, "I": I}
    G = b.NeuronGroup(N, CELL.format(current="I(t)"), threshold="v > 15*mV", reset="v = 0*mV", refractory=2 * b.ms, method="euler", namespace=constants)
    G.v = v * b.volt
    M = b.SpikeMonitor(G)
    b.Network(G, M).run(1 * b.second, namespace={})
    return {"P": M}, {}
