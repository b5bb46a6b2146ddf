"""The most accurate least squares, at about the cost of the quickest: one pass over X, then corrections.

Normal equations, corrected (`semi_normal`), give the exact answer rounded up to a condition number of about 1e6 to
1e7. Beyond it the Gram matrix does not tell the columns apart, and `augmented` takes over, to 1e14.
"""

import math
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lrbench.regression import augmented, corrections, semi_normal
from lrbench.regression.compilation import strict
from lrbench.regression.dependence import Unsolvable, named, without_spread
from lrbench.regression.double_double import UNIT, Pair
from lrbench.regression.gram import Scatter, available_threads, scatter
from lrbench.regression.normal_equations import normal_equations
from lrbench.regression.semi_normal import SumsAt

Floats: TypeAlias = NDArray[np.float64]

_MAX_RHO = 0.1  # each correction gains a digit at least
_LARGEST, _SMALLEST = 1e200, 1e-200  # a sum of squares of a scaled column: beyond, its sample was not like the rest
_SMALLEST_NORMAL, _SMALLEST_SUBNORMAL = 2.0**-1022, 2.0**-1074  # of float64
_ENOUGH = 1e-14  # of a coefficient: a bound above it is worth a QR
_TINY_SHARE = 1e-10  # of the largest |w_j| |x_j|: below, a coefficient that is not worth a QR of many rows
_CHEAP_FLOPS = 10**8  # of a quarter of a QR


class Solution(NamedTuple):
    """Coefficients of the columns as they are, and what is known of them."""

    w: Floats  # (d,)
    b: float
    bound: Floats  # (d + 1,): on each coefficient's error, the intercept's last
    residual_sum_of_squares: float  # of the exact minimiser, to about a rounding
    condition_number: float  # of the centred columns, brought to norm 1
    method: str


def solve(X: NDArray[Any], y: Floats, *, intercept: bool, threads: int, with_residuals: bool = False) -> Solution:
    """Return the minimiser, a bound on its error and what else a user may ask for.

    X: (n_samples, n_features), n_samples at least the number of coefficients.
    with_residuals: whether the sum of squares is worth a pass where the corrections have not told it: near an exact
    fit, where what they tell is a difference of nearly equal numbers. Without it is then NaN.
    Errors: Unsolvable if the data are not finite or do not determine the coefficients.
    """
    moments = scatter(X, y, intercept=intercept, threads=threads)
    if not _is_in_range(moments.gram):
        return _beyond_the_sample(X, y, intercept=intercept)
    d = X.shape[1]
    system = normal_equations(moments)
    if system is not None and system.rho <= _MAX_RHO:
        inverse_scale = 1.0 / moments.scale

        def sums_at(v: Pair, bias: Floats | None) -> Pair:
            return corrections.gradient(X, y, inverse_scale, v, threads=threads, bias=bias)

        v, bound, square = semi_normal.corrected(sums_at, system, threads, intercept=intercept)
        tiny = _TINY_SHARE if X.size * d > _CHEAP_FLOPS else UNIT**2
        if _is_enough(v[0], bound, system.norms, math.sqrt(len(y)), tiny):
            if with_residuals and math.isnan(square):
                square = float(sums_at(v, None)[0][d + 1])
            return _unscaled(v, bound, moments.scale, square, system.condition_number, "semi-normal corrections")
    return _by_augmented_system(X, y, moments.shift[:d], moments.scale, intercept=intercept)


def solve_by_passes(
    moments: Scatter, sums_at: SumsAt | None, *, intercept: bool, with_residuals: bool = False
) -> Solution:
    """Return what `solve` does for data that are read by passes alone, from the moments that the first one gave.

    sums_at: one more pass, whose sums are those of `corrections.gradient` for the scaled columns; None where there
    can be none: then the answer is the Gram matrix's own, with the bound that this has.
    Errors: Unsolvable beyond a condition number of 1e6 to 1e7, where a Gram matrix does not tell columns apart.
    """
    d = len(moments.mean) - 1
    if moments.n_samples < d + intercept:
        message = f"{moments.n_samples} samples do not determine {d} coefficients. Take more samples, or fewer columns."
        raise Unsolvable(message)
    if flat := [int(j) for j in np.flatnonzero(np.diag(moments.gram)[:d] == 0.0)]:
        what = "constant, so that nothing tells it from the intercept" if intercept else "zero throughout"
        message = f"{named(flat)} of X: {what}. Remove it."
        raise Unsolvable(message, tuple(flat))
    if not _is_in_range(moments.gram):
        message = "the columns' values differ by more than 1e200 from block to block. Rescale them."
        raise Unsolvable(message)
    system = normal_equations(moments)
    if system is None or not system.rho <= _MAX_RHO:
        about = "" if system is None else f" (about {system.condition_number:.0e})"
        message = (
            f"the columns are dependent, or nearly: their condition number{about} is beyond 1e6 to 1e7, and one pass "
            "does not tell them apart. lrbench.fit of a sample in memory names dependent columns, solves up to 1e14."
        )
        raise Unsolvable(message)
    if sums_at is None:
        v, bound, square = semi_normal.uncorrected(moments, system, intercept=intercept)
        return _unscaled(v, bound, moments.scale, square, system.condition_number, "one pass")
    v, bound, square = semi_normal.corrected(sums_at, system, 1, intercept=intercept)
    if with_residuals and math.isnan(square):
        square = float(sums_at(v, None)[0][d + 1])
    return _unscaled(v, bound, moments.scale, square, system.condition_number, "semi-normal corrections")


