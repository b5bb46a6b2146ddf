"""Residuals and gradients of a linear model in twice float64's precision, at nearly the speed at which X is read.

Rows are copied into panels of PANEL samples, transposed, so that every loop runs along samples, eight or four of
which the compiler takes at once. The copy scales columns by powers of two, exactly; scaled data are to lie near 1, so
that no product overflows and what underflows is below 1e-290 of the largest.

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
from numba import njit, prange
from numpy.typing import NDArray

from lrbench.regression.double_double import SPLITTER, Pair, compiled_product, compiled_sum, fused_multiply_add, strict

Floats: TypeAlias = NDArray[np.float64]

PANEL = 128  # samples in a panel: 10 columns of it stay in the first cache, 500 in the second
_PITCH = PANEL + 8  # doubles from column to column; at PANEL, all columns meet in four sets of the first cache
LANES = 32  # partial sums of a column: four vectors of eight hide the latency of one
_ROWS = 8  # rows that are copied together, a cache line of each column
SERIAL_BELOW = 1 << 16  # elements of X that one thread reads before others have woken up


@strict
def _fill_panel(X: Floats, y: Floats, start: int, inverse_scale: Floats, panel: Floats, target: Floats) -> int:
    """Write scaled rows from `start` on into a panel, transposed, and zeros behind the last; return how many."""
    d = X.shape[1]
    n_rows = min(PANEL, len(y) - start)
    whole = n_rows - n_rows % _ROWS
    for i in range(0, whole, _ROWS):
        for j in range(d):
            factor = inverse_scale[j]
            for k in range(_ROWS):
                panel[j, i + k] = X[start + i + k, j] * factor
    for i in range(whole, n_rows):
        for j in range(d):
            panel[j, i] = X[start + i, j] * inverse_scale[j]
    for i in range(n_rows):
        target[i] = y[start + i] * inverse_scale[d]
    for i in range(n_rows, PANEL):
        for j in range(d):
            panel[j, i] = 0.0
        target[i] = 0.0
    return n_rows


@strict
def _subtract_prediction(
    panel: Floats, v_high: Floats, v_low: Floats, n_rows: int, high: Floats, low: Floats, splitter: float | None
) -> None:
    """Turn targets into residuals, in place: high + low = target - panel' w - b, and zeros behind the last row.

    On entry `high` holds the targets; on return |low| is at most UNIT |high|.
    """
    d = len(panel)
    b_high, b_low = -v_high[d], v_low[d]
    for i in range(PANEL):
        high[i], rest = compiled_sum(high[i], b_high)
        low[i] = rest - b_low
    for j in range(0, d - 1, 2):  # two columns a round halve the loads and stores of the sums
        w_0, w_1, rest_0, rest_1 = -v_high[j], -v_high[j + 1], v_low[j], v_low[j + 1]
        for i in range(PANEL):
            product_0, error_0 = compiled_product(panel[j, i], w_0, splitter)
            product_1, error_1 = compiled_product(panel[j + 1, i], w_1, splitter)
            total, lost_0 = compiled_sum(high[i], product_0)
            total, lost_1 = compiled_sum(total, product_1)
            error_0 += lost_0 - panel[j, i] * rest_0
            error_1 += lost_1 - panel[j + 1, i] * rest_1
            high[i] = total
            low[i] += error_0 + error_1
    if d % 2:
        w_0, rest_0 = -v_high[d - 1], v_low[d - 1]
        for i in range(PANEL):
            product_0, error_0 = compiled_product(panel[d - 1, i], w_0, splitter)
            total, lost_0 = compiled_sum(high[i], product_0)
            high[i] = total
            low[i] += (error_0 + lost_0) - panel[d - 1, i] * rest_0
    for i in range(PANEL):
        high[i], low[i] = compiled_sum(high[i], low[i])
    for i in range(n_rows, PANEL):
        high[i] = low[i] = 0.0


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
                total, lost = compiled_sum(total, product)
                rest += (error + lost) + panel[j, i] * low[i]
            sum_high[j, lane], sum_low[j, lane] = total, rest


@strict
def _subtract_biased(
    panel: Floats, v_high: Floats, v_low: Floats, n_rows: int, high: Floats, low: Floats, bias: Any
) -> None:
    """Do what `_subtract_prediction` does, by sums that start from a bias of at least 4 times their largest part."""
    d = len(panel)
    b_high, b_low = v_high[d], v_low[d]
    for i in range(PANEL):
        first = bias + high[i]
        total = first - b_high
        low[i] = (high[i] - (first - bias)) + ((first - total) - b_high) - b_low
        high[i] = total
    for j in range(0, d - 1, 2):  # two columns a round halve the loads and stores of the sums
        w_0, w_1, rest_0, rest_1 = -v_high[j], -v_high[j + 1], -v_low[j], -v_low[j + 1]
        for i in range(PANEL):
            x_0, x_1 = panel[j, i], panel[j + 1, i]
            first = fused_multiply_add(x_0, w_0, high[i])
            total = fused_multiply_add(x_1, w_1, first)
            lost_0 = fused_multiply_add(x_0, w_0, high[i] - first)
            lost_1 = fused_multiply_add(x_1, w_1, first - total)
            lost_0 = fused_multiply_add(x_0, rest_0, lost_0)
            low[i] += fused_multiply_add(x_1, rest_1, lost_1) + lost_0
            high[i] = total
    if d % 2:
        w_0, rest_0 = -v_high[d - 1], -v_low[d - 1]
        for i in range(PANEL):
            x_0 = panel[d - 1, i]
            total = fused_multiply_add(x_0, w_0, high[i])
            low[i] += fused_multiply_add(x_0, rest_0, fused_multiply_add(x_0, w_0, high[i] - total))
            high[i] = total
    for i in range(PANEL):
        high[i], low[i] = compiled_sum(high[i] - bias, low[i])
    for i in range(n_rows, PANEL):
        high[i] = low[i] = 0.0


@strict
def _add_products_biased(panel: Floats, high: Floats, low: Floats, sum_high: Floats, sum_low: Floats) -> None:
    """Do what `_add_products` does, to sums that have started from a bias of at least 4 times their largest part."""
    for j in range(len(panel)):
        for lane in range(LANES):
            total, rest = sum_high[j, lane], sum_low[j, lane]
            for i in range(lane, PANEL, LANES):
                x, before = panel[j, i], total
                total = fused_multiply_add(x, high[i], before)
                rest = fused_multiply_add(x, low[i], rest) + fused_multiply_add(x, high[i], before - total)
            sum_high[j, lane], sum_low[j, lane] = total, rest


@strict
def _add_residuals(
    high: Floats,
    low: Floats,
    sum_high: Floats,
    sum_low: Floats,
    square_high: Floats,
    square_low: Floats,
    splitter: float | None,
) -> None:
    """Add a panel's residuals, and their squares, to LANES sums of each."""
    for lane in range(LANES):
        total, rest, total_square, rest_square = sum_high[lane], sum_low[lane], square_high[lane], square_low[lane]
        for i in range(lane, PANEL, LANES):
            total, lost = compiled_sum(total, high[i])
            rest += lost + low[i]
            square, error = compiled_product(high[i], high[i], splitter)
            total_square, lost = compiled_sum(total_square, square)
            rest_square += (lost + error) + 2.0 * high[i] * low[i]
        sum_high[lane], sum_low[lane], square_high[lane], square_low[lane] = total, rest, total_square, rest_square


