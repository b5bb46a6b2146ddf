"""Residuals and gradients of a linear model in twice float64's precision, at nearly the speed at which X is read.

A value is an unevaluated sum of two float64, high + low, which holds about 106 bits. Every product is split without
error into its rounded value and the rest, every addition to a high part likewise, and the rests are summed in the low
part: the compensated dot product. Its error is that of a sum in twice the precision, rounded once; here it is not even
rounded, since both parts are kept. Everything is strict: a reassociated double-double is a plain double.

Rows are copied into panels of PANEL samples, transposed, so that every loop runs along samples, eight or four of
which the compiler takes at once. The copy scales columns by powers of two, exactly; scaled data are to lie near 1, so
that no product overflows and what underflows is below 1e-290 of the largest.

Sources: T. Ogita, S. M. Rump and S. Oishi, "Accurate sum and dot product" (2005), algorithms 3.1, 3.5, 5.3 and 5.10;
T. J. Dekker, "A floating-point technique for extending the available precision" (1971).
"""

from typing import Any, TypeAlias

import numpy as np
from numba import njit, prange, types
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Pair: TypeAlias = tuple[Floats, Floats]  # high parts, low parts

UNIT = 2.0**-53  # the largest relative error of one rounding
PANEL = 128  # samples in a panel: 10 columns of it stay in the first cache, 500 in the second
LANES = 32  # partial sums of a column: four vectors of eight hide the latency of one
SPLIT = 134217729.0  # 2^27 + 1 cuts a float64 into two halves of 26 bits (Dekker)
# How products are split: None, with a fused multiply-add; SPLIT where the processor has none, and LLVM would call a
# slow function instead.
SPLITTER = None if {"+fma", "+neon"} & set(get_host_cpu_features().split(",")) else SPLIT  # type: ignore[no-untyped-call]
SERIAL_BELOW = 1 << 16  # elements of X that one thread reads before others have woken up

strict = njit(cache=True, nogil=True, error_model="numpy")


