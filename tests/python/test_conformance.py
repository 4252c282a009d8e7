"""The conformance suite of plasticity: Plastica passes its exact cases, wrong rules do not, and its tables are what the oracle gives.

The statistical cases take too long here; `conformance/results.csv` holds what was seen.  Brian2 and NEST are tried where they are installed.
"""

import csv
import importlib.util
import json
import math
import random
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SUITE = ROOT / "conformance"
sys.path[:0] = [str(SUITE), str(SUITE / "oracle")]
import calcium  # noqa: E402
import distal  # noqa: E402
import suite  # noqa: E402

GOOD = {"passes", "passes on the grid"}
EXACT = ["E01", "E02", "E03", "TRAINS", "E04-drift", "E09"]


def run(*arguments):
    """(exit status, rows, what was said) of the suite."""
    done = subprocess.run([sys.executable, SUITE / "run.py", "--json", *map(str, arguments)], capture_output=True, text=True)
    rows = [row for result in json.loads(done.stdout) for row in result["rows"]] if done.stdout else []
    return done.returncode, rows, done.stderr


@pytest.mark.parametrize("case", EXACT)
def test_plastica_passes(case):
    status, rows, said = run("--simulator", "plastica", "--case", case)
    assert {row["verdict"] for row in rows} <= GOOD, said
    assert status == 0 and {row["set"] for row in rows} == {s["key"] for s in suite.load(case)["set"]}


def test_the_driver_to_copy_passes():
    status, rows, said = run("--simulator", "plain", "--case", "E02", "--case", "TRAINS")
    assert (status, {row["verdict"] for row in rows}) == (0, {"passes"}), said


# What people get wrong, each as a change of the driver to copy.
MISTAKES = {
    "a slow trace is read after its own spike": (
        "TRAINS",
        "def change(self, rule, p, side, r, o):\n"
        "        r, o = ([r[0], r[1] + (side == 0)], [o[0], o[1] + (side == 1)]) if rule == 'triplet' else (r, o)\n"
        "        return super().change(rule, p, side, r, o)",
    ),
    "nearest spike instead of all to all": (
        "TRAINS",
        "def weight(self, request, pre, post):\n        return super().weight(request | {'interaction': 'nearest_spike'}, pre, post)",
    ),
    "all to all instead of nearest spike": (
        "TRAINS",
        "def weight(self, request, pre, post):\n        return super().weight(request | {'interaction': 'all_to_all'}, pre, post)",
    ),
    "the amplitude of the triplet term half as large again": (
        "E02",
        "def weight(self, request, pre, post):\n"
        "        p = request['parameters']\n"
        "        return super().weight(request | {'parameters': p | {'A3_plus': 1.5 * p['A3_plus']}}, pre, post)",
    ),
    "the two time constants exchanged": (
        "E01",
        "def weight(self, request, pre, post):\n"
        "        p = request['parameters']\n"
        "        return super().weight(request | {'parameters': p | {'tau_plus': p['tau_minus'], 'tau_minus': p['tau_plus']}}, pre, post)",
    ),
    "the two sides exchanged": ("E01", "def weight(self, request, pre, post):\n        return super().weight(request, post, pre)"),
    "the postsynaptic spike half a millisecond late": (
        "TRAINS",
        "def weight(self, request, pre, post):\n        return super().weight(request, pre, [t + 5e-4 for t in post])",
    ),
    "the last spike forgotten": ("TRAINS", "def weight(self, request, pre, post):\n        return super().weight(request, pre, post[:-1])"),
    "every change one percent too large": ("TRAINS", "def change(self, rule, p, side, r, o):\n        return super().change(rule, p, side, r, o) * 1.01"),
}


def driver(tmp_path, body):
    """A driver that has the change."""
    path = tmp_path / "wrong.py"
    path.write_text(
        f"import sys\nsys.path.insert(0, {str(SUITE / 'drivers')!r})\nfrom plain import *\n\n\nclass Wrong(Plain):\n    {body}\n\n\nserve(Wrong())\n"
    )
    return f"wrong={sys.executable} {path}"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_wrong_rule_fails(mistake, tmp_path):
    case, body = MISTAKES[mistake]
    status, rows, said = run("--driver", driver(tmp_path, body), "--case", case)
    assert status == 1 and "FAILS" in {row["verdict"] for row in rows}, said


def test_what_is_missing_is_said_and_is_no_failure(tmp_path):
    body = "def pairing(self, request):\n        raise NotAvailable('no such rule')"
    status, rows, _ = run("--driver", driver(tmp_path, body), "--case", "E01")
    assert (status, {(row["verdict"], row["note"]) for row in rows}) == (0, {("not available", "no such rule")})


