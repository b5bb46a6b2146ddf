"""SGD from many starts and over many orders of samples: what both do to the loss, epoch by epoch."""

import functools
import itertools
import random
import statistics
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lrbench.experiments.findings import Advance
from lrbench.experiments.sgd_paths import Floats, Orders, Regression, follow, reordered, shuffled
from lrbench.measure import clock
from lrbench.problems import houses, sgd_epoch

BATCH_SIZE = 10  # the document's
ROUNDS = 6  # of timings

Draw = Callable[[int, int, np.random.Generator], Orders]  # of so many samples, for so many epochs


def with_replacement(n_samples: int, n_epochs: int, rng: np.random.Generator) -> Orders:
    """Return n_samples draws an epoch, each uniform over all samples: some come twice or more, some not at all."""
    return rng.integers(0, n_samples, (n_epochs, n_samples))


def shuffled_once(n_samples: int, n_epochs: int, rng: np.random.Generator) -> Orders:
    """Return one random order, the same for each epoch."""
    return np.tile(rng.permutation(n_samples), (n_epochs, 1))


def blocks(n_samples: int, n_epochs: int, rng: np.random.Generator) -> Orders:
    """Return blocks of neighbouring samples in a new random order for each epoch, each read from end to end."""
    return np.stack([sgd_epoch.shuffled_blocks(order) for order in shuffled(n_samples, n_epochs, rng)])


def as_stored(n_samples: int, n_epochs: int, _rng: np.random.Generator) -> Orders:
    """Return the order in which the samples are stored, for each epoch."""
    return np.tile(np.arange(n_samples), (n_epochs, 1))


WAYS: Mapping[str, Draw] = {
    "with replacement": with_replacement,
    "shuffled each epoch": shuffled,
    "shuffled once": shuffled_once,
    "shuffled blocks": blocks,
    "as stored": as_stored,
}


def at_random(data: Regression, seed: int) -> Regression:
    """Return the samples stored in a random order of that seed's own."""
    return reordered(data, np.random.default_rng([seed, 12]).permutation(len(data.y)))


def by_target(data: Regression, _seed: int) -> Regression:
    """Return the samples stored from the lowest target to the highest."""
    return reordered(data, np.argsort(data.y))


STORED: Mapping[str, Callable[[Regression, int], Regression]] = {"shuffled": at_random, "sorted": by_target}


def over_orders(
    data: Regression, stored: str, draw: Draw, seeds: Sequence[int], n_epochs: int, learning_rate: float
) -> Floats:
    """Return the relative excess loss at the start and after each epoch, a line for each seed's start and orders."""
    return np.stack(
        [
            follow(
                STORED[stored](data, seed),
                houses.random_start(data.X.shape[1], seed),
                draw(len(data.y), n_epochs, np.random.default_rng([seed, 7])),
                batch_size=BATCH_SIZE,
                learning_rate=learning_rate,
            )
            for seed in seeds
        ]
    )


def over_starts(
    data: Regression, deviation: float, seeds: Sequence[int], n_epochs: int, learning_rate: float
) -> Floats:
    """Return the same from normal starts of a standard deviation, shuffled each epoch; a seed's direction is one."""
    paths = []
    for seed in seeds:
        rng = np.random.default_rng([seed, 8])
        start = deviation * rng.standard_normal(data.optimum.size)
        orders = shuffled(len(data.y), n_epochs, rng)
        begin = (start[:-1].copy(), float(start[-1]))
        paths.append(follow(data, begin, orders, batch_size=BATCH_SIZE, learning_rate=learning_rate))
    return np.stack(paths)


def half_epochs(data: Regression, seeds: Sequence[int], n_epochs: int, learning_rate: float) -> Floats:
    """Return the excess after each half epoch, shuffled each epoch: the middles of epochs in the odd columns."""

    def draw(n_samples: int, n_halves: int, rng: np.random.Generator) -> Orders:
        return shuffled(n_samples, n_halves // 2, rng).reshape(n_halves, -1)

    return over_orders(data, "shuffled", draw, seeds, 2 * n_epochs, learning_rate)


def batch_distance(data: Regression, order: np.ndarray[tuple[int], np.dtype[np.int64]], batch_size: int) -> float:
    """Return how far a batch's gradient is from the full one at the optimum: the root of the mean squared distance.

    order: all samples; those beyond the last whole batch are left out.
    """
    A = np.column_stack([data.X, np.ones(len(data.y))])
    each = A * (A @ data.optimum - data.y)[:, None]
    whole = len(order) // batch_size * batch_size
    means = each[order[:whole]].reshape(-1, batch_size, each.shape[1]).mean(axis=1)
    return float(np.sqrt(np.mean(np.sum((means - each.mean(axis=0)) ** 2, axis=1))))


def epoch_seconds(size: str, seed: int, learning_rate: float, advance: Advance) -> tuple[float, float]:
    """Return the median seconds of an epoch over houses in a uniform order, and over shuffled blocks."""
    from lrbench.regression.numba_jit import sgd_fit

    X, y = houses.make_houses(size, seed)
    w, b = houses.random_start(X.shape[1], seed)
    uniform = np.random.default_rng([seed, 9]).permutation(len(y))
    orders = uniform, sgd_epoch.shuffled_blocks(uniform)
    timed: tuple[list[float], list[float]] = ([], [])
    chance = random.Random(seed)  # noqa: S311  (an order of timings)
    for done, turn in enumerate(itertools.islice(clock.balanced_orders(len(orders), chance), ROUNDS)):
        advance(done / ROUNDS, "seconds of an epoch")
        for k in turn:
            order = orders[k][None]
            wall, _ = clock.quiet_epoch(
                functools.partial(sgd_fit, X, y, w, b, order, BATCH_SIZE, learning_rate, 0.0, 1), 1, call_s=0.0
            )
            timed[k].append(wall)
    return statistics.median(timed[0]), statistics.median(timed[1])
