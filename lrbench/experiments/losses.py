"""Four losses of a line's residuals, and their gradients: sums and means of squares, their root, absolute values.

e_i = w.x_i + b - y_i. All take X (n_samples, n_features), y (n_samples,), w (n_features,).
"""

import math
from dataclasses import dataclass

import numpy as np

from lrbench.experiments.houses import Floats
from lrbench.regression import numpy_vectorized
from lrbench.regression.numpy_vectorized import predict, squared_loss

LOSSES = ("sum", "mse", "rmse", "mae")


@dataclass(frozen=True, slots=True)
class Descent:
    """How far from the best line the steps on one loss are."""

    name: str  # one of LOSSES
    rate: float
    distances: Floats  # (steps + 1,): thousands of euros


def loss(name: str, X: Floats, y: Floats, w: Floats, b: float) -> float:
    """Return sum e_i^2, its mean, the mean's root, or the mean of |e_i|."""
    if name == "mae":
        return float(np.mean(np.abs(predict(X, w, b) - y)))
    mse = 2.0 * squared_loss(X, y, w, b)
    return {"sum": len(y) * mse, "mse": mse, "rmse": math.sqrt(mse)}[name]


def gradient(name: str, X: Floats, y: Floats, w: Floats, b: float) -> tuple[Floats, float]:
    """Return a loss's gradient by (w, b); where it has none, at a kink, zero for what has no direction there.

    sum: 2 sum_i x_i e_i.   mse: (2/n) sum_i x_i e_i.   rmse: that of mse over 2 rmse.   mae: (1/n) sum_i x_i sign(e_i).
    By b, the same with 1 for x_i.
    """
    if name == "mae":
        signs = np.sign(predict(X, w, b) - y)
        return signs @ X / len(y), float(signs.mean())
    grad_w, grad_b = numpy_vectorized.gradient(X, y, w, b)
    root = loss("rmse", X, y, w, b)
    factor = {"sum": 2.0 * len(y), "mse": 2.0, "rmse": 1.0 / root if root else 0.0}[name]
    return factor * grad_w, factor * grad_b


def nudged(name: str, X: Floats, y: Floats, w: Floats, b: float, nudge: float) -> Floats:
    """Return the gradient by (w, b) of a line with one feature, from central differences of the loss."""

    def at(slope: float, intercept: float) -> float:
        return loss(name, X, y, np.array([slope]), intercept)

    slope = float(w[0])
    by_slope = at(slope + nudge, b) - at(slope - nudge, b)
    by_intercept = at(slope, b + nudge) - at(slope, b - nudge)
    return np.array([by_slope, by_intercept]) / (2.0 * nudge)


def descend(name: str, X: Floats, y: Floats, w: Floats, b: float, rate: float, n_steps: int) -> Floats:
    """Return (n_steps + 1, n_features + 1): (w, b) before and after each step against the gradient."""
    path = np.empty((n_steps + 1, len(w) + 1))
    for k in range(n_steps + 1):
        path[k, :-1], path[k, -1] = w, b
        grad_w, grad_b = gradient(name, X, y, w, b)
        w, b = w - rate * grad_w, b - rate * grad_b
    return path
