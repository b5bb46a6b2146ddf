"""Least squares by scikit-learn-intelex: scikit-learn's LinearRegression over oneDAL, on the normal equations.

Settings: the class that its patch puts in the place of scikit-learn's, with the defaults; the documentation has no
others for dense float64 data. It takes X in either memory order, and which one is the quicker differs by shape:
both are measured.
Documentation: https://uxlfoundation.github.io/scikit-learn-intelex/latest/algorithms.html
"""

import numpy as np
from numpy.typing import NDArray
from sklearnex.linear_model import LinearRegression

Floats = NDArray[np.float64]


def linear_regression(X: Floats, y: Floats) -> tuple[Floats, float]:
    """Return (w, b) by the normal equations.

    X: (n_samples, n_features), either order.   y: (n_samples,).
    """
    model = LinearRegression().fit(X, y)
    return model.coef_, model.intercept_
