"""Whether rates are right: the rule of the reference cases, for spikes between 0.2 s and 1 s.

The references are of 4,000 neurons; the same in-degree gives the same rates at any size, with a smaller spread.
"""
import csv
from statistics import mean, stdev
from typing import NamedTuple

from measure import ROOT

CASES = {"coba_lif": "12_coba_lif_4000", "coba_hh": "13_coba_hh_4000"}
# How many standard errors, and the bias for the same scheme and step (None: the bias of the table), as case.md says.
RULES = {"coba_lif": (4, None), "coba_hh": (5, 0.01)}
POPULATIONS = ("E", "I")


class Verdict(NamedTuple):
    rate: dict
    right: bool


class Reference:
    """The reference case of a network."""

    def __init__(self, network):
        folder = ROOT / "tests/reference" / CASES[network]
        with open(folder / "summary.csv") as file:
            table = {row["statistic"]: row for row in csv.DictReader(file)}
        self.rows = {p: table[f"{p}_rate"] for p in POPULATIONS}
        self.errors, self.bias = RULES[network]

    def verdict(self, samples):
        """samples: for each seed the rates of E and I in Hz."""
        means = {p: mean(sample[p] for sample in samples) for p in POPULATIONS}
        return Verdict(means, all(self.near(p, [sample[p] for sample in samples]) for p in POPULATIONS))

    def near(self, population, rates):
        row = self.rows[population]
        reference, spread = float(row["mean"]), float(row["sd_over_seeds"])
        bias = float(row["bias"]) if self.bias is None else self.bias * reference
        if len(rates) < 5:
            return all(abs(rate - reference) <= 5 * spread + bias for rate in rates)
        error = (spread**2 / int(row["n_seeds"]) + stdev(rates) ** 2 / len(rates)) ** 0.5
        return abs(mean(rates) - reference) <= self.errors * error + bias
