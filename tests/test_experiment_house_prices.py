"""house_prices' claims against SciPy's and scikit-learn's fits, and against descent's closed form."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import linregress
from sklearn.linear_model import LinearRegression

from lrbench.experiments import house_prices, house_prices_figures, houses
from lrbench.experiments.findings import Setting

N = house_prices.N_KNOWN


@pytest.fixture(scope="module", params=[0, 1, 2])
def found(request):
    X, y = houses.make(request.param, N + house_prices.N_NEW)
    return X, y, house_prices.run(Setting(request.param, quick=True))


def in_hundreds(X, y):
    """Return A = [area 1] and the prices, in the descent's units, of the known houses."""
    return np.column_stack((X[:N, 0] / 100, np.ones(N))), y[:N] / 100


def loss(A, y, v):
    return sum((row @ v - price) ** 2 for row, price in zip(A, y, strict=True)) / (2 * len(y))


def after(A, y, k, rate):
    """Return the pair after k steps from zero: v* - (I - rate H)^k v*, with v* the minimiser and H = A'A / n."""
    best = np.linalg.lstsq(A, y, rcond=None)[0]
    return best - np.linalg.matrix_power(np.eye(2) - rate * A.T @ A / len(y), k) @ best


def test_the_first_of_many_houses_are_those_of_few():
    (few, prices), (many, more) = houses.make(5, 7), houses.make(5, 20)
    assert (few == many[:7]).all()
    assert (prices == more[:7]).all()


def test_the_line_is_the_least_squares_line(found):
    X, y, findings = found
    fit = linregress(X[:N, 0], y[:N])
    assert findings.numbers["slope"] == pytest.approx(fit.slope, rel=1e-10)
    assert findings.numbers["intercept"] == pytest.approx(fit.intercept, rel=1e-9)
    assert abs(findings.numbers["residual_sum"]) < 1e-12 * y[:N].sum()
    assert abs(findings.numbers["area_residual_sum"]) < 1e-12 * X[:N, 0] @ y[:N]


def test_plane_and_hyperplane_are_the_least_squares_ones_and_miss_as_they_do(found):
    X, y, findings = found
    numbers = findings.numbers
    for k, (d, name) in enumerate(((1, None), (2, "plane"), (4, "hyperplane"))):
        model = LinearRegression().fit(X[:N, :d], y[:N])
        if name:
            assert numbers[name] == pytest.approx([*model.coef_, model.intercept_], rel=1e-9)
        misses = model.predict(X[:, :d]) - y
        assert numbers["rmse_known"][k] == pytest.approx(np.sqrt(np.mean(misses[:N] ** 2)), rel=1e-9)
        assert numbers["rmse_new"][k] == pytest.approx(np.sqrt(np.mean(misses[N:] ** 2)), rel=1e-9)
    assert numbers["hyperplane_by_descent_differs"] < 1e-9


def test_more_features_fit_the_known_houses_better_and_predict_the_new_ones_better(found):
    numbers = found[2].numbers
    assert numbers["rmse_known"] == sorted(numbers["rmse_known"], reverse=True)
    assert numbers["rmse_new"][-1] < 0.8 * numbers["rmse_new"][0]


def test_the_gradient_at_the_start_is_what_finite_differences_say(found):
    X, y, findings = found
    A, prices = in_hundreds(X, y)
    slopes = approx_fprime(np.zeros(2), lambda v: loss(A, prices, v), 1e-7)
    for column, name in enumerate(("slope", "intercept")):
        assert findings.numbers[f"start_derivative_by_{name}"] == pytest.approx(slopes[column], rel=1e-5)
        assert findings.numbers[f"start_nudged_by_{name}"] == pytest.approx(slopes[column], rel=1e-5)


