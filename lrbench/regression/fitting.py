"""Least squares for a user's own data: checked, solved to the last digit, and returned with what is known of it."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrbench.regression import refined
from lrbench.regression.dependence import Unsolvable
from lrbench.regression.gram import available_threads

Floats: TypeAlias = NDArray[np.float64]

_EXACT = "?bBhHiIlLqQefd"  # NumPy's type characters of what float64 takes: booleans, integers, floats up to itself
_MATRIX = 2  # axes of X


@dataclass(frozen=True, slots=True)
class Fit:
    """The coefficients and intercept that minimise the sum of squared residuals, and how far they can be trusted.

    The error bounds are those of arithmetic alone: of the answer's distance from the exact minimiser for the data as
    they are in float64. What noise in the data does is a question for statistics.
    """

    coefficients: Floats  # (n_features,), in units of y over those of each column
    intercept: float  # in units of y; 0.0 without one
    error_bound: Floats  # (n_features,): |coefficient - exact coefficient| is at most this
    intercept_error_bound: float
    residual_sum_of_squares: float  # summed from the residuals, at the exact minimiser
    condition_number: float  # of the columns, centred and brought to one norm; estimated, at most sqrt(n_features) high
    method: str  # "semi-normal corrections" or "augmented system"; "one pass" of data that can be read only once


def fit(X: ArrayLike, y: ArrayLike, intercept: bool = True) -> Fit:  # noqa: FBT001, FBT002  (a plain word in a call: fit(X, y, False))
    """Return the least-squares fit of y by X w + b, its coefficients nearly always the exact ones rounded once.

    X: n_samples rows of n_features finite numbers; float32 and float64 arrays in C or Fortran order are read as they
    are, others converted first (integers beyond 2^53 are rounded).   y: n_samples finite numbers.
    Uses the threads that numba is set to, and one if called from any but the main thread.
    Cost: two passes over X and n_samples n_features^2 flops, in little memory; beyond a condition number of 1e6 to 1e7
    a QR, about ten times as long, with two copies of X.
    Errors: TypeError and ValueError for what is not such data; Unsolvable (a ValueError) where it has no answer: values
    that are not finite, fewer samples than coefficients, columns that depend on each other, with their indices.
    """
    features, target = numbers(X, "X"), np.ascontiguousarray(numbers(y, "y"), dtype=np.float64)
    _check_shapes(features, target, intercept=bool(intercept))
    if not (features.flags.c_contiguous or features.flags.f_contiguous):
        features = np.ascontiguousarray(features)
    threads = available_threads()
    solution = refined.solve(features, target, intercept=bool(intercept), threads=threads, with_residuals=True)
    return as_fit(solution)


def as_fit(solution: refined.Solution) -> Fit:
    """Return what a user is told of a solution."""
    return Fit(
        coefficients=solution.w,
        intercept=solution.b,
        error_bound=solution.bound[:-1],
        intercept_error_bound=float(solution.bound[-1]),
        residual_sum_of_squares=solution.residual_sum_of_squares,
        condition_number=solution.condition_number,
        method=solution.method,
    )


def numbers(values: ArrayLike, name: str) -> NDArray[Any]:
    """Return values as an array of float32 or float64."""
    if np.ma.is_masked(values):
        message = f"{name}: a masked array, of which some values are masked. Drop or fill them."
        raise TypeError(message)
    if values is None:
        message = f"{name}: None, where an array of numbers must be."
        raise TypeError(message)
    try:
        array = np.asarray(values)
    except ValueError as error:
        message = f"{name}: a {type(values).__name__} that is no array ({error}). Give rows of one length, all numbers."
        raise ValueError(message) from error
    if array.dtype.char not in _EXACT:
        message = f"{name}: {array.dtype} values. Convert them to float64, and say what each becomes."
        raise TypeError(message)
    if array.dtype.char in "fd" and array.dtype.isnative:
        return array
    return array.astype(np.float64)


def _check_shapes(X: NDArray[Any], y: Floats, *, intercept: bool) -> None:
    """Refuse what is not n_samples rows and as many targets, enough to determine every coefficient."""
    if X.ndim != _MATRIX:
        advice = " A single column is X[:, None]." if X.ndim == 1 else ""
        message = f"X: {X.ndim} axes where there must be 2, samples and features.{advice}"
        raise ValueError(message)
    if y.ndim != 1:
        message = f"y: shape {y.shape} where there must be one axis, a target a sample. Try y.ravel()."
        raise ValueError(message)
    n, d = X.shape
    if len(y) != n:
        message = f"y: {len(y)} targets for the {n} samples of X."
        raise ValueError(message)
    if d == 0:
        message = "X: no columns, so nothing to fit."
        raise ValueError(message)
    if n < d + intercept:
        what = f"{d} coefficients{' and an intercept' if intercept else ''}"
        message = f"{n} samples do not determine {what}. Take more samples, or fewer columns."
        raise Unsolvable(message)
