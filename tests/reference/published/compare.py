"""Runs the published examples of this folder in Plastica and, where it is installed, in Brian2, and holds one against the other.

    python compare.py            # both; writes what Brian2 found into expected/
    python compare.py NAME ...   # some

Each example is a module with `plastica()` and `brian2()`, written from the paper's equations. `expected/NAME.csv` holds the spikes that
Brian2 found (neuron, step), `expected/NAME-weights.csv` its final weights; `tests/python/test_published.py` reads them without Brian2.
"""

import importlib
import sys
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
NAMES = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in ("compare", "noisy"))


def ours(name):
    """Spikes `[neuron, step]` of each record and the weights, from Plastica."""
    sim = importlib.import_module(name).plastica()
    spikes = {record: np.stack([kept.i, kept.step]) for record, kept in sim.recordings.items()}
    groups = sim.projections.items()
    weights = {(projection, name): np.array(group[name]) for projection, group in groups for name in ("w", "rho") if name in group.variables}
    return spikes, weights


def theirs(name):
    """The same from Brian2."""
    import brian2

    brian2.prefs.codegen.target = "numpy"
    brian2.start_scope()
    monitors, weights = importlib.import_module(name).brian2()
    spikes = {}
    for record, monitor in monitors.items():
        step = np.round(np.asarray(monitor.t) / float(monitor.source.clock.dt)).astype(int)
        order = np.lexsort((np.asarray(monitor.i), step))
        spikes[record] = np.stack([np.asarray(monitor.i)[order], step[order]])
    return spikes, {key: np.asarray(values) for key, values in weights.items()}


def differences(found, expected):
    """A sentence for each difference."""
    out = []
    for record, spikes in expected[0].items():
        mine = found[0][record]
        if mine.shape != spikes.shape or (mine != spikes).any():
            both = min(mine.shape[1], spikes.shape[1])
            unlike = (mine[:, :both] != spikes[:, :both]).any(axis=0)
            first = int(np.argmax(unlike)) if unlike.any() else both
            shown = " and ".join(str(side[:, first].tolist() if first < side.shape[1] else "none") for side in (mine, spikes))
            out.append(f"{record}: {mine.shape[1]} spikes, not {spikes.shape[1]}; the first difference is spike {first}: {shown}")
    for key, values in expected[1].items():
        worst = np.max(np.abs(found[1][key] - values) / np.maximum(np.abs(values), 1e-30))
        if not worst < 1e-9:
            out.append(f"{key}: relative difference {worst:.1e}")
    return out


def save(name, expected):
    """Keeps what Brian2 found."""
    folder = HERE / "expected"
    folder.mkdir(exist_ok=True)
    for record, spikes in expected[0].items():
        np.savetxt(folder / f"{name}-{record}.csv", spikes.T, fmt="%d", delimiter=",", header="neuron,step", comments="")
    for (projection, variable), values in expected[1].items():
        np.savetxt(folder / f"{name}-{projection}-{variable}.txt", values, fmt="%.17g")


def load(name):
    """What Brian2 found, from the files."""
    folder = HERE / "expected"
    spikes = {p.stem.split("-")[-1]: np.loadtxt(p, delimiter=",", skiprows=1, dtype=int, ndmin=2).T for p in sorted(folder.glob(f"{name}-*.csv"))}
    weights = {tuple(p.stem.split("-")[-2:]): np.loadtxt(p, ndmin=1) for p in sorted(folder.glob(f"{name}-*.txt"))}
    return spikes, weights


def main(names):
    failed = 0
    for name in names:
        begin = time.monotonic()
        found = ours(name)
        middle = time.monotonic()
        expected = theirs(name)
        end = time.monotonic()
        wrong = differences(found, expected)
        failed += bool(wrong)
        count = sum(s.shape[1] for s in expected[0].values())
        print(f"{name:20} {count:6} spikes, Plastica {middle - begin:5.1f} s, Brian2 {end - middle:5.1f} s: {'; '.join(wrong) or 'the same'}", flush=True)
        if not wrong:
            save(name, expected)
    return failed


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    sys.exit(main(sys.argv[1:] or NAMES))
