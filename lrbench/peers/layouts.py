"""Memory layouts that several peers want: each column in one piece, and perhaps a last column of ones.

They are made before the clock, once for all peers of a table that ask for the same. Arrays begin at a multiple of
64 bytes, which is what JAX needs to read an array where it lies.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_ALIGNMENT_BYTES = 64


def by_column(inputs: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return (X, y), Fortran order."""
    return _by_column(inputs[0], n_ones=0), inputs[1]


def with_ones_by_column(inputs: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return ([X 1], y), Fortran order."""
    return _by_column(inputs[0], n_ones=1), inputs[1]


def _by_column(X: Floats, *, n_ones: int) -> Floats:
    n, d = X.shape
    size, item = n * (d + n_ones), X.itemsize
    raw = np.empty(size + _ALIGNMENT_BYTES // item)
    start = -raw.ctypes.data % _ALIGNMENT_BYTES // item
    A = raw[start : start + size].reshape((n, d + n_ones), order="F")
    A[:, :d] = X
    A[:, d:] = 1.0
    return A
