"""closed_form_or_sgd's claims against SciPy, plain loops and exact rational solutions."""

from fractions import Fraction

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
import scipy.sparse.linalg
from rational import minimiser

from lrbench.experiments import closed_form_or_sgd, timing
from lrbench.experiments.closed_form_or_sgd import figures, formulas, limits, race, texts
from lrbench.experiments.findings import Setting
from lrbench.problems import houses
from lrbench.regression.gram import one_pass_gram
from lrbench.regression.iterations_numba_jit import conjugate_gradients

SEED = 1


@pytest.fixture(scope="module")
def numbers():
    return closed_form_or_sgd.run(Setting(SEED, quick=True)).numbers


@pytest.fixture(scope="module", params=["1000x2", "4000x10"])
def contest(request):
    X, y = houses.make_houses(request.param, SEED)
    return X, y, race.loss_around(X, y, one_pass_gram(X, y))


def loss_at(X, y, v):
    return np.mean((X @ v[:-1] + v[-1] - y) ** 2) / 2


def excess(X, y, v):
    """The relative excess loss, from two sums of squares: good to ten digits, and knows nothing of a Hessian."""
    best, *_ = scipy.linalg.lstsq(np.column_stack([X, np.ones(len(y))]), y)
    return loss_at(X, y, v) / loss_at(X, y, best) - 1


def test_the_gradient_is_that_of_the_loss():
    X, y = houses.make_houses("30x4", SEED)
    v = np.arange(1.0, 6.0)
    numeric = scipy.optimize.approx_fprime(v, lambda u: loss_at(X, y, u), 1e-6)
    formula = formulas.matrix_gradient(np.column_stack([X, np.ones(30)]), y, v)
    assert formula == pytest.approx(numeric, rel=1e-4)


def test_all_ways_to_the_gradient_agree_and_it_vanishes_at_the_closed_form(numbers):
    assert 0 < numbers["gradient_error_by_loops"] < 1e-13
    assert 0 < numbers["gradient_error_by_differences"] < 1e-12
    assert numbers["gradient_at_closed_form"] < 1e-13
    assert numbers["textbook_less_qr"] < 1e-13


def test_the_printed_derivative_by_b_is_off_by_b(numbers):
    assert abs(numbers["b"]) > 1e-3
    assert numbers["printed_error_by_b"] == pytest.approx(-numbers["b"], rel=1e-9)


def test_whatever_was_timed_had_reached_its_target(numbers):
    for target in race.TARGETS:
        for side in ("closed_form", "sgd", "conjugate_gradients", "closed_form_some_rows"):
            found = [value for value in numbers[f"{side}_excess_{target:g}"] if value is not None]
            assert found
            assert max(found) <= target
    assert None not in numbers["sgd_excess_0.01"]


def test_the_excess_is_the_losses_own(contest):
    X, y, loss = contest
    v = loss.best + np.linspace(-0.1, 0.1, len(loss.best))
    assert loss.excess(v) == pytest.approx(excess(X, y, v), rel=1e-8)
    assert loss.excess(np.zeros(len(v))) == pytest.approx(excess(X, y, np.zeros(len(v))), rel=1e-8)


def test_conjugate_gradients_need_as_many_iterations_as_scipys(contest):
    X, y, loss = contest
    A, path = np.column_stack([X, np.ones(len(y))]), []
    scipy.sparse.linalg.cg(A.T @ A, A.T @ y, rtol=1e-12, callback=lambda v: path.append(v.copy()))
    found = race.fewest_iterations(conjugate_gradients, X, y, loss)
    assert found == tuple(1 + next(k for k, v in enumerate(path) if excess(X, y, v) <= t) for t in race.TARGETS)


def averaged_sgd(X, y, orders, rate):
    """Mini-batch SGD from zero as it is written in books, and the mean of its iterates in the later half of orders."""
    A, v, total, count = np.column_stack([X, np.ones(len(y))]), np.zeros(X.shape[1] + 1), 0.0, 0
    for k, order in enumerate(orders):
        for batch in order.reshape(-1, 10):
            v = v - rate * A[batch].T @ (A[batch] @ v - y[batch]) / 10
            if k >= len(orders) // 2:
                total, count = total + v, count + 1
    return total / count


def test_sgd_needs_as_many_visits_as_a_plain_loop(contest):
    X, y, loss = contest
    visits, plans = race.fewest_visits(X, y, loss, SEED)
    for target, count, (rate, orders) in zip(race.TARGETS, visits, plans, strict=True):
        assert orders.size == count
        assert excess(X, y, averaged_sgd(X, y, orders, rate)) <= target
        shorter = orders[:-1]
        assert len(shorter) == 0 or excess(X, y, averaged_sgd(X, y, shorter, rate)) > target


