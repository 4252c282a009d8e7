"""Runs the peer workloads in NEST and Brian2 over many seeds and collects rates, irregularity and weights.

The workloads themselves are scripts outside this repository (`--peers DIR`, with `brunel/run_nest.py` and so on); this file
only runs them, listens to their spikes, and writes one row for each run to `peers.csv`.  A run that has its row is not
repeated, so the script can be stopped and started.

    python peers.py --peers DIR --out peers.csv --minutes 35

- `rate_e`, `rate_i`: Hz, from t = 0.
- `cv`: coefficient of variation of inter-spike intervals, population standard deviation over mean, averaged over those of the
  first 500 excitatory neurons that have at least five spikes.
- `w_mean`, `w_sd`: final weights E->E (mV for brunel-stdp, pA for long-plastic); `w_ie_mean`, `w_ie_sd`: I->E magnitudes, pA.
"""
import argparse
import csv
import json
import os
import runpy
import subprocess
import sys
import time
from pathlib import Path

SAMPLE = 500
FIELDS = ["workload", "delay", "simulator", "version", "seed", "seconds", "rate_e", "rate_i", "cv", "w_mean", "w_sd", "w_ie_mean", "w_ie_sd"]
# workload, delay, simulator, seconds, number of seeds: ten where a run is short
PLAN = [
    ("coba", "", "nest", 2, 10),
    ("long-plastic", "dendritic", "nest", 20, 10),
    ("brunel", "", "nest", 1, 10),
    ("brunel", "", "brian2", 1, 10),
    ("coba", "", "brian2", 10, 10),
    ("brunel-stdp", "dendritic", "brian2", 0.5, 6),
    ("brunel-stdp", "axonal", "brian2", 0.5, 6),
    ("brunel-stdp", "dendritic", "nest", 0.5, 3),
    ("brunel-stdp", "axonal", "brian2", 2, 3),
    ("brunel-stdp", "dendritic", "brian2", 2, 3),
    ("long-plastic", "dendritic", "brian2", 20, 3),
    ("brunel-stdp", "dendritic", "nest", 2, 1),
]


def irregularity(neurons, times):
    """Mean coefficient of variation of intervals; `neurons` and `times` are arrays of equal length."""
    import numpy as np

    neurons, times = np.asarray(neurons), np.asarray(times, dtype=float)
    order = np.lexsort((times, neurons))
    neurons, times = neurons[order], times[order]
    values = []
    for one in np.split(times, np.flatnonzero(np.diff(neurons)) + 1):
        if len(one) >= 5:
            intervals = np.diff(one)
            values.append(intervals.std() / intervals.mean())
    return float(np.mean(values))


def command_line(peers, workload, delay, simulator, seconds, seed):
    folder = "brunel" if workload.startswith("brunel") else workload.replace("-", "_")
    script = Path(peers) / folder / f"run_{simulator}.py"
    arguments = ["--seconds", str(seconds), "--seed", str(seed), "--threads", "1"]
    if workload == "brunel-stdp":
        arguments += ["--plastic"]
        if simulator == "brian2":
            arguments += ["--delay-kind", delay]
    # Brian2's Cython mode keeps what it compiled, so ten seeds compile once.
    arguments += ["--check"] if simulator == "nest" else ["--mode", "cython"]
    return script, arguments


