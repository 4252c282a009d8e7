"""A recurrent network with current-based synapses; connections and first values are drawn once and given to both.

Rounding grows in such a network, so that it is compared for as long as it cannot be felt.

Source: Vogels TP, Abbott LF (2005) J Neurosci 25:10786; Brette R et al. (2007) J Comput Neurosci 23:349, benchmark 2; Brian2's example "CUBA".
"""

import numpy as np

NE, NI = 3200, 800
CELL = "dv/dt = (ge + gi - (v - El))/taum : volt (unless refractory)\ndge/dt = -ge/taue : volt\ndgi/dt = -gi/taui : volt"


def drawn():
    rng = np.random.default_rng(2007)
    v = -60e-3 + 10e-3 * rng.random(NE + NI)
    i, j = np.nonzero(rng.random((NE + NI, NE + NI)) < 0.02)
    return v, i, j


def plastica(duration="200 ms"):
    import plastica as pl

    v, i, j = drawn()
    constants = {"taum": "20 ms", "taue": "5 ms", "taui": "10 ms", "El": "-49 mV"}
    cell = pl.Neuron("cuba", equations=CELL, threshold="v > -50*mV", reset="v = -60*mV", refractory="5 ms", method="exact", parameters=constants)
    # One population for both kinds, as in Brian2's script: the sign of a synapse hangs on its source.
    P = pl.Population("P", model=cell, size=NE + NI, initial={"v": v})
    e, x = i < NE, i >= NE
    excite, inhibit = pl.Synapse("excite", on_pre="ge_post += 1.62*mV"), pl.Synapse("inhibit", on_pre="gi_post -= 9*mV")
    Ce = pl.Projection("Ce", pre=P, post=P, synapse=excite, connect=(i[e], j[e]), autapses=True)
    Ci = pl.Projection("Ci", pre=P, post=P, synapse=inhibit, connect=(i[x], j[x]), autapses=True)
    return pl.Circuit(Ce, Ci, pl.Record("P", spikes=P), precision="double").build().run(duration)


def brian2(duration=0.2):
    from brian2 import Network, NeuronGroup, SpikeMonitor, Synapses, ms, mV, second, volt

    v, i, j = drawn()
    constants = {"taum": 20 * ms, "taue": 5 * ms, "taui": 10 * ms, "El": -49 * mV}
    G = NeuronGroup(NE + NI, CELL, threshold="v > -50*mV", reset="v = -60*mV", refractory=5 * ms, method="exact", namespace=constants)
    G.v = v * volt
    e, x = i < NE, i >= NE
    Ce, Ci = Synapses(G, G, on_pre="ge += 1.62*mV"), Synapses(G, G, on_pre="gi -= 9*mV")
    Ce.connect(i=i[e], j=j[e])
    Ci.connect(i=i[x], j=j[x])
    M = SpikeMonitor(G)
    Network(G, Ce, Ci, M).run(duration * second, namespace={})
    return {"P": M}, {}
