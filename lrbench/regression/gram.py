"""Least squares from one pass over X: the Gram matrix of [X y 1], blocked and on all threads, and its solution.

Every column is shifted and scaled before it is multiplied: z_j = (x_j - shift_j) / scale_j. The shift is the median of
a sample: a median lies within a standard deviation of the mean, so that removing what remains of the mean from the
finished sums costs no digits, where it would cost them all at a large offset. The scale is a power of two, which rounds
nothing and keeps squares within float64's range. Arithmetic: reassociated, as BLAS's, but for shifts and the intercept.
"""

import math
import threading
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from lrbench.regression.compilation import compiled, strict
from lrbench.regression.double_double import add, multiply, two_sum
from lrbench.regression.panels import LEAST_HEIGHT, MOST_HEIGHT, Memory, add_rows, add_rows_parallel
from lrbench.regression.triangle import Floats, Samples, Strides, position

SAMPLE = 31  # rows that shift and scale are taken from
_GOLDEN = 0.6180339887498949  # its multiples, modulo 1, spread evenly and keep no rhythm that data could share
_PARALLEL_FLOPS = 1e6  # some 50 us of one thread; below, waking others gains little and may cost much
_FAR = 2.0**800  # squares beyond it, or below its inverse, are near the end of float64's range

_memory = Memory()


class Scatter(NamedTuple):
    """Second moments of the columns z_j = (x_j - shift_j) / scale_j of [X y], y the last."""

    n_samples: int
    gram: Floats  # (d + 1, d + 1): sum_i (z_ij - mean_j) (z_ik - mean_k)
    mean: Floats  # (d + 1,): what of the mean remains after the shift
    shift: Floats  # (d + 1,)
    scale: Floats  # (d + 1,): powers of two


@compiled
def _sample(x: Any, y: Floats, strides: Strides, n_features: int, values: Floats) -> None:
    """Write some rows of [X y], and sort each column of them by itself, all at once.

    Source: K. E. Batcher, "Sorting networks and their applications" (1968), odd-even merges.
    """
    n, count = len(y), len(values)
    for k in range(count):
        i = k if count == n else int((k * _GOLDEN) % 1.0 * n)
        for j in range(n_features):
            values[k, j] = x[i * strides[0] + j * strides[1]]
        values[k, n_features] = y[i]
    level = 0
    while 1 << level < count:  # runs of 2^level are sorted; two of them are merged
        run = apart = 1 << level
        while apart:
            for first in range(apart & run - 1, count - apart, 2 * apart):
                for k in range(first, min(first + apart, count - apart)):
                    if k >> level + 1 == k + apart >> level + 1:
                        for j in range(n_features + 1):
                            a, b = values[k, j], values[k + apart, j]
                            values[k, j], values[k + apart, j] = (b, a) if b < a else (a, b)
            apart >>= 1
        level += 1


@strict
def _power_of_two(magnitude: float) -> float:
    """Return a power of two just above a magnitude, one whose inverse is finite; 1 for zero."""
    if not 0.0 < magnitude < np.inf:
        return 1.0
    return math.ldexp(1.0, min(max(math.frexp(magnitude)[1], -1000), 1000))


