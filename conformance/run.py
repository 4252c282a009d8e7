#!/usr/bin/env python3
"""Holds simulators against the conformance suite of plasticity.

    python conformance/run.py --simulator plastica --simulator brian2 [--case E01] [--json]

Exit code: 0 when nothing failed, 1 when a number is wrong or a driver broke, 2 when the command is wrong.
What a simulator does not have is said, and is no failure.
"""
import argparse
import csv
import hashlib
import json
import os
import shlex
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import suite

SAID = ("not available", "not driven", "left out", "error")


class Process:
    """A driver at work; `ask` sends a request and waits for its answer."""

    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, request):
        """The answer, or `{"error": ...}` when the driver is gone or does not speak JSON."""
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            # A simulator may greet on its standard output before its driver can stop it: what is no object is passed on.
            while (line := self.process.stdout.readline()) and not line.startswith("{"):
                sys.stderr.write(line)
        except BrokenPipeError:
            line = ""
        if not line:
            return {"error": f"the driver ended (exit status {self.process.wait()})"}
        try:
            return json.loads(line)
        except json.JSONDecodeError:
            return {"error": f"the driver answered what is no JSON: {line[:80]!r}"}

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def kept(folder, driver, request):
    """Where the answer to a request is kept: a file named by what was asked of which version with which settings."""
    text = json.dumps([driver.hello, request], sort_keys=True)
    return folder / f"{driver.name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"


def ask(driver, request, folder):
    """The answer to a request, from `folder` if it was given before."""
    path = folder and kept(folder, driver, request)
    if path and path.exists():
        return json.loads(path.read_text())
    got = driver.ask(request)
    if path and "error" not in got:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(got))
    return got


def run_set(driver, case, entry, first=None, folder=None):
    """Answers of a driver to the requests of one set."""
    answers = suite.Answers()
    for request in suite.requests(case, entry, first):
        got = ask(driver, request, folder)
        if "not_available" in got or "not_driven" in got:
            answers.missing = ("not available", got["not_available"]) if "not_available" in got else ("not driven", got["not_driven"])
            break
        if "error" in got:
            answers.error = got["error"]
            break
        try:
            answers.values |= suite.collect(case, entry, request, got)
        except ValueError as problem:
            answers.error = str(problem)
            break
    return answers


def run_case(driver, name, quick=False, sets=None, folder=None, first=None):
    """All rows of a case."""
    case, rows = suite.load(name), []
    wanted = suite.expected(case)
    for entry in case["set"]:
        if sets and entry["key"] not in sets:
            continue
        if quick and entry.get("slow"):
            rows.append(suite.Row(case["id"], entry["key"], entry["name"], verdict="left out", note="it takes minutes; run without --quick"))
            continue
        rows += suite.judge(case, entry, run_set(driver, case, entry, first or (1 if quick else None), folder), wanted)
    return rows


def commands(arguments):
    """Command line of every driver that is asked for, by name."""
    own = {f.stem: f for f in sorted((suite.ROOT / "drivers").glob("*.py"))}
    pythons = dict(text.split("=", 1) for text in arguments.python)
    found = {}
    for name in arguments.simulator:
        if name not in own:
            sys.exit(f"no driver {name!r}; there are {', '.join(own)}. Your own program: --driver NAME='command'")
        found[name] = [pythons.get(name, sys.executable), str(own[name])]
    for text in arguments.driver:
        name, _, command = text.partition("=")
        if not command:
            sys.exit(f"--driver wants NAME='command', not {text!r}")
        found[name] = shlex.split(command)
    if not found:
        sys.exit(f"name at least one simulator: --simulator {' | '.join(own)}, or --driver NAME='command'")
    return found


def number(value):
    return f"{value:.10g}" if isinstance(value, float) else "" if value is None else str(value)


