"""A driver to copy: no simulator, forty lines of plain Python that go from spike to spike.

It has the rules that act at spikes.  For your own simulator, keep `pairing`'s frame and let your simulator find `w`.
"""
import sys
from math import exp
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from driver import Driver, NotAvailable, serve  # noqa: E402

# Time constants of the traces of each side, fast and slow, by rule.
TRACES = {"pair": (["tau_plus"], ["tau_minus"]), "triplet": (["tau_plus", "tau_x"], ["tau_minus", "tau_y"]), "vogels": (["tau"], ["tau"])}


class Plain(Driver):
    name = "plain Python"

    def version(self):
        return ".".join(map(str, sys.version_info[:3]))

    def settings(self):
        return {"precision": "double"}

    def pairing(self, request):
        if request["rule"] not in TRACES:
            raise NotAvailable(f"no rule {request['rule']} here")
        return {"values": [[self.weight(request, t["pre"], t["post"])] for t in request["trials"]]}

    def weight(self, request, pre, post):
        """The weight after all spikes of a trial."""
        p, w, now = request["parameters"], request["initial"]["w"], 0.0
        taus = [[p[name] for name in side] for side in TRACES[request["rule"]]]
        traces = [[0.0] * len(side) for side in taus]
        for t, side in sorted([(t, 0) for t in pre] + [(t, 1) for t in post]):
            traces = [[x * exp((now - t) / tau) for x, tau in zip(*pair)] for pair in zip(traces, taus)]
            now = t
            w += self.change(request["rule"], p, side, *traces)
            traces[side] = [x + 1.0 if request["interaction"] == "all_to_all" else 1.0 for x in traces[side]]
        return w

    def change(self, rule, p, side, r, o):
        """What a spike does to the weight; `side` is 0 for a presynaptic one, `r` and `o` are the traces before it."""
        if rule == "vogels":
            return p["eta"] * (r[0] if side else o[0] - 2 * p["rho_0"] * p["tau"])
        if rule == "pair":
            return p["A_plus"] * r[0] if side else -p["A_minus"] * o[0]
        return r[0] * (p["A2_plus"] + p["A3_plus"] * o[1]) if side else -o[0] * (p["A2_minus"] + p["A3_minus"] * r[1])


if __name__ == "__main__":
    serve(Plain())