@strict
def _sum_panels(
    X: Floats,
    y: Floats,
    inverse_scale: Floats,
    v: Pair,
    panels: tuple[int, int],
    sum_high: Floats,
    sum_low: Floats,
    splitter: float | None,
    bias: Floats | None,
) -> None:
    """Add panels first to last - 1 to the sums of [X 1]'r and, in one more row, of r'r."""
    d = X.shape[1]
    panel, high, low = np.empty((d, _PITCH))[:, :PANEL], np.empty(PANEL), np.empty(PANEL)
    for k in range(panels[0], panels[1]):
        n_rows = _fill_panel(X, y, k * PANEL, inverse_scale, panel, high)
        if bias is None:
            _subtract_prediction(panel, v[0], v[1], n_rows, high, low, splitter)
            _add_products(panel, high, low, sum_high[:d], sum_low[:d], splitter)
        else:
            _subtract_biased(panel, v[0], v[1], n_rows, high, low, bias[d])
            _add_products_biased(panel, high, low, sum_high[:d], sum_low[:d])
        _add_residuals(high, low, sum_high[d], sum_low[d], sum_high[d + 1], sum_low[d + 1], splitter)


@strict
def _started(threads: int, d: int, bias: Floats | None) -> Pair:
    """Return the sums, (threads, d + 2, LANES), as they start."""
    high = np.zeros((threads, d + 2, LANES))
    if bias is not None:
        for j in range(d):
            high[:, j] = bias[j]
    return high, np.zeros((threads, d + 2, LANES))


