"""Least squares from one pass over X: the Gram matrix of [X y 1], blocked and on all threads, and its solution.

Every column is shifted and scaled before it is multiplied: z_j = (x_j - shift_j) / scale_j, the shift a sample's
median, which lies within a standard deviation of the mean, so that removing the mean from the finished sums costs no
digits; the scale a power of two, which rounds nothing and keeps squares within float64's range. Panels of rows are
packed for `tiles`, whose registers sum the products. Arithmetic: reassociated, as BLAS's.
"""

import math
from typing import Any, NamedTuple

import numba
import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from lrbench.regression.tiles import LANES, VECTORS, add_tile, standardise

Floats = NDArray[np.float64]

HEIGHT = 128  # rows of a panel
_STRIDE = (HEIGHT + 1) * LANES  # doubles from block to block; one row more, or all blocks meet in one set of the cache
_SQUARE = LANES * LANES
SAMPLE = 31  # rows that shift and scale are taken from
_GOLDEN = 0.6180339887498949  # steps of it, modulo 1, spread evenly and keep no rhythm that data could share
_PARALLEL_FLOPS = 2e5  # below, waking the threads costs more than they do

compiled = njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
strict = njit(cache=True, nogil=True)
parallel = njit(cache=True, nogil=True, parallel=True)


class Scatter(NamedTuple):
    """Second moments of the columns z_j = (x_j - shift_j) / scale_j of [X y], y the last."""

    n_samples: int
    gram: Floats  # (d + 1, d + 1): sum_i (z_ij - mean_j) (z_ik - mean_k)
    mean: Floats  # (d + 1,): what of the mean remains after the shift
    shift: Floats  # (d + 1,)
    scale: Floats  # (d + 1,): powers of two


@compiled
def _sample(x: Any, y: Floats, strides: tuple[int, int], j: int, values: Floats) -> None:
    """Write a column's values at some rows, in ascending order."""
    n, d = len(y), x.size // max(len(y), 1)
    for k in range(len(values)):
        i = k if len(values) == n else int((k * _GOLDEN) % 1.0 * n)
        value = x[i * strides[0] + j * strides[1]] if j < d else y[i]
        place = k
        while place > 0 and values[place - 1] > value:
            values[place] = values[place - 1]
            place -= 1
        values[place] = value


@strict
def _power_of_two(magnitude: float) -> float:
    """Return a power of two just above a magnitude, one whose inverse is finite; 1 for zero."""
    if not 0.0 < magnitude < np.inf:
        return 1.0
    return math.ldexp(1.0, min(max(math.frexp(magnitude)[1], -1000), 1000))


