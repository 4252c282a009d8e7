"""The adaptive exponential neuron: regular, bursting and fast spiking in a step of current.

Source: Brette R, Gerstner W (2005) J Neurophysiol 94:3637; Brian2's example "Brette_Gerstner_2005".
"""

EQUATIONS = """
dvm/dt = (gL*(EL - vm) + gL*DeltaT*exp((vm - VT)/DeltaT) + I - w)/C : volt
dw/dt = (a*(vm - EL) - w)/tauw : amp
I : amp
tauw : second (constant)
a : siemens (constant)
b : amp (constant)
Vr : volt (constant)
"""
TIMES = [144e-3, 20e-3, 144e-3]
SLOPES = [4e-9, 4e-9, 2 * 281e-12 / 144e-3]
JUMPS = [0.0805e-9, 0.5e-9, 0.0]
RESETS = [-70.6e-3, -47.4e-3, -70.6e-3]
CURRENT = "1*nA*int(t > 20.05*ms and t < 420.05*ms)"


def plastica():
    import numpy as np

    import plastica as pl

    constants = {"C": "281 pF", "gL": "30 nS", "EL": "-70.6 mV", "VT": "-50.4 mV", "DeltaT": "2 mV"}
    cell = pl.Neuron("adex", equations=EQUATIONS, threshold="vm > VT + 5*DeltaT", reset="vm = Vr; w += b", method="rk4", parameters=constants)
    own = {"tauw": np.array(TIMES), "a": np.array(SLOPES), "b": np.array(JUMPS), "Vr": np.array(RESETS)}
    P = pl.Population("P", model=cell, size=3, parameters=own, initial={"vm": "EL"})
    step = pl.Input("step", population=P, current={"variable": "I", "value": CURRENT})
    return pl.Circuit(P, step, pl.Record("P", spikes=P), precision="double").build().run("500 ms")


def brian2():
    from brian2 import Network, NeuronGroup, SpikeMonitor, amp, ms, mV, nS, pF, second, siemens, volt

    constants = {"C": 281 * pF, "gL": 30 * nS, "EL": -70.6 * mV, "VT": -50.4 * mV, "DeltaT": 2 * mV}
    G = NeuronGroup(3, EQUATIONS, threshold="vm > VT + 5*DeltaT", reset="vm = Vr; w += b", method="rk4", namespace=constants)
    G.tauw, G.a, G.b, G.Vr, G.vm = TIMES * second, SLOPES * siemens, JUMPS * amp, RESETS * volt, "EL"
    G.run_regularly(f"I = {CURRENT}", when="start")
    M = SpikeMonitor(G)
    Network(G, M).run(500 * ms, namespace={})
    return {"P": M}, {}