def lines(rows, every):
    """The table: a line for each set with its largest miss, then its summaries and its failures; with `every`, all comparisons."""
    out, groups = [], {}
    for r in rows:
        groups.setdefault((r.case, r.set), []).append(r)
    for (case, key), group in groups.items():
        plain = [r for r in group if isinstance(r.expected, float) and r.measured is not None]
        if plain and not every:
            worst = max(plain, key=lambda r: (r.failed, r.verdict != "passes", abs(r.measured - r.expected)))
            out.append((case, key, f"{len(plain)} values, largest miss", f"{abs(worst.measured - worst.expected):.2g}", "0", number(worst.tolerance), worst.verdict))
        for r in group:
            if every or r.failed or r not in plain:
                out.append((case, key, r.quantity, number(r.measured), number(r.expected), number(r.tolerance), r.verdict + (f": {r.note}" if r.note and (r.verdict in SAID or r.measured is not None and r.expected is None) else "")))
    return out


def table(head, body):
    widths = [max(len(str(line[k])) for line in [head, *body]) for k in range(len(head) - 1)]
    return "\n".join("  ".join([*(str(x).ljust(w) for x, w in zip(line, widths)), str(line[-1])]).rstrip() for line in [head, *body])


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulator", action="append", default=[], help="a driver of this folder; may be repeated")
    parser.add_argument("--driver", action="append", default=[], metavar="NAME=COMMAND", help="your own driver, a program in any language")
    parser.add_argument("--python", action="append", default=[], metavar="NAME=PATH", help="interpreter for a driver; this one unless said")
    parser.add_argument("--case", action="append", help="only these cases; may be repeated")
    parser.add_argument("--set", action="append", help="only these sets of a case")
    parser.add_argument("--quick", action="store_true", help="leave out what takes minutes; of networks one seed")
    parser.add_argument("--first", type=int, metavar="N", help="of networks only the first N seeds")
    parser.add_argument("--all", action="store_true", help="print every comparison, not one line for each set")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--csv", type=Path, help="add all rows, with versions and settings, to this table")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep answers there, and do not ask again what was answered")
    parser.add_argument("--show", metavar="CASE", help="print the requests of a case as JSON, a line each, and run nothing")
    return parser.parse_args(arguments)


def main(arguments=None):
    arguments = parse(arguments)
    cases = arguments.case or ([arguments.show] if arguments.show else suite.names())
    if unknown := [c for c in cases if c not in suite.names()]:
        sys.stderr.write(f"no case {', '.join(unknown)}; there are {', '.join(suite.names())}\n")
        return 2
    if arguments.show:
        case = suite.load(arguments.show)
        for entry in case["set"]:
            for request in suite.requests(case, entry):
                print(json.dumps(request))
        return 0
    results = []
    for name, command in commands(arguments).items():
        driver = Process(name, command)
        hello = driver.hello = driver.ask({"do": "hello"})
        if "error" in hello:
            sys.stderr.write(f"{name}: {hello['error']}\n")
            return 1
        rows = []
        for case in cases:
            start = time.monotonic()
            found = run_case(driver, case, arguments.quick, arguments.set, arguments.keep, arguments.first)
            rows += found
            if not arguments.json:
                sys.stderr.write(f"{name} {case}: {time.monotonic() - start:.0f} s\n")
        driver.close()
        results.append({"simulator": hello["simulator"], "version": hello["version"], "settings": hello["settings"], "rows": [asdict(r) for r in rows]})
        if not arguments.json:
            print(f"\n{hello['simulator']} {hello['version']}  {json.dumps(hello['settings'])}\n")
            print(table(("case", "set", "quantity", "measured", "expected", "tolerance", "verdict"), lines(rows, arguments.all)))
    if arguments.json:
        print(json.dumps(results))
    if arguments.csv:
        write(arguments.csv, results)
    return 1 if any(suite.Row(**r).failed for result in results for r in result["rows"]) else 0


def write(path, results):
    """Adds rows to a table; rows of the same simulator, version, settings, case, set and quantity are replaced."""
    key = lambda r: (r["simulator"], r["version"], r["settings"], r["case"], r["set"], r["quantity"])
    old = list(csv.DictReader(path.open())) if path.exists() else []
    new = [{"simulator": s["simulator"], "version": s["version"], "settings": json.dumps(s["settings"]), **r} for s in results for r in s["rows"]]
    replaced = {key(r) for r in new}
    rows = [r for r in old if key(r) not in replaced] + new
    rows.sort(key=lambda r: (suite.names().index(r["case"]) if r["case"] in suite.names() else 99, r["simulator"], r["version"]))
    with path.open("w", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
