"""Least absolute deviations as a linear program, by HiGHS in SciPy.

The dual program, maximise y's over -1 <= s <= 1 with [X 1]'s = 0, has as few equations as there are unknowns, where the
primal has one for each sample; its equations' multipliers are the coefficients. Settings: method "highs", which
chooses between its dual simplex and its interior points.
Documentation: https://docs.scipy.org/doc/scipy/reference/optimize.linprog-highs.html
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Floats = NDArray[np.float64]


def least_absolute_deviations(X: Floats, y: Floats) -> tuple[Floats, float]:
    """Return the (w, b) that minimise sum_i |w.x_i + b - y_i|.

    X: (n_samples, n_features).   y: (n_samples,).
    RuntimeError, with the solver's words, if it finds no optimum.
    """
    equations = np.vstack((X.T, np.ones(len(y))))
    found = linprog(-y, A_eq=equations, b_eq=np.zeros(len(equations)), bounds=(-1.0, 1.0), method="highs")
    if not found.success:
        raise RuntimeError(found.message)
    coefficients = -found.eqlin.marginals
    return coefficients[:-1], float(coefficients[-1])
