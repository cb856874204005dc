"""Models of std for which no other reference case exists: trajectories and spike times, computed without bpc.

Recreates case.md and the CSV files beside this script: `python generate.py`. Needs numpy and scipy (2.3, 1.17); about a
minute of one core. The equations are typed from the papers, not from stdlib; the methods are those of 05_adex and
07_reduced_models (../case.md there).
"""
import math, os
import numpy as np
from scipy.integrate import solve_ivp

HERE = os.path.dirname(os.path.abspath(__file__))
exp, tanh, pi = math.exp, math.tanh, math.pi


def wang_buzsaki(I):
    def x_over(x):                       # x / (1 - exp(-x))
        return x / -math.expm1(-x) if x else 1.0

    def f(y):
        V, h, n = y
        am, bm = x_over(0.1 * (V + 35)), 4 * exp(-(V + 60) / 18)
        ah, bh = 0.07 * exp(-(V + 58) / 20), 1 / (exp(-0.1 * (V + 28)) + 1)
        an, bn = 0.1 * x_over(0.1 * (V + 34)), 0.125 * exp(-(V + 44) / 80)
        m = am / (am + bm)
        return [-35 * m**3 * h * (V - 55) - 9 * n**4 * (V + 90) - 0.1 * (V + 65) + I,
                5 * (ah * (1 - h) - bh * h), 5 * (an * (1 - n) - bn * n)]
    return f


def jansen_rit(p):
    A, B, a, b, C = 3.25, 22.0, 0.1, 0.05, 135.0        # mV, 1/ms

    def S(v):
        return 2 * 0.0025 / (1 + exp(0.56 * (6 - v)))   # 1/ms

    def f(y):
        return [y[3], y[4], y[5],
                A * a * S(y[1] - y[2]) - 2 * a * y[3] - a * a * y[0],
                A * a * (p + 0.8 * C * S(C * y[0])) - 2 * a * y[4] - a * a * y[1],
                B * b * 0.25 * C * S(0.25 * C * y[0]) - 2 * b * y[5] - b * b * y[2]]
    return f


def wong_wang(c):
    def H(x):                            # 1/ms, x in nA
        u = 0.27e3 * x - 108.0           # Hz
        return 1e-3 * (u / -math.expm1(-0.154 * u) if u else 1 / 0.154)

    def f(y):
        I = [5.2e-4 * 30 * (1 + c), 5.2e-4 * 30 * (1 - c)]
        x1 = 0.2609 * y[0] - 0.0497 * y[1] + 0.3255 + I[0]
        x2 = 0.2609 * y[1] - 0.0497 * y[0] + 0.3255 + I[1]
        return [-y[0] / 100 + (1 - y[0]) * 0.641 * H(x1), -y[1] / 100 + (1 - y[1]) * 0.641 * H(x2)]
    return f


def qif_mean_field(I):
    def f(y):                            # tau = 10 ms
        r, v = y[0] / 1000, y[1]         # y[0] in Hz
        return [1000 * (1 / (10 * pi) + 2 * r * v) / 10, (v * v - 5 + 15 * 10 * r + I - (pi * 10 * r) ** 2) / 10]
    return f


def fitzhugh_nagumo_rate(I):
    return lambda y: [-3 * y[0]**3 + 4 * y[0]**2 - 1.5 * y[0] - y[1] + I, (y[0] - 0.5 * y[1]) / 20]


# name, right-hand side, column names, initial values, duration, spacing of the samples (ms), steps (ms)
TRACES = [
    ("wang_buzsaki", wang_buzsaki(1.0), "V h n", [-65, 0.8, 0.1], 100.0, 0.5, (0.02, 0.01)),
    ("wong_wang", wong_wang(0.256), "S1 S2", [0.1, 0.1], 1000.0, 10.0, (10.0, 5.0)),
    ("qif_mean_field", qif_mean_field(8.0), "r v", [10.0, -1.0], 400.0, 2.0, (0.2, 0.1)),
    ("fitzhugh_nagumo_rate", fitzhugh_nagumo_rate(0.7), "x y", [0.3, 0.1], 200.0, 1.0, (0.2, 0.1)),
    ("jansen_rit", jansen_rit(0.22), "y0 y1 y2", [0, 0, 0, 0, 0, 0], 1000.0, 5.0, (0.5, 0.2)),
]


def adqif(p):
    C, k, vr, vt, a, b, c, d, peak, I = p
    return (lambda y: [(k * (y[0] - vr) * (y[0] - vt) - y[1] + I) / C, a * (b * (y[0] - vr) - y[1])], [vr, 0.0], peak,
            lambda y: [c, y[1] + d])


def izhikevich(p):
    a, b, c, d, I = p
    return (lambda y: [0.04 * y[0]**2 + 5 * y[0] + 140 - y[1] + I, a * (b * y[0] - y[1])], [-65.0, -65.0 * b], 30.0,
            lambda y: [c, y[1] + d])


