"""The inputs that every program makes, and the checksum that it must arrive at."""

import functools

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_PRIME, _STEP = 65521, 31337
_WEIGHTS = 7
_PIECE = 1_000_000  # elements at a time: the runner keeps no vectors of its own


def vectors(start: int, end: int, seed: int) -> tuple[Floats, Floats]:
    """Return a[start:end] and b[start:end]; the package's docstring has the formulas."""
    u = (np.arange(start, end, dtype=np.int64) * _STEP + seed) % _PRIME
    s = u * u % _PRIME
    t = s * u % _PRIME
    return (2 * s + 1) / 2.0**16, (2 * t + 1) / 2.0**15


@functools.cache
def expected_checksum(n: int, seed: int) -> float:
    """Return sum_i (1 + i mod 7) (a_i + b_i), which is exact for n up to 10^9."""
    total = 0.0
    for start in range(0, n, _PIECE):
        end = min(start + _PIECE, n)
        a, b = vectors(start, end, seed)
        total += float((1 + np.arange(start, end) % _WEIGHTS) @ (a + b))
    return total
