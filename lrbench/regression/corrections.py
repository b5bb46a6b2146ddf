"""Gradients of a linear model in twice float64's precision, at nearly the speed at which X is read.

They are summed over panels of rows and of their residuals, `residual_panels`.

Two ways to add. The compensated dot product takes nothing for granted: each product and each addition is split into
its rounded value and the rest, and the rests are summed apart. Its error is that of sums in twice the precision. The
*biased* sum starts from a constant so large that it outweighs all partial sums: then the rest of an addition comes
from one subtraction, and one fused multiply-add takes product and rest together, 5 operations where the other way
takes 11. What it costs is digits: its error is UNIT^2 of the constant, not of the sum. Well-conditioned data have
digits to spare.

Sources: T. Ogita, S. M. Rump and S. Oishi, "Accurate sum and dot product" (2005), algorithms 5.3 and 5.10; the bias:
T. J. Dekker's fast addition (1971), whose larger operand is known beforehand.
"""

from typing import Any, TypeAlias

import numpy as np
from numba import prange
from numpy.typing import NDArray

from lrbench.regression.compilation import parallel, strict
from lrbench.regression.double_double import SPLITTER, Pair, compiled_product, two_sum
from lrbench.regression.residual_panels import (
    PANEL,
    PITCH,
    empty_panel,
    fill_panel,
    subtract_biased,
    subtract_prediction,
    whole_vectors,
)
from lrbench.regression.samples import GROUP, add_products

Floats: TypeAlias = NDArray[np.float64]
Sums: TypeAlias = tuple[Floats, Floats, Floats]

LANES = GROUP  # partial sums of a column
SERIAL_BELOW = 1 << 16  # elements of X that one thread reads before others have woken up


@strict
def _add_products(
    panel: Floats, high: Floats, low: Floats, sum_high: Floats, sum_low: Floats, splitter: float | None
) -> None:
    """Add the products of a panel's columns with its residuals to LANES sums a column."""
    for j in range(len(panel)):
        for lane in range(LANES):
            total, rest = sum_high[j, lane], sum_low[j, lane]
            for i in range(lane, PANEL, LANES):
                product, error = compiled_product(panel[j, i], high[i], splitter)
                total, lost = two_sum(total, product)
                rest += (error + lost) + panel[j, i] * low[i]
            sum_high[j, lane], sum_low[j, lane] = total, rest


@strict
def _add_residuals(high: Floats, low: Floats, sums: Floats, splitter: float | None) -> None:
    """Add a panel's residuals, and their squares, to PANEL sums of each: rows high and low of the one and the other."""
    for i in range(PANEL):
        sums[0, i], lost = two_sum(sums[0, i], high[i])
        sums[1, i] += lost + low[i]
        square, error = compiled_product(high[i], high[i], splitter)
        sums[2, i], lost = two_sum(sums[2, i], square)
        sums[3, i] += (lost + error) + 2.0 * high[i] * low[i]


