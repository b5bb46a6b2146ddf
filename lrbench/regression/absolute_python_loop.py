"""Least absolute deviations by explicit loops over lists of floats: the readable reference."""

Row = list[float]


def _subgradient(X: list[Row], y: Row, w: Row, b: float) -> tuple[Row, float]:
    """Return (1/n) sum_i x_i sign(w.x_i + b - y_i), and the same sum without x_i."""
    features = range(len(w))
    sum_w, sum_b = [0.0] * len(w), 0.0
    for x, target in zip(X, y, strict=True):
        residual = b - target
        for j in features:
            residual += x[j] * w[j]
        sign = float((residual > 0) - (residual < 0))
        for j in features:
            sum_w[j] += sign * x[j]
        sum_b += sign
    return [total / len(y) for total in sum_w], sum_b / len(y)


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
    """Return (w, b) after one epoch of mini-batch subgradient SGD for each order of samples.

    w <- w - (rate/m) sum_i x_i sign(w.x_i + b - y_i),   b <- b - (rate/m) sum_i sign(w.x_i + b - y_i)

    over the m samples of a batch; the sign of 0 is 0. Rates and averages as in the squared loss's sgd_fit.

    X: n_samples rows of n_features floats.   orders: n_epochs lists of indices of rows.
    Work: 4 n_features flops a visit.
    Source: Dive into Deep Learning, "Linear Regression", exercise on the noise model exp(-|e|) / 2.
    """
    sum_w, sum_b, n_updates = [0.0] * len(w), 0.0, 0
    for epoch, order in enumerate(orders):
        rate = learning_rate / (1 + decay * epoch)
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            slope_w, slope_b = _subgradient([X[i] for i in batch], [y[i] for i in batch], w, b)
            w = [w_j - rate * slope_j for w_j, slope_j in zip(w, slope_w, strict=True)]
            b -= rate * slope_b
            if epoch >= average_from:
                sum_w = [total + w_j for total, w_j in zip(sum_w, w, strict=True)]
                sum_b += b
                n_updates += 1
    if n_updates:
        return [total / n_updates for total in sum_w], sum_b / n_updates
    return list(w), b
