"""Noisy published examples: ten seeds in Plastica against ten in Brian2, by rate, irregularity and weights.

    python noisy.py            # all; writes noisy.csv
    python noisy.py NAME ...

A quantity agrees when Plastica's mean lies within Brian2's own spread: the mean of its seeds plus or minus three standard deviations.
Each example is two functions of a seed that give named numbers.
"""

import csv
import sys
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
SEEDS = range(1, 11)


def of_spikes(i, t, n, seconds, first=0.0):
    """Rate in Hz, and irregularity: the mean over neurons of the standard deviation of intervals over their mean, from five spikes on."""
    i, t = np.asarray(i), np.asarray(t)
    late = t >= first
    i, t = i[late], t[late]
    ratios = []
    for k in np.unique(i):
        gaps = np.diff(t[i == k])
        if len(gaps) >= 4:
            ratios.append(np.std(gaps) / np.mean(gaps))
    return {"rate (Hz)": len(t) / n / (seconds - first), "cv": float(np.mean(ratios)) if ratios else float("nan")}


def two(prefix, numbers):
    return {f"{prefix} {key}": value for key, value in numbers.items()}


# Izhikevich EM (2003) IEEE Trans Neural Netw 14:1569: a thousand cortical neurons with random input.

IZH_CELL = """
dv/dt = (0.04*v**2 + 5*v + 140 - u + I)/ms : 1
du/dt = a*(b*v - u)/ms : 1
I : 1
a : 1 (constant)
b : 1 (constant)
c : 1 (constant)
d : 1 (constant)
noise : 1 (constant)
"""


def _izhikevich_values(seed):
    rng = np.random.default_rng(seed)
    re, ri = rng.random(800), rng.random(200)
    values = {
        "a": np.r_[np.full(800, 0.02), 0.02 + 0.08 * ri], "b": np.r_[np.full(800, 0.2), 0.25 - 0.05 * ri],
        "c": np.r_[-65 + 15 * re**2, np.full(200, -65.0)], "d": np.r_[8 - 6 * re**2, np.full(200, 2.0)],
        "noise": np.r_[np.full(800, 5.0), np.full(200, 2.0)],
    }  # fmt: skip
    return values, np.concatenate([0.5 * rng.random((800, 1000)), -rng.random((200, 1000))])


def izhikevich_2003_plastica(seed):
    import plastica as pl

    values, S = _izhikevich_values(seed)
    cell = pl.Neuron("izh", equations=IZH_CELL, threshold="v > 30", reset="v = c; u += d", method="euler")
    P = pl.Population("P", model=cell, size=1000, parameters=values, initial={"v": -65, "u": "b*v"})
    kick = pl.Synapse("kick", equations="w : 1 (constant)", on_pre="I_post += w")
    i, j = np.divmod(np.arange(10**6), 1000)
    W = pl.Projection("W", pre=P, post=P, synapse=kick, connect=(i, j), autapses=True, parameters={"w": S.ravel()}, delay="1 ms")
    fresh = pl.Input("fresh", population=P, do="I = noise*randn()")
    sim = pl.Circuit(W, fresh, pl.Record("P", spikes=P), dt="1 ms", precision="double", seed=seed).build().run("1 s")
    spikes = sim.recordings["P"]
    e = spikes.i < 800
    return two("E", of_spikes(spikes.i[e], spikes.t[e], 800, 1.0)) | two("I", of_spikes(spikes.i[~e], spikes.t[~e], 200, 1.0))


def izhikevich_2003_brian2(seed):
    import brian2 as b

    b.seed(seed + 1000)
    values, S = _izhikevich_values(seed + 1000)
    G = b.NeuronGroup(1000, IZH_CELL, threshold="v > 30", reset="v = c; u += d", method="euler", dt=1 * b.ms)
    for name, value in values.items():
        setattr(G, name, value)
    G.v, G.u = -65, "b*v"
    G.run_regularly("I = noise*randn()", when="start")
    W = b.Synapses(G, G, "w : 1", on_pre="I_post += w", delay=1 * b.ms)
    W.connect()
    W.w = S.ravel()
    M = b.SpikeMonitor(G)
    b.Network(G, W, M).run(1 * b.second, namespace={})
    i, t = np.asarray(M.i), np.asarray(M.t)
    e = i < 800
    return two("E", of_spikes(i[e], t[e], 800, 1.0)) | two("I", of_spikes(i[~e], t[~e], 200, 1.0))


