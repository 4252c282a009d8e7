"""Phase locking of integrate-and-fire neurons to a periodic input.

Source: Brette R (2004) J Math Biol 48:38; Brian2's example "phase_locking".
"""

N = 200
EQUATIONS = "dv/dt = (-v + a*sin(2*pi*f*t) + b)/tau : 1\nb : 1 (constant)"


def plastica():
    import plastica as pl

    cell = pl.Neuron("lif", equations=EQUATIONS, threshold="v > 1", reset="v = 0", method="euler", parameters={"tau": "20 ms", "f": "10 Hz", "a": 1.4})
    P = pl.Population("P", model=cell, size=N, parameters={"b": "0.6 + 1.0*i/N"}, initial={"v": "0.9*sin(1.3*i)"})
    return pl.Circuit(P, pl.Record("P", spikes=P), precision="double").build().run("2 s")


def brian2():
    from brian2 import Hz, Network, NeuronGroup, SpikeMonitor, ms, second

    G = NeuronGroup(N, EQUATIONS, threshold="v > 1", reset="v = 0", method="euler", namespace={"tau": 20 * ms, "f": 10 * Hz, "a": 1.4})
    G.b = "0.6 + 1.0*i/N"
    G.v = "0.9*sin(1.3*i)"
    M = SpikeMonitor(G)
    Network(G, M).run(2 * second, namespace={})
    return {"P": M}, {}
