"""Runs a workload in Plastica and in another simulator, in turn, and prints the ratio of their run times with its spread.

    python benches/versus.py brunel-stdp --peer brian2 --peers DIR [--pairs 5] [--plastica ./plastica] [--python PYTHON]

DIR holds the peer scripts (`brunel/run_nest.py` and so on; each prints one JSON line), PYTHON an interpreter that has the
simulators.  A fast wrong answer is not fast: rates and weights of both sides are printed, and compared with the spread over the
pairs, each of which has a seed of its own.  One thread unless told otherwise.
"""
import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

# Experiment, peer's script, its arguments, simulated seconds, weights: ours, theirs, factor from SI units.
MV = [("EE_w_mean", "w_ee_mv_mean", 1e3), ("EE_w_sd", "w_ee_mv_sd", 1e3)]
PA = [("EE_w_mean", "w_ee_pa_mean", 1e12), ("EE_w_sd", "w_ee_pa_sd", 1e12), ("IE_w_mean", "w_ie_pa_mean", 1e12), ("IE_w_sd", "w_ie_pa_sd", 1e12)]
WORKLOADS = {
    "brunel": ("brunel", [], 1.0, []),
    "brunel-stdp": ("brunel", ["--plastic"], 0.5, MV),
    "brunel-stdp-axonal": ("brunel", ["--plastic", "--delay-kind", "axonal"], 0.5, MV),
    "coba": ("coba", [], 10.0, []),
    "long-plastic": ("long_plastic", [], 20.0, PA),
}


def last_json(command):
    done = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return json.loads(lines[-1])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("workload", choices=WORKLOADS)
    p.add_argument("--peer", choices=["nest", "brian2"], required=True)
    p.add_argument("--peers", required=True, type=Path)
    p.add_argument("--python", default=sys.executable)
    p.add_argument("--plastica", default="plastica")
    p.add_argument("--pairs", type=int, default=5)
    p.add_argument("--seconds", type=float)
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    folder, extra, seconds, weights = WORKLOADS[a.workload]
    seconds = a.seconds or seconds
    if a.peer == "nest" and "axonal" in extra:
        sys.exit("NEST has no axonal delay of this kind")
    ratios, pairs = [], []
    for seed in range(1, a.pairs + 1):
        common = ["--seconds", str(seconds), "--seed", str(seed), "--threads", str(a.threads)]
        ours = last_json([a.plastica, "bench", a.workload, *common, "--json"])
        theirs = last_json([a.python, str(a.peers / folder / f"run_{a.peer}.py"), *common, *extra])
        pairs.append((ours, theirs))
        ratios.append(theirs["wall_run_s"] / ours["wall_run_s"])
        print(f"pair {seed}: plastica {ours['rtf']:.4g}, {a.peer} {theirs['rtf']:.4g} times real time, ratio {ratios[-1]:.2f}", flush=True)
    print(f"{a.workload}: plastica is {statistics.median(ratios):.2f} times as fast as {a.peer} {pairs[0][1]['version']} (median of {len(ratios)}, {min(ratios):.2f} to {max(ratios):.2f})")
    build = [t["wall_build_s"] / o["wall_build_s"] for o, t in pairs]
    print(f"build until the first step: {statistics.median(build):.0f} times as fast ({pairs[0][0]['wall_build_s']} s and {pairs[0][1]['wall_build_s']} s in the first pair)")
    outside = 0
    for our, their, factor in [("mean_rate_hz", "mean_rate_hz", 1.0), *weights]:
        # Some scripts print inhibitory weights with their sign, others without.
        x = [abs(o[our]) * factor for o, t in pairs if our in o and their in t]
        y = [abs(t[their]) for o, t in pairs if our in o and their in t]
        if not x:
            continue
        spread = statistics.stdev(x) + statistics.stdev(y) if len(x) > 1 else float("inf")
        differ = abs(statistics.mean(x) - statistics.mean(y)) > 3 * spread
        outside += differ
        print(f"  {their}: {statistics.mean(x):.5g} and {statistics.mean(y):.5g}, {'DIFFERENT' if differ else 'alike'} (three times their spreads: {3 * spread:.2g})")
    sys.exit(1 if outside else 0)


if __name__ == "__main__":
    main()
