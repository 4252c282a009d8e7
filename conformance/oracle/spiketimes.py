"""Rules that change a weight at spikes only, evaluated by their definition: every trace is a sum over the spikes before.

Nothing is advanced from spike to spike here, so no order of updates can be wrong: a trace at a time `t` is read off all spikes
before `t`.  Spikes at the very same time do not see each other; the cases of the suite have none.  Weights have no bounds.
Times and time constants are in seconds.
"""
from bisect import bisect_left
from math import exp, fsum


def trace(times, t, tau, nearest=False):
    """Sum of exponentials of the spikes before `t`, or only of the latest one; the spike at `t` itself does not count."""
    before = times[: bisect_left(times, t)]
    return fsum(exp((s - t) / tau) for s in (before[-1:] if nearest else before))


def triplet(pre, post, p, interaction):
    """Change of the weight by the triplet rule (Pfister and Gerstner 2006, equations 2 and 3)."""
    near = {"all_to_all": False, "nearest_spike": True}[interaction]
    down = [
        trace(post, t, p["tau_minus"], near) * (p["A2_minus"] + p["A3_minus"] * (trace(pre, t, p["tau_x"], near) if p["A3_minus"] else 0.0))
        for t in pre
    ]
    up = [
        trace(pre, t, p["tau_plus"], near) * (p["A2_plus"] + p["A3_plus"] * (trace(post, t, p["tau_y"], near) if p["A3_plus"] else 0.0))
        for t in post
    ]
    return fsum(up) - fsum(down)


def pair(pre, post, p, interaction):
    """Change of the weight by the additive pair rule (Song, Miller and Abbott 2000)."""
    near = {"all_to_all": False, "nearest_spike": True}[interaction]
    up = fsum(p["A_plus"] * trace(pre, t, p["tau_plus"], near) for t in post)
    return up - fsum(p["A_minus"] * trace(post, t, p["tau_minus"], near) for t in pre)


def vogels(pre, post, p, interaction):
    """Change of the weight by the inhibitory rule (Vogels et al 2011)."""
    assert interaction == "all_to_all"
    down = len(pre) * 2 * p["rho_0"] * p["tau"]
    return p["eta"] * (fsum(trace(pre, t, p["tau"]) for t in post) + fsum(trace(post, t, p["tau"]) for t in pre) - down)


def reward(pre, post, p, interaction):
    """Change of the weight by reward-modulated plasticity (Izhikevich 2007), in continuous time.

    The eligibility `c` decays and jumps at spikes, dopamine `d` decays and jumps at rewards, dw/dt = c*(d + d_tonic).  A spike at
    `s` that changes c by `a` changes the weight by the integral from `s` on of a*exp(-(t-s)/tau_c)*(d(t) + d_tonic); each reward
    adds an exponential to d.  The rewards are at `t_reward`; the integral runs to infinity.
    """
    assert interaction == "all_to_all"
    jumps = [(t, p["A_plus"] * trace(pre, t, p["tau_plus"])) for t in post] + [(t, -p["A_minus"] * trace(post, t, p["tau_minus"])) for t in pre]
    both = 1 / (1 / p["tau_c"] + 1 / p["tau_d"])
    total = []
    for s, a in jumps:
        total.append(a * p["d_tonic"] * p["tau_c"])
        r = p["t_reward"]
        if r >= s:
            total.append(a * exp((s - r) / p["tau_c"]) * p["d_reward"] * both)
        else:
            total.append(a * p["d_reward"] * exp((r - s) / p["tau_d"]) * both)
    return fsum(total)


RULES = {"triplet": triplet, "pair": pair, "vogels": vogels, "reward": reward}
