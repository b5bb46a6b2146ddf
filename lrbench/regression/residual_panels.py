"""Panels of rows, transposed, and their residuals in twice float64's precision.

Rows are copied into panels of PANEL samples, transposed, so that every loop runs along samples, eight or four of
which the processor takes at once. The copy scales columns by powers of two, exactly; scaled data are to lie near 1, so
that no product overflows and what underflows is below 1e-290 of the largest. How products and sums keep what rounding
takes away, with a bias and without, is told in `corrections`.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lrbench.regression.compilation import strict
from lrbench.regression.double_double import Pair, compiled_product, two_sum
from lrbench.regression.samples import GROUP, subtract_products, transpose_rows
from lrbench.regression.vectors import LANES as VECTOR

Floats: TypeAlias = NDArray[np.float64]

PANEL = 128  # samples in a panel: 10 columns of it stay in the first cache, 500 in the second
PITCH = PANEL + 8  # doubles from column to column; at PANEL, all columns meet in four sets of the first cache


@strict
def empty_panel(d: int) -> Floats:
    """Return an empty panel for d columns, whole vectors of them, that begins a cache line: (columns, PITCH)."""
    width = (d + VECTOR - 1) // VECTOR * VECTOR
    raw = np.empty(width * PITCH + VECTOR)
    start = -(raw.ctypes.data // 8) % 8
    return raw[start : start + width * PITCH].reshape(width, PITCH)


@strict
def fill_panel(X: Floats, y: Floats, start: int, factors: Floats, factor_y: Any, panel: Floats, target: Floats) -> int:
    """Write scaled rows from `start` on into a panel, transposed, and zeros behind the last; return how many.

    A row's last vector reads on into the next row, and writes what lies there into columns that are not X's.
    """
    n, d = X.shape
    n_rows = min(PANEL, n - start)
    step, done = X.strides[0] // X.itemsize, 0
    if X.strides[1] == X.itemsize and step >= d:
        last = ((n - 1) * step + d - len(panel)) // step  # behind whose last vector something of X still lies
        done = max(0, min(start + n_rows, last + 1) - start) // VECTOR * VECTOR
        for i in range(0, done, VECTOR):
            for j in range(0, d, VECTOR):
                transpose_rows(X, (start + i) * step + j, step, factors, j, panel, j * PITCH + i, PITCH, d - j)  # type: ignore[call-arg]  # the first argument is the compiler's
    for j in range(d):
        factor = factors[j]
        for i in range(done, n_rows):
            panel[j, i] = X[start + i, j] * factor
        for i in range(n_rows, PANEL):
            panel[j, i] = 0.0
    for i in range(n_rows):
        target[i] = y[start + i] * factor_y
    for i in range(n_rows, PANEL):
        target[i] = 0.0
    return n_rows


@strict
def subtract_prediction(
    panel: Floats, v_high: Floats, v_low: Floats, n_rows: int, high: Floats, low: Floats, splitter: float | None
) -> None:
    """Turn targets into residuals, in place: high + low = target - panel' w - b, and zeros behind the last row.

    On entry `high` holds the targets; on return |low| is at most UNIT |high|.
    """
    d = len(panel)
    b_high, b_low = -v_high[d], v_low[d]
    for i in range(PANEL):
        high[i], rest = two_sum(high[i], b_high)
        low[i] = rest - b_low
    for j in range(0, d - 1, 2):  # two columns a round halve the loads and stores of the sums
        w_0, w_1, rest_0, rest_1 = -v_high[j], -v_high[j + 1], v_low[j], v_low[j + 1]
        for i in range(PANEL):
            product_0, error_0 = compiled_product(panel[j, i], w_0, splitter)
            product_1, error_1 = compiled_product(panel[j + 1, i], w_1, splitter)
            total, lost_0 = two_sum(high[i], product_0)
            total, lost_1 = two_sum(total, product_1)
            error_0 += lost_0 - panel[j, i] * rest_0
            error_1 += lost_1 - panel[j + 1, i] * rest_1
            high[i] = total
            low[i] += error_0 + error_1
    if d % 2:
        w_0, rest_0 = -v_high[d - 1], v_low[d - 1]
        for i in range(PANEL):
            product_0, error_0 = compiled_product(panel[d - 1, i], w_0, splitter)
            total, lost_0 = two_sum(high[i], product_0)
            high[i] = total
            low[i] += (error_0 + lost_0) - panel[d - 1, i] * rest_0
    for i in range(PANEL):
        high[i], low[i] = two_sum(high[i], low[i])
    for i in range(n_rows, PANEL):
        high[i] = low[i] = 0.0


@strict
def subtract_biased(
    panel: Floats, d: int, v_high: Floats, v_low: Floats, n_rows: int, high: Floats, low: Floats, bias: Any
) -> None:
    """Do what `subtract_prediction` does, by sums that start from a bias of at least 4 times their largest part."""
    b_high, b_low = v_high[d], v_low[d]
    for i in range(PANEL):
        first = bias + high[i]
        total = first - b_high
        low[i] = (high[i] - (first - bias)) + ((first - total) - b_high) - b_low
        high[i] = total
    for i in range(0, PANEL, GROUP):
        subtract_products(panel, i, PITCH, d, v_high, v_low, high, low)  # type: ignore[call-arg]  # likewise
    for i in range(PANEL):
        high[i], low[i] = two_sum(high[i] - bias, low[i])
    for i in range(n_rows, PANEL):
        high[i] = low[i] = 0.0


@strict
def whole_vectors(values: Floats) -> Floats:
    """Return values followed by zeros up to a whole number of vectors."""
    padded = np.zeros((len(values) + VECTOR - 1) // VECTOR * VECTOR)
    for j in range(len(values)):  # by a loop: a slice's text for its errors takes seconds to compile
        padded[j] = values[j]
    return padded


@strict
def residuals(
    X: Floats, y: Floats, inverse_scale: Floats, v_high: Floats, v_low: Floats, splitter: float | None
) -> Pair:
    """Return y - X w - b as n_samples pairs; the arguments are those of `gradient`."""
    d = X.shape[1]
    factors, panel = whole_vectors(inverse_scale[:d]), empty_panel(d)
    high, low = np.empty(len(y) + PANEL), np.empty(len(y) + PANEL)
    for start in range(0, len(y), PANEL):
        part_high, part_low = high[start : start + PANEL], low[start : start + PANEL]
        n_rows = fill_panel(X, y, start, factors, inverse_scale[d], panel, part_high)
        subtract_prediction(panel[:d], v_high, v_low, n_rows, part_high, part_low, splitter)
    return high[: len(y)], low[: len(y)]
