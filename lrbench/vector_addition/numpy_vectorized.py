"""Vector addition of NumPy arrays: item by item, as the documents' slow side does, and by whole-array operations."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def with_output(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the arguments (a, b) with a third, an output of NaN, so that an element never written is seen."""
    a, b = arguments
    return a, b, np.full_like(a, np.nan)


def add_item_by_item(a: Floats, b: Floats) -> Floats:
    """Return a + b as a new array, one element at a time from Python into an array of zeros.

    a, b: (n,).
    Work: n flops; the time goes into making three Python objects an element.
    Source: Dive into Deep Learning, "Linear Regression", section "Vectorization for Speed".
    """
    c = np.zeros(len(a))
    for i in range(len(a)):
        c[i] = a[i] + b[i]
    return c


def add(a: Floats, b: Floats) -> Floats:
    """Return a + b as a new array.

    a, b: (n,).
    Work: n flops, 24 bytes moved an element, and at large n the operating system's work for fresh memory.
    Source: Dive into Deep Learning, "Linear Regression", section "Vectorization for Speed".
    """
    return a + b


# add_into(a, b, out) writes a + b into out and returns it. The ufunc itself, its output the third argument: a function
# of Python's around it costs a tenth of what 10 000 sums take.
add_into = np.add
