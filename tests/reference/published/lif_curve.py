"""Rate against current of leaky integrate-and-fire neurons.

Source: Lapicque L (1907) J Physiol Pathol Gen 9:620; Brian2's example "IF_curve_LIF".
"""

N = 500


def plastica():
    import plastica as pl

    cell = pl.Neuron(
        "lif",
        equations="dv/dt = (v0 - v)/tau : volt (unless refractory)\nv0 : volt (constant)",
        threshold="v > 10*mV",
        reset="v = 0*mV",
        refractory="5 ms",
        method="exact",
        parameters={"tau": "10 ms"},
    )
    P = pl.Population("P", model=cell, size=N, parameters={"v0": "20*mV*i/(N - 1)"})
    sim = pl.Circuit(P, pl.Record("P", spikes=P), precision="double").build()
    return sim.run("1 s")


def brian2():
    from brian2 import Network, NeuronGroup, SpikeMonitor, ms, second

    G = NeuronGroup(
        N, "dv/dt = (v0 - v)/tau : volt (unless refractory)\nv0 : volt (constant)", threshold="v > 10*mV", reset="v = 0*mV",
        refractory=5 * ms, method="exact", namespace={"tau": 10 * ms},
    )
    G.v0 = "20*mV*i/(N - 1)"
    M = SpikeMonitor(G)
    Network(G, M).run(1 * second, namespace={})
    return {"P": M}, {}
