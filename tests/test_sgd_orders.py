"""What the order of an epoch's samples may be, and what it does to the loss."""

import numpy as np
import pytest

from lrbench.problems import houses, sgd_epoch
from lrbench.regression import numba_jit, sgd_numba_jit

N_SEEDS, N_EPOCHS = 6, 5


@pytest.mark.parametrize("n", [1, 10, sgd_epoch.BLOCK_ROWS, sgd_epoch.BLOCK_ROWS + 1, 5000])
def test_shuffled_blocks_visit_every_row_once_in_whole_runs(n):
    order = sgd_epoch.shuffled_blocks(np.random.default_rng(n).permutation(n))
    assert sorted(order.tolist()) == list(range(n))
    assert (np.diff(order) != 1).sum() < -(-n // sgd_epoch.BLOCK_ROWS)


def test_blocks_come_as_their_first_rows_do():
    rows = sgd_epoch.BLOCK_ROWS
    order = np.array([5, 2 * rows, 7, 0, rows, *range(1, 5)])
    filled = np.concatenate([order, np.setdiff1d(np.arange(3 * rows), order)])
    assert sgd_epoch.shuffled_blocks(filled)[::rows].tolist() == [2 * rows, 0, rows]


@pytest.mark.parametrize("batch_size", [1, 7, 10, 256, 10_000])
@pytest.mark.parametrize("d", [1, 2, 10, 31, 33, 100])
def test_asking_for_rows_ahead_changes_no_iterate(d, batch_size):
    # Enough rows to be asked for, of which too few are visited to fill a batch at the end.
    n = sgd_numba_jit.NEAR // d + 50
    rng = np.random.default_rng(d)
    X, y = rng.standard_normal((n, d)), rng.standard_normal(n)
    order = rng.integers(0, n, 1003)
    inputs = (X, y, *houses.random_start(d, 0), order, batch_size, houses.safe_learning_rate(X))
    assert X.size > sgd_numba_jit.NEAR
    reference = sgd_epoch.reference(inputs)
    for got, want, scale in zip(numba_jit.sgd_epoch(*inputs), reference.answers, reference.scales, strict=True):
        assert np.all(np.abs(got - want) <= reference.tolerance * scale)


def mean_excess(X, y, seed, order_of):
    """Return the loss above the least one, relative to it, in the mean over the ends of some epochs."""
    v = np.linalg.lstsq(np.column_stack([X, np.ones(len(y))]), y, rcond=None)[0]
    least = numba_jit.squared_loss(X, y, v[:-1].copy(), v[-1])
    w, b = houses.random_start(X.shape[1], seed)
    losses = []
    for epoch in range(N_EPOCHS):
        order = order_of(np.random.default_rng([seed, epoch]).permutation(len(y)))
        w, b = numba_jit.sgd_epoch(X, y, w, b, order, 10, houses.safe_learning_rate(X))
        losses.append(numba_jit.squared_loss(X, y, w, b))
    return np.mean(losses) / least - 1


@pytest.mark.parametrize("size", ["10000x2", "10000x10"])
def test_after_equal_epochs_blocks_agree_with_a_uniform_order_unless_the_data_are_sorted(size):
    # Excess losses here: about 0.003 and 0.009 at 2 and 10 features; over rows sorted by target, blocks have 0.1.
    excess = {}
    for seed in range(N_SEEDS):
        X, y = houses.make_houses(size, seed)
        by_target = np.argsort(y)
        for data, (rows, targets) in {"shuffled": (X, y), "sorted": (X[by_target], y[by_target])}.items():
            for order_of in (np.asarray, sgd_epoch.shuffled_blocks):
                key = data, order_of.__name__
                excess[key] = excess.get(key, 0.0) + mean_excess(rows, targets, seed, order_of) / N_SEEDS
    assert 0.5 < excess["shuffled", "shuffled_blocks"] / excess["shuffled", "asarray"] < 2
    assert 0.5 < excess["sorted", "asarray"] / excess["shuffled", "asarray"] < 2
    assert excess["sorted", "shuffled_blocks"] > 5 * excess["sorted", "asarray"]
