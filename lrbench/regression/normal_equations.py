"""The normal equations of centred columns, brought to norm 1: their inverse, their answer and how good it can be.

Compiled, by loops: of a small problem, NumPy's calls would take ten times as long as the passes over its data.
"""

import math
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lrbench.regression.compilation import compiled, inlined, strict
from lrbench.regression.double_double import SPLITTER, UNIT
from lrbench.regression.gram import Scatter
from lrbench.regression.inverse import positive_definite_inverse

Floats: TypeAlias = NDArray[np.float64]

_ROWS_A_SUM, _SUM_LANES, _LEAST_PANEL = 4096, 4, 32  # how `gram` adds at the most, and at the least
_EASY_RHO = 1e-7  # up to it, the first correction can spare the digits that biased sums lose


class System(NamedTuple):
    """The normal equations C s = c of the scaled columns, centred and brought to norm 1, and their answer."""

    n_samples: int
    gram: Floats  # (d, d): C
    inverse: Floats  # (d, d): H
    norms: Floats  # (d,): of the centred columns
    shift: Floats  # (d + 1,): most of the mean of each column of [X y]
    mean: Floats  # (d + 1,): what remains of it
    sizes: Floats  # (d + 1,): norms of the columns of [X y], not centred
    answer: Floats  # (d + 1,): w and b
    tilt: Floats  # (d,): H m, m the means over the norms: how errors of the gradient reach the intercept
    bias: Floats  # (d + 1,): of the sums of `corrections.gradient` at this answer, or all 0 where none will do
    gram_error: float  # E
    rho: float
    condition_number: float


@strict
def normal_equations(moments: Scatter) -> System | None:
    """Return the equilibrated normal equations, or None if rounding leaves them singular.

    Work: n_features^3 flops, for the inverse.
    """
    shift, sizes, norms = _columns(moments)
    gram = _equilibrated(moments.gram, norms)
    is_definite, inverse = positive_definite_inverse(gram)
    if not is_definite:
        return None
    largest = max(1.0, infinity_norm(inverse))
    condition_number = math.sqrt(max(1.0, infinity_norm(gram)) * largest)
    gram_error = _gram_error(moments, norms)
    rho = gram_error * largest
    answer = _answer(moments, gram, inverse, norms, shift)
    tilt = product(inverse, _means(moments, norms, shift))
    bias = _bias(moments, answer, norms, shift, sizes, SPLITTER is None and rho <= _EASY_RHO)
    n, mean = moments.n_samples, moments.mean
    return System(n, gram, inverse, norms, shift, mean, sizes, answer, tilt, bias, gram_error, rho, condition_number)


@inlined
def _columns(moments: Scatter) -> tuple[Floats, Floats, Floats]:
    """Return `shift`, `sizes` and `norms` of a System."""
    d = len(moments.mean) - 1
    shift, sizes, norms = np.empty(d + 1), np.empty(d + 1), np.empty(d)
    for j in range(d + 1):
        square = max(moments.gram[j, j], 0.0)
        shift[j] = moments.shift[j] / moments.scale[j]
        sizes[j] = math.sqrt(square + moments.n_samples * (shift[j] + moments.mean[j]) ** 2)
        if j < d:
            norms[j] = math.sqrt(square)
    return shift, sizes, norms


@compiled
def _equilibrated(gram: Floats, norms: Floats) -> Floats:
    """Return the Gram matrix of columns of norm 1; without spread a column is NaN, which no factor takes."""
    d = len(norms)
    C = np.empty((d, d))
    for j in range(d):
        for k in range(d):
            C[j, k] = gram[j, k] / (norms[j] * norms[k])
    return C


@inlined
def _gram_error(moments: Scatter, norms: Floats) -> float:
    """Return E: a random walk of roundings, and what removing a mean cancels, which counts with its size.

    The roundings are those of a product, of some thousand rows' sums in lanes, of all panels', and of the factor.
    """
    n, d = moments.n_samples, len(norms)
    walk = 8.0 + math.sqrt(min(n, _ROWS_A_SUM) / _SUM_LANES) + math.sqrt(n / _LEAST_PANEL) + math.sqrt(d)
    largest = 0.0
    for j in range(d):
        largest = max(largest, abs(moments.mean[j] / norms[j]))
    return UNIT * walk * (1.0 + n * largest**2)


@inlined
def _means(moments: Scatter, norms: Floats, shift: Floats) -> Floats:
    """Return the columns' means, in units of the centred columns' norms."""
    means = np.empty(len(norms))
    for j in range(len(means)):
        means[j] = (shift[j] + moments.mean[j]) / norms[j]
    return means


@inlined
def _answer(moments: Scatter, gram: Floats, inverse: Floats, norms: Floats, shift: Floats) -> Floats:
    """Return w and b of the scaled columns."""
    d = len(norms)
    right, answer = np.empty(d), np.empty(d + 1)
    for j in range(d):
        right[j] = moments.gram[j, d] / norms[j]
    step = solved(gram, inverse, right)
    answer[d] = shift[d] + moments.mean[d]
    for j in range(d):
        answer[j] = step[j] / norms[j]
        answer[d] -= (shift[j] + moments.mean[j]) * answer[j]
    return answer


@inlined
def _bias(
    moments: Scatter,
    answer: Floats,
    norms: Floats,
    shift: Floats,
    sizes: Floats,
    is_easy: bool,  # noqa: FBT001  (compiled: all by position)
) -> Floats:
    """Return what outweighs, at least 8 times, all partial sums of `corrections.gradient` at the answer; or zeros.

    By Cauchy and Schwarz a sum of x_ij r_i over any rows is at most |x_j| |r|, and |r| near a minimiser at most about
    the norm of the centred y. No x_ij lies further from its mean than the centred column's norm.
    """
    d = len(norms)
    bias = np.empty(d + 1)
    y_norm = math.sqrt(max(moments.gram[d, d], 0.0))
    residual = abs(shift[d] + moments.mean[d]) + y_norm + abs(answer[d])
    for j in range(d):
        residual += (abs(shift[j] + moments.mean[j]) + norms[j]) * abs(answer[j])
    for j in range(d + 1):
        largest = sizes[j] * y_norm if j < d else residual
        bias[j] = math.ldexp(1.0, math.frexp(largest)[1] + 3) if is_easy else 0.0
    return bias


@strict
def solved(gram: Floats, inverse: Floats, right: Floats) -> Floats:
    """Return the solution of C s = right; the second step makes an inverse as good as substitution (Skeel, 1980)."""
    s = product(inverse, right)
    rest = product(gram, s)
    for j in range(len(rest)):
        rest[j] = right[j] - rest[j]
    more = product(inverse, rest)
    for j in range(len(s)):
        s[j] += more[j]
    return s


@compiled
def product(A: Floats, x: Floats) -> Floats:
    """Return A x."""
    sums = np.empty(len(A))
    for j in range(len(A)):
        total = 0.0
        for k in range(len(x)):
            total += A[j, k] * x[k]
        sums[j] = total
    return sums


@compiled
def magnitudes(A: Floats, x: Floats) -> Floats:
    """Return |A| x."""
    sums = np.empty(len(A))
    for j in range(len(A)):
        total = 0.0
        for k in range(len(x)):
            total += abs(A[j, k]) * x[k]
        sums[j] = total
    return sums


@compiled
def infinity_norm(A: Floats) -> float:
    """Return the largest sum of a row's magnitudes."""
    largest = 0.0
    for j in range(len(A)):
        total = 0.0
        for k in range(len(A)):
            total += abs(A[j, k])
        largest = max(largest, total)
    return largest
