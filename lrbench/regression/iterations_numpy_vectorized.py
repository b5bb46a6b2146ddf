"""Iterations on the normal equations A'A v = A'y, with A = [X 1] and v = (w, b), by whole-array operations of NumPy.

Plain descent reads X at every step. Here one pass makes A'A and A'y, after which a step costs n_features^2; or each
step goes along conjugate directions, of which n_features + 1 suffice but for rounding; or both. The Gram matrix squares
A's condition number: the rightmost digits that X would still give are lost to it. Conjugate gradients on X itself keep
them, at two passes a step.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def _normal_equations(X: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return A'A / n and A'y / n, in one product for each block of them."""
    n, d = X.shape
    ones = np.ones(n)
    gram = np.empty((d + 1, d + 1))
    gram[:d, :d] = X.T @ X
    gram[:d, d] = gram[d, :d] = ones @ X
    gram[d, d] = n
    return gram / n, np.append(y @ X, y @ ones) / n


def gram_descent(
    X: Floats, y: Floats, w: Floats, b: float, learning_rate: float, tolerance: float, max_iterations: int
) -> tuple[Floats, float, int, bool]:
    """Return (w, b, iterations, converged) of full-batch descent from (w, b), on the Gram matrix.

    v <- v - rate * (A'A v - A'y) / n: the steps of gradient_descent, and its stopping rule.

    X: (n_samples, n_features).   y: (n_samples,).   w: (n_features,).
    Work: n_samples n_features^2 flops of a symmetric product once, then 2 n_features^2 an iteration.
    Source: Dive into Deep Learning, "Linear Regression"; the products A'A and A'y taken out of the loop.
    """
    gram, target = _normal_equations(X, y)
    v = np.append(w, b)
    for iteration in range(max_iterations):
        gradient = gram @ v - target
        if math.sqrt(gradient @ gradient) <= tolerance:
            return v[:-1], float(v[-1]), iteration, True
        v -= learning_rate * gradient
    return v[:-1], float(v[-1]), max_iterations, False


def conjugate_gradients(
    X: Floats, y: Floats, w: Floats, b: float, tolerance: float, max_iterations: int
) -> tuple[Floats, float, int, bool]:
    """Return (w, b, iterations, converged) of conjugate gradients for least squares (CGLS) from (w, b).

    Stops before a step from a gradient A'(A v - y) / n of a norm of at most the tolerance.

    X: (n_samples, n_features).   y: (n_samples,).   w: (n_features,).
    Work: 4 n_samples n_features flops and two passes over X an iteration, and as much before the first.
    Source: A. Bjoerck, "Numerical Methods for Least Squares Problems" (1996), algorithm 7.4.1.
    """
    n = len(y)
    w = w.copy()
    residual = y - X @ w - b
    slope_w, slope_b = residual @ X, float(residual.sum())
    direction_w, direction_b = slope_w, slope_b
    square = float(slope_w @ slope_w) + slope_b * slope_b
    for iteration in range(max_iterations):
        if math.sqrt(square) / n <= tolerance:
            return w, b, iteration, True
        change = X @ direction_w
        change += direction_b
        step = square / float(change @ change)
        w += step * direction_w
        b += step * direction_b
        change *= step
        residual -= change
        slope_w, slope_b = residual @ X, float(residual.sum())
        previous, square = square, float(slope_w @ slope_w) + slope_b * slope_b
        direction_w = slope_w + (square / previous) * direction_w
        direction_b = slope_b + (square / previous) * direction_b
    return w, b, max_iterations, False


def gram_conjugate_gradients(
    X: Floats, y: Floats, w: Floats, b: float, tolerance: float, max_iterations: int
) -> tuple[Floats, float, int, bool]:
    """Return (w, b, iterations, converged) of conjugate gradients on the Gram matrix, from (w, b).

    The steps of conjugate_gradients, and its stopping rule.

    X: (n_samples, n_features).   y: (n_samples,).   w: (n_features,).
    Work: n_samples n_features^2 flops of a symmetric product once, then 2 n_features^2 an iteration.
    Source: Golub and Van Loan, "Matrix Computations", section 11.3.
    """
    gram, target = _normal_equations(X, y)
    v = np.append(w, b)
    slope = target - gram @ v
    direction, square = slope, float(slope @ slope)
    for iteration in range(max_iterations):
        if math.sqrt(square) <= tolerance:
            return v[:-1], float(v[-1]), iteration, True
        change = gram @ direction
        step = square / float(direction @ change)
        v += step * direction
        slope = slope - step * change
        previous, square = square, float(slope @ slope)
        direction = slope + (square / previous) * direction
    return v[:-1], float(v[-1]), max_iterations, False
