"""The digits that rounding errors leave a method, to first order: what a measured figure is held against.

With u the unit roundoff, A the matrix (columns brought to norm 1), P its pseudo-inverse, H = P P' the
inverse of A'A, v the exact coefficients, r = y - A v, |.| element by element and e a vector of ones, the errors are

    Householder QR      u (|P_i| |v|_1 + |H| e |r|)             like k, and like k^2 times the residual
    SVD                 that, and u |A| |P_i| |v| with A as it is scaled: LAPACK takes a QR first
    normal equations    u |H| e (|v|_1 + |y|)                   like k^2
    corrected           u |v|                                   no loss, as long as u k is below 1

These are bounds without their constants, which grow with n_samples and n_features. Errors that cancel make most
measured figures better by one to three digits; the SVD's, which looks at all columns together, can be too low by six
where their units differ; and the textbook's inverse, which rounds once more, does worse than other ways to solve the
same normal equations. A centred method solves for X - mean X; what its w is off by comes
back into b multiplied by the means.
Sources: A. Bjoerck, "Numerical Methods for Least Squares Problems" (1996), sections 1.4 and 2.2 to 2.4; N. J. Higham,
"Accuracy and Stability of Numerical Algorithms" (2002), chapter 20.
"""

from collections.abc import Callable

import numpy as np

from lrbench.accuracy.datasets import Dataset
from lrbench.gate import digits
from lrbench.registry import Floats, Reference

_U = 2.0**-53

# Which method an implementation follows; "centred" where it takes the means away itself. Of others nothing is expected.
METHODS = {
    "inverse": "normal equations",
    "solve": "normal equations, centred",
    "cholesky": "normal equations, centred",
    "qr": "QR, centred",
    "svd": "SVD, centred",
    "one_pass_gram": "normal equations, centred",
    "refined": "corrected",
    "numpy_lstsq": "SVD",
    "scipy_gelsd": "SVD",
    "scipy_gelsy": "QR",
    "scikit_learn": "SVD, centred",
    "scikit_learn_tol_0": "SVD, centred",
    "scikit_learn_intelex": "normal equations",
    "scikit_learn_intelex_by_column": "normal equations",
    "statsmodels_pinv": "SVD",
    "statsmodels_qr": "QR",
    "polars_ols": "QR",
    "polars_ols_cholesky": "normal equations",
    "jax_lstsq": "SVD",
    "jax_normal_equations": "normal equations",
    "torch_lstsq": "QR",
    "torch_normal_equations": "normal equations",
}


def expected_digits(dataset: Dataset, exact: Reference) -> dict[str, float]:
    """Return, for each method, the digits that rounding errors leave of a data set's worst coefficient.

    exact: the data set's exact solution.
    """
    v = np.append(exact.answers[0], exact.answers[1])
    scale = np.append(exact.scales[0], exact.scales[1])
    found = {"corrected": digits(_U)}
    for name, bound in _BOUNDS.items():
        found[name] = _digits(_whole(dataset, v, bound), scale)
        found[f"{name}, centred"] = _digits(_centred(dataset, v, bound), scale)
    return found


def condition_number(dataset: Dataset) -> float:
    """Return the 2-norm condition number of [X 1] (X without an intercept), columns brought to norm 1."""
    A = _matrix(dataset)
    return float(np.linalg.cond(A / np.linalg.norm(A, axis=0)))


def _digits(errors: Floats, scale: Floats) -> float:
    return digits(float(np.max(errors / scale)))


def _matrix(dataset: Dataset) -> Floats:
    return np.column_stack([dataset.X, np.ones(len(dataset.y))]) if dataset.intercept else dataset.X


def _whole(dataset: Dataset, v: Floats, bound: Callable[[Floats, Floats, Floats], Floats]) -> Floats:
    """Return the errors of (w, b) where the column of ones is one like any other."""
    if dataset.intercept:
        return bound(_matrix(dataset), dataset.y, v)
    return np.append(bound(dataset.X, dataset.y, v[:-1]), 0.0)


def _centred(dataset: Dataset, v: Floats, bound: Callable[[Floats, Floats, Floats], Floats]) -> Floats:
    """Return the errors of (w, b) where w is solved for from centred data and b comes from the means."""
    if not dataset.intercept:
        return _whole(dataset, v, bound)
    means, mean, w = dataset.X.mean(axis=0), float(dataset.y.mean()), v[:-1]
    errors = bound(dataset.X - means, dataset.y - mean, w)
    rounding = _U * (abs(mean) + float(np.abs(means) @ np.abs(w)))
    return np.append(errors, float(np.abs(means) @ errors) + rounding)


def _qr(A: Floats, y: Floats, v: Floats) -> Floats:
    A, z, norms = _equilibrated(A, v)
    P = np.linalg.pinv(A, rcond=0.0)
    residual = float(np.linalg.norm(y - A @ z))
    return _U * (np.linalg.norm(P, axis=1) * np.abs(z).sum() + np.abs(P @ P.T).sum(axis=1) * residual) / norms


def _svd(A: Floats, y: Floats, v: Floats) -> Floats:
    rows = np.linalg.norm(np.linalg.pinv(A, rcond=0.0), axis=1)
    return np.asarray(_qr(A, y, v) + _U * np.linalg.norm(A, 2) * np.linalg.norm(v) * rows)


def _normal_equations(A: Floats, y: Floats, v: Floats) -> Floats:
    A, z, norms = _equilibrated(A, v)
    P = np.linalg.pinv(A, rcond=0.0)
    return _U * np.abs(P @ P.T).sum(axis=1) * (np.abs(z).sum() + np.linalg.norm(y)) / norms


def _equilibrated(A: Floats, v: Floats) -> tuple[Floats, Floats, Floats]:
    """Return A with columns of norm 1, the coefficients of those columns, and the norms taken away."""
    norms = np.linalg.norm(A, axis=0)
    return A / norms, v * norms, norms


_BOUNDS = {"QR": _qr, "SVD": _svd, "normal equations": _normal_equations}
