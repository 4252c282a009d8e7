"""Runs the example from Python, and says what became of the weights.

    python examples/new-rule/run.py
"""

from pathlib import Path

import plastica as pl

HERE = Path(__file__).resolve().parent


def summary(run):
    """The numbers that `expected.toml` has, from the folder of a run."""
    weights = {name: run.series(f"weights_{name}").w[-1].mean().item() for name in ("group", "apart")}
    return {"spikes of the output": len(run.table("output")), "weights of the group": weights["group"], "weights of the others": weights["apart"]}


if __name__ == "__main__":
    for name, value in summary(pl.run(HERE / "experiment.toml")).items():
        print(f"{name}: {value:.6g}")
