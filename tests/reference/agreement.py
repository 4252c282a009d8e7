"""Holds Plastica against the peers on the noisy workloads: rate, irregularity, weight mean and spread.

    python tests/reference/agreement.py --plastica ./plastica [--seeds 10] [--only coba]

Runs each workload with ten seeds through `plastica bench --check`, compares each mean with the reference's mean plus or minus
three standard deviations over its seeds (`peers.csv`), and writes `agreement.csv`.  About five minutes on two cores.

Both sides have a spread.  What is compared is the mean of Plastica's seeds with the band of single runs of the peer, so that a
right simulator is outside once in some 10^6 comparisons when the band is known exactly, and more often when it comes from few
seeds: bands from fewer than three seeds are not used.
"""
import argparse
import csv
import json
import statistics
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Workload and delay as in peers.csv, experiment, simulated seconds, columns: ours, theirs, and what turns SI units into theirs.
RATES = [("rate_E_hz", "rate_e", 1.0), ("rate_I_hz", "rate_i", 1.0), ("cv_E", "cv", 1.0)]
MV = [("EE_w_mean", "w_mean", 1e3), ("EE_w_sd", "w_sd", 1e3)]
PA = [("EE_w_mean", "w_mean", 1e12), ("EE_w_sd", "w_sd", 1e12), ("IE_w_mean", "w_ie_mean", 1e12), ("IE_w_sd", "w_ie_sd", 1e12)]
CASES = [
    ("brunel", "", "brunel", 1, RATES),
    ("brunel-stdp", "dendritic", "brunel-stdp", 0.5, RATES + MV),
    ("brunel-stdp", "axonal", "brunel-stdp-axonal", 0.5, RATES + MV),
    ("brunel-stdp", "dendritic", "brunel-stdp", 2, RATES + MV),
    ("brunel-stdp", "axonal", "brunel-stdp-axonal", 2, RATES + MV),
    ("coba", "", "coba", 2, RATES),
    ("coba", "", "coba", 10, RATES),
    ("long-plastic", "dendritic", "long-plastic", 20, RATES + PA),
]
# NEST changes a weight only when its presynaptic neuron spikes, so its weights at the end lag behind.
LAZY = {"w_mean", "w_sd", "w_ie_mean", "w_ie_sd"}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--plastica", default="plastica", help="the program")
    p.add_argument("--seeds", type=int, default=10)
    p.add_argument("--only", help="one workload")
    p.add_argument("--out", default=str(HERE / "agreement.csv"))
    a = p.parse_args()
    with open(HERE / "peers.csv") as f:
        peers = list(csv.DictReader(line for line in f if not line.startswith("#")))
    rows, version = [], ""
    for workload, delay, experiment, seconds, columns in CASES:
        if a.only and a.only != workload:
            continue
        runs = []
        for seed in range(1, a.seeds + 1):
            command = [a.plastica, "bench", experiment, "--seconds", str(seconds), "--seed", str(seed), "--threads", "2", "--check", "--json"]
            runs.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        version = runs[0]["version"]
        for simulator in ("brian2", "nest"):
            theirs = [r for r in peers if (r["workload"], r["delay"], r["simulator"], float(r["seconds"])) == (workload, delay, simulator, seconds)]
            if len(theirs) < 3:
                continue
            for ours, name, factor in columns:
                if simulator == "nest" and name in LAZY:
                    continue
                band = [float(r[name]) for r in theirs if r.get(name)]
                if len(band) < 3:
                    continue
                mean, sd = statistics.mean(band), statistics.stdev(band)
                found = [r[ours] * factor for r in runs]
                value = statistics.mean(found)
                verdict = "inside" if abs(value - mean) <= 3 * sd else "outside"
                rows.append([workload, delay, seconds, simulator, name, f"{mean:.5g}", f"{sd:.2g}", len(band), f"{value:.5g}", f"{statistics.stdev(found):.2g}", len(found), verdict])
                print(*rows[-1], flush=True)
    with open(a.out, "w", newline="") as f:
        f.write(f"# made by: python tests/reference/agreement.py --seeds {a.seeds} (plastica {version}, seeds 1 to {a.seeds}, single precision)\n")
        f.write("# weights in mV (brunel-stdp) and pA (long-plastic); outside: beyond three standard deviations of the peer's own seeds\n")
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["workload", "delay", "seconds", "simulator", "quantity", "reference_mean", "reference_sd", "reference_n", "plastica_mean", "plastica_sd", "plastica_n", "verdict"])
        out.writerows(rows)
    outside = [r for r in rows if r[-1] == "outside"]
    print(f"{len(rows)} comparisons, {len(outside)} outside")


if __name__ == "__main__":
    main()
