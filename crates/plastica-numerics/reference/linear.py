"""Reference propagators, by mpmath at 800 bits: python linear.py > linear.csv

Each line: n; bits of dt; the n*n entries of A, of exp(A dt) and of the integral of exp(A s) ds
over [0, dt], row by row, as bits of the nearest f64.
"""
import random
import struct

import mpmath as mp

mp.mp.prec = 800
R = random.Random(19990102)


def bits(x):
    return f"{struct.unpack('<Q', struct.pack('<d', float(x)))[0]:016x}"


def case(rows, dt):
    n = len(rows)
    m = mp.zeros(2 * n, 2 * n)
    for i in range(n):
        for j in range(n):
            m[i, j] = mp.mpf(rows[i][j]) * mp.mpf(dt)
        m[i, n + i] = mp.mpf(dt)
    e = mp.expm(m)
    cells = [bits(x) for row in rows for x in row]
    cells += [bits(e[i, j]) for i in range(n) for j in range(n)]
    cells += [bits(e[i, n + j]) for i in range(n) for j in range(n)]
    print(f"{n};{bits(dt)};" + ",".join(cells))


# A membrane with an exponential current: rates different, close, equal, stiff.
for tau, tau_s in [(20.0, 5.0), (10.0, 10.0), (10.0, 10.0000001), (10.0, 9.999999999999), (10.0, 0.002), (0.01, 100.0)]:
    for dt in (0.1, 1.0, -0.5):
        case([[-1 / tau, 1 / 250.0], [0.0, -1 / tau_s]], dt)
# An alpha current on a membrane; units that differ by twelve orders of magnitude.
for tau, tau_s in [(10.0, 2.0), (10.0, 10.0), (2.0, 2.0000000001), (15.0, 0.001)]:
    case([[-1 / tau, 1e12 / 250.0, 0.0], [0.0, -1 / tau_s, 1.0], [0.0, 0.0, -1 / tau_s]], 0.1)
    case([[-1 / tau_s, 0.0, 0.0], [1.0, -1 / tau_s, 0.0], [0.0, 1e-9, -1 / tau]], 0.1)
# An oscillator, an integrator chain, growth.
case([[0.0, 1.0], [-1.0, 0.0]], 0.7)
case([[-0.1, 3.0], [-3.0, -0.1]], 2.0)
case([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]], 0.25)
case([[1.5, 0.25], [0.5, 2.0]], 3.0)
# Random: dense and triangular.
for n in range(1, 6):
    for _ in range(4):
        case([[R.gauss(0, 1) for _ in range(n)] for _ in range(n)], R.uniform(0.05, 2.0))
    for _ in range(4):
        case([[0.0 if j < i else (-(10 ** R.uniform(-2, 2.5)) if i == j else R.uniform(0, 2)) for j in range(n)] for i in range(n)], R.uniform(0.05, 1.0))