def test_each_line_on_the_way_is_where_theory_puts_it(found):
    X, y, findings = found
    numbers = findings.numbers
    A, prices = in_hundreds(X, y)
    for k, step in enumerate(numbers["shown_steps"]):
        v = after(A, prices, step, numbers["learning_rate"])
        assert [numbers["shown_slopes"][k], numbers["shown_intercepts"][k]] == pytest.approx(v, rel=1e-9, abs=1e-12)
        assert numbers["shown_losses"][k] == pytest.approx(loss(A, prices, v), rel=1e-9)
    assert numbers["shown_losses"] == sorted(numbers["shown_losses"], reverse=True)


def test_the_largest_learning_rate_is_two_over_the_largest_curvature(found):
    X, y, findings = found
    A, prices = in_hundreds(X, y)
    limit = findings.numbers["largest_learning_rate"]
    assert limit == pytest.approx(2 * N / np.linalg.svd(A, compute_uv=False)[0] ** 2, rel=1e-10)
    assert loss(A, prices, after(A, prices, 5000, 0.98 * limit)) < 1.001 * findings.numbers["smallest_loss"]
    expected = loss(A, prices, after(A, prices, 50, findings.numbers["too_large_rate"]))
    assert findings.numbers["too_large_loss"] == pytest.approx(expected, rel=1e-6)
    assert expected > loss(A, prices, np.zeros(2))


def test_the_printed_update_without_b_runs_away(found):
    X, y, findings = found
    A, prices = in_hundreds(X, y)
    H, target = A.T @ A / N, A.T @ prices / N
    H[1, 1] = 0.0  # the second line's residual lacks b
    v, losses = np.zeros(2), []
    for _ in range(20):
        v = v - findings.numbers["learning_rate"] * (H @ v - target)
        losses.append(loss(A, prices, v))
    assert findings.numbers["misprinted_loss"] == pytest.approx(losses[-1], rel=1e-9)
    assert losses[-1] > 1.1 * losses[-2] > losses[5]
    assert losses[-1] > 100 * findings.numbers["shown_losses"][4]


def test_the_steps_in_three_units_are_as_many_as_theory_says(found):
    X, y, findings = found
    area = X[:N, 0]
    units = area, area / 100, (area - area.mean()) / area.std()
    for column, steps, ratio in zip(
        units, findings.numbers["steps_until_near"], findings.numbers["curvature_ratios"], strict=True
    ):
        A, prices = np.column_stack((column, np.ones(N))), y[:N] / 100
        best = np.linalg.lstsq(A, prices, rcond=None)[0]
        values, axes = np.linalg.eigh(A.T @ A / N)
        assert ratio == pytest.approx(values[1] / values[0], rel=1e-6)
        along = (axes.T @ best) ** 2 * values / 2

        def excess(k, along=along, values=values):
            return along @ (1 - values / values[1]) ** (2 * k)

        enough = 0.01 * loss(A, prices, best)
        assert excess(steps) <= enough * (1 + 1e-6)
        assert steps == 1 or excess(min(steps - 1, steps / 1.011)) > enough


def test_a_ring_holds_lines_of_one_loss(found):
    X, y, _ = found
    A, prices = in_hundreds(X, y)
    best = np.linalg.lstsq(A, prices, rcond=None)[0]
    through = np.array([1.0, 2.0])
    ring = house_prices_figures.ring(through, best, houses.curvature(A[:, :1]))
    assert [loss(A, prices, v) for v in ring] == pytest.approx([loss(A, prices, through)] * len(ring), rel=1e-9)


def test_every_residual_is_drawn_from_its_house_to_the_line(found):
    X, y, findings = found
    figure = next(part for part in findings.parts if part.kind == "figure")
    sticks = next(trace for trace in figure.chart["data"] if trace["name"] == "residuals")
    fit = linregress(X[:N, 0], y[:N])
    x, ends = sticks["x"], sticks["y"]
    assert ends[0::3] == pytest.approx(y[:N], rel=1e-4)
    assert ends[1::3] == pytest.approx(fit.slope * X[:N, 0] + fit.intercept, rel=1e-4)
    assert x[0::3] == x[1::3] == pytest.approx(X[:N, 0])
