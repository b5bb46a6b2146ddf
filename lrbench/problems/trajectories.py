"""How the loss of each algorithm of `fit` falls, step by step, followed whole and untimed.

The excess is that of the loss over the optimum's, relative to it. Being quadratic it needs no pass over the data:
with e the distance of an iterate from the optimum and H the Hessian it is e'He / 2 over the least loss. Full-batch
steps are taken on H as well, in float64; those of SGD are taken on the data, in double-double.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from lrbench.registry import Floats

MAX_EPOCHS = 400  # followed; half of them may be needed, since an epoch counts when as many again stay within
MAX_VISITS = 40_000_000  # of samples, all epochs together: 40 epochs of a million samples
MAX_ITERATIONS = 10_000
BATCH_SIZE = 10
_MARGIN = 1e-6  # relative, kept from a target: what rounding moves an answer by is far below

Excess = Callable[[Floats], float]  # of coefficients, the intercept last
Order = np.ndarray[tuple[int], np.dtype[np.int64]]


def hessian(X: Floats) -> Floats:
    """Return A'A / n for A = [X 1]."""
    A = np.column_stack([X, np.ones(len(X))])
    return np.asarray(A.T @ A / len(X))


def first_within(excess: Sequence[float], target: float, *, again: bool) -> int:
    """Return the first step, from 1, whose excess is within the target; 0 for none. excess[0] is the start's.

    again: whether all steps up to twice as many must be within it, too.
    """
    within = np.asarray(excess) <= target * (1.0 - _MARGIN)
    for step in range(1, len(within)):
        if again and 2 * step >= len(within):
            return 0
        if within[step] and (not again or within[step : 2 * step + 1].all()):
            return step
    return 0


def descent(H: Floats, error: Floats, rate: float, excess: Excess) -> Iterator[float]:
    """Yield the excess after 0, 1, 2, ... steps of full-batch descent that begins at a distance from the optimum."""
    for _ in range(MAX_ITERATIONS + 1):
        yield excess(error)
        error = error - rate * (H @ error)


def conjugate_gradients(H: Floats, error: Floats, excess: Excess) -> Iterator[float]:
    """Yield the excess after 0, 1, 2, ... steps of conjugate gradients that begin at a distance from the optimum."""
    slope = -H @ error
    direction, square = slope, slope @ slope
    for _ in range(MAX_ITERATIONS + 1):
        yield excess(error)
        if not square:
            return
        change = H @ direction
        step = square / (direction @ change)
        error, slope = error + step * direction, slope - step * change
        previous, square = square, slope @ slope
        direction = slope + (square / previous) * direction


def until(trajectory: Iterator[float], target: float) -> list[float]:
    """Return a trajectory up to its first excess within a target, or whole."""
    found = []
    for excess in trajectory:
        found.append(excess)
        if excess <= target * (1.0 - _MARGIN):
            break
    return found


def epoch_order(n_samples: int, seed: int, epoch: int) -> Order:
    """Return a uniformly drawn permutation of the samples, another for each epoch, counted from 0."""
    return np.random.default_rng([seed, 3, epoch]).permutation(n_samples)


def average_from(n_epochs: int) -> int:
    """Return the epoch, counted from 0, from which iterates are averaged: the later half forgets the start."""
    return n_epochs // 2


def max_epochs(n_samples: int) -> int:
    """Return how many epochs of so many samples are followed."""
    return max(2, min(MAX_EPOCHS, MAX_VISITS // n_samples))


def sgd(
    X: Floats, y: Floats, start: Floats, seed: int, *, learning_rate: float, decay: float, excess: Excess
) -> tuple[list[float], list[float]]:
    """Return the excess after each epoch of mini-batch SGD: of its last iterate, and of its averaged one.

    excess: of coefficients, not of their distance from the optimum.
    """
    from lrbench.problems import exact

    n, d = X.shape
    w_pair, b_pair, batches = exact.pair(start[:d]), exact.pair(start[d:]), -(-n // BATCH_SIZE)
    last, averaged, sums = [excess(start)], [excess(start)], [np.zeros(d + 1)]
    for epoch in range(max_epochs(n)):
        rate = learning_rate / (1 + decay * epoch)
        high, _, _ = exact.sgd_epoch(X, y, w_pair, b_pair, epoch_order(n, seed, epoch), BATCH_SIZE, rate)
        sums.append(sums[-1] + high)
        first = average_from(epoch + 1)
        last.append(excess(np.append(w_pair[0], b_pair[0])))
        averaged.append(excess((sums[-1] - sums[first]) / (batches * (epoch + 1 - first))))
    return last, averaged
