"""Rate against current of Hodgkin-Huxley neurons with the kinetics of Traub and Miles.

Source: Brette R et al. (2007) J Comput Neurosci 23:349, benchmark 3; Brian2's example "IF_curve_Hodgkin_Huxley".
"""

N = 50
EQUATIONS = """
dv/dt = (gl*(El - v) - g_na*(m*m*m)*h*(v - ENa) - g_kd*(n*n*n*n)*(v - EK) + I)/Cm : volt
dm/dt = 0.32/mV*4*mV/exprel((13*mV - v + VT)/(4*mV))/ms*(1 - m) - 0.28/mV*5*mV/exprel((v - VT - 40*mV)/(5*mV))/ms*m : 1
dn/dt = 0.032/mV*5*mV/exprel((15*mV - v + VT)/(5*mV))/ms*(1 - n) - 0.5*exp((10*mV - v + VT)/(40*mV))/ms*n : 1
dh/dt = 0.128*exp((17*mV - v + VT)/(18*mV))/ms*(1 - h) - 4/(1 + exp((40*mV - v + VT)/(5*mV)))/ms*h : 1
I : amp (constant)
"""


def plastica():
    import plastica as pl

    constants = {"Cm": "200 pF", "gl": "10 nS", "El": "-65 mV", "EK": "-90 mV", "ENa": "50 mV", "g_na": "20 uS", "g_kd": "6 uS", "VT": "-63 mV"}
    cell = pl.Neuron("hh", equations=EQUATIONS, threshold="v > -40*mV", refractory="v > -40*mV", method="exponential_euler", parameters=constants)
    P = pl.Population("P", model=cell, size=N, parameters={"I": "0.7*nA*i/N"}, initial={"v": "El"})
    sim = pl.Circuit(P, pl.Record("P", spikes=P), precision="double", dt="0.02 ms").build()
    return sim.run("500 ms")


def brian2():
    from brian2 import Network, NeuronGroup, SpikeMonitor, ms, mV, nS, pF, uS

    constants = {"Cm": 200 * pF, "gl": 10 * nS, "El": -65 * mV, "EK": -90 * mV, "ENa": 50 * mV, "g_na": 20 * uS, "g_kd": 6 * uS, "VT": -63 * mV}
    G = NeuronGroup(N, EQUATIONS, threshold="v > -40*mV", refractory="v > -40*mV", method="exponential_euler", namespace=constants, dt=0.02 * ms)
    G.v = "El"
    G.I = "0.7*nA*i/N"
    M = SpikeMonitor(G)
    Network(G, M).run(500 * ms, namespace={})
    return {"P": M}, {}
