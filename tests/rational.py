"""Exact least squares: the minimiser of float64 data as fractions, by integers alone, and what is held against it."""

from fractions import Fraction

import numpy as np

from lrbench.regression import refined

UNIT = 2.0**-53


def exactly(values):
    return [Fraction(float(value)) for value in np.ravel(values)]


def paired(pair):
    """Return high + low, element by element."""
    return [a + b for a, b in zip(exactly(pair[0]), exactly(pair[1]), strict=True)]


def dot(u, v):
    return sum((p * q for p, q in zip(u, v, strict=True)), Fraction(0))


def solution(A, c):
    """Return the v with A v = c, fractions all; None where that determines none."""
    A = [[*row, value] for row, value in zip(A, c, strict=True)]
    for k in range(len(A)):
        pivot = next((i for i in range(k, len(A)) if A[i][k]), None)
        if pivot is None:
            return None
        A[k], A[pivot] = A[pivot], A[k]
        A[k] = [value / A[k][k] for value in A[k]]
        for i in set(range(len(A))) - {k}:
            A[i] = [value - A[i][k] * lead for value, lead in zip(A[i], A[k], strict=True)]
    return [row[-1] for row in A]


def minimiser(X, y, *, intercept=True):
    """Return the exact coefficients, the intercept's last: Bareiss's elimination of the integer normal equations."""
    A = np.column_stack((X, np.ones(len(y)))) if intercept else X
    columns, units = zip(*(_integers(column) for column in (*A.T, y)), strict=True)
    rows = [[sum(p * q for p, q in zip(u, v, strict=True)) for v in columns] for u in columns[:-1]]
    before, m = 1, len(rows)
    for k in range(m):
        pivot = next(i for i in range(k, m) if rows[i][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in set(range(m)) - {k}:
            lead = rows[i][k]
            rows[i] = [(rows[k][k] * own - lead * other) // before for own, other in zip(rows[i], rows[k], strict=True)]
        before = rows[k][k]
    return [Fraction(row[m], row[k]) * units[m] / units[k] for k, row in enumerate(rows)]


def _integers(column):
    """Return a column as whole numbers of a common unit, and that unit."""
    values = exactly(column)
    denominator = max(value.denominator for value in values)
    return [int(value * denominator) for value in values], Fraction(1, denominator)


def residuals(X, y, v):
    """Return y - X w - b for fractions v = (w, b)."""
    return [t - v[-1] - dot(exactly(row), v[:-1]) for row, t in zip(X, exactly(y), strict=True)]


def assert_right(X, y, *, intercept=True, roundings=1.5):
    """Every coefficient within so many roundings of the exact one, and within its own bound; return the solution."""
    found = refined.solve(X, y, intercept=intercept, threads=1)
    want = minimiser(X, y, intercept=intercept)
    got = [*found.w, found.b][: len(want)]
    for value, exact, bound in zip(got, want, found.bound, strict=False):
        error = abs(Fraction(float(value)) - exact)
        assert error <= Fraction(float(bound))
        assert error <= Fraction(roundings * UNIT) * abs(exact)
    return found
