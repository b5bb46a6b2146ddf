"""best_constant's claims against SciPy's optimisers, which know nothing of means and medians."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from lrbench.experiments import best_constant
from lrbench.experiments.findings import Setting


@pytest.fixture(scope="module", params=[0, 1, 2])
def found(request):
    return best_constant.prices(request.param), best_constant.run(Setting(request.param)).numbers


def minimiser(loss, y):
    return minimize_scalar(loss, bounds=(y.min(), y.max()), method="bounded", options={"xatol": 1e-9}).x


def test_the_sum_of_squares_is_smallest_at_the_mean(found):
    y, numbers = found
    exact = minimiser(lambda b: np.sum((y - b) ** 2), y)
    for name in ("mean", "squared_loss_argmin", "descent_end"):
        assert numbers[name] == pytest.approx(exact, rel=1e-6)  # a parabola's minimum shows to half the digits


def test_a_normal_distributions_maximum_likelihood_is_there_too(found):
    from scipy.stats import norm

    y, numbers = found
    centre, deviation = norm.fit(y)
    assert numbers["likelihood_argmin"] == pytest.approx(centre, rel=1e-12)
    assert numbers["standard_deviation"] == pytest.approx(deviation, rel=1e-12)
    at = best_constant.negative_log_likelihood(y, 250.0, 80.0)
    assert at == pytest.approx(-norm.logpdf(y, 250.0, 80.0).sum(), rel=1e-12)


def test_the_sum_of_absolute_errors_is_smallest_at_the_median(found):
    y, numbers = found
    exact = minimiser(lambda b: np.sum(np.abs(y - b)), y)
    assert numbers["median"] == numbers["absolute_loss_argmin"] == pytest.approx(exact, rel=1e-6)


def test_each_step_of_descent_comes_nearer_by_one_minus_the_learning_rate(found):
    _, numbers = found
    assert numbers["descent_factor"] == pytest.approx(1 - numbers["learning_rate"], rel=1e-9)


def test_one_wrong_number_moves_the_mean_by_its_share_and_the_median_hardly(found):
    y, numbers = found
    assert numbers["mean_moves"] == pytest.approx(9 * numbers["spoilt_price"] / len(y), rel=1e-9)
    neighbours = np.sort(y)[len(y) // 2 : len(y) // 2 + 2]
    assert 0 <= numbers["median_moves"] <= neighbours[1] - neighbours[0]
