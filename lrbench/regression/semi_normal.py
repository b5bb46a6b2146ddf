"""Normal equations of one pass, and corrections by passes over the data: the answer, and a bound on its error.

The Gram matrix of one pass gives a first answer, wrong by about k^2 UNIT for a condition number k (of the centred
columns, brought to one scale). Each correction is one more pass: it sums the gradient g = X'(y - X w - b) in
double-double and solves with the same factor, which divides the error by about 1 / (k^2 UNIT) again. What is left
after it is bounded, coefficient by coefficient, and corrections go on until the bound is below a rounding of the
coefficients: once for well-conditioned data.

**The error bound.** In columns centred and brought to norm 1, of Gram matrix C with the computed inverse H, a step s
is solved from a gradient g. Let F be the error of the computed C (the sums of one pass, and the factor's own), |F| <=
E element by element, and D the error of the computed gradient. Then the error left after the step is

    e = inv(C) (F s - D),   |e_j| <= sum_k |H_jk| (E |s|_1 + |D_k|) / (1 - rho),   rho = E max_j sum_k |H_jk|

where the divisor accounts for H in the place of inv(C). |D_k| has three parts: what the residuals' own errors r are
off, by the Cauchy-Schwarz inequality at most their norm, about UNIT^2 sqrt(d) times that of the terms |w_j| |x_j|, |b|
and |y| they are summed from; the summation over samples, UNIT^2 N |x_k| |r| for N terms a lane; and the centring. So
D is about UNIT^2, and inv(C), about k^2, leaves k^2 UNIT^2: nothing while k is below 1e7. The intercept is b = mean y
- w.mean x, and its error -mean x . e and that of the mean residual. To all of it comes what rounding the coefficients
to float64 takes away, which is known exactly and usually all there is.

Sources: A. Bjoerck, "Numerical Methods for Least Squares Problems" (1996), sections 2.9 and 6.6; for the inverse and
the perturbation, N. Higham, "Accuracy and Stability of Numerical Algorithms" (2002), sections 7.1 and 20.1.
"""

import math
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lrbench.regression.compilation import inlined, strict
from lrbench.regression.corrections import LANES
from lrbench.regression.double_double import UNIT, Pair, add, multiply
from lrbench.regression.gram import Scatter
from lrbench.regression.normal_equations import System, magnitudes, solved

Floats: TypeAlias = NDArray[np.float64]
SumsAt: TypeAlias = Callable[[Pair, Floats | None], Pair]  # (v, bias) -> what `corrections.gradient` sums: a pass

_MAX_CORRECTIONS = 8
_NEGLIGIBLE = 0.25 * UNIT  # of a coefficient: an error that its rounding hides
_NEAR_FIT = 1e-3  # of r'r: a step that takes away more leaves a difference of nearly equal numbers


class Correction(NamedTuple):
    """The coefficients of scaled columns after a step, and what is left of their errors."""

    high: Floats  # (d + 1,): w, then b, as pairs
    low: Floats
    bound: Floats  # (d + 1,): on the error that is left
    residual_square: float  # r'r, or NaN where it is not known
    is_settled: bool  # whether another step would gain nothing


def corrected(sums_at: SumsAt, system: System, threads: int, *, intercept: bool) -> tuple[Pair, Floats, float]:
    """Return (w and b of the scaled columns, bounds on their errors, r'r), corrected until rounding hides the rest.

    r'r is NaN where the corrections have not told it.
    """
    v, is_biased = (system.answer, np.zeros_like(system.answer)), bool(system.bias[-1])
    for _ in range(_MAX_CORRECTIONS):
        sums = sums_at(v, system.bias if is_biased else None)
        step = correction(system, v, sums, threads, is_biased, intercept)
        v = step.high, step.low
        if step.is_settled:
            break
        is_biased = False
    return v, step.bound, step.residual_square


@strict
def correction(
    system: System,
    v: Pair,
    sums: Pair,
    threads: int,
    is_biased: bool,  # noqa: FBT001  (compiled: all by position)
    intercept: bool,  # noqa: FBT001  (likewise)
) -> Correction:
    """Return v after a step, its residuals having these sums, and the bound on what is left."""
    d = len(system.norms)
    total = (sums[0][d], sums[1][d]) if intercept else (0.0, 0.0)
    square = max(sums[0][d + 1], 0.0)
    columns, mean_error = _gradient_errors(system, v, math.sqrt(square), abs(total[0]), threads, is_biased)
    always = bounds(system, columns, mean_error)
    g = _gradient(system, sums, total)
    step = solved(system.gram, system.inverse, g)
    high, low = _moved(system, v, step, total)
    gained, moved = total[0] * (total[0] / system.n_samples), 0.0
    for j in range(d):
        gained += step[j] * g[j]
        moved += system.gram_error * abs(step[j])
    for j in range(d):
        columns[j] += moved
    # The means' own errors are to the columns' norms as the Gram matrix's.
    bound = bounds(system, columns, mean_error + moved / math.sqrt(system.n_samples))
    if not intercept:
        bound[d] = 0.0
    is_settled = True
    for j in range(d + 1):
        is_settled &= bound[j] <= max(_NEGLIGIBLE * abs(high[j]), 0.0 if is_biased else 2.0 * always[j])
    left = max(square - gained, 0.0) if gained <= _NEAR_FIT * square else math.nan
    return Correction(high, low, bound, left, is_settled)


