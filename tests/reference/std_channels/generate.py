"""Channels and cells of std, computed without bpc.

Recreates case.md and the CSV files beside this script: `python generate.py`. Needs numpy and scipy (2.4, 1.17); about half a
minute of one core. The equations are typed from the papers, with rates as quotients instead of steady states and
the other way about where that is possible, not from stdlib.
"""
import math, os
import numpy as np
from scipy.integrate import solve_ivp

HERE = os.path.dirname(os.path.abspath(__file__))
exp = math.exp


def ratio(x):                            # x / (exp(x) - 1)
    return x / math.expm1(x) if x else 1.0


def logistic(x):
    return 1 / (1 + exp(-x))


def rates(alpha, beta):                  # alpha, beta -> inf, tau
    return alpha / (alpha + beta), 1 / (alpha + beta)


def faster(factor, gate):                # a gate whose rates are larger by a factor
    inf, tau = gate
    return inf, tau / factor


def q10(factor, kelvin, celsius):        # by how much rates are larger than at a temperature in degrees Celsius
    return exp(math.log(factor) * (kelvin - 273.15 - celsius) / 10)


# ---- gates: potential (mV), calcium (mM), settings -> {gate: (inf, tau in ms)}, and the open share ----
def ina_hh(V, c, phi=1):
    m = rates(ratio(-(V + 40) / 10), 4 * exp(-(V + 65) / 18))
    h = rates(0.07 * exp(-(V + 65) / 20), 1 / (exp(-(V + 35) / 10) + 1))
    return {"m": faster(phi, m), "h": faster(phi, h)}, lambda g: g["m"]**3 * g["h"]


def ik_hh(V, c, phi=1):
    n = rates(0.1 * ratio(-(V + 55) / 10), 0.125 * exp(-(V + 65) / 80))
    return {"n": faster(phi, n)}, lambda g: g["n"]**4


def ina_tm(V, c, V_T=-63, phi=1):
    u = V - V_T
    m = rates(0.32 * 4 * ratio((13 - u) / 4), 0.28 * 5 * ratio((u - 40) / 5))
    h = rates(0.128 * exp((17 - u) / 18), 4 / (1 + exp((40 - u) / 5)))
    return {"m": faster(phi, m), "h": faster(phi, h)}, lambda g: g["m"]**3 * g["h"]


def ik_tm(V, c, V_T=-63, phi=1):
    u = V - V_T
    n = rates(0.032 * 5 * ratio((15 - u) / 5), 0.5 * exp((10 - u) / 40))
    return {"n": faster(phi, n)}, lambda g: g["n"]**4


def ikdr(V, c, V_sh=-50, phi=1):
    u = V - V_sh
    p = rates(0.032 * 5 * ratio((15 - u) / 5), 0.5 * exp((10 - u) / 40))
    return {"p": faster(phi, p)}, lambda g: g["p"]**4


def a_tau(V):
    return 1 / (exp((V + 35.82) / 19.69) + exp(-(V + 79.69) / 12.7)) + 0.37, \
        1 / (exp((V + 46.05) / 5) + exp(-(V + 238.4) / 37.45))


def ika1(V, c, phi_p=1, phi_q=1):
    tp, tq = a_tau(V)
    return {"p": (1 / (1 + exp(-(V + 60) / 8.5)), tp / phi_p),
            "q": (1 / (1 + exp((V + 78) / 6)), (tq if V < -63 else 19.0) / phi_q)}, lambda g: g["p"]**4 * g["q"]


def ika2(V, c, phi_p=1, phi_q=1):
    tp, tq = a_tau(V)
    return {"p": (1 / (1 + exp(-(V + 36) / 20)), tp / phi_p),
            "q": (1 / (1 + exp((V + 78) / 6)), (tq if V < -73 else 60.0) / phi_q)}, lambda g: g["p"]**4 * g["q"]


def icat_hm(V, c, V_sh=0, T=309.15, Q10_p=3.55, Q10_q=3):
    u = V - V_sh
    p = 1 / (1 + exp(-(u + 57) / 6.2)), 0.612 + 1 / (exp(-(u + 132) / 16.7) + exp((u + 16.8) / 18.2))
    q = 1 / (1 + exp((u + 81) / 4)), exp((u + 467) / 66.6) if u < -80 else 28 + exp(-(u + 22) / 10.5)
    return {"p": faster(q10(Q10_p, T, 24), p), "q": faster(q10(Q10_q, T, 24), q)}, lambda g: g["p"]**2 * g["q"]


def icaht_hm(V, c, V_sh=25, **settings):
    return icat_hm(V, c, V_sh, **settings)