@strict
def _sum_panels(
    X: Floats,
    y: Floats,
    inverse_scale: Floats,
    v: Pair,
    panels: tuple[int, int],
    sums: Sums,
    splitter: float | None,
    bias: Floats | None,
) -> None:
    """Add panels first to last - 1 to the sums of X'r, of r and of r'r."""
    d = X.shape[1]
    sum_high, sum_low, residual_sums = sums
    factors = whole_vectors(inverse_scale[:d])
    panel, high, low = empty_panel(d), np.empty(PANEL), np.empty(PANEL)
    for k in range(panels[0], panels[1]):
        n_rows = fill_panel(X, y, k * PANEL, factors, inverse_scale[d], panel, high)
        if bias is None:
            subtract_prediction(panel[:d], v[0], v[1], n_rows, high, low, splitter)
            _add_products(panel[:d], high, low, sum_high, sum_low, splitter)
        else:
            subtract_biased(panel, d, v[0], v[1], n_rows, high, low, bias[d])
            ahead = X.ctypes.data + (k + 1) * PANEL * X.strides[0]
            for j in range(d):
                column = ahead + j * PANEL * X.itemsize
                add_products(panel, j * PITCH, PANEL // LANES, high, low, sum_high, sum_low, j * LANES, column)  # type: ignore[call-arg]  # likewise
        _add_residuals(high, low, residual_sums, splitter)


@strict
def _started(threads: int, d: int, bias: Floats | None) -> Sums:
    """Return the sums as they start: high and low (threads, d + 1, LANES), and residuals' (threads, 5, PANEL).

    The last row of each is nobody's: two threads that write to one cache line would wait for each other.
    """
    high = np.zeros((threads, d + 1, LANES))
    if bias is not None:
        for j in range(d):
            high[:, j] = bias[j]
    return high, np.zeros((threads, d + 1, LANES)), np.zeros((threads, 5, PANEL))


@strict
def _add_up(sums: Sums, bias: Floats | None) -> Pair:
    """Return the sums over threads and lanes: d of columns, that of residuals, that of their squares."""
    sum_high, sum_low, residual_sums = sums
    n_threads, d = len(sum_high), sum_high.shape[1] - 1
    high, low = np.zeros(d + 2), np.zeros(d + 2)
    for j in range(d + 2):
        start = 0.0
        if bias is not None and j < d:
            start = bias[j]
        for t in range(n_threads):
            if j < d:
                parts, rests = sum_high[t, j], sum_low[t, j]
            else:
                parts, rests = residual_sums[t, 2 * (j - d)], residual_sums[t, 2 * (j - d) + 1]
            for lane in range(len(parts)):
                high[j], lost = two_sum(high[j], parts[lane] - start)
                low[j] += lost + rests[lane]
        high[j], low[j] = two_sum(high[j], low[j])
    return high, low


@strict
def _gradient_serial(
    X: Floats, y: Floats, inverse_scale: Floats, v: Pair, splitter: float | None, bias: Floats | None
) -> Pair:
    sums = _started(1, X.shape[1], bias)
    own = sums[0][0], sums[1][0], sums[2][0]
    _sum_panels(X, y, inverse_scale, v, (0, (len(y) + PANEL - 1) // PANEL), own, splitter, bias)
    return _add_up(sums, bias)


@parallel
def _gradient_parallel(
    X: Floats, y: Floats, inverse_scale: Floats, v: Pair, splitter: float | None, bias: Floats | None, threads: int
) -> Pair:
    sums = _started(threads, X.shape[1], bias)
    last = (len(y) + PANEL - 1) // PANEL
    for t in prange(threads):
        panels = last * t // threads, last * (t + 1) // threads
        own = sums[0][t], sums[1][t], sums[2][t]
        _sum_panels(X, y, inverse_scale, v, panels, own, splitter, bias)
    return _add_up(sums, bias)


def gradient(
    X: NDArray[Any],
    y: Floats,
    inverse_scale: Floats,
    v: Pair,
    *,
    threads: int = 1,
    splitter: float | None = SPLITTER,
    bias: Floats | None = None,
) -> Pair:
    """Return the sums X'r, those of r, and of r'r, for r = y - X w - b: n_features + 2 pairs.

    To first order the sums by columns err by about UNIT^2 sum_i |x_ij| (n_features (|x_i|.|w| + |b| + |y_i|) +
    (n_samples / (LANES threads)) |r_i|): each residual's own error, and that of summing. With a bias, by UNIT^2 of it.

    X: (n_samples, n_features), any order, float64 or float32.   y: (n_samples,).   v: w, then b, n_features + 1 pairs.
    inverse_scale: powers of two, one for each column and one for y, that bring them near 1; v and the sums are
    those of the scaled X and y.   splitter: how products are split; None by fused multiply-add.
    bias: None, or n_features + 1 constants, each at least 4 times any partial sum of x_ij r_i, and the last at least
    4 times any of y_i - b - x_i.w; only where splitter is None.
    Work: about 22 n_samples n_features flops, 16 with a bias; one pass over X; 1.5 KB n_features of memory a thread.
    """
    if threads == 1 or X.size < SERIAL_BELOW:
        return _gradient_serial(X, y, inverse_scale, v, splitter, bias)
    return _gradient_parallel(X, y, inverse_scale, v, splitter, bias, threads)


@strict
def transposed_product(X: Floats, inverse_scale: Floats, high: Floats, low: Floats, splitter: float | None) -> Pair:
    """Return [X 1]'(high + low) as n_features + 1 pairs, summed in three times float64's precision.

    What is lost is about n_samples UNIT^3 of the sum of the magnitudes, and UNIT^2 of the result. That it exceeds
    twice the precision is what a residual orthogonal to X needs: all of the sum's leading parts cancel.
    Work: about 45 n_samples n_features flops, one pass over X.
    """
    n, d = X.shape
    first, second, third = np.zeros(d + 1), np.zeros(d + 1), np.zeros(d + 1)
    for i in range(n):
        for j in range(d):
            x = X[i, j] * inverse_scale[j]
            product, error = compiled_product(x, high[i], splitter)
            small, smaller = compiled_product(x, low[i], splitter)
            first[j], lost = two_sum(first[j], product)
            error, rest = two_sum(error, lost)
            smaller += rest
            small, rest = two_sum(small, error)
            smaller += rest
            second[j], rest = two_sum(second[j], small)
            third[j] += smaller + rest
        first[d], lost = two_sum(first[d], high[i])
        small, rest = two_sum(lost, low[i])
        second[d], lost = two_sum(second[d], small)
        third[d] += rest + lost
    for j in range(d + 1):
        middle, rest = two_sum(second[j], third[j])
        high_part, middle = two_sum(first[j], middle)
        first[j], second[j] = two_sum(high_part, middle + rest)
    return first, second
