"""The cases of the suite: from their files to requests for a driver, and from its answers to verdicts.

`cases/*.toml` say what is done, `expected/*.csv` what must come out.  Nothing here knows a simulator.
Needs Python 3.11 or later and nothing else.
"""
import bisect
import csv
import math
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent
UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "h": 3600.0, "Hz": 1.0, "V": 1.0, "mV": 1e-3, "nS": 1e-9, "pF": 1e-12, "pA": 1e-12}


@dataclass
class Row:
    """One comparison: what was measured, what was expected, and the verdict."""

    case: str
    set: str
    quantity: str
    unit: str = "-"
    measured: float | None = None
    expected: float | str | None = None
    tolerance: float | str | None = None
    verdict: str = ""
    note: str = ""

    @property
    def failed(self):
        return self.verdict in ("FAILS", "error")


@dataclass
class Answers:
    """What a driver said to the requests of one set of a case."""

    values: dict = field(default_factory=dict)
    missing: tuple | None = None
    error: str | None = None


def si(value):
    """A number of a case file in SI units: `0.5` stays, `"16.8 ms"` is divided, never multiplied by a rounded power of ten."""
    if not isinstance(value, str):
        return value
    number, unit = value.split()
    factor = UNITS[unit]
    return float(number) / round(1 / factor) if factor < 1 else float(number) * factor


def names():
    """Names of all cases, in the order in which they are run."""
    order = ["E01", "E02", "E03", "TRAINS", "COINCIDENT"]
    return sorted((f.stem for f in (ROOT / "cases").glob("*.toml")), key=lambda n: (order.index(n) if n in order else 9, n))


def load(name):
    """A case as a dictionary; every set has its own `rule`, with the case's unless it names another, and its parameters in SI units."""
    case = tomllib.loads((ROOT / "cases" / f"{name}.toml").read_text())
    for s in case["set"]:
        s["rule"] = s.get("rule", case["rule"]["name"])
        s["parameters"] = {key: si(value) for key, value in s["parameters"].items()}
    return case


def expected(case):
    """Expected values: a dictionary from (set, trial, measure) to a number."""
    if "file" not in case["expected"]:
        return {}
    with (ROOT / case["expected"]["file"]).open() as file:
        return {(r["set"], r["trial"], r["measure"]): float(r["value"]) for r in csv.DictReader(file) if r["value"]}


def trials(case, entry=None):
    """The trials of a case of spike times, for one of its sets: names, spike times and ends in seconds.

    Every time is an exact number of tenths of a millisecond before it is divided, so that all who read it round alike.
    """
    protocol, out = case["protocol"], []
    table = {}
    if "table" in protocol:
        with (ROOT / "cases" / protocol["table"]).open() as file:
            for r in csv.DictReader(file):
                table.setdefault((r["trial"], r["side"]), []).append(float(r["time_ms"]))
    for t in protocol["trials"]:
        if entry is not None and "sets" in t and entry["key"] not in t["sets"]:
            continue
        n, interval = t.get("repetitions", 1), t.get("interval_ms", 0)
        trains = {}
        for side in ("pre", "post"):
            once = t.get(f"{side}_ms", table.get((t["name"], side), []))
            times = [protocol["start_ms"] + k * interval + offset for k in range(n) for offset in once]
            trains[side] = sorted(round(x * 100) / 100_000 for x in times)
        last = max([x for train in trains.values() for x in train] + [0.0])
        end = round((last * 1000 + protocol["tail_ms"]) * 100) / 100_000
        out.append({"name": t["name"], **trains, "end": end, "grid": t.get("grid_ms", protocol["grid_ms"]) / 1000})
    return out