@compiled
def _frame(x: Any, y: Floats, strides: Strides, n_features: int, intercept: bool) -> tuple[Floats, Floats]:  # noqa: FBT001  (compiled: all by position)
    """Return (shift, scale) of every column of [X y], from a sample of rows.

    x: X's elements as they lie in memory; element (i, j) is x[i strides[0] + j strides[1]].
    """
    shift, scale = np.zeros(n_features + 1), np.ones(n_features + 1)
    values = np.empty((min(len(y), SAMPLE), n_features + 1))
    _sample(x, y, strides, n_features, values)
    for j in range(n_features + 1 if len(y) else 0):
        if intercept:
            shift[j] = values[len(values) // 2, j]
        spread = max(values[-1, j] - shift[j], shift[j] - values[0, j])
        scale[j] = _power_of_two(spread if spread > 0.0 else abs(shift[j]))
    return shift, scale


@strict
def _whole_scale(x: Any, y: Floats, strides: Strides, shift: Floats) -> Floats:
    """Return the scale of every column of [X y] from all its rows: another pass, where a sample has misled."""
    scale = np.empty(len(shift))
    for j in range(len(shift)):
        spread = 0.0
        for i in range(len(y)):
            value = x[i * strides[0] + j * strides[1]] if j < len(shift) - 1 else y[i]
            spread = max(spread, abs(value - shift[j]))
        scale[j] = _power_of_two(spread)
    return scale


@compiled
def _assemble(sums: Floats, n: int, m: int, intercept: bool) -> tuple[Floats, Floats, bool]:  # noqa: FBT001  (compiled: all by position)
    """Return (gram, mean, in_range) from the threads' blocks: the m columns' second moments, centred where asked.

    in_range: whether every column's square has kept away from the ends of float64's range; zero has not.
    """
    total = sums[0]
    for thread in range(1, len(sums)):
        total += sums[thread]
    gram, mean, in_range = np.empty((m, m)), np.zeros(m), True
    for j in range(m):
        in_range &= 1.0 / _FAR < total[position(j, j)] < _FAR
        if intercept and n:
            mean[j] = total[position(m, j)] / n
        for k in range(j + 1):
            gram[j, k] = gram[k, j] = total[position(j, k)] - n * (mean[j] * mean[k])
    return gram, mean, in_range


def _laid_out(X: NDArray[Any]) -> tuple[NDArray[Any], tuple[int, int]]:
    """Return X's elements as they lie in memory, and the steps from row to row and column to column."""
    if X.dtype.char not in "fd":
        X = X.astype(np.float64)
    if X.flags.c_contiguous:
        return X.reshape(-1), (X.shape[1], 1)
    if X.flags.f_contiguous:
        return X.T.reshape(-1), (1, X.shape[0])
    return np.ascontiguousarray(X).reshape(-1), (X.shape[1], 1)


def available_threads() -> int:
    """Return the threads to use: numba's, but one outside the main thread.

    Whoever calls from another thread, as Dask's tasks do, has put work on all processors already; and of numba's
    threading layers the workqueue takes one caller at a time and aborts the process at a second.
    """
    is_main = threading.current_thread() is threading.main_thread()
    return numba.get_num_threads() if is_main else 1


def scatter(X: NDArray[Any], y: Floats, *, intercept: bool = True, threads: int | None = None) -> Scatter:
    """Return the second moments of the shifted and scaled columns of [X y], centred unless there is no intercept.

    Without an intercept shift and mean are zero, and gram holds the plain sums of products.

    X: (n_samples, n_features), n_features >= 1, C or Fortran order (any other, and integers, are copied first);
    float64 or float32, summed in float64. y: (n_samples,).   threads: None for `available_threads`.
    Work: n_samples (n_features + 2) (n_features + 3) flops, X read once, and once more where a sample of its rows has
    misled about a column's scale. Extra memory: n_features^2 / 2 doubles and a panel of about half a MiB a thread.
    """
    n, d = X.shape
    x, strides = _laid_out(X)
    y = np.ascontiguousarray(y, dtype=np.float64)
    if n * (d + 2) * (d + 3) < _PARALLEL_FLOPS:
        threads = 1
    elif threads is None:
        threads = available_threads()
    shift, scale = _frame(x, y, strides, d, intercept)
    gram, mean, in_range = _moments(Samples(x, y, strides, shift, scale), threads, intercept=intercept)
    if not in_range:
        scale = _whole_scale(x, y, strides, shift)
        gram, mean, _ = _moments(Samples(x, y, strides, shift, scale), threads, intercept=intercept)
    return Scatter(n, gram, mean, shift, scale)


def _moments(samples: Samples, threads: int, *, intercept: bool) -> tuple[Floats, Floats, bool]:
    """Return (gram, mean, in_range) of one pass."""
    n, m = len(samples.y), len(samples.shift)
    sums, panels = _memory.of(threads, m - 1)
    if threads == 1:  # without numba's threads, which some layers allow one caller only
        add_rows(*samples, (0, n), sums[0], panels[0])
    else:
        add_rows_parallel(*samples, threads, sums, panels)
    found: tuple[Floats, Floats, bool] = _assemble(sums, n, m, intercept)
    return found


@compiled
def _factor(gram: Floats, size: Floats, tolerance: float, lower: Floats) -> int:
    """Write the Cholesky factor of gram[j, k] / (size_j size_k); return the first dependent column, or -1."""
    for j in range(len(lower)):
        if not size[j] > 0.0:
            return j
        for k in range(j):
            rest = gram[j, k] / (size[j] * size[k])
            for i in range(k):
                rest -= lower[j, i] * lower[k, i]
            lower[j, k] = rest / lower[k, k]
        pivot = 1.0
        for i in range(j):
            pivot -= lower[j, i] * lower[j, i]
        if not pivot > tolerance:
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
def intercept_of(w: Floats, mean: Floats, shift: Floats, scale: Floats) -> float:
    """Return mean y - w.mean x, in double-double: at large offsets the terms cancel."""
    d = len(w)
    total, rest = two_sum(shift[d], mean[d] * scale[d])
    for j in range(d):
        high, low = two_sum(shift[j], mean[j] * scale[j])
        total, rest = add(total, rest, *multiply(high, low, -w[j]))
    return total


@compiled
def _solve(
    n_samples: int,
    gram: Floats,
    mean: Floats,
    shift: Floats,
    scale: Floats,
    intercept: bool,  # noqa: FBT001  (compiled: all by position)
) -> tuple[int, Floats, float]:
    """Return (-1, w, b), or first the column that depends on those before it."""
    d = len(mean) - 1
    size, lower, w = np.empty(d), np.empty((d, d)), np.empty(d)
    for j in range(d):
        size[j] = math.sqrt(gram[j, j])
    # Sums of a panel's rows, then of all panels, then the factor's own: so many roundings, as a random walk.
    noise = 2.0**-52 * (d + math.sqrt(MOST_HEIGHT) + math.sqrt(n_samples / LEAST_HEIGHT))
    dependent = _factor(gram, size, noise, lower) if gram[d, d] < np.inf else d
    if dependent >= 0:
        return dependent, w, 0.0
    for j in range(d):
        w[j] = gram[j, d] / size[j]
    _substitute(lower, w)
    for j in range(d):
        w[j] = w[j] / size[j] * (scale[d] / scale[j])
    return -1, w, intercept_of(w, mean, shift, scale) if intercept else 0.0


def one_pass_gram(X: NDArray[Any], y: Floats, intercept: bool = True) -> tuple[Floats, float]:  # noqa: FBT001, FBT002  (by position, like every target)
    """Return (w, b) that minimise |X w + b - y|, by a Cholesky factor of the Gram matrix of one pass over X.

    X: (n_samples, n_features), C or Fortran order, float64 or float32.   y: (n_samples,).
    Work: n_samples (n_features + 2) (n_features + 3) flops, and n_features^3 / 3 for the factor.
    Errors: LinAlgError if a column depends, up to rounding, on those before it.
    Source: Golub and Van Loan, "Matrix Computations", section 5.3.2; the column scaling: van der Sluis, 1969.
    """
    return solved(scatter(X, y, intercept=intercept), intercept=intercept)


def solved(moments: Scatter, *, intercept: bool = True) -> tuple[Floats, float]:
    """Return (w, b) by a Cholesky factor of second moments; LinAlgError if a column depends on those before it."""
    dependent, w, b = _solve(*moments, intercept)
    if dependent == len(w):
        message = "y holds values that are not finite. Drop or fill them."
        raise np.linalg.LinAlgError(message)
    if dependent >= 0:
        combination = "columns before it and of a constant" if intercept else "columns before it"
        message = (
            f"Column {dependent} of X is not finite, or is up to rounding a combination of the {combination}: "
            "the coefficients are not determined. Drop it."
        )
        raise np.linalg.LinAlgError(message)
    return w, b