def one(peers, workload, delay, simulator, seconds, seed):
    """One run in this process; prints the row as JSON on the last line."""
    script, arguments = command_line(peers, workload, delay, simulator, seconds, seed)
    sys.path.insert(0, str(peers))
    sys.argv = [str(script), *arguments]
    import common

    rows = []
    common.report = lambda simulator, version, workload, a, *rest, **extra: rows.append(dict(extra, version=version))
    if simulator == "nest":
        scope = runpy.run_path(str(script), run_name="__main__")
        row = rows[0]
        events, first = scope["rec_e"].events, min(scope["E"].tolist())
        keep = events["senders"] < first + SAMPLE
        row["cv"] = irregularity(events["senders"][keep], events["times"][keep])
    else:
        import brian2_common

        inner = brian2_common.finish

        def finish(a, net, workload, neurons, synapses, after, namespace):
            from brian2 import SpikeMonitor

            group = namespace["E"] if "E" in namespace else namespace["G"]
            monitor = SpikeMonitor(group[:SAMPLE])
            net.add(monitor)

            def after_and_irregularity():
                spikes, events, extra = after()
                return spikes, events, dict(extra, cv=irregularity(monitor.i[:], monitor.t_[:]))

            inner(a, net, workload, neurons, synapses, after_and_irregularity, namespace)

        brian2_common.report = common.report
        brian2_common.finish = finish
        runpy.run_path(str(script), run_name="__main__")
        row = rows[0]
    weight = next((k[: -len("_mean")] for k in row if k.startswith("w_ee") and k.endswith("_mean")), None)
    out = {"version": row["version"], "rate_e": row["rate_e_hz"], "rate_i": row["rate_i_hz"], "cv": row["cv"]}
    if weight:
        out |= {"w_mean": row[weight + "_mean"], "w_sd": row[weight + "_sd"]}
    if "w_ie_pa_mean" in row:
        # NEST keeps inhibitory weights negative.
        out |= {"w_ie_mean": abs(row["w_ie_pa_mean"]), "w_ie_sd": row["w_ie_pa_sd"]}
    print(json.dumps(out))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--peers", required=True, help="folder of the peers' scripts")
    p.add_argument("--out", default="peers.csv")
    p.add_argument("--minutes", type=float, default=35, help="no run is started later than this")
    p.add_argument("--first-seed", type=int, default=1)
    p.add_argument("--only", default="", help="run only the lines of the plan whose workload,delay,simulator,seconds contains this")
    p.add_argument("--one", nargs=5, metavar=("WORKLOAD", "DELAY", "SIMULATOR", "SECONDS", "SEED"), help=argparse.SUPPRESS)
    a = p.parse_args()
    peers = Path(a.peers).resolve()
    if a.one:
        workload, delay, simulator, seconds, seed = a.one
        return one(peers, workload, delay, simulator, float(seconds), int(seed))
    done, out = set(), Path(a.out)
    if out.exists():
        with out.open() as f:
            rows = csv.DictReader(line for line in f if not line.startswith("#"))
            done = {(r["workload"], r["delay"], r["simulator"], float(r["seconds"]), int(r["seed"])) for r in rows}
    else:
        out.write_text("# made by: python peers.py --peers DIR --out peers.csv (which runs each peer script with --threads 1 --seed SEED --seconds SECONDS,\n"
                       "# NEST with --check, Brian2 with --mode cython); columns as in peers.py; NEST reads weights lazily\n" + ",".join(FIELDS) + "\n")
    start = time.time()
    for seed in range(a.first_seed, a.first_seed + 10):
        for workload, delay, simulator, seconds, seeds in PLAN:
            key = (workload, delay, simulator, float(seconds), seed)
            if key in done or seed >= a.first_seed + seeds or a.only not in ",".join(map(str, key)):
                continue
            if time.time() - start > 60 * a.minutes:
                return
            command = [sys.executable, __file__, "--peers", str(peers), "--one", workload, delay, simulator, str(seconds), str(seed)]
            began = time.time()
            result = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ, OMP_NUM_THREADS="1"))
            print(*key, f"{time.time() - began:.0f} s", "failed" if result.returncode else "", flush=True)
            if result.returncode:
                continue
            row = json.loads(result.stdout.strip().splitlines()[-1])
            row |= dict(workload=workload, delay=delay, simulator=simulator, seed=seed, seconds=seconds)
            for name in ("rate_e", "rate_i", "cv"):
                row[name] = round(row[name], 4)
            with out.open("a", newline="") as f:
                csv.DictWriter(f, FIELDS, restval="", lineterminator="\n").writerow(row)


if __name__ == "__main__":
    main()
