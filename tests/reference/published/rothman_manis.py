"""Neurons of the ventral cochlear nucleus: three types that differ in their conductances, each under seven currents.

Source: Rothman JS, Manis PB (2003) J Neurophysiol 89:3097, models I-c, II and II-I at 22 degrees; Brian2's example "Rothman_Manis_2003".
"""

EQUATIONS = """
dv/dt = (gh*r*(E_h - v) + gna*m**3*h*(E_Na - v) + (gkht*(0.85*n**2 + 0.15*p) + gklt*w**4*z)*(E_K - v) + g_l*(E_l - v) + I)/C : volt
u = v/mV : 1
dr/dt = (1/(1 + exp((u + 76)/7)) - r)/((1e5/(237*exp((u + 60)/12) + 17*exp(-(u + 60)/14)) + 25)*ms) : 1
dm/dt = (1/(1 + exp(-(u + 38)/7)) - m)/((10/(5*exp((u + 60)/18) + 36*exp(-(u + 60)/25)) + 0.04)*ms) : 1
dh/dt = (1/(1 + exp((u + 65)/6)) - h)/((100/(7*exp((u + 60)/11) + 10*exp(-(u + 60)/25)) + 0.6)*ms) : 1
dn/dt = ((1 + exp(-(u + 15)/5))**-0.5 - n)/((100/(11*exp((u + 60)/24) + 21*exp(-(u + 60)/23)) + 0.7)*ms) : 1
dp/dt = (1/(1 + exp(-(u + 23)/6)) - p)/((100/(4*exp((u + 60)/32) + 5*exp(-(u + 60)/22)) + 5)*ms) : 1
dw/dt = ((1 + exp(-(u + 48)/6))**-0.25 - w)/((100/(6*exp((u + 60)/6) + 16*exp(-(u + 60)/45)) + 1.5)*ms) : 1
dz/dt = (0.5/(1 + exp((u + 71)/10)) + 0.5 - z)/((1000/(exp((u + 60)/20) + exp(-(u + 60)/8)) + 50)*ms) : 1
gh : siemens (constant)
gkht : siemens (constant)
gklt : siemens (constant)
I : amp (constant)
"""
# Rows of table 1 of the paper: high-threshold potassium, low-threshold potassium, mixed cation, in nS.
TYPES = [(150, 0, 0.5), (150, 200, 20), (150, 20, 2)]
CURRENTS = [50, 100, 150, 200, 300, 500, 800]
CONSTANTS = {"C": (12, "pF"), "E_h": (-43, "mV"), "E_Na": (55, "mV"), "E_K": (-70, "mV"), "E_l": (-65, "mV"), "gna": (1000, "nS"), "g_l": (2, "nS")}
START = {"v": -64e-3, "r": 0.2, "m": 0.03, "h": 0.45, "n": 0.01, "p": 0.001, "w": 0.5, "z": 0.7}


def columns():
    """Values by neuron in SI units."""
    rows = [(kht * 1e-9, klt * 1e-9, h * 1e-9, I * 1e-12) for kht, klt, h in TYPES for I in CURRENTS]
    return dict(zip(("gkht", "gklt", "gh", "I"), map(list, zip(*rows, strict=True)), strict=True))


def plastica():
    import numpy as np

    import plastica as pl

    constants = {name: f"{value} {unit}" for name, (value, unit) in CONSTANTS.items()}
    cell = pl.Neuron("vcn", equations=EQUATIONS, threshold="v > -20*mV", refractory="v > -45*mV", method="rk4", parameters=constants)
    values = {name: np.array(column) for name, column in columns().items()}
    P = pl.Population("P", model=cell, size=len(values["I"]), parameters=values, initial={k: f"{x}*volt" if k == "v" else x for k, x in START.items()})
    return pl.Circuit(P, pl.Record("P", spikes=P), precision="double", dt="0.02 ms").build().run("200 ms")


def brian2():
    import brian2 as b
    from brian2.units.fundamentalunits import Quantity

    constants = {name: value * getattr(b, unit) for name, (value, unit) in CONSTANTS.items()}
    size = len(TYPES) * len(CURRENTS)
    G = b.NeuronGroup(size, EQUATIONS, threshold="v > -20*mV", refractory="v > -45*mV", method="rk4", namespace=constants, dt=0.02 * b.ms)
    for name, column in columns().items():
        setattr(G, name, Quantity(column, dim=getattr(G, name).dim))
    for name, value in START.items():
        setattr(G, name, value * b.volt if name == "v" else value)
    M = b.SpikeMonitor(G)
    b.Network(G, M).run(200 * b.ms, namespace={})
    return {"P": M}, {}
