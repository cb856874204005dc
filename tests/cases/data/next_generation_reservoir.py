"""Makes next_generation_reservoir.npz: a nonlinear vector autoregression of the attractor of Lorenz (1963).

D. J. Gauthier, E. Bollt, A. Griffith & W. A. S. Barbosa (2021), Nat. Commun. 12:5564: three variables, two taps, products of
degree 2, ridge regression on 400 points of 0.025. (With the paper's ridge of 2.5e-6 instead of 1e-3, the forecast leaves the
attractor: these points are more exact than those of the paper, and leave some weights undetermined.) The forecast is made
here with W as in the paper, and the weights of next_generation_reservoir.bp follow from W. Run it in this folder:
python next_generation_reservoir.py
"""

import numpy as np

STEP, TRAIN, RIDGE, FORECAST = 0.025, 400, 1e-3, 330


def lorenz(u):
    x, y, z = u
    return np.array([10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z])


def follow(u, steps, parts=250):
    """Runge-Kutta steps of 0.0001."""
    h, points = STEP / parts, [u]
    for _ in range(steps):
        for _ in range(parts):
            a = lorenz(u)
            b = lorenz(u + h / 2 * a)
            c = lorenz(u + h / 2 * b)
            d = lorenz(u + h * c)
            u = u + h / 6 * (a + 2 * b + 2 * c + d)
        points.append(u)
    return np.array(points)


PAIRS = [(p, q) for p in range(6) for q in range(p, 6)]


def features(now, before):
    linear = np.concatenate([now, before])
    return np.concatenate([[1.0], linear, [linear[p] * linear[q] for p, q in PAIRS]])


series = follow(np.array([17.67715816, 12.93137895, 43.91404334]), 200 + TRAIN + FORECAST)[200:]
O = np.array([features(series[k], series[k - 1]) for k in range(1, TRAIN)]).T
change = np.array([series[k + 1] - series[k] for k in range(1, TRAIN)]).T
# As a problem of least squares: the normal equations would square the condition number.
system = np.vstack([O.T, np.sqrt(RIDGE) * np.eye(len(O))])
W = np.linalg.lstsq(system, np.vstack([change.T, np.zeros((len(O), 3))]), rcond=None)[0].T

forecast, now, before = [], series[TRAIN], series[TRAIN - 1]
first_now, first_before = now, before
for _ in range(FORECAST):
    now, before = now + W @ features(now, before), now
    forecast.append(now)
forecast = np.array(forecast)
truth = series[TRAIN + 1 : TRAIN + 1 + FORECAST]
spread = np.sqrt(np.var(series[:TRAIN], axis=0).sum())
lyapunov = int(round(1.104 / STEP))
error = np.sqrt(((forecast - truth)[:lyapunov] ** 2).sum(axis=1).mean()) / spread
print("error over a Lyapunov time", error)

# Which linear feature each factor is; None is the constant 1.
factors = [(None, None)] + [(p, None) for p in range(6)] + PAIRS
size = len(factors)


def column(p):
    """From features to the value of a linear feature one step later."""
    weights = np.zeros(size)
    if p is None:
        weights[0] = 1.0
    elif p < 3:
        weights[1 + p] = 1.0
        weights += W[p]
    else:
        weights[1 + p - 3] = 1.0
    return weights


def value(p):
    return 1.0 if p is None else np.concatenate([first_now, first_before])[p]


np.savez(
    "next_generation_reservoir.npz",
    first=np.array([column(p) for p, _ in factors]).T,
    second=np.array([column(q) for _, q in factors]).T,
    a=np.array([value(p) for p, _ in factors]),
    b=np.array([value(q) for _, q in factors]),
    forecast=forecast.ravel(),
    truth=truth.ravel(),
    spread=np.array([spread]),
)
