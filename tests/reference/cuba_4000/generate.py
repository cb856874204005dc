"""CUBA with 4000 neurons: reference statistics for bpc, computed without it.

Recreates case.md and the CSV files beside this script: `python generate.py [numpy] [fine] [brian2]`; without an argument,
all three stages, then the tables. Each stage keeps its rows in a CSV file, so that one can be repeated alone.
Needs numpy and scipy (2.3, 1.17); Brian2 2.9 with Cython for the cross-check. 2.5 minutes of one core.
The statistics, the file format and the rule of comparison are those of the other networks (../generate.py).
"""
import csv, math, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import numpy as np
import generate as ref

NAME = os.path.basename(HERE)
N, NE, P = 4000, 3200, 0.02
V_REST, V_TH, V_RESET, TAU, T_REF = -49.0, -50.0, -60.0, 20.0, 5.0     # mV, ms
TAU_E, TAU_I, W_E, W_I = 5.0, 10.0, 1.62, -9.0                        # ms, mV
T, FROM = 1.0, 0.2                                                    # s
DT, DT_FINE = 0.1, 0.02                                               # ms
SEEDS = dict(numpy=range(3000, 3012), fine=range(4000, 4004), brian2=range(1000, 1004))
FILES = dict(numpy="per_seed.csv", fine="per_seed_fine_dt.csv", brian2="per_seed_brian2.csv")
HEADER = ["seed"] + [p + "_" + k for p in "EI" for k in ref.STAT_KEYS]


def exact_step(dt):
    """One step of the linear system: V - V_rest, g_e, g_i are multiplied by a triangular matrix, given by its rows."""
    v, e, i = math.exp(-dt / TAU), math.exp(-dt / TAU_E), math.exp(-dt / TAU_I)
    from_e = TAU_E / (TAU_E - TAU) * (e - v)        # what 1 mV of g_e at the start adds to V
    from_i = TAU_I / (TAU_I - TAU) * (i - v)

    def step(V, g_e, g_i):
        return V_REST + (V - V_REST) * v + g_e * from_e + g_i * from_i, g_e * e, g_i * i
    return step


def rk4_step(dt):
    """The other scheme: classical Runge-Kutta on the equations as they are written."""
    def f(V, g_e, g_i):
        return (V_REST - V + g_e + g_i) / TAU, -g_e / TAU_E, -g_i / TAU_I

    def step(*y):
        k1 = f(*y)
        k2 = f(*(a + dt / 2 * k for a, k in zip(y, k1)))
        k3 = f(*(a + dt / 2 * k for a, k in zip(y, k2)))
        k4 = f(*(a + dt * k for a, k in zip(y, k3)))
        return tuple(a + dt / 6 * (p + 2 * q + 2 * r + s) for a, p, q, r, s in zip(y, k1, k2, k3, k4))
    return step


def cuba_numpy(seed, dt, scheme):
    """Within a step: integrate, threshold, reset, deliver; what arrives is seen by the next step. V stands still for
    T_REF / dt whole steps after the step of the spike, the synaptic currents do not."""
    rng = np.random.default_rng(seed)
    V, g_e, g_i = rng.normal(-55, 2, N), np.zeros(N), np.zeros(N)
    # Row i of `hits` says onto whom i projects: one draw per ordered pair, self-connections too.
    rows = [np.flatnonzero(rng.random(N) < P) for _ in range(N)]
    step, hold = scheme(dt), round(T_REF / dt)
    free_from = np.zeros(N, int)                    # first step in which V moves again
    who, when = [], []
    for k in range(round(T * 1000 / dt)):
        new, g_e, g_i = step(V, g_e, g_i)
        V = np.where(k >= free_from, new, V)
        fired = np.flatnonzero((V > V_TH) & (k >= free_from))
        if not len(fired):
            continue
        V[fired] = V_RESET
        free_from[fired] = k + 1 + hold
        who.append(fired)
        when.append(np.full(len(fired), (k + 1) * dt / 1000))
        for fired, g, w in ((fired[fired < NE], g_e, W_E), (fired[fired >= NE], g_i, W_I)):
            if len(fired):
                g += w * np.bincount(np.concatenate([rows[j] for j in fired]), minlength=N)
    return np.concatenate(who), np.concatenate(when)


