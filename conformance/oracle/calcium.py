"""The calcium rule of Graupner and Brunel (2012): what its noise does, in closed form, and its drift, to machine precision.

`change` is the authors' analytic solution: within a protocol the efficacy is an Ornstein-Uhlenbeck process, driven for the
fraction of time that calcium is above each threshold; the cubic term is left out, as in the paper.
`drift` is the rule without noise, cubic term and all: calcium is one exponential between two spikes, so the times at which it
crosses a threshold are known, and between them the efficacy is integrated with steps so short that their error is rounding.
Times in seconds.
"""
from math import ceil, erf, exp, log, sqrt


def above(p, interval, dt, theta):
    """Fraction of time that calcium is above `theta` while pairs come at `interval` for ever."""
    jumps = sorted([((p["D"]) % interval, p["C_pre"]), (dt % interval, p["C_post"])])
    fade = 1 - exp(-interval / p["tau_Ca"])
    total = 0.0
    for k, (at, jump) in enumerate(jumps):
        other_at, other = jumps[1 - k]
        since = (at - other_at) % interval
        c = jump / fade + other * exp(-since / p["tau_Ca"]) / fade
        if since == 0.0 and k == 0:
            continue  # both at once: the second of the two carries the sum
        length = (other_at - at) % interval or interval
        if c > theta:
            total += min(length, p["tau_Ca"] * log(c / theta))
    return total / interval


def change(p, interval, n, dt):
    """(fraction above theta_d, above theta_p, mean efficacy, U, D, strength after over before) of `n` pairs.

    `p["beta"]` of the synapses begin DOWN with strength 1, the others UP with strength `b`.
    """
    a_d, a_p = above(p, interval, dt, p["theta_d"]), above(p, interval, dt, p["theta_p"])
    up, down = p["gamma_p"] * a_p, p["gamma_d"] * a_d
    if up + down == 0:
        return 0.0, 0.0, p["rho_star"], 0.0, 0.0, 1.0
    mean, rate = up / (up + down), (up + down) / p["tau"]
    spread = p["sigma"] ** 2 * (a_p + a_d) / (up + down)
    left = exp(-n * interval * rate)
    width = sqrt(spread * (1 - left * left))
    u = 0.5 * (1 - erf((p["rho_star"] - mean + mean * left) / width))
    d = 0.5 * (1 + erf((p["rho_star"] - mean + (mean - 1) * left) / width))
    beta, b = p["beta"], p["b"]
    before = beta + (1 - beta) * b
    after = (1 - u) * beta + d * (1 - beta) + b * (u * beta + (1 - d) * (1 - beta))
    return a_d, a_p, mean, u, d, after / before


def drift(p, pre, post, start, end):
    """Efficacy at `end` without noise; a presynaptic spike reaches the calcium after `p["D"]`."""
    events = sorted([(t + p["D"], p["C_pre"]) for t in pre] + [(t, p["C_post"]) for t in post])
    rho, c, now = start, 0.0, 0.0
    for at, jump in events + [(end, 0.0)]:
        while now < at:
            high, low = c > p["theta_p"], c > p["theta_d"]
            edges = [p["tau_Ca"] * log(c / theta) for theta in (p["theta_p"], p["theta_d"]) if c > theta]
            span = min([at - now] + edges)
            crossed = bool(edges) and span == min(edges) and span < at - now
            rho = advance(p, rho, span, high, low)
            c = (p["theta_p"] if high else p["theta_d"]) if crossed else c * exp(-span / p["tau_Ca"])
            now = now + span if crossed else at
        c += jump
    return rho


def advance(p, rho, span, high, low):
    """Runge-Kutta of order four over `span`, in steps of at most a thousandth of the fastest time constant."""
    rate = (1 + p["gamma_p"] * high + p["gamma_d"] * low) / p["tau"]
    parts = max(1, ceil(span * rate * 1000))
    h = span / parts

    def slope(x):
        return (-x * (1 - x) * (p["rho_star"] - x) + p["gamma_p"] * (1 - x) * high - p["gamma_d"] * x * low) / p["tau"]

    for _ in range(parts):
        k1 = slope(rho)
        k2 = slope(rho + h / 2 * k1)
        k3 = slope(rho + h / 2 * k2)
        rho += h / 6 * (k1 + 2 * k2 + 2 * k3 + slope(rho + h * k3))
    return rho
