"""A synfire chain: volleys of spikes pass through ten groups of a hundred neurons. The background of each neuron, drawn once, is given to both.

Source: Diesmann M, Gewaltig MO, Aertsen A (1999) Nature 402:529; Brian2's example "Diesmann_et_al_1999". There the background is white
noise inside the equation; here its mean is a constant, and its spread comes from spikes of both signs, as a given list.
"""

import numpy as np

GROUPS, EACH, STEPS = 10, 100, 1000
N = GROUPS * EACH
CELL = """
dv/dt = (-(v - E) + x)/tau_m : volt (unless refractory)
dx/dt = (-x + y)/tau_psp : volt
dy/dt = (-y + y_mean)/tau_psp : volt
"""
CONSTANTS = {"E": (-70, "mV"), "tau_m": (10, "ms"), "tau_psp": (0.325, "ms"), "y_mean": (8.2, "mV")}
# A jump of y by WEIGHT gives a potential that peaks near 0.14 mV. The background's jumps are eight times as large, chosen here, and
# come so often that the potential spreads by some 3 mV.
WEIGHT = 4.86
LARGE, PER_STEP = 8 * WEIGHT, 0.05
# The volley that begins: neurons of 95 in a hundred, and the standard deviation of their times around 10 ms.
SHARE, SPREAD = 0.95, 10


def drawn():
    rng = np.random.default_rng(1999)
    pushes = [np.nonzero(rng.random((STEPS, N)) < PER_STEP)[::-1] for _ in range(2)]
    first = np.nonzero(rng.random(EACH) < SHARE)[0]
    volley = np.clip(np.round(rng.normal(100, SPREAD, len(first))), 1, None).astype(int)
    v = rng.normal(-61.8e-3, 2e-3, N)
    return pushes, (first, volley), v


def chain():
    pre = np.repeat(np.arange(N - EACH), EACH)
    return pre, (pre // EACH + 1) * EACH + np.tile(np.arange(EACH), N - EACH)


def plastica():
    import plastica as pl

    (excite, inhibit), (first, volley), v = drawn()
    constants = {name: f"{value} {unit}" for name, (value, unit) in CONSTANTS.items()}
    cell = pl.Neuron("synfire", equations=CELL, threshold="v > -55*mV", reset="v = E", refractory="1 ms", method="exact", parameters=constants)
    P = pl.Population("P", model=cell, size=N, initial={"v": v})
    parts = []
    for name, (neuron, step), jump in (("more", excite, LARGE), ("less", inhibit, -LARGE)):
        source = pl.Population(name, spikes=(neuron, step * 1e-4), size=N)
        parts.append(pl.Projection(f"{name}_P", pre=source, post=P, synapse=pl.Synapse(name, on_pre=f"y_post += ({jump})*mV"), connect="one_to_one"))
    jump = pl.Synapse("jump", on_pre=f"y_post += {WEIGHT}*mV")
    S = pl.Population("S", spikes=(first, volley * 1e-4), size=EACH)
    i, j = np.repeat(np.arange(EACH), EACH), np.tile(np.arange(EACH), EACH)
    parts += [pl.Projection("SP", pre=S, post=P, synapse=jump, connect=(i, j)), pl.Projection("PP", pre=P, post=P, synapse=jump, connect=chain(), delay="5 ms")]
    return pl.Circuit(parts, pl.Record("P", spikes=P), precision="double").build().run("100 ms")


def brian2():
    import brian2 as b

    (excite, inhibit), (first, volley), v = drawn()
    constants = {name: value * getattr(b, unit) for name, (value, unit) in CONSTANTS.items()}
    G = b.NeuronGroup(N, CELL, threshold="v > -55*mV", reset="v = E", refractory=1 * b.ms, method="exact", namespace=constants)
    G.v = v * b.volt
    net = b.Network(G)
    for (neuron, step), jump in ((excite, LARGE), (inhibit, -LARGE)):
        source = b.SpikeGeneratorGroup(N, neuron, step * 1e-4 * b.second)
        one = b.Synapses(source, G, on_pre=f"y_post += ({jump})*mV")
        one.connect(j="i")
        net.add(source, one)
    S = b.SpikeGeneratorGroup(EACH, first, volley * 1e-4 * b.second)
    enter = b.Synapses(S, G, on_pre=f"y_post += {WEIGHT}*mV")
    enter.connect(i=np.repeat(np.arange(EACH), EACH), j=np.tile(np.arange(EACH), EACH))
    links = b.Synapses(G, G, on_pre=f"y_post += {WEIGHT}*mV", delay=5 * b.ms)
    pre, post = chain()
    links.connect(i=pre, j=post)
    M = b.SpikeMonitor(G)
    net.add(S, enter, links, M)
    net.run(STEPS * 0.1 * b.ms, namespace={})
    return {"P": M}, {}