def icat_hp(V, c, V_sh=0, T=309.15, Q10_p=5, Q10_q=3):
    u = V - V_sh
    p = 1 / (1 + exp(-(u + 52) / 7.4)), 3 + 1 / (exp((u + 27) / 10) + exp(-(u + 102) / 15))
    q = 1 / (1 + exp((u + 80) / 5)), 85 + 1 / (exp((u + 48) / 4) + exp(-(u + 407) / 50))
    return {"p": faster(q10(Q10_p, T, 24), p), "q": faster(q10(Q10_q, T, 24), q)}, lambda g: g["p"]**2 * g["q"]


def icaht_re(V, c, T=309.15, Q10_p=2.3, Q10_q=2.3):
    p = rates(0.055 * 3.8 * ratio((-27 - V) / 3.8), 0.94 * exp((-75 - V) / 17))
    q = rates(0.000457 * exp((-13 - V) / 50), 0.0065 / (exp((-15 - V) / 28) + 1))
    return {"p": faster(q10(Q10_p, T, 23), p), "q": faster(q10(Q10_q, T, 23), q)}, lambda g: g["p"]**2 * g["q"]


def ican(V, c, K=0.2, phi=1):
    t = 2.7 / (exp(-(V + 55) / 15) + exp((V + 55) / 15)) + 1.6
    return {"p": (1 / (1 + exp(-(V + 43) / 5.2)), t / phi)}, lambda g: g["p"] / (1 + K / c)


def ical(V, c, V_sh=0, T=309.15, Q10_p=3.55, Q10_q=3):
    u = V - V_sh
    p = 1 / (1 + exp(-(u + 10) / 4)), 0.4 + 0.7 / (exp(-(u + 5) / 15) + exp((u + 5) / 15))
    q = 1 / (1 + exp((u + 25) / 2)), 300 + 100 / (exp((u + 40) / 9.5) + exp(-(u + 40) / 9.5))
    return {"p": faster(q10(Q10_p, T, 24), p), "q": faster(q10(Q10_q, T, 24), q)}, lambda g: g["p"]**2 * g["q"]


def iahp(V, c, alpha=48, beta=0.09, phi=1):
    return {"p": faster(phi, rates(alpha * c**2, beta))}, lambda g: g["p"]**2


def ih_tau(V):
    return 1 / (exp(-0.086 * V - 14.59) + exp(0.0701 * V - 1.87))


def ih_hm(V, c, phi=1):
    return {"p": (1 / (1 + exp((V + 75) / 5.5)), ih_tau(V) / phi)}, lambda g: g["p"]


def leak(V, c):
    return {}, lambda g: 1.0


# Pinsky & Rinzel (1994): potentials from rest at -60 mV, calcium without unit.
def pr_rates(v, w, c):
    """Of h, n (at the potential v) and s, c, q (at w): alpha and beta."""
    if w <= 50:
        ac = exp((w - 10) / 11 - (w - 6.5) / 27) / 18.975
        bc = 2 * exp((6.5 - w) / 27) - ac
    else:
        ac, bc = 2 * exp((6.5 - w) / 27), 0.0
    return {"h": (0.128 * exp((17 - v) / 18), 4 / (1 + exp((40 - v) / 5))),
            "n": (0.016 * 5 * ratio((35.1 - v) / 5), 0.25 * exp(0.5 - 0.025 * v)),
            "s": (1.6 / (1 + exp(-0.072 * (w - 65))), 0.02 * 5 * ratio((w - 51.1) / 5)),
            "c": (ac, bc), "q": (min(0.00002 * c, 0.01), 0.001)}


def pr_m(v):
    return rates(0.32 * 4 * ratio((13.1 - v) / 4), 0.28 * 5 * ratio((v - 40.1) / 5))[0]


def pr(gate, share):
    """A channel of theirs with one gate."""
    def gates(V, c):
        v = V + 60
        return {gate: rates(*pr_rates(v, v, c)[gate])}, lambda g: share(v, c, g[gate])
    return gates


PR = {
    "IKDR_PR1994": pr("n", lambda v, c, n: n),
    "ICa_PR1994": pr("s", lambda v, c, s: s * s), "IAHP_PR1994": pr("q", lambda v, c, q: q),
    "IKC_PR1994": pr("c", lambda v, c, x: x * min(c / 250, 1)),
}