@strict
def _add_up(sum_high: Floats, sum_low: Floats, bias: Floats | None) -> Pair:
    """Return each row's sum over threads and lanes."""
    n_threads, n_rows, _ = sum_high.shape
    high, low = np.zeros(n_rows), np.zeros(n_rows)
    for j in range(n_rows):
        start = 0.0
        if bias is not None and j < n_rows - 2:
            start = bias[j]
        for t in range(n_threads):
            for lane in range(LANES):
                high[j], lost = compiled_sum(high[j], sum_high[t, j, lane] - start)
                low[j] += lost + sum_low[t, j, lane]
        high[j], low[j] = compiled_sum(high[j], low[j])
    return high, low


@strict
def _gradient_serial(
    X: Floats, y: Floats, inverse_scale: Floats, v: Pair, splitter: float | None, bias: Floats | None
) -> Pair:
    high, low = _started(1, X.shape[1], bias)
    _sum_panels(X, y, inverse_scale, v, (0, (len(y) + PANEL - 1) // PANEL), high[0], low[0], splitter, bias)
    return _add_up(high, low, bias)


@njit(cache=True, nogil=True, error_model="numpy", parallel=True)
def _gradient_parallel(
    X: Floats, y: Floats, inverse_scale: Floats, v: Pair, splitter: float | None, bias: Floats | None, threads: int
) -> Pair:
    high, low = _started(threads, X.shape[1], bias)
    last = (len(y) + PANEL - 1) // PANEL
    for t in prange(threads):
        panels = last * t // threads, last * (t + 1) // threads
        _sum_panels(X, y, inverse_scale, v, panels, high[t], low[t], splitter, bias)
    return _add_up(high, low, bias)


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
def residuals(
    X: Floats, y: Floats, inverse_scale: Floats, v_high: Floats, v_low: Floats, splitter: float | None
) -> Pair:
    """Return y - X w - b as n_samples pairs; the arguments are those of `gradient`."""
    d = X.shape[1]
    panel, high, low = np.empty((d, _PITCH))[:, :PANEL], np.empty(len(y) + PANEL), np.empty(len(y) + PANEL)
    for start in range(0, len(y), PANEL):
        part_high, part_low = high[start : start + PANEL], low[start : start + PANEL]
        n_rows = _fill_panel(X, y, start, inverse_scale, panel, part_high)
        _subtract_prediction(panel, v_high, v_low, n_rows, part_high, part_low, splitter)
    return high[: len(y)], low[: len(y)]


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
            first[j], lost = compiled_sum(first[j], product)
            error, rest = compiled_sum(error, lost)
            smaller += rest
            small, rest = compiled_sum(small, error)
            smaller += rest
            second[j], rest = compiled_sum(second[j], small)
            third[j] += smaller + rest
        first[d], lost = compiled_sum(first[d], high[i])
        small, rest = compiled_sum(lost, low[i])
        second[d], lost = compiled_sum(second[d], small)
        third[d] += rest + lost
    for j in range(d + 1):
        middle, rest = compiled_sum(second[j], third[j])
        high_part, middle = compiled_sum(first[j], middle)
        first[j], second[j] = compiled_sum(high_part, middle + rest)
    return first, second
