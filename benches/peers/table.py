"""The table: one row for each network and program, with ratios to the hand-written one."""
from statistics import median


class Row:
    def __init__(self, network, n, name, verdict=None, missing=None):
        self.network, self.n, self.name, self.verdict, self.missing = network, n, name, verdict, missing
        self.walls, self.cpus, self.loads = [], [], []
        self.yardstick = self

    def add(self, wall, cpu, load):
        """One repeat: seconds for a simulated second."""
        self.walls.append(wall)
        self.cpus.append(cpu)
        self.loads.append(load)

    def cells(self):
        head = [self.network, f"{self.n:,}", self.name]
        if self.missing:
            return head + [self.missing]
        rate = self.verdict.rate
        head += [f"{rate['E']:.1f}", f"{rate['I']:.1f}", "ok" if self.verdict.right else "OUTSIDE"]
        wall, cpu = median(self.walls), median(self.cpus)
        bound = self.yardstick
        ratios = [f"{cpu / median(bound.cpus):.2f}", f"{wall / median(bound.walls):.2f}"]
        return head + [f"{cpu:.4f}", f"{wall:.4f}", f"{min(self.walls):.4f} to {max(self.walls):.4f}"] + ratios + [
            f"{max(self.loads):.1f}"]


HEAD = ["network", "n", "program", "E (Hz)", "I (Hz)", "rates", "CPU s/s", "wall s/s", "wall range", "CPU ratio",
        "wall ratio", "load"]


def show(rows):
    """Columns as wide as they must be; a missing program has its reason instead of numbers."""
    lines = [HEAD] + [row.cells() for row in rows]
    full = [line for line in lines if len(line) == len(HEAD)]
    widths = [max(len(line[c]) for line in full) for c in range(len(HEAD))]
    widths[2] = max(len(line[2]) for line in lines)
    left = {0, 2, 5}
    def text(line):
        return "  ".join(cell.ljust(w) if c in left else cell.rjust(w) for c, (cell, w) in enumerate(zip(line, widths)))
    return "\n".join(text(line).rstrip() if len(line) == len(HEAD) else text(line[:3]) + "  " + line[3] for line in lines)