# name: gates, g_max (mS/cm^2), reversal potential (mV)
CHANNELS = {
    "INa_HH1952": (ina_hh, 120, 50), "IK_HH1952": (ik_hh, 36, -77),
    "INa_TM1991": (ina_tm, 120, 50), "IK_TM1991": (ik_tm, 10, -90),
    "IKDR_Ba2002": (ikdr, 10, -95), "IKA1_HM1992": (ika1, 30, -95), "IKA2_HM1992": (ika2, 20, -95),
    "ICaT_HM1992": (icat_hm, 2, 120), "ICaHT_HM1992": (icaht_hm, 2, 120), "ICaT_HP1992": (icat_hp, 1.75, 120),
    "ICaHT_Re1993": (icaht_re, 1, 120), "ICaN_IS2008": (ican, 1, 10), "ICaL_IS2008": (ical, 1, 120),
    "IAHP_De1994": (iahp, 10, -95), "Ih_HM1992": (ih_hm, 10, -43),
    "IL": (leak, 0.1, -70), "IKL": (leak, 0.005, -90),
}
CALCIUM = 2.4e-4                         # mM
POTENTIALS = [-119.5 + 5 * k for k in range(33)]

# name: gates, g_max, reversal potential, calcium, settings; none of them is the default of std
SET = {
    "INa_HH1952": (ina_hh, 100, 45, None, {"phi": 3}), "IK_HH1952": (ik_hh, 30, -80, None, {"phi": 2.5}),
    "INa_TM1991": (ina_tm, 90, 55, None, {"V_T": -52, "phi": 1.5}), "IK_TM1991": (ik_tm, 8, -85, None, {"V_T": -50, "phi": 2}),
    "IKDR_Ba2002": (ikdr, 12, -90, None, {"V_sh": -43, "phi": 3}),
    "IKA1_HM1992": (ika1, 25, -90, None, {"phi_p": 3, "phi_q": 5}), "IKA2_HM1992": (ika2, 15, -100, None, {"phi_p": 2, "phi_q": 4}),
    "ICaT_HM1992": (icat_hm, 3, 110, 5e-4, {"V_sh": 7, "T": 303.15, "Q10_p": 2, "Q10_q": 4}),
    "ICaHT_HM1992": (icaht_hm, 1.5, 110, 5e-4, {"V_sh": 32, "T": 304.15, "Q10_p": 2.5, "Q10_q": 1.5}),
    "ICaT_HP1992": (icat_hp, 2.5, 110, 5e-4, {"V_sh": -6, "T": 299.15, "Q10_p": 3, "Q10_q": 2}),
    "ICaHT_Re1993": (icaht_re, 0.7, 110, 5e-4, {"T": 300.15, "Q10_p": 2, "Q10_q": 4}),
    "ICaN_IS2008": (ican, 2, 20, 5e-4, {"K": 3e-4, "phi": 2.3}),
    "ICaL_IS2008": (ical, 1.2, 110, 5e-4, {"V_sh": 8, "T": 301.15, "Q10_p": 2, "Q10_q": 4}),
    "IAHP_De1994": (iahp, 7, -85, 5e-4, {"alpha": 300, "beta": 0.05, "phi": 2}), "Ih_HM1992": (ih_hm, 6, -38, None, {"phi": 2.5}),
    "IL": (leak, 0.3, -60, None, {}), "IKL": (leak, 0.02, -95, None, {}),
    "IKDR_PR1994": (PR["IKDR_PR1994"], 12, -80, 0, {}),
    "ICa_PR1994": (PR["ICa_PR1994"], 6, 70, 0, {}), "IAHP_PR1994": (PR["IAHP_PR1994"], 1.2, -70, 150, {}),
    "IKC_PR1994": (PR["IKC_PR1994"], 10, -85, 150, {}),
}


def ih_destexhe(V, c, cac=0.002, k2=4e-4, pc=0.01, k4=0.001, V_sh=0, phi=1):
    """Share of the protein that has bound calcium, and the matrix of the scheme of (C, O, L), per ms.

    As the authors' program has it: half of the protein is bound at the concentration cac, and at the share pc of bound
    protein locking is as fast as unlocking."""
    u = V - V_sh
    bound = 1 / (1 + (cac / c)**4)
    h, t = 1 / (1 + exp((u + 75) / 5.5)), ih_tau(u) / phi
    a, b, lock = h / t, (1 - h) / t, k4 * bound / pc
    return bound, np.array([[-a, b, 0], [a, -b - lock, k4], [0, lock, -k4]])


# The settings of Ih of Destexhe 1996 where they are not the default: k1 = k2 / cac^4, k3 = k4 / pc.
IH_CALCIUM = 1e-3                        # mM: enough for the locked state to matter
IH = {"g_max": 0.02, "E": -40, "g_inc": 2}
IH_SET = {"g_max": 0.05, "E": -35, "g_inc": 3.5}
IH_SCHEME_SET = {"cac": 0.00125, "k2": 1e-3, "pc": 0.025, "k4": 0.005, "V_sh": 6, "phi": 1.5}


