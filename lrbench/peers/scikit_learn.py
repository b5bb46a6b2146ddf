"""scikit-learn: LinearRegression, and SGDRegressor for an epoch of SGD.

Settings of LinearRegression: the defaults, since the user's guide recommends no others for dense data, and once more
with tol=0. Since version 1.9 the default tol=1e-6 is the cut-off for singular values, relative to the largest, so that
ill-conditioned data lose digits or directions to it; tol=0 keeps them all. X comes in Fortran order, which its LAPACK
routine (gelsd) works on. copy_X stays on: off, it would overwrite its input.

Settings of SGDRegressor: squared error, no penalty, a constant rate, one epoch without a stopping rule. It takes one
sample a step and has no mini-batches: an algorithm of its own. shuffle=False, on rows that are laid out in the order of
the visit before the clock, which spares it the random access.
Documentation: https://scikit-learn.org/stable/modules/generated/sklearn.linear_model.LinearRegression.html
https://scikit-learn.org/stable/modules/generated/sklearn.linear_model.SGDRegressor.html
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression, SGDRegressor

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def linear_regression(X: Floats, y: Floats) -> tuple[Floats, float]:
    """Return (w, b) by the singular value decomposition of the centred data, as documented.

    X: (n_samples, n_features), Fortran order.   y: (n_samples,).
    """
    model = LinearRegression().fit(X, y)
    return model.coef_, model.intercept_


def linear_regression_tol_0(X: Floats, y: Floats) -> tuple[Floats, float]:
    """Return (w, b) as linear_regression does, with no cut-off for small singular values.

    X: (n_samples, n_features), Fortran order.   y: (n_samples,).
    """
    model = LinearRegression(tol=0.0).fit(X, y)
    return model.coef_, model.intercept_


def visited(
    inputs: tuple[Floats, Floats, Floats, float, Indices, int, float],
) -> tuple[Floats, Floats, Floats, float, float]:
    """Return what an epoch of single samples reads: (X, y) by rows in the order of the visit, w, b, and the rate.

    inputs: (X, y, w, b, order, batch_size, learning_rate), where the batches must be of one sample.
    """
    X, y, w, b, order, batch_size, learning_rate = inputs
    if batch_size != 1:
        message = f"SGDRegressor takes one sample a step, not {batch_size}"
        raise ValueError(message)
    return X[order], y[order], w, b, learning_rate


def sgd_epoch(X: Floats, y: Floats, w: Floats, b: float, learning_rate: float) -> tuple[Floats, float]:
    """Return (w, b) after one update for each sample, in the order of the rows.

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    Source: scikit-learn's user guide, "Stochastic Gradient Descent", section "Mathematical formulation".
    """
    model = SGDRegressor(
        penalty=None, learning_rate="constant", eta0=learning_rate, max_iter=1, tol=None, shuffle=False
    )
    model.fit(X, y, coef_init=w.copy(), intercept_init=b)  # it updates coef_init in place
    return model.coef_, model.intercept_[0]
