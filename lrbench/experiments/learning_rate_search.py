"""A grid of learning rates and batch sizes: the epochs and the seconds that SGD needs to come near the optimum."""

import itertools
import math
import random
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from lrbench.experiments.findings import Advance, Number
from lrbench.experiments.sgd_paths import Floats, Orders, Regression, follow
from lrbench.measure import clock
from lrbench.problems import trajectories

ROUNDS = 5  # of timings: the median of five is kept
RISES = 0.25  # of the later epochs: a loss that hops rises in half of them, one that falls hardly ever

Start = tuple[Floats, float]  # w and b
Way = tuple[int, float, float]  # batch size, learning rate, target


@dataclass(frozen=True, slots=True)
class Cell:
    """SGD with one batch size and one constant learning rate."""

    batch_size: int
    learning_rate: float
    path: Floats  # relative excess loss at the start and after each epoch
    epochs: Mapping[float, int]  # to be within each target, and to stay there; 0 for never

    @property
    def fate(self) -> str:
        """Return whether the loss in the end "diverges", "hops" up and down or still "falls"."""
        if not self.path[-1] <= self.path[0]:
            return "diverges"
        rises = np.diff(self.path[len(self.path) // 2 :]) > 0
        return "hops" if np.mean(rises) > RISES else "falls"


def search(
    data: Regression,
    start: Start,
    orders: Orders,
    choices: Sequence[tuple[int, float]],
    targets: Sequence[float],
    advance: Advance,
) -> list[Cell]:
    """Return a cell for each choice of batch size and learning rate, all from one start over the same orders.

    orders: twice as many epochs as may be needed, since an epoch counts when as many again stay within a target.
    """
    cells = []
    for k, (batch_size, rate) in enumerate(choices):
        advance(k / len(choices), f"batches of {batch_size} at the learning rate {rate:.2g}")
        path = follow(data, start, orders, batch_size=batch_size, learning_rate=rate)
        epochs = {target: trajectories.first_within(path.tolist(), target, again=True) for target in targets}
        cells.append(Cell(batch_size, rate, path, epochs))
    return cells


def fewest(cells: Iterable[Cell], target: float) -> Cell:
    """Return the cell that needs the fewest epochs, of those the one with the largest batches.

    Errors: ValueError if none comes to the target.
    """
    arriving = (cell for cell in cells if cell.epochs[target])
    return min(arriving, key=lambda cell: (cell.epochs[target], -cell.batch_size, cell.learning_rate))


def of_each_size(cells: Sequence[Cell], target: float) -> dict[int, Cell]:
    """Return, by batch size, the cell that needs the fewest epochs; a size that never comes to the target is absent."""
    sizes = dict.fromkeys(cell.batch_size for cell in cells if cell.epochs[target])
    return {m: fewest((cell for cell in cells if cell.batch_size == m), target) for m in sizes}


def numbers(cells: Sequence[Cell], target: float, prefix: str) -> dict[str, Number | Sequence[Number]]:
    """Return the epochs to a target of every cell, and the pairs that need the fewest."""
    best, each = fewest(cells, target), of_each_size(cells, target)
    sizes = list(dict.fromkeys(cell.batch_size for cell in cells))
    return {
        f"{prefix}fewest_epochs": best.epochs[target],
        f"{prefix}fewest_epochs_batch_size": best.batch_size,
        f"{prefix}fewest_epochs_learning_rate": best.learning_rate,
        f"{prefix}best_learning_rates": [each[m].learning_rate if m in each else None for m in sizes],
        f"{prefix}best_epochs": [each[m].epochs[target] if m in each else None for m in sizes],
        **{
            f"{prefix}epochs_of_batch_{m}": [cell.epochs[target] or None for cell in cells if cell.batch_size == m]
            for m in sizes
        },
    }


def seconds(
    data: Regression, start: Start, orders: Orders, ways: Mapping[Way, int], seed: int, advance: Advance
) -> dict[Way, float]:
    """Return the median seconds of each way's epochs, timed in rounds of balanced order."""
    from lrbench.regression.numba_jit import sgd_fit

    def call(way: Way) -> Callable[[], object]:
        batch_size, rate, _ = way
        chosen = orders[: ways[way]]
        return partial(sgd_fit, data.X, data.y, *start, chosen, batch_size, rate, 0.0, len(chosen))

    calls = [call(way) for way in ways]
    once = [clock.time_epoch(each, 1)[0] for each in calls]
    timed: list[list[float]] = [[] for _ in calls]
    chance = random.Random(seed)  # noqa: S311  (an order of timings)
    for done, order in enumerate(itertools.islice(clock.balanced_orders(len(calls), chance), ROUNDS)):
        advance(done / ROUNDS, "seconds of those that arrive")
        for k in order:
            number = math.ceil(clock.EPOCH_S / once[k])
            timed[k].append(clock.quiet_epoch(calls[k], number, call_s=once[k])[0] / number)
    return {way: statistics.median(each) for way, each in zip(ways, timed, strict=True)}
