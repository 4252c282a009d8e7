"""Short-term plasticity: a depressing and a facilitating synapse, driven by a train of spikes that stops and comes back.

Source: Markram H, Wang Y, Tsodyks M (1998) PNAS 95:5323; Tsodyks M, Pawelzik K, Markram H (1998) Neural Comput 10:821.
"""

import numpy as np

TRAIN = np.concatenate([np.arange(200, 5200, 500), [10_003], np.arange(15_000, 18_000, 100)])
CELL = "dv/dt = (-v + R*I)/tau_m : volt (unless refractory)\ndI/dt = -I/tau_s : amp"
SYNAPSE = """
dx/dt = (1 - x)/tau_d : 1 (event-driven)
du/dt = -u/tau_f : 1 (event-driven)
A : amp (constant)
U : 1 (constant)
tau_d : second (constant)
tau_f : second (constant)
"""
ON_PRE = "u += U*(1 - u); I_post += A*u*x; x -= u*x"
OWN = {"A": [4e-9, 8e-9, 5e-9], "U": [0.5, 0.03, 0.3], "tau_d": [0.8, 0.13, 0.2], "tau_f": [0.001, 0.53, 0.4]}


def plastica():
    import plastica as pl

    constants = {"tau_m": "20 ms", "tau_s": "3 ms", "R": "100 Mohm"}
    cell = pl.Neuron("lif", equations=CELL, threshold="v > 10*mV", reset="v = 0*mV", refractory="2 ms", method="exact", parameters=constants)
    S = pl.Population("S", spikes=(np.zeros_like(TRAIN), TRAIN * 1e-4), size=1)
    P = pl.Population("P", model=cell, size=3)
    rule = pl.Synapse("tm", equations=SYNAPSE, on_pre=ON_PRE)
    SP = pl.Projection("SP", pre=S, post=P, synapse=rule, connect=([0, 0, 0], [0, 1, 2]), parameters=OWN, initial={"x": 1})
    return pl.Circuit(SP, pl.Record("P", spikes=P), precision="double").build().run("2 s")


def brian2():
    from brian2 import Mohm, Network, NeuronGroup, SpikeGeneratorGroup, SpikeMonitor, Synapses, amp, ms, second

    constants = {"tau_m": 20 * ms, "tau_s": 3 * ms, "R": 100 * Mohm}
    G = NeuronGroup(3, CELL, threshold="v > 10*mV", reset="v = 0*mV", refractory=2 * ms, method="exact", namespace=constants)
    S = SpikeGeneratorGroup(1, np.zeros_like(TRAIN), TRAIN * 1e-4 * second)
    Y = Synapses(S, G, SYNAPSE, on_pre=ON_PRE)
    Y.connect()
    Y.A, Y.U, Y.tau_d, Y.tau_f, Y.x = OWN["A"] * amp, OWN["U"], OWN["tau_d"] * second, OWN["tau_f"] * second, 1
    M = SpikeMonitor(G)
    Network(G, S, Y, M).run(2 * second, namespace={})
    return {"P": M}, {}
