"""noise_and_likelihood's claims against SciPy: its densities, its optimisers, its linear programs."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import approx_fprime, linprog, minimize

from lrbench.experiments import noise_and_likelihood as experiment
from lrbench.experiments import noise_models
from lrbench.experiments.findings import Setting


@pytest.fixture(scope="module", params=[0, 1])
def found(request):
    area, normal, laplace = experiment.houses(request.param)
    return area[:, 0], normal, laplace, experiment.run(Setting(request.param, quick=True)).numbers


def test_densities_and_likelihoods_are_those_of_the_distributions():
    e = np.linspace(-9.0, 9.0, 101)
    assert noise_models.normal_density(e, 2.5, 0.7) == pytest.approx(stats.norm.pdf(e, 0.7, 2.5), rel=1e-12)
    assert noise_models.laplace_density(e, 2.5) == pytest.approx(stats.laplace.pdf(e, scale=2.5), rel=1e-12)
    assert noise_models.laplace_density(e, 1.0) == pytest.approx(np.exp(-np.abs(e)) / 2, rel=1e-12)  # the exercise's
    normal, laplace = stats.norm.logpdf(e, 0.0, 2.5).sum(), stats.laplace.logpdf(e, scale=2.5).sum()
    assert noise_models.negative_log_normal(e, 2.5) == pytest.approx(-normal, rel=1e-12)
    assert noise_models.negative_log_laplace(e, 2.5) == pytest.approx(-laplace, rel=1e-12)


def test_the_second_number_of_a_density_is_its_standard_deviation_and_not_its_variance(found):
    numbers = found[-1]
    drawn = [stats.norm(mean, deviation) for mean, deviation in ((0, 1), (0, 2), (3, 1))]
    assert numbers["density_area"] == pytest.approx([1.0] * 3, abs=1e-9)
    assert numbers["density_mean"] == pytest.approx([each.mean() for each in drawn], abs=1e-9)
    assert numbers["density_variance"] == pytest.approx([1.0, 4.0, 1.0], abs=1e-9)
    assert numbers["density_height"] == pytest.approx([each.pdf(each.mean()) for each in drawn], rel=1e-9)
    assert numbers["density_within_one_deviation"] == pytest.approx([2 * stats.norm.cdf(1) - 1] * 3, rel=1e-6)


def test_both_noises_have_the_same_standard_deviation():
    for model in ("normal", "Laplace"):
        e = noise_models.noise(model, 100_000, np.random.default_rng(0))
        assert np.std(e) == pytest.approx(40.0, rel=0.02)


def test_the_most_probable_line_under_normal_noise_is_that_of_least_squares(found):
    x, y, _, numbers = found
    slope, intercept = np.polyfit(x, y, 1)
    assert numbers["least_squares_w"] == pytest.approx(slope, rel=1e-10)
    assert numbers["normal_likelihood_w"] == pytest.approx(slope, rel=1e-6)  # a flat minimum shows half the digits
    assert numbers["normal_likelihood_b"] == pytest.approx(intercept, rel=1e-5)


def test_so_says_scipy_and_the_most_probable_variance_is_rss_over_n(found):
    x, y, _, numbers = found

    def negative_log(v):
        return -stats.norm.logpdf(y, v[0] * x + v[1], np.exp(v[2])).sum()

    best = minimize(
        negative_log, [2.0, 100.0, 4.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-9, "maxiter": 9000}
    )
    assert numbers["normal_likelihood_w"] == pytest.approx(best.x[0], rel=1e-4)
    assert numbers["normal_likelihood_b"] == pytest.approx(best.x[1], rel=1e-3)
    assert numbers["likelihood_variance"] == pytest.approx(np.exp(2 * best.x[2]), rel=1e-4)
    assert numbers["least_negative_log"] == pytest.approx(best.fun, rel=1e-10)
    rss = np.polyfit(x, y, 1, full=True)[1][0]
    assert numbers["rss_over_n"] == pytest.approx(rss / len(y), rel=1e-10)
    assert numbers["likelihood_variance"] == pytest.approx(rss / len(y), rel=1e-6)


def test_the_product_of_the_densities_is_too_small_for_a_float(found):
    numbers = found[-1]
    assert numbers["product_of_densities"] == 0.0
    assert numbers["log10_of_the_product"] == pytest.approx(-numbers["least_negative_log"] / np.log(10), rel=1e-9)
    assert numbers["log10_of_the_product"] < np.log10(5e-324)


def test_the_likelihoods_gradient_is_the_losss_times_n_over_the_variance(found):
    x, y, _, numbers = found

    def negative_log(v):
        return -stats.norm.logpdf(y, v[0] * x + v[1], 40.0).sum()

    by_scipy = approx_fprime(np.array([2.0, 100.0]), negative_log, 1e-6)
    assert numbers["gradient_by_loss"] == pytest.approx(by_scipy, rel=1e-4)
    assert numbers["gradient_by_loss"] == pytest.approx(numbers["gradient_by_differences"], rel=1e-7)


def test_under_laplace_noise_it_is_that_of_least_absolute_deviations(found):
    x, _, y, numbers = found
    n = len(y)  # minimise the sum of u + v with A (w, b) + u - v = y, u and v at least 0
    equations = np.column_stack([x, np.ones(n), np.eye(n), -np.eye(n)])
    bounds = [(None, None)] * 2 + [(0, None)] * (2 * n)
    program = linprog([0, 0] + [1] * (2 * n), A_eq=equations, b_eq=y, bounds=bounds, method="highs")
    for name in ("least_deviations", "laplace_likelihood"):
        assert numbers[f"{name}_w"] == pytest.approx(program.x[0], rel=1e-6)
        assert numbers[f"{name}_b"] == pytest.approx(program.x[1], rel=1e-5)
    assert numbers["mean_absolute_residual"] == pytest.approx(program.fun / n, rel=1e-9)
    assert numbers["likelihood_scale"] == pytest.approx(program.fun / n, rel=1e-6)


def test_rss_over_n_is_too_small_by_the_two_numbers_that_were_fitted(found):
    # RSS / sigma^2 has the chi-squared distribution of n - 2 degrees of freedom.
    numbers = found[-1]
    n, k = numbers["few_houses"], numbers["few_houses_samples"]
    chi = stats.chi2(n - 2)
    assert abs(numbers["few_houses_variance_ratio"] - chi.mean() / n) < 4 * chi.std() / n / np.sqrt(k)


def test_each_method_is_the_better_one_under_its_own_noise(found):
    # Asymptotically a slope's variance goes with sigma^2 for least squares, and with 1 / (4 f(0)^2) for least absolute
    # deviations, f(0) being the density at zero. 300 samples tell a ratio of standard errors within a tenth or so.
    numbers = found[-1]
    for model, density in (("normal", stats.norm()), ("laplace", stats.laplace(scale=1 / np.sqrt(2)))):
        theory = 1 / (2 * density.pdf(0.0)) / density.std()
        measured = numbers[f"error_{model}_least_deviations"] / numbers[f"error_{model}_least_squares"]
        assert measured == pytest.approx(theory, rel=0.15)


def test_the_search_finds_the_lowest_point_of_what_falls_and_rises():
    assert noise_models.lowest(lambda x: abs(x - 0.3), -1.0, 2.0)[0] == pytest.approx(0.3, abs=1e-11)
    at, least = noise_models.lowest(lambda x: (x - 1.7) ** 2 + 5.0, -10.0, 20.0)
    assert at == pytest.approx(1.7, abs=1e-6)
    assert least == 5.0
