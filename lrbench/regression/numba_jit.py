"""Linear regression by loops that numba compiles: one pass over X, near the speed at which memory can be read.

Arithmetic: reassociated. Every function here is compiled with fastmath={"reassoc", "contract"} and no other flag: a
sum may be split over vector lanes and a product fused into an addition, as BLAS does.

How many rows are read at once is what tunes these loops. Four at once hide the latency of short dot products; but they
split one stream of memory into four, which the hardware prefetcher follows at a third of the speed once rows are long,
so wide rows in sequence are read one at a time. One and two features get loops along the samples, which vectorise
where a row cannot. Rows visited at random, as SGD's, have no stream to split: always four at once.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

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
def predict(X: Floats, w: Floats, b: float) -> Floats:
    """Return the predicted targets X w + b.

    X: (n_samples, n_features), C order.   w: (n_features,).   Result: (n_samples,).
    Work: 2 n_samples n_features flops, one pass over X.
    Source: Dive into Deep Learning, "Linear Regression", section "Linear Model".
    """
    n, d = X.shape
    predictions = np.empty(n)
    if d == 1:
        for i in range(n):
            predictions[i] = X[i, 0] * w[0] + b
    elif d == 2:  # noqa: PLR2004 - as many features as the loop below names
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
    return predictions


@compiled
def squared_loss(X: Floats, y: Floats, w: Floats, b: float) -> float:
    """Return the mean of half the squared residuals, (1/n) sum_i (w.x_i + b - y_i)^2 / 2.

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    Work: 2 n_samples n_features + 3 n_samples flops, one pass over X and y.
    Source: Dive into Deep Learning, "Linear Regression", section "Loss Function".
    """
    n, d = X.shape
    total = 0.0
    if d == 1:
        for i in range(n):
            total += (X[i, 0] * w[0] + (b - y[i])) ** 2
    elif d == 2:  # noqa: PLR2004 - as many features as the loop below names
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
    return total / (2 * n)


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
def gradient(X: Floats, y: Floats, w: Floats, b: float) -> tuple[Floats, float]:
    """Return the gradient of the mean half squared residual as (grad_w, grad_b).

    grad_w = (1/n) sum_i x_i (w.x_i + b - y_i),   grad_b = (1/n) sum_i (w.x_i + b - y_i)

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    Work: 4 n_samples n_features flops, one pass over X and y: a row is still in cache when its residual is known.
    Source: Dive into Deep Learning, "Linear Regression", section "Minibatch Stochastic Gradient Descent".
    """
    n, d = X.shape
    sum_w = np.zeros(d)
    if d == 1:
        sum_b = _sum_one_feature(X, y, w, b, sum_w)
    elif d == 2:  # noqa: PLR2004 - as many features as that loop names
        sum_b = _sum_two_features(X, y, w, b, sum_w)
    elif d < NARROW:
        whole = n - n % 4
        sum_b = _sum_four_rows(X, y, w, b, sum_w) + _sum_rows(X[whole:], y[whole:], w, b, sum_w)
    else:
        sum_b = _sum_rows(X, y, w, b, sum_w)
    return sum_w / n, sum_b / n


@compiled
def _residuals(X: Floats, y: Floats, w: Floats, b: float, batch: Indices, residual: Floats) -> None:
    """Write the residuals w.x_i + b - y_i of the rows that a batch names into the head of a buffer."""
    grouped = len(batch) - len(batch) % 4
    for k in range(0, grouped, 4):
        i_0, i_1, i_2, i_3 = batch[k], batch[k + 1], batch[k + 2], batch[k + 3]
        x_0, x_1, x_2, x_3 = X[i_0], X[i_1], X[i_2], X[i_3]
        r_0, r_1, r_2, r_3 = b - y[i_0], b - y[i_1], b - y[i_2], b - y[i_3]
        for j in range(len(w)):
            r_0 += x_0[j] * w[j]
            r_1 += x_1[j] * w[j]
            r_2 += x_2[j] * w[j]
            r_3 += x_3[j] * w[j]
        residual[k], residual[k + 1], residual[k + 2], residual[k + 3] = r_0, r_1, r_2, r_3
    for k in range(grouped, len(batch)):
        x = X[batch[k]]
        r = b - y[batch[k]]
        for j in range(len(w)):
            r += x[j] * w[j]
        residual[k] = r


@compiled
def _update(X: Floats, y: Floats, w: Floats, b: float, batch: Indices, learning_rate: float, residual: Floats) -> float:
    """Take one step on the rows of X that a batch names: change w in place and return the new b.

    residual: a buffer of at least len(batch).
    """
    _residuals(X, y, w, b, batch, residual)
    step = learning_rate / len(batch)
    grouped = len(batch) - len(batch) % 4
    for k in range(0, grouped, 4):
        x_0, x_1, x_2, x_3 = X[batch[k]], X[batch[k + 1]], X[batch[k + 2]], X[batch[k + 3]]
        s_0, s_1, s_2, s_3 = step * residual[k], step * residual[k + 1], step * residual[k + 2], step * residual[k + 3]
        for j in range(len(w)):
            w[j] -= s_0 * x_0[j] + s_1 * x_1[j] + s_2 * x_2[j] + s_3 * x_3[j]
        b -= s_0 + s_1 + s_2 + s_3
    for k in range(grouped, len(batch)):
        x = X[batch[k]]
        s = step * residual[k]
        for j in range(len(w)):
            w[j] -= s * x[j]
        b -= s
    return b


@compiled
def sgd_epoch(
    X: Floats, y: Floats, w: Floats, b: float, order: Indices, batch_size: int, learning_rate: float
) -> tuple[Floats, float]:
    """Return (w, b) after one update for each mini-batch, the consecutive slices of an order of samples.

    w <- w - (rate/m) sum_i x_i (w.x_i + b - y_i),   b <- b - (rate/m) sum_i (w.x_i + b - y_i)

    over the m samples of a batch; the last batch may be smaller, and averages over its own size. The source's
    written-out update of b loses the residual's `+ b`; here both updates share the whole residual.

    X: (n_samples, n_features), C order.   order: indices of rows, int64; an empty one changes nothing.
    Work: 4 len(order) n_features flops; each visited row is read once from memory, at random, and once from cache.
    Source: Dive into Deep Learning, "Linear Regression", section "Minibatch Stochastic Gradient Descent".
    """
    w = w.copy()
    residual = np.empty(min(batch_size, len(order)))
    for start in range(0, len(order), batch_size):
        b = _update(X, y, w, b, order[start : start + batch_size], learning_rate, residual)
    return w, b


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
    """Return (w, b) after one epoch of mini-batch SGD for each order of samples.

    Epoch k = 0, 1, ... learns at learning_rate / (1 + decay k). The result is the mean of the iterates
    after each update of the epochs from `average_from` on (Polyak and Ruppert); where that leaves none, the last one.

    X: (n_samples, n_features), C order.   orders: (n_epochs, n_visits), int64.
    Work: 4 n_features flops a visit.
    Source: Dive into Deep Learning, "Linear Regression" and "Stochastic Gradient Descent" (the decaying rate).
    """
    n_epochs, n_visits = orders.shape
    w = w.copy()
    residual = np.empty(min(batch_size, n_visits))
    sum_w, sum_b, n_updates = np.zeros_like(w), 0.0, 0
    for epoch in range(n_epochs):
        rate = learning_rate / (1 + decay * epoch)
        for start in range(0, n_visits, batch_size):
            b = _update(X, y, w, b, orders[epoch][start : start + batch_size], rate, residual)
            if epoch >= average_from:
                sum_w += w
                sum_b += b
                n_updates += 1
    if n_updates:
        return sum_w / n_updates, sum_b / n_updates
    return w, b


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
