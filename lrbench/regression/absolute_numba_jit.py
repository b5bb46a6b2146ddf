"""Least absolute deviations by loops that numba compiles. Arithmetic: reassociated, as in numba_jit."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

compiled = njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})


@compiled
def _update(X: Floats, y: Floats, w: Floats, b: float, batch: Indices, rate: float, slope: Floats) -> float:
    """Take one step on the rows of X that a batch names: change w in place and return the new b.

    slope: a buffer of n_features.
    """
    slope[:] = 0.0
    total = 0.0
    for i in batch:
        x, residual = X[i], b - y[i]
        for j in range(len(w)):
            residual += x[j] * w[j]
        sign = float(
            int(residual > 0.0) - int(residual < 0.0)
        )  # np.sign branches, and is mispredicted every other time
        for j in range(len(w)):
            slope[j] += sign * x[j]
        total += sign
    step = rate / len(batch)
    for j in range(len(w)):
        w[j] -= step * slope[j]
    return b - step * total


@compiled
def sgd_fit(
    X: Floats,
    y: Floats,
    w: Floats,
    b: float,
    orders: Indices,
    batch_size: int,
    learning_rate: float,
    decay: float,
    average_from: int,
) -> tuple[Floats, float]:
    """Return (w, b) after one epoch of mini-batch subgradient SGD for each order of samples.

    w <- w - (rate/m) sum_i x_i sign(w.x_i + b - y_i),   b <- b - (rate/m) sum_i sign(w.x_i + b - y_i)

    over the m samples of a batch; the sign of 0 is 0. Rates and averages as in the squared loss's sgd_fit.

    X: (n_samples, n_features), C order.   orders: (n_epochs, n_visits), int64.
    Work: 4 n_features flops a visit.
    Source: Dive into Deep Learning, "Linear Regression", exercise on the noise model exp(-|e|) / 2.
    """
    n_epochs, n_visits = orders.shape
    w, slope = w.copy(), np.empty_like(w)
    sum_w, sum_b, n_updates = np.zeros_like(w), 0.0, 0
    for epoch in range(n_epochs):
        rate = learning_rate / (1 + decay * epoch)
        for start in range(0, n_visits, batch_size):
            b = _update(X, y, w, b, orders[epoch][start : start + batch_size], rate, slope)
            if epoch >= average_from:
                sum_w += w
                sum_b += b
                n_updates += 1
    if n_updates:
        return sum_w / n_updates, sum_b / n_updates
    return w, b
