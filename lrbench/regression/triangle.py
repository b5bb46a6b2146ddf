"""Where samples lie in memory, and sums of products of all pairs of their columns: the lower triangle's blocks.

A block is of LANES x LANES, and they lie row by row.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrbench.regression.compilation import compiled, strict
from lrbench.regression.vectors import LANES

Floats = NDArray[np.float64]
Strides = tuple[int, int]  # elements from row to row, and from column to column


class Samples(NamedTuple):
    """[X y] as it lies in memory, and what brings its columns to one scale: z_j = (x_j - shift_j) / scale_j."""

    x: Any  # X's elements; element (i, j) is x[i strides[0] + j strides[1]]
    y: Floats
    strides: Strides
    shift: Floats  # (n_features + 1,), y's the last
    scale: Floats  # (n_features + 1,): powers of two


LINE = 8  # doubles in a cache line
SQUARE = LANES * LANES


def n_sums(n_features: int) -> int:
    """Return how many doubles the blocks of the lower triangle of [X y 1]'s Gram matrix take."""
    rows = (n_features + 1) // LANES + 1
    return rows * (rows + 1) // 2 * SQUARE


@compiled
def position(j: int, k: int) -> int:
    """Return where the blocks hold the product of columns j and k <= j."""
    row, column = j // LANES, k // LANES
    return (row * (row + 1) // 2 + column) * SQUARE + j % LANES * LANES + k % LANES


@strict
def before_line(memory: Floats) -> int:
    """Return how many doubles lie before the first that begins a cache line: from there no vector lies across two."""
    return int(-(memory.ctypes.data // 8) % LINE)


@strict
def aligned(size: int, value: float) -> Floats:
    """Return an array that begins a cache line."""
    raw = np.full(size + LINE, value)
    start = before_line(raw)
    return raw[start : start + size]
