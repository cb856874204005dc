"""Running a program: pinned or not, with its output, CPU time and peak memory. Knows nothing of networks."""
import json
import os
import subprocess
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


class Run(NamedTuple):
    """One finished process."""
    output: str
    wall: float
    cpu: float
    peak_kib: int

    @property
    def json(self):
        return json.loads(self.output)


def pinned(core):
    """For preexec_fn: only this core; none is no limit."""
    return None if core is None else lambda: os.sched_setaffinity(0, {core})


def run(command, core=None):
    """Runs to the end; a failure ends the driver with the program's own words on standard error."""
    begin = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True, preexec_fn=pinned(core))
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode != 0:
        raise SystemExit(f"exit {process.returncode}: {' '.join(map(str, command))}")
    return Run(output, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def median_of(repeats, measure):
    """The median of what `measure()` returns."""
    return median(measure() for _ in range(repeats))


def load():
    """The load average of the last minute."""
    return round(os.getloadavg()[0], 2)