def test_sgd_visits_every_row_once_before_any_twice():
    orders = race.visiting_orders(100, 30, SEED)
    visited = np.concatenate([next(orders) for _ in range(20)])
    for epoch in visited.reshape(6, 100):
        assert sorted(epoch) == list(range(100))


def test_the_closed_form_needs_no_more_rows_than_it_says(contest):
    X, y, loss = contest
    for target, m in zip(race.TARGETS, race.fewest_rows(one_pass_gram, X, y, loss), strict=True):
        if m is not None:
            part, *_ = scipy.linalg.lstsq(np.column_stack([X[:m], np.ones(m)]), y[:m])
            assert excess(X, y, part) <= target
    assert race.fewest_rows(one_pass_gram, X, y, loss)[0] < len(y)


def test_digits_are_those_against_an_exact_solution_of_another_kind():
    X, y = limits.columns_alike(SEED, 1e-6)
    found = limits.measured(X, y, 1e-6)
    exact = minimiser(X, y)
    for name in limits.SOLVERS:
        w, b = found.answers[name]
        errors = [abs(Fraction(float(a)) / e - 1) for a, e in zip((*w, b), exact, strict=True)]
        expected = 16.0 if max(errors) < 1e-16 else -np.log10(float(max(errors)))
        assert found.coefficients[name] == pytest.approx(expected, abs=1e-6)


def test_each_route_loses_digits_at_its_own_rate(numbers):
    for name in ("inverse", "solve", "cholesky"):
        assert 1.5 < numbers[f"digits_lost_a_decade_{name}"] < 2.5
    for name in ("qr", "svd"):
        assert 0.75 < numbers[f"digits_lost_a_decade_{name}"] < 1.25
    assert numbers["digits_lost_a_decade_refined"] == 0.0


def test_the_refined_solver_keeps_all_digits_or_refuses(numbers):
    pairs = list(zip(numbers["condition_numbers"], numbers["digits_refined"], strict=True))
    assert all(digits is None or digits > 15.5 for _, digits in pairs)
    assert all(digits is not None for k, digits in pairs if k < 1e13)
    assert pairs[-1][1] is None


def test_the_condition_number_grows_as_the_difference_shrinks(numbers):
    k = np.array(numbers["condition_numbers"][3:13])
    assert k[1:] / k[:-1] == pytest.approx(10.0, rel=0.01)


def test_alike_rows_harm_only_where_too_few_are_different(numbers):
    assert max(numbers["condition_numbers_12_houses"]) < 30
    assert min(numbers["digits_cholesky_12_houses"]) > 12
    few = numbers["condition_numbers_3_houses"]
    assert few[-1] / few[1] == pytest.approx(1e6, rel=0.1)
    assert min(numbers["digits_refined_3_houses"]) > 15.5


def test_noise_and_sgd_on_columns_alike(numbers):
    X, y = limits.columns_alike(SEED, 1e-6)
    A = np.column_stack([X, np.ones(len(y))])
    R = scipy.linalg.qr(A, mode="r")[0][:4]
    covariance = scipy.linalg.inv(R) @ scipy.linalg.inv(R).T
    assert numbers["alike_noise_of_w1"] == pytest.approx(limits.DEVIATION * covariance[0, 0] ** 0.5, rel=1e-6)
    assert numbers["alike_exact_w1"] == pytest.approx(float(minimiser(X, y)[0]), rel=1e-12)
    assert numbers["alike_sgd_w1"] == pytest.approx(numbers["alike_sgd_w2"], rel=1e-3)
    one, *_ = scipy.linalg.lstsq(A[:, [0, 2, 3]], y)  # the same as if the area stood there once
    assert numbers["alike_sgd_w1"] + numbers["alike_sgd_w2"] == pytest.approx(one[0], rel=2e-2)
    assert 0 < numbers["alike_sgd_excess"] < 0.2


def test_the_svd_and_descent_from_zero_find_the_shortest_of_many_answers(numbers):
    X, y = limits.wide_data(SEED)
    shortest, *_ = scipy.linalg.lstsq(np.column_stack([X, np.ones(len(y))]), y)
    for name in ("svd", "gradient_descent_from_0", "SGD_from_0"):
        assert numbers[f"wide_size_{name}"] == pytest.approx(np.linalg.norm(shortest), rel=1e-9)
        assert numbers[f"wide_from_shortest_{name}"] < 1e-9
        assert numbers[f"wide_residual_{name}"] < 1e-9


def test_descent_from_elsewhere_keeps_what_no_observation_tells_of(numbers):
    X, _ = limits.wide_data(SEED)
    unseen = scipy.linalg.null_space(np.column_stack([X, np.ones(len(X))]))
    start = 10.0 * np.append(*houses.random_start(limits.WIDE_D, SEED))
    kept = np.linalg.norm(unseen.T @ start)
    assert numbers["wide_from_shortest_gradient_descent_from_elsewhere"] == pytest.approx(kept, rel=1e-9)
    assert numbers["wide_moved_gradient_descent_from_elsewhere"] < 1e-11
    assert numbers["wide_residual_gradient_descent_from_elsewhere"] < 1e-9