def converted(table, without=()):
    """A table with its quantities in SI units; `{ first, every, count }` becomes the times of a regular train."""

    def one(value):
        if isinstance(value, list):
            parts = [one(v) for v in value]
            return [x for part in parts for x in part] if value and all(isinstance(v, dict) for v in value) else parts
        if isinstance(value, dict) and "every" not in value:
            return {k: one(v) for k, v in value.items()}
        if isinstance(value, dict):
            first, every = si(value["first"]), si(value["every"])
            return [round((first + k * every) * 1e6) / 1e6 for k in range(value["count"])]
        return si(value) if isinstance(value, str) and value.split()[-1] in UNITS and len(value.split()) == 2 and value.lstrip("-")[0].isdigit() else value

    return {key: (value if key in ("name", "labels") else one(value)) for key, value in table.items() if key not in without}


def requests(case, entry, first=None):
    """The requests that one set of a case asks of a driver, as dictionaries that JSON can carry; of networks only the `first` seeds."""
    kind = case["rule"].get("request", "pairing")
    if kind != "pairing":
        shared = converted(case["protocol"], without=("words", "trials"))
        asked = [t for t in case["protocol"]["trials"] if entry["key"] in t.get("sets", [entry["key"]])]
        if kind in ("network", "reward"):
            asked = asked[:first]
        return [{"do": kind, "rule": entry["rule"], "parameters": entry["parameters"], **shared, **converted(t, without=("sets", "curve", "x"))} for t in asked]
    base = {"do": "pairing", "rule": entry["rule"], "interaction": entry.get("interaction", "all_to_all"), "parameters": entry["parameters"]}
    base |= {"initial": entry.get("initial", case["rule"]["initial"]), "measure": case["rule"]["measure"]}
    copies = case["protocol"].get("copies", 1)
    groups = {}
    for t in trials(case, entry):
        groups.setdefault(t.pop("grid"), []).append(t)
    return [base | {"copies": copies, "grid": grid, "trials": group} for grid, group in groups.items()]


# From answers to verdicts


def judge(case, entry, answers, wanted):
    """The rows of one set of a case."""
    say = lambda verdict, note: [Row(case["id"], entry["key"], entry["name"], verdict=verdict, note=note)]
    if answers.missing:
        return say(*answers.missing)
    if answers.error:
        return say("error", answers.error)
    if not answers.values:
        return say("error", "no answers")
    judged = {"exact": exact, "statistical": statistical, "convention": convention}[case["kind"]](case, entry, answers.values, wanted)
    return judged + summaries(case, entry, answers.values)


def exact(case, entry, values, wanted):
    """One row for each number, held against the oracle."""
    rows = []
    for (name, measure), value in values.items():
        if (entry["key"], name, measure) not in wanted:
            continue
        e, rules = wanted[entry["key"], name, measure], case["expected"]
        tight, grid = rules["tolerance"], rules["grid_tolerance"]
        if isinstance(tight, dict):
            if measure not in tight:
                continue
            tight, grid = tight[measure], grid[measure]
        miss = abs(value - e) if math.isfinite(value) else math.inf
        verdict = "passes" if miss <= tight else "passes on the grid" if miss <= grid else "FAILS"
        quantity = name if measure == case["rule"].get("measure") else f"{name}: {measure}"
        rows.append(Row(case["id"], entry["key"], quantity, rules.get("unit", "-"), value, e, tight if verdict == "passes" else grid, verdict))
    return rows


def statistical(case, entry, values, wanted):
    """One row for each number, held against its expected value or interval."""
    rows = []
    for (name, measure), value in values.items():
        if (entry["key"], name, measure) in wanted:
            e, tolerance = wanted[entry["key"], name, measure], case["expected"]["tolerance"]
            verdict = "passes" if abs(value - e) <= tolerance else "FAILS"
            rows.append(Row(case["id"], entry["key"], name, "-", value, e, tolerance, verdict))
            continue
        asked = [i for i in case["expected"].get("interval", []) if i["measure"] == measure and entry["key"] in i.get("sets", [entry["key"]])]
        for i in asked or [{"name": measure, "unit": "-"}]:
            bounded = "low" in i or "high" in i
            inside = i.get("low", -math.inf) <= value <= i.get("high", math.inf)
            limits = f"{i.get('low', '')}..{i.get('high', '')}" if bounded else None
            verdict = "shown only" if not bounded else "passes" if inside else "FAILS"
            if i.get("paper"):
                verdict = "reproduced" if inside else "not reproduced"
            rows.append(Row(case["id"], entry["key"], f"{name}: {i['name']}", i["unit"], value, limits, None, verdict))
    return rows


