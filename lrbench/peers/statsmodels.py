"""Least squares by statsmodels' OLS, which is made for inference: it also readies what standard errors need.

Settings: hasconst=True, which spares the search for a constant column that the documentation describes; the methods
are the two that fit() knows. Matrices come in Fortran order, which is the quicker for both. It knows no intercept: a
column of ones stands last, as statsmodels.tools.add_constant puts it, made before the clock.
Documentation: https://www.statsmodels.org/stable/generated/statsmodels.regression.linear_model.OLS.html
"""

import numpy as np
from numpy.typing import NDArray
from statsmodels.regression.linear_model import OLS

Floats = NDArray[np.float64]


def pinv(A: Floats, y: Floats) -> tuple[Floats, float]:
    """Return (w, b) by the pseudoinverse of A, from its singular value decomposition: the default.

    A: [X 1], (n_samples, n_features + 1), Fortran order.   y: (n_samples,).
    """
    return _by(A, y, "pinv")


def qr(A: Floats, y: Floats) -> tuple[Floats, float]:
    """Return (w, b) by a QR decomposition.

    A: [X 1], (n_samples, n_features + 1), Fortran order.   y: (n_samples,).
    """
    return _by(A, y, "qr")


def _by(A: Floats, y: Floats, method: str) -> tuple[Floats, float]:
    coefficients = OLS(y, A, hasconst=True).fit(method=method).params
    return coefficients[:-1], coefficients[-1]
