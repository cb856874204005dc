#!/usr/bin/env python3
"""Writes src/coefficients.rs and tests/reference/*.csv. Needs mpmath.

    python3 coefficients.py            both
    python3 coefficients.py poly       only the coefficients
    python3 coefficients.py reference  only the reference values

A polynomial is found by the exchange algorithm of Remez (1934) on a fixed grid of Chebyshev
points, with a weight: the largest |w(v) (f(v) - p(v))| is as small as it can be, and w turns an
error of p into a relative error of the function that p serves. Coefficients are then rounded one
by one from the lowest, each time fitting the rest anew (Brisebarre, Muller, Tisserand 2006 do this
better; the loss here is below 2^-4 ULP), so that the higher ones make up for the rounding of the
lower ones.
"""

import math
import random
import struct
import sys
from pathlib import Path

import mpmath
from mpmath import mp, mpf

mp.dps = 60
HERE = Path(__file__).parent
BITS = {"f32": 24, "f64": 53}


def rounded(x, bits):
    with mp.workprec(bits):
        return +x


def extremes(error, count):
    """Where the error is largest in each run of one sign: at most `count` neighbouring runs."""
    runs = []
    for i, e in enumerate(error):
        if runs and (error[runs[-1]] > 0) == (e > 0):
            if abs(e) > abs(error[runs[-1]]):
                runs[-1] = i
        else:
            runs.append(i)
    while len(runs) > count:
        runs.pop(0 if abs(error[runs[0]]) < abs(error[runs[-1]]) else -1)
    return runs


def solve(grid, values, weights, fixed, count):
    """Minimax coefficients number len(fixed) .. count of a polynomial whose first are `fixed`."""
    first, free = len(fixed), count - len(fixed)
    powers = [[v**i for i in range(free)] for v in grid]
    # Divided by v^first, what is left is fitted by all powers from 0: else, with 0 inside the
    # interval, the best fit would not be the one whose error alternates.
    rest = [
        (f - mpmath.polyval(fixed[::-1], v)) / v**first if fixed else f for f, v in zip(values, grid)
    ]
    weights = [w * abs(v) ** first for w, v in zip(weights, grid)]

    def errors(coefficients):
        return [
            w * (r - mpmath.fdot(zip(coefficients, p))) for w, r, p in zip(weights, rest, powers)
        ]

    # From the fit of least squares, whose error nearly alternates already.
    a, b = mp.matrix(free, free), mp.matrix(free, 1)
    for w, r, p in zip(weights, rest, powers):
        for i in range(free):
            b[i] += w * w * r * p[i]
            for j in range(free):
                a[i, j] += w * w * p[i] * p[j]
    best = list(mp.lu_solve(a, b))
    error = errors(best)
    least = max(map(abs, error))
    for _ in range(30):
        points = extremes(error, free + 1)
        if len(points) < free + 1:
            break
        a, b = mp.matrix(free + 1, free + 1), mp.matrix(free + 1, 1)
        for row, i in enumerate(points):
            for col in range(free):
                a[row, col] = powers[i][col]
            a[row, free] = (-1) ** row / weights[i]
            b[row] = rest[i]
        x = mp.lu_solve(a, b)
        error = errors(list(x[:free]))
        worst = max(map(abs, error))
        if worst < least:
            best, least = list(x[:free]), worst
        if worst <= abs(x[free]) * mpf("1.001"):
            break
    return best, least


def minimax(f, weight, lo, hi, count, bits):
    """`count` coefficients rounded to `bits`, lowest first, and the weighted error left."""
    lo, hi = mpf(lo), mpf(hi)
    n = 24 * (count + 1)
    grid = [(lo + hi) / 2 - (hi - lo) / 2 * mp.cos(mp.pi * (i + mpf(1) / 2) / n) for i in range(n)]
    values, weights = [f(v) for v in grid], [abs(weight(v)) for v in grid]
    fixed = []
    for _ in range(count):
        found, _ = solve(grid, values, weights, fixed, count)
        fixed.append(rounded(found[0], bits))
    worst = max(
        abs(w * (f - mpmath.polyval(fixed[::-1], v))) for v, f, w in zip(grid, values, weights)
    )
    return fixed, worst


def log1p_over(v):
    return mp.log1p(v) / v


def atanh_series(z):
    s = mp.sqrt(z)
    return 2 * mp.atanh(s) / s


