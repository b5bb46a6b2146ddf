"""Least squares where X'X no longer tells the columns apart: a QR, and corrections of coefficients and residuals.

The minimiser and its residuals r solve Bjoerck's augmented system  r + A v = y,  A'r = 0,  for A = [X 1]. What the
current (v, r) leave, f = y - r - A v and g = -A'r, is computed in double-double and more, and the next step solved
with the factors of A = Q R:

    p = Q'f - inv(R') g,   s = inv(R) p,   t = f - Q p;   v + s, r + t

An error of the step is about k UNIT of it, not k^2 UNIT, so that the steps shrink up to a condition number k of 1e14.
The gradient is that of the residuals that are *kept*, exactly known pairs, and no longer of y - A v: its cancellation,
which is what k^2 multiplies, happens in three times float64's precision.

**The error bound.** Let |E| <= e = c UNIT bound each column of the error of A = Q R, columns brought to norm 1, and
let N_j be the norm of row j of inv(R). The last step s, t leaves, by the perturbation theory of least squares,

    |e_j| <= N_j (e (|s|_1 + |t|) + |D_f|) + N_j max(N) sqrt(d) (e |t| + |D_g|)

with |D_f| about UNIT^2 of the terms that f is summed from, and |D_g| about UNIT^3 of those of g.

The matrix that is factorised is shifted and scaled, so that offsets do not count; the corrections' own is X as it is.
Sources: A. Bjoerck, "Iterative refinement of linear least squares solutions I" (1967), and "Numerical Methods for
Least Squares Problems" (1996), section 6.6.3; the bound: theorem 1.4.6 there.
"""

import math
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lrbench.regression import corrections, double_double, residual_panels
from lrbench.regression.dependence import Unsolvable, dependent_columns, without_spread
from lrbench.regression.double_double import SPLITTER, UNIT, Pair, add, multiply, two_product, two_sum

Floats: TypeAlias = NDArray[np.float64]

MAX_CONDITION_NUMBER = 1e14  # beyond, a rounding of the data moves the coefficients by as much as they are
_MAX_CORRECTIONS = 30
_PATIENCE = 4  # steps that gain nothing: with large residuals the first ones err by k^2 UNIT, and only then shrink
_NEGLIGIBLE = 2.0**-56  # of a coefficient: an error that its rounding hides


class Factors(NamedTuple):
    """A = Q R for the shifted and scaled columns, and one of ones, brought to norm 1."""

    Q: Floats
    R_inverse: Floats
    norms: Floats
    condition_number: float


def factors(X: NDArray[Any], shift: Floats, scale: Floats, *, intercept: bool) -> Factors:
    """Return the QR factors; Unsolvable if columns are dependent up to rounding."""
    n, d = X.shape
    A = np.empty((n, d + intercept))
    np.subtract(X, shift, out=A[:, :d])
    A[:, :d] /= scale
    A[:, d:] = 1.0
    norms = np.sqrt(np.einsum("ij,ij->j", A, A))
    if not norms.all():
        raise without_spread(X, intercept=intercept) or Unsolvable("a column's spread is below what float64 squares")
    A /= norms
    Q, R = np.linalg.qr(A)
    singular = np.linalg.svd(R, compute_uv=False)
    if not singular[0] < MAX_CONDITION_NUMBER * singular[-1]:
        tolerance = math.sqrt(R.shape[0]) * singular[0] / MAX_CONDITION_NUMBER
        raise dependent_columns(R, tolerance, intercept=intercept)
    return Factors(Q, np.linalg.inv(R), norms, float(singular[0] / singular[-1]))


class State(NamedTuple):
    """Coefficients of the scaled columns, and the residuals, all as pairs."""

    v: Pair
    r: Pair