# Brunel N, Hakim V (1999) Neural Comput 11:1621: fast oscillations of inhibitory neurons that fire at low rates.

BH = "dv/dt = (-v + muext + sigmaext*sqrt(tau)*xi)/tau : volt"


def brunel_hakim_1999_plastica(seed):
    import plastica as pl

    constants = {"tau": "20 ms", "muext": "25 mV", "sigmaext": "1 mV"}
    cell = pl.Neuron("bh", equations=BH, threshold="v > 20*mV", reset="v = 10*mV", refractory="2 ms", method="euler_maruyama", parameters=constants)
    P = pl.Population("P", model=cell, size=5000, initial={"v": "10 mV"})
    rule = {"rule": "probability", "p": 0.2}
    W = pl.Projection("W", pre=P, post=P, synapse=pl.Synapse("inhibit", on_pre="v_post -= 0.1*mV"), connect=rule, autapses=True, delay="2 ms")
    spikes = pl.Circuit(W, pl.Record("P", spikes=P), precision="double", seed=seed).build().run("400 ms").recordings["P"]
    return _oscillation(spikes.i, spikes.t)


def brunel_hakim_1999_brian2(seed):
    import brian2 as b

    b.seed(seed + 1000)
    constants = {"tau": 20 * b.ms, "muext": 25 * b.mV, "sigmaext": 1 * b.mV}
    G = b.NeuronGroup(5000, BH, threshold="v > 20*mV", reset="v = 10*mV", refractory=2 * b.ms, method="euler", namespace=constants)
    G.v = 10 * b.mV
    W = b.Synapses(G, G, on_pre="v_post -= 0.1*mV", delay=2 * b.ms)
    W.connect(p=0.2)
    M = b.SpikeMonitor(G)
    b.Network(G, W, M).run(400 * b.ms, namespace={})
    return _oscillation(M.i, M.t)


def _oscillation(i, t):
    t = np.asarray(t)
    counts = np.histogram(t, bins=np.arange(1000, 4001) * 1e-4 - 5e-5)[0]
    power = np.abs(np.fft.rfft(counts - counts.mean())) ** 2
    frequency = np.fft.rfftfreq(len(counts), 1e-4)
    band = frequency < 400
    numbers = of_spikes(i, t, 5000, 0.4, first=0.1)
    return {"rate (Hz)": numbers["rate (Hz)"], "oscillation (Hz)": float((frequency * power)[band].sum() / power[band].sum()), "modulation": float(counts.std() / counts.mean())}


# Brette R et al. (2007) J Comput Neurosci 23:349: benchmarks 1 and 2, drawn anew for each seed.


def _benchmark(model, seed, side):
    import importlib

    module = importlib.import_module(model)
    kept = module.drawn
    rng_seed = seed + (0 if side == "plastica" else 1000)
    module.drawn = lambda: _with_seed(kept, rng_seed)
    try:
        if side == "plastica":
            spikes = module.plastica("1 s").recordings["P"]
            i, t = spikes.i, spikes.t
        else:
            monitor = module.brian2(1.0)[0]["P"]
            i, t = np.asarray(monitor.i), np.asarray(monitor.t)
    finally:
        module.drawn = kept
    return of_spikes(i, t, 4000, 1.0, first=0.1)


def _with_seed(drawn, seed):
    make = np.random.default_rng
    np.random.default_rng = lambda _: make(seed)
    try:
        return drawn()
    finally:
        np.random.default_rng = make


def cuba_1s_plastica(seed):
    return _benchmark("cuba", seed, "plastica")


def cuba_1s_brian2(seed):
    return _benchmark("cuba", seed, "brian2")


def coba_1s_plastica(seed):
    return _benchmark("coba", seed, "plastica")


