"""A neuron learns from a thousand random inputs by spike-timing dependent plasticity. The inputs are drawn once and given to both.

Source: Song S, Miller KD, Abbott LF (2000) Nat Neurosci 3:919; Brian2's example "STDP".
"""

import numpy as np

N, STEPS = 1000, 50_000
CELL = "dv/dt = (ge*(Ee - v) + El - v)/taum : volt\ndge/dt = -ge/taue : 1"
RULE = "w : 1\ndApre/dt = -Apre/taupre : 1 (event-driven)\ndApost/dt = -Apost/taupost : 1 (event-driven)"
ON_PRE = "ge_post += w; Apre += dApre; w = clip(w + Apost, 0, gmax)"
ON_POST = "Apost += dApost; w = clip(w + Apre, 0, gmax)"
GMAX = 0.01
JUMPS = {"gmax": GMAX, "dApre": 0.01 * GMAX, "dApost": -0.01 * GMAX * 1.05}


def drawn():
    rng = np.random.default_rng(2000)
    step, neuron = np.nonzero(rng.random((STEPS, N)) < 15e-4)
    return neuron, step, rng.random(N) * GMAX


def plastica():
    import plastica as pl

    neuron, step, w = drawn()
    constants = {"taum": "10 ms", "Ee": "0 mV", "El": "-74 mV", "taue": "5 ms"}
    cell = pl.Neuron("song", equations=CELL, threshold="v > -54*mV", reset="v = -60*mV", method="euler", parameters=constants)
    rule = pl.Synapse("stdp", equations=RULE, on_pre=ON_PRE, on_post=ON_POST, parameters={"taupre": "20 ms", "taupost": "20 ms", **JUMPS})
    S = pl.Population("S", spikes=(neuron, step * 1e-4), size=N)
    P = pl.Population("P", model=cell, size=1, initial={"v": "-60 mV"})
    pairs = (np.arange(N), np.zeros(N))
    SP = pl.Projection("SP", pre=S, post=P, synapse=rule, connect=pairs, initial={"w": w})
    return pl.Circuit(SP, pl.Record("P", spikes=P), precision="double").build().run("5 s")


def brian2():
    from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, SpikeMonitor, Synapses, ms, mV, second

    neuron, step, w = drawn()
    constants = {"taum": 10 * ms, "Ee": 0 * mV, "El": -74 * mV, "taue": 5 * ms}
    G = NeuronGroup(1, CELL, threshold="v > -54*mV", reset="v = -60*mV", method="euler", namespace=constants)
    G.v = -60 * mV
    S = SpikeGeneratorGroup(N, neuron, step * 1e-4 * second)
    Y = Synapses(S, G, RULE, on_pre=ON_PRE, on_post=ON_POST, namespace={"taupre": 20 * ms, "taupost": 20 * ms, **JUMPS})
    Y.connect()
    Y.w = w
    M = SpikeMonitor(G)
    Network(G, S, Y, M).run(5 * second, namespace={})
    return {"P": M}, {("SP", "w"): Y.w[:]}
