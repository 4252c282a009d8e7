"""What a driver of a simulator is: a class here, or any program that speaks the same JSON.

A driver is a program.  It reads one request a line on its standard input and writes one answer a line on its standard output, both
JSON objects in SI units; what it prints elsewhere is shown as it comes.  The README lists requests and answers.  In Python, derive
from `Driver`, write the methods for the rules that your simulator has, and end the file with `serve(MyDriver())`.

Needs Python 3.8 or later and nothing else, so that it can be used in any environment.
"""
import json
import os
import sys
import traceback


class NotAvailable(Exception):
    """The simulator does not have this rule, or this variant of it; the message says what is missing."""


class NotDriven(Exception):
    """Nobody has written this part of the driver; that says nothing about the simulator."""


class Driver:
    """Turns requests into simulations. Every method gets the request and returns the answer; those not written say `not available`."""

    name = "a simulator"

    def version(self):
        """Version of the simulator, as text."""
        return ""

    def settings(self):
        """What matters for the numbers: precision, methods, back end."""
        return {}

    def pairing(self, request):
        """Single synapses that get spikes at given times; `{"values": [...]}`, for each trial the values of its copies at its end."""
        raise NotDriven("the driver has no single synapses")

    def tagging(self, request):
        """Synapses of one neuron with tags and proteins; `{"h": [...], "z": [...]}` of the measured synapse at the times asked for."""
        raise NotDriven("the driver has no rule with tagging and capture")

    def network(self, request):
        """The network with inhibitory plasticity; spikes of both populations and the plastic pairs (README)."""
        raise NotDriven("the driver has no network")

    def reward(self, request):
        """The network with distal reward; `{"chosen", "others_median", "rewards", "rate"}`."""
        raise NotDriven("the driver has no task with reward")


def stretches(request, settle=5.0):
    """A tagging request cut for simulators with two clocks: (kind, whole microseconds, is something measured at its end?).

    `fast` from 10 ms before a spike until `settle` seconds after it, when no calcium is left; `slow` where nothing fires.
    """
    us = lambda t: round(t * 1e6)
    spikes = sorted({us(t) for train in request["trains"] for t in train})
    marks = {us(t) for t in request["at"]}
    edges = {0} | marks | {t - 10_000 for t in spikes} | {t + us(settle) for t in spikes}
    edges = sorted(e for e in edges if 0 <= e <= max(marks))
    out = []
    for begin, end in zip(edges, edges[1:]):
        kind = "fast" if any(t - 10_000 < end and begin < t + us(settle) for t in spikes) else "slow"
        if out and out[-1][0] == kind and not out[-1][2]:
            begin -= out.pop()[1]
        out.append((kind, end - begin, end in marks))
    return out


def serve(driver):
    """Answers requests until the input ends. What the simulator prints goes to the standard error, so it cannot disturb the answers."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(answer(driver, json.loads(line))), file=out, flush=True)


def answer(driver, request):
    """The answer to one request; nothing is raised."""
    try:
        if request["do"] == "hello":
            return {"simulator": driver.name, "version": driver.version(), "settings": driver.settings()}
        return getattr(driver, request["do"])(request)
    except NotAvailable as reason:
        return {"not_available": str(reason)}
    except NotDriven as reason:
        return {"not_driven": str(reason)}
    except Exception as problem:  # the suite reports it as an error of this set and goes on
        traceback.print_exc()
        return {"error": f"{type(problem).__name__}: {problem}"}
