"""The activity of a network of 400 excitatory and 100 inhibitory neurons whose synapses depress and facilitate. Currents, connections and the
constants of the synapses are drawn once and given to both.

Source: Tsodyks M, Uziel A, Markram H (2000) J Neurosci 20:RC50, the network of its figure 1; the equations of Tsodyks M, Pawelzik K,
Markram H (1998) Neural Comput 10:821. The membrane is in mV as there; the fraction of transmitter that is under way is left out.
"""

import numpy as np

NE, NI = 400, 100
N = NE + NI
CELL = """
dv/dt = (-v + I + I_b)/(30*ms) : volt (unless refractory)
dI/dt = -I/(3*ms) : volt
I_b : volt (constant)
dead : second (constant)
"""
DEPRESS = "A : volt (constant)\nU : 1 (constant)\ntau_rec : second (constant)\ndx/dt = (1 - x)/tau_rec : 1 (event-driven)"
FACILITATE = DEPRESS + "\ntau_fac : second (constant)\ndu/dt = -u/tau_fac : 1 (event-driven)"
ON_DEPRESS = "I_post += A*U*x; x -= U*x"
ON_FACILITATE = "u += U*(1 - u); I_post += A*u*x; x -= u*x"
# Of each connection: who, to whom, strength (mV), use, recovery and facilitation (ms); the paper's table, its spread of a half included.
KINDS = {"EE": (0, 0, 1.8, 0.5, 800, None), "EI": (0, 1, 7.2, 0.04, 100, 1000), "IE": (1, 0, -5.4, 0.5, 800, None), "II": (1, 1, -7.2, 0.04, 100, 1000)}
P_CONNECT, BEGIN = 0.1, (0, NE)


def drawn():
    """Currents, first potentials, and for each connection `i`, `j` (numbers in the whole) and columns by name in SI units."""
    rng = np.random.default_rng(2000)
    links = {}
    for name, (a, b, strength, use, rec, fac) in KINDS.items():
        i, j = np.nonzero(rng.random(((NE, NI)[a], (NE, NI)[b])) < P_CONNECT)
        i, j = i + BEGIN[a], j + BEGIN[b]
        i, j = i[i != j], j[i != j]

        def spread(mean, size=len(i)):
            """A normal distribution with half the mean as its standard deviation, cut at a fifth and twice of it."""
            return mean * np.clip(rng.normal(1, 0.5, size), 0.2, 2)

        values = {"A": spread(strength) * 1e-3, "U": np.minimum(spread(use), 0.9), "tau_rec": spread(rec) * 1e-3}
        if fac is not None:
            values["tau_fac"] = spread(fac) * 1e-3
        links[name] = (i, j, values)
    return rng.uniform(14.25e-3, 15.75e-3, N), rng.uniform(0, 15e-3, N), links


def plastica():
    import plastica as pl

    current, v, links = drawn()
    dead = np.repeat([3e-3, 2e-3], [NE, NI])
    cell = pl.Neuron("cell", equations=CELL, threshold="v > 15*mV", reset="v = 13.5*mV", refractory="dead", method="exact")
    P = pl.Population("P", model=cell, size=N, initial={"v": v}, parameters={"I_b": current, "dead": dead})
    depress = pl.Synapse("depress", equations=DEPRESS, on_pre=ON_DEPRESS)
    facilitate = pl.Synapse("facilitate", equations=FACILITATE, on_pre=ON_FACILITATE)
    parts = []
    for name, (i, j, values) in links.items():
        rule = facilitate if "tau_fac" in values else depress
        parts.append(pl.Projection(name, pre=P, post=P, synapse=rule, connect=(i, j), initial={"x": 1}, parameters=values, delay="1 ms"))
    return pl.Circuit(parts, pl.Record("P", spikes=P), precision="double").build().run("1 s")


def brian2():
    import brian2 as b

    current, v, links = drawn()
    G = b.NeuronGroup(N, CELL, threshold="v > 15*mV", reset="v = 13.5*mV", refractory="dead", method="exact")
    G.v, G.I_b, G.dead = v * b.volt, current * b.volt, np.repeat([3, 2], [NE, NI]) * b.ms
    M = b.SpikeMonitor(G)
    net = b.Network(G, M)
    for i, j, values in links.values():
        facilitates = "tau_fac" in values
        Y = b.Synapses(G, G, FACILITATE if facilitates else DEPRESS, on_pre=ON_FACILITATE if facilitates else ON_DEPRESS, delay=1 * b.ms)
        Y.connect(i=i, j=j)
        Y.x = 1
        for name, column in values.items():
            setattr(Y, name, column * {"A": b.volt, "U": 1}.get(name, b.second))
        net.add(Y)
    net.run(1 * b.second, namespace={})
    return {"P": M}, {}
