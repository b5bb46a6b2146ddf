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

from lrbench.regression import double_double
from lrbench.regression.corrections import LANES
from lrbench.regression.double_double import SPLITTER, UNIT, Pair, add, multiply
from lrbench.regression.gram import Scatter
from lrbench.regression.inverse import positive_definite_inverse

Floats: TypeAlias = NDArray[np.float64]
SumsAt: TypeAlias = Callable[[Pair, Floats | None], Pair]  # (v, bias) -> what `corrections.gradient` sums: a pass

_ROWS_A_SUM, _SUM_LANES, _LEAST_PANEL = 4096, 4, 32  # how `gram` adds at the most, and at the least
_EASY_RHO = 1e-7  # up to it, the first correction can spare the digits that biased sums lose
_MAX_CORRECTIONS = 8
_NEGLIGIBLE = 0.25 * UNIT  # of a coefficient: an error that its rounding hides


class System(NamedTuple):
    """The normal equations of the centred columns, brought to norm 1."""

    gram: Floats  # (d, d): C
    inverse: Floats  # (d, d): H
    norms: Floats  # (d,): of the centred columns, scaled by `Scatter.scale`
    means: Floats  # (d + 1,): of the scaled columns of [X y]
    sizes: Floats  # (d + 1,): norms of the scaled columns of [X y], not centred
    gram_error: float  # E
    rho: float
    condition_number: float


class Correction(NamedTuple):
    """One step, in scaled columns, and what is left after it."""

    w: Floats
    b: Pair | tuple[float, float]
    bound: Floats  # (d + 1,): on the error that is left
    bound_gradient: Floats  # the part of it that no further step removes
    residual_square: float  # r'r after the step
    is_residual_known: bool  # whether that figure is not a difference of two nearly equal ones


def normal_equations(moments: Scatter, *, intercept: bool) -> System | None:
    """Return the equilibrated normal equations, or None if rounding leaves them singular."""
    n, d = moments.n_samples, len(moments.mean) - 1
    means = moments.shift / moments.scale + moments.mean if intercept else np.zeros(d + 1)
    squares = np.diag(moments.gram)
    sizes, norms = np.sqrt(np.maximum(squares, 0.0) + n * means**2), np.sqrt(np.maximum(squares[:d], 0.0))
    if not norms.all():
        return None
    C = moments.gram[:d, :d] / np.outer(norms, norms)
    is_definite, inverse = positive_definite_inverse(C)
    if not is_definite:
        return None
    # A random walk of roundings: those of a product, of some thousand rows' sums in lanes, of all panels', and of the
    # factor. What removing a mean cancels counts with its size.
    walk = 8.0 + math.sqrt(min(n, _ROWS_A_SUM) / _SUM_LANES) + math.sqrt(n / _LEAST_PANEL) + math.sqrt(d)
    cancelled = 1.0 + n * float(np.max((moments.mean[:d] / norms) ** 2, initial=0.0))
    gram_error = UNIT * walk * cancelled
    largest = float(np.abs(inverse).sum(axis=1).max(initial=1.0))
    condition_number = math.sqrt(float(np.abs(C).sum(axis=1).max(initial=1.0)) * largest)
    return System(C, inverse, norms, means, sizes, gram_error, gram_error * largest, condition_number)


def _solved(system: System, right: Floats) -> Floats:
    """Return the solution of C s = right; the second step makes an inverse as good as substitution (Skeel, 1980)."""
    s = system.inverse @ right
    return s + system.inverse @ (right - system.gram @ s)


def first_answer(moments: Scatter, system: System) -> Pair:
    """Return (w, b) of the scaled columns from the normal equations alone, as pairs without low parts."""
    d = len(system.norms)
    w = _solved(system, moments.gram[:d, d] / system.norms) / system.norms
    v = np.append(w, system.means[d] - system.means[:d] @ w)
    return v, np.zeros(d + 1)


def centred(moments: Scatter, sums: Pair, *, intercept: bool) -> tuple[Floats, tuple[float, float]]:
    """Return X'r of the centred columns, rounded, and the sum of r as a pair, from the sums of `gradient`.

    sum_i (x_ij - shift_j - mean_j) r_i, the shift's part in double-double: at large offsets the terms cancel.
    """
    d = len(moments.mean) - 1
    high, low = sums[0][:d], sums[1][:d]
    if not intercept:
        return high, (0.0, 0.0)
    total = float(sums[0][d]), float(sums[1][d])
    shifts = -moments.shift[:d] / moments.scale[:d]
    product, rest = multiply(*total, shifts)
    high, low = add(high, low, product, rest)
    return high - moments.mean[:d] * total[0], total


def biases(moments: Scatter, system: System, v: Pair) -> Floats | None:
    """Return what outweighs all partial sums of `gradient` at v, or None where sums are not to be biased.

    By Cauchy and Schwarz a sum of x_ij r_i over any rows is at most |x_j| |r|, and |r| near a minimiser at most about
    the norm of the centred y. No x_ij lies further from its mean than the centred column's norm.
    """
    d = len(system.norms)
    if SPLITTER is not None or system.rho > _EASY_RHO:
        return None
    y_norm = math.sqrt(max(float(moments.gram[d, d]), 0.0))
    largest = (np.abs(system.means[:d]) + system.norms) @ np.abs(v[0][:d]) + abs(v[0][d])
    residual = abs(system.means[d]) + y_norm + float(largest)
    powers = np.frexp(np.append(system.sizes[:d] * y_norm, residual))[1]
    return np.ldexp(1.0, powers + 3)  # at least 8 times


