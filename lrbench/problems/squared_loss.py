"""The mean of half the squared residuals."""

import numpy as np

from lrbench.problems import houses
from lrbench.registry import Inputs, Problem, Reference, Work, dimensions


def make_inputs(data: Inputs, seed: int) -> Inputs:
    """Return (X, y, w, b) with random coefficients."""
    X, y = data
    return (X, y, *houses.random_start(X.shape[1], seed))


def reference(inputs: Inputs) -> Reference:
    """Return the loss, and as its scale the loss that the magnitudes of the terms would give.

    Tolerance: a residual is a sum of n_features + 2 terms, which its square doubles, and the loss a sum of
    n_samples squares.
    """
    from lrbench.problems import exact

    X, y, w, b = inputs
    n, d = X.shape
    high, low, magnitude = exact.residuals(X, y, exact.pair(w), exact.pair(b))
    loss, rest = exact.half_mean_square(high, low)
    scale = float(np.mean(magnitude * magnitude)) / 2.0
    tolerance = 2.0 * houses.sum_tolerance(d + 2) + houses.sum_tolerance(n)
    return Reference((np.array(loss),), (np.array(rest),), (np.array(scale),), tolerance)


def least_work(size: str) -> Work:
    """Prediction, then subtract, square and add a sample; X and y read once."""
    n, d = dimensions(size)
    return Work(flops=2 * n * d + 3 * n, size_bytes=8 * (n * d + n))


PROBLEM = Problem(
    name="squared_loss",
    title="mean of (X w + b - y)² / 2",
    version="1",
    sizes=houses.PASS_SIZES,
    quick_size="1000x2",
    implementations=(
        *houses.backends("squared_loss", "squared loss", loop_ns=20),
        houses.parallel("squared_loss", "squared loss"),
    ),
    baseline="numpy_vectorized",
    make_data=houses.make_houses,
    make_inputs=make_inputs,
    reference=reference,
    mirror_inputs=(-1.0, 2.0, -2.0, 2.0),
    mirror_answers=(4.0,),
    least_work=least_work,
    takes_table=True,
)
