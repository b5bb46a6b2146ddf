"""The learning rates at which SGD begins to diverge, batch size by batch size: by theory, and found by trying."""

import math
from collections.abc import Sequence

import numpy as np

from lrbench.experiments import sgd_moments
from lrbench.experiments.findings import Advance, Number
from lrbench.experiments.sgd_paths import Floats, Orders, Regression, shuffled

LONG_ENOUGH = 300  # steps of descent, after which the steepest direction alone is left of an error
LEAST_EPOCHS = 20
N_HALVINGS = 24  # of a factor of some hundred on a logarithmic scale: six digits
SHARES = (0.5, 0.9, 0.99, 1.01, 1.1)  # of descent's limit, at which its steps' factors are measured


def numbers(
    data: Regression, batch_sizes: Sequence[int], seed: int, advance: Advance
) -> dict[str, Number | Sequence[Number]]:
    """Return the limits of full-batch descent and of SGD, and the factors by which descent's steps change an error.

    batch_sizes: the last of them all samples.
    """
    moments = sgd_moments.moments(data)
    found = []
    for k, batch_size in enumerate(batch_sizes):
        advance(k / len(batch_sizes), f"where batches of {batch_size} diverge")
        found.append(largest_rate(data, batch_size, np.random.default_rng([seed, 4, batch_size])))
    curvatures, limit = np.linalg.eigvalsh(data.hessian), sgd_moments.descent_limit(data)
    return {
        "largest_curvature": float(curvatures[-1]),
        "descent_limit": limit,
        "descent_limit_found": found[-1],
        "certain_limit": sgd_moments.certain_limit(data),
        "batch_sizes": list(batch_sizes),
        "limits_found": found,
        "limits_mean_square": [sgd_moments.mean_square_limit(moments, m) for m in batch_sizes],
        "shares_of_limit": list(SHARES),
        "step_factors": [float(np.max(np.abs(1 - share * limit * curvatures))) for share in SHARES],
        "step_factors_found": [step_factor(data, share * limit, seed) for share in SHARES],
    }


def step_factor(data: Regression, learning_rate: float, seed: int) -> float:
    """Return the factor by which a late step of full-batch descent changes the size of an error."""
    n, rng = len(data.y), np.random.default_rng([seed, 5])
    orders = np.tile(np.arange(n), (2 * LONG_ENOUGH, 1))
    return math.exp(growth(data, rng.standard_normal(data.optimum.size), orders, n, learning_rate))


def largest_rate(data: Regression, batch_size: int, rng: np.random.Generator) -> float:
    """Return, by halving, the learning rate at which one run's error neither grows nor shrinks in the long run."""
    n = len(data.y)
    orders = shuffled(n, max(LEAST_EPOCHS, math.ceil(LONG_ENOUGH * batch_size / n)), rng)
    first = rng.standard_normal(data.optimum.size)
    low, high = sgd_moments.certain_limit(data) / 2, 4 * sgd_moments.descent_limit(data)
    for _ in range(N_HALVINGS):
        middle = math.sqrt(low * high)
        if growth(data, first, orders, batch_size, middle) > 0:
            high = middle
        else:
            low = middle
    return math.sqrt(low * high)


def growth(data: Regression, error: Floats, orders: Orders, batch_size: int, learning_rate: float) -> float:
    """Return the mean logarithm of the factor by which an epoch of the later half enlarges an error (w, b).

    All targets are zero, so that the iterate is its own error: what a batch does to an error depends on its rows
    alone. The error is brought back to size one after each epoch.
    """
    from lrbench.regression.numba_jit import sgd_fit

    targets, w, b, total = np.zeros(len(data.y)), error[:-1].copy(), float(error[-1]), 0.0
    for epoch in range(len(orders)):
        w, b = sgd_fit(data.X, targets, w, b, orders[epoch : epoch + 1], batch_size, learning_rate, 0.0, 1)
        size = max(float(np.max(np.abs(w))), abs(b))
        if not math.isfinite(size):
            return math.inf
        if epoch >= len(orders) // 2:
            total += math.log(size)
        w, b = w / size, b / size
    return total / (len(orders) - len(orders) // 2)
