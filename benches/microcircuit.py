"""Writes experiments/microcircuit/experiment.toml: a cortical column after Potjans and Diesmann (2014), with every projection spelled out.

    python benches/microcircuit.py [--scale 0.1] > experiments/microcircuit/experiment.toml

With a scale, neurons and in-degrees shrink together; weights grow by 1/sqrt(scale) and a current keeps the mean input.
"""
import argparse
import math

POPS = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"]
SIZES = [20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948]
# Connection probability, rows: target, columns: source (Table 5).
P = [
    [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
    [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
    [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
    [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
    [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
    [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
    [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
    [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
]
EXTERNAL = [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100]
RATES = [0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829]
W, G, BACKGROUND, TAU_SYN = 87.8, -4.0, 8.0, 0.5
DELAY = {"E": (1.5, 0.75), "I": (0.75, 0.375)}

HEAD = '''# Written by benches/microcircuit.py{call}.
[experiment]
name = "{name}"
doc = """
A cortical column of four layers with excitatory and inhibitory neurons, all weights and delays drawn for each synapse; a workload that other simulators run too.
{neurons:,} neurons and {synapses:,} synapses."""
source = "Potjans TC, Diesmann M (2014) Cereb Cortex 24:785-806, doi:10.1093/cercor/bhs358"

[simulation]
dt = "0.1 ms"
duration = "1 s"
precision = "single"
seed = 1
'''


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--scale", type=float, default=1.0)
    s = p.parse_args().scale
    n = [max(1, round(size * s)) for size in SIZES]
    full = [[math.log(1 - P[i][j]) / math.log(1 - 1 / (SIZES[i] * SIZES[j])) / SIZES[i] for j in range(8)] for i in range(8)]
    total = [[round(full[i][j] * s * n[i]) for j in range(8)] for i in range(8)]
    weight = [[(2 * W if (i, j) == (0, 2) else W if j % 2 == 0 else G * W) for j in range(8)] for i in range(8)]
    call, name = ("", "microcircuit") if s == 1.0 else (f" --scale {s:g}", f"microcircuit-{s:g}")
    print(HEAD.format(call=call, name=name.replace(".", "-"), neurons=sum(n), synapses=sum(map(sum, total))))
    for i, pop in enumerate(POPS):
        drive = sum(weight[i][j] * full[i][j] * RATES[j] for j in range(8)) + W * EXTERNAL[i] * BACKGROUND
        current = 1e-3 * TAU_SYN * (1 - math.sqrt(s)) * drive
        initial = '{ v = { distribution = "normal", mean = "-58 mV", sd = "10 mV" }' + (f', I_ext = "{current:.6g} pA"' if current else "") + " }"
        print(f'[population.{pop}]\nmodel = "lif_exp"\nsize = {n[i]}')
        print('parameters = { tau_m = "10 ms", R_m = "40 Mohm", v_rest = "-65 mV", v_th = "-50 mV", v_reset = "-65 mV", t_ref = "2.1 ms", tau_syn = "0.5 ms" }')
        print(f"initial = {initial}\n")
        print(f'[input.background_{pop}]\npopulation = "{pop}"')
        print(f'poisson = {{ rate = "{BACKGROUND * EXTERNAL[i] * s:g} Hz", weight = "{W / math.sqrt(s):.6g} pA", variable = "I_syn" }}\n')
    for i, target in enumerate(POPS):
        for j, source in enumerate(POPS):
            if total[i][j] == 0:
                continue
            mean = weight[i][j] / math.sqrt(s)
            bound = 'min = "0 pA"' if mean > 0 else 'max = "0 pA"'
            delay, sd = DELAY[source[-1]]
            print(f'[projection.{source}_{target}]\npre = "{source}"\npost = "{target}"\nsynapse = "static_current"')
            print(f'connect = {{ rule = "fixed_total", n = {total[i][j]} }}\nautapses = true\nmultapses = true')
            print(f'delay = {{ distribution = "normal", mean = "{delay} ms", sd = "{sd} ms", min = "0.05 ms" }}')
            print(f'initial = {{ w = {{ distribution = "normal", mean = "{mean:.6g} pA", sd = "{abs(mean) * 0.1:.6g} pA", {bound} }} }}\n')
    for pop in POPS:
        print(f'[record.rate_{pop}]\nrate = "{pop}"\nbin = "10 ms"\n')


if __name__ == "__main__":
    main()