def correction(
    moments: Scatter, system: System, v: Pair, sums: Pair, threads: int, bias: Floats | None, *, intercept: bool
) -> Correction:
    """Return the step from v, whose residuals have these sums, and the bound on what is left after it."""
    n, d = moments.n_samples, len(system.norms)
    g, (total, total_low) = centred(moments, sums, intercept=intercept)
    g_1 = g / system.norms
    step = _solved(system, g_1)
    w = step / system.norms
    mean = total / n
    b = (0.0, 0.0)
    if intercept:
        shifts = moments.shift[:d] / moments.scale[:d]
        product, rest = double_double.two_product(shifts, -w)
        shifted = double_double.total(product, rest - moments.mean[:d] * w)
        b = add(mean, total_low / n, *shifted)
    square = max(float(sums[0][d + 1]), 0.0)
    gained = float(step @ g_1) + total * mean
    known = system.gram_error, *_gradient_errors(moments, system, v, math.sqrt(square), abs(total), threads, bias)
    left, left_always = _bounds(n, system, step, known)
    return Correction(w, b, left, left_always, max(square - gained, 0.0), gained <= 1e-3 * square)


def _gradient_errors(
    moments: Scatter, system: System, v: Pair, residual_norm: float, total: float, threads: int, bias: Floats | None
) -> tuple[Floats, float]:
    """Return |D| of the gradient by columns of norm 1, and the error of the mean residual."""
    n, d = moments.n_samples, len(system.norms)
    terms = float(np.abs(v[0][:d]) @ system.sizes[:d]) + float(system.sizes[d]) + math.sqrt(n) * abs(float(v[0][d]))
    residual_error = 4.0 * UNIT**2 * math.sqrt(d + 2) * terms
    summing = UNIT**2 * (8.0 + n / (LANES * threads))
    centring = system.gram_error * total * (1.0 / math.sqrt(n) + np.abs(moments.mean[:d]) / system.norms)
    columns = residual_error + summing * residual_norm * system.sizes[:d] / system.norms + centring
    if bias is not None:
        residual_error += 4.0 * UNIT**2 * math.sqrt((d + 2) * n) * float(bias[d])
        columns += residual_error + UNIT**2 * (8.0 + 2.0 * n / math.sqrt(LANES * threads)) * bias[:d] / system.norms
    return columns, (residual_error + summing * residual_norm) / math.sqrt(n)


def _bounds(n: int, system: System, step: Floats, known: tuple[float, Floats, float]) -> tuple[Floats, Floats]:
    """Return bounds on the error left after a step, and on the part that the gradient's errors make up."""
    gram_error, columns, mean_error = known
    d = len(step)
    rows = np.abs(np.vstack([system.inverse / system.norms[:, None], system.means[:d] / system.norms @ system.inverse]))
    rows /= 1.0 - system.rho
    always = rows @ columns
    always[d] += mean_error
    moved = gram_error * float(np.abs(step).sum())
    left = rows @ np.full(d, moved)
    left[d] += moved / math.sqrt(n)  # the means' own errors are to the columns' norms as the Gram matrix's
    return left + always, always


def corrected(
    sums_at: SumsAt, moments: Scatter, system: System, threads: int, *, intercept: bool
) -> tuple[Pair, Floats, float]:
    """Return (w and b of the scaled columns, bounds on their errors, r'r), corrected until rounding hides the rest."""
    v = first_answer(moments, system)
    bias = biases(moments, system, v)
    for _ in range(_MAX_CORRECTIONS):
        sums = sums_at(v, bias)
        step = correction(moments, system, v, sums, threads, bias, intercept=intercept)
        v = add(*v, np.append(step.w, step.b[0]), np.append(np.zeros_like(step.w), step.b[1]))
        if np.all(step.bound <= np.maximum(_NEGLIGIBLE * np.abs(v[0]), 2.0 * step.bound_gradient * (bias is None))):
            break
        bias = None
    bound = step.bound if intercept else np.append(step.bound[:-1], 0.0)
    return v, bound, step.residual_square if step.is_residual_known else math.nan


def uncorrected(moments: Scatter, system: System, *, intercept: bool) -> tuple[Pair, Floats, float]:
    """Return (w and b of the scaled columns, bounds on their errors, r'r) from the normal equations alone.

    The computed C and its right-hand side are off by E and E |y| in each element, so that in the bounds of a step the
    whole of w stands for the step, and E |y| for the gradient's error. r'r is a difference, which cancels.
    """
    n, d = moments.n_samples, len(system.norms)
    v = first_answer(moments, system)
    y_norm = math.sqrt(max(float(moments.gram[d, d]), 0.0))
    known = system.gram_error, np.full(d, system.gram_error * y_norm), system.gram_error * y_norm / math.sqrt(n)
    bound, _ = _bounds(n, system, v[0][:d] * system.norms, known)
    bound[d] = bound[d] + UNIT * (d + 2) * float(np.abs(system.means) @ np.append(np.abs(v[0][:d]), 1.0))
    square = max(float(moments.gram[d, d] - moments.gram[:d, d] @ v[0][:d]), 0.0)
    return v, bound if intercept else np.append(bound[:-1], 0.0), square