# name, system, settings as `bpc --set` takes them (without the population)
SPIKES = [
    ("adqif_rs", adqif((100, 0.7, -60, -40, 0.03, -2, -50, 100, 35, 100)), "I=100 pA"),
    ("adqif_ib", adqif((150, 1.2, -75, -45, 0.01, 5, -56, 130, 50, 500)),
     "A.C=150 pF;A.k=1.2 nS/mV;A.V_rest=-75 mV;A.V_crit=-45 mV;A.a=0.01 ms^-1;A.b=5 nS;A.V_reset=-56 mV;A.d=130 pA;A.V_peak=50 mV;I=500 pA"),
    ("adqif_ch", adqif((50, 1.5, -60, -40, 0.03, 1, -40, 150, 25, 300)),
     "A.C=50 pF;A.k=1.5 nS/mV;A.b=1 nS;A.V_reset=-40 mV;A.d=150 pA;A.V_peak=25 mV;I=300 pA"),
    ("izhikevich_rs", izhikevich((0.02, 0.2, -65, 8, 10)), "I=10 mV/ms"),
    ("izhikevich_ib", izhikevich((0.02, 0.2, -55, 4, 10)), "A.c=-55 mV;A.d=4 mV/ms;I=10 mV/ms"),
    ("izhikevich_ch", izhikevich((0.02, 0.2, -50, 2, 10)), "A.c=-50 mV;A.d=2 mV/ms;I=10 mV/ms"),
    ("izhikevich_fs", izhikevich((0.1, 0.2, -65, 2, 10)), "A.a=0.1 ms^-1;A.d=2 mV/ms;I=10 mV/ms"),
    ("izhikevich_lts", izhikevich((0.02, 0.25, -65, 2, 10)), "A.b=0.25 ms^-1;A.d=2 mV/ms;I=10 mV/ms"),
]
T_SPIKES = 200.0


def rk4(f, y, h):
    a = np.array(f(y))
    b = np.array(f(y + h / 2 * a))
    c = np.array(f(y + h / 2 * b))
    return y + h / 6 * (a + 2 * b + 2 * c + np.array(f(y + h * c)))


def adaptive(f, y0, T, at=None, event=None, rtol=1e-12):
    return solve_ivp(lambda t, y: f(y), (0, T), y0, method="DOP853", rtol=rtol, atol=rtol, t_eval=at, events=event)


def spike_times(system, rtol):
    f, y, peak, reset = system
    reached = lambda t, y: y[0] - peak
    reached.terminal, reached.direction = True, 1
    t, times = 0.0, []
    while True:
        s = adaptive(f, y, T_SPIKES - t, event=reached, rtol=rtol)
        if s.status != 1:
            return np.array(times)
        t += s.t[-1]
        times.append(t)
        y = reset(s.y[:, -1])


def spike_times_on_a_grid(system, dt):
    f, y, peak, reset = system
    y, times = np.array(y, float), []
    for k in range(round(T_SPIKES / dt)):
        y = rk4(f, y, dt)
        if y[0] >= peak:
            times.append((k + 1) * dt)
            y = np.array(reset(y), float)
    return np.array(times)


def write(name, header, rows):
    with open(os.path.join(HERE, name), "w") as file:
        file.write("\n".join(",".join(map(str, row)) for row in [header, *rows]) + "\n")


def main():
    traces = []
    for name, f, columns, y0, T, every, steps in TRACES:
        columns = columns.split()
        at = every * np.arange(round(T / every) + 1)
        exact = adaptive(f, y0, T, at=at).y
        own = np.abs(exact - adaptive(f, y0, T, at=at, rtol=3e-14).y).max(axis=1)
        write(name + ".csv", ["t", *columns], [[repr(float(v)) for v in (t, *row[:len(columns)])] for t, row in zip(at, exact.T)])
        for dt in steps:
            y, off, stride = np.array(y0, float), np.zeros(len(y0)), round(every / dt)
            for k in range(round(T / dt)):
                y = rk4(f, y, dt)
                if (k + 1) % stride == 0:
                    off = np.maximum(off, np.abs(y - exact[:, (k + 1) // stride]))
            for i, column in enumerate(columns):
                traces.append(f"| {name} | {dt:g} | {column} | {off[i]:.3g} | {own[i]:.1e} |")
    spikes, rows = [], []
    for name, system, settings in SPIKES:
        times, again = spike_times(system, 1e-12), spike_times(system, 5e-14)
        rows += [[name, k, repr(float(t))] for k, t in enumerate(times)]
        for dt in (0.1, 0.01):
            grid = spike_times_on_a_grid(system, dt)
            shared = min(len(grid), len(times))
            off = np.abs(grid[:shared] - times[:shared]).max()
            spikes.append(f"| {name} | {settings} | {dt:g} | {len(times)} | {len(grid)} | {off:.3g} | {np.abs(times - again).max():.1e} |")
    write("spike_times.csv", ["case", "k", "t_ms"], rows)
    with open(os.path.join(HERE, "case.md"), "w") as file:
        file.write(f"""# std_models: models of std that have no case of their own

Method: DOP853, rtol = atol = 1e-12, spikes located as roots of the dense output; own error = change at rtol 3e-14 (traces), 5e-14 (spikes).
The errors of classical RK4 are those of a separate implementation in generate.py, over the samples of the CSV files, against DOP853.

Traces. Time in ms, rates in Hz, everything else as in the papers that stdlib names. Wang-Buzsaki: I = 1 uA/cm^2. Wong-Wang: coherence
0.256. QIF mean field: tau 10 ms, I = 8. FitzHugh-Nagumo rate form: I = 0.7. Jansen-Rit: p = 220 Hz. Initial values: first line of each file
(Jansen-Rit: all 0). Tolerance: 3 times the line of the step.

| model | dt | variable | max err | own error |
|---|---|---|---|---|
{chr(10).join(traces)}

Spikes in {T_SPIKES:g} ms (spike_times.csv). Adaptive quadratic: regular spiking, intrinsically bursting and chattering cells of Izhikevich
(2007), chapter 8, from rest. Izhikevich (2003): the cells of its figure 2, from V = -65 mV, u = b V. RK4 with spikes on the grid:
a late reset delays all that follows, so the error is of the order of dt for each spike. Tolerance: the count of the table, 1.5 times the error.

| case | settings | dt | spikes | spikes on grid | max err (ms) | own error (ms) |
|---|---|---|---|---|---|---|
{chr(10).join(spikes)}
""")


main()
