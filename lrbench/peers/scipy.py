"""Least squares by SciPy: LAPACK's gelsd and gelsy, and LSMR, which iterates.

Settings: check_finite=False, which the documentation offers for speed to those who know their data to be finite.
overwrite_a stays off, since a second call would then find its matrix destroyed. Matrices come in Fortran order, which
LAPACK works on; LSMR's products are quicker with it too. They know no intercept: a column of ones stands last.
Documentation: https://docs.scipy.org/doc/scipy/reference/generated/scipy.linalg.lstsq.html
https://docs.scipy.org/doc/scipy/reference/generated/scipy.sparse.linalg.lsmr.html
"""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lstsq
from scipy.sparse.linalg import lsmr as scipy_lsmr

Floats = NDArray[np.float64]


def gelsd(A: Floats, y: Floats) -> tuple[Floats, float]:
    """Return (w, b) by a singular value decomposition, divide and conquer: SciPy's default.

    A: [X 1], (n_samples, n_features + 1), Fortran order.   y: (n_samples,).
    """
    return _by(A, y, "gelsd")


def gelsy(A: Floats, y: Floats) -> tuple[Floats, float]:
    """Return (w, b) by a QR with column pivoting, "slightly faster on many problems" says the documentation.

    A: [X 1], (n_samples, n_features + 1), Fortran order.   y: (n_samples,).
    """
    return _by(A, y, "gelsy")


def _by(A: Floats, y: Floats, driver: str) -> tuple[Floats, float]:
    coefficients, _, _, _ = lstsq(A, y, lapack_driver=driver, check_finite=False)
    return coefficients[:-1], coefficients[-1]


def lsmr(A: Floats, y: Floats) -> tuple[Floats, float]:
    """Return (w, b) by LSMR: Golub-Kahan bidiagonalisation, two products with A an iteration.

    atol = btol = 0 and conlim = 0 stand for machine precision: it goes on while it can still improve. The number of
    iterations grows with the condition number, so its time, unlike that of the direct methods, depends on the data. The
    default limit, min(A.shape) iterations, would be enough in exact arithmetic; four times that is allowed.
    A: [X 1], (n_samples, n_features + 1), Fortran order.   y: (n_samples,).
    Work: 4 n_samples n_features flops and two passes over A an iteration.
    Source: D. C.-L. Fong and M. Saunders, "LSMR: An iterative algorithm for sparse least-squares problems" (2011).
    """
    coefficients = scipy_lsmr(A, y, atol=0.0, btol=0.0, conlim=0.0, maxiter=4 * min(A.shape))[0]
    return coefficients[:-1], coefficients[-1]
