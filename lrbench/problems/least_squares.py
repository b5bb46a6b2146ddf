"""The coefficients and intercept that minimise the squared loss: the closed forms."""

import math

import numpy as np

from lrbench.problems import houses, peers
from lrbench.registry import Floats, Implementation, Inputs, NoReference, Problem, Reference, Work, dimensions

MAX_CONDITION_NUMBER = 1e13  # beyond it, float64 data do not determine the coefficients
_GRAM_CONDITION_NUMBER = 1e6  # up to it, a Cholesky of the Gram matrix serves as the corrections' factor
_ENOUGH = 2.0**-90  # a correction this small, relatively, is far below what any float64 answer shows


def reference(inputs: Inputs) -> Reference:
    """Return the exact minimiser (w, b), from corrections with double-double residuals; NoReference if there is none.

    Tolerance, to first order in the unit roundoff u: a computed Gram matrix, and right-hand side, of equilibrated
    columns is off by s = sum_tolerance(n_samples) in each element, so by at most about 2 s sqrt(n_features + 1) in
    norm, the errors being independent. Solving amplifies it by the square of the condition number, relatively to the
    largest coefficient, which is then held against the smallest one.
    """
    X, y = inputs
    n = len(y)
    v, condition_number = minimise(X, y)
    norms = np.sqrt(np.append(np.einsum("ij,ij->j", X, X), n))
    return as_reference(v, norms, float(np.linalg.norm(y)), n, condition_number)


def as_reference(
    v: tuple[Floats, Floats], norms: Floats, y_norm: float, n_samples: int, condition_number: float
) -> Reference:
    """Return a minimiser as the reference, with the tolerance that `reference` derives; norms of [X 1]'s columns."""
    (high, low), d = v, len(norms) - 1
    sizes = np.abs(high) * norms  # coefficients of the equilibrated columns
    scale = np.where(high == 0.0, sizes.max() / norms, np.abs(high))
    target = max(1.0, y_norm / float(sizes.max()))
    spread = float(sizes.max() / (scale * norms).min())
    tolerance = 2.0 * houses.sum_tolerance(n_samples) * math.sqrt(d + 1) * condition_number**2 * target * spread
    return Reference(
        (high[:d], np.array(high[d])),
        (low[:d], np.array(low[d])),
        (scale[:d], np.array(scale[d])),
        min(tolerance, 1e-2),
        {"condition_number": condition_number},
    )


def minimise(X: Floats, y: Floats) -> tuple[tuple[Floats, Floats], float]:
    """Return the minimiser of |[X 1] v - y| in double-double, intercept last, and the equilibrated condition number.

    Each round computes r = y - [X 1] v and [X 1]' r in double-double and corrects v through a float64 triangular
    factor R of the equilibrated [X 1] (the semi-normal equations). Source: A. Bjoerck, "Numerical Methods for Least
    Squares Problems" (1996), section 6.6.
    """
    from lrbench.problems import exact

    n, d = X.shape
    if n <= d:
        message = f"{n} samples do not determine {d} coefficients and an intercept"
        raise NoReference(message)
    R, norms, condition_number = _factor(X)
    v = exact.pair(np.zeros(d + 1))
    for _ in range(40):
        high, low, _ = exact.residuals(X, y, (v[0][:d], v[1][:d]), (v[0][d:], v[1][d:]))
        gradient, _, _ = exact.transposed_product(X, high, low)
        step = -np.linalg.solve(R, np.linalg.solve(R.T, gradient / norms)) / norms
        exact.add_in_place(v, step)
        if np.max(np.abs(step) * norms) <= _ENOUGH * np.max(np.abs(v[0]) * norms):
            return v, condition_number
    message = f"corrections do not converge at a condition number of {condition_number:.1e}"
    raise NoReference(message)


def _factor(X: Floats) -> tuple[Floats, Floats, float]:
    """Return R with R'R = A'A for A = [X 1] with columns of norm 1, those norms, and A's condition number."""
    n, d = X.shape
    gram = np.empty((d + 1, d + 1))
    gram[:d, :d] = X.T @ X
    gram[d, :d] = gram[:d, d] = X.sum(axis=0)
    gram[d, d] = n
    norms = np.sqrt(np.diag(gram))
    if not norms.all():
        message = f"column {int(np.argmin(norms))} is zero throughout"
        raise NoReference(message)
    gram /= np.outer(norms, norms)
    smallest, largest = np.linalg.eigvalsh(gram)[[0, -1]]
    if smallest > largest / _GRAM_CONDITION_NUMBER**2:
        return np.linalg.cholesky(gram).T, norms, float(np.sqrt(largest / smallest))
    R = np.asarray(np.linalg.qr(np.column_stack([X, np.ones(n)]) / norms, mode="r"))
    singular = np.linalg.svd(R, compute_uv=False)
    condition_number = float(singular[0] / max(singular[-1], np.finfo(np.float64).tiny))
    if condition_number > MAX_CONDITION_NUMBER:
        message = f"condition number {condition_number:.1e}: some columns are combinations of others"
        raise NoReference(message)
    return R, norms, condition_number


def least_work(size: str) -> Work:
    """Count the lower half of the Gram matrix of [X y 1], a multiplication and an addition each; X and y read once."""
    n, d = dimensions(size)
    return Work(flops=n * (d + 2) * (d + 3), size_bytes=8 * (n * d + n))


def _closed_form(name: str, *, ns_per_flop: float = 0.0) -> Implementation:
    return Implementation(
        name,
        name,
        f"lrbench.regression.closed_form:{name}",
        threads="all",
        arithmetic="reassociated",  # BLAS
        ns_per_flop=ns_per_flop,
    )


PROBLEM = Problem(
    name="least_squares",
    title="the w and b that minimise |X w + b - y|²",
    version="1",
    sizes=(
        "1000x1",
        "1000x2",
        "100000x10",
        "1000000x2",
        "1000000x10",
        "1000000x30",
        "1000000x100",
        "100000x100",
        "20000x500",
    ),
    quick_size="1000x2",
    implementations=(
        _closed_form("inverse"),
        _closed_form("solve"),
        _closed_form("cholesky"),
        _closed_form("qr", ns_per_flop=1.3),
        _closed_form("svd", ns_per_flop=2.0),
        Implementation(
            "one_pass_gram",
            "one-pass gram",
            "lrbench.regression.gram:one_pass_gram",
            requires=("numba",),
            threads="all",
            arithmetic="reassociated",
        ),
        Implementation(
            "refined",
            "refined",
            "lrbench.regression.refined:refined",
            requires=("numba",),
            threads="all",
            arithmetic="reassociated",  # the Gram matrix; the corrections are strict
        ),
        *peers.LEAST_SQUARES,
    ),
    baseline="solve",
    make_data=houses.make_houses,
    make_inputs=lambda data, _seed: data,
    reference=reference,
    mirror_inputs=(-1.0, 2.0),
    mirror_answers=(-2.0, 2.0),
    least_work=least_work,
    takes_table=True,
)
