"""Memory layouts that several peers want: with a column of ones, or with columns in one piece each.

They are made before the clock, once for all peers of a table that ask for the same. Arrays begin at a multiple of
64 bytes, which is what JAX needs to read an array where it lies.
"""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_ALIGNMENT_BYTES = 64


def with_ones(inputs: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return ([X 1], y), C order: a sample in one piece."""
    return _laid_out(inputs[0], "C", n_ones=1), inputs[1]


def with_ones_by_column(inputs: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return ([X 1], y), Fortran order: a column in one piece, as LAPACK wants it."""
    return _laid_out(inputs[0], "F", n_ones=1), inputs[1]


def by_column(inputs: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return (X, y), Fortran order."""
    return _laid_out(inputs[0], "F", n_ones=0), inputs[1]


def _laid_out(X: Floats, order: Literal["C", "F"], *, n_ones: int) -> Floats:
    n, d = X.shape
    A = _aligned((n, d + n_ones), order)
    A[:, :d] = X
    A[:, d:] = 1.0
    return A


def _aligned(shape: tuple[int, ...], order: Literal["C", "F"]) -> Floats:
    size, item = math.prod(shape), np.dtype(np.float64).itemsize
    raw = np.empty(size + _ALIGNMENT_BYTES // item)
    start = -raw.ctypes.data % _ALIGNMENT_BYTES // item
    return raw[start : start + size].reshape(shape, order=order)
