"""learning_rate_and_batch_size's claims against finite differences, enumeration of all batches, and SciPy."""

import itertools

import numpy as np
import pytest
from scipy.linalg import eigh, lstsq

from lrbench.experiments import learning_rate_and_batch_size as experiment
from lrbench.experiments import learning_rate_limits, sgd_moments, sgd_paths
from lrbench.experiments.findings import Setting
from lrbench.problems import houses
from lrbench.regression import numpy_vectorized

SEED = 1
N = experiment.QUICK_SAMPLES


@pytest.fixture(scope="module")
def numbers():
    return experiment.run(Setting(SEED, quick=True)).numbers


@pytest.fixture(scope="module")
def data():
    return houses.make_houses(f"{N}x{experiment.N_FEATURES}", SEED)


def loss(data, v):
    return numpy_vectorized.squared_loss(*data, v[:-1], v[-1])


def second_differences(data):
    """The loss's Hessian from its values alone; of a quadratic function they are exact up to rounding."""
    unit = np.eye(data[0].shape[1] + 1)
    at = {(i, j): loss(data, unit[i] + unit[j]) for i in range(len(unit)) for j in range(len(unit))}
    one, zero = [loss(data, e) for e in unit], loss(data, 0 * unit[0])
    return np.array([[at[i, j] - one[i] - one[j] + zero for j in range(len(unit))] for i in range(len(unit))])


def test_full_batch_descent_diverges_beyond_two_over_the_largest_eigenvalue_of_the_hessian(numbers, data):
    largest = eigh(second_differences(data), eigvals_only=True)[-1]
    assert numbers["largest_curvature"] == pytest.approx(largest, rel=1e-10)
    assert numbers["descent_limit"] == pytest.approx(2 / largest, rel=1e-10)
    assert numbers["descent_limit_found"] == pytest.approx(2 / largest, rel=1e-6)


def test_a_late_step_changes_the_error_by_the_factor_of_theory(numbers, data):
    curvatures = eigh(second_differences(data), eigvals_only=True)
    expected = [np.abs(1 - share * 2 / curvatures[-1] * curvatures).max() for share in numbers["shares_of_limit"]]
    assert numbers["step_factors"] == pytest.approx(expected, rel=1e-10)
    assert numbers["step_factors_found"] == pytest.approx(expected, rel=1e-10)
    assert [factor > 1 for factor in expected] == [share > 1 for share in numbers["shares_of_limit"]]


def test_small_batches_diverge_earlier_and_none_before_the_mean_square_does(numbers):
    found, theory = np.array(numbers["limits_found"]), np.array(numbers["limits_mean_square"])
    assert found[0] < 0.5 * numbers["descent_limit"]
    assert np.all(np.diff(theory) > 0)
    assert np.all(found > 0.99 * theory)
    assert theory[-1] == pytest.approx(numbers["descent_limit"], rel=1e-10)
    assert numbers["certain_limit"] < theory[0]


def test_up_to_the_certain_limit_no_row_enlarges_an_error(numbers, data):
    longest = max(float(x @ x) + 1 for x in data[0])
    assert abs(1 - numbers["certain_limit"] * longest) == pytest.approx(1, rel=1e-12)


def tiny(n=6, d=2):
    rng = np.random.default_rng(5)
    return sgd_paths.solve(rng.standard_normal((n, d)), rng.standard_normal(n))


def steps(data, rate, batches):
    """Each batch's step as e <- M e - rate g, and the map of the mean of e e' as a matrix."""
    A = np.column_stack([data.X, np.ones(len(data.y))])
    residual = A @ data.optimum - data.y
    rows_of = [list(rows) for rows in batches]
    maps = [np.eye(A.shape[1]) - rate * A[rows].T @ A[rows] / len(rows) for rows in rows_of]
    kicks = [A[rows].T @ residual[rows] / len(rows) for rows in rows_of]
    return maps, kicks, np.mean([np.kron(M, M) for M in maps], axis=0)


@pytest.mark.parametrize("batch_size", [1, 2, 4, 6])
def test_the_mean_square_limit_is_where_the_mean_over_all_batches_stops_shrinking(batch_size):
    data = tiny()
    limit = sgd_moments.mean_square_limit(sgd_moments.moments(data), batch_size)
    batches = list(itertools.combinations(range(len(data.y)), batch_size))
    for share, low, high in ((1.0, 1 - 1e-10, 1 + 1e-10), (0.98, 0, 1 - 1e-3), (1.02, 1 + 1e-3, np.inf)):
        _, _, square = steps(data, share * limit, batches)
        assert low < np.abs(np.linalg.eigvals(square)).max() < high


@pytest.mark.parametrize("batch_size", [1, 2, 3])
def test_the_floor_is_what_the_mean_over_all_batches_stands_still_at(batch_size):
    data = tiny()
    rate = 0.3 * sgd_moments.mean_square_limit(sgd_moments.moments(data), 1)
    _, kicks, square = steps(data, rate, itertools.product(range(len(data.y)), repeat=batch_size))
    noise = np.mean([np.kron(g, g) for g in kicks], axis=0)
    still = np.linalg.solve(np.eye(len(square)) - square, rate**2 * noise).reshape(data.hessian.shape)
    expected = np.trace(data.hessian @ still) / (2 * data.least_loss)
    assert sgd_moments.floor(sgd_moments.moments(data), batch_size, rate) == pytest.approx(expected, rel=1e-10)