def convention(case, entry, values, wanted):
    """One row for each number, with the name of the convention that it shows; none is wrong."""
    rows = []
    for (name, _), value in values.items():
        found = [c["name"] for c in case["expected"]["convention"] if abs(value - c["value"]) <= case["expected"]["tolerance"]]
        rows.append(Row(case["id"], entry["key"], name, "-", value, verdict="shown only", note=found[0] if found else "none of those that are listed"))
    return rows


def summaries(case, entry, values):
    """Rows made of several numbers, such as the error of a fit to the data."""
    rows = []
    given = {t["name"]: t for t in case["protocol"]["trials"]}
    main = {name: value for (name, measure), value in values.items() if measure == case["rule"].get("measure")}
    for s in case.get("summary", []):
        if entry["key"] not in s.get("sets", [entry["key"]]):
            continue
        low, high = s["sets"][entry["key"]] if isinstance(s.get("sets"), dict) else (s.get("low", -math.inf), s.get("high", math.inf))
        points = [(given[name].get("x"), value, given[name]) for name, value in main.items() if "curve" not in s or given[name].get("curve") == s["curve"]]
        others = [value for name, value in main.items() if "minus" in s and given[name].get("curve") == s["minus"]]
        if not points:
            continue
        value = SUMMARIES[s["of"]](points, others, s)
        verdict = "passes" if value is not None and low <= value <= high else "FAILS"
        if len(points) < s.get("needs", 0):
            verdict = "shown only"
        rows.append(Row(case["id"], entry["key"], s["name"], s["unit"], value, f"{low}..{high}", None, verdict, s["published"]))
    return rows


def slope(points):
    """Time constant, in the unit of x, of an exponential through the points: a straight line through the logarithms."""
    if any(y == 0 for _, y, _ in points) or len({y > 0 for _, y, _ in points}) != 1:
        return None
    xs, ys = [abs(x) for x, _, _ in points], [math.log(abs(y)) for _, y, _ in points]
    mx, my = math.fsum(xs) / len(xs), math.fsum(ys) / len(ys)
    b = math.fsum((x - mx) * (y - my) for x, y in zip(xs, ys)) / math.fsum((x - mx) ** 2 for x in xs)
    return -1 / b if b else None


def crossing(points):
    """Where the curve first goes from below zero to above, by straight lines between the points."""
    points = sorted((x, y) for x, y, _ in points)
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if y0 < 0 <= y1:
            return x0 + (x1 - x0) * -y0 / (y1 - y0)
    return None


def mean(values):
    return math.fsum(values) / len(values)


SUMMARIES = {
    "fit": lambda points, others, s: mean([((y - t["data"]) / t["sem"]) ** 2 for _, y, t in points if "data" in t]),
    "inside": lambda points, others, s: sum(abs(y - t["data"]) <= 2 * t["sem"] for _, y, t in points if "data" in t),
    "exponential": lambda points, others, s: slope(points),
    "crossing": lambda points, others, s: crossing(points),
    "maximum": lambda points, others, s: max(y for _, y, _ in points),
    "at least": lambda points, others, s: sum(y >= s["level"] for _, y, _ in points),
    "difference": lambda points, others, s: mean([y for _, y, _ in points]) - mean(others) if others else None,
}