# The sodium channel of Pinsky & Rinzel stands apart: its current is not linear in the potential at fixed gates.
SODIUM_PR_SET = (pr("h", lambda v, c, h: pr_m(v)**2 * h), 20, 50)


def steady_scheme(M):
    return np.linalg.lstsq(np.vstack([M, np.ones(3)]), np.array([0, 0, 0, 1.0]), rcond=None)[0]


def solve(f, y0, times, rtol):
    pieces, y, t = [], np.array(y0, float), 0.0
    breaks = sorted({0.0, times[-1], *f.breaks})
    for a, b in zip(breaks, breaks[1:]):
        at = [x for x in times if a < x <= b + 1e-9]
        s = solve_ivp(lambda t, y: f(0.5 * (a + b), y), (a, b), y, method="DOP853", rtol=rtol, atol=rtol, t_eval=at + ([b] if not at or at[-1] < b else []))
        pieces.append(s.y[:, :len(at)])
        y = s.y[:, -1]
    return np.hstack(pieces)


# ---- whole cells ----
def relay(t, y, I=lambda t: -1.0 if 100 < t < 300 else 0.0):
    V, m, h, n, p, q, r = y
    (na, _), (k, _), (ca, _), (ih, _) = ina_tm(V, 0, -52), ik_tm(V, 0, -52), icat_hm(V, 0), ih_hm(V, 0)
    to = lambda g, x: (g[0] - x) / g[1]
    dV = 90 * m**3 * h * (50 - V) + 10 * n**4 * (-95 - V) + 2 * p * p * q * (120 - V) + 0.02 * r * (-43 - V) \
        + 0.05 * (-70 - V) + 0.01 * (-95 - V) + I(t)
    return [dV, to(na["m"], m), to(na["h"], h), to(k["n"], n), to(ca["p"], p), to(ca["q"], q), to(ih["p"], r)]


relay.breaks = [100.0, 300.0]


def pinsky_rinzel(t, y, Is=0.75):
    Vs, Vd, h, n, s, c, q, Ca = y
    v, w = Vs + 60, Vd + 60
    of = pr_rates(v, w, Ca)
    to = lambda gate, x: of[gate][0] * (1 - x) - of[gate][1] * x
    minf = pr_m(v)
    ICa = 10 * s * s * (w - 140)         # outwards, as in the paper
    dVs = (-0.1 * v - 30 * minf**2 * h * (v - 120) - 15 * n * (v + 15) + 2.1 / 0.5 * (Vd - Vs) + Is / 0.5) / 3
    dVd = (-0.1 * w - ICa - 0.8 * q * (w + 15) - 15 * c * min(Ca / 250, 1) * (w + 15) + 2.1 / 0.5 * (Vs - Vd)) / 3
    return [dVs, dVd, to("h", h), to("n", n), to("s", s), to("c", c), to("q", q), -0.13 * ICa - 0.075 * Ca]


pinsky_rinzel.breaks = []


def pinsky_rinzel_start(Vs=-64.6, Vd=-64.5, Ca=0.2):
    """Gates at their steady states: roots of their own equations, which are linear in them."""
    y = [Vs, Vd] + [0.0] * 5 + [Ca]
    at0 = pinsky_rinzel(0, y)
    for k in range(2, 7):
        z = list(y)
        z[k] = 1.0
        slope = pinsky_rinzel(0, z)[k] - at0[k]
        y[k] = -at0[k] / slope
    return y


def write(name, header, rows):
    with open(os.path.join(HERE, name), "w") as f:
        f.write(",".join(header) + "\n")
        for row in rows:
            f.write(",".join(x if isinstance(x, str) else repr(float(x)) for x in row) + "\n")


