"""Data made to have a given column-equilibrated condition number, with a large residual and with hardly any."""

import math
from fractions import Fraction

import numpy as np

from lrbench.accuracy.datasets import Dataset
from lrbench.accuracy.rational import solve_exactly
from lrbench.registry import Floats

SMALL = "generated, residual of rounding alone"
LARGE = "generated, residual as large as the fit"
N_SAMPLES, N_FEATURES = 80, 8
CONDITION_NUMBERS = tuple(10.0**k for k in range(0, 15, 2))


def sweep(seed: int = 0) -> tuple[Dataset, ...]:
    """Return data sets of rising condition number, first with a small and then with a large residual."""
    return tuple(
        make_data(condition_number, large_residual=large_residual, seed=seed + k)
        for large_residual in (False, True)
        for k, condition_number in enumerate(CONDITION_NUMBERS)
    )


def make_data(condition_number: float, *, large_residual: bool, seed: int) -> Dataset:
    """Return a data set whose matrix [X 1], columns brought to one length, has a given condition number.

    The coefficients have magnitudes from 1 to 2 and every column the norm of the ones, so that equilibrated and raw
    condition number agree. A large residual is as long as the fit, and orthogonal to the *rounded* columns: it is a
    projection in exact arithmetic, rounded once, for an error of u there moves the solution by condition_number^2 u.
    """
    rng = np.random.default_rng(seed)
    p = N_FEATURES + 1
    singular = np.geomspace(1.0, 1.0 / condition_number, p)
    columns = _with_equal_norms(_with_singular_values(rng, singular))
    X = _with_ones_last(columns)[:, :-1] * math.sqrt(N_SAMPLES)
    v = rng.uniform(1.0, 2.0, p) * rng.choice([-1.0, 1.0], p)
    fit = _times(X, [Fraction(value) for value in v.tolist()])
    if large_residual:
        noise = rng.standard_normal(N_SAMPLES)
        part = _times(X, solve_exactly(X, noise))
        rest = [Fraction(a) - b for a, b in zip(noise.tolist(), part, strict=True)]
        size = Fraction(math.hypot(*map(float, fit)) / math.hypot(*map(float, rest)))
        fit = [a + size * b for a, b in zip(fit, rest, strict=True)]
    y = np.array([float(value) for value in fit])
    group = LARGE if large_residual else SMALL
    name = f"1e{round(math.log10(condition_number))}, {'large' if large_residual else 'small'} residual"
    return Dataset(name, group, X, y, nominal_condition_number=condition_number)


def _with_singular_values(rng: np.random.Generator, singular: Floats) -> Floats:
    """Return a random matrix with given singular values, scaled so that its squared norm is its number of columns."""
    p = len(singular)
    left = np.linalg.qr(rng.standard_normal((N_SAMPLES, p))).Q
    right = np.linalg.qr(rng.standard_normal((p, p))).Q
    scaled = singular * math.sqrt(p / float(singular @ singular))
    return np.asarray((left * scaled) @ right.T)


def _with_equal_norms(columns: Floats) -> Floats:
    """Return columns of norm 1 with the same singular values, if the squared norms add up to their number.

    One rotation of a column that is too short with one that is too long gives the first the norm 1.
    Source: P. I. Davies and N. J. Higham, "Numerically stable generation of correlation matrices and their factors"
    (2000).
    """
    A = columns.copy()
    for _ in range(A.shape[1] - 1):
        excess = np.einsum("ij,ij->j", A, A) - 1.0
        i, j = int(excess.argmin()), int(excess.argmax())
        if excess[j] <= 0.0 or excess[i] >= 0.0:
            break
        product = float(A[:, i] @ A[:, j])
        tangent = (product + math.copysign(math.sqrt(product**2 - excess[i] * excess[j]), product)) / excess[j]
        cosine = 1.0 / math.hypot(1.0, tangent)
        rotation = cosine * np.array([[1.0, tangent], [-tangent, 1.0]])
        A[:, [i, j]] = A[:, [i, j]] @ rotation
    return A / np.linalg.norm(A, axis=0)


def _with_ones_last(A: Floats) -> Floats:
    """Return A reflected so that its last column, of norm 1, has equal elements: no singular value changes."""
    normal = A[:, -1] - 1.0 / math.sqrt(len(A))
    return np.asarray(A - np.outer(normal, 2.0 / float(normal @ normal) * (normal @ A)))


def _times(X: Floats, v: tuple[Fraction, ...] | list[Fraction]) -> list[Fraction]:
    """Return [X 1] v exactly."""
    return [sum((Fraction(x) * w for x, w in zip(row, v[:-1], strict=True)), v[-1]) for row in X.tolist()]
