"""Makes `cases/trains.csv`: irregular spike trains for one synapse, once and for all; the table is what counts, not this script.

Every time is a whole multiple of 0.1 ms; no presynaptic spike shares its time with a postsynaptic one.
"""
import csv
import random
from pathlib import Path

# name, rate before and after the synapse in Hz, share of postsynaptic spikes that follow a presynaptic one
TRIALS = [("slow", 4, 5, 0.0), ("fast", 30, 25, 0.0), ("correlated", 12, 6, 0.6), ("bursts", 8, 8, 0.3)]
SECONDS = 10


def poisson(rate, draw):
    """Steps of 0.1 ms at which a train of `rate` fires in `SECONDS`, after 10 ms of silence."""
    t, out = 0.01, set()
    while (t := t + draw.expovariate(rate)) < SECONDS:
        out.add(round(t * 1e4))
    return out


def main():
    draw = random.Random(2006)
    with (Path(__file__).parents[1] / "cases/trains.csv").open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["trial", "side", "time_ms"])
        for name, rate_pre, rate_post, share in TRIALS:
            pre, post = poisson(rate_pre, draw), poisson(rate_post, draw)
            if name == "bursts":
                pre |= {s + k * draw.randint(25, 60) for s in pre for k in (1, 2)}
                post |= {s + k * draw.randint(25, 60) for s in post for k in (1, 2)}
            post |= {s + draw.randint(10, 150) for s in pre if draw.random() < share}
            post -= pre
            for side, steps in (("pre", pre), ("post", post)):
                table.writerows([name, side, f"{s / 10:.1f}"] for s in sorted(steps))


if __name__ == "__main__":
    main()
