"""absolute_noise's claims against SciPy's distributions, linear programs and Lyapunov equations."""

import numpy as np
import pytest
from scipy import stats
from scipy.linalg import solve_continuous_lyapunov
from scipy.optimize import approx_fprime, linprog

from lrbench.experiments import absolute_noise as experiment
from lrbench.experiments.findings import Setting
from lrbench.problems.least_absolute_deviations import make_data

M = experiment.BATCH_SIZE


@pytest.fixture(scope="module", params=[0, 1])
def found(request):
    X, y = make_data("1000x2", request.param)
    return np.column_stack([X, np.ones(len(y))]), y, experiment.run(Setting(request.param, quick=True)).numbers


def test_the_exact_answer_is_that_of_a_linear_program(found):
    A, y, numbers = found
    n = len(y)  # minimise the sum of t with -t <= A v - y <= t
    above = np.vstack([np.hstack([A, -np.eye(n)]), np.hstack([-A, -np.eye(n)])])
    bounds = [(None, None)] * 3 + [(0, None)] * n
    program = linprog([0] * 3 + [1] * n, A_ub=above, b_ub=np.concatenate([y, -y]), bounds=bounds, method="highs")
    assert [*numbers["exact_w"], numbers["exact_b"]] == pytest.approx(program.x[:3], rel=1e-8)
    assert numbers["least_loss"] == pytest.approx(program.fun / n, rel=1e-10)
    assert numbers["program_distance"] < 1e-8
    assert numbers["houses_on_the_plane"] == 3


def test_the_negative_log_likelihood_is_that_of_the_laplace_distribution(found):
    A, y, numbers = found
    residual = A @ [*numbers["exact_w"], numbers["exact_b"]] - y
    assert numbers["least_negative_log"] == pytest.approx(-stats.laplace.logpdf(residual).sum(), rel=1e-12)


def test_a_step_is_the_gradient_of_the_negative_log_likelihood(found):
    A, y, numbers = found

    def negative_log(v):
        return -stats.laplace.logpdf(A @ v - y).mean()

    by_scipy = approx_fprime(np.array(experiment.ASIDE), negative_log, 1e-7)
    assert numbers["gradient_by_step"] == pytest.approx(by_scipy, abs=1e-6)
    assert numbers["gradient_by_differences"] == pytest.approx(numbers["gradient_by_step"], abs=1e-6)


def test_with_all_houses_it_hops_at_a_distance_in_proportion_to_the_rate(found):
    # Near enough to its minimum the loss is a cone of flat pieces, which looks the same at every scale: a rate twice as
    # large makes the same path twice as large.
    numbers = found[-1]
    assert 0.75 < numbers["full_batch_exponent"] < 1.25
    distances = numbers["full_batch_distance"]
    assert distances == sorted(distances, reverse=True)
    assert numbers["full_batch_squared_distance"] < 1e-10
    assert min(distances) > 1e-6


def stationary(H, S, rate):
    """Return the root mean square distance of v <- v - rate (H v + noise of covariance S) at a small rate.

    The covariance C of v obeys H C + C H = rate S.
    """
    return np.sqrt(np.trace(solve_continuous_lyapunov(H, rate * S)))


def test_with_mini_batches_the_distance_is_that_of_theory(found):
    # H = 2 f(0) A'A / n with the density f(0) = 1/2. That of the sample is told by the houses that the hops pass over,
    # some tens, and errs by a fifth or more.
    A, _, numbers = found
    gram = A.T @ A / len(A)
    for k, rate in enumerate(numbers["rates"]):
        theory = stationary(2 * stats.laplace.pdf(0.0) * gram, gram / M, rate)
        assert numbers["mini_batch_theory"][k] == pytest.approx(theory, rel=1e-9)
        assert numbers["mini_batch_distance"][k] == pytest.approx(theory, rel=0.35)
    assert 0.45 < numbers["mini_batch_exponent"] < 0.6
    assert 0.9 < numbers["mini_batch_excess_exponent"] < 1.15


def test_the_excess_loss_at_small_rates_is_half_of_what_the_pushes_feed_in(found):
    # The mean of |v|^2 stays: 2 rate E[v.g] = rate^2 E|push|^2, the last being 3 / m. Near the minimum the excess is
    # v.g / 2, whatever the sample's density is.
    _, _, numbers = found
    for rate, measured in zip(numbers["rates"], numbers["mini_batch_excess"], strict=True):
        if rate <= 0.04:
            assert measured == pytest.approx(rate * 3 / (4 * M) / numbers["least_loss"], rel=0.25)


def test_the_squared_loss_hops_with_mini_batches_too_and_further(found):
    A, y, numbers = found
    residual = A @ np.linalg.lstsq(A, y, rcond=None)[0] - y
    pushes = residual[:, None] * A
    for k, rate in enumerate(numbers["rates"]):
        squared = numbers["mini_batch_squared_distance"][k]
        assert squared > numbers["mini_batch_distance"][k]
        if rate <= 0.04:
            theory = stationary(A.T @ A / len(A), pushes.T @ pushes / len(A) / M, rate)
            assert squared == pytest.approx(theory, rel=0.15)


def test_decay_and_averaging_mend_it_and_a_constant_rate_does_not(found):
    numbers = found[-1]
    late = {name: np.array(numbers[f"{name}_excess"]) for name in experiment.MENDS}
    constant = late["constant"][3:].mean()
    assert constant == pytest.approx(0.75 * numbers["mend_rate"] / M / numbers["least_loss"], rel=0.5)
    assert late["averaged"][-1] < constant / 20
    assert late["decayed"][-1] < constant / 50
    assert late["both"][-1] < constant / 100
    assert abs(numbers["constant_exponent"]) < 0.5
    for name in ("decayed", "both"):
        assert -1.4 < numbers[f"{name}_exponent"] < -0.5
    assert late["averaged"][-1] > 3 * late["both"][-1]  # of these two seeds; it levels out where the hops' mean is
    assert 1e-3 < numbers["mean_of_hops_distance"] < numbers["mini_batch_distance"][2] / 3


@pytest.mark.parametrize("name", experiment.MENDS)
def test_a_mended_run_is_what_its_name_says(name):
    X, y = make_data("1000x2", 0)
    A, orders = np.column_stack([X, np.ones(len(y))]), experiment.draw(4, 1000, np.random.default_rng(0))
    decay, averaged = experiment.MENDS[name]
    assert (decay > 0, averaged) == (name in ("decayed", "both"), name in ("averaged", "both"))
    v, seen = np.zeros(3), []
    for k, order in enumerate(orders):
        for batch in order.reshape(-1, M):
            v = v - experiment.RATE / (1 + decay * k) * A[batch].T @ np.sign(A[batch] @ v - y[batch]) / M
            seen.append(v)
    w, b = experiment.mended(X, y, orders, decay, averaged=averaged)
    assert [*w, b] == pytest.approx(np.mean(seen[200:], axis=0) if averaged else v, rel=1e-9)


def test_without_scipy_the_linear_program_is_skipped_and_the_rest_done(monkeypatch):
    def absent(_name):
        raise ImportError

    monkeypatch.setattr(experiment, "resolve_name", absent)
    findings = experiment.run(Setting(0, quick=True))
    assert findings.numbers["program_distance"] is None
    assert "needs SciPy" in findings.skipped[0]
    assert findings.numbers["houses_on_the_plane"] == 3