R = mp.log(2) / 2 * mpf("1.0001")
Q = mp.pi / 4 * mpf("1.0001")
S = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2
ROOT = mp.sqrt(2)
EIGHTH = (mp.sqrt(2) - 1) ** 2 * mpf("1.0001")

# name, what the Rust side documents, f(v), weight(v), interval by format, count by format
POLYNOMIALS = [
    ("TWICE_EXP", "`2 (exp(r) - 1 - r) / r^2`, `|r| <= ln(2)/2`, for the relative error of `exp(r)`.",
     lambda r: 2 * (mp.expm1(r) - r) / r**2, lambda r: r**2 / (2 * mp.exp(r)),
     {"f32": (-R, R), "f64": (-R, R)}, {"f32": 5, "f64": 10}),
    ("EXPM1", "`(exp(r) - 1 - r) / r^2`, `|r| <= ln(2)/2`, for the relative error of `exp(r) - 1`.",
     lambda r: (mp.expm1(r) - r) / r**2, lambda r: r**2 / mp.expm1(r),
     {"f32": (-R, R), "f64": (-R, R)}, {"f32": 5, "f64": 11}),
    ("LOG", "f32: `(log(1+f) - f + f^2/2) / f^3` in `f`; f64: `log((1+s)/(1-s))/s - 2` over `s^2`,"
            " in `s^2`; argument between `sqrt(1/2)` and `sqrt(2)`.",
     {"f32": lambda f: (mp.log1p(f) - f + f * f / 2) / f**3,
      "f64": lambda z: (atanh_series(z) - 2) / z},
     {"f32": lambda f: f**3 / mp.log1p(f), "f64": lambda z: z / 2},
     {"f32": (1 / ROOT - 1, ROOT - 1), "f64": (0, S)}, {"f32": 9, "f64": 7}),
    ("ATANH", "`(log((1+s)/(1-s))/s - 2 - 2/3 s^2) / s^4` in `s^2`, to the precision `pow` needs.",
     lambda z: (atanh_series(z) - 2 - 2 * z / 3) / z**2, lambda z: z**2 / 2,
     {"f32": (0, S), "f64": (0, S)}, {"f32": 4, "f64": 8}),
    ("SIN", "`(sin(r)/r - 1) / r^2` in `r^2`, `|r| <= pi/4`.",
     lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z,
     lambda z: z * mp.sqrt(z) / mp.sin(mp.sqrt(z)),
     {"f32": (0, Q**2), "f64": (0, Q**2)}, {"f32": 3, "f64": 6}),
    ("COS", "`(cos(r) - 1 + r^2/2) / r^4` in `r^2`, `|r| <= pi/4`.",
     lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2,
     lambda z: z**2 / mp.cos(mp.sqrt(z)),
     {"f32": (0, Q**2), "f64": (0, Q**2)}, {"f32": 3, "f64": 6}),
    ("ERF", "`erf(x)/x - 1` in `x^2`, `|x| <= 1`.",
     lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1,
     lambda z: mp.sqrt(z) / mp.erf(mp.sqrt(z)),
     {"f32": (0, 1), "f64": (0, 1)}, {"f32": 7, "f64": 13}),
    ("ERFC", "`-log(1 - erf(2 + t))` in `t`, from `erf(1)` to where `erf` rounds to 1.",
     lambda t: -mp.log(mp.erfc(2 + t)), lambda t: mp.erfc(2 + t) / mp.erf(2 + t),
     {"f32": (-1, "1.95"), "f64": (-1, "3.95")}, {"f32": 8, "f64": 20}),
    ("ATAN", "`(atan(u)/u - 1) / u^2` in `u^2`, `|u| <= tan(pi/8)`.",
     lambda z: (mp.atan(mp.sqrt(z)) / mp.sqrt(z) - 1) / z,
     lambda z: z * mp.sqrt(z) / mp.atan(mp.sqrt(z)),
     {"f32": (0, EIGHTH), "f64": (0, EIGHTH)}, {"f32": 5, "f64": 11}),
    ("ASIN", "`(asin(v)/v - 1) / v^2` in `v^2`, `|v| <= 1/2`.",
     lambda z: (mp.asin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z,
     lambda z: z * mp.sqrt(z) / mp.asin(mp.sqrt(z)),
     {"f32": (0, "0.25"), "f64": (0, "0.25")}, {"f32": 5, "f64": 12}),
]

# A constant as a sum of three, each what the ones before leave, cut off: so all have one sign.
SPLITS = [
    ("LN2", "ln 2", mp.log(2), None),
    ("HALF_PI", "pi / 2", mp.pi / 2, None),
    ("LOG10_E", "the logarithm of e to the base 10", 1 / mp.log(10), None),
    ("LOG2_E", "the logarithm of e to the base 2", 1 / mp.log(2), None),
    ("TWO_THIRDS", "2 / 3", mpf(2) / 3, None),
    ("LN2_SHORT", "ln 2, the first part short enough that an exponent times it is exact",
     mp.log(2), {"f32": 15, "f64": 41}),
]


def literal(x):
    return repr(float(x))


def polynomials():
    out = [
        "//! Written by `coefficients.py`, which says how; do not edit.",
        "",
        "// What the fits find comes close to named constants without being them.",
        "#![allow(clippy::approx_constant)]",
        "",
        "use crate::arith::Precision;",
        "",
        "/// Numbers that differ with the precision.",
        "pub(crate) struct Table {",
        "    f32: &'static [f64],",
        "    f64: &'static [f64],",
        "}",
        "",
        "impl Table {",
        "    /// The numbers for one precision; each is exact in it.",
        "    pub(crate) fn of(&self, precision: Precision) -> &'static [f64] {",
        "        match precision {",
        "            Precision::F32 => self.f32,",
        "            Precision::F64 => self.f64,",
        "        }",
        "    }",
        "}",
    ]

    def table(name, comments, rows):
        out.append("")
        out.extend(("/// " + c).rstrip() for c in comments)
        out.append(f"pub(crate) const {name}: Table = Table {{")
        for kind, numbers in rows.items():
            one = f"    {kind}: &[{', '.join(literal(c) for c in numbers)}],"
            if len(one) <= 100 and len(numbers) < 2:
                out.append(one)
            else:
                out.append(f"    {kind}: &[")
                out.extend(f"        {literal(c)}," for c in numbers)
                out.append("    ],")
        out.append("};")

    for name, text, f, weight, intervals, counts in POLYNOMIALS:
        rows, errors = {}, []
        for kind, bits in BITS.items():
            fk = f[kind] if isinstance(f, dict) else f
            wk = weight[kind] if isinstance(weight, dict) else weight
            rows[kind], worst = minimax(fk, wk, *intervals[kind], counts[kind], bits)
            errors.append(f"{kind} 2^{float(mp.log(worst, 2)):.1f}")
        table(name, [text, "", f"Error of the fit: {', '.join(errors)}."], rows)
        print(name, errors, flush=True)
    for name, text, value, short in SPLITS:
        rows = {}
        for kind, bits in BITS.items():
            left, parts = value, []
            for i in range(3):
                parts.append(mpf(left, prec=short[kind] if short and i == 0 else bits, rounding="d"))
                left -= parts[-1]
            rows[kind] = parts
        table(name, [f"{text}."], rows)
    (HERE / "src/coefficients.rs").write_text("\n".join(out) + "\n")


def hexadecimal(x):
    return f"{struct.unpack('<Q', struct.pack('<d', x))[0]:016x}"


def sampled(draw, lo, hi, n):
    """Half uniform, half log-uniform in magnitude, from [lo, hi]."""
    points = []
    smallest = 2.0**-60 if lo <= 0 else lo
    while len(points) < n:
        if len(points) % 2:
            x = draw.uniform(lo, hi)
        else:
            top = max(abs(lo), abs(hi))
            x = math.exp(draw.uniform(math.log(smallest), math.log(top)))
            x = -x if lo < 0 and draw.random() < 0.5 else x
        if lo <= x <= hi:
            points.append(x)
    return points


def reference():
    """Lines `x,y,t` (`x1,x2,y,t` for pow): bits of arguments and of the nearest double, and the
    exact value less that double in thousandths of an ULP."""
    exprel = lambda x: mp.expm1(x) / x
    tables = {
        "exp": (mp.exp, [(-708, 709.7), (-1, 1)]),
        "expm1": (mp.expm1, [(-45, 709.7), (-1.1, 1.1)]),
        "exprel": (exprel, [(-708, 716.3), (-1.1, 1.1), (-40, 40)]),
        "bernoulli": (lambda x: 1 / exprel(x), [(-708, 705), (-1.1, 1.1), (-40, 40)]),
        "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), [(-700, 40), (-3, 3)]),
        "log": (mp.log, [(1e-307, 1e308), (0.5, 2), (0.98, 1.02)]),
        "log1p": (mp.log1p, [(-0.999999, 1e300), (-0.6, 1.5)]),
        "sinh": (mp.sinh, [(-710.4, 710.4), (-1.5, 1.5)]),
        "cosh": (mp.cosh, [(-710.4, 710.4), (-1.5, 1.5)]),
        "tanh": (mp.tanh, [(-20, 20), (-1.2, 1.2)]),
        "sin": (mp.sin, [(-1e9, 1e9), (-7, 7)]),
        "cos": (mp.cos, [(-1e9, 1e9), (-7, 7)]),
        "tan": (mp.tan, [(-1e9, 1e9), (-7, 7)]),
        "erf": (mp.erf, [(-6, 6), (0.5, 2)]),
    }
    later = {
        "atan": (mp.atan, [(-1e300, 1e300), (-3, 3)]),
        "asin": (mp.asin, [(-1, 1), (-0.6, 0.6)]),
        "acos": (mp.acos, [(-1, 1), (0.4, 1)]),
        "log10": (lambda x: mp.log(x) / mp.log(10), [(1e-307, 1e308), (0.5, 2)]),
        "log2": (lambda x: mp.log(x) / mp.log(2), [(1e-307, 1e308), (0.5, 2)]),
    }
    draw = random.Random(1)
    folder = HERE / "tests/reference"
    folder.mkdir(exist_ok=True)

    def line(arguments, exact):
        y = float(exact)
        ulp = mpf(2) ** max(mp.floor(mp.log(abs(exact), 2)) - 52, -1074) if exact else mpf(1)
        t = int(mp.nint((exact - mpf(y)) / ulp * 1000))
        return ",".join([*map(hexadecimal, arguments), hexadecimal(y), str(t)])

    for name, (f, intervals) in tables.items():
        points = [x for lo, hi in intervals for x in sampled(draw, lo, hi, 800)]
        if name in ("sin", "cos", "tan"):
            # The doubles next to multiples of a quarter turn, where the reduction cancels most.
            for k in [1, 2, 3, 5, 22, 355, 710, 1000, 52174, 10**6 + 3, 10**8 + 1, 6 * 10**8]:
                points.append(float(k * mp.pi / 2))
        rows = [line([x], f(mpf(x))) for x in points]
        (folder / f"{name}.csv").write_text("\n".join(rows) + "\n")
    rows = []
    while len(rows) < 3000:
        kind = len(rows) % 3
        if kind == 0:
            x, y = 10 ** draw.uniform(-300, 300), draw.uniform(-8, 8)
        elif kind == 1:
            x, y = draw.uniform(0.5, 2), draw.uniform(-1500, 1500)
        else:
            x, y = 1 + draw.uniform(-1, 1) * 2.0 ** draw.uniform(-50, -2), draw.uniform(-1, 1) * 2.0 ** draw.uniform(0, 55)
        exact = mp.power(mpf(x), mpf(y))
        if mpf(2) ** -1022 < exact < mpf(2) ** 1023:
            rows.append(line([x, y], exact))
    (folder / "pow.csv").write_text("\n".join(rows) + "\n")
    # Behind the others, whose numbers they leave as they are.
    for name, (f, intervals) in later.items():
        points = [x for lo, hi in intervals for x in sampled(draw, lo, hi, 800)]
        rows = [line([x], f(mpf(x))) for x in points]
        (folder / f"{name}.csv").write_text("\n".join(rows) + "\n")
    rows = []
    while len(rows) < 1600:
        size = 10 ** draw.uniform(-3, 3) if len(rows) % 2 else 10 ** draw.uniform(-100, 100)
        y, x = (draw.choice((-1, 1)) * size * draw.uniform(0.01, 1) for _ in range(2))
        rows.append(line([y, x], mp.atan2(mpf(y), mpf(x))))
    (folder / "atan2.csv").write_text("\n".join(rows) + "\n")
    rows = []
    while len(rows) < 1600:
        b = draw.choice((-1, 1)) * 10 ** draw.uniform(-3, 3)
        a = draw.choice((-1, 1)) * abs(b) * 10 ** draw.uniform(-3, 12)
        exact = mpf(a) - mpf(b) * mp.floor(mpf(a) / mpf(b))
        rows.append(line([a, b], exact))
    (folder / "modulo.csv").write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["poly", "reference"]
    if "poly" in wanted:
        polynomials()
    if "reference" in wanted:
        reference()
