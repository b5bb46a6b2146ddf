"""Linear regression by loops that numba compiles: one pass over X, near the speed at which memory can be read.

Arithmetic: reassociated. Every function here is compiled with fastmath={"reassoc", "contract"} and no other flag: a
sum may be split over vector lanes and a product fused into an addition, as BLAS does.

How many rows are read at once is what tunes these loops. Four at once hide the latency of short dot products; but they
split one stream of memory into four, which the hardware prefetcher follows at a third of the speed once rows are long,
so wide rows in sequence are read one at a time. One and two features get loops along the samples, which vectorise
where a row cannot. SGD, whose rows come in any order, has a file of its own.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lrbench.regression.sgd_numba_jit import sgd_epoch, sgd_fit

__all__ = ["gradient", "gradient_descent", "predict", "sgd_epoch", "sgd_fit", "squared_loss"]

Floats = NDArray[np.float64]

NARROW = 16  # below, four rows at once are faster: gradient 1.4 times at 10 features, 0.8 at 30 (AVX-512, one thread)

compiled = njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})


@compiled
def _predict_rows(X: Floats, w: Floats, b: float, predictions: Floats) -> None:
    """Write X w + b into predictions; inside `predict` the compiler makes this loop 1.7 times slower."""
    for i in range(len(predictions)):
        x, prediction = X[i], b
        for j in range(len(w)):
            prediction += x[j] * w[j]
        predictions[i] = prediction


@compiled
def predict_into(X: Floats, w: Floats, b: float, predictions: Floats) -> None:
    """Write X w + b into predictions."""
    n, d = X.shape
    if d == 1:
        for i in range(n):
            predictions[i] = X[i, 0] * w[0] + b
    elif d == 2:  # noqa: PLR2004  (as many features as the loop below names)
        for i in range(n):
            predictions[i] = X[i, 0] * w[0] + X[i, 1] * w[1] + b
    else:
        grouped = n - n % 4 if d < NARROW else 0
        for i in range(0, grouped, 4):
            x_0, x_1, x_2, x_3 = X[i], X[i + 1], X[i + 2], X[i + 3]
            p_0 = p_1 = p_2 = p_3 = b
            for j in range(d):
                p_0 += x_0[j] * w[j]
                p_1 += x_1[j] * w[j]
                p_2 += x_2[j] * w[j]
                p_3 += x_3[j] * w[j]
            predictions[i], predictions[i + 1], predictions[i + 2], predictions[i + 3] = p_0, p_1, p_2, p_3
        _predict_rows(X[grouped:], w, b, predictions[grouped:])


@compiled
def predict(X: Floats, w: Floats, b: float) -> Floats:
    """Return the predicted targets X w + b.

    X: (n_samples, n_features), C order.   w: (n_features,).   Result: (n_samples,).
    Work: 2 n_samples n_features flops, one pass over X.
    Source: Dive into Deep Learning, "Linear Regression", section "Linear Model".
    """
    predictions = np.empty(len(X))
    predict_into(X, w, b, predictions)
    return predictions


@compiled
def sum_squares(X: Floats, y: Floats, w: Floats, b: float) -> float:
    """Return the sum of the squared residuals."""
    n, d = X.shape
    total = 0.0
    if d == 1:
        for i in range(n):
            total += (X[i, 0] * w[0] + (b - y[i])) ** 2
    elif d == 2:  # noqa: PLR2004  (as many features as the loop below names)
        for i in range(n):
            total += (X[i, 0] * w[0] + X[i, 1] * w[1] + (b - y[i])) ** 2
    else:
        grouped = n - n % 4 if d < NARROW else 0
        for i in range(0, grouped, 4):
            x_0, x_1, x_2, x_3 = X[i], X[i + 1], X[i + 2], X[i + 3]
            r_0, r_1, r_2, r_3 = b - y[i], b - y[i + 1], b - y[i + 2], b - y[i + 3]
            for j in range(d):
                r_0 += x_0[j] * w[j]
                r_1 += x_1[j] * w[j]
                r_2 += x_2[j] * w[j]
                r_3 += x_3[j] * w[j]
            total += r_0 * r_0 + r_1 * r_1 + r_2 * r_2 + r_3 * r_3
        for i in range(grouped, n):
            x, residual = X[i], b - y[i]
            for j in range(d):
                residual += x[j] * w[j]
            total += residual * residual
    return total


@compiled
def squared_loss(X: Floats, y: Floats, w: Floats, b: float) -> float:
    """Return the mean of half the squared residuals, (1/n) sum_i (w.x_i + b - y_i)^2 / 2.

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    Work: 2 n_samples n_features + 3 n_samples flops, one pass over X and y.
    Source: Dive into Deep Learning, "Linear Regression", section "Loss Function".
    """
    return sum_squares(X, y, w, b) / (2 * len(y))


@compiled
def _sum_one_feature(X: Floats, y: Floats, w: Floats, b: float, sum_w: Floats) -> float:
    """Add x_i r_i to sum_w for every sample of one feature, and return the sum of the residuals r_i."""
    x = X.reshape(-1)
    total_0 = total_b = 0.0
    for i in range(len(y)):
        residual = x[i] * w[0] + (b - y[i])
        total_0 += residual * x[i]
        total_b += residual
    sum_w[0] += total_0
    return total_b


@compiled
def _sum_two_features(X: Floats, y: Floats, w: Floats, b: float, sum_w: Floats) -> float:
    """Add x_i r_i to sum_w for every sample of two features, and return the sum of the residuals r_i."""
    x = X.reshape(-1)
    total_0 = total_1 = total_b = 0.0
    for i in range(len(y)):
        x_0, x_1 = x[2 * i], x[2 * i + 1]
        residual = x_0 * w[0] + x_1 * w[1] + (b - y[i])
        total_0 += residual * x_0
        total_1 += residual * x_1
        total_b += residual
    sum_w[0] += total_0
    sum_w[1] += total_1
    return total_b


@compiled
def _sum_four_rows(X: Floats, y: Floats, w: Floats, b: float, sum_w: Floats) -> float:
    """Add x_i r_i to sum_w for samples in whole groups of four, and return the sum of their residuals r_i."""
    d = X.shape[1]
    total_b = 0.0
    for group in range(len(y) // 4):
        i = 4 * group
        x_0, x_1, x_2, x_3 = X[i], X[i + 1], X[i + 2], X[i + 3]
        r_0, r_1, r_2, r_3 = b - y[i], b - y[i + 1], b - y[i + 2], b - y[i + 3]
        for j in range(d):
            r_0 += x_0[j] * w[j]
            r_1 += x_1[j] * w[j]
            r_2 += x_2[j] * w[j]
            r_3 += x_3[j] * w[j]
        for j in range(d):
            sum_w[j] += r_0 * x_0[j] + r_1 * x_1[j] + r_2 * x_2[j] + r_3 * x_3[j]
        total_b += r_0 + r_1 + r_2 + r_3
    return total_b


@compiled
def _sum_rows(X: Floats, y: Floats, w: Floats, b: float, sum_w: Floats) -> float:
    """Add x_i r_i to sum_w for every sample, and return the sum of the residuals r_i."""
    n, d = X.shape
    total_b = 0.0
    for i in range(n):
        x = X[i]
        residual = b - y[i]
        for j in range(d):
            residual += x[j] * w[j]
        for j in range(d):
            sum_w[j] += residual * x[j]
        total_b += residual
    return total_b


@compiled
def sum_gradient(X: Floats, y: Floats, w: Floats, b: float, sum_w: Floats) -> float:
    """Add x_i r_i to sum_w for every sample, and return the sum of the residuals r_i."""
    n, d = X.shape
    if d == 1:
        return _sum_one_feature(X, y, w, b, sum_w)
    if d == 2:  # noqa: PLR2004  (as many features as that loop names)
        return _sum_two_features(X, y, w, b, sum_w)
    whole = n - n % 4 if d < NARROW else 0
    return _sum_four_rows(X[:whole], y[:whole], w, b, sum_w) + _sum_rows(X[whole:], y[whole:], w, b, sum_w)


@compiled
def gradient(X: Floats, y: Floats, w: Floats, b: float) -> tuple[Floats, float]:
    """Return the gradient of the mean half squared residual as (grad_w, grad_b).

    grad_w = (1/n) sum_i x_i (w.x_i + b - y_i),   grad_b = (1/n) sum_i (w.x_i + b - y_i)

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    Work: 4 n_samples n_features flops, one pass over X and y: a row is still in cache when its residual is known.
    Source: Dive into Deep Learning, "Linear Regression", section "Minibatch Stochastic Gradient Descent".
    """
    sum_w = np.zeros(len(w))
    sum_b = sum_gradient(X, y, w, b, sum_w)
    return sum_w / len(y), sum_b / len(y)


@compiled
def gradient_descent(
    X: Floats, y: Floats, w: Floats, b: float, learning_rate: float, tolerance: float, max_iterations: int
) -> tuple[Floats, float, int, bool]:
    """Return (w, b, iterations, converged) of full-batch descent from (w, b).

    (w, b) <- (w, b) - rate * gradient, until the gradient's Euclidean norm is at most the tolerance before a step
    (converged is then true), or max_iterations steps are done (it is then false).

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    Work: 4 n_samples n_features flops and one pass over X an iteration.
    Source: Dive into Deep Learning, "Linear Regression", section "Minibatch Stochastic Gradient Descent".
    """
    w = w.copy()
    for iteration in range(max_iterations):
        grad_w, grad_b = gradient(X, y, w, b)
        norm_squared = grad_b * grad_b
        for grad_j in grad_w:
            norm_squared += grad_j * grad_j
        if np.sqrt(norm_squared) <= tolerance:
            return w, b, iteration, True
        for j in range(len(w)):
            w[j] -= learning_rate * grad_w[j]
        b -= learning_rate * grad_b
    return w, b, max_iterations, False
