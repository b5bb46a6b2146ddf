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

from lrbench.regression.tiles import LANES, ROWS, VECTORS, add_tile, standardise_columns, standardise_rows

Floats = NDArray[np.float64]
Strides = tuple[int, int]  # elements from row to row, and from column to column
Frames = tuple[Floats, Floats]  # shift and inverse scale, as long as whole vectors

_MOST_HEIGHT, _LEAST_HEIGHT = 256, 32  # rows of a panel: enough that reading and writing sums costs little
_PANEL_SIZE = 2**16  # doubles, half of a second-level cache of 1 MiB; lets few columns have panels in the first
NARROW = 2  # features, up to which loops along the samples are faster than panels
_NARROW_HEIGHT = 4096  # rows that such a loop sums at a time, for the sake of rounding
_LINE = 8  # doubles in a cache line
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
def _sample(x: Any, y: Floats, strides: Strides, j: int, values: Floats) -> None:
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
def frame(x: Any, y: Floats, strides: Strides, n_features: int, intercept: bool) -> tuple[Floats, Floats]:  # noqa: FBT001
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


@strict
def _pack_rows(x: Any, step: int, rows: tuple[int, int], frames: Frames, panel: Floats, stride: int) -> int:
    """Write rows of X that lie `step` apart into a panel, by whole vectors; return how many that were.

    A row's last vector reads on into the next row: what lies there comes into columns that are not X's. X's own last
    rows have nothing behind them, and are left out.
    """
    shift, inverse_scale = frames
    width = len(shift)
    height = max(0, min(rows[1], (x.size - width) // step + 1) - rows[0]) // ROWS * ROWS
    for i in range(0, height, ROWS):
        source, target = (rows[0] + i) * step, i * LANES
        for first in range(0, width, LANES):
            standardise_rows(x, source + first, step, shift, inverse_scale, first, panel, target)  # type: ignore[call-arg]
            target += stride
    return height


@strict
def _pack_columns(
    x: Any, step: int, rows: tuple[int, int], n_features: int, frames: Frames, panel: Floats, stride: int
) -> int:
    """Write rows of X whose columns lie `step` apart into a panel, by whole vectors; return how many that were."""
    shift, inverse_scale = frames
    height = (rows[1] - rows[0]) // LANES * LANES
    for first in range(0, n_features, LANES):
        last = min(LANES, n_features - first) - 1
        source, target = rows[0] + first * step, first // LANES * stride
        for i in range(0, height, LANES):
            standardise_columns(  # type: ignore[call-arg]
                x, source + i, step, last, shift, inverse_scale, first, panel, target + i * LANES
            )
    return height


@strict
def _pack(
    x: Any,
    y: Floats,
    strides: Strides,
    rows: tuple[int, int],
    shift: Floats,
    scale: Floats,
    frames: Frames,
    panel: Floats,
    stride: int,
) -> None:
    """Write rows of [X y], shifted and scaled, into the blocks of a panel."""
    start, height, d = rows[0], rows[1] - rows[0], len(shift) - 1
    if strides[1] == 1:
        done = _pack_rows(x, strides[0], rows, frames, panel, stride)
    else:
        done = _pack_columns(x, strides[1], rows, d, frames, panel, stride)
    for j in range(d if done < height else 0):
        target = j // LANES * stride + j % LANES
        column = start * strides[0] + j * strides[1]
        for i in range(done, height):
            panel[target + i * LANES] = (x[column + i * strides[0]] - shift[j]) / scale[j]
    target = d // LANES * stride + d % LANES
    factor = 1.0 / scale[d]
    for i in range(height):
        panel[target + i * LANES] = (y[start + i] - shift[d]) * factor


@compiled
def _place(j: int, k: int) -> int:
    """Return where the blocks hold the product of columns j and k <= j."""
    row, column = j // LANES, k // LANES
    return (row * (row + 1) // 2 + column) * _SQUARE + j % LANES * LANES + k % LANES


@compiled
def _multiply(panel: Floats, stride: int, height: int, n_columns: int, sums: Floats, ahead: int) -> None:
    """Add the products of all pairs of a panel's columns to the blocks of the lower triangle."""
    for row in range((n_columns - 1) // LANES + 1):
        columns = min(LANES, n_columns - row * LANES)
        for column in range(0, row + 1, VECTORS):
            blocks = min(VECTORS, row + 1 - column)
            at = (row * (row + 1) // 2 + column) * _SQUARE
            add_tile(panel, row * stride, column * stride, stride, height, columns, blocks, sums, at, ahead)  # type: ignore[call-arg]
            ahead += 64 * height


@strict
def _aligned(size: int, value: float) -> Floats:
    """Return an array that begins a cache line, so that no vector in it lies across two."""
    raw = np.full(size + _LINE, value)
    start = -(raw.ctypes.data // 8) % _LINE
    return raw[start : start + size]


@strict
def _frames(shift: Floats, scale: Floats) -> Frames:
    """Return X's shifts and inverse scales by whole vectors, 0 behind its columns: those become 1."""
    d = len(shift) - 1
    width = (d + LANES - 1) // LANES * LANES
    shifts, inverse_scales = _aligned(width, 0.0), _aligned(width, 0.0)
    for j in range(d):
        shifts[j], inverse_scales[j] = shift[j], 1.0 / scale[j]
    return shifts, inverse_scales


@compiled
def _add_one_feature(x: Any, y: Floats, shift: Floats, scale: Floats, sums: Floats) -> None:
    """Add the products of [z_x z_y 1] of contiguous samples of one feature."""
    shift_0, shift_y, factor_0, factor_y = shift[0], shift[1], 1.0 / scale[0], 1.0 / scale[1]
    s_00 = s_y0 = s_yy = s_10 = s_1y = 0.0
    for i in range(len(y)):
        z_0, z_y = (x[i] - shift_0) * factor_0, (y[i] - shift_y) * factor_y
        s_00 += z_0 * z_0
        s_y0 += z_y * z_0
        s_yy += z_y * z_y
        s_10 += z_0
        s_1y += z_y
    sums[_place(0, 0)] += s_00
    sums[_place(1, 0)] += s_y0
    sums[_place(1, 1)] += s_yy
    sums[_place(2, 0)] += s_10
    sums[_place(2, 1)] += s_1y


@compiled
def _add_two_features(x: Any, y: Floats, shift: Floats, scale: Floats, sums: Floats) -> None:
    """Add the products of [z_x z_y 1] of contiguous samples of two features."""
    shift_0, shift_1, shift_y = shift[0], shift[1], shift[2]
    factor_0, factor_1, factor_y = 1.0 / scale[0], 1.0 / scale[1], 1.0 / scale[2]
    s_00 = s_10 = s_11 = s_y0 = s_y1 = s_yy = s_0 = s_1 = s_y = 0.0
    for i in range(len(y)):
        z_0, z_1 = (x[2 * i] - shift_0) * factor_0, (x[2 * i + 1] - shift_1) * factor_1
        z_y = (y[i] - shift_y) * factor_y
        s_00 += z_0 * z_0
        s_10 += z_1 * z_0
        s_11 += z_1 * z_1
        s_y0 += z_y * z_0
        s_y1 += z_y * z_1
        s_yy += z_y * z_y
        s_0 += z_0
        s_1 += z_1
        s_y += z_y
    sums[_place(0, 0)] += s_00
    sums[_place(1, 0)] += s_10
    sums[_place(1, 1)] += s_11
    sums[_place(2, 0)] += s_y0
    sums[_place(2, 1)] += s_y1
    sums[_place(2, 2)] += s_yy
    sums[_place(3, 0)] += s_0
    sums[_place(3, 1)] += s_1
    sums[_place(3, 2)] += s_y


@compiled
def add_rows(
    x: Any, y: Floats, strides: Strides, rows: tuple[int, int], shift: Floats, scale: Floats, sums: Floats
) -> None:
    """Add the products of rows[0] to rows[1] of [z_X z_y 1] to the blocks of the lower triangle.

    Serial, and holding no lock: a driver may call it from as many threads as it has sums.
    """
    d = len(shift) - 1
    if d <= NARROW and strides == (d, 1):
        for start in range(rows[0], rows[1], _NARROW_HEIGHT):
            end = min(start + _NARROW_HEIGHT, rows[1])
            if d == 1:
                _add_one_feature(x[start:end], y[start:end], shift, scale, sums)
            else:
                _add_two_features(x[2 * start : 2 * end], y[start:end], shift, scale, sums)
    else:
        _add_panels(x, y, strides, rows, shift, scale, sums)


@compiled
def _add_panels(
    x: Any, y: Floats, strides: Strides, rows: tuple[int, int], shift: Floats, scale: Floats, sums: Floats
) -> None:
    """Add the products of rows[0] to rows[1] by panels, for any number of features."""
    d = len(shift) - 1
    n_blocks = (d + 1) // LANES + 1
    tallest = max(_LEAST_HEIGHT, min(_MOST_HEIGHT, _PANEL_SIZE // (n_blocks * LANES) // LANES * LANES))
    stride = (tallest + 1) * LANES  # one row more, or all blocks would meet in one set of the cache
    frames = _frames(shift, scale)
    panel = _aligned(n_blocks * stride, 1.0)
    for start in range(rows[0], rows[1], tallest):
        end = min(start + tallest, rows[1])
        _pack(x, y, strides, (start, end), shift, scale, frames, panel, stride)
        ahead = x.ctypes.data + end * strides[0] * x.itemsize
        _multiply(panel, stride, end - start, d + 2, sums, ahead)


@parallel
def _add_rows_parallel(
    x: Any, y: Floats, strides: Strides, threads: int, shift: Floats, scale: Floats, sums: Floats
) -> None:
    n = len(y)
    for thread in prange(threads):
        start, end = n * thread // threads, n * (thread + 1) // threads
        add_rows(x, y, strides, (start, end), shift, scale, sums[thread])


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
        add_rows(x, y, strides, (0, n), shift, scale, sums[0])
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
    # Sums of a panel's rows, then of all panels, then the factor's own: so many roundings, as a random walk.
    noise = 2.0**-52 * (d + math.sqrt(_MOST_HEIGHT) + math.sqrt(n_samples / _LEAST_HEIGHT))
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
