"""The firing patterns of the adaptive exponential neuron: one neuron for each set of parameters, under a constant current.

Source: Naud R, Marcille N, Clopath C, Gerstner W (2008) Biol Cybern 99:335, table 1; Brian2's example "Naud_et_al_2008_adex_firing_patterns".
"""

EQUATIONS = """
dv/dt = (-g*(v - E) + g*D*exp((v - V_T)/D) - w + I)/C : volt
dw/dt = (a*(v - E) - w)/tau_w : amp
C : farad (constant)
g : siemens (constant)
E : volt (constant)
V_T : volt (constant)
D : volt (constant)
a : siemens (constant)
tau_w : second (constant)
b : amp (constant)
V_r : volt (constant)
I : amp (constant)
"""
UNITS = {"C": 1e-12, "g": 1e-9, "E": 1e-3, "V_T": 1e-3, "D": 1e-3, "a": 1e-9, "tau_w": 1e-3, "b": 1e-12, "V_r": 1e-3, "I": 1e-12}
# Tonic, adapting, initial burst, regular bursting, delayed accelerating, delayed regular bursting, transient spiking, irregular.
PATTERNS = [
    (200, 10, -70, -50, 2, 2, 30, 0, -58, 500),
    (200, 12, -70, -50, 2, 2, 300, 60, -58, 500),
    (130, 18, -58, -50, 2, 4, 150, 120, -50, 400),
    (200, 10, -58, -50, 2, 2, 120, 100, -46, 210),
    (200, 12, -70, -50, 2, -10, 300, 0, -58, 300),
    (100, 10, -65, -50, 2, -10, 90, 30, -47, 110),
    (100, 10, -65, -50, 2, 10, 90, 100, -47, 180),
    (100, 12, -60, -50, 2, -11, 130, 30, -48, 160),
]
THRESHOLD, RESET, DURATION = "v > 0*mV", "v = V_r; w += b", 0.3


def columns():
    """Each parameter by name, a value for each neuron in SI units."""
    return {name: [row[k] * scale for row in PATTERNS] for k, (name, scale) in enumerate(UNITS.items())}


def plastica():
    import numpy as np

    import plastica as pl

    values = {name: np.array(column) for name, column in columns().items()}
    cell = pl.Neuron("adex", equations=EQUATIONS, threshold=THRESHOLD, reset=RESET, method="euler")
    P = pl.Population("P", model=cell, size=len(PATTERNS), parameters=values, initial={"v": values["E"]})
    return pl.Circuit(P, pl.Record("P", spikes=P), precision="double", dt="0.01 ms").build().run("300 ms")


def brian2():
    from brian2 import Network, NeuronGroup, SpikeMonitor, ms, second, volt
    from brian2.units.fundamentalunits import Quantity

    G = NeuronGroup(len(PATTERNS), EQUATIONS, threshold=THRESHOLD, reset=RESET, method="euler", dt=0.01 * ms)
    for name, column in columns().items():
        setattr(G, name, Quantity(column, dim=getattr(G, name).dim))
    G.v = columns()["E"] * volt
    M = SpikeMonitor(G)
    Network(G, M).run(DURATION * second, namespace={})
    return {"P": M}, {}