def coba_1s_brian2(seed):
    return _benchmark("coba", seed, "brian2")


# Song S, Miller KD, Abbott LF (2000) Nat Neurosci 3:919: a thousand Poisson inputs.


def _song_numbers(count, seconds, w):
    return {"rate (Hz)": count / seconds, "w mean": float(np.mean(w)), "w sd": float(np.std(w)), "share of w below a tenth": float(np.mean(w < 0.1))}


def song_20s_plastica(seed):
    import song

    import plastica as pl

    constants = {"taum": "10 ms", "Ee": "0 mV", "El": "-74 mV", "taue": "5 ms"}
    cell = pl.Neuron("song", equations=song.CELL, threshold="v > -54*mV", reset="v = -60*mV", method="euler", parameters=constants)
    rule = pl.Synapse("stdp", equations=song.RULE, on_pre=song.ON_PRE, on_post=song.ON_POST, parameters={"taupre": "20 ms", "taupost": "20 ms", **song.JUMPS})
    S = pl.Population("S", model="poisson", size=1000, initial={"rate": "15 Hz"})
    P = pl.Population("P", model=cell, size=1, initial={"v": "-60 mV"})
    SP = pl.Projection("SP", pre=S, post=P, synapse=rule, connect="all_to_all", initial={"w": "rand()*gmax"})
    sim = pl.Circuit(SP, precision="double", seed=seed).build().run("20 s")
    return _song_numbers(sim.P.spike_count, 20, np.asarray(sim.SP.w) / song.GMAX)


def song_20s_brian2(seed):
    import brian2 as b
    import song

    b.seed(seed + 1000)
    constants = {"taum": 10 * b.ms, "Ee": 0 * b.mV, "El": -74 * b.mV, "taue": 5 * b.ms}
    G = b.NeuronGroup(1, song.CELL, threshold="v > -54*mV", reset="v = -60*mV", method="euler", namespace=constants)
    G.v = -60 * b.mV
    S = b.PoissonGroup(1000, 15 * b.Hz)
    Y = b.Synapses(S, G, song.RULE, on_pre=song.ON_PRE, on_post=song.ON_POST, namespace={"taupre": 20 * b.ms, "taupost": 20 * b.ms, **song.JUMPS})
    Y.connect()
    Y.w = "rand()*gmax"
    M = b.SpikeMonitor(G)
    b.Network(G, S, Y, M).run(20 * b.second, namespace={})
    return _song_numbers(len(M.i), 20, Y.w[:] / song.GMAX)


NAMES = [name.removesuffix("_plastica") for name in list(globals()) if name.endswith("_plastica") and not name.startswith("_")]


def main(names):
    import brian2

    brian2.prefs.codegen.target = "cython" if "--cython" in names else "numpy"
    names = [name for name in names if not name.startswith("-")] or NAMES
    table = HERE / "noisy.csv"
    rows = [row for row in csv.DictReader(table.open())] if table.exists() else []
    failed = 0
    for name in names:
        begin = time.monotonic()
        ours = [globals()[f"{name}_plastica"](seed) for seed in SEEDS]
        middle = time.monotonic()
        theirs = [globals()[f"{name}_brian2"](seed) for seed in SEEDS]
        end = time.monotonic()
        rows = [row for row in rows if row["example"] != name]
        for quantity in ours[0]:
            a, b = np.array([x[quantity] for x in ours]), np.array([x[quantity] for x in theirs])
            inside = abs(a.mean() - b.mean()) <= 3 * b.std(ddof=1)
            failed += not inside
            numbers = {"plastica": a.mean(), "plastica_sd": a.std(ddof=1), "brian2": b.mean(), "brian2_sd": b.std(ddof=1)}
            rows.append({"example": name, "quantity": quantity, **{k: f"{v:.4g}" for k, v in numbers.items()}, "seeds": len(SEEDS), "agrees": "yes" if inside else "no"})
            print(*rows[-1].values(), f"({middle - begin:.0f} s, {end - middle:.0f} s)", flush=True)
        with table.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[-1].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return failed


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    sys.exit(main(sys.argv[1:]))
