"""Linear regression by whole-array operations of NumPy: the vectorised code that the textbooks teach."""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def predict(X: Floats, w: Floats, b: float) -> Floats:
    """Return the predicted targets X w + b.

    X: (n_samples, n_features), C order.   w: (n_features,).   Result: (n_samples,).
    Work: 2 n_samples n_features flops, one pass over X.
    Source: Dive into Deep Learning, "Linear Regression", section "Linear Model".
    """
    predictions: Floats = X @ w
    predictions += b
    return predictions


def squared_loss(X: Floats, y: Floats, w: Floats, b: float) -> float:
    """Return the mean of half the squared residuals, ||X w + b - y||^2 / (2 n).

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    Work: 2 n_samples n_features + 3 n_samples flops, one pass over X and a few over y.
    Source: Dive into Deep Learning, "Linear Regression", section "Loss Function".
    """
    residual = predict(X, w, b)
    residual -= y
    return float(residual @ residual) / (2 * len(y))


def gradient(X: Floats, y: Floats, w: Floats, b: float) -> tuple[Floats, float]:
    """Return the gradient of the mean half squared residual as (grad_w, grad_b).

    residual = X w + b - y,   grad_w = X' residual / n,   grad_b = mean of residual

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    Work: 4 n_samples n_features flops, two passes over X: one for each product.
    Source: Dive into Deep Learning, "Linear Regression", section "Minibatch Stochastic Gradient Descent".
    """
    residual = predict(X, w, b)
    residual -= y
    return residual @ X / len(y), float(residual.mean())


def _update(X: Floats, y: Floats, w: Floats, b: float, batch: Indices, learning_rate: float) -> tuple[Floats, float]:
    """Return (w, b) after one step on the rows of X that a batch names."""
    rows = X.take(batch, axis=0)
    residual = rows @ w
    residual += b - y.take(batch)
    step = learning_rate / len(batch)
    return w - step * (residual @ rows), b - step * float(residual.sum())


def sgd_epoch(
    X: Floats, y: Floats, w: Floats, b: float, order: Indices, batch_size: int, learning_rate: float
) -> tuple[Floats, float]:
    """Return (w, b) after one update for each mini-batch, the consecutive slices of an order of samples.

    w <- w - (rate/m) sum_i x_i (w.x_i + b - y_i),   b <- b - (rate/m) sum_i (w.x_i + b - y_i)

    over the m samples of a batch; the last batch may be smaller, and averages over its own size. The source's
    written-out update of b loses the residual's `+ b`; here both updates share the whole residual.

    X: (n_samples, n_features), C order.   order: indices of rows, int64; an empty one changes nothing.
    Work: 4 len(order) n_features flops; each visited row is copied into its batch, then read twice from cache.
    Source: Dive into Deep Learning, "Linear Regression", section "Minibatch Stochastic Gradient Descent".
    """
    w = w.copy()
    for start in range(0, len(order), batch_size):
        w, b = _update(X, y, w, b, order[start : start + batch_size], learning_rate)
    return w, b


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
    """Return (w, b) after one epoch of mini-batch SGD for each order of samples.

    Epoch k = 0, 1, ... learns at learning_rate / (1 + decay k). The result is the mean of the iterates
    after each update of the epochs from `average_from` on (Polyak and Ruppert); where that leaves none, the last one.

    X: (n_samples, n_features), C order.   orders: (n_epochs, n_visits), int64.
    Work: 4 n_features flops a visit.
    Source: Dive into Deep Learning, "Linear Regression" and "Stochastic Gradient Descent" (the decaying rate).
    """
    w = w.copy()
    sum_w, sum_b, n_updates = np.zeros_like(w), 0.0, 0
    for epoch, order in enumerate(orders):
        rate = learning_rate / (1 + decay * epoch)
        for start in range(0, len(order), batch_size):
            w, b = _update(X, y, w, b, order[start : start + batch_size], rate)
            if epoch >= average_from:
                sum_w += w
                sum_b += b
                n_updates += 1
    if n_updates:
        return sum_w / n_updates, sum_b / n_updates
    return w, b


def gradient_descent(
    X: Floats, y: Floats, w: Floats, b: float, learning_rate: float, tolerance: float, max_iterations: int
) -> tuple[Floats, float, int, bool]:
    """Return (w, b, iterations, converged) of full-batch descent from (w, b).

    (w, b) <- (w, b) - rate * gradient, until the gradient's Euclidean norm is at most the tolerance before a step
    (converged is then true), or max_iterations steps are done (it is then false).

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    Work: 4 n_samples n_features flops and two passes over X an iteration.
    Source: Dive into Deep Learning, "Linear Regression", section "Minibatch Stochastic Gradient Descent".
    """
    w = w.copy()
    for iteration in range(max_iterations):
        grad_w, grad_b = gradient(X, y, w, b)
        if math.sqrt(grad_w @ grad_w + grad_b * grad_b) <= tolerance:
            return w, b, iteration, True
        w -= learning_rate * grad_w
        b -= learning_rate * grad_b
    return w, b, max_iterations, False