@intrinsic
def _fused_multiply_add(_context: Any, a: Any, b: Any, c: Any) -> Any:
    """Return a b + c, rounded once."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return types.float64(a, b, c), generate


def two_sum(a: Any, b: Any) -> Any:
    """Return a + b as its rounded value and the exact rest. Of numbers or of arrays (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def two_product(a: Any, b: Any) -> Any:
    """Return a b as its rounded value and the exact rest, by halves of a and b. Of numbers or of arrays (Dekker).

    Exact for |a|, |b| below 1e300 and |a b| between 1e-290 and 1e300, or 0.
    """
    product = a * b
    scaled = SPLIT * a
    a_high = scaled - (scaled - a)
    a_low = a - a_high
    scaled = SPLIT * b
    b_high = scaled - (scaled - b)
    b_low = b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def add(high: Any, low: Any, other_high: Any, other_low: Any) -> Any:
    """Return the sum of two pairs as a pair, with a relative error of a few UNIT^2 of the larger."""
    total, rest = two_sum(high, other_high)
    return two_sum(total, rest + (low + other_low))


def multiply(high: Any, low: Any, factor: Any) -> Any:
    """Return a pair times a float64 as a pair, with a relative error of a few UNIT^2."""
    product, rest = two_product(high, factor)
    return two_sum(product, rest + low * factor)


def total(high: Floats, low: Floats) -> tuple[float, float]:
    """Return the sum of pairs as a pair, halving their number until one is left."""
    while len(high) > 1:
        half = len(high) // 2
        rest = high[2 * half :], low[2 * half :]
        high, low = add(high[:half], low[:half], high[half : 2 * half], low[half : 2 * half])
        high, low = np.append(high, rest[0]), np.append(low, rest[1])
    return (float(high[0]), float(low[0])) if len(high) else (0.0, 0.0)


_two_sum = strict(two_sum)
_split_product = strict(two_product)


@strict
def _two_product(a: float, b: float, splitter: float | None) -> tuple[float, float]:
    """Return a b and the exact rest. `splitter` is a type to the compiler: only one of the branches is compiled."""
    if splitter is None:
        product = a * b
        return product, _fused_multiply_add(a, b, -product)  # type: ignore[call-arg]
    return _split_product(a, b)


@strict
def _fill_panel(X: Floats, y: Floats, start: int, inverse_scale: Floats, panel: Floats, target: Floats) -> int:
    """Write scaled rows from `start` on into a panel, transposed, and zeros behind the last; return how many."""
    d = X.shape[1]
    n_rows = min(PANEL, len(y) - start)
    for i in range(n_rows):
        for j in range(d):
            panel[j, i] = X[start + i, j] * inverse_scale[j]
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
        high[i], rest = _two_sum(high[i], b_high)
        low[i] = rest - b_low
    for j in range(0, d - 1, 2):  # two columns a round halve the loads and stores of the sums
        w_0, w_1, rest_0, rest_1 = -v_high[j], -v_high[j + 1], v_low[j], v_low[j + 1]
        for i in range(PANEL):
            product_0, error_0 = _two_product(panel[j, i], w_0, splitter)
            product_1, error_1 = _two_product(panel[j + 1, i], w_1, splitter)
            total, lost_0 = _two_sum(high[i], product_0)
            total, lost_1 = _two_sum(total, product_1)
            error_0 += lost_0 - panel[j, i] * rest_0
            error_1 += lost_1 - panel[j + 1, i] * rest_1
            high[i] = total
            low[i] += error_0 + error_1
    if d % 2:
        w_0, rest_0 = -v_high[d - 1], v_low[d - 1]
        for i in range(PANEL):
            product_0, error_0 = _two_product(panel[d - 1, i], w_0, splitter)
            total, lost_0 = _two_sum(high[i], product_0)
            high[i] = total
            low[i] += (error_0 + lost_0) - panel[d - 1, i] * rest_0
    for i in range(PANEL):
        high[i], low[i] = _two_sum(high[i], low[i])
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
                product, error = _two_product(panel[j, i], high[i], splitter)
                total, lost = _two_sum(total, product)
                rest += (error + lost) + panel[j, i] * low[i]
            sum_high[j, lane], sum_low[j, lane] = total, rest


@strict
def _add_residuals(
    high: Floats, low: Floats, sums: tuple[Floats, Floats], squares: tuple[Floats, Floats], splitter: float | None
) -> None:
    """Add a panel's residuals, and their squares, to LANES sums of each."""
    for lane in range(LANES):
        for i in range(lane, PANEL, LANES):
            sums[0][lane], lost = _two_sum(sums[0][lane], high[i])
            sums[1][lane] += lost + low[i]
            square, error = _two_product(high[i], high[i], splitter)
            squares[0][lane], lost = _two_sum(squares[0][lane], square)
            squares[1][lane] += (lost + error) + 2.0 * high[i] * low[i]


@strict
def _sum_panels(
    X: Floats,
    y: Floats,
    inverse_scale: Floats,
    v_high: Floats,
    v_low: Floats,
    first: int,
    last: int,
    sum_high: Floats,
    sum_low: Floats,
    splitter: float | None,
) -> None:
    """Add panels `first` to `last - 1` to the sums of [X 1]'r and, in one more row, of r'r."""
    d = X.shape[1]
    panel, high, low = np.empty((d, PANEL)), np.empty(PANEL), np.empty(PANEL)
    for k in range(first, last):
        n_rows = _fill_panel(X, y, k * PANEL, inverse_scale, panel, high)
        _subtract_prediction(panel, v_high, v_low, n_rows, high, low, splitter)
        _add_products(panel, high, low, sum_high[:d], sum_low[:d], splitter)
        _add_residuals(high, low, (sum_high[d], sum_low[d]), (sum_high[d + 1], sum_low[d + 1]), splitter)


@strict
def _add_up(sum_high: Floats, sum_low: Floats) -> Pair:
    """Return each row's sum over threads and lanes. sum_high, sum_low: (threads, rows, LANES)."""
    n_threads, n_rows, _ = sum_high.shape
    high, low = np.zeros(n_rows), np.zeros(n_rows)
    for j in range(n_rows):
        for t in range(n_threads):
            for lane in range(LANES):
                high[j], lost = _two_sum(high[j], sum_high[t, j, lane])
                low[j] += lost + sum_low[t, j, lane]
        high[j], low[j] = _two_sum(high[j], low[j])
    return high, low


@strict
def _gradient_serial(
    X: Floats, y: Floats, inverse_scale: Floats, v_high: Floats, v_low: Floats, splitter: float | None
) -> Pair:
    rows = X.shape[1] + 2
    sum_high, sum_low = np.zeros((1, rows, LANES)), np.zeros((1, rows, LANES))
    last = (len(y) + PANEL - 1) // PANEL
    _sum_panels(X, y, inverse_scale, v_high, v_low, 0, last, sum_high[0], sum_low[0], splitter)
    return _add_up(sum_high, sum_low)


@njit(cache=True, nogil=True, error_model="numpy", parallel=True)
def _gradient_parallel(
    X: Floats, y: Floats, inverse_scale: Floats, v_high: Floats, v_low: Floats, splitter: float | None, threads: int
) -> Pair:
    rows = X.shape[1] + 2
    sum_high, sum_low = np.zeros((threads, rows, LANES)), np.zeros((threads, rows, LANES))
    last = (len(y) + PANEL - 1) // PANEL
    for t in prange(threads):
        first_of, last_of = last * t // threads, last * (t + 1) // threads
        _sum_panels(X, y, inverse_scale, v_high, v_low, first_of, last_of, sum_high[t], sum_low[t], splitter)
    return _add_up(sum_high, sum_low)


def gradient(
    X: Floats,
    y: Floats,
    inverse_scale: Floats,
    v: Pair,
    *,
    threads: int = 1,
    splitter: float | None = SPLITTER,
) -> Pair:
    """Return the sums X'r, those of r, and of r'r, for r = y - X w - b: n_features + 2 pairs.

    To first order the sums by columns err by about UNIT^2 sum_i |x_ij| (n_features (|x_i|.|w| + |b| + |y_i|) +
    (n_samples / (LANES threads)) |r_i|): each residual's own error, and that of summing.

    X: (n_samples, n_features), any order, float64 or float32.   y: (n_samples,).   v: w, then b, n_features + 1 pairs.
    inverse_scale: powers of two, one for each column and one for y, that bring them near 1; v and the sums are
    those of the scaled X and y.   splitter: how products are split; None by fused multiply-add.
    Work: about 22 n_samples n_features flops, one pass over X; 1 KB n_features of memory a thread beside the sums.
    """
    if threads == 1 or X.size < SERIAL_BELOW:
        return _gradient_serial(X, y, inverse_scale, *v, splitter)
    return _gradient_parallel(X, y, inverse_scale, *v, splitter, threads)


@strict
def residuals(
    X: Floats, y: Floats, inverse_scale: Floats, v_high: Floats, v_low: Floats, splitter: float | None
) -> Pair:
    """Return y - X w - b as n_samples pairs; the arguments are those of `gradient`."""
    d = X.shape[1]
    panel, high, low = np.empty((d, PANEL)), np.empty(len(y) + PANEL), np.empty(len(y) + PANEL)
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
            product, error = _two_product(x, high[i], splitter)
            small, smaller = _two_product(x, low[i], splitter)
            first[j], lost = _two_sum(first[j], product)
            error, rest = _two_sum(error, lost)
            smaller += rest
            small, rest = _two_sum(small, error)
            smaller += rest
            second[j], rest = _two_sum(second[j], small)
            third[j] += smaller + rest
        first[d], lost = _two_sum(first[d], high[i])
        small, rest = _two_sum(lost, low[i])
        second[d], lost = _two_sum(second[d], small)
        third[d] += rest + lost
    for j in range(d + 1):
        middle, rest = _two_sum(second[j], third[j])
        high_part, middle = _two_sum(first[j], middle)
        first[j], second[j] = _two_sum(high_part, middle + rest)
    return first, second
