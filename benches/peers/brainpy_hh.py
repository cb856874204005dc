"""COBA-HH in BrainPy, whose own automatic exponential Euler linearises the equations. usage: see common.py"""
from common import HH as P, N  # before all others: it sets their threads

import brainpy as bp
import brainpy.math as bm
from brainpy_network import Network, normal, serve_network


def linoid(x, s):
    """x / (exp(x/s) - 1), finite at 0."""
    y = x / s
    small = bm.abs(y) < 1e-4
    return bm.where(small, s * (1 - y / 2), x / (bm.exp(bm.where(small, 1.0, y)) - 1.0))


class Neurons(bp.dyn.NeuDyn):
    def __init__(self, size):
        super().__init__(size)
        self.V = bm.Variable(normal(*P["V0"]))
        self.m, self.h, self.n = (bm.Variable(bm.zeros(N)) for _ in range(3))
        self.spike = bm.Variable(bm.zeros(N, dtype=bool))
        VT = P["VT"]

        def dV(V, t, m, h, n):
            current = self.sum_current_inputs(V, init=0.0)
            return (-P["gl"] * (V - P["El"]) - P["gna"] * m * m * m * h * (V - P["ENa"])
                    - P["gk"] * n * n * n * n * (V - P["EK"]) + current) / P["Cm"]

        def dm(m, t, V):
            return 0.32 * linoid(13 - V + VT, 4.0) * (1 - m) - 0.28 * linoid(V - VT - 40, 5.0) * m

        def dh(h, t, V):
            return 0.128 * bm.exp((17 - V + VT) / 18) * (1 - h) - 4.0 / (1 + bm.exp((40 - V + VT) / 5)) * h

        def dn(n, t, V):
            return 0.032 * linoid(15 - V + VT, 5.0) * (1 - n) - 0.5 * bm.exp((10 - V + VT) / 40) * n

        self.integral = bp.odeint(bp.JointEq(dV, dm, dh, dn), method="exp_auto")

    def update(self):
        state = self.V.value, self.m.value, self.h.value, self.n.value
        V, m, h, n = self.integral(*state, bp.share["t"], dt=bp.share["dt"])
        self.spike.value = bm.logical_and(self.V.value < P["V_spk"], V >= P["V_spk"])
        self.V.value, self.m.value, self.h.value, self.n.value = V, m, h, n
        return self.spike.value


network = Network(Neurons(N), P)
network.E.refs["syn"].g.value = normal(*P["ge0"], least=0.0)
network.I.refs["syn"].g.value = normal(*P["gi0"], least=0.0)
serve_network(network)
