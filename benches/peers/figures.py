"""The other figures of the project: compile time, checking, start-up, memory, and equal spikes everywhere."""
from statistics import median

from contestants import STEPS, Library
from measure import ROOT, median_of, run

NETWORK = "coba_lif"
SMALL, LARGE = 4_000, 400_000


def show(arguments):
    """Measures and prints them; returns whether all spike hashes are equal."""
    bpc, core, repeats = arguments.bpc, arguments.core, arguments.repeats

    def simulate(n, *more, core=core):
        options = ["--set", f"n={n}", "--precision", "f32", "--json", "--quiet", *more]
        return run([bpc, "run", ROOT / f"examples/{NETWORK}.bp", *options], core)

    short = {n: [simulate(n, "--duration", "10ms") for _ in range(repeats)] for n in (SMALL, LARGE)}
    lines = [(f"compile_s, n = {n:,}", median(r.json["compile_s"] for r in short[n]), "s", 0.3) for n in short]
    checked = ROOT / "benches/networks/lines_300.bp"
    lines.append(("bpc check, 300 lines", 1e3 * median_of(4 * repeats, lambda: run([bpc, "check", checked], core).wall), "ms", 20))
    lines.append(("bpc --version", 1e3 * median_of(4 * repeats, lambda: run([bpc, "--version"], core).wall), "ms", 50))
    memory = [median(r.peak_kib for r in short[n]) * 1024 for n in short]
    synapses = [short[n][0].json["n_synapses"] for n in short]
    lines.append(("bytes per synapse", (memory[1] - memory[0]) / (synapses[1] - synapses[0]), "B", 5))
    for what, value, unit, most in lines:
        print(f"{what:24} {value:9.3f} {unit:2}  at most {most:<4} {'ok' if value <= most else 'OVER'}")

    hashes = {
        "1 thread": simulate(SMALL, "--seed", "42").json["spike_hash"],
        "again": simulate(SMALL, "--seed", "42").json["spike_hash"],
        "2 threads": simulate(SMALL, "--seed", "42", "--threads", "2", core=None).json["spike_hash"],
    }
    library = Library(arguments, NETWORK, SMALL)
    for threads in (1, 2):
        hashes[f"library, {threads}"] = library.run([STEPS], 42, threads)["spike_hash"]
    equal = len(set(hashes.values())) == 1
    print(f"{'spike_hash':24} {'equal' if equal else 'DIFFERS: ' + str(hashes)} ({', '.join(hashes)})")
    return equal
