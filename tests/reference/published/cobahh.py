"""A recurrent network of Hodgkin-Huxley neurons with conductances; connections and first values are drawn once and given to both.

Source: Brette R et al. (2007) J Comput Neurosci 23:349, benchmark 3; Brian2's example "COBAHH", a quarter of its size.
"""

import numpy as np

NE, NI = 800, 200
CELL = """
dv/dt = (gl*(El - v) + ge*(Ee - v) + gi*(Ei - v) - g_na*(m*m*m)*h*(v - ENa) - g_kd*(n*n*n*n)*(v - EK))/Cm : volt
dm/dt = 0.32/mV*4*mV/exprel((13*mV - v + VT)/(4*mV))/ms*(1 - m) - 0.28/mV*5*mV/exprel((v - VT - 40*mV)/(5*mV))/ms*m : 1
dn/dt = 0.032/mV*5*mV/exprel((15*mV - v + VT)/(5*mV))/ms*(1 - n) - 0.5*exp((10*mV - v + VT)/(40*mV))/ms*n : 1
dh/dt = 0.128*exp((17*mV - v + VT)/(18*mV))/ms*(1 - h) - 4/(1 + exp((40*mV - v + VT)/(5*mV)))/ms*h : 1
dge/dt = -ge/taue : siemens
dgi/dt = -gi/taui : siemens
"""


def drawn():
    rng = np.random.default_rng(2008)
    first = rng.standard_normal((3, NE + NI))
    i, j = np.nonzero(rng.random((NE + NI, NE + NI)) < 0.08)
    return -65e-3 + 5e-3 * (first[0] - 1), (first[1] * 1.5 + 4) * 10e-9, (first[2] * 12 + 20) * 10e-9, i, j


def plastica():
    import plastica as pl

    v, ge, gi, i, j = drawn()
    constants = {"Cm": "200 pF", "gl": "10 nS", "El": "-60 mV", "EK": "-90 mV", "ENa": "50 mV", "g_na": "20 uS", "g_kd": "6 uS", "VT": "-63 mV"}
    constants |= {"taue": "5 ms", "taui": "10 ms", "Ee": "0 mV", "Ei": "-80 mV"}
    cell = pl.Neuron("hh", equations=CELL, threshold="v > -20*mV", refractory="3 ms", method="exponential_euler", parameters=constants)
    P = pl.Population("P", model=cell, size=NE + NI, initial={"v": v, "ge": ge, "gi": gi})
    e = i < NE
    excite, inhibit = pl.Synapse("excite", on_pre="ge_post += 6*nS"), pl.Synapse("inhibit", on_pre="gi_post += 67*nS")
    Ce = pl.Projection("Ce", pre=P, post=P, synapse=excite, connect=(i[e], j[e]), autapses=True)
    Ci = pl.Projection("Ci", pre=P, post=P, synapse=inhibit, connect=(i[~e], j[~e]), autapses=True)
    return pl.Circuit(Ce, Ci, pl.Record("P", spikes=P), precision="double").build().run("100 ms")


def brian2():
    from brian2 import Network, NeuronGroup, SpikeMonitor, Synapses, ms, mV, nS, pF, siemens, uS, volt

    v, ge, gi, i, j = drawn()
    constants = {"Cm": 200 * pF, "gl": 10 * nS, "El": -60 * mV, "EK": -90 * mV, "ENa": 50 * mV, "g_na": 20 * uS, "g_kd": 6 * uS, "VT": -63 * mV}
    constants |= {"taue": 5 * ms, "taui": 10 * ms, "Ee": 0 * mV, "Ei": -80 * mV}
    G = NeuronGroup(NE + NI, CELL, threshold="v > -20*mV", refractory=3 * ms, method="exponential_euler", namespace=constants)
    G.v, G.ge, G.gi = v * volt, ge * siemens, gi * siemens
    e = i < NE
    Ce, Ci = Synapses(G, G, on_pre="ge += 6*nS"), Synapses(G, G, on_pre="gi += 67*nS")
    Ce.connect(i=i[e], j=j[e])
    Ci.connect(i=i[~e], j=j[~e])
    S = SpikeMonitor(G)
    Network(G, Ce, Ci, S).run(100 * ms, namespace={})
    return {"P": S}, {}
