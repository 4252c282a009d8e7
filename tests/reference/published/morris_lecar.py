"""The barnacle muscle fibre: oscillations from two currents.

Source: Morris C, Lecar H (1981) Biophys J 35:193; Brian2's example "Morris_Lecar_1981".
"""

EQUATIONS = """
dV/dt = (-gL*(V - VL) - gCa*Minf*(V - VCa) - gK*N_K*(V - VK) + I)/C : volt
dN_K/dt = lambda_n*(Ninf - N_K) : 1
Minf = 0.5*(1 + tanh((V - V1)/V2)) : 1
Ninf = 0.5*(1 + tanh((V - V3)/V4)) : 1
lambda_n = lambda_n_max*cosh((V - V3)/(2*V4)) : Hz
I : amp (constant)
"""


def plastica():
    import plastica as pl

    constants = {"VL": "-50 mV", "VCa": "100 mV", "VK": "-70 mV", "V1": "10 mV", "V2": "15 mV", "V3": "-1 mV", "V4": "14.5 mV"}
    constants |= {"C": "20 uF", "gL": "2 mS", "gCa": "4 mS", "gK": "8 mS", "lambda_n_max": "0.0667/ms"}
    cell = pl.Neuron("ml", equations=EQUATIONS, threshold="V > 0*mV", refractory="V > 0*mV", method="rk4", parameters=constants)
    P = pl.Population("P", model=cell, size=41, parameters={"I": "10*uA*i"}, initial={"V": "-50 mV"})
    return pl.Circuit(P, pl.Record("P", spikes=P), precision="double", dt="0.05 ms").build().run("1 s")


def brian2():
    from brian2 import Network, NeuronGroup, SpikeMonitor, mS, ms, mV, second, uF

    constants = {"VL": -50 * mV, "VCa": 100 * mV, "VK": -70 * mV, "V1": 10 * mV, "V2": 15 * mV, "V3": -1 * mV, "V4": 14.5 * mV}
    constants |= {"C": 20 * uF, "gL": 2 * mS, "gCa": 4 * mS, "gK": 8 * mS, "lambda_n_max": 0.0667 / ms}
    G = NeuronGroup(41, EQUATIONS, threshold="V > 0*mV", refractory="V > 0*mV", method="rk4", namespace=constants, dt=0.05 * ms)
    G.V = -50 * mV
    G.I = "10*uA*i"
    M = SpikeMonitor(G)
    Network(G, M).run(1 * second, namespace={})
    return {"P": M}, {}
