"""Vector addition by loops that numba compiles. Arithmetic: strict."""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def add(a: Floats, b: Floats) -> Floats:
    """Return a + b as a new array, by one loop that the compiler vectorises.

    a, b: (n,).
    Work: n flops, 24 bytes moved an element.
    """
    c = np.empty_like(a)
    for i in range(len(a)):
        c[i] = a[i] + b[i]
    return c


@njit(cache=True, nogil=True, parallel=True)
def add_parallel(a: Floats, b: Floats) -> Floats:
    """Return a + b as a new array, by a loop shared out over all of numba's threads.

    a, b: (n,).
    Work: n flops, 24 bytes moved an element, and microseconds to wake the threads and wait for the last.
    """
    c = np.empty_like(a)
    for i in prange(len(a)):
        c[i] = a[i] + b[i]
    return c
