"""Linear regression in double-double arithmetic: the answers that everything else is held against.

A value is an unevaluated sum of two float64, high + low, good for about 106 bits. The kernels share no code
with any implementation, are strict (a reassociated double-double is a plain double) and use Dekker's split,
which needs no hardware fused multiply-add; inputs must stay below 1e150 in magnitude.
Sources: T. J. Dekker, "A floating-point technique for extending the available precision" (1971);
D. E. Knuth, "The Art of Computer Programming", volume 2, theorem 4.2.2.C.
"""

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Pair: TypeAlias = tuple[Floats, Floats]  # high parts, low parts

_SPLITTER = 134217729.0  # 2^27 + 1 cuts a float64 into two halves of 26 bits


@njit(cache=True)
def _two_sum(a: float, b: float) -> tuple[float, float]:
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


@njit(cache=True)
def _two_product(a: float, b: float) -> tuple[float, float]:
    product = a * b
    scaled = _SPLITTER * a
    a_high = scaled - (scaled - a)
    a_low = a - a_high
    scaled = _SPLITTER * b
    b_high = scaled - (scaled - b)
    b_low = b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


@njit(cache=True)
def _add(high: float, low: float, other_high: float, other_low: float) -> tuple[float, float]:
    total, error = _two_sum(high, other_high)
    return _two_sum(total, error + (low + other_low))


@njit(cache=True)
def _multiply(high: float, low: float, other_high: float, other_low: float) -> tuple[float, float]:
    product, error = _two_product(high, other_high)
    return _two_sum(product, error + (high * other_low + low * other_high))


@njit(cache=True)
def _divide(high: float, low: float, divisor: float) -> tuple[float, float]:
    quotient = high / divisor
    product, error = _two_product(quotient, divisor)
    return _two_sum(quotient, (((high - product) - error) + low) / divisor)


@njit(cache=True)
def _residual(
    row: Floats, w_high: Floats, w_low: Floats, b_high: float, b_low: float, target: float
) -> tuple[float, float, float]:
    """Return row . w + b - target as (high, low), and the sum of the magnitudes of its terms."""
    high, low, scale = b_high, b_low, abs(b_high)
    for j in range(row.size):
        product, error = _two_product(row[j], w_high[j])
        high, low = _add(high, low, product, error + row[j] * w_low[j])
        scale += abs(product)
    high, low = _add(high, low, -target, 0.0)
    return high, low, scale + abs(target)


@njit(cache=True)
def residuals(X: Floats, y: Floats, w: Pair, b: Pair) -> tuple[Floats, Floats, Floats]:
    """Return X w + b - y, by its high parts, its low parts, and the magnitudes of its terms summed.

    X: (n_samples, n_features), any order.   y: (n_samples,), zeros for a prediction.   w: (n_features,) twice.
    b: (1,) twice.
    """
    high, low, scale = np.empty(y.size), np.empty(y.size), np.empty(y.size)
    for i in range(y.size):
        high[i], low[i], scale[i] = _residual(X[i], w[0], w[1], b[0][0], b[1][0], y[i])
    return high, low, scale


@njit(cache=True)
def transposed_product(X: Floats, high: Floats, low: Floats) -> tuple[Floats, Floats, Floats]:
    """Return [X 1]' r for r = high + low, in double-double, and the magnitudes of its terms summed.

    Each of the three arrays has n_features + 1 elements; the last belongs to the column of ones.
    """
    d: int = X.shape[1]
    total_high, total_low, scale = np.zeros(d + 1), np.zeros(d + 1), np.zeros(d + 1)
    for i in range(X.shape[0]):
        for j in range(d):
            x = X[i, j]
            product, error = _two_product(x, high[i])
            total_high[j], total_low[j] = _add(total_high[j], total_low[j], product, error + x * low[i])
            scale[j] += abs(product)
        total_high[d], total_low[d] = _add(total_high[d], total_low[d], high[i], low[i])
        scale[d] += abs(high[i])
    return total_high, total_low, scale


@njit(cache=True)
def half_mean_square(high: Floats, low: Floats) -> tuple[float, float]:
    """Return the mean of r^2 / 2 for r = high + low, in double-double."""
    total_high, total_low = 0.0, 0.0
    for i in range(high.size):
        square, rest = _multiply(high[i], low[i], high[i], low[i])
        total_high, total_low = _add(total_high, total_low, square, rest)
    return _divide(total_high, total_low, 2.0 * high.size)


@njit(cache=True)
def descend(w: Pair, b: Pair, gradient: Pair, learning_rate: float, n_samples: int) -> None:
    """Take one step in place: subtract learning_rate * gradient / n_samples from w and b.

    gradient: n_features + 1 sums over the samples, the last by b.
    """
    d = w[0].size
    for j in range(d + 1):
        high, low = _multiply(gradient[0][j], gradient[1][j], -learning_rate, 0.0)
        high, low = _divide(high, low, n_samples)
        if j < d:
            w[0][j], w[1][j] = _add(w[0][j], w[1][j], high, low)
        else:
            b[0][0], b[1][0] = _add(b[0][0], b[1][0], high, low)


