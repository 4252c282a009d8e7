"""Run time and memory against neurons, synapses per neuron, rate, threads and subjects; a table and a picture.

    python benches/growth.py --plastica ./plastica [--out docs/explanation]

Writes growth.csv and growth.svg.  Times are those of this machine on this day; what counts is how they grow.
The circuit is `brunel-stdp` (dendritic delay), changed in one thing at a time; subjects are seeds of `long-plastic` run side by side.
"""
import argparse
import csv
import json
import re
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def bench(program, what, *arguments):
    done = subprocess.run([program, "bench", str(what), "--json", *map(str, arguments)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def best(program, what, *arguments, repeats=3):
    """The fastest of some runs: the least disturbed one."""
    return min((bench(program, what, *arguments) for _ in range(repeats)), key=lambda r: r["wall_run_s"])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--plastica", default="plastica")
    p.add_argument("--out", type=Path, default=ROOT / "docs" / "explanation")
    a = p.parse_args()
    text = (ROOT / "experiments/brunel-stdp/experiment.toml").read_text()
    rows = []

    def row(curve, x, r):
        events = r["syn_events_per_s"] * r["wall_run_s"]
        rows.append([curve, x, r["neurons"], r["synapses"], round(r["mean_rate_hz"], 2), r["threads"], r["wall_build_s"], r["rtf"], round(1e9 * r["wall_run_s"] / events, 3), r["bytes_per_synapse"], r["peak_rss_mb"]])
        print(*rows[-1], flush=True)

    for scale in (0.25, 0.5, 1, 2, 4):
        row("neurons", int(10_000 * scale), best(a.plastica, "brunel-stdp", "--seconds", 0.3, "--scale", scale))
    with tempfile.TemporaryDirectory() as folder:
        for share in (0.25, 0.5, 1, 2):
            # The jumps shrink as synapses become more, so that the mean input stays.
            changed = re.sub(r"k = (\d+)", lambda m: f"k = {int(int(m[1]) * share)}", text)
            jumps = re.compile(r'= "(0\.1|-0\.5|0\.001|0\.00105|0\.2) mV"(?!, variable)')
            changed = jumps.sub(lambda m: f'= "{float(m[1]) / share:.6g} mV"', changed)
            path = Path(folder) / f"indegree-{share}.toml"
            path.write_text(changed)
            row("synapses per neuron", int(1000 * share), best(a.plastica, path, "--seconds", 0.3))
        for rate in (16, 18, 20, 24, 30):
            path = Path(folder) / f"rate-{rate}.toml"
            path.write_text(text.replace('rate = "20 kHz"', f'rate = "{rate} kHz"'))
            r = best(a.plastica, path, "--seconds", 0.3)
            row("rate", round(r["mean_rate_hz"], 1), r)
    for threads in (1, 2):
        row("threads", threads, best(a.plastica, "brunel-stdp", "--seconds", 1, "--threads", threads))
    for side_by_side in (1, 2):
        begin = time.perf_counter()
        seeds = list(range(1, 13))
        running = []
        while seeds or running:
            while seeds and len(running) < side_by_side:
                running.append(subprocess.Popen([a.plastica, "bench", "long-plastic", "--seconds", "20", "--seed", str(seeds.pop()), "--json"], stdout=subprocess.DEVNULL))
            running = [r for r in running if r.poll() is None]
            time.sleep(0.002)
        wall = time.perf_counter() - begin
        rows.append(["twelve subjects", side_by_side, 1000, "", "", side_by_side, "", round(wall / 240, 5), "", "", ""])
        print(*rows[-1], flush=True)

    a.out.mkdir(parents=True, exist_ok=True)
    with open(a.out / "growth.csv", "w", newline="") as f:
        f.write("# made by: python benches/growth.py (fastest of three runs; rtf: real seconds per simulated second; for subjects, per simulated second of one of them)\n")
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["curve", "x", "neurons", "synapses", "rate_hz", "threads", "build_s", "rtf", "ns_per_event", "bytes_per_synapse", "peak_mb"])
        out.writerows(rows)
    picture(rows, a.out / "growth.svg")


def picture(rows, path):
    """One panel for each curve: real-time factor against what grows, both axes from zero."""
    curves = list(dict.fromkeys(r[0] for r in rows))
    width, height, margin = 240, 200, 44
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width * len(curves)} {height + 20}" font-family="sans-serif" font-size="11">', '<rect width="100%" height="100%" fill="white"/>']
    for k, curve in enumerate(curves):
        points = [(float(r[1]), float(r[7])) for r in rows if r[0] == curve]
        top_x, top_y = 1.1 * max(x for x, _ in points), 1.1 * max(y for _, y in points)
        left = k * width + margin
        at = lambda x, y: (left + x / top_x * (width - margin - 10), height - 30 - y / top_y * (height - 60))
        parts.append(f'<path d="M{left} 30V{height - 30}H{k * width + width - 10}" fill="none" stroke="black"/>')
        parts.append(f'<text x="{left}" y="18">{curve}</text><text x="{left - 4}" y="{at(0, top_y / 1.1)[1] + 4:.1f}" text-anchor="end">{top_y / 1.1:.2g}</text><text x="{left - 4}" y="{height - 26}" text-anchor="end">0</text>')
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*p) for p in points))
        parts.append(f'<polyline points="{line}" fill="none" stroke="#0072b2" stroke-width="1.5"/>')
        free_from = 0.0
        for p in points:
            x, y = at(*p)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#0072b2"/>')
            # A label that would cover its neighbour is left out.
            if x - 18 >= free_from:
                parts.append(f'<text x="{x:.1f}" y="{height - 14}" text-anchor="middle">{p[0]:g}</text>')
                free_from = x + 18
    parts.append(f'<text x="6" y="{height + 12}">real seconds per simulated second; brunel-stdp, and twelve subjects of long-plastic on one core and on two</text></svg>')
    path.write_text("\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
