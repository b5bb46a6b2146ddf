"""Vector addition by Python alone, over lists of floats."""

from typing import Any

import numpy as np


def as_lists(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the arguments with every array turned into a list of Python numbers; the rest as they are."""
    return tuple(value.tolist() if isinstance(value, np.ndarray) else value for value in arguments)


def add_by_index(a: list[float], b: list[float]) -> list[float]:
    """Return a + b as a new list, by an index loop into a list made beforehand.

    a, b: n floats.
    Work: n flops.
    Source: Dive into Deep Learning, "Linear Regression", section "Vectorization for Speed", with lists for its arrays.
    """
    c = [0.0] * len(a)
    for i in range(len(a)):
        c[i] = a[i] + b[i]
    return c


def add_by_comprehension(a: list[float], b: list[float]) -> list[float]:
    """Return a + b as a new list, by a comprehension.

    a, b: n floats.
    Work: n flops.
    """
    return [x + y for x, y in zip(a, b, strict=True)]
