"""A recurrent network with conductance-based synapses; connections and first values are drawn once and given to both.

Rounding grows in such a network, so that it is compared for as long as it cannot be felt.

Source: Vogels TP, Abbott LF (2005) J Neurosci 25:10786; Brette R et al. (2007) J Comput Neurosci 23:349, benchmark 1; Brian2's example "COBAHH" has its Hodgkin-Huxley form.
"""

import numpy as np

NE, NI = 3200, 800
CELL = "dv/dt = (El - v + ge*(Ee - v) + gi*(Ei - v))/taum : volt (unless refractory)\ndge/dt = -ge/taue : 1\ndgi/dt = -gi/taui : 1"


def drawn():
    rng = np.random.default_rng(2005)
    first = rng.standard_normal((3, NE + NI))
    i, j = np.nonzero(rng.random((NE + NI, NE + NI)) < 0.02)
    return -60e-3 + 5e-3 * (first[0] - 1), 1.5 * first[1] + 4, 12 * first[2] + 20, i, j


def plastica(duration="150 ms"):
    import plastica as pl

    v, ge, gi, i, j = drawn()
    constants = {"taum": "20 ms", "taue": "5 ms", "taui": "10 ms", "El": "-60 mV", "Ee": "0 mV", "Ei": "-80 mV"}
    cell = pl.Neuron("coba", equations=CELL, threshold="v > -50*mV", reset="v = -60*mV", refractory="5 ms", method="exponential_euler", parameters=constants)
    P = pl.Population("P", model=cell, size=NE + NI, initial={"v": v, "ge": ge, "gi": gi})
    e, x = i < NE, i >= NE
    excite, inhibit = pl.Synapse("excite", on_pre="ge_post += 0.6"), pl.Synapse("inhibit", on_pre="gi_post += 6.7")
    Ce = pl.Projection("Ce", pre=P, post=P, synapse=excite, connect=(i[e], j[e]), autapses=True)
    Ci = pl.Projection("Ci", pre=P, post=P, synapse=inhibit, connect=(i[x], j[x]), autapses=True)
    return pl.Circuit(Ce, Ci, pl.Record("P", spikes=P), precision="double").build().run(duration)


def brian2(duration=0.15):
    from brian2 import Network, NeuronGroup, SpikeMonitor, Synapses, ms, mV, second, volt

    v, ge, gi, i, j = drawn()
    constants = {"taum": 20 * ms, "taue": 5 * ms, "taui": 10 * ms, "El": -60 * mV, "Ee": 0 * mV, "Ei": -80 * mV}
    G = NeuronGroup(NE + NI, CELL, threshold="v > -50*mV", reset="v = -60*mV", refractory=5 * ms, method="exponential_euler", namespace=constants)
    G.v, G.ge, G.gi = v * volt, ge, gi
    e, x = i < NE, i >= NE
    Ce, Ci = Synapses(G, G, on_pre="ge += 0.6"), Synapses(G, G, on_pre="gi += 6.7")
    Ce.connect(i=i[e], j=j[e])
    Ci.connect(i=i[x], j=j[x])
    M = SpikeMonitor(G)
    Network(G, Ce, Ci, M).run(duration * second, namespace={})
    return {"P": M}, {}
