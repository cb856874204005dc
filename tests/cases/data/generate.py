"""Writes numbers.npz. Needs numpy; run it here."""

import numpy as np

random = np.random.default_rng(7)
np.savez_compressed(
    "numbers.npz",
    W=np.round(random.normal(size=(5, 70)), 3) * (random.random((5, 70)) < 0.6),
    start=np.arange(70) * 0.001 - 0.065,  # volts
    current=random.normal(size=(9, 70)),
    source=np.array([4, 0, 4, 2, 4]),
    target=np.array([3, 69, 3, 0, 1], dtype=np.uint8),
    strength=np.array([1.0, 2.0, 4.0, 8.0, 16.0], dtype=np.float32),
    latency=np.array([0.5, 0.1, 0.3, 0.4, 0.2]),
)
