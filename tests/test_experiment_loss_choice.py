"""loss_choice's claims against losses written anew, SciPy's finite differences, optimisers and linear programming."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime, linprog, minimize

from lrbench.experiments import houses, loss_choice, losses
from lrbench.experiments.findings import Setting

LOSSES = {
    "sum": lambda e: np.sum(e**2),
    "mse": lambda e: np.mean(e**2),
    "rmse": lambda e: np.sqrt(np.mean(e**2)),
    "mae": lambda e: np.mean(np.abs(e)),
}
N = loss_choice.N_SAMPLES


@pytest.fixture(scope="module", params=[0, 1, 2])
def found(request):
    X, y = houses.make(request.param, N)
    area = X[:, 0]
    A = np.column_stack(((area - area.mean()) / area.std(), np.ones(N)))
    return A, y / 100, loss_choice.run(Setting(request.param, quick=True)).numbers


def least_absolute(A, y):
    """Return the minimiser of sum |A v - y| by linear programming: sum of t with -t <= A v - y <= t."""
    n, d = A.shape
    rows = np.block([[A, -np.eye(n)], [-A, -np.eye(n)]])
    cost = np.concatenate((np.zeros(d), np.ones(n)))
    bounds = [(None, None)] * d + [(0, None)] * n
    return linprog(cost, A_ub=rows, b_ub=np.concatenate((y, -y)), bounds=bounds).x[:d]


@pytest.mark.parametrize("name", LOSSES)
def test_losses_and_gradients_agree_with_finite_differences(found, name):
    A, y, numbers = found
    place = np.array(numbers["place"])
    assert numbers[f"{name}_loss"] == pytest.approx(LOSSES[name](A @ place - y), rel=1e-12)
    slopes = approx_fprime(place, lambda v: LOSSES[name](A @ v - y), 1e-7)
    assert numbers[f"{name}_gradient"] == pytest.approx(slopes, rel=1e-5)
    assert numbers[f"{name}_nudged"] == pytest.approx(slopes, rel=1e-5)


@pytest.mark.parametrize("slip", ["slope_for_area", "no_mean", "rmse_no_mean", "no_sign", "no_root"])
def test_each_slip_of_the_document_disagrees_with_finite_differences(found, slip):
    A, y, numbers = found
    place = np.array(numbers["place"])
    e, root = A @ place - y, LOSSES["rmse"](A @ place - y)
    printed = {
        "slope_for_area": ("mse", [2 * sum(place[0] * each for each in e) / N, 2 * sum(e) / N]),
        "no_mean": ("mse", [2 * sum(A[:, 0] * e), 2 * sum(e)]),
        "rmse_no_mean": ("rmse", [sum(A[:, 0] * e) / np.sqrt(sum(e**2)), sum(e) / np.sqrt(sum(e**2))]),
        "no_sign": ("rmse", [sum(A[:, 0] * abs(e)) / (N * root), sum(abs(e)) / (N * root)]),
        "no_root": ("rmse", [sum(A[:, 0] * e) / N, sum(e) / N]),
    }
    name, wrong = printed[slip]
    slopes = approx_fprime(place, lambda v: LOSSES[name](A @ v - y), 1e-7)
    assert numbers[f"slip_{slip}"] == pytest.approx(wrong, rel=1e-9)
    assert np.max(np.abs(wrong - slopes) / np.abs(slopes)) > 0.05


def test_the_slope_in_place_of_the_area_stops_where_residuals_sum_to_zero(found):
    A, y, numbers = found
    w, b = numbers["slip_ends_at"]
    assert b == pytest.approx(y.mean(), rel=1e-9)
    e = A @ np.array([w, b]) - y
    assert abs(np.mean(A[:, 0] * e)) > 1
    assert abs(w - numbers["least_squares_line"][0]) > 1


def test_the_roots_gradient_is_the_means_over_twice_the_root(found):
    numbers = found[2]
    assert numbers["rmse_direction_cosine"] == pytest.approx(1.0, abs=1e-12)
    assert numbers["mse_over_rmse_gradient"] == pytest.approx([2 * numbers["rmse_loss"]] * 2, rel=1e-12)


def test_sum_mean_and_root_have_one_best_line(found):
    A, y, numbers = found
    for name in ("sum", "mse", "rmse"):
        best = minimize(lambda v, name=name: LOSSES[name](A @ v - y), [0.0, 0.0], tol=1e-10, method="Nelder-Mead").x
        assert numbers["least_squares_line"] == pytest.approx(best, rel=1e-4)
    assert numbers["smallest_rmse"] == pytest.approx(LOSSES["rmse"](A @ best - y), rel=1e-8)


def test_the_absolute_errors_best_line_is_linear_programmings(found):
    A, y, numbers = found
    best = least_absolute(A, y)
    there = LOSSES["mae"](A @ np.array(numbers["least_absolute_line"]) - y)
    assert there == pytest.approx(LOSSES["mae"](A @ best - y), rel=1e-9)
    assert numbers["houses_on_the_absolute_line"] >= 2


def test_without_noise_the_means_gradient_is_halved_and_the_others_stay(found):
    numbers = found[2]
    sizes = {name: np.array(numbers[f"exact_{name}_sizes"]) for name in ("mse", "rmse", "mae")}
    assert sizes["mse"][1:] == pytest.approx(sizes["mse"][:-1] / 2, rel=1e-9)
    assert sizes["rmse"] == pytest.approx(1.0, rel=1e-9)  # (w, b) at a distance of r has the RMSE r, for such areas
    assert sizes["mae"] == pytest.approx(1.0, rel=1e-9)  # every prediction is too low, and the mean area is zero


def test_with_noise_the_roots_gradient_shrinks_once_the_noise_is_what_is_left(found):
    numbers = found[2]
    sizes, distances = np.array(numbers["noisy_rmse_sizes"]), numbers["start_distance"] / 100 / 2.0 ** np.arange(11)
    assert sizes == pytest.approx(distances / np.sqrt(numbers["smallest_rmse"] ** 2 + distances**2), rel=1e-9)


def test_at_a_fixed_rate_the_mean_arrives_and_the_others_hop_at_a_distance_that_goes_with_the_rate(found):
    numbers = found[2]
    for kind in ("noisy", "exact"):
        assert numbers[f"{kind}_mse_farthest"] < 1e-10
        assert numbers[f"{kind}_mae_mean"] > 0.01
        assert 3 < numbers[f"{kind}_mae_mean"] / numbers[f"{kind}_mae_slow_mean"] < 30
    rate = numbers["rate"]
    assert numbers["exact_rmse_two_steps"] == pytest.approx([rate, rate / 10], rel=1e-9)
    assert numbers["exact_rmse_mean"] == pytest.approx(10 * numbers["exact_rmse_other_mean"], rel=1e-6)


def test_with_noise_the_root_arrives_below_twice_its_smallest_value_and_not_above(found):
    A, y, numbers = found
    limit = numbers["rmse_largest_rate"]
    assert limit == pytest.approx(2 * numbers["smallest_rmse"], rel=1e-12)
    assert numbers["noisy_rmse_farthest"] < 1e-10
    for share, arrives in ((0.95, True), (1.05, False)):
        path = losses.descend("rmse", A[:, :1], y, np.zeros(1), 0.0, share * limit, 500)
        assert (np.linalg.norm(path[-1] - numbers["least_squares_line"]) < 1e-6) == arrives
    assert numbers["noisy_rmse_other_mean"] == pytest.approx(numbers["rmse_expected_hop"], rel=1e-6)


def test_the_unit_of_money_matters_to_the_root_only(found):
    numbers = found[2]
    rate, steps = numbers["rate"], numbers["few_steps"]
    assert numbers["mse_shares_left"] == pytest.approx([(1 - 2 * rate) ** steps] * 2, rel=1e-6)
    assert numbers["rmse_shares_left"][0] < 0.1
    assert numbers["rmse_shares_left"][1] > 1 - rate * steps / numbers["start_distance"]  # steps of at most the rate


def test_the_largest_rate_of_the_mean_does_not_depend_on_n_and_that_of_the_sum_is_an_nth(found):
    numbers = found[2]
    counts = np.array(numbers["counts"])
    assert numbers["mse_limits"] == pytest.approx([1.0] * len(counts), rel=1e-6)  # 2 / curvature, which is 2
    assert numbers["sum_limits"] == pytest.approx(1.0 / counts, rel=1e-6)


def test_one_wrong_price_moves_the_squares_line_far_and_the_absolute_one_little(found):
    A, y, numbers = found
    spoilt = y.copy()
    spoilt[0] *= 10

    def move(fit):
        return 100 * np.linalg.norm(fit(A, spoilt) - fit(A, y))

    assert numbers["squares_move"] == pytest.approx(move(lambda A, y: np.linalg.lstsq(A, y, rcond=None)[0]), rel=1e-9)
    assert numbers["absolute_move"] == pytest.approx(move(least_absolute), rel=1e-6, abs=1e-6)
    assert numbers["absolute_move"] < numbers["squares_move"] / 2
