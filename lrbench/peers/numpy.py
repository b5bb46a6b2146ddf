"""Least squares by numpy.linalg.lstsq, LAPACK's gelsd: what most people would write.

Settings: rcond=None, the default and the documented choice for new code, counts singular values below machine
precision times max(n_samples, n_features) as zero. LAPACK works on columns, so the matrix comes in Fortran order, which
makes the copy that lstsq takes of it a plain one. It knows no intercept: a column of ones stands last.
Documentation: https://numpy.org/doc/stable/reference/generated/numpy.linalg.lstsq.html
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def lstsq(A: Floats, y: Floats) -> tuple[Floats, float]:
    """Return (w, b) by a singular value decomposition, divide and conquer.

    A: [X 1], (n_samples, n_features + 1), Fortran order.   y: (n_samples,).
    """
    coefficients: Floats = np.asarray(np.linalg.lstsq(A, y, rcond=None)[0], dtype=np.float64)
    return coefficients[:-1], coefficients[-1]
