"""The inverse of a small positive definite matrix, without LAPACK.

A call of LAPACK wakes threads that go on spinning, which takes longer than a matrix of a hundred columns does, and
slows whatever runs in numba's threads next.
"""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from lrbench.regression.compilation import compiled

Floats: TypeAlias = NDArray[np.float64]


@compiled
def _factor(C: Floats) -> tuple[bool, Floats]:
    """Return (True, L) with L L' = C, or False if a pivot is not positive."""
    n = len(C)
    lower = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            rest = C[i, j]
            for k in range(j):
                rest -= lower[i, k] * lower[j, k]
            if i != j:
                lower[i, j] = rest / lower[j, j]
            elif rest > 0.0:
                lower[i, i] = math.sqrt(rest)
            else:
                return False, lower
    return True, lower


@compiled
def positive_definite_inverse(C: Floats) -> tuple[bool, Floats]:
    """Return (True, the inverse of C) by way of its Cholesky factor; False if rounding leaves C not positive definite.

    Work: n^3 flops.
    Source: Higham, "Accuracy and Stability of Numerical Algorithms" (2002), algorithm 10.2 and method 1 of 14.2.
    """
    n = len(C)
    is_definite, lower = _factor(C)
    inverse, product = np.zeros((n, n)), np.zeros((n, n))
    for i in range(n if is_definite else 0):
        for k in range(i):
            for j in range(k + 1):
                inverse[i, j] -= lower[i, k] * inverse[k, j]
        inverse[i, i] = 1.0
        for j in range(i + 1):
            inverse[i, j] /= lower[i, i]
    for k in range(n):
        for i in range(k + 1):
            for j in range(k + 1):
                product[i, j] += inverse[k, i] * inverse[k, j]
    return is_definite, product
