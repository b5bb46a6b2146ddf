"""X w + b: the price of every house."""

import numpy as np

from lrbench.problems import houses
from lrbench.registry import Inputs, Problem, Reference, Work, dimensions


def make_inputs(data: Inputs, seed: int) -> Inputs:
    """Return (X, w, b) with random coefficients."""
    X, _ = data
    w, b = houses.random_start(X.shape[1], seed)
    return X, w, b


def reference(inputs: Inputs) -> Reference:
    """Return the predictions; tolerance: each is a sum of n_features + 1 terms."""
    from lrbench.problems import exact

    X, w, b = inputs
    high, low, scale = exact.residuals(X, np.zeros(len(X)), exact.pair(w), exact.pair(b))
    return Reference((high,), (low,), (scale,), houses.sum_tolerance(X.shape[1] + 1))


def least_work(size: str) -> Work:
    """Count a multiplication and an addition an element; X read once, the predictions written."""
    n, d = dimensions(size)
    return Work(flops=2 * n * d, size_bytes=8 * (n * d + n + d))


PROBLEM = Problem(
    name="predict",
    title="X w + b",
    version="1",
    sizes=houses.PASS_SIZES,
    quick_size="1000x2",
    implementations=(*houses.backends("predict", "prediction", loop_ns=20), houses.parallel("predict", "prediction")),
    baseline="numpy_vectorized",
    make_data=houses.make_houses,
    make_inputs=make_inputs,
    reference=reference,
    mirror_inputs=(-1.0, -2.0, 2.0),
    mirror_answers=(2.0,),
    least_work=least_work,
    takes_table=True,
)
