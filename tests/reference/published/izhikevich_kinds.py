"""One simple model, many kinds of neuron, each in a step of current.

Source: Izhikevich EM (2003) IEEE Trans Neural Netw 14:1569, figure 2; after Brian2's example "Izhikevich_2003".
"""

EQUATIONS = """
dv/dt = (0.04*v**2 + 5*v + 140 - u + I)/ms : 1
du/dt = a*(b*v - u)/ms : 1
I : 1
a : 1 (constant)
b : 1 (constant)
c : 1 (constant)
d : 1 (constant)
"""
# Regular, intrinsically bursting, chattering, fast, thalamo-cortical, resonator, low threshold.
A = [0.02, 0.02, 0.02, 0.1, 0.02, 0.1, 0.02]
B = [0.2, 0.2, 0.2, 0.2, 0.25, 0.26, 0.25]
C = [-65.0, -55.0, -50.0, -65.0, -65.0, -65.0, -65.0]
D = [8.0, 4.0, 2.0, 2.0, 0.05, 2.0, 2.0]
STEP = "10*int(t > 20.05*ms)"


def plastica():
    import plastica as pl

    cell = pl.Neuron("izhikevich", equations=EQUATIONS, threshold="v > 30", reset="v = c; u += d", method="euler")
    P = pl.Population("P", model=cell, size=7, parameters={"a": A, "b": B, "c": C, "d": D}, initial={"v": -65, "u": "b*v"})
    step = pl.Input("step", population=P, current={"variable": "I", "value": STEP})
    return pl.Circuit(P, step, pl.Record("P", spikes=P), precision="double").build().run("300 ms")


def brian2():
    from brian2 import Network, NeuronGroup, SpikeMonitor, ms

    G = NeuronGroup(7, EQUATIONS, threshold="v > 30", reset="v = c; u += d", method="euler")
    G.a, G.b, G.c, G.d, G.v, G.u = A, B, C, D, -65, "b*v"
    G.run_regularly(f"I = {STEP}", when="start")
    M = SpikeMonitor(G)
    Network(G, M).run(300 * ms, namespace={})
    return {"P": M}, {}
