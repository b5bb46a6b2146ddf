"""The exact solution of a least-squares problem whose data are float64: integers throughout, rounded nowhere."""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from lrbench.registry import Floats, NoReference, Reference


def solve_exactly(X: Floats, y: Floats, *, intercept: bool = True) -> tuple[Fraction, ...]:
    """Return the minimiser of |X w + b - y|, the elements of w and then b (0 without an intercept).

    A power of two turns each column into integers, whose normal equations are exact; Bareiss's elimination keeps them
    integers of moderate length, since each of its divisions leaves no remainder.
    X: (n_samples, n_features).   y: (n_samples,).
    Work: n_samples n_features^2 products of integers of some 60 bits, n_features^3 / 3 of up to n_features times 120.
    Errors: NoReference where the columns are linearly dependent.
    Source: E. H. Bareiss, "Sylvester's identity and multistep integer-preserving Gaussian elimination" (1968).
    """
    columns, scales = zip(*(_integers(column) for column in _columns(X, intercept=intercept)), strict=True)
    target, scale = _integers(y)
    rows = [[sum(map(int.__mul__, left, right)) for right in (*columns, target)] for left in columns]
    _eliminate(rows)
    solution: list[Fraction] = []  # from the last coefficient to the first
    for j, row in reversed(list(enumerate(rows))):
        known = sum(a * v for a, v in zip(reversed(row[j + 1 : -1]), solution, strict=True))
        solution.append((row[-1] - known) / Fraction(row[j]))
    coefficients = [v * Fraction(s, scale) for v, s in zip(reversed(solution), scales, strict=True)]
    return (*coefficients,) if intercept else (*coefficients, Fraction(0))


def _columns(X: Floats, *, intercept: bool) -> list[Floats]:
    return [*X.T, np.ones(len(X))] if intercept else [*X.T]


def _integers(column: Floats) -> tuple[list[int], int]:
    """Return a column times the least power of two that makes all of it whole, and that power."""
    ratios = [value.as_integer_ratio() for value in column.tolist()]
    scale = max(denominator for _, denominator in ratios)
    return [numerator * (scale // denominator) for numerator, denominator in ratios], scale


def _eliminate(rows: list[list[int]]) -> None:
    """Make [Gram matrix, right-hand side] upper triangular, in place.

    A Gram matrix needs no pivoting: each pivot is a leading minor, which is zero only for dependent columns.
    """
    last = 1
    for k, pivot_row in enumerate(rows):
        pivot = pivot_row[k]
        if pivot == 0:
            message = f"column {k} is a combination of those before it, so that no coefficients are the right ones"
            raise NoReference(message)
        for row in rows[k + 1 :]:
            factor = row[k]
            for j in range(k, len(row)):
                row[j] = (row[j] * pivot - factor * pivot_row[j]) // last
        last = pivot


def as_reference(coefficients: Sequence[Fraction], X: Floats) -> Reference:
    """Return coefficients, b last, as what an answer (w, b) is held against.

    A coefficient that is exactly zero is measured against the largest |b_j| norm(x_j), in its own column's unit. No
    answer is refused: the tolerance is infinite.
    """
    high = np.array([float(v) for v in coefficients])
    low = np.array([float(v - Fraction(h)) for v, h in zip(coefficients, high.tolist(), strict=True)])
    norms = np.append(np.linalg.norm(X, axis=0), math.sqrt(len(X)))
    largest = float((np.abs(high) * norms).max()) or 1.0
    scale = np.where(high == 0.0, largest / np.where(norms > 0.0, norms, 1.0), np.abs(high))
    return Reference(
        (high[:-1], np.array(high[-1])),
        (low[:-1], np.array(low[-1])),
        (scale[:-1], np.array(scale[-1])),
        tolerance=math.inf,
    )
