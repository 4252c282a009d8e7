"""A calcium-based rule with pairs of spikes at many timings, without its noise.

Source: Graupner M, Brunel N (2012) PNAS 109:3991, equations of the model, with the parameters of its figure 2 for cortical-like
potentiation and depression; Brian2's example "Graupner_Brunel_2012".
"""

import numpy as np

TIMING = np.arange(-100, 101, 8)
PAIRS, EVERY, FIRST = 20, 1000, 300
RULE = """
dc/dt = -c/tau_ca : 1
drho/dt = (-rho*(1 - rho)*(0.5 - rho) + gamma_p*(1 - rho)*int(c > theta_p) - gamma_d*rho*int(c > theta_d))/tau : 1
"""
CONSTANTS = {"theta_d": 1.0, "theta_p": 1.3, "gamma_d": 331.909, "gamma_p": 725.085, "c_pre": 1.0, "c_post": 2.0}


def spikes(shift):
    """Neuron and step of each spike."""
    step = FIRST + EVERY * np.arange(PAIRS)[:, None] + shift[None, :]
    return np.tile(np.arange(len(shift)), PAIRS), step.ravel()


def plastica():
    import plastica as pl

    none = np.zeros_like(TIMING)
    pre, post = spikes(none), spikes(TIMING)
    n = len(TIMING)
    A = pl.Population("A", spikes=(pre[0], pre[1] * 1e-4), size=n)
    B = pl.Population("B", spikes=(post[0], post[1] * 1e-4), size=n)
    # The presynaptic calcium comes late.
    late = {"calcium": {"delay": "13.7 ms", "do": "c += c_pre"}}
    constants = {"tau_ca": "20 ms", "tau": "150 s", **CONSTANTS}
    rule = pl.Synapse("calcium", equations=RULE, on_pre=late, on_post="c += c_post", method="euler", parameters=constants, initial={"rho": 0.3})
    AB = pl.Projection("AB", pre=A, post=B, synapse=rule, connect="one_to_one")
    return pl.Circuit(AB, pl.Record("B", spikes=B), precision="double").build().run("2.2 s")


def brian2():
    from brian2 import Network, SpikeGeneratorGroup, SpikeMonitor, Synapses, ms, second

    pre, post = spikes(np.zeros_like(TIMING)), spikes(TIMING)
    n = len(TIMING)
    A = SpikeGeneratorGroup(n, pre[0], pre[1] * 1e-4 * second)
    B = SpikeGeneratorGroup(n, post[0], post[1] * 1e-4 * second)
    constants = {"tau_ca": 20 * ms, "tau": 150 * second, **CONSTANTS}
    Y = Synapses(A, B, RULE, on_pre="c += c_pre", on_post="c += c_post", method="euler", delay=13.7 * ms, namespace=constants)
    Y.connect(j="i")
    Y.rho = 0.3
    M = SpikeMonitor(B)
    Network(A, B, Y, M).run(2.2 * second, namespace={})
    return {"B": M}, {("AB", "rho"): Y.rho[:]}
