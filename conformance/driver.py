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
        raise NotAvailable("this driver has no single synapses")

    def tagging(self, request):
        """Synapses of one neuron with tags and proteins; `{"h": [...], "z": [...]}` of the measured synapse at the times asked for."""
        raise NotAvailable(f"{self.name} has no rule with tagging and capture")

    def network(self, request):
        """The network with inhibitory plasticity; `{"i": [...], "t": [...]}`, spikes of its excitatory neurons."""
        raise NotAvailable("this driver has no networks")

    def reward(self, request):
        """The network with distal reward; `{"chosen", "others_median", "rewards", "rate"}`."""
        raise NotAvailable("this driver has no task with reward")


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
    except Exception as problem:  # the suite reports it as an error of this set and goes on
        traceback.print_exc()
        return {"error": f"{type(problem).__name__}: {problem}"}
