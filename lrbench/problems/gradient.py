"""The gradient of the squared loss by w and b."""

import numpy as np

from lrbench.problems import houses, peers
from lrbench.problems.squared_loss import make_inputs
from lrbench.registry import Inputs, Problem, Reference, Work, dimensions


def reference(inputs: Inputs) -> Reference:
    """Return (grad_w, grad_b), scaled by the magnitudes of their terms.

    Tolerance: each is a sum over the samples of products with residuals of n_features + 2 terms.
    """
    from lrbench.problems import exact

    X, y, w, b = inputs
    n, d = X.shape
    high, low, magnitude = exact.residuals(X, y, exact.pair(w), exact.pair(b))
    total_high, total_low, _ = exact.transposed_product(X, high, low)
    _, _, scale = exact.transposed_product(X, magnitude, np.zeros(n))
    high, low = exact.quotient((total_high, total_low), n)
    scale = np.maximum(scale / n, np.finfo(np.float64).tiny)
    tolerance = houses.sum_tolerance(d + 2) + houses.sum_tolerance(n)
    return Reference(
        (high[:d], np.array(high[d])), (low[:d], np.array(low[d])), (scale[:d], np.array(scale[d])), tolerance
    )


def least_work(size: str) -> Work:
    """X times w, then its transpose times the residuals; X and y read once, which takes a fused pass."""
    n, d = dimensions(size)
    return Work(flops=4 * n * d, size_bytes=8 * (n * d + n))


PROBLEM = Problem(
    name="gradient",
    title="gradient by w and b of the mean of (X w + b - y)² / 2",
    version="1",
    sizes=houses.PASS_SIZES,
    quick_size="1000x2",
    implementations=(
        *houses.backends("gradient", "gradient", loop_ns=22),
        houses.parallel("gradient", "gradient"),
        *peers.GRADIENT,
    ),
    baseline="numpy_vectorized",
    make_data=houses.make_houses,
    make_inputs=make_inputs,
    reference=reference,
    mirror_inputs=(-1.0, 2.0, -2.0, 2.0),
    mirror_answers=(-2.0, 2.0),
    least_work=least_work,
    takes_table=True,
)
