"""initialisation_and_sampling's claims against plain NumPy loops, enumeration of draws, and SciPy."""

import numpy as np
import pytest
from scipy.linalg import eigh, lstsq

from lrbench.experiments import initialisation_and_sampling as experiment
from lrbench.experiments import sampling_runs, sgd_paths
from lrbench.experiments.findings import Setting
from lrbench.problems import houses, sgd_epoch
from lrbench.regression import numpy_vectorized

SEED = 2
N = experiment.QUICK_SAMPLES
WAYS = ("with_replacement", "shuffled_each_epoch", "shuffled_once", "shuffled_blocks", "as_stored")


@pytest.fixture(scope="module")
def numbers():
    return experiment.run(Setting(SEED, quick=True)).numbers


@pytest.fixture(scope="module")
def data():
    return houses.make_houses(f"{N}x{experiment.N_FEATURES}", SEED)


def with_ones(X):
    return np.column_stack([X, np.ones(len(X))])


def settled(data, draw, rate, *, epochs=30, runs=4):
    """The relative excess loss in the later epochs of another implementation's SGD, from the losses themselves."""
    X, y = data
    optimum = lstsq(with_ones(X), y)[0]
    least, found = numpy_vectorized.squared_loss(X, y, optimum[:-1], optimum[-1]), []
    for run in range(runs):
        rng = np.random.default_rng([77, run])
        w, b = np.zeros(X.shape[1]), 0.0
        for epoch in range(epochs):
            w, b = numpy_vectorized.sgd_epoch(X, y, w, b, draw(rng), sampling_runs.BATCH_SIZE, rate)
            if epoch >= 20:
                found.append(numpy_vectorized.squared_loss(X, y, w, b) / least - 1)
    return np.mean(found)


def test_with_replacement_it_settles_where_theory_says(numbers):
    for arrangement in ("shuffled", "sorted"):
        level = numbers[f"level_{arrangement}_with_replacement"]
        assert level == pytest.approx(numbers["level_theory_with_replacement"], rel=0.1)


def test_the_level_of_theory_is_half_the_rate_times_the_trace_over_the_batch_size_to_first_order(numbers, data):
    A = with_ones(data[0])
    residual = A @ lstsq(A, data[1])[0] - data[1]
    share = np.sum((A * residual[:, None]) ** 2) / np.sum(residual**2)  # the Hessian's trace, weighted by errors
    simple = numbers["learning_rate"] * share / (2 * sampling_runs.BATCH_SIZE)
    assert numbers["level_theory_with_replacement"] == pytest.approx(simple, rel=0.05)


def test_without_replacement_it_settles_lower_and_lowest_at_the_ends_of_epochs(numbers, data):
    level = numbers["level_shuffled_shuffled_each_epoch"]
    assert level < 0.4 * numbers["level_shuffled_with_replacement"]
    assert level < 0.8 * numbers["level_in_mid_epoch"]
    other = settled(data, lambda rng: rng.permutation(N), numbers["learning_rate"])
    assert level == pytest.approx(other, rel=0.35)


def test_one_order_for_all_epochs_keeps_its_luck(numbers):
    def spread(way):
        return numbers[f"level_high_shuffled_{way}"] / numbers[f"level_low_shuffled_{way}"]

    for way in ("shuffled_once", "as_stored"):
        assert spread(way) > 1.5 * spread("shuffled_each_epoch")
    assert numbers["level_high_sorted_as_stored"] < 1.1 * numbers["level_low_sorted_as_stored"]  # no luck: one order


def test_blocks_agree_with_random_order_on_shuffled_data_and_not_on_sorted(numbers, data):
    assert 0.6 < numbers["blocks_over_random_shuffled"] < 1.6
    assert numbers["blocks_over_random_sorted"] > 4
    assert numbers["level_sorted_as_stored"] > 2 * numbers["level_sorted_shuffled_blocks"]
    X, y = data
    rows = np.argsort(y)
    ordered = X[rows].copy(), y[rows]
    rate = numbers["learning_rate"]
    random = settled(ordered, lambda rng: rng.permutation(N), rate)
    blocks = settled(ordered, lambda rng: sgd_epoch.shuffled_blocks(rng.permutation(N)), rate)
    assert numbers["blocks_over_random_sorted"] == pytest.approx(blocks / random, rel=0.5)


def test_random_orders_do_not_notice_how_the_data_are_stored(numbers):
    for way in ("with_replacement", "shuffled_each_epoch"):
        shuffled, ordered = (numbers[f"level_{kind}_{way}"] for kind in ("shuffled", "sorted"))
        assert ordered == pytest.approx(shuffled, rel=0.35)


def test_all_ways_come_down_alike_before_they_settle(numbers):
    epoch = 3
    at = [numbers[f"median_shuffled_{way}"][epoch] for way in WAYS]
    assert max(at) < 1.1 * min(at)
    assert at[0] < 0.1 * numbers["median_shuffled_with_replacement"][0]


