"""Iterations on the normal equations A'A v = A'y, with A = [X 1] and v = (w, b), by loops over lists of floats.

The readable reference for what iterations_numpy_vectorized and iterations_numba_jit compute.
"""

import math

Row = list[float]


def _dot(u: Row, v: Row) -> float:
    total = 0.0
    for k in range(len(u)):
        total += u[k] * v[k]
    return total


def _normal_equations(X: list[Row], y: Row) -> tuple[list[Row], Row]:
    """Return A'A / n and A'y / n, from one pass over the rows of A = [X 1]."""
    size = len(X[0]) + 1
    gram = [[0.0] * size for _ in range(size)]
    target = [0.0] * size
    for x, t in zip(X, y, strict=True):
        a = [*x, 1.0]
        for j in range(size):
            a_j, row = a[j], gram[j]
            for k in range(j + 1):
                row[k] += a_j * a[k]
            target[j] += a_j * t
    n = len(y)
    full = [[gram[max(j, k)][min(j, k)] / n for k in range(size)] for j in range(size)]
    return full, [total / n for total in target]


def gram_descent(
    X: list[Row], y: Row, w: Row, b: float, learning_rate: float, tolerance: float, max_iterations: int
) -> tuple[Row, float, int, bool]:
    """Return (w, b, iterations, converged) of full-batch descent from (w, b), on the Gram matrix.

    v <- v - rate * (A'A v - A'y) / n: the steps of gradient_descent, and its stopping rule.

    X: n_samples rows of n_features floats.   y: n_samples floats.   w: n_features floats.
    Work: n_samples n_features^2 flops once, then 2 n_features^2 an iteration.
    Source: Dive into Deep Learning, "Linear Regression"; the products A'A and A'y taken out of the loop.
    """
    gram, target = _normal_equations(X, y)
    v = [*w, b]
    for iteration in range(max_iterations):
        gradient = [_dot(row, v) - t for row, t in zip(gram, target, strict=True)]
        if math.sqrt(_dot(gradient, gradient)) <= tolerance:
            return v[:-1], v[-1], iteration, True
        v = [v_j - learning_rate * grad_j for v_j, grad_j in zip(v, gradient, strict=True)]
    return v[:-1], v[-1], max_iterations, False


def _slope(X: list[Row], residual: Row) -> Row:
    """Return A' residual."""
    total = [0.0] * (len(X[0]) + 1)
    features = range(len(X[0]))
    for x, r in zip(X, residual, strict=True):
        for j in features:
            total[j] += r * x[j]
        total[-1] += r
    return total


def conjugate_gradients(
    X: list[Row], y: Row, w: Row, b: float, tolerance: float, max_iterations: int
) -> tuple[Row, float, int, bool]:
    """Return (w, b, iterations, converged) of conjugate gradients for least squares (CGLS) from (w, b).

    Stops before a step from a gradient A'(A v - y) / n of a norm of at most the tolerance.

    X: n_samples rows of n_features floats.   y: n_samples floats.   w: n_features floats.
    Work: 4 n_samples n_features flops and two passes over X an iteration, and as much before the first.
    Source: A. Bjoerck, "Numerical Methods for Least Squares Problems" (1996), algorithm 7.4.1.
    """
    v = [*w, b]
    residual = [t - _dot(x, w) - b for x, t in zip(X, y, strict=True)]
    slope = _slope(X, residual)
    direction, square = slope, _dot(slope, slope)
    for iteration in range(max_iterations):
        if math.sqrt(square) / len(y) <= tolerance:
            return v[:-1], v[-1], iteration, True
        direction_w, direction_b = direction[:-1], direction[-1]
        change = [_dot(x, direction_w) + direction_b for x in X]
        step = square / _dot(change, change)
        v = [v_j + step * p_j for v_j, p_j in zip(v, direction, strict=True)]
        residual = [r - step * c for r, c in zip(residual, change, strict=True)]
        slope = _slope(X, residual)
        previous, square = square, _dot(slope, slope)
        direction = [s_j + square / previous * p_j for s_j, p_j in zip(slope, direction, strict=True)]
    return v[:-1], v[-1], max_iterations, False


def gram_conjugate_gradients(
    X: list[Row], y: Row, w: Row, b: float, tolerance: float, max_iterations: int
) -> tuple[Row, float, int, bool]:
    """Return (w, b, iterations, converged) of conjugate gradients on the Gram matrix, from (w, b).

    The steps of conjugate_gradients, and its stopping rule.

    X: n_samples rows of n_features floats.   y: n_samples floats.   w: n_features floats.
    Work: n_samples n_features^2 flops once, then 2 n_features^2 an iteration.
    Source: Golub and Van Loan, "Matrix Computations", section 11.3.
    """
    gram, target = _normal_equations(X, y)
    v = [*w, b]
    slope = [t - _dot(row, v) for row, t in zip(gram, target, strict=True)]
    direction, square = slope, _dot(slope, slope)
    for iteration in range(max_iterations):
        if math.sqrt(square) <= tolerance:
            return v[:-1], v[-1], iteration, True
        change = [_dot(row, direction) for row in gram]
        step = square / _dot(direction, change)
        v = [v_j + step * p_j for v_j, p_j in zip(v, direction, strict=True)]
        slope = [s_j - step * c_j for s_j, c_j in zip(slope, change, strict=True)]
        previous, square = square, _dot(slope, slope)
        direction = [s_j + square / previous * p_j for s_j, p_j in zip(slope, direction, strict=True)]
    return v[:-1], v[-1], max_iterations, False