def write_channels(suffix, channels, ih, scheme):
    rows, currents = [], []
    for name, (gates, g, E, calcium, settings) in channels.items():
        for V in POTENTIALS:
            found, open_share = gates(V, calcium, **settings)
            rows += [(name, gate, V, inf, tau) for gate, (inf, tau) in found.items()]
            currents.append((name, V, g * open_share({k: v[0] for k, v in found.items()}), E))
    write(f"gates{suffix}.csv", ["channel", "gate", "V", "inf", "tau"], rows)

    # Ih of Destexhe 1996: steady state from the null space of the scheme, relaxation from C = 1 by its matrix.
    rows = []
    times = [1.0, 5.0, 20.0, 100.0]
    for V in POTENTIALS:
        P1, M = ih_destexhe(V, IH_CALCIUM, **scheme)
        steady = steady_scheme(M)
        w, U = np.linalg.eig(M)
        coefficients = np.linalg.solve(U, np.array([1.0, 0, 0]))
        rows.append([V, P1, *steady] + [x for t in times for x in ((U * np.exp(w * t)) @ coefficients).real[1:]])
        currents.append(("Ih_De1996", V, ih["g_max"] * (steady[1] + ih["g_inc"] * steady[2]), ih["E"]))
    write(f"ih_destexhe{suffix}.csv", ["V", "P1", "C", "O", "L"] + [f"{s}_{t:g}" for t in times for s in "OL"], rows)
    write(f"currents{suffix}.csv", ["channel", "V", "conductance", "E"], currents)


def main():
    defaults = {name: (gates, g, E, CALCIUM, {}) for name, (gates, g, E) in CHANNELS.items()}
    write_channels("", defaults, IH, {})
    write_channels("_set", SET, IH_SET, IH_SCHEME_SET)
    gates, g, E = SODIUM_PR_SET
    rows = []
    for V in POTENTIALS:
        found, open_share = gates(V, 0)
        rows.append((V, *found["h"], g * open_share({"h": found["h"][0]}), g * open_share({"h": 0.5}), E))
    write("sodium_pr_set.csv", ["V", "inf", "tau", "conductance", "half_open", "E"], rows)

    text = ["# std_channels: channels and cells of std", "",
            "gates.csv: steady state and time constant (ms) of every gate at every potential (mV), calcium 240 nM, 36 degrees Celsius",
            "where a paper has a temperature. currents.csv: the conductance (mS/cm^2) with all gates at their steady state, and the",
            "reversal potential. ih_destexhe.csv: Ih of Destexhe 1996 with calcium at 1 uM: the steady state of its scheme, and O and L",
            "at some times (ms) after C = 1 under voltage clamp, by the eigenvectors of its matrix. The files that end with _set: the same",
            "with every parameter of every channel at another value than its default (`SET`, `IH_SET` and `IH_SCHEME_SET`). sodium_pr_set.csv: gate and",
            "conductance of the sodium channel of Pinsky & Rinzel, with the gate at its steady state and half open.", "",
            "thalamic_relay.csv, pinsky_rinzel.csv: traces under a step of current (-1 uA/cm^2 from 100 ms to 300 ms) and under 0.75 uA/cm^2",
            "into the soma: DOP853, rtol = atol = 1e-10, own error the change at 1e-12. All gates start at their steady states; the",
            "cells at -70 mV, and at -64.6 mV and -64.5 mV. Tolerances: the tests say by which order the error must fall with dt.", "",
            "| cell | own error (mV) | upward crossings (ms) |", "|---|---|---|"]
    V = -70.0
    start = [V, *(ina_tm(V, 0, -52)[0][k][0] for k in "mh"), ik_tm(V, 0, -52)[0]["n"][0],
             *(icat_hm(V, 0)[0][k][0] for k in "pq"), ih_hm(V, 0)[0]["p"][0]]
    for name, f, y0, names, level, end in [
            ("thalamic_relay", relay, start, ["V", "Na.m", "Na.h", "K.n", "T.p", "T.q", "h.p"], 0.0, 400),
            ("pinsky_rinzel", pinsky_rinzel, pinsky_rinzel_start(),
             ["soma.V", "dendrite.V", "soma.Na.h", "soma.KDR.n", "dendrite.CaHT.s", "dendrite.KC.c", "dendrite.AHP.q", "dendrite.Ca.c"],
             -40.0, 40)]:
        times = [round(0.1 * k, 10) for k in range(1, end * 10 + 1)]
        y, better = solve(f, y0, times, 1e-10), solve(f, y0, times, 1e-12)
        rows = [[0.0, *y0]] + [[t, *better[:, i]] for i, t in enumerate(times)]
        write(f"{name}.csv", ["t"] + names, [r for i, r in enumerate(rows) if i % (10 if end > 100 else 5) == 0])
        v = [y0[0], *better[0]]
        up = [f"{times[i] - 0.1 + 0.1 * (level - v[i]) / (v[i + 1] - v[i]):.3f}" for i in range(len(times)) if v[i] < level <= v[i + 1]]
        text.append(f"| {name} | {np.abs(y[0] - better[0]).max():.1e} | {' '.join(up)} |")
    with open(os.path.join(HERE, "case.md"), "w") as f:
        f.write("\n".join(text) + "\n")


main()
