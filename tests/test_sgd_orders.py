"""What the order of an epoch's samples may be, and what it does to the loss."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from lrbench.problems import houses, sgd_epoch
from lrbench.regression import numba_jit, sgd_numba_jit, vectors

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
@pytest.mark.parametrize("d", [1, 2, 7, 8, 9, 10, 15, 16, 17, 33, 63, 64, 100])
@pytest.mark.parametrize("far", [True, False])
def test_epochs_are_right_for_every_length_of_row_and_batch(d, batch_size, far):
    check_epoch(d, batch_size, far=far)


def check_epoch(d, batch_size, *, far):
    # far: enough rows to be asked for, of which too few are visited to fill a batch at the end.
    n = sgd_numba_jit.SMALL // d + 50 if far else 40
    rng = np.random.default_rng(d)
    X, y = rng.standard_normal((n, d)), rng.standard_normal(n)
    order = rng.integers(0, n, 1003)
    inputs = (X, y, *houses.random_start(d, 0), order, batch_size, houses.safe_learning_rate(X))
    assert (X.size > sgd_numba_jit.SMALL) is far
    reference = sgd_epoch.reference(inputs)
    for got, want, scale in zip(numba_jit.sgd_epoch(*inputs), reference.answers, reference.scales, strict=True):
        assert np.all(np.abs(got - want) <= reference.tolerance * scale)


@pytest.mark.parametrize("far", [True, False])
@pytest.mark.parametrize("batch_size", [1, 10, 256])
def test_rows_to_come_do_not_matter(batch_size, far):
    # The last rows of an order are asked for again and again, and a row's last vector overlaps the one before.
    X = np.full((sgd_numba_jit.SMALL // 10 + 50 if far else 40, 10), np.nan)
    X[7] = np.arange(10.0)
    y = np.full(len(X), np.inf)
    y[7] = 1.0
    order = np.full(25, 7)
    w, b = numba_jit.sgd_epoch(X, y, np.zeros(10), 0.0, order, batch_size, 1e-3)
    assert np.isfinite(w).all()
    assert np.isfinite(b)


def test_rows_in_another_order_are_refused():
    X = np.asfortranarray(np.ones((5, 9)))
    with pytest.raises(numba.errors.TypingError, match="C order"):
        numba_jit.sgd_epoch(X, np.ones(5), np.zeros(9), 0.0, np.arange(5), 2, 0.1)


SHORT_VECTORS = """
from lrbench.regression import vectors
from test_sgd_orders import check_epoch
for d in (1, 3, 4, 5, 8, 10, 33, 66):
    for batch_size in (1, 10, 256):
        for far in (True, False):
            check_epoch(d, batch_size, far=far)
print(vectors.LANES)
"""


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the features taken away are x86's")
@pytest.mark.skipif(vectors.LANES == 4, reason="without AVX-512, the short vectors are this processor's own")
def test_epochs_are_right_on_a_processor_with_short_vectors(tmp_path):
    short = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "+avx2,+fma", "LRBENCH_CACHE": str(tmp_path)}
    paths = {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-c", SHORT_VECTORS]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | short | paths)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["4"]


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
