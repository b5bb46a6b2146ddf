"""Vector addition by Python alone, over lists of floats and over its own arrays of doubles."""

import operator
from array import array
from typing import Any

import numpy as np


def as_lists(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the arguments with every array turned into a list of Python numbers; the rest as they are."""
    return tuple(value.tolist() if isinstance(value, np.ndarray) else value for value in arguments)


def as_arrays(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the arguments with every array of NumPy turned into one of Python's; the rest as they are."""
    return tuple(array("d", value.tobytes()) if isinstance(value, np.ndarray) else value for value in arguments)


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


def add_by_map(a: list[float], b: list[float]) -> list[float]:
    """Return a + b as a new list, by a loop in C over Python's addition.

    a, b: n floats.
    Work: n flops.
    """
    return list(map(operator.add, a, b))


def add_arrays_by_index(a: "array[float]", b: "array[float]") -> "array[float]":
    """Return a + b as a new array, by an index loop into zeros.

    a, b: n doubles, as close together as in NumPy's arrays.
    Work: n flops; each element read becomes a Python float, as with NumPy, but by a shorter way.
    """
    c = array("d", bytes(8 * len(a)))
    for i in range(len(a)):
        c[i] = a[i] + b[i]
    return c
