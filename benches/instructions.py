"""Counts instructions per step of the workloads with callgrind, which no noise touches, and compares them with stored counts.

    cargo build --release -p plastica-cli
    python benches/instructions.py [--plastica target/release/plastica] [--tolerance 0.05] [--store] [WORKLOAD ...]

A workload is run twice, for so many steps and for twice as many; the difference, over the steps, leaves building the network out.
Valgrind has no AVX-512, so that what is counted are the tapes with vectors of 256 bits, without machine code of our own: a guard of the
code that every machine runs, not a measure of time.  The counts hang on the compiler a little; its version is stored with them.
Exit code 1 if a workload needs more instructions than stored, by more than the tolerance.  Without valgrind it says so and exits with 0.
"""
import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

STORED = Path(__file__).with_name("instructions.json")
ROOT = STORED.parent.parent
# Seconds of the shorter run, and steps in them.
WORKLOADS = {"brunel": (0.02, 200), "brunel-stdp": (0.02, 200), "coba": (0.1, 1000), "long-plastic": (0.2, 2000), "small-plastic": (2, 2000)}


def count(plastica, workload, seconds):
    """Instructions of a whole run."""
    with tempfile.TemporaryDirectory() as folder:
        what = [plastica, "bench", str(ROOT / "experiments" / workload / "experiment.toml"), "--threads", "1", "--seconds", str(seconds)]
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", *what], capture_output=True, text=True)
        found = re.search(r"Collected : (\d+)", done.stderr)
        if done.returncode or not found:
            sys.exit(f"{' '.join(what)} failed under valgrind:\n{done.stderr[-2000:]}")
        return int(found[1])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join(WORKLOADS))
    p.add_argument("--plastica", default=str(ROOT / "target/release/plastica"))
    p.add_argument("--tolerance", type=float, default=0.05)
    p.add_argument("--store", action="store_true", help="store these counts")
    a = p.parse_args()
    if unknown := [w for w in a.workloads if w not in WORKLOADS]:
        p.error(f"no workload {unknown[0]}; there are {', '.join(WORKLOADS)}")
    if not shutil.which("valgrind"):
        print("skipped (no valgrind): instructions were not counted")
        return
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.strip()
    stored = json.loads(STORED.read_text()) if STORED.exists() else {"rustc": rustc, "per_step": {}}
    if not a.store and stored["rustc"] != rustc:
        print(f"note: counts are of {stored['rustc']}, this is {rustc}")
    worse = []
    for workload in a.workloads or WORKLOADS:
        seconds, steps = WORKLOADS[workload]
        per_step = round((count(a.plastica, workload, 2 * seconds) - count(a.plastica, workload, seconds)) / steps)
        before = stored["per_step"].get(workload)
        print(f"{workload}: {per_step} instructions a step" + (f", stored {before}, ratio {per_step / before:.3f}" if before else ""), flush=True)
        if before and per_step > before * (1 + a.tolerance):
            worse.append(workload)
        if a.store:
            stored["per_step"][workload] = per_step
    if a.store:
        STORED.write_text(json.dumps({**stored, "rustc": rustc}, indent=2) + "\n")
    elif worse:
        sys.exit(f"more instructions than stored: {', '.join(worse)}")


main()
