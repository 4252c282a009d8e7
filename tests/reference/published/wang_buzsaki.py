"""A hippocampal interneuron.

Source: Wang XJ, Buzsaki G (1996) J Neurosci 16:6402; Brian2's example "Wang_Buszaki_1996".
"""

EQUATIONS = """
dv/dt = (-gNa*m**3*h*(v - ENa) - gK*n**4*(v - EK) - gL*(v - EL) + Iapp)/Cm : volt
m = alpha_m/(alpha_m + beta_m) : 1
alpha_m = 0.1/mV*10*mV/exprel(-(v + 35*mV)/(10*mV))/ms : Hz
beta_m = 4*exp(-(v + 60*mV)/(18*mV))/ms : Hz
dh/dt = 5*(alpha_h*(1 - h) - beta_h*h) : 1
alpha_h = 0.07*exp(-(v + 58*mV)/(20*mV))/ms : Hz
beta_h = 1/(exp(-0.1/mV*(v + 28*mV)) + 1)/ms : Hz
dn/dt = 5*(alpha_n*(1 - n) - beta_n*n) : 1
alpha_n = 0.01/mV*10*mV/exprel(-(v + 34*mV)/(10*mV))/ms : Hz
beta_n = 0.125*exp(-(v + 44*mV)/(80*mV))/ms : Hz
Iapp : amp (constant)
"""


def plastica():
    import plastica as pl

    constants = {"Cm": "1 uF", "gL": "0.1 mS", "EL": "-65 mV", "ENa": "55 mV", "EK": "-90 mV", "gNa": "35 mS", "gK": "9 mS"}
    cell = pl.Neuron("wb", equations=EQUATIONS, threshold="v > 0*mV", refractory="v > 0*mV", method="rk4", parameters=constants)
    P = pl.Population("P", model=cell, size=10, parameters={"Iapp": "0.16*uA*(i + 1)"}, initial={"v": "-70 mV", "h": 1})
    return pl.Circuit(P, pl.Record("P", spikes=P), precision="double", dt="0.01 ms").build().run("100 ms")


def brian2():
    from brian2 import Network, NeuronGroup, SpikeMonitor, mS, ms, mV, uF

    constants = {"Cm": 1 * uF, "gL": 0.1 * mS, "EL": -65 * mV, "ENa": 55 * mV, "EK": -90 * mV, "gNa": 35 * mS, "gK": 9 * mS}
    G = NeuronGroup(10, EQUATIONS, threshold="v > 0*mV", refractory="v > 0*mV", method="rk4", namespace=constants, dt=0.01 * ms)
    G.v, G.h = -70 * mV, 1
    G.Iapp = "0.16*uA*(i + 1)"
    M = SpikeMonitor(G)
    Network(G, M).run(100 * ms, namespace={})
    return {"P": M}, {}