@inlined
def _gradient(system: System, sums: Pair, total: tuple[float, float]) -> Floats:
    """Return X'r of the centred columns of norm 1, rounded, from the sums of `corrections.gradient`.

    sum_i (x_ij - shift_j - mean_j) r_i, the shift's part in double-double: at large offsets the terms cancel.
    total: the sum of r as a pair; zeros without an intercept.
    """
    g = np.empty(len(system.norms))
    for j in range(len(g)):
        shifted, rest = multiply(total[0], total[1], -system.shift[j])
        high, _ = add(sums[0][j], sums[1][j], shifted, rest)
        g[j] = (high - system.mean[j] * total[0]) / system.norms[j]
    return g


@inlined
def _moved(system: System, v: Pair, step: Floats, total: tuple[float, float]) -> Pair:
    """Return v after a step of the columns of norm 1; b gets what their means have moved, in double-double."""
    d = len(step)
    high, low = np.empty(d + 1), np.empty(d + 1)
    b, rest = total[0] / system.n_samples, total[1] / system.n_samples
    for j in range(d):
        w = step[j] / system.norms[j]
        high[j], low[j] = add(v[0][j], v[1][j], w, 0.0)
        shifted, lost = multiply(-w, 0.0, system.shift[j])
        b, rest = add(b, rest, shifted, lost - system.mean[j] * w)
    high[d], low[d] = add(v[0][d], v[1][d], b, rest)
    return high, low


@inlined
def _gradient_errors(
    system: System,
    v: Pair,
    residual_norm: float,
    total: float,
    threads: int,
    is_biased: bool,  # noqa: FBT001  (compiled: all by position)
) -> tuple[Floats, float]:
    """Return |D| of the gradient by columns of norm 1, and the error of the mean residual."""
    n, d = system.n_samples, len(system.norms)
    terms = system.sizes[d] + math.sqrt(n) * abs(v[0][d])
    for j in range(d):
        terms += abs(v[0][j]) * system.sizes[j]
    if is_biased:
        terms += math.sqrt(n) * system.bias[d]
    residual_error = 4.0 * UNIT**2 * math.sqrt(d + 2) * terms
    summing = UNIT**2 * (8.0 + n / (LANES * threads)) * residual_norm
    biased = UNIT**2 * (8.0 + 2.0 * n / math.sqrt(LANES * threads)) if is_biased else 0.0
    columns = np.empty(d)
    for j in range(d):
        centring = system.gram_error * total * (1.0 / math.sqrt(n) + abs(system.mean[j]) / system.norms[j])
        summed = (summing * system.sizes[j] + biased * system.bias[j]) / system.norms[j]
        columns[j] = residual_error + summed + centring
    return columns, (residual_error + summing) / math.sqrt(n)


@strict
def bounds(system: System, columns: Floats, mean_error: float) -> Floats:
    """Return what errors of the gradient make of the coefficients.

    columns: |D|, and E |s|_1 with it where there is a step s.   mean_error: that of the mean residual.
    """
    d, along = len(columns), magnitudes(system.inverse, columns)
    found, last = np.empty(d + 1), 0.0
    for j in range(d):
        found[j] = along[j] / (system.norms[j] * (1.0 - system.rho))
        last += abs(system.tilt[j]) * columns[j]
    found[d] = last / (1.0 - system.rho) + mean_error
    return found


def uncorrected(moments: Scatter, system: System, *, intercept: bool) -> tuple[Pair, Floats, float]:
    """Return (w and b of the scaled columns, bounds on their errors, r'r) from the normal equations alone.

    The computed C and its right-hand side are off by E and E |y| in each element, so that in the bounds of a step the
    whole of w stands for the step, and E |y| for the gradient's error. r'r is a difference, which cancels.
    """
    n, d = system.n_samples, len(system.norms)
    y_norm = math.sqrt(max(float(moments.gram[d, d]), 0.0))
    w, means = system.answer[:d], np.abs(system.shift + system.mean)
    error = system.gram_error * (y_norm + float(np.abs(w) @ system.norms))
    bound = bounds(system, np.full(d, error), error / math.sqrt(n))
    bound[d] += UNIT * (d + 2) * float(means @ np.append(np.abs(w), 1.0))
    if not intercept:
        bound[d] = 0.0
    square = max(float(moments.gram[d, d] - moments.gram[:d, d] @ w), 0.0)
    return (system.answer, np.zeros_like(system.answer)), bound, square
