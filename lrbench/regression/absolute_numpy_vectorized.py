"""Least absolute deviations by whole-array operations of NumPy: subgradient SGD, and the exact minimiser."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

STRIDE = 8  # of the rows whose minimiser is the start for all: 4 to 16 take the same time within a tenth
ENOUGH_ROWS = 40  # for each unknown; of fewer the least-squares solution is the start
INDEPENDENT = 1e-3  # of a unit row, off the span of those chosen before
MAX_STEPS = 100  # for each unknown, where ten are usual
PROVEN = 1.0 + 1e-9  # of a multiplier: on the edge between two minimisers it is 1, up to rounding


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
    w = w.copy()
    sum_w, sum_b, n_updates = np.zeros_like(w), 0.0, 0
    for epoch, order in enumerate(orders):
        rate = learning_rate / (1 + decay * epoch)
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            rows = X.take(batch, axis=0)
            signs = np.sign(rows @ w + (b - y.take(batch)))
            step = rate / len(batch)
            w = w - step * (signs @ rows)
            b -= step * float(signs.sum())
            if epoch >= average_from:
                sum_w += w
                sum_b += b
                n_updates += 1
    if n_updates:
        return sum_w / n_updates, sum_b / n_updates
    return w, b


def vertex_descent(X: Floats, y: Floats) -> tuple[Floats, float]:
    """Return the (w, b) that minimise sum_i |w.x_i + b - y_i|, exactly but for the rounding of one small system.

    A minimiser passes through n_features + 1 samples. From one such vertex to the next: drop the sample whose
    multiplier is farthest beyond 1, and go along the edge that keeps all others as far as the sum falls, past any
    number of other samples, to the weighted median of where residuals change sign. No multiplier beyond 1 proves the
    minimum. The first vertex is the minimiser of every eighth row, found in the same way.

    X: (n_samples, n_features), of full rank with a column of ones, in any order of rows that is not periodic: else the
    start is bad, and the answer the same.   y: (n_samples,).
    Work: some ten steps an unknown, each of 6 n_samples n_features flops and a selection among n_samples.
    LinAlgError if the rows do not span the space, or so many samples lie on one plane that the descent goes in circles.
    Source: I. Barrodale and F. D. K. Roberts, "An improved algorithm for discrete l1 linear approximation" (1973).
    """
    A = np.column_stack((X, np.ones(len(y))))
    chosen = _descend(A, y)
    v = np.asarray(np.linalg.solve(A[chosen], y[chosen]), dtype=np.float64)
    return v[:-1], float(v[-1])


def _descend(A: Floats, y: Floats) -> Indices:
    """Return the rows through which the minimiser of |A v - y| passes."""
    n, size = A.shape
    chosen = STRIDE * _descend(A[::STRIDE].copy(), y[::STRIDE]) if n > STRIDE * ENOUGH_ROWS * size else _first(A, y)
    for _ in range(MAX_STEPS * size):
        inverse = np.linalg.inv(A[chosen])
        residual = A @ (inverse @ y[chosen]) - y
        residual[chosen] = 0.0
        multipliers = -(np.sign(residual) @ A) @ inverse
        worst = int(np.argmax(np.abs(multipliers)))
        slope = 1.0 - abs(multipliers[worst])
        if slope >= 1.0 - PROVEN:
            return chosen
        change = A @ (inverse[:, worst] * np.sign(multipliers[worst]))
        change[chosen] = 0.0
        chosen[worst] = _where_it_rises(residual, change, slope)
    message = "the descent goes in circles: too many samples lie on planes through others"
    raise np.linalg.LinAlgError(message)


def _first(A: Floats, y: Floats) -> Indices:
    """Return independent rows near which the least-squares solution passes."""
    residual = A @ np.linalg.lstsq(A, y, rcond=None)[0] - y
    chosen: list[int] = []
    span = np.zeros((0, A.shape[1]))
    for i in np.argsort(np.abs(residual)):
        row = A[i] / np.linalg.norm(A[i])
        row = row - (span @ row) @ span
        row = row - (span @ row) @ span  # twice is enough
        if np.linalg.norm(row) > INDEPENDENT:
            chosen.append(int(i))
            span = np.vstack((span, row / np.linalg.norm(row)))
        if len(chosen) == A.shape[1]:
            break
    return np.array(chosen)


def _where_it_rises(residual: Floats, change: Floats, slope: float) -> int:
    """Return the sample at whose change of sign the sum of |residual + t change|, of a slope below 0, turns to rise.

    Each change of sign adds 2 |change| to the slope. Few are passed, so that few need to be in order.
    """
    ahead = np.flatnonzero(residual * change < 0.0)
    times = -residual[ahead] / change[ahead]
    rises = 2.0 * np.abs(change[ahead])
    count = 64
    while True:
        near = np.argpartition(times, count)[:count] if count < len(times) else np.arange(len(times))
        near = near[np.argsort(times[near])]
        passed = int(np.searchsorted(np.cumsum(rises[near]), -slope))
        if passed < len(near) or count >= len(times):
            return int(ahead[near[min(passed, len(near) - 1)]])
        count *= 8
