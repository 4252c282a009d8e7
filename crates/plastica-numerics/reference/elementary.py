"""Reference values of the elementary functions, by mpmath at 400 bits.

    python elementary.py [points per function] > elementary.csv

Each line: function, bits of x, bits of y (0 if unused), bits of the nearest f64 to the true
value, and what is missing from it in ulp of that f64. Inputs are pseudo-random with fixed seed.
"""
import math
import random
import struct
import sys

import mpmath as mp

mp.mp.prec = 400
N = int(sys.argv[1]) if len(sys.argv) > 1 else 200
R = random.Random(20240229)


def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def line(name, x, y, true):
    near = float(true)
    if math.isinf(near) or near == 0.0 or abs(near) < 2.3e-308:
        return
    rest = (true - mp.mpf(near)) / mp.mpf(math.ulp(near))
    print(f"{name},{bits(x):016x},{bits(y):016x},{bits(near):016x},{float(rest):.4f}")


def span(low, high):
    """Uniform in the interval, or log-uniform in magnitude down to 1e-12, half each."""
    if R.random() < 0.5:
        return R.uniform(low, high)
    side = high if high > 0 and (low >= 0 or R.random() < 0.5) else low
    return math.copysign(abs(side) * 10 ** R.uniform(-12, 0), side)


def positive():
    c = R.random()
    if c < 0.4:
        return R.uniform(0.5, 2.0)
    if c < 0.6:
        return 1.0 + span(-1e-3, 1e-3)
    return 2.0 ** R.uniform(-1022, 1023)


def angle():
    c = R.random()
    if c < 0.4:
        return span(-10.0, 10.0)
    if c < 0.7:
        return R.uniform(-1e5, 1e5)
    return R.randrange(-60000, 60000) * (math.pi / 2)


UNARY = {
    "exp": (mp.exp, lambda: span(-708.0, 709.7)),
    "expm1": (mp.expm1, lambda: span(-40.0, 709.7) if R.random() < 0.3 else span(-3.0, 3.0)),
    "exprel": (lambda x: mp.expm1(x) / x, lambda: span(-50.0, 716.0) if R.random() < 0.3 else span(-3.0, 3.0)),
    "log": (mp.log, positive),
    "log1p": (mp.log1p, lambda: span(-0.9999, 3.0) if R.random() < 0.6 else 10 ** R.uniform(-3, 300)),
    "log10": (mp.log10, positive),
    "sin": (mp.sin, angle),
    "cos": (mp.cos, angle),
    "tan": (mp.tan, angle),
    "sinh": (mp.sinh, lambda: span(-710.4, 710.4) if R.random() < 0.3 else span(-3.0, 3.0)),
    "cosh": (mp.cosh, lambda: span(-710.4, 710.4) if R.random() < 0.3 else span(-3.0, 3.0)),
    "tanh": (mp.tanh, lambda: span(-20.0, 20.0) if R.random() < 0.3 else span(-3.0, 3.0)),
    "asin": (mp.asin, lambda: span(-1.0, 1.0)),
    "acos": (mp.acos, lambda: span(-1.0, 1.0)),
    "atan": (mp.atan, lambda: span(-4.0, 4.0) if R.random() < 0.7 else span(-1e6, 1e6)),
}

for name, (function, draw) in UNARY.items():
    for _ in range(N):
        x = draw()
        line(name, x, 0.0, function(mp.mpf(x)))
for _ in range(N):
    x = R.uniform(0.0, 20.0) if R.random() < 0.5 else positive()
    bound = min(700.0 / abs(math.log(x)) if x != 1.0 else 1e3, 1e6)
    y = span(-bound, bound)
    line("pow", x, y, mp.power(mp.mpf(x), mp.mpf(y)))