def _by_augmented_system(X: NDArray[Any], y: Floats, shift: Floats, scale: Floats, *, intercept: bool) -> Solution:
    v, bound, square, condition_number = augmented.corrected(X, y, shift, scale, intercept=intercept)
    return _unscaled(v, bound, scale, square, condition_number, "augmented system")


def _beyond_the_sample(X: NDArray[Any], y: Floats, *, intercept: bool) -> Solution:
    """Return the minimiser where a sample of rows has given no usable scale; Unsolvable if there is none."""
    for name, values in (("X", X), ("y", y[:, None])):
        bad = ~np.isfinite(values).all(axis=0)
        if bad.any():
            columns = [int(j) for j in np.flatnonzero(bad)]
            row = int(np.argmin(np.isfinite(values[:, columns[0]])))
            where = f"{named(columns)} of X" if name == "X" else "y"
            message = f"{where}: not finite, first in row {row}. Drop or fill what is missing."
            raise Unsolvable(message, tuple(columns) if name == "X" else ())
    if (flaw := without_spread(X, intercept=intercept)) is not None:
        raise flaw
    largest = np.append(np.abs(X).max(axis=0), np.abs(y).max()).astype(np.float64)
    scale = np.ldexp(1.0, np.clip(np.frexp(largest)[1], -1000, 1000))
    shift = np.median(X[:: max(1, len(X) // 31)], axis=0).astype(np.float64) if intercept else np.zeros(X.shape[1])
    return _by_augmented_system(X, y, shift, scale, intercept=intercept)


def _unscaled(v: Pair, bound: Floats, scale: Floats, square: float, condition_number: float, method: str) -> Solution:
    """Return the solution in the columns' own units."""
    w, b, bound, square, is_finite = _in_own_units(v, bound, scale, square)
    if not is_finite:
        columns = [int(j) for j in np.flatnonzero(~np.isfinite(w))]
        what = f"coefficients of {named(columns)} exceed" if columns else "intercept exceeds"
        message = f"the {what} float64's range. Rescale X or y."
        raise Unsolvable(message, tuple(columns))
    return Solution(w, b, bound, square, condition_number, method)


@strict
def _in_own_units(v: Pair, bound: Floats, scale: Floats, square: float) -> tuple[Floats, float, Floats, float, bool]:
    """Return (w, b, bounds, r'r) unscaled, and whether w and b are finite.

    What rounding to float64 takes away joins the bounds.
    """
    high, low = v
    d = len(high) - 1
    w, b, bounds, is_finite = np.empty(d), 0.0, np.empty(d + 1), True
    unit = math.frexp(scale[d])[1]
    for j in range(d + 1):
        by = unit - (math.frexp(scale[j])[1] if j < d else 1)
        coefficient = math.ldexp(high[j], by)
        error = (bound[j] + abs(low[j])) * (1.0 + 4.0 * UNIT) + 4.0 * UNIT**2 * abs(high[j])
        bounds[j] = math.ldexp(error, by)
        if error > 0.0 and abs(coefficient) < _SMALLEST_NORMAL:
            bounds[j] += _SMALLEST_SUBNORMAL
        is_finite &= math.isfinite(coefficient)
        if j < d:
            w[j] = coefficient
        else:
            b = coefficient
    return w, b, bounds, math.ldexp(square, 2 * (unit - 1)), is_finite


@strict
def _is_in_range(gram: Floats) -> bool:
    """Return whether scaled columns have sums of squares that a sample's scale explains; those of X are not zero."""
    d, in_range = len(gram) - 1, True
    for j in range(d + 1):
        in_range &= gram[j, j] < _LARGEST and (j == d or gram[j, j] > _SMALLEST)
    return in_range


@strict
def _is_enough(v: Floats, bound: Floats, norms: Floats, one_norm: float, tiny: float) -> bool:
    """Return whether no coefficient's bound is worth a QR.

    one_norm: of the column of ones.   tiny: a share of the largest |v_j| |x_j|; a smaller coefficient counts as that.
    """
    d = len(norms)
    largest = abs(v[d]) * one_norm
    for j in range(d):
        largest = max(largest, abs(v[j]) * norms[j])
    is_enough = True
    for j in range(d + 1):
        size = norms[j] if j < d else one_norm
        share = abs(v[j]) * size
        is_enough &= share == 0.0 or bound[j] * size <= _ENOUGH * max(share, tiny * largest)
    return is_enough


def refined(X: NDArray[Any], y: Floats, intercept: bool = True) -> tuple[Floats, float]:  # noqa: FBT001, FBT002  (by position, like every target)
    """Return (w, b) that minimise |X w + b - y|, nearly always rounded right, whatever the condition number to 1e14.

    X: (n_samples, n_features), any order, float64 or float32.   y: (n_samples,).
    Work: one pass over X of n_samples (n_features + 2) (n_features + 3) flops, and usually one of 22 n_samples
    n_features; beyond a condition number of 1e6 to 1e7 a QR, which takes two copies of X.
    Errors: Unsolvable, a LinAlgError, if the data do not determine the coefficients.
    Source: A. Bjoerck, "Numerical Methods for Least Squares Problems" (1996), section 6.6.
    """
    solution = solve(X, y, intercept=intercept, threads=available_threads())
    return solution.w, solution.b
