"""The exact minimiser of the sum of absolute residuals, and the proof that it is one."""

from pkgutil import resolve_name

import numpy as np

from lrbench.problems import exact
from lrbench.registry import Floats, NoReference

CANDIDATE = "lrbench.regression.absolute_numpy_vectorized:vertex_descent"  # whoever found it: it is proven here
_ENOUGH = 2.0**-90
_CERTAIN = 2.0**-80  # of a residual, relative to its terms: its sign in double-double


def minimise(X: Floats, y: Floats) -> tuple[exact.Pair, float]:
    """Return the minimiser v of the mean of |[X 1] v - y| in double-double, intercept last, and that mean.

    It passes through n_features + 1 samples, which a candidate in float64 tells. Of v so determined, the signs s of
    the other residuals are certain, and the multipliers u of those samples, with sum_i s_i a_i + sum_k u_k a_k = 0 over
    rows a of [X 1], are within (-1, 1): then 0 is a subgradient, and there is no other minimiser.
    Errors: NoReference where this proves nothing, as of data with more samples on the plane than determine it.
    Source: P. Bloomfield and W. L. Steiger, "Least Absolute Deviations" (1983), chapter 1.
    """
    n, d = X.shape
    try:
        w, b = resolve_name(CANDIDATE)(X, y)
        chosen = np.argsort(np.abs(X @ w + b - y))[: d + 1]
        v = _through(X[chosen], y[chosen])
    except np.linalg.LinAlgError as error:
        message = f"no plane of least absolute deviations was found ({error})"
        raise NoReference(message) from None
    high, _, terms = exact.residuals(X, y, (v[0][:d], v[1][:d]), (v[0][d:], v[1][d:]))
    others = np.ones(n, dtype=bool)
    others[chosen] = False
    signs = np.where(others, np.sign(high), 0.0)
    A = np.column_stack([X[chosen], np.ones(d + 1)])
    sums, _, _ = exact.transposed_product(X, signs, np.zeros(n))
    multipliers = np.linalg.solve(A.T, -sums)
    doubt = 16.0 * np.linalg.cond(A) * 2.0**-53 * float(np.linalg.norm(multipliers))
    if not (np.abs(high)[others] > _CERTAIN * terms[others]).all() or not np.abs(multipliers).max() < 1.0 - doubt:
        message = "the plane of least absolute deviations could not be proven: more than one may be the best"
        raise NoReference(message)
    return v, float(np.mean(np.abs(high) * others))


def _through(X: Floats, y: Floats) -> exact.Pair:
    """Return the v with [X 1] v = y of as many samples as unknowns, by corrections with double-double residuals."""
    size = len(y)
    A = np.column_stack([X, np.ones(size)])
    v = exact.pair(np.zeros(size))
    for _ in range(40):
        high, _, _ = exact.residuals(X, y, (v[0][:-1], v[1][:-1]), (v[0][-1:], v[1][-1:]))
        step = np.asarray(np.linalg.solve(A, -high), dtype=np.float64)
        exact.add_in_place(v, step)
        if np.max(np.abs(step)) <= _ENOUGH * np.max(np.abs(v[0])):
            return v
    message = "its samples do not determine it"
    raise np.linalg.LinAlgError(message)
