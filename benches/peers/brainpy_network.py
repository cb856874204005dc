"""BrainPy's classic API (float32, exponential Euler, event-driven CSR): what both networks need."""
from common import DT, K, N, NE, SEED, serve  # before all others: it sets their threads

import brainpy as bp
import brainpy.math as bm
import jax
import numpy as np

bm.set_dt(DT)
bm.random.seed(SEED)
rng = np.random.default_rng(SEED)
STEPS = 1000  # compiled once: 0.1 s


def normal(mean, sd, least=None):
    """One number for each neuron."""
    values = mean + sd * rng.standard_normal(N)
    return bm.asarray(values if least is None else np.maximum(values, least), dtype=bm.float_)


class Network(bp.DynSysGroup):
    """Neurons and both projections; `drive` is passed to the neurons."""

    def __init__(self, neurons, constants, *drive):
        super().__init__()
        self.N, self.drive = neurons, drive
        self.delay = bp.VarDelay(self.N.spike, entries={"I": None})
        self.E, self.I = (
            bp.dyn.HalfProjAlignPost(
                comm=bp.dnn.EventCSRLinear(bp.conn.FixedProb(K / N, pre=pre, post=N, seed=seed), constants["w" + x]),
                syn=bp.dyn.Expon(size=N, tau=constants["tau_" + x]), out=bp.dyn.COBA(E=constants["E_" + x]), post=self.N)
            for x, pre, seed in (("e", NE, SEED), ("i", N - NE, SEED + 1)))
        self.count = bm.Variable(bm.zeros(N))

    def update(self):
        spikes = self.delay.at("I")
        self.E(spikes[:NE])
        self.I(spikes[NE:])
        self.delay(self.N(*self.drive))
        self.count += self.N.spike.value


def serve_network(network):
    """Hands it to `run`."""
    done = 0

    @bm.jit
    def chunk(first):
        bm.for_loop(lambda i: network.step_run(i), first + bm.arange(STEPS))

    def advance(seconds):
        nonlocal done
        for _ in range(round(seconds * 1e4 / STEPS)):
            chunk(done)
            done += STEPS
        jax.block_until_ready(network.count.value)

    def counts():
        count = np.asarray(network.count.value, dtype=np.float64)
        return count[:NE].sum(), count[NE:].sum()

    serve(bp.__version__, counts, advance)
