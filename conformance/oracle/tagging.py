"""Synaptic tagging and capture (Luboeinski and Tetzlaff 2021) without noise, in continuous time.

Between two spikes calcium is one exponential, the early weight relaxes to a known value, proteins to 0 or 1, and the late weight
follows the integral of the proteins; all are closed forms.  Each stretch ends where anything switches: calcium at a threshold,
a tag, or the synthesis of proteins; the last is found by bisection, since it hangs on a sum over the neuron's synapses.
Times in seconds, weights in volts.
"""
from math import exp, inf, log


class Synapse:
    """One synapse; `h` early weight, `z` late weight, `c` calcium."""

    def __init__(self, p, h):
        self.p, self.h, self.z, self.c = p, h, 0.0, 0.0

    def course(self):
        """(value to which h relaxes, its rate) with calcium where it is."""
        p = self.p
        up, down = p["gamma_p"] * (self.c > p["theta_p"]), p["gamma_d"] * (self.c > p["theta_d"])
        total = 0.1 + up + down
        return (0.1 * p["h_0"] + up * p["h_max"]) / total, total / p["tau_h"]

    def after(self, span):
        to, rate = self.course()
        return to + (self.h - to) * exp(-rate * span)

    def tag(self):
        """1 tagged up, -1 tagged down, 0 not tagged."""
        d = self.h - self.p["h_0"]
        return (d > self.p["theta_tag"]) - (-d > self.p["theta_tag"])

    def next_switch(self):
        """Time to the next crossing of a calcium threshold or of the tag threshold; inf if there is none."""
        p, found = self.p, [inf]
        for theta in (p["theta_p"], p["theta_d"]):
            if self.c > theta:
                found.append(p["tau_Ca"] * log(self.c / theta))
        to, rate = self.course()
        for level in (p["h_0"] + p["theta_tag"], p["h_0"] - p["theta_tag"]):
            share = (level - to) / (self.h - to) if self.h != to else -1.0
            if 0 < share < 1:
                found.append(-log(share) / rate)
        return min(found)


def run(p, trains, start, makes_proteins, at):
    """h and z of every synapse of one neuron at the times `at`: a list of lists of (h, z).

    - `trains`: presynaptic spikes of each synapse; calcium comes `p["D"]` later
    - `start`: early weight of each synapse at time 0
    """
    synapses = [Synapse(p, h) for h in start]
    events = sorted([(t + p["D"], k) for k, train in enumerate(trains) for t in train] + [(t, None) for t in at], key=lambda e: e[0])
    now, proteins, out = 0.0, 0.0, []
    for when, which in events:
        while now < when:
            span = min([when - now] + [max(s.next_switch(), 1e-12) for s in synapses])

            def total(t):
                return sum(abs(s.after(t) - p["h_0"]) for s in synapses) - p["theta_pro"]

            making = total(0.0) > 0
            if (total(span) > 0) != making:
                low, high = 0.0, span
                while high - low > 1e-9:
                    middle = (low + high) / 2
                    low, high = (middle, high) if (total(middle) > 0) == making else (low, middle)
                span = high
            goal = float(making and makes_proteins)
            dose = goal * span + (proteins - goal) * p["tau_p"] * (1 - exp(-span / p["tau_p"]))
            proteins = goal + (proteins - goal) * exp(-span / p["tau_p"])
            for s in synapses:
                # A stretch of rounding length at a switch would see the tag on the wrong side; the middle of the stretch tells.
                s.h, before = s.after(span / 2), s.h
                tag, s.h = s.tag(), before
                if tag:
                    limit = p["z_max"] if tag > 0 else p["z_min"]
                    s.z = limit + (s.z - limit) * exp(-dose / p["tau_z"])
                s.h, s.c = s.after(span), settle(p, s.c, span)
            now = when if span >= when - now else now + span
        if which is None:
            out.append([(s.h, s.z) for s in synapses])
        else:
            synapses[which].c += 1.0 * p["C_pre"]
    return out


def settle(p, c, span):
    """Calcium after `span`; where it arrives at a threshold, exactly that, so that it is not above it by rounding."""
    left = c * exp(-span / p["tau_Ca"])
    for theta in (p["theta_p"], p["theta_d"]):
        if c > theta and abs(left - theta) < 1e-12:
            return theta
    return left