def collect(case, entry, request, answer):
    """Numbers of one answer: a dictionary from (trial, measure) to a value. Raises `ValueError` when the answer does not fit."""
    try:
        return COLLECT[request["do"]](case, entry, request, answer)
    except (KeyError, TypeError, IndexError, ZeroDivisionError) as problem:
        raise ValueError(f"the answer to {request['do']!r} does not fit the protocol: {type(problem).__name__}: {problem}") from problem


def pairing(case, entry, request, answer):
    values, result = answer["values"], case["rule"].get("result", "change")
    if len(values) != len(request["trials"]) or any(len(v) != request["copies"] for v in values):
        raise ValueError(f"expected {len(request['trials'])} lists of {request['copies']} values")
    if result == "strength":
        p = request["parameters"]
        before = p["beta"] + (1 - p["beta"]) * p["b"]
        return {(t["name"], "strength"): mean([p["b"] if x > p["rho_star"] else 1.0 for x in v]) / before for t, v in zip(request["trials"], values)}
    measure = request["measure"]
    start = request["initial"][measure] if result == "change" else 0.0
    return {(t["name"], measure): mean(v) - start for t, v in zip(request["trials"], values)}


def tagging(case, entry, request, answer):
    """`h` and `w` = h + z*h_0 of one synapse, over the baseline `h_0`."""
    h_0 = request["parameters"]["h_0"]
    out = {}
    for label, h, z in zip(request["labels"], answer["h"], answer["z"], strict=True):
        out[request["name"], f"h {label}"] = h / h_0
        out[request["name"], f"w {label}"] = h / h_0 + z
    return out


def network(case, entry, request, answer):
    """Rate and irregularity of the excitatory neurons, and pairs of spikes at plastic synapses, from the spikes after `measure_from`."""
    begin, end, n, name = request["measure_from"], request["duration"], request["n_E"], request["name"]
    trains, first = {"E": {}, "I": {}}, 0
    for side in trains:
        for i, t in zip(answer[side]["i"], answer[side]["t"], strict=True):
            if t >= begin:
                trains[side].setdefault(i, []).append(t)
            elif t < request["first"]:
                first += side == "E"
    rate = sum(map(len, trains["E"].values())) / n / (end - begin)
    pairs = list(zip(answer["plastic"]["i"], answer["plastic"]["j"], strict=True))
    some = pairs[:: max(1, len(pairs) // 4000)]
    found = {"rate": rate, "cv": irregularity(trains["E"].values()), "first rate": first / n / request["first"]}
    found["pairs"] = paired(trains, some, request["parameters"]["tau"], request["dt"])
    return {(name, measure): value for measure, value in found.items()}


def paired(trains, pairs, tau, delay):
    """Mean over presynaptic spikes of the sum of exp(-|t|/tau) over the spikes of the target, `t` from the arrival of the spike."""
    total, spikes = 0.0, 0
    for i, j in pairs:
        post = sorted(trains["E"].get(j, []))
        for t in trains["I"].get(i, []):
            at, spikes = t + delay, spikes + 1
            for s in post[bisect.bisect_left(post, at - 10 * tau) : bisect.bisect_right(post, at + 10 * tau)]:
                total += math.exp(-abs(s - at) / tau)
    return total / spikes


def irregularity(trains, at_least=5):
    """Mean over neurons of the standard deviation over the mean of the inter-spike intervals; neurons with `at_least` intervals."""
    found = []
    for train in trains:
        train = sorted(train)
        gaps = [b - a for a, b in zip(train, train[1:])]
        if len(gaps) >= at_least:
            m = mean(gaps)
            found.append(math.sqrt(mean([(g - m) ** 2 for g in gaps])) / m)
    return mean(found) if found else math.nan


def reward_task(case, entry, request, answer):
    out = {(request["name"], key): answer[key] for key in ("chosen", "others_median", "rewards", "rate")}
    return out


COLLECT = {"pairing": pairing, "tagging": tagging, "network": network, "reward": reward_task}