@pytest.mark.parametrize(
    "body, expected",
    [
        ("def pairing(self, request):\n        return {'values': [[1.0]]}", "expected 24 lists"),
        ("def pairing(self, request):\n        return {'numbers': 1}", "does not fit the protocol"),
        ("def pairing(self, request):\n        sys.exit(3)", "the driver ended (exit status 3)"),
        ("def pairing(self, request):\n        raise RuntimeError('broken')", "RuntimeError: broken"),
        ("def pairing(self, request):\n        return {'values': [[float('nan')] for _ in request['trials']]}", ""),
    ],
)
def test_a_broken_driver_is_a_failure(tmp_path, body, expected):
    status, rows, _ = run("--driver", driver(tmp_path, body), "--case", "E01", "--set", "pair")
    assert status == 1 and any(expected in row["note"] and row["verdict"] in ("error", "FAILS") for row in rows)


@pytest.mark.parametrize("arguments", [["--case", "E99", "--simulator", "plain"], ["--simulator", "pliain"], []])
def test_a_wrong_command_is_refused(arguments):
    status, rows, said = run(*arguments)
    assert status != 0 and rows == [] and said != ""


# The tables


def test_the_tables_are_what_the_oracle_gives():
    done = subprocess.run([sys.executable, SUITE / "oracle/make.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def rows_of(path):
    return list(csv.DictReader(line for line in path.open() if not line.startswith("#")))


def test_the_oracle_agrees_with_the_tables_of_the_experiments():
    """Those were computed by another script, before the suite was; ten digits are given there."""
    stored = {(r["dataset"], r["model"], r["protocol"]): float(r["dw_predicted"]) for r in rows_of(ROOT / "experiments/ltp-ltd/data/oracle_triplet_predictions.csv")}
    compared = 0
    for name, dataset in (("E02", "visual_cortex"), ("E03", "hippocampus")):
        for (key, trial, _), value in suite.expected(suite.load(name)).items():
            if (dataset, key, trial) in stored:
                assert abs(value - stored[dataset, key, trial]) < 1e-9
                compared += 1
    assert compared == len(stored)


def test_the_analytic_solution_agrees_with_the_table_of_the_experiments():
    """E04, analytic: to 1e-6, for every row of the table of the calcium rule (six digits are given there)."""
    given = {r["case"]: r for r in rows_of(ROOT / "experiments/ltp-ltd/data/graupner_brunel_2012_parameters.csv")}
    stored = rows_of(ROOT / "experiments/ltp-ltd/data/oracle_graupner_brunel_2012.csv")
    for r in stored:
        p = {name.removesuffix("_ms").removesuffix("_s"): float(v) / (1000 if name.endswith("_ms") else 1) for name, v in given[r["case"]].items() if name != "case"}
        found = calcium.change(p, 1 / float(r["frequency_hz"]), int(r["n_pairs"]), float(r["dt_ms"]) / 1000)
        for value, column in zip(found, ("alpha_d", "alpha_p", "rho_bar", "U", "D", "change_after_over_before"), strict=True):
            assert abs(value - float(r[column])) < 1e-6, (r["case"], column)
    assert len(stored) > 250


def test_parameters_are_those_of_the_library():
    for entry in suite.load("E03")["set"]:
        full, nearest = entry["key"].startswith("full"), entry["key"].endswith("nn")
        name = f"triplet_{'full' if full else 'minimal'}{'_nearest' if nearest else ''}"
        [model] = tomllib.loads((ROOT / f"models/synapses/{name}.toml").read_text())["synapse"].values()
        for parameter, value in model["parameters"].items():
            if parameter not in ("w_min", "w_max"):
                assert math.isclose(entry["parameters"][parameter], suite.si(value), rel_tol=1e-15), (name, parameter)


def test_results_say_what_their_numbers_say():
    rows = rows_of(SUITE / "results.csv")
    assert {r["simulator"] for r in rows} >= {"Plastica", "Brian2", "NEST"} and all(r["version"] for r in rows)
    for r in rows:
        if r["tolerance"] and r["measured"]:
            inside = abs(float(r["measured"]) - float(r["expected"])) <= float(r["tolerance"])
            assert inside == (r["verdict"] in GOOD), r
    # One count of seeds is missed, by one seed; the README says by how much, and how often that happens to a right rule.
    missed = [(r["case"], r["set"], r["measured"]) for r in rows if r["simulator"] == "Plastica" and r["verdict"] in ("FAILS", "error")]
    assert missed == [("E08", "contingent", "7")]


# The statistical cases, without a simulator: does their judgement see what it should?


@pytest.mark.parametrize("change", [{"D": 0.0}, {"theta_p": 1.5}, {"tau_Ca": 0.03}])
def test_the_calcium_case_sees_a_wrong_parameter(change):
    case = suite.load("E04-drift")
    entry, wanted = case["set"][0], suite.expected(case)
    misses = []
    for t in suite.trials(case, entry):
        wrong = calcium.drift(entry["parameters"] | change, t["pre"], t["post"], entry["initial"]["rho"], t["end"])
        misses.append(abs(wrong - wanted[entry["key"], t["name"], "rho"]))
    assert max(misses) > 2 * case["expected"]["grid_tolerance"]


@pytest.mark.parametrize("parameter, factor", [("sigma", 1.5), ("gamma_p", 1.15), ("tau", 0.7), ("D", 0.0)])
def test_the_noisy_calcium_case_sees_a_wrong_parameter(parameter, factor):
    case = suite.load("E04-noise")
    entry, wanted = case["set"][0], suite.expected(case)
    wrong = entry["parameters"] | {parameter: factor * entry["parameters"][parameter]}
    misses = []
    for t in case["protocol"]["trials"]:
        if entry["key"] in t["sets"]:
            *_, ratio = calcium.change(wrong, t["period_ms"] / 1000, t["repetitions"], (t["post_ms"][0] - t["pre_ms"][0]) / 1000)
            misses.append(abs(ratio - wanted[entry["key"], t["name"], "strength"]))
    assert max(misses) > 2 * case["expected"]["tolerance"]


def poisson(rate, seconds, draw):
    t, out = 0.0, []
    while (t := t + draw.expovariate(rate)) < seconds:
        out.append(t)
    return out


def network(rate_e, jitter):
    """An answer to E06 without a network: Poisson trains, or clocks with some jitter."""
    draw, request = random.Random(1), suite.requests(suite.load("E06"), suite.load("E06")["set"][0])[0]
    regular = lambda rate: sorted((k + draw.uniform(0, jitter)) / rate for k in range(int(request["duration"] * rate)))
    trains = {"E": [regular(rate_e) if jitter is not None else poisson(rate_e, request["duration"], draw) for _ in range(request["n_E"])]}
    trains["I"] = [poisson(6, request["duration"], draw) for _ in range(request["n_I"])]
    answer = {side: {"i": [k for k, train in enumerate(x) for _ in train], "t": [t for train in x for t in train]} for side, x in trains.items()}
    answer["plastic"] = {"i": [k % request["n_I"] for k in range(4000)], "j": [k % request["n_E"] for k in range(4000)]}
    return request, answer


@pytest.mark.parametrize(
    "rate, jitter, wrong",
    [
        (3.0, None, {"rate of excitatory neurons"}),  # without correlations rho_0 would be right; this network has them
        (5.0, None, {"rate of excitatory neurons", "pairs of a presynaptic spike"}),
        (4.0, 0.1, {"irregularity", "pairs of a presynaptic spike"}),
    ],
)
def test_the_network_case_sees_rate_irregularity_and_pairs(rate, jitter, wrong):
    case = suite.load("E06")
    entry = case["set"][0]
    request, answer = network(rate, jitter)
    values = suite.collect(case, entry, request, answer)
    if jitter is None:
        assert math.isclose(values["seed 1", "pairs"], 2 * 0.02 * rate, rel_tol=0.02)
        assert math.isclose(values["seed 1", "cv"], 1.0, abs_tol=0.06)
    rows = suite.judge(case, entry, suite.Answers(values), {})
    assert {row.quantity.split(": ")[1] for row in rows if row.failed} == wrong


@pytest.mark.parametrize("reached, seeds, verdict", [(8, 10, "passes"), (7, 10, "FAILS"), (1, 1, "shown only")])
def test_the_reward_case_counts_seeds(reached, seeds, verdict):
    case = suite.load("E08")
    values = {(f"seed {k + 1}", m): v for k in range(seeds) for m, v in (("chosen", 3.9 if k < reached else 1.0), ("others_median", 0.4), ("rewards", 180), ("rate", 1.2))}
    rows = suite.judge(case, case["set"][0], suite.Answers(values), {})
    [count] = [row for row in rows if row.quantity.startswith("seeds")]
    assert (count.measured, count.verdict) == (reached, verdict)


def test_rewards_follow_the_pair_and_nothing_else():
    task = distal.Rewards({"window": 0.02, "delay": [1.0, 3.0], "dt": 0.001, "seed": 1, "duration": 10.0})
    task.saw([0.1, 0.5], [0.05, 0.11, 0.119, 0.121, 0.5, 0.53])
    assert len(task.times) == 2 and all(1.1 <= t <= 3.2 for t in task.times)
    task.saw([1.0], [1.019])
    assert len(task.times) == 3 and task.within(0, 1) == []


# Other simulators, where they are


@pytest.mark.parametrize("package", ["brian2", "nest"])
def test_another_simulator_passes(package):
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed, so its driver is not tried")
    status, rows, said = run("--simulator", package, "--case", "E01")
    assert (status, {row["verdict"] for row in rows}) == (0, {"passes"}), said
