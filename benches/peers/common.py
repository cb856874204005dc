"""What the scripts of the peer simulators share: constants of the networks, and how they talk to `run`.

A peer builds its network, simulates 1 s, prints one JSON line with the spikes of 0.2 s to 1 s, and then, for each line
with a number of seconds on its standard input, simulates so long and prints one JSON line with wall_s and cpu_s.
usage of every script: NAME.py N BUILD_FOLDER
"""
import json
import os
import resource
import sys
import time
from math import exp

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NEST_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

# Simulators print banners: what they write to standard output goes to standard error.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

N, FOLDER = int(sys.argv[1]), sys.argv[2]
NE = N * 4 // 5  # the first NE neurons are excitatory
K = 80  # mean number of synapses per neuron
DT = 0.1  # ms
SEED = 1

# COBA-LIF: ms, mV, conductances relative to the leak
LIF = dict(tau_m=20.0, V_rest=-60.0, V_th=-50.0, V_reset=-60.0, t_ref=5.0, tau_e=5.0, tau_i=10.0, E_e=0.0, E_i=-80.0,
           I=20.0, we=0.6, wi=6.7, V0=(-55.0, 2.0))
# COBA-HH: pF, nS, mV, ms; the gates start at 0
HH = dict(Cm=200.0, gl=10.0, gna=20000.0, gk=6000.0, El=-60.0, ENa=50.0, EK=-90.0, VT=-63.0, V_spk=-20.0, tau_e=5.0,
          tau_i=10.0, E_e=0.0, E_i=-80.0, we=6.0, wi=67.0, V0=(-65.0, 5.0), ge0=(40.0, 15.0), gi0=(200.0, 120.0))


def answer(**values):
    print(json.dumps(values), file=ANSWERS, flush=True)


def orders():
    """The numbers of seconds that `run` asks for."""
    for line in sys.stdin:
        yield float(line)


def serve(version, counts, advance):
    """For simulators in this process: advance(seconds) simulates, counts() is the spikes of E and I until now."""
    advance(0.2)
    before = counts()
    advance(0.8)
    after = counts()
    answer(version=version, spikes=dict(E=int(after[0] - before[0]), I=int(after[1] - before[1])))
    for seconds in orders():
        wall, cpu = time.perf_counter(), time.process_time()
        advance(seconds)
        answer(wall_s=time.perf_counter() - wall, cpu_s=time.process_time() - cpu)
