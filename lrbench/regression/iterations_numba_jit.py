"""Iterations on the normal equations A'A v = A'y, with A = [X 1] and v = (w, b), by loops that numba compiles.

Arithmetic: reassociated, as in numba_jit. Once A'A is there, a step's few hundred flops cost less than NumPy's calls.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PANEL = 128  # samples at a time: with ten features a panel takes 12 KB and stays in the first cache

compiled = njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})


@compiled
def _normal_equations(X: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return A'A / n and A'y / n, from one pass over X.

    Panels of samples are transposed, so that the innermost loop runs along samples and vectorises.
    """
    n, d = X.shape
    sums = np.zeros((d + 2, d + 1))
    panel = np.ones((d + 2, PANEL))
    for start in range(0, n, PANEL):
        length = min(PANEL, n - start)
        for k in range(length):
            for j in range(d):
                panel[j, k] = X[start + k, j]
            panel[d + 1, k] = y[start + k]
        for i in range(d + 2):
            for j in range(min(i, d) + 1):
                total = 0.0
                for k in range(length):
                    total += panel[i, k] * panel[j, k]
                sums[i, j] += total
    for i in range(d + 1):
        for j in range(i):
            sums[j, i] = sums[i, j]
    sums /= n
    return sums[: d + 1].copy(), sums[d + 1].copy()


@compiled
def _dot(u: Floats, v: Floats) -> float:
    total = 0.0
    for k in range(len(u)):
        total += u[k] * v[k]
    return total


@compiled
def _multiply(gram: Floats, v: Floats, product: Floats) -> None:
    """Write gram v into product."""
    for j in range(len(v)):
        product[j] = _dot(gram[j], v)


@compiled
def _start(w: Floats, b: float) -> Floats:
    """Return v = (w, b)."""
    v = np.empty(len(w) + 1)
    for j in range(len(w)):  # by a loop: a slice's text for its errors takes seconds to compile
        v[j] = w[j]
    v[-1] = b
    return v


@compiled
def gram_descent(
    X: Floats, y: Floats, w: Floats, b: float, learning_rate: float, tolerance: float, max_iterations: int
) -> tuple[Floats, float, int, bool]:
    """Return (w, b, iterations, converged) of full-batch descent from (w, b), on the Gram matrix.

    v <- v - rate * (A'A v - A'y) / n: the steps of gradient_descent, and its stopping rule.

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    Work: n_samples n_features^2 flops once, then 2 n_features^2 an iteration.
    Source: Dive into Deep Learning, "Linear Regression"; the products A'A and A'y taken out of the loop.
    """
    gram, target = _normal_equations(X, y)
    v = _start(w, b)
    gradient = np.empty_like(v)
    for iteration in range(max_iterations):
        _multiply(gram, v, gradient)
        gradient -= target
        if np.sqrt(_dot(gradient, gradient)) <= tolerance:
            return v[:-1], v[-1], iteration, True
        for j in range(len(v)):
            v[j] -= learning_rate * gradient[j]
    return v[:-1], v[-1], max_iterations, False


@compiled
def _ahead(X: Floats, direction: Floats, change: Floats) -> float:
    """Write A direction into change, and return the sum of its squares."""
    w, b = direction[:-1], direction[-1]
    square = 0.0
    for i in range(len(X)):
        total = _dot(X[i], w) + b
        change[i] = total
        square += total * total
    return square


@compiled
def _back(X: Floats, residual: Floats, step: float, change: Floats, slope: Floats) -> None:
    """Subtract step * change from the residual, and write A' residual into slope."""
    n, d = X.shape
    slope[:] = 0.0
    total = 0.0
    for i in range(n):
        x = X[i]
        r = residual[i] - step * change[i]
        residual[i] = r
        for j in range(d):
            slope[j] += r * x[j]
        total += r
    slope[d] = total


@compiled
def _turn(slope: Floats, ratio: float, direction: Floats) -> None:
    """Make the direction slope + ratio * direction."""
    for j in range(len(slope)):
        direction[j] = slope[j] + ratio * direction[j]


@compiled
def conjugate_gradients(
    X: Floats, y: Floats, w: Floats, b: float, tolerance: float, max_iterations: int
) -> tuple[Floats, float, int, bool]:
    """Return (w, b, iterations, converged) of conjugate gradients for least squares (CGLS) from (w, b).

    Stops before a step from a gradient A'(A v - y) / n of a norm of at most the tolerance.

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    Work: 4 n_samples n_features flops and two passes over X an iteration, and as much before the first.
    Source: A. Bjoerck, "Numerical Methods for Least Squares Problems" (1996), algorithm 7.4.1.
    """
    v = _start(w, b)
    residual, change = y.copy(), np.empty_like(y)
    slope, direction = np.empty_like(v), np.zeros_like(v)
    _ahead(X, v, change)
    _back(X, residual, 1.0, change, slope)
    square = _dot(slope, slope)
    _turn(slope, 0.0, direction)
    for iteration in range(max_iterations):
        if np.sqrt(square) / len(y) <= tolerance:
            return v[:-1], v[-1], iteration, True
        step = square / _ahead(X, direction, change)
        for j in range(len(v)):
            v[j] += step * direction[j]
        _back(X, residual, step, change, slope)
        previous, square = square, _dot(slope, slope)
        _turn(slope, square / previous, direction)
    return v[:-1], v[-1], max_iterations, False


@compiled
def gram_conjugate_gradients(
    X: Floats, y: Floats, w: Floats, b: float, tolerance: float, max_iterations: int
) -> tuple[Floats, float, int, bool]:
    """Return (w, b, iterations, converged) of conjugate gradients on the Gram matrix, from (w, b).

    The steps of conjugate_gradients, and its stopping rule.

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    Work: n_samples n_features^2 flops once, then 2 n_features^2 an iteration.
    Source: Golub and Van Loan, "Matrix Computations", section 11.3.
    """
    gram, slope = _normal_equations(X, y)
    v = _start(w, b)
    change = np.empty_like(v)
    _multiply(gram, v, change)
    slope -= change
    direction, square = slope.copy(), _dot(slope, slope)
    for iteration in range(max_iterations):
        if np.sqrt(square) <= tolerance:
            return v[:-1], v[-1], iteration, True
        _multiply(gram, direction, change)
        step = square / _dot(direction, change)
        for j in range(len(v)):
            v[j] += step * direction[j]
            slope[j] -= step * change[j]
        previous, square = square, _dot(slope, slope)
        _turn(slope, square / previous, direction)
    return v[:-1], v[-1], max_iterations, False