def test_what_cannot_answer_refuses_and_what_does_not_notice_is_longer(numbers):
    assert numbers["wide_refused_qr"]
    assert numbers["wide_refused_refined"]
    assert not numbers["wide_refused_svd"]
    for name in ("inverse", "solve"):
        assert numbers[f"wide_refused_{name}"] or numbers[f"wide_size_{name}"] > 1.01 * numbers["wide_size_svd"]


def literal(n, d, **seconds):
    """Return a contest with these medians; quartiles are 1 % around them."""
    named = {"all": race.ALL, "sgd": race.SGD, "cg": race.CONJUGATE, "some": race.SAMPLE}
    times = {(named[side], t): timing.Times(s, 0.99 * s, 1.01 * s) for side, s in seconds.items() for t in race.TARGETS}
    return race.Contest(n, d, (10 * n, None), (3, 4), (50, None), d / n, dict.fromkeys(times, 0.0), times)


@pytest.fixture
def grid():
    return [
        literal(1000, 2, all=1.0, sgd=2.0, cg=4.0),
        literal(4000, 2, all=4.0, sgd=2.0, cg=16.0, some=1.0),
        literal(1000, 50, all=10.0, sgd=9.99, cg=20.0),
        literal(4000, 50, all=40.0, sgd=10.0, cg=20.0),
    ]


def test_the_map_says_who_is_first_and_by_how_much(grid):
    figure = figures.territories(grid, race.TARGETS[0])
    (heat,) = figure.chart["data"]
    said = [[text.replace("\N{MULTIPLICATION SIGN}", " times") for text in row] for row in heat["text"]]
    assert said == [["closed form<br>2.0 times", "some rows<br>4.0 times"], ["≈ SGD<br>1.0 times", "SGD<br>4.0 times"]]
    assert heat["z"][0] == pytest.approx([-np.log10(2), np.log10(4)], abs=1e-4)
    assert "loses 3 of 4" in figure.alternative


def test_the_border_runs_around_the_closed_forms_cells(grid):
    lines = {
        (s["x0"], s["y0"], s["x1"], s["y1"])
        for s in figures.territories(grid, race.TARGETS[0]).chart["layout"]["shapes"]
    }
    assert lines == {(0.5, -0.5, 0.5, 0.5), (-0.5, 0.5, 0.5, 0.5)}


def test_noise_leaves_the_truth_about_as_far_from_the_least_loss_as_there_are_coefficients_a_row(numbers):
    excess = np.array(numbers["race_truth_excess"])
    n, p = np.array(numbers["race_n"]), 1 + np.array(numbers["race_d"])
    spread = np.sqrt(2 * p)  # p normal squares: chi-squared, of variance 2 p
    assert (np.abs(excess * (n - p) - p) < 5 * spread).all()


def test_where_there_is_no_crossover_the_caption_says_so(grid):
    assert "The thick line is the crossover" in figures.territories(grid, race.TARGETS[0]).caption
    lost = [literal(1000, d, all=2.0, sgd=1.0) for d in (2, 50)]
    assert "first nowhere: there is no crossover" in figures.territories(lost, race.TARGETS[0]).caption
    won = [literal(1000, d, all=1.0, sgd=2.0) for d in (2, 50)]
    assert "first everywhere: there is no crossover" in figures.territories(won, race.TARGETS[0]).caption


def test_crossovers_are_found_over_rows_and_over_features(grid):
    assert race.quicker_from_n(grid, race.SGD, 1e-2, 2) == pytest.approx(2000.0)
    assert race.quicker_from_n(grid, race.CONJUGATE, 1e-2, 2) is None
    assert race.quicker_from_d(grid, race.CONJUGATE, 1e-2, 4000) == pytest.approx(2 * 25 ** (2 / 3))
    assert race.quicker_from_d(grid, race.SGD, 1e-2, 4000) == 2.0


def test_the_answer_says_what_the_figures_are(grid):
    lost = {f"digits_lost_a_decade_{name}": value for name, value in (("cholesky", 2), ("qr", 1), ("refined", 0))}
    said = texts.answer(lost, grid)
    assert "with 4000 rows and 50 features, it takes 2.0 times as long as conjugate gradients" in said
    assert "4.0 times as long as SGD" in said
    assert "in 3 of 4 sizes to within 0.01" in said


def test_an_answer_that_misses_its_target_is_never_timed(monkeypatch):
    monkeypatch.setattr(race, "fewest_rows", lambda *_: (20, None))
    with pytest.raises(race.gate.WrongAnswer, match="some rows at 1000x2 ends"):
        race.run(Setting(SEED, quick=True))
