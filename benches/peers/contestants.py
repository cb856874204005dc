"""The programs that are compared, all with the same three methods.

name, ours      what the table shows; whether it is bpc
rates(seeds)    rates of E and I between 0.2 s and 1 s, for as many seeds as it can (the seeds are 1, 2, …)
time(s, seed)   wall and CPU seconds for one simulated second, without building
close()         ends what runs in the background
"""
import json
import subprocess

from measure import HERE, ROOT, pinned, run

STEPS = 10_000  # in a second
FLAGS = {
    "coba_lif.c": ["gcc", "-O3", "-march=native", "-ffast-math"],
    "ref_kernels.cpp": ["g++", "-O3", "-march=native", "-ffast-math", "-fopenmp-simd", "-mprefer-vector-width=512"],
    "step.c": ["gcc", "-O2"],
}
# Scripts of the peers by network, and above how many neurons they are too slow to wait for.
PEERS = {
    "brian2": ({"coba_lif": "brian2_lif.py", "coba_hh": "brian2_hh.py"}, 10**9),
    "nest": ({"coba_lif": "nest_lif.py"}, 4_000),
    "brainpy": ({"coba_lif": "brainpy_lif.py", "coba_hh": "brainpy_hh.py"}, 10**9),
}


class Absent(Exception):
    """Why a program does not take part."""


def of(arguments, network, n, programs):
    """All contestants for a network; the hand-written programs come first."""
    found = [HandWritten(arguments, program, network, n) for program in programs]
    found += [Jit(arguments, network, n), Library(arguments, network, n)]
    found += [Peer(arguments, name, network, n) for name in filter(None, arguments.peers.split(","))]
    return found


def build(arguments, source):
    """Compiles a C or C++ file of this folder."""
    program = arguments.build / source.split(".")[0]
    run([*FLAGS[source], HERE / source, "-o", program, "-lm", "-ldl"])
    return program


def per_neuron(spikes, n):
    """Spikes of 0.8 s as rates."""
    sizes = {"E": n * 4 // 5, "I": n - n * 4 // 5}
    return {p: spikes[p] / sizes[p] / 0.8 for p in sizes}


class Contestant:
    ours = False

    def __init__(self, arguments, network, n):
        self.arguments, self.core, self.network, self.n = arguments, arguments.core, network, n

    def close(self):
        pass


class HandWritten(Contestant):
    """The bound."""

    def __init__(self, arguments, source, network, n):
        super().__init__(arguments, network, n)
        self.name = source
        self.program = build(arguments, source)
        self.workload = [{"coba_lif": "W1", "coba_hh": "W2"}[network]] if source == "ref_kernels.cpp" else []

    def run(self, seconds, seed):
        return run([self.program, *self.workload, self.n, seconds, seed], self.core).json

    def rates(self, seeds):
        return [per_neuron(self.run(1, seed + 1)["spikes"], self.n) for seed in range(seeds)]

    def time(self, seconds, seed):
        result = self.run(seconds, seed)
        return result["wall_s"] / seconds, result["cpu_s"] / seconds


class Jit(Contestant):
    """`bpc run`: wall time is its own run_s, CPU time that of the process beyond a run of one step."""
    name, ours = "bpc run", True

    def run(self, duration, seed):
        return run([self.arguments.bpc, "run", ROOT / f"examples/{self.network}.bp", "--set", f"n={self.n}", "--precision",
                    "f32", "--seed", seed, "--duration", duration, "--json", "--quiet"], self.core)

    def rates(self, seeds):
        rates = []
        for seed in range(1, seeds + 1):
            first, second = (self.run(duration, seed).json["spikes"] for duration in ("200ms", "1s"))
            rates.append(per_neuron({p: second[p] - first[p] for p in second}, self.n))
        return rates

    def time(self, seconds, seed):
        short, long = self.run("0.1ms", seed), self.run(f"{seconds}s", seed)
        return long.json["run_s"] / seconds, (long.cpu - short.cpu) / seconds


class Library(Contestant):
    """`bpc compile --kind shared`, stepped by step.c."""
    name, ours = "bpc compile, C", True

    def __init__(self, arguments, network, n):
        super().__init__(arguments, network, n)
        self.program = build(arguments, "step.c")
        folder = arguments.build / f"{network}-{n}"
        run([arguments.bpc, "compile", ROOT / f"examples/{network}.bp", "--set", f"n={n}", "--precision", "f32", "--kind",
             "shared", "-o", folder])
        self.library = folder / f"lib{network}.so"

    def run(self, marks, seed, threads=1):
        core = self.core if threads == 1 else None
        return run([self.program, self.library, self.network, seed, threads, *marks], core).json

    def rates(self, seeds):
        rates = []
        for seed in range(1, seeds + 1):
            first, second = (mark["spikes"] for mark in self.run([STEPS // 5, STEPS], seed)["marks"])
            rates.append(per_neuron({p: second[p] - first[p] for p in second}, self.n))
        return rates

    def time(self, seconds, seed):
        mark = self.run([round(seconds * STEPS)], seed)["marks"][0]
        return mark["wall_s"] / seconds, mark["cpu_s"] / seconds


class Peer(Contestant):
    """Another simulator, as a process that simulates a second whenever it is told to (see common.py)."""
    process = None

    def __init__(self, arguments, name, network, n):
        super().__init__(arguments, network, n)
        self.name = name

    def rates(self, seeds):
        scripts, most = PEERS[self.name]
        if self.network not in scripts:
            raise Absent("no script for this network")
        python = (self.arguments.build / f"venv-{self.name}/bin/python").absolute()
        if not python.is_file():
            raise Absent(f"not installed: benches/peers/setup.sh {self.name}")
        if self.n > most:
            raise Absent(f"not run above {most:,} neurons: minutes for a simulated second")
        log = self.arguments.build / f"{self.name}-{self.network}.log"
        with open(log, "w") as errors:
            self.process = subprocess.Popen(
                [python, HERE / scripts[self.network], str(self.n), self.arguments.build.absolute()], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, preexec_fn=pinned(self.core))
        first = self.process.stdout.readline()
        if not first:
            self.process.wait()
            raise Absent(f"failed: see {log}")
        result = json.loads(first)
        self.name += " " + result["version"]
        return [per_neuron(result["spikes"], self.n)]

    def time(self, seconds, seed):
        self.process.stdin.write("1\n")
        self.process.stdin.flush()
        result = json.loads(self.process.stdout.readline())
        return result["wall_s"], result["cpu_s"]

    def close(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()
