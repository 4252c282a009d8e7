"""What the Python package costs around a simulation: calls of one step, views, a long list of synapses, pickling.

    pip install . && python benches/python.py

Prints wall and processor time of the best of three for each; nothing is asserted, for the numbers hang on the machine.
"""

import pickle
import time

import numpy as np

import plastica as pl


def timed(what, do, count=1, unit="s", factor=1.0):
    """The shortest of three runs."""
    wall, own = (min(times) / count * factor for times in zip(*(_once(do) for _ in range(3)), strict=True))
    print(f"{what:66} {wall:9.3f} {unit:3} ({own:.3f} {unit} of the processor)", flush=True)


def _once(do):
    wall, own = time.perf_counter(), time.process_time()
    do()
    return time.perf_counter() - wall, time.process_time() - own


def calls():
    """A small circuit, stepped and looked at very often."""
    rule = {"rule": "probability", "p": 0.1}
    E = pl.Population("E", model="lif_delta", size=10)
    kicks = pl.Input("kicks", population=E, poisson={"rate": "20 kHz", "weight": "0.1 mV", "variable": "v"})
    EE = pl.Projection("EE", pre=E, post=E, synapse="stdp_additive_delta", connect=rule)
    sim = pl.Circuit(EE, kicks).build()

    def steps(number, do):
        for _ in range(number):
            do()

    timed("100,000 x sim.step()", lambda: steps(100_000, sim.step))
    timed('100,000 x sim.run("0.1 ms")', lambda: steps(100_000, lambda: sim.run("0.1 ms")))
    timed("sim.E.v[0] after a step", lambda: steps(10_000, lambda: (sim.step(), sim.E.v[0])), 10_000, "us", 1e6)
    timed('sim.E.v = "1 mV"', lambda: steps(10_000, lambda: setattr(sim.E, "v", "1 mV")), 10_000, "us", 1e6)
    timed("sim.copy()", lambda: steps(100, sim.copy), 100, "ms", 1e3)


def lists(n=10_000_000, neurons=20_000):
    """A list of ten million synapses with weights, in random order and by source."""
    rng = np.random.default_rng(1)
    i, j, w = rng.integers(0, neurons, n), rng.integers(0, neurons, n), rng.random(n) * 1e-4
    for order, pre in (("in random order", i), ("by source", np.sort(i))):
        E = pl.Population("E", model="lif_delta", size=neurons)
        projection = pl.Projection("EE", pre=E, post=E, synapse="static_delta", connect=(pre, j), autapses=True, multapses=True, initial={"w": w})
        circuit = pl.Circuit(projection)
        timed(f"a list of {n:,} synapses taken and checked, {order}", circuit.check)
        timed(f"a list of {n:,} synapses built, {order}", lambda circuit=circuit: circuit.build(threads=1))
    sim = circuit.build(threads=1)
    timed("sim.EE.w of them, read", lambda: np.asarray(sim.EE.w))
    timed("sim.EE.w.max() of them, where they lie", lambda: sim.EE.w.max())
    timed("sim.EE.w[:] = array", lambda: sim.EE.w.__setitem__(slice(None), w))
    timed("pickle.dumps(sim)", lambda: pickle.dumps(sim))


if __name__ == "__main__":
    calls()
    lists()
