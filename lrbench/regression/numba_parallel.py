"""Linear regression by the loops of numba_jit, each of numba's threads with its own part of the samples.

Arithmetic: reassociated, as in numba_jit. What a parallel loop costs besides its work is to wake the threads and to
wait for the last: microseconds, so that parallel loops pay from about a megabyte of X on.

How many threads there are is asked outside the compiled code, which numba would not keep otherwise.
"""

import numba
import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from lrbench.regression.numba_jit import predict_into, sum_gradient, sum_squares

Floats = NDArray[np.float64]

LINE = 8  # float64 in one cache line: threads that add to one line wait for each other

compiled = njit(cache=True, nogil=True, parallel=True, fastmath={"reassoc", "contract"})


@compiled
def _predict(X: Floats, w: Floats, b: float, threads: int) -> Floats:
    n = len(X)
    predictions = np.empty(n)
    for thread in prange(threads):
        start, end = thread * n // threads, (thread + 1) * n // threads
        predict_into(X[start:end], w, b, predictions[start:end])
    return predictions


def predict(X: Floats, w: Floats, b: float) -> Floats:
    """Return the predicted targets X w + b.

    X: (n_samples, n_features), C order.   w: (n_features,).   Result: (n_samples,).
    Work: 2 n_samples n_features flops, one pass over X.
    Source: Dive into Deep Learning, "Linear Regression", section "Linear Model".
    """
    return _predict(X, w, b, numba.get_num_threads())


@compiled
def _squared_loss(X: Floats, y: Floats, w: Floats, b: float, threads: int) -> float:
    n, total = len(y), 0.0
    for thread in prange(threads):
        start, end = thread * n // threads, (thread + 1) * n // threads
        total += sum_squares(X[start:end], y[start:end], w, b)
    return total / (2 * n)


def squared_loss(X: Floats, y: Floats, w: Floats, b: float) -> float:
    """Return the mean of half the squared residuals, (1/n) sum_i (w.x_i + b - y_i)^2 / 2.

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    Work: 2 n_samples n_features + 3 n_samples flops, one pass over X and y.
    Source: Dive into Deep Learning, "Linear Regression", section "Loss Function".
    """
    return _squared_loss(X, y, w, b, numba.get_num_threads())


@compiled
def _gradient(X: Floats, y: Floats, w: Floats, b: float, threads: int) -> tuple[Floats, float]:
    n, d = X.shape
    sum_w, sum_b = np.zeros((threads, d + LINE)), 0.0
    for thread in prange(threads):
        start, end = thread * n // threads, (thread + 1) * n // threads
        sum_b += sum_gradient(X[start:end], y[start:end], w, b, sum_w[thread, :d])
    return sum_w[:, :d].sum(axis=0) / n, sum_b / n


def gradient(X: Floats, y: Floats, w: Floats, b: float) -> tuple[Floats, float]:
    """Return the gradient of the mean half squared residual as (grad_w, grad_b).

    grad_w = (1/n) sum_i x_i (w.x_i + b - y_i),   grad_b = (1/n) sum_i (w.x_i + b - y_i)

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    Work: 4 n_samples n_features flops, one pass over X and y: a row is still in cache when its residual is known.
    Source: Dive into Deep Learning, "Linear Regression", section "Minibatch Stochastic Gradient Descent".
    """
    return _gradient(X, y, w, b, numba.get_num_threads())
