"""Makes the tables of `expected/` from the cases, or checks that they are what the oracle gives.

    python conformance/oracle/make.py            writes them
    python conformance/oracle/make.py --check    exits with 1 when one differs
"""
import csv
import io
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import calcium  # noqa: E402
import spiketimes  # noqa: E402
import suite  # noqa: E402
import tagging  # noqa: E402


def spike_rules(case):
    """Change of the weight of every set and trial."""
    for entry in case["set"]:
        for t in suite.trials(case, entry):
            rule = spiketimes.RULES[entry["rule"]]
            yield entry["key"], t["name"], case["rule"]["measure"], rule(t["pre"], t["post"], entry["parameters"], entry["interaction"])


def calcium_drift(case):
    """Efficacy without noise."""
    for entry in case["set"]:
        for t in suite.trials(case, entry):
            yield entry["key"], t["name"], "rho", calcium.drift(entry["parameters"], t["pre"], t["post"], entry["initial"]["rho"], t["end"])


def calcium_strength(case):
    """Strength after over before, by the analytic solution; `period_ms` is the interval of the protocol before its pauses were cut."""
    for entry in case["set"]:
        for t in case["protocol"]["trials"]:
            if entry["key"] in t.get("sets", [entry["key"]]):
                *_, ratio = calcium.change(entry["parameters"], t["period_ms"] / 1000, t["repetitions"], (t["post_ms"][0] - t["pre_ms"][0]) / 1000)
                yield entry["key"], t["name"], "strength", ratio


def tagged(case):
    """Early and late weight over the baseline."""
    for entry in case["set"]:
        for r in suite.requests(case, entry):
            p = r["parameters"]
            found = tagging.run(p, r["trains"], r["start"], r["proteins"], r["at"])
            for label, states in zip(r["labels"], found):
                h, z = states[r["measured"]]
                yield entry["key"], r["name"], f"h {label}", h / p["h_0"]
                yield entry["key"], r["name"], f"w {label}", h / p["h_0"] + z


ORACLES = {"E01": spike_rules, "E02": spike_rules, "E03": spike_rules, "TRAINS": spike_rules, "E04-drift": calcium_drift, "E04-noise": calcium_strength, "E09": tagged}


def text(name):
    """The table of a case."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["set", "trial", "measure", "value"])
    table.writerows([*row[:3], repr(row[3])] for row in ORACLES[name](suite.load(name)))
    return out.getvalue()


def same(a, b):
    """Do two tables agree, but for the last digits of their numbers, which an elementary function of another machine may change?"""
    a, b = (list(csv.reader(io.StringIO(t))) for t in (a, b))
    return len(a) == len(b) and all(x[:3] == y[:3] and (x[3] == y[3] or abs(float(x[3]) - float(y[3])) <= 1e-12) for x, y in zip(a, b))


def main():
    check, wrong = "--check" in sys.argv[1:], []
    for name in [n for n in suite.names() if n in ORACLES]:
        path, made = suite.ROOT / "expected" / f"{name}.csv", text(name)
        if check and not (path.exists() and same(path.read_text(), made)):
            wrong.append(name)
        elif not check:
            path.write_text(made)
    print(f"differ: {', '.join(wrong)}" if wrong else "the tables are what the oracle gives" if check else "written")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
