"""How far the closed form of `models/synapses/calcium_tagging.toml` is from the authors' way: Euler steps of 0.2 ms, all the time.

    python3 tagging.py        prints both for the tetani of `experiments/tagging` (needs numba; half a minute)

One synapse without postsynaptic spikes and without noise: 3 x 1 s at 100 Hz every 10 min (strong), or 0.2 s at 100 Hz (weak), then
quiet until 8 h after the last tetanus. The protein threshold is h_0/2, as in Luboeinski and Tetzlaff (2021).
"""
from math import exp, log

from numba import njit

H0, TAU_H, UP, DOWN, TAU_CA = 4.20075, 688.4, 1645.6, 313.1, 0.0488
TAG, TAU = 0.840149, 3600.0


@njit
def euler(arrivals, end, dt):
    """h, z, p at the end, all by Euler's method."""
    h, c, z, p, k = H0, 0.0, 0.0, 0.0, 0
    for n in range(int(round(end / dt))):
        d = h - H0
        h += dt * (-0.1 * d + UP * (10 - h) * (c > 3) - DOWN * h * (c > 1.2)) / TAU_H
        z += dt * p * ((1 - z) * (d > TAG) - (z + 0.5) * (-d > TAG)) / TAU
        p += dt * ((1.0 if abs(d) > H0 / 2 else 0.0) - p) / TAU
        c -= dt * c / TAU_CA
        while k < len(arrivals) and int(round(arrivals[k] / dt)) == n:
            c += 1.0
            k += 1
    return h, z, p


def closed(arrivals, end):
    """The same as the model has it: h exact between events, proteins and tags looked at every 50 s."""
    h, c, t, z, p, making, dose = H0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    events = sorted([(a, 1.0) for a in arrivals] + [(50.0 * k, 0.0) for k in range(1, int(end / 50) + 1)])
    for at, jump in events + [(end, 0.0)]:
        while t < at:
            above = [theta for theta in (1.2, 3.0) if c > theta]
            span = min([at - t] + [TAU_CA * log(c / theta) for theta in above])
            rate = (0.1 + UP * (len(above) == 2) + DOWN * (len(above) > 0)) / TAU_H
            there = (0.1 * H0 + UP * 10 * (len(above) == 2)) / TAU_H / rate
            h = there + (h - there) * exp(-rate * span)
            c, t = (above[-1], t + span) if above and span < at - t else (c * exp(-span / TAU_CA), at)
        c += jump
        if jump == 0.0 and at < end:
            part = 1 - exp(-dose / TAU)
            z += part * ((1 - z) * (h - H0 > TAG) - (z + 0.5) * (H0 - h > TAG))
            p = making + (p - making) * exp(-50 / TAU)
            making = float(abs(h - H0) > H0 / 2)
            dose = making * 50 + (p - making) * TAU * (1 - exp(-50 / TAU))
    return h, z, p


def train(start, n):
    return [start + 0.01 * k + 0.0188 for k in range(n)]


PROTOCOLS = {
    "strong": (train(0.01, 100) + train(600.01, 100) + train(1200.01, 100), 1201.0 + 8 * 3600),
    "weak": (train(0.01, 20), 0.2 + 8 * 3600),
}

if __name__ == "__main__":
    import numpy

    for name, (arrivals, end) in PROTOCOLS.items():
        for label, until in (("1 min after", end - 8 * 3600 + 60), ("8 h after", end)):
            a, b = euler(numpy.array(arrivals), until, 0.0002), closed(arrivals, until)
            print(f"{name:7} {label:12} Euler h {a[0]:.6f} mV z {a[1]:.6f} w/h0 {a[0]/H0 + a[1]:.6f}   closed h {b[0]:.6f} mV z {b[1]:.6f} w/h0 {b[0]/H0 + b[1]:.6f}")
