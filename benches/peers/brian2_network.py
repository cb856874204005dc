"""Brian2 as a C++ program of its own ("standalone"): what both networks need. Float64, exponential Euler.

The duration is part of that program: it is 1 s, whatever `run` asks for (which is 1 s).
"""
from common import DT, FOLDER, K, N, NE, SEED, answer, orders  # before all others: it sets their threads

import os
import shutil
import subprocess
import time

import brian2 as b
import numpy as np
from brian2 import ms, second

# Spikes that the statistics count.
COUNT = "counted += int(t >= 200*ms) * int(t < 1000*ms)"


def project(group, namespace):
    """Both projections, and nothing recorded."""
    parts = []
    for source, action in ((group[:NE], "ge += we"), (group[NE:], "gi += wi")):
        synapses = b.Synapses(source, group, on_pre=action, namespace=namespace)
        synapses.connect(p=K / N)
        parts.append(synapses)
    return parts


def simulate(folder):
    """One run of the program made by Brian2: wall and CPU seconds of the simulated second."""
    before, begin = os.times(), time.perf_counter()
    subprocess.run(["./main"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - begin, os.times()
    # Brian2's own clock counts CPU time if there is one thread.
    cpu = float(open(os.path.join(folder, "results", "last_run_info.txt")).read().split()[0])
    rest = after.children_user + after.children_system - before.children_user - before.children_system - cpu
    return max(wall - rest, cpu), cpu


def serve(build):
    """build() makes (group, other objects) with a state `counted` in the group."""
    folder = os.path.join(FOLDER, f"brian2-{os.getpid()}")
    b.set_device("cpp_standalone", build_on_run=False, directory=folder)
    b.prefs.devices.cpp_standalone.extra_make_args_unix = ["-j1"]
    b.defaultclock.dt = DT * ms
    b.seed(SEED)
    group, others = build()
    b.Network(group, *others).run(1 * second)
    b.device.build(directory=folder, compile=True, run=False)
    simulate(folder)
    file = next(f for f in os.listdir(os.path.join(folder, "results")) if "_counted_" in f)
    counted = np.fromfile(os.path.join(folder, "results", file), dtype=np.int32)
    answer(version=b.__version__, spikes=dict(E=int(counted[:NE].sum()), I=int(counted[NE:].sum())))
    for _ in orders():
        wall, cpu = simulate(folder)
        answer(wall_s=wall, cpu_s=cpu)
    shutil.rmtree(folder)
