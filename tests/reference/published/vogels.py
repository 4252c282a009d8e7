"""Inhibitory plasticity balances a neuron that is driven by excitatory and inhibitory inputs. The inputs are drawn once and given to both.

Source: Vogels TP, Sprekeler H, Zenke F, Clopath C, Gerstner W (2011) Science 334:1569; after Brian2's example "Vogels_et_al_2011".
"""

import numpy as np

NE, NI, STEPS = 800, 200, 30_000
CELL = """
dv/dt = (-gl*(v - el) - (g_ampa*(v - e_e) + g_gaba*(v - e_i)) + bg)/memc : volt (unless refractory)
dg_ampa/dt = -g_ampa/tau_ampa : siemens
dg_gaba/dt = -g_gaba/tau_gaba : siemens
"""
RULE = "w : 1\ndApre/dt = -Apre/tau_stdp : 1 (event-driven)\ndApost/dt = -Apost/tau_stdp : 1 (event-driven)"
ON_PRE = "Apre += 1; w = clip(w + (Apost - alpha)*eta, 0, 100); g_gaba_post += w*nS"
ON_POST = "Apost += 1; w = clip(w + Apre*eta, 0, 100)"


def drawn():
    rng = np.random.default_rng(2011)
    out = []
    for n, rate in ((NE, 8e-4), (NI, 8e-4)):
        step, neuron = np.nonzero(rng.random((STEPS, n)) < rate)
        out += [neuron, step]
    return (*out, 1e-10 + rng.random(NI))


def plastica():
    import plastica as pl

    e, e_step, i, i_step, w = drawn()
    constants = {"gl": "10 nS", "el": "-60 mV", "e_e": "0 mV", "e_i": "-80 mV", "memc": "200 pF", "bg": "100 pA", "tau_ampa": "5 ms", "tau_gaba": "10 ms"}
    cell = pl.Neuron("vogels", equations=CELL, threshold="v > -50*mV", reset="v = -60*mV", refractory="5 ms", method="exponential_euler", parameters=constants)
    rule = pl.Synapse("inhibitory", equations=RULE, on_pre=ON_PRE, on_post=ON_POST, parameters={"tau_stdp": "20 ms", "alpha": 0.12, "eta": 0.01})
    excite = pl.Synapse("excite", on_pre="g_ampa_post += 0.6*nS")
    E = pl.Population("E", spikes=(e, e_step * 1e-4), size=NE)
    I = pl.Population("I", spikes=(i, i_step * 1e-4), size=NI)
    P = pl.Population("P", model=cell, size=1, initial={"v": "-60 mV"})
    EP = pl.Projection("EP", pre=E, post=P, synapse=excite, connect="all_to_all")
    IP = pl.Projection("IP", pre=I, post=P, synapse=rule, connect=(np.arange(NI), np.zeros(NI)), initial={"w": w})
    return pl.Circuit(EP, IP, pl.Record("P", spikes=P), precision="double").build().run("3 s")


def brian2():
    from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, SpikeMonitor, Synapses, ms, mV, nS, pA, pF, second

    e, e_step, i, i_step, w = drawn()
    constants = {"gl": 10 * nS, "el": -60 * mV, "e_e": 0 * mV, "e_i": -80 * mV, "memc": 200 * pF, "bg": 100 * pA, "tau_ampa": 5 * ms, "tau_gaba": 10 * ms}
    G = NeuronGroup(1, CELL, threshold="v > -50*mV", reset="v = -60*mV", refractory=5 * ms, method="exponential_euler", namespace=constants)
    G.v = -60 * mV
    E, I = SpikeGeneratorGroup(NE, e, e_step * 1e-4 * second), SpikeGeneratorGroup(NI, i, i_step * 1e-4 * second)
    X = Synapses(E, G, on_pre="g_ampa_post += 0.6*nS", name="excite")
    Y = Synapses(I, G, RULE, on_pre=ON_PRE, on_post=ON_POST, namespace={"tau_stdp": 20 * ms, "alpha": 0.12, "eta": 0.01}, name="inhibit")
    X.connect()
    Y.connect()
    Y.w = w
    M = SpikeMonitor(G)
    Network(G, E, I, X, Y, M).run(3 * second, namespace={})
    return {"P": M}, {("IP", "w"): Y.w[:]}
