"""dask-ml: LinearRegression on dask arrays, on the cluster that the other Dask sides have.

Settings: solver="newton", the one of its solvers that neither stops early nor adds a penalty, which the default (ADMM,
with an L2 penalty of 1) does; for least squares one of its steps is the whole way. The intercept is its own.
Documentation: https://ml.dask.org/modules/generated/dask_ml.linear_model.LinearRegression.html
"""

import numpy as np
from dask_ml.linear_model import LinearRegression
from numpy.typing import NDArray

from lrbench.peers.dask_array import arrays

Floats = NDArray[np.float64]


def linear_regression(X: str, y: str) -> tuple[Floats, float]:
    """Return (w, b) by Newton's method.

    X: the path of a .npy file, (n_samples, n_features), C order.   y: the path of one of (n_samples,).
    """
    model = LinearRegression(solver="newton").fit(*arrays(X, y, with_ones=False))
    return np.asarray(model.coef_, dtype=np.float64), float(model.intercept_)