@compiled
def frame(x: Any, y: Floats, strides: tuple[int, int], n_features: int, intercept: bool) -> tuple[Floats, Floats]:  # noqa: FBT001
    """Return (shift, scale) of every column of [X y], from a sample of rows.

    x: X's elements as they lie in memory; element (i, j) is x[i strides[0] + j strides[1]].
    """
    shift, scale = np.zeros(n_features + 1), np.ones(n_features + 1)
    values = np.empty(min(len(y), SAMPLE))
    for j in range(n_features + 1 if len(y) else 0):
        _sample(x, y, strides, j, values)
        if intercept:
            shift[j] = values[len(values) // 2]
        spread = max(values[-1] - shift[j], shift[j] - values[0])
        scale[j] = _power_of_two(spread if spread > 0.0 else abs(shift[j]))
    return shift, scale


@compiled
def _pack(
    x: Any,
    y: Floats,
    strides: tuple[int, int],
    start: int,
    height: int,
    shift: Floats,
    inverse_scale: Floats,
    panel: Floats,
) -> None:
    """Write rows of [X y], shifted and scaled, into the blocks of a panel."""
    d = len(shift) - 1
    whole = d // LANES if strides[1] == 1 else 0
    for i in range(height):
        row = (start + i) * strides[0]
        for block in range(whole):
            first = block * LANES
            standardise(x, row + first, shift, inverse_scale, first, panel, block * _STRIDE + i * LANES)  # type: ignore[call-arg]
    for j in range(whole * LANES, d):
        target = j // LANES * _STRIDE + j % LANES
        column = start * strides[0] + j * strides[1]
        for i in range(height):
            panel[target + i * LANES] = (x[column + i * strides[0]] - shift[j]) * inverse_scale[j]
    target = d // LANES * _STRIDE + d % LANES
    for i in range(height):
        panel[target + i * LANES] = (y[start + i] - shift[d]) * inverse_scale[d]


@compiled
def _multiply(panel: Floats, height: int, n_columns: int, sums: Floats, ahead: int) -> None:
    """Add the products of all pairs of a panel's columns to the blocks of the lower triangle."""
    for row in range((n_columns - 1) // LANES + 1):
        columns = min(LANES, n_columns - row * LANES)
        for column in range(0, row + 1, VECTORS):
            blocks = min(VECTORS, row + 1 - column)
            at = (row * (row + 1) // 2 + column) * _SQUARE
            add_tile(panel, row * _STRIDE, column * _STRIDE, _STRIDE, height, columns, blocks, sums, at, ahead)  # type: ignore[call-arg]
            ahead += 64 * height


@compiled
def add_rows(
    x: Any, y: Floats, strides: tuple[int, int], start: int, end: int, shift: Floats, scale: Floats, sums: Floats
) -> None:
    """Add the products of rows start to end of [z_X z_y 1] to the blocks of the lower triangle.

    Serial, and holding no lock: a driver may call it from as many threads as it has sums.
    """
    d = len(shift) - 1
    inverse_scale = 1.0 / scale
    panel = np.zeros((d + 1 + LANES) // LANES * _STRIDE)
    ones = (d + 1) // LANES * _STRIDE + (d + 1) % LANES
    for i in range(HEIGHT):
        panel[ones + i * LANES] = 1.0
    for first in range(start, end, HEIGHT):
        height = min(HEIGHT, end - first)
        _pack(x, y, strides, first, height, shift, inverse_scale, panel)
        _multiply(panel, height, d + 2, sums, x.ctypes.data + (first + height) * strides[0] * x.itemsize)


@parallel
def _add_rows_parallel(
    x: Any, y: Floats, strides: tuple[int, int], threads: int, shift: Floats, scale: Floats, sums: Floats
) -> None:
    n = len(y)
    for thread in prange(threads):
        start, end = n * thread // threads, n * (thread + 1) // threads
        add_rows(x, y, strides, start, end, shift, scale, sums[thread])


def n_sums(n_features: int) -> int:
    """Return how many doubles the blocks of the lower triangle of [X y 1]'s Gram matrix take."""
    rows = (n_features + 1) // LANES + 1
    return rows * (rows + 1) // 2 * _SQUARE


@compiled
def _assemble(sums: Floats, n: int, m: int, intercept: bool) -> tuple[Floats, Floats]:  # noqa: FBT001
    """Return (gram, mean) from the threads' blocks: the m columns' second moments, centred where asked."""
    total = sums[0]
    for thread in range(1, len(sums)):
        total += sums[thread]
    gram, mean = np.empty((m, m)), np.zeros(m)
    for j in range(m if intercept and n else 0):
        mean[j] = total[_place(m, j)] / n
    for j in range(m):
        for k in range(j + 1):
            gram[j, k] = gram[k, j] = total[_place(j, k)] - n * (mean[j] * mean[k])
    return gram, mean


@compiled
def _place(j: int, k: int) -> int:
    """Return where the blocks hold the product of columns j and k <= j."""
    row, column = j // LANES, k // LANES
    return (row * (row + 1) // 2 + column) * _SQUARE + j % LANES * LANES + k % LANES


def _laid_out(X: NDArray[Any]) -> tuple[NDArray[Any], tuple[int, int]]:
    """Return X's elements as they lie in memory, and the steps from row to row and column to column."""
    if X.dtype.char not in "fd":
        X = X.astype(np.float64)
    if X.flags.c_contiguous:
        return X.reshape(-1), (X.shape[1], 1)
    if X.flags.f_contiguous:
        return X.T.reshape(-1), (1, X.shape[0])
    return np.ascontiguousarray(X).reshape(-1), (X.shape[1], 1)


def scatter(X: NDArray[Any], y: Floats, *, intercept: bool = True, threads: int | None = None) -> Scatter:
    """Return the second moments of the shifted and scaled columns of [X y], centred unless there is no intercept.

    Without an intercept shift and mean are zero, and gram holds the plain sums of products.

    X: (n_samples, n_features), C or Fortran order, read once; float64 or float32 (summed in float64).
    Work: n_samples (n_features + 2) (n_features + 3) flops. Extra memory: n_features^2 / 2 doubles a thread.
    """
    n, d = X.shape
    x, strides = _laid_out(X)
    shift, scale = frame(x, y, strides, d, intercept)
    if n * (d + 2) * (d + 3) < _PARALLEL_FLOPS:
        threads = 1
    elif threads is None:
        threads = numba.get_num_threads()
    sums = np.zeros((threads, n_sums(d)))
    if threads == 1:
        add_rows(x, y, strides, 0, n, shift, scale, sums[0])
    else:
        _add_rows_parallel(x, y, strides, threads, shift, scale, sums)
    return Scatter(n, *_assemble(sums, n, d + 1, intercept), shift, scale)


@compiled
def _factor(gram: Floats, size: Floats, tolerance: float, lower: Floats) -> int:
    """Write the Cholesky factor of gram[j, k] / (size_j size_k); return the first dependent column, or -1."""
    for j in range(len(lower)):
        for k in range(j):
            rest = gram[j, k] / (size[j] * size[k])
            for i in range(k):
                rest -= lower[j, i] * lower[k, i]
            lower[j, k] = rest / lower[k, k]
        pivot = 1.0
        for i in range(j):
            pivot -= lower[j, i] * lower[j, i]
        if not (size[j] > 0.0 and pivot > tolerance):
            return j
        lower[j, j] = math.sqrt(pivot)
    return -1


@compiled
def _substitute(lower: Floats, v: Floats) -> None:
    """Solve L L' v = right-hand side, in place."""
    d = len(v)
    for j in range(d):
        for k in range(j):
            v[j] -= lower[j, k] * v[k]
        v[j] /= lower[j, j]
    for j in range(d - 1, -1, -1):
        v[j] /= lower[j, j]
        for k in range(j):
            v[k] -= lower[j, k] * v[j]


@strict
def _two_product(a: float, b: float) -> tuple[float, float]:
    """Return the rounded product and what rounding left of it (Dekker, 1971)."""
    product, split = a * b, 134217729.0
    a_high, b_high = a * split - (a * split - a), b * split - (b * split - b)
    a_low, b_low = a - a_high, b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


@strict
def _intercept(w: Floats, mean: Floats, shift: Floats, scale: Floats) -> float:
    """Return mean y - w.mean x, in double-double: at large offsets the terms cancel."""
    d = len(w)
    total, lost = shift[d], mean[d] * scale[d]
    for j in range(d):
        product, rest = _two_product(-w[j], shift[j])
        raised = total + product
        part = raised - total
        lost += ((total - (raised - part)) + (product - part)) + rest - w[j] * (mean[j] * scale[j])
        total = raised
    return total + lost


@compiled
def _solve(
    n_samples: int,
    gram: Floats,
    mean: Floats,
    shift: Floats,
    scale: Floats,
    intercept: bool,  # noqa: FBT001
) -> tuple[int, Floats, float]:
    """Return (-1, w, b), or first the column that depends on those before it."""
    d = len(mean) - 1
    size, lower, w = np.empty(d), np.empty((d, d)), np.empty(d)
    for j in range(d):
        size[j] = math.sqrt(gram[j, j])
    # Sums of HEIGHT rows, then of all panels, then the factor's own: so many roundings, as a random walk.
    noise = 2.0**-52 * (d + math.sqrt(HEIGHT) + math.sqrt(n_samples / HEIGHT))
    dependent = _factor(gram, size, noise, lower)
    if dependent >= 0:
        return dependent, w, 0.0
    for j in range(d):
        w[j] = gram[j, d] / size[j]
    _substitute(lower, w)
    for j in range(d):
        w[j] = w[j] / size[j] * (scale[d] / scale[j])
    return -1, w, _intercept(w, mean, shift, scale) if intercept else 0.0


def one_pass_gram(X: NDArray[Any], y: Floats, intercept: bool = True) -> tuple[Floats, float]:  # noqa: FBT001, FBT002 - by position, like every target
    """Return (w, b) that minimise |X w + b - y|, by a Cholesky factor of the Gram matrix of one pass over X.

    X: (n_samples, n_features), C or Fortran order, float64 or float32.   y: (n_samples,).
    Work: n_samples (n_features + 2) (n_features + 3) flops, and n_features^3 / 3 for the factor.
    Errors: LinAlgError if a column depends, up to rounding, on those before it.
    Source: Golub and Van Loan, "Matrix Computations", section 5.3.2; the column scaling: van der Sluis, 1969.
    """
    moments = scatter(X, y, intercept=intercept)
    dependent, w, b = _solve(*moments, intercept)
    if dependent >= 0:
        message = (
            f"column {dependent} of X is, up to rounding, a combination of the columns before it"
            f"{' and a constant' if intercept else ''}, or not finite. Remove it."
        )
        raise np.linalg.LinAlgError(message)
    return w, b