def cuba_brian(seed, dt):
    b2 = ref.b2_setup()
    b2.start_scope()
    b2.seed(seed)
    b2.defaultclock.dt = dt * b2.ms
    ns = dict(tau=TAU * b2.ms, te=TAU_E * b2.ms, ti=TAU_I * b2.ms, Vrest=V_REST * b2.mV, Vt=V_TH * b2.mV, Vr=V_RESET * b2.mV)
    G = b2.NeuronGroup(N, """dv/dt = (Vrest - v + ge + gi)/tau : volt (unless refractory)
        dge/dt = -ge/te : volt
        dgi/dt = -gi/ti : volt""", threshold="v > Vt", reset="v = Vr", refractory=T_REF * b2.ms, method="exact", namespace=ns)
    G.v = "-55*mV + 2*mV*randn()"
    Se = b2.Synapses(G[:NE], G, on_pre="ge += %r*mV" % W_E)
    Si = b2.Synapses(G[NE:], G, on_pre="gi += %r*mV" % W_I)
    Se.connect(p=P)
    Si.connect(p=P)
    M = b2.SpikeMonitor(G)
    b2.Network(G, Se, Si, M).run(T * b2.second)
    return np.array(M.i), np.array(M.t / b2.second)


STAGES = dict(
    numpy=lambda seed: cuba_numpy(seed, DT, exact_step),
    fine=lambda seed: cuba_numpy(seed, DT_FINE, rk4_step),
    brian2=lambda seed: cuba_brian(seed, DT),
)


def run_stage(stage):
    rows = []
    for seed in SEEDS[stage]:
        r = ref.split_stats(*STAGES[stage](seed), NE, N, FROM, T, seed)
        rows.append([seed] + [r[p][k] for p in "EI" for k in ref.STAT_KEYS])
        print(stage, seed, "E %.3f Hz, I %.3f Hz" % (r["E"]["rate"], r["I"]["rate"]), flush=True)
    ref.HERE = os.path.dirname(HERE)
    ref.write_csv(NAME, FILES[stage], HEADER, rows)


def read(stage):
    with open(os.path.join(HERE, FILES[stage])) as f:
        rows = [{k: float(v) for k, v in r.items()} for r in csv.DictReader(f)]
    return [dict(seed=int(r["seed"]), **{p: {k: r[p + "_" + k] for k in ref.STAT_KEYS} for p in "EI"}) for r in rows]


def tables():
    rows, fine, brian = (read(s) for s in ("numpy", "fine", "brian2"))
    tab = ref.summarise(NAME, rows, fine)
    lines = []
    for p in "EI":
        for k in ref.STAT_KEYS:
            a, b = (np.array([r[p][k] for r in x]) for x in (rows, brian))
            se = math.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
            d = b.mean() - a.mean()
            lines.append("| %s_%s | %.5g +- %.2g | %.5g +- %.2g | %.3g | %s |" % (
                p, k, a.mean(), a.std(ddof=1), b.mean(), b.std(ddof=1), d, "%.1f" % (d / se) if se > 0 else "-"))
    cross = "\n".join(lines)
    ref.write_md(NAME, f"""
# {NAME}: current-based LIF network (Vogels & Abbott 2005; benchmark 2 of Brette et al. 2007)

4000 neurons, 3200 E (index 0..3199) and 800 I.

    tau_m dV/dt = V_rest - V + g_e + g_i                            (V held at V_reset while refractory)
    tau_e dg_e/dt = -g_e ,   tau_i dg_i/dt = -g_i                   (in mV; they go on while refractory)
    V > V_th : spike, V <- V_reset, refractory 5 ms
    E spike: g_e <- g_e + 1.62 mV at every target;  I spike: g_i <- g_i - 9 mV at every target;  no delay (arrives at the end
    of the step of the spike, is seen by the next)

tau_m 20 ms, V_rest -49 mV, V_th -50 mV, V_reset -60 mV, tau_e 5 ms, tau_i 10 ms. No other input: V_rest is above V_th.
Connections: each ordered pair with probability 0.02 independently (self-connections allowed; they do not matter).
Initial: V ~ N(-55, 2) mV, g_e = g_i = 0. 1 s, measured over 0.2-1.0 s.
Order within a step: integrate, threshold, reset, propagate.
The system is linear between spikes: V, g_e and g_i are advanced together by the exact matrix exponential of the step.
Refractory: V is held for 50 whole steps at dt 0.1 ms (Brian2 clamps 49).

{ref.STAT_DOC}

Data: per_seed.csv (numpy, {len(rows)} seeds, dt {DT} ms, exact propagator), per_seed_fine_dt.csv (numpy, {len(fine)} seeds, dt {DT_FINE} ms, classical RK4),
per_seed_brian2.csv (Brian2 2.9, {len(brian)} seeds, dt {DT} ms, method "exact"), summary.csv. generate.py makes them all.

{tab}

Cross-check: Brian2 at the same dt, mean +- sd over {len(brian)} seeds against {len(rows)} of numpy; last column the difference in its own
standard errors (of {len(brian)} seeds, so a few of 20 beyond 2 are no surprise).

| statistic | numpy | Brian2 | difference | in standard errors |
|---|---|---|---|---|
{cross}

{ref.STAT_RULE}
""")


if __name__ == "__main__":
    for stage in sys.argv[1:] or STAGES:
        run_stage(stage)
    if all(os.path.exists(os.path.join(HERE, f)) for f in FILES.values()):
        tables()
