"""Linear regression by explicit loops over lists of floats: the readable reference.

Here X is a list of rows, and y, w and an order of samples are lists. The innermost loops run over an index: at one or
two features, setting up a zip costs more than the products do.
"""

import math
from typing import Any

import numpy as np

Row = list[float]


def as_lists(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the arguments with every array turned into nested lists of Python numbers; the rest as they are."""
    return tuple(value.tolist() if isinstance(value, np.ndarray) else value for value in arguments)


def predict(X: list[Row], w: Row, b: float) -> Row:
    """Return the predicted target of every row of X, w.x_i + b.

    X: n_samples rows of n_features floats.   w: n_features floats.
    Work: 2 n_samples n_features flops, one pass over X.
    Source: Dive into Deep Learning, "Linear Regression", section "Linear Model".
    """
    features = range(len(w))
    predictions = []
    for x in X:
        prediction = b
        for j in features:
            prediction += x[j] * w[j]
        predictions.append(prediction)
    return predictions


def squared_loss(X: list[Row], y: Row, w: Row, b: float) -> float:
    """Return the mean of half the squared residuals, (1/n) sum_i (w.x_i + b - y_i)^2 / 2.

    X: n_samples rows of n_features floats.   y: n_samples floats.   w: n_features floats.
    Work: 2 n_samples n_features + 3 n_samples flops, one pass over X.
    Source: Dive into Deep Learning, "Linear Regression", section "Loss Function".
    """
    features = range(len(w))
    total = 0.0
    for x, target in zip(X, y, strict=True):
        residual = b - target
        for j in features:
            residual += x[j] * w[j]
        total += residual * residual / 2
    return total / len(y)


def gradient(X: list[Row], y: Row, w: Row, b: float) -> tuple[Row, float]:
    """Return the gradient of the mean half squared residual as (grad_w, grad_b).

    grad_w = (1/n) sum_i x_i (w.x_i + b - y_i),   grad_b = (1/n) sum_i (w.x_i + b - y_i)

    X: n_samples rows of n_features floats.   y: n_samples floats.   w: n_features floats.
    Work: 4 n_samples n_features flops, one pass over X.
    Source: Dive into Deep Learning, "Linear Regression", section "Minibatch Stochastic Gradient Descent".
    """
    features = range(len(w))
    sum_w = [0.0] * len(w)
    sum_b = 0.0
    for x, target in zip(X, y, strict=True):
        residual = b - target
        for j in features:
            residual += x[j] * w[j]
        for j in features:
            sum_w[j] += residual * x[j]
        sum_b += residual
    return [total / len(y) for total in sum_w], sum_b / len(y)


def sgd_epoch(
    X: list[Row], y: Row, w: Row, b: float, order: list[int], batch_size: int, learning_rate: float
) -> tuple[Row, float]:
    """Return (w, b) after one update for each mini-batch, the consecutive slices of an order of samples.

    w <- w - (rate/m) sum_i x_i (w.x_i + b - y_i),   b <- b - (rate/m) sum_i (w.x_i + b - y_i)

    over the m samples of a batch; the last batch may be smaller, and averages over its own size. The source's
    written-out update of b loses the residual's `+ b`; here both updates share the whole residual.

    X: n_samples rows of n_features floats.   order: indices of rows; an empty one changes nothing.
    Work: 4 len(order) n_features flops, each visited row read once.
    Source: Dive into Deep Learning, "Linear Regression", section "Minibatch Stochastic Gradient Descent".
    """
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        grad_w, grad_b = gradient([X[i] for i in batch], [y[i] for i in batch], w, b)
        w = [w_j - learning_rate * grad_j for w_j, grad_j in zip(w, grad_w, strict=True)]
        b -= learning_rate * grad_b
    return list(w), b


def sgd_fit(
    X: list[Row],
    y: Row,
    w: Row,
    b: float,
    orders: list[list[int]],
    batch_size: int,
    learning_rate: float,
    decay: float,
    average_from: int,
) -> tuple[Row, float]:
    """Return (w, b) after one epoch of mini-batch SGD for each order of samples.

    Epoch k = 0, 1, ... learns at learning_rate / (1 + decay k). The result is the mean of the iterates
    after each update of the epochs from `average_from` on (Polyak and Ruppert); where that leaves none, the last one.

    X: n_samples rows of n_features floats.   orders: n_epochs lists of indices of rows.
    Work: 4 n_features flops a visit.
    Source: Dive into Deep Learning, "Linear Regression" and "Stochastic Gradient Descent" (the decaying rate).
    """
    sum_w, sum_b, n_updates = [0.0] * len(w), 0.0, 0
    for epoch, order in enumerate(orders):
        rate = learning_rate / (1 + decay * epoch)
        for start in range(0, len(order), batch_size):
            w, b = sgd_epoch(X, y, w, b, order[start : start + batch_size], batch_size, rate)
            if epoch >= average_from:
                sum_w = [total + w_j for total, w_j in zip(sum_w, w, strict=True)]
                sum_b += b
                n_updates += 1
    if n_updates:
        return [total / n_updates for total in sum_w], sum_b / n_updates
    return list(w), b


def gradient_descent(
    X: list[Row], y: Row, w: Row, b: float, learning_rate: float, tolerance: float, max_iterations: int
) -> tuple[Row, float, int, bool]:
    """Return (w, b, iterations, converged) of full-batch descent from (w, b).

    (w, b) <- (w, b) - rate * gradient, until the gradient's Euclidean norm is at most the tolerance before a step
    (converged is then true), or max_iterations steps are done (it is then false).

    X: n_samples rows of n_features floats.   y: n_samples floats.   w: n_features floats.
    Work: 4 n_samples n_features flops and one pass over X an iteration.
    Source: Dive into Deep Learning, "Linear Regression", section "Minibatch Stochastic Gradient Descent".
    """
    for iteration in range(max_iterations):
        grad_w, grad_b = gradient(X, y, w, b)
        norm_squared = grad_b * grad_b
        for grad_j in grad_w:
            norm_squared += grad_j * grad_j
        if math.sqrt(norm_squared) <= tolerance:
            return list(w), b, iteration, True
        w = [w_j - learning_rate * grad_j for w_j, grad_j in zip(w, grad_w, strict=True)]
        b -= learning_rate * grad_b
    return list(w), b, max_iterations, False