def test_one_run_is_found_to_diverge_where_it_can_be_worked_out():
    # Rows (1, 1) and (-1, 1) are orthogonal: a step along one, 1 - 2 rate, leaves the other's error alone.
    X = np.tile([[1.0], [-1.0]], (32, 1))
    data = sgd_paths.solve(X, np.random.default_rng(0).standard_normal(64))
    rng = np.random.default_rng(1)
    assert learning_rate_limits.largest_rate(data, 1, rng) == pytest.approx(1, rel=1e-6)
    assert learning_rate_limits.largest_rate(data, 64, rng) == pytest.approx(2, rel=1e-6)
    assert sgd_moments.mean_square_limit(sgd_moments.moments(data), 1) == pytest.approx(1, rel=1e-12)


def first_to_stay(excess, target):
    """The first step from 1 on at which the target is met, and at all later ones up to twice as many."""
    inside = [value <= target for value in excess]
    return next((k for k in range(1, (len(excess) + 1) // 2) if all(inside[k : 2 * k + 1])), None)


def test_full_batches_need_the_steps_that_the_curvatures_say(numbers, data):
    X, y = data
    A = np.column_stack([X, np.ones(N)])
    optimum = lstsq(A, y)[0]
    curvatures, axes = eigh(second_differences(data))
    error = axes.T @ (np.append(*houses.random_start(X.shape[1], SEED)) - optimum)
    expected = []
    for rate in numbers["learning_rates"]:
        factors = (1 - rate * curvatures[:, None]) ** np.arange(2 * experiment.QUICK_EPOCHS + 1)
        with np.errstate(over="ignore"):
            excess = curvatures @ (error[:, None] * factors) ** 2 / (2 * loss(data, optimum))
        expected.append(first_to_stay(excess, experiment.TARGET))
    assert numbers[f"epochs_of_batch_{N}"] == expected
    reached = [k for k in expected if k]
    assert len(reached) > 1
    assert numbers["fewest_epochs"] == min(reached)


@pytest.mark.parametrize("target", ["", "rough_"])
def test_the_best_pair_arrives_by_another_implementation_too(numbers, data, target):
    X, y = data
    optimum = lstsq(np.column_stack([X, np.ones(N)]), y)[0]
    least, (w, b) = loss(data, optimum), houses.random_start(X.shape[1], SEED)
    orders = np.random.default_rng([SEED, 3])
    excess = []
    for _ in range(2 * numbers[f"{target}fewest_epochs"] + 1):
        excess.append(loss(data, np.append(w, b)) / least - 1)
        batch_size, rate = (numbers[f"{target}fewest_epochs_{what}"] for what in ("batch_size", "learning_rate"))
        w, b = numpy_vectorized.sgd_epoch(X, y, w, b, orders.permutation(N), batch_size, rate)
    limit = experiment.ROUGH if target else experiment.TARGET
    assert first_to_stay(excess, limit) == numbers[f"{target}fewest_epochs"]


def test_four_times_the_batch_takes_four_times_the_rate_at_equal_epochs(numbers):
    for target in ("", "rough_"):
        per_rate = [
            dict(zip(numbers["learning_rates"], numbers[f"{target}epochs_of_batch_{m}"], strict=True))
            for m in (1, 4, 16)
        ]
        pairs = [
            (small[rate], large.get(4 * rate))
            for small, large in itertools.pairwise(per_rate)
            for rate in numbers["learning_rates"]
            if small[rate] and small[rate] >= 20
        ]
        assert len(pairs) >= 2
        assert all(more == pytest.approx(few, rel=0.05) for few, more in pairs)


def test_cells_diverge_on_the_far_side_of_the_limit_and_nowhere_else(numbers):
    both = set()
    for m, found, mean_square in zip(
        numbers["batch_sizes"], numbers["limits_found"], numbers["limits_mean_square"], strict=True
    ):
        for rate, fate in zip(numbers["learning_rates"], numbers[f"fates_of_batch_{m}"], strict=True):
            if rate > 1.1 * found or rate < 0.95 * mean_square:
                assert (fate == "diverges") == (rate > found), (m, rate)
                both.add(fate)
    assert both == {"diverges", "falls", "hops"}


def test_at_the_best_fit_the_slope_by_b_vanishes_and_the_printed_one_does_not(numbers, data):
    best = lstsq(np.column_stack([data[0], np.ones(N)]), data[1])[0]
    step = 1e-3 * (np.arange(len(best)) == len(best) - 1)
    slope = (loss(data, best + step) - loss(data, best - step)) / 2e-3
    assert numbers["derivative_by_b"] == pytest.approx(slope, abs=1e-10)
    assert numbers["derivative_by_b_as_printed"] == pytest.approx(slope - best[-1], abs=1e-10)
    assert abs(best[-1]) > 1


def test_what_the_clock_calls_fastest_arrives(numbers):
    of_batch = numbers[f"epochs_of_batch_{numbers['batch_size_of_least_s']}"]
    assert of_batch[numbers["learning_rates"].index(numbers["learning_rate_of_least_s"])]
    assert numbers["least_s"] > 0


def test_the_intercept_belongs_to_the_hessian():
    rng = np.random.default_rng(2)
    data = sgd_paths.solve(1.0 + rng.standard_normal((40, 1)), rng.standard_normal(40))
    A = np.column_stack([data.X, np.ones(40)])
    expected = 2 / eigh(A.T @ A / 40, eigvals_only=True)[-1]
    assert sgd_moments.descent_limit(data) == pytest.approx(expected, rel=1e-12)
    assert learning_rate_limits.largest_rate(data, 40, rng) == pytest.approx(expected, rel=1e-6)