def _step(X: NDArray[Any], y: Floats, frame: tuple[Floats, Floats], F: Factors, state: State) -> tuple[Floats, Floats]:
    """Return (s, t): the step of the coefficients of A's columns, and of the residuals."""
    shift, inverse_scale = frame
    k, d = len(F.norms), X.shape[1]
    high, low = residual_panels.residuals(X, y, inverse_scale, *state.v, SPLITTER)
    high, rest = two_sum(high, -state.r[0])
    f = high + (rest + (low - state.r[1]))
    sums = corrections.transposed_product(X, inverse_scale, *state.r, SPLITTER)
    if k > d:
        shifted = multiply(sums[0][d], sums[1][d], -shift * inverse_scale[:d])
        sums[0][:d], sums[1][:d] = add(sums[0][:d], sums[1][:d], *shifted)
    h = F.R_inverse.T @ (sums[0][:k] / F.norms)
    q = F.Q.T @ f
    # Q (q + h) in two parts: f and Q q cancel where f lies in the columns' space.
    return F.R_inverse @ (q + h), (f - F.Q @ q) - F.Q @ h


def _advanced(state: State, s: Floats, t: Floats, frame: tuple[Floats, Floats], F: Factors) -> State:
    """Return the state after a step; b gets what the shift of each column has moved into it."""
    shift, inverse_scale = frame
    d = len(shift)
    w = s[:d] / F.norms[:d]
    change = np.append(w, 0.0), np.zeros(d + 1)
    if len(s) > d:
        product, rest = two_product(shift * inverse_scale[:d], -w)
        b = s[d] / F.norms[d]
        change[0][d], change[1][d] = double_double.total(np.append(product, b), np.append(rest, 0.0))
    return State(add(*state.v, *change), add(*state.r, t, 0.0))


def corrected(
    X: NDArray[Any], y: Floats, shift: Floats, scale: Floats, *, intercept: bool
) -> tuple[Pair, Floats, float, float]:
    """Return (w and b of the scaled columns, bounds on their errors, r'r, condition number).

    shift: (d,), what to take from each column before it is factorised.   scale: (d + 1,), powers of two, y's last.
    Work: 4 n_samples n_features^2 flops, and two passes over X a correction. Memory: two copies of X.
    Errors: Unsolvable beyond MAX_CONDITION_NUMBER, with the dependent columns.
    """
    n, d = X.shape
    F = factors(X, shift, scale[:d], intercept=intercept)
    frame = shift, 1.0 / scale
    state = State((np.zeros(d + 1), np.zeros(d + 1)), (np.zeros(n), np.zeros(n)))
    y_norm, least, stalled = float(np.linalg.norm(y / scale[d])), math.inf, 0
    for _ in range(_MAX_CORRECTIONS):
        s, t = _step(X, y, frame, F, state)
        state = _advanced(state, s, t, frame, F)
        bound = _bounds(F, frame, state, s, t, y_norm)
        worst = float(bound.max(initial=0.0))
        stalled = 0 if worst <= 0.5 * least else stalled + 1
        least = min(least, worst)
        if np.all(bound <= _NEGLIGIBLE * np.abs(state.v[0])) or stalled == _PATIENCE:
            break
    return state.v, bound, float(state.r[0] @ state.r[0]), F.condition_number


def _bounds(F: Factors, frame: tuple[Floats, Floats], state: State, s: Floats, t: Floats, y_norm: float) -> Floats:
    """Return the bounds on w and b, in scaled columns, that are left after a step (s, t)."""
    shift, inverse_scale = frame
    n, k, d = len(t), len(s), len(shift)
    offsets = np.abs(shift * inverse_scale[:d])
    residual_norm, v = float(np.linalg.norm(state.r[0])), np.abs(state.v[0])
    sizes = F.norms[:d] + math.sqrt(n) * offsets
    factor_error = UNIT * (8.0 + math.sqrt(n + k))
    f_error = 4.0 * UNIT**2 * math.sqrt(d + 2) * (float(v[:d] @ sizes) + math.sqrt(n) * float(v[d]) + y_norm)
    g_error = 8.0 * UNIT**3 * n * residual_norm * float((sizes / F.norms[:d]).max(initial=1.0))
    t_norm = float(np.linalg.norm(t))
    widest = float(np.linalg.norm(F.R_inverse, axis=1).max(initial=1.0))
    rows = F.R_inverse / F.norms[:, None]
    rows[d:] -= (shift * inverse_scale[:d]) @ rows[:d]
    first = factor_error * (float(np.abs(s).sum()) + t_norm) + f_error
    second = factor_error * t_norm + g_error
    bound = np.zeros(d + 1)
    bound[:k] = np.linalg.norm(rows, axis=1) * (first + widest * math.sqrt(k) * second)
    return bound