@njit(cache=True)
def _add_iterate(sums: Pair, w: Pair, b: Pair) -> float:
    """Add an iterate to the sum of iterates, in place; return the largest magnitude in it."""
    d = w[0].size
    largest = abs(b[0][0])
    for j in range(d):
        sums[0][j], sums[1][j] = _add(sums[0][j], sums[1][j], w[0][j], w[1][j])
        largest = max(largest, abs(w[0][j]))
    sums[0][d], sums[1][d] = _add(sums[0][d], sums[1][d], b[0][0], b[1][0])
    return largest


@njit(cache=True)
def sgd_epoch(
    X: Floats, y: Floats, w: Pair, b: Pair, order: NDArray[np.int64], batch_size: int, learning_rate: float
) -> tuple[Floats, Floats, float]:
    """Take one epoch of mini-batch SGD in place; return the sum of its iterates and their largest magnitude.

    The sum (high parts, low parts; n_features + 1 elements, the last b's) is over the iterates after each step.
    The magnitude is the largest of any |w_j|, |b| or term of a step, which is what rounding errors scale with.
    """
    d = w[0].size
    sum_high, sum_low, largest = np.zeros(d + 1), np.zeros(d + 1), 0.0
    for start in range(0, order.size, batch_size):
        batch = X[order[start : start + batch_size]]
        high, low, _ = residuals(batch, y[order[start : start + batch_size]], w, b)
        gradient_high, gradient_low, scale = transposed_product(batch, high, low)
        largest = max(largest, learning_rate * scale.max() / high.size)
        descend(w, b, (gradient_high, gradient_low), learning_rate, high.size)
        largest = max(largest, _add_iterate((sum_high, sum_low), w, b))
    return sum_high, sum_low, largest


@njit(cache=True)
def absolute_sgd_epoch(
    X: Floats, y: Floats, w: Pair, b: Pair, order: NDArray[np.int64], batch_size: int, learning_rate: float
) -> tuple[Floats, Floats, float, float]:
    """Take one epoch of mini-batch subgradient SGD in place: of each residual in `sgd_epoch` the sign alone.

    Returned last, beside what `sgd_epoch` returns, is the residual nearest to zero, relative to its terms: rounding
    could turn the sign of one that is near enough.
    """
    d = w[0].size
    sum_high, sum_low, largest, nearest = np.zeros(d + 1), np.zeros(d + 1), 0.0, np.inf
    for start in range(0, order.size, batch_size):
        batch = X[order[start : start + batch_size]]
        high, _, terms = residuals(batch, y[order[start : start + batch_size]], w, b)
        nearest = min(nearest, (np.abs(high) / terms).min())
        gradient_high, gradient_low, scale = transposed_product(batch, np.sign(high), np.zeros_like(high))
        largest = max(largest, learning_rate * scale.max() / high.size)
        descend(w, b, (gradient_high, gradient_low), learning_rate, high.size)
        largest = max(largest, _add_iterate((sum_high, sum_low), w, b))
    return sum_high, sum_low, largest, nearest


def pair(values: float | Floats) -> Pair:
    """Return fresh high and low parts that hold float64 values exactly; a number becomes one element."""
    high = np.array(values, dtype=np.float64, ndmin=1)
    return high, np.zeros_like(high)


def quotient(values: Pair, divisor: float) -> Pair:
    """Return high + low over a float64, element by element."""
    parts = [_divide(high, low, divisor) for high, low in zip(*values, strict=True)]
    return np.array([p[0] for p in parts]), np.array([p[1] for p in parts])


def add_in_place(values: Pair, correction: Floats) -> None:
    """Add float64 corrections to double-double values."""
    for j, change in enumerate(correction):
        values[0][j], values[1][j] = _add(values[0][j], values[1][j], change, 0.0)


@njit(cache=True)
def normal_equations(X: Floats, y: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return A'A and A'y for A = [X 1], high and low parts each, the column of ones last.

    The products are exact, their sums good for about 106 bits.
    """
    n, d = X.shape
    gram_high, gram_low = np.zeros((d + 1, d + 1)), np.zeros((d + 1, d + 1))
    target_high, target_low = np.zeros(d + 1), np.zeros(d + 1)
    row = np.ones(d + 1)
    for i in range(n):
        row[:d] = X[i]
        for j in range(d + 1):
            for k in range(j + 1):
                product, error = _two_product(row[j], row[k])
                gram_high[j, k], gram_low[j, k] = _add(gram_high[j, k], gram_low[j, k], product, error)
            product, error = _two_product(row[j], y[i])
            target_high[j], target_low[j] = _add(target_high[j], target_low[j], product, error)
    for j in range(d + 1):
        for k in range(j):
            gram_high[k, j], gram_low[k, j] = gram_high[j, k], gram_low[j, k]
    return gram_high, gram_low, target_high, target_low
