"""One epoch of mini-batch SGD over a given order of samples, with batches of 10 and of 256.

The order is drawn uniformly, or it is one of shuffled blocks: the same steps, on rows that lie beside each other.
"""

import math
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lrbench.problems import houses, peers
from lrbench.registry import Implementation, Inputs, Iteration, Problem, Reference, Work, dimensions

ORDER, BATCH_SIZE = 4, 5  # positions among the inputs
MINI_BATCHES, BLOCKS = "mini-batch SGD", "SGD over shuffled blocks"
BLOCK_ROWS = 256  # a run of 160 rows of 10 or 100 features costs 5 to 8 % more than one without end, 640 rows 1 to 4 %


def make_inputs(data: Inputs, seed: int, *, batch_size: int) -> Inputs:
    """Return (X, y, w, b, order, batch_size, learning_rate): a random start and a uniformly drawn order.

    Such an order assumes nothing of the data: each batch is a fair sample of them, however they are sorted.
    """
    X, y = data
    w, b = houses.random_start(X.shape[1], seed)
    order = np.random.default_rng([seed, 2]).permutation(len(X))
    return X, y, w, b, order, batch_size, houses.safe_learning_rate(X)


def shuffled_blocks(order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the order that takes blocks of rows as their first rows come in a given order, each from end to end.

    It assumes that neighbouring rows are no more alike than any others, as in shuffled data, where its epochs reduce
    the loss as fast as those of a uniform order. Over sorted data a block is no fair sample: the iterate runs after
    whichever block comes last.

    order: a permutation of all rows, from 0; the last block may be shorter.
    Cost of an epoch: a sequential read, and a jump for each block.
    """
    starts = order[order % BLOCK_ROWS == 0]
    rows: NDArray[np.int64] = (starts[:, None] + np.arange(BLOCK_ROWS)).ravel()
    return rows[rows < len(order)]


def reference(inputs: Inputs) -> Reference:
    """Return the iterate (w, b) after the epoch, scaled by the largest magnitude on the way.

    Tolerance: a step rounds sums over a batch of products with residuals of n_features + 2 terms; the learning
    rate lets no step enlarge earlier errors, so those of all the steps add up, as a sum does.
    """
    from lrbench.problems import exact

    X, y, w, b, order, batch_size, learning_rate = inputs
    w_pair, b_pair = exact.pair(w), exact.pair(b)
    _, _, largest = exact.sgd_epoch(X, y, w_pair, b_pair, order, batch_size, learning_rate)
    steps = count_steps(inputs)
    tolerance = iterate_tolerance(X.shape[1], batch_size, steps)
    scales = (np.full(X.shape[1], largest), np.array(largest))
    return Reference((w_pair[0], b_pair[0][0]), (w_pair[1], b_pair[1][0]), scales, tolerance)


def iterate_tolerance(n_features: int, batch_size: int, n_steps: int) -> float:
    """Return the error of an iterate after so many steps, relative to the largest magnitude on the way."""
    step = houses.sum_tolerance(n_features + 2) + houses.sum_tolerance(batch_size)
    return step * math.sqrt(n_steps)


def count_steps(inputs: Inputs) -> int:
    """Return the number of mini-batches in the order."""
    return -(-len(inputs[ORDER]) // inputs[BATCH_SIZE])


def shorten(inputs: Inputs, steps: int) -> Inputs:
    """Return the inputs of the first so many mini-batches alone."""
    order = inputs[ORDER][: steps * inputs[BATCH_SIZE]]
    return (*inputs[:ORDER], order, *inputs[BATCH_SIZE:])


def least_work(size: str) -> Work:
    """As for one gradient over all samples; X, y and the order read once."""
    n, d = dimensions(size)
    return Work(flops=4 * n * d, size_bytes=8 * (n * d + 2 * n))


def arguments(inputs: Inputs, _reference: Reference, algorithm: str) -> Inputs:
    """Return what an algorithm is passed: its own order, and batches of one where it knows no others."""
    if algorithm == BLOCKS:
        return (*inputs[:ORDER], shuffled_blocks(inputs[ORDER]), *inputs[ORDER + 1 :])
    if algorithm == peers.SINGLE_SAMPLES:
        return (*inputs[:BATCH_SIZE], 1, *inputs[BATCH_SIZE + 1 :])
    return inputs


def _over_blocks(implementation: Implementation) -> Implementation:
    """Return the same function as an implementation of the other algorithm, named by its backend's package."""
    backend = implementation.name.partition("_")[0]
    return replace(implementation, name=f"blocks_{backend}", algorithm=BLOCKS)


def _problem(
    name: str, batch_size: int, *, loop_ns: float, vector_ns: float, others: tuple[Implementation, ...]
) -> Problem:
    backends = houses.backends("sgd_epoch", MINI_BATCHES, loop_ns=loop_ns, vector_ns=vector_ns)
    return Problem(
        name=name,
        title=f"one epoch of mini-batch SGD, batches of {batch_size}",
        version="1",
        sizes=houses.PASS_SIZES,
        quick_size="1000x2",
        implementations=(*backends, *map(_over_blocks, backends), *others),
        baseline="numpy_vectorized",
        baselines={BLOCKS: "blocks_numpy"},
        make_data=houses.make_houses,
        make_inputs=partial(make_inputs, batch_size=batch_size),
        reference=reference,
        mirror_inputs=(-1.0, 2.0, -2.0, 2.0, 1.0, 1.0, 1.0),
        mirror_answers=(-2.0, 2.0),
        least_work=least_work,
        arguments=arguments,
        references={BLOCKS: reference, peers.SINGLE_SAMPLES: reference},
        iterations={
            MINI_BATCHES: Iteration("mini-batch", count_steps, shorten, reference),
            BLOCKS: Iteration("mini-batch", count_steps, shorten, reference),
            peers.SINGLE_SAMPLES: Iteration("sample", count_steps, shorten, reference),
        },
        takes_table=True,
    )


PROBLEM = _problem("sgd_epoch", 10, loop_ns=40, vector_ns=15, others=peers.SGD_EPOCH)
PROBLEM_256 = _problem("sgd_epoch_256", 256, loop_ns=30, vector_ns=1, others=peers.SGD_EPOCH_256)