def test_the_start_decides_when_and_not_where_it_ends(numbers):
    levels, epochs = numbers["start_levels"], numbers["start_epochs"]
    assert levels == pytest.approx([levels[0]] * len(levels), rel=0.01)
    assert epochs[3] > 2 * max(epochs[:3])
    assert epochs[0] == epochs[1]
    hundredfold = np.log(100) / -np.log(numbers["forgetting_factor_theory"])
    assert epochs[3] - epochs[2] == pytest.approx(hundredfold, rel=0.4)


def test_from_zeros_another_implementation_takes_as_many_epochs(numbers, data):
    X, y = data
    optimum = lstsq(with_ones(X), y)[0]
    least = numpy_vectorized.squared_loss(X, y, optimum[:-1], optimum[-1])
    rng, w, b, epochs = np.random.default_rng(6), np.zeros(X.shape[1]), 0.0, 0
    while numpy_vectorized.squared_loss(X, y, w, b) > (1 + experiment.NEAR) * least:
        w, b = numpy_vectorized.sgd_epoch(
            X, y, w, b, rng.permutation(N), sampling_runs.BATCH_SIZE, numbers["learning_rate"]
        )
        epochs += 1
    assert numbers["start_deviations"][0] == 0
    assert numbers["start_epochs"][0] == pytest.approx(epochs, abs=1)


def test_a_difference_of_starts_is_forgotten_by_the_flattest_directions_factor(numbers, data):
    X, y = data
    A, rate = with_ones(X), numbers["learning_rate"]
    least = eigh(A.T @ A / N, eigvals_only=True)[0]
    expected = (1 - rate * least) ** (N / sampling_runs.BATCH_SIZE)
    assert numbers["least_curvature"] == pytest.approx(least, rel=1e-10)
    assert numbers["forgetting_factor_theory"] == pytest.approx(expected, rel=1e-10)
    assert numbers["forgetting_factor"] == pytest.approx(expected, rel=2e-3)
    rng, ends = np.random.default_rng(0), []
    one, two = np.zeros(A.shape[1]), np.ones(A.shape[1])
    for _ in range(50):
        order = rng.permutation(N)
        one, two = (
            np.append(*numpy_vectorized.sgd_epoch(X, y, v[:-1], v[-1], order, sampling_runs.BATCH_SIZE, rate))
            for v in (one, two)
        )
        ends.append(np.linalg.norm(two - one))
    assert (ends[49] / ends[39]) ** 0.1 == pytest.approx(numbers["forgetting_factor"], rel=2e-3)


def test_a_uniform_batchs_slope_errs_by_the_root_of_its_size_and_sorted_neighbours_err_together(numbers):
    sizes = np.array(numbers["batch_sizes"])
    theory = np.sqrt((N - sizes) / (sizes * (N - 1)))
    assert numbers["distance_theory"] == pytest.approx(theory, rel=1e-12)
    for name in ("uniform_sorted_data", "neighbours_shuffled_data"):
        assert numbers[f"distance_{name}"] == pytest.approx(theory, rel=0.25)
    assert numbers["distance_neighbours_sorted_data"][-1] > 1.7 * theory[-1]


def test_batch_distance_is_the_mean_over_all_batches_of_a_random_partition():
    rng = np.random.default_rng(4)
    data = sgd_paths.solve(rng.standard_normal((6, 2)), rng.standard_normal(6))
    A = with_ones(data.X)
    each = A * (A @ data.optimum - data.y)[:, None]
    squared = [sampling_runs.batch_distance(data, np.random.default_rng(k).permutation(6), 2) ** 2 for k in range(4000)]
    pairs = [np.sum(((each[i] + each[j]) / 2) ** 2) for i in range(6) for j in range(i)]
    assert np.mean(squared) == pytest.approx(np.mean(pairs), rel=0.02)


@pytest.mark.parametrize(("way", "draw"), sampling_runs.WAYS.items())
def test_every_way_draws_what_its_name_says(way, draw):
    n, rows = 1000, sgd_epoch.BLOCK_ROWS
    orders = draw(n, 3, np.random.default_rng(0))
    assert orders.shape == (3, n)
    whole = [sorted(order.tolist()) == list(range(n)) for order in orders]
    assert all(whole) == any(whole) == (way != "with replacement")
    assert (orders[0].tolist() == orders[1].tolist()) == (way in ("shuffled once", "as stored"))
    jumps = int((np.diff(orders[0]) != 1).sum())
    assert (jumps < n // rows + 1) == (way in ("shuffled blocks", "as stored"))
    if way == "with replacement":
        assert len(set(orders[0].tolist())) == pytest.approx(n * (1 - np.exp(-1)), rel=0.05)
