"""The least-squares minimiser in closed form, by five routes of NumPy, from the quickest to the most careful.

Each takes X (n_samples, n_features) and y (n_samples,), and returns (w, b) such that ||X w + b - y|| is least; without
an intercept b is 0.0. Nothing is checked here: what each does with linearly dependent columns is said at each.

All but the textbook's formula treat the intercept by centring: w minimises ||(X - mean X) w - (y - mean y)||, then
b = mean y - w.mean X. That is the same minimiser, and it spares the solver a condition number that grows with the
columns' offsets; it costs one copy of X. With k the condition number of what is solved (columns brought to one scale)
and u = 1.1e-16, the relative error grows like k^2 u on the way over X'X and like k u, near a good fit, without it.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def _centred(
    minimise: Callable[[Floats, Floats], Floats],
    X: Floats,
    y: Floats,
    intercept: bool,  # noqa: FBT001  (by position, like every target)
) -> tuple[Floats, float]:
    """Return (w, b) from a function that minimises ||X w - y||."""
    if not intercept:
        return minimise(X, y), 0.0
    mean_x, mean_y = X.mean(axis=0), float(y.mean())
    w = minimise(X - mean_x, y - mean_y)
    return w, mean_y - float(mean_x @ w)


def inverse(X: Floats, y: Floats, intercept: bool = True) -> tuple[Floats, float]:  # noqa: FBT001, FBT002  (by position, like every target)
    """Return (w, b) by the textbook's formula, inv(A'A) A'y with A = [X 1].

    The least accurate of the five: the condition number is squared, offsets count against it, and multiplying by an
    inverse is not backward stable, as solving is.
    Work: n_samples (n_features + 1)^2 flops of a symmetric product, two passes over A and a copy of X.
    LinAlgError if A'A is exactly singular; columns that are dependent up to rounding give digits of noise.
    Source: Dive into Deep Learning, "Linear Regression", section "Analytic Solution".
    """
    A = np.column_stack((X, np.ones(len(y)))) if intercept else X
    coefficients = np.linalg.inv(A.T @ A) @ (A.T @ y)
    return (coefficients[:-1], float(coefficients[-1])) if intercept else (coefficients, 0.0)


def solve(X: Floats, y: Floats, intercept: bool = True) -> tuple[Floats, float]:  # noqa: FBT001, FBT002  (by position, like every target)
    """Return (w, b) by solving the normal equations X'X w = X'y of the centred data with a pivoted LU.

    Work: n_samples n_features^2 flops of a symmetric product, plus (2/3) n_features^3.
    LinAlgError if X'X is exactly singular; columns that are dependent up to rounding give digits of noise.
    Source: Golub and Van Loan, "Matrix Computations", section 5.3.2.
    """

    def minimise(A: Floats, t: Floats) -> Floats:
        return np.asarray(np.linalg.solve(A.T @ A, A.T @ t), dtype=np.float64)

    return _centred(minimise, X, y, intercept)


def cholesky(X: Floats, y: Floats, intercept: bool = True) -> tuple[Floats, float]:  # noqa: FBT001, FBT002  (by position, like every target)
    """Return (w, b) by the normal equations of the centred data and their Cholesky factor: X'X = L L'.

    NumPy has no triangular solver: its general one factorises L and L' anew, n_features^3 flops that LAPACK's potrs
    would spare. They vanish beside the product while n_samples is much larger than n_features.
    Work: n_samples n_features^2 flops of a symmetric product, plus (5/3) n_features^3.
    LinAlgError if rounding leaves X'X not positive definite, so from condition numbers of about 1e8 upwards.
    Source: Golub and Van Loan, "Matrix Computations", section 5.3.2.
    """

    def minimise(A: Floats, t: Floats) -> Floats:
        lower = np.linalg.cholesky(A.T @ A)
        return np.linalg.solve(lower.T, np.linalg.solve(lower, A.T @ t))

    return _centred(minimise, X, y, intercept)


def qr(X: Floats, y: Floats, intercept: bool = True) -> tuple[Floats, float]:  # noqa: FBT001, FBT002  (by position, like every target)
    """Return (w, b) by a Householder QR of the centred data: R w = Q'y.

    On the triangle R the general solver finds nothing to pivot, so that it is back substitution.
    Work: 4 n_samples n_features^2 flops, half of them to form Q.
    LinAlgError if R has an exact zero on its diagonal; columns that are dependent up to rounding give digits of noise.
    Source: Golub and Van Loan, "Matrix Computations", section 5.3.3.
    """

    def minimise(A: Floats, t: Floats) -> Floats:
        orthonormal, triangle = np.linalg.qr(A)
        return np.linalg.solve(triangle, orthonormal.T @ t)

    return _centred(minimise, X, y, intercept)


def svd(X: Floats, y: Floats, intercept: bool = True) -> tuple[Floats, float]:  # noqa: FBT001, FBT002  (by position, like every target)
    """Return (w, b) by the singular value decomposition of the centred data: w = V diag(1/s) U'y.

    Singular values of at most eps * max(n_samples, n_features) times the largest count as zero (NumPy's and LAPACK's
    usual cut-off, eps = 2.2e-16): of all minimisers this is then the one with the shortest w. The cut-off looks at
    columns as they are scaled, so that columns of very different units can lose digits, or a column, to it.
    Work: about 6 n_samples n_features^2 flops.
    Source: Golub and Van Loan, "Matrix Computations", section 5.5.
    """

    def minimise(A: Floats, t: Floats) -> Floats:
        U, s, Vt = np.linalg.svd(A, full_matrices=False)
        kept = s > np.finfo(np.float64).eps * max(A.shape) * s.max(initial=0.0)
        return (U[:, kept].T @ t / s[kept]) @ Vt[kept]

    return _centred(minimise, X, y, intercept)
