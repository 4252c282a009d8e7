"""Bursting in three dimensions.

Source: Hindmarsh JL, Rose RM (1984) Proc R Soc Lond B 221:87; Brian2's example "Hindmarsh_Rose_1984".
"""

EQUATIONS = """
dx/dt = (y - a*x**3 + b*x**2 + I - z)/ms : 1
dy/dt = (c - d*x**2 - y)/ms : 1
dz/dt = r*(s*(x - x_1) - z)/ms : 1
I : 1 (constant)
"""
CONSTANTS = {"a": 1.0, "b": 3.0, "c": 1.0, "d": 5.0, "r": 0.001, "s": 4.0, "x_1": -1.6}


def plastica():
    import plastica as pl

    cell = pl.Neuron("hr", equations=EQUATIONS, threshold="x > 1", refractory="x > 1", method="rk4", parameters=CONSTANTS)
    P = pl.Population("P", model=cell, size=3, parameters={"I": [0.4, 2.0, 4.0]}, initial={"x": "x_1", "y": "c - d*x_1**2", "z": "s*(x_1 - x_1)"})
    return pl.Circuit(P, pl.Record("P", spikes=P), precision="double", dt="0.1 ms").build().run("1 s")


def brian2():
    from brian2 import Network, NeuronGroup, SpikeMonitor, second

    G = NeuronGroup(3, EQUATIONS, threshold="x > 1", refractory="x > 1", method="rk4", namespace=CONSTANTS)
    G.I = [0.4, 2.0, 4.0]
    G.x, G.y, G.z = "x_1", "c - d*x_1**2", "s*(x_1 - x_1)"
    M = SpikeMonitor(G)
    Network(G, M).run(1 * second, namespace={})
    return {"P": M}, {}
