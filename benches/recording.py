"""What recording costs: a workload with all spikes and all weights once per simulated minute, and with nothing, in turn.

    python benches/recording.py [long-plastic] [--minutes 2] [--pairs 5] [--plastica ./plastica]

Prints the ratio of the processor times (user and system) of the two runs for each pair, and its median.
"""
import argparse
import re
import resource
import statistics
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def used(command):
    """Processor seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def variants(workload, minutes):
    """The text of a workload without records, and with all spikes and all plastic weights once per minute."""
    text = (ROOT / "experiments" / workload / "experiment.toml").read_text()
    text = re.sub(r'(?m)^duration = .*$', f'duration = "{60 * minutes} s"', text)
    plain = re.sub(r"(?ms)^\[record\..*?(?=^\[(?!record\.)|\Z)", "", text)
    records = [f'[record.spikes_{name}]\nspikes = "{name}"\n' for name in re.findall(r"(?m)^\[population\.(\w+)\]", text)]
    for name in dict.fromkeys(re.findall(r'(?m)^projection = "(\w+)"', text)):
        records.append(f'[record.weights_{name}]\nprojection = "{name}"\nvariable = "w"\ninterval = "60 s"\n')
    return plain, plain + "\n" + "\n".join(records)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("workload", nargs="?", default="long-plastic")
    p.add_argument("--minutes", type=int, default=2)
    p.add_argument("--pairs", type=int, default=5)
    p.add_argument("--plastica", default="plastica")
    a = p.parse_args()
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, text in zip(("nothing", "everything"), variants(a.workload, a.minutes), strict=True):
            files.append(Path(folder) / f"{name}.toml")
            files[-1].write_text(text)
        for pair in range(1, a.pairs + 1):
            without, with_all = (
                used([a.plastica, "run", str(file), "--threads", "1", "--quiet", "--out", str(Path(folder) / f"{file.stem}-{pair}")]) for file in files
            )
            ratios.append(with_all / without)
            print(f"pair {pair}: {without:.2f} s with nothing recorded, {with_all:.2f} s with everything, ratio {ratios[-1]:.3f}", flush=True)
    print(f"{a.workload}, {a.minutes} min: recording costs {100 * (statistics.median(ratios) - 1):.1f} % (median of {a.pairs}, {100 * (min(ratios) - 1):.1f} to {100 * (max(ratios) - 1):.1f})")


if __name__ == "__main__":
    main()
