"""Spiking neurons with axonal delays of up to 20 ms and spike-timing dependent plasticity that acts on a slow clock.

The random input of one neuron in each millisecond, the connections and the delays are drawn once and given to both.
Rounding grows in such a network, so that it is compared for as long as it cannot be felt.

Source: Izhikevich EM (2006) Neural Comput 18:245. The slow clock ticks every 100 ms here, so that it is heard within the comparison.
"""

import numpy as np

NE, NI, M, STEPS = 800, 200, 100, 1000
CELL = """
dv/dt = (0.04*v**2 + 5*v + 140 - u + I)/ms : 1
du/dt = a*(0.2*v - u)/ms : 1
I : 1
a : 1 (constant)
d : 1 (constant)
"""
RULE = """
w : 1
sd : 1
dx/dt = -x/(20*ms) : 1 (event-driven)
dy/dt = -y/(20*ms) : 1 (event-driven)
"""
ON_PRE = "I_post += w; x += 0.1; sd = sd - y"
ON_POST = "y += 0.12; sd = sd + x"


def drawn():
    rng = np.random.default_rng(2006)
    post = np.concatenate([rng.permutation(NE + NI)[:M] if n < NE else rng.permutation(NE)[:M] for n in range(NE + NI)])
    pre = np.repeat(np.arange(NE + NI), M)
    keep = pre != post
    pre, post = pre[keep], post[keep]
    delay = np.where(pre < NE, rng.integers(1, 21, len(pre)), 1)
    kicked = rng.integers(0, NE + NI, STEPS // 2)
    return pre, post, delay, kicked


def plastica():
    import plastica as pl

    pre, post, delay, kicked = drawn()
    e = pre < NE
    cell = pl.Neuron("izh", equations=CELL, threshold="v >= 30", reset="v = -65; u += d", method="euler")
    own = {"a": np.r_[np.full(NE, 0.02), np.full(NI, 0.1)], "d": np.r_[np.full(NE, 8.0), np.full(NI, 2.0)]}
    P = pl.Population("P", model=cell, size=NE + NI, parameters=own, initial={"v": -65, "u": -13})
    K = pl.Population("K", spikes=(kicked, np.arange(len(kicked)) * 1e-3), size=NE + NI)
    slow = {"every": "100 ms", "do": "w = clip(w + 0.01 + sd, 0, 10); sd = 0.9*sd"}
    rule = pl.Synapse("rule", equations=RULE, on_pre=ON_PRE, on_post=ON_POST, on_interval=slow)
    Ee = pl.Projection("Ee", pre=P, post=P, synapse=rule, connect=(pre[e], post[e]), delay=delay[e] * 1e-3, initial={"w": 6.0})
    Ii = pl.Projection("Ii", pre=P, post=P, synapse=pl.Synapse("inhibit", on_pre="I_post -= 5"), connect=(pre[~e], post[~e]), delay="1 ms")
    Kk = pl.Projection("Kk", pre=K, post=P, synapse=pl.Synapse("kick", on_pre="I_post += 40"), connect="one_to_one")
    clear = pl.Input("clear", population=P, do="I = 0", when="deliver")
    return pl.Circuit(Ee, Ii, Kk, clear, pl.Record("P", spikes=P), dt="0.5 ms", precision="double").build().run("500 ms")


def brian2():
    from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, SpikeMonitor, Synapses, ms, second

    pre, post, delay, kicked = drawn()
    e = pre < NE
    G = NeuronGroup(NE + NI, CELL, threshold="v >= 30", reset="v = -65; u += d", method="euler", dt=0.5 * ms)
    G.a, G.d, G.v, G.u = np.r_[np.full(NE, 0.02), np.full(NI, 0.1)], np.r_[np.full(NE, 8.0), np.full(NI, 2.0)], -65, -13
    G.run_regularly("I = 0", when="synapses", order=-2)
    K = SpikeGeneratorGroup(NE + NI, kicked, np.arange(len(kicked)) * 1e-3 * second, dt=0.5 * ms)
    Y = Synapses(G, G, RULE, on_pre=ON_PRE, on_post=ON_POST, dt=0.5 * ms, name="a_plastic")
    Y.connect(i=pre[e], j=post[e])
    Y.w, Y.delay = 6.0, delay[e] * ms
    Y.run_regularly("w = clip(w + (0.01 + sd)*int(t > 1*ms), 0, 10); sd = sd*(1 - 0.1*int(t > 1*ms))", dt=100 * ms, when="start")
    X = Synapses(G, G, on_pre="I_post -= 5", delay=1 * ms, dt=0.5 * ms, name="b_inhibit")
    X.connect(i=pre[~e], j=post[~e])
    Z = Synapses(K, G, on_pre="I_post += 40", dt=0.5 * ms, name="c_kick")
    Z.connect(j="i")
    S = SpikeMonitor(G)
    Network(G, K, Y, X, Z, S).run(500 * ms, namespace={})
    order = np.lexsort((Y.j[:], np.round(np.asarray(Y.delay) / 5e-4), Y.i[:]))
    return {"P": S}, {("Ee", "w"): Y.w[:][order]}
