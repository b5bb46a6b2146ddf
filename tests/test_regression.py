"""The three backends against exact rational arithmetic: whatever they share, they do not share it with this file."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sgd_cases import sgd_cases

from lrbench.regression import numba_jit, numba_parallel, numpy_vectorized, python_loop

BACKENDS = {"python_loop": python_loop, "numpy_vectorized": numpy_vectorized, "numba_jit": numba_jit}
ONE_PASS = {**BACKENDS, "numba_parallel": numba_parallel}  # predict, squared_loss and gradient alone
AVERAGE_FROM = 0
UNIT = 2.0**-53  # largest relative error of one rounding
# One and two features, a few, and many each have their own loops when compiled; so have whole groups of four rows.
SHAPES = [(1, 1), (6, 1), (1, 2), (7, 2), (1, 3), (4, 3), (7, 5), (9, 15), (9, 16), (1, 17), (23, 40)]


@pytest.fixture(params=BACKENDS)
def backend(request):
    return request.param


def call(backend, name, *arguments):
    """Return what a backend's function returns, as a tuple of arrays."""
    if backend == "python_loop":
        arguments = python_loop.as_lists(arguments)
    answer = getattr(ONE_PASS[backend], name)(*arguments)
    return tuple(np.asarray(part) for part in (answer if isinstance(answer, tuple) else (answer,)))


def make(n, d, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (n, d)), rng.uniform(-2, 2, n), rng.uniform(-2, 2, d), float(rng.uniform(-2, 2))


def exact(*arrays):
    """Return arrays as nested lists of fractions."""
    return [np.vectorize(Fraction, otypes=[object])(a).tolist() if np.size(a) else [] for a in arrays]


def exact_predict(X, w, b):
    return [sum((p * q for p, q in zip(x, w, strict=True)), b) for x in X]


def exact_loss(X, y, w, b):
    return sum((p - t) ** 2 for p, t in zip(exact_predict(X, w, b), y, strict=True)) / 2 / len(y)


def exact_gradient(X, y, w, b):
    r = [p - t for p, t in zip(exact_predict(X, w, b), y, strict=True)]
    grad_w = [sum(r_i * x[j] for r_i, x in zip(r, X, strict=True)) / len(y) for j in range(len(w))]
    return grad_w, sum(r) / len(y)


def exact_step(X, y, w, b, rate):
    grad_w, grad_b = exact_gradient(X, y, w, b)
    return [w_j - rate * g for w_j, g in zip(w, grad_w, strict=True)], b - rate * grad_b


def exact_iterates(X, y, w, b, order, batch_size, rate):
    """Return every (w, b) after an update."""
    iterates = []
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        w, b = exact_step([X[i] for i in batch], [y[i] for i in batch], w, b, rate)
        iterates.append((w, b))
    return iterates


def distance(answer, exact_answer):
    """Return the largest absolute difference from an exact (w, b)."""
    w, b = exact_answer
    differences = [Fraction(float(got)) - want for got, want in zip((*answer[0], answer[1]), (*w, b), strict=True)]
    return float(max(abs(difference) for difference in differences))


# With |x| <= 1, |w|, |b|, |y| <= 2, d <= 4 a residual's terms sum to at most 12 and a step's gradient errs by at most
# (m + d + 5) roundings of that, m <= 10; times a rate of at most 1/4, plus the roundings of w, b and their mean: under
# 100 UNIT a step. A step is a contraction, since rate * (d + 1) < 2, so that at most 30 steps add up: 3000 UNIT.
ITERATE_TOLERANCE = 3000 * UNIT


@pytest.mark.parametrize("backend", ONE_PASS, indirect=True)
@pytest.mark.parametrize(("n", "d"), SHAPES)
def test_prediction_loss_and_gradient_are_exact_up_to_rounding(backend, n, d):
    X, y, w, b = make(n, d)
    E = exact(X, y, w, b)
    # The same formula of absolute values sums the magnitudes of its terms; each passes at most n + 2 d + 10 roundings.
    A = exact(abs(X), -abs(y), abs(w), abs(b))
    bound = Fraction((n + 2 * d + 10) * UNIT)
    (predictions,) = call(backend, "predict", X, w, b)
    magnitudes = exact_predict(A[0], A[2], A[3])
    for got, want, magnitude in zip(predictions, exact_predict(E[0], E[2], E[3]), magnitudes, strict=True):
        assert abs(Fraction(float(got)) - want) <= bound * magnitude
    (loss,) = call(backend, "squared_loss", X, y, w, b)
    assert abs(Fraction(float(loss)) - exact_loss(*E)) <= 2 * bound * exact_loss(*A)
    grad_w, grad_b = call(backend, "gradient", X, y, w, b)
    want_w, want_b = exact_gradient(*E)
    magnitude_w, magnitude_b = exact_gradient(*A)
    assert abs(Fraction(float(grad_b)) - want_b) <= bound * magnitude_b
    for got, want, magnitude in zip(grad_w, want_w, magnitude_w, strict=True):
        assert abs(Fraction(float(got)) - want) <= bound * magnitude


@pytest.mark.parametrize("backend", ONE_PASS, indirect=True)
@pytest.mark.parametrize(("n", "d"), SHAPES)
def test_gradient_is_the_slope_of_the_loss(backend, n, d):
    # The loss is quadratic, so that (L(w + 1) - L(w - 1)) / 2 is its slope exactly. Each loss errs by at most
    # 2 (n + 2 d + 10) UNIT of the square of the largest sum of magnitudes, below (2 d + 4 + 1)^2 / 2.
    X, y, w, b = make(n, d, seed=1)
    tolerance = 2 * (n + 2 * d + 10) * UNIT * (2 * d + 5) ** 2
    grad_w, grad_b = call(backend, "gradient", X, y, w, b)
    for j in range(d):
        unit = np.eye(d)[j]
        (up,), (down,) = (
            call(backend, "squared_loss", X, y, w + unit, b),
            call(backend, "squared_loss", X, y, w - unit, b),
        )
        assert abs((up - down) / 2 - grad_w[j]) <= tolerance
    (up,), (down,) = call(backend, "squared_loss", X, y, w, b + 1), call(backend, "squared_loss", X, y, w, b - 1)
    assert abs((up - down) / 2 - grad_b) <= tolerance


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize(("n", "d"), [(2, 3), *SHAPES])
def test_the_parts_of_threads_make_the_whole(monkeypatch, n, d, threads):
    # As many roundings as one thread's, and one for each part. Threads may outnumber the samples.
    monkeypatch.setattr(numba_parallel.numba, "get_num_threads", lambda: threads)
    X, y, w, b = make(n, d)
    bound = 2 * (n + 2 * d + 10) * UNIT
    _, largest = numba_jit.gradient(abs(X), -abs(y), abs(w), abs(b))  # no sum has terms of more magnitude: |x| <= 1
    assert numba_parallel.predict(X, w, b) == pytest.approx(numba_jit.predict(X, w, b), abs=bound * n * largest)
    loss = numba_jit.squared_loss(X, y, w, b)
    assert numba_parallel.squared_loss(X, y, w, b) == pytest.approx(loss, rel=2 * bound)
    grad_w, grad_b = numba_jit.gradient(X, y, w, b)
    got_w, got_b = numba_parallel.gradient(X, y, w, b)
    assert got_w == pytest.approx(grad_w, abs=bound * largest)
    assert got_b == pytest.approx(grad_b, abs=bound * largest)


def test_loss_and_gradient_vanish_at_the_true_coefficients(backend):
    # Whole numbers: nothing rounds.
    X = np.arange(24.0).reshape(8, 3) % 5
    w, b = np.array([2.0, -3.0, 1.0]), 4.0
    y = X @ w + b
    assert call(backend, "squared_loss", X, y, w, b) == (0,)
    grad_w, grad_b = call(backend, "gradient", X, y, w, b)
    assert grad_w.tolist() == [0, 0, 0]
    assert grad_b == 0


@given(case=sgd_cases(make), rate=st.sampled_from([0.25, 0.1, 0.01]))
@settings(deadline=None, max_examples=60)
@pytest.mark.parametrize("name", BACKENDS)
def test_an_epoch_ends_at_the_exact_iterate(name, case, rate):
    (X, y, w, b), orders, batch_size = case
    order = orders[0] if len(orders) else np.empty(0, dtype=np.int64)
    E = exact(X, y, w, b)
    want = [(E[2], E[3]), *exact_iterates(*E, order.tolist(), batch_size, Fraction(rate))][-1]
    assert distance(call(name, "sgd_epoch", X, y, w, b, order, batch_size, rate), want) <= ITERATE_TOLERANCE


@given(case=sgd_cases(make), decay=st.sampled_from([0.0, 0.5]), average_from=st.integers(0, 4))
@settings(deadline=None, max_examples=60)
@pytest.mark.parametrize("name", BACKENDS)
def test_a_fit_decays_its_rate_by_epoch_and_averages_the_later_epochs(name, case, decay, average_from):
    (X, y, w, b), orders, batch_size = case
    E = exact(X, y, w, b)
    want, averaged = (E[2], E[3]), []
    for epoch, order in enumerate(orders.tolist()):
        rate = Fraction(1, 4) / (1 + Fraction(decay) * epoch)
        iterates = exact_iterates(E[0], E[1], *want, order, batch_size, rate)
        want = [want, *iterates][-1]
        averaged += iterates if epoch >= average_from else []
    if averaged:
        mean = [sum(column) / len(averaged) for column in zip(*([*w_k, b_k] for w_k, b_k in averaged), strict=True)]
        want = mean[:-1], mean[-1]
    got = call(name, "sgd_fit", X, y, w, b, orders, batch_size, 0.25, decay, average_from)
    assert distance(got, want) <= ITERATE_TOLERANCE


def test_an_epoch_reads_no_row_outside_its_order(backend):
    X, y, w, b = make(9, 3)
    order = np.array([4, 1, 7, 5, 2], dtype=np.int64)
    others = np.setdiff1d(np.arange(9), order)
    X[others], y[others] = np.nan, np.nan
    w, b = call(backend, "sgd_epoch", X, y, w, b, order, 2, 0.1)
    assert np.isfinite(w).all()
    assert np.isfinite(b)


def test_one_batch_of_everything_is_one_step_down_the_gradient(backend):
    X, y, w, b = make(8, 3)
    E = exact(X, y, w, b)
    got = call(backend, "sgd_epoch", X, y, w, b, np.arange(8)[::-1].copy(), 100, 0.25)
    assert distance(got, exact_step(*E, Fraction(0.25))) <= ITERATE_TOLERANCE


def test_the_update_of_b_sees_b(backend):
    # With X = 0 the residual is b - y, so that a step of rate 1/2 goes half the way from b = 8 to y = 4. Exact.
    w, b = call(backend, "sgd_epoch", np.zeros((4, 2)), np.full(4, 4.0), np.zeros(2), 8.0, np.arange(4), 4, 0.5)
    assert w.tolist() == [0, 0]
    assert b == 6


def test_nothing_to_visit_returns_the_start(backend):
    X, y, w, b = make(5, 2)
    nothing = np.empty((0, 5), dtype=np.int64)
    for got in (
        call(backend, "sgd_epoch", X, y, w, b, nothing.ravel(), 2, 0.1),
        call(backend, "sgd_fit", X, y, w, b, nothing, 2, 0.1, 0.0, AVERAGE_FROM),
        call(backend, "gradient_descent", X, y, w, b, 0.1, 0.0, 0),
    ):
        assert got[0].tolist() == w.tolist()
        assert got[1] == b


@pytest.mark.parametrize(("n", "d"), [(1, 1), (5, 1), (6, 2), (9, 3)])
def test_descent_takes_every_step_it_is_given(backend, n, d):
    X, y, w, b = make(n, d, seed=2)
    got = call(backend, "gradient_descent", X, y, w, b, 0.25, 0.0, 6)
    *E, want_w, want_b = exact(X, y, w, b)
    for _ in range(6):
        want_w, want_b = exact_step(*E, want_w, want_b, Fraction(0.25))
    assert distance(got[:2], (want_w, want_b)) <= ITERATE_TOLERANCE
    assert got[2:] == (6, False)


def test_descent_stops_before_a_step_from_the_minimiser(backend):
    X = np.arange(8.0).reshape(4, 2) % 3
    w, b = np.array([2.0, -1.0]), 3.0
    got = call(backend, "gradient_descent", X, X @ w + b, w, b, 0.25, 0.0, 10)
    assert got[0].tolist() == w.tolist()
    assert got[1:] == (b, 0, True)


def test_descent_stops_at_the_first_gradient_within_the_tolerance(backend):
    X, y, w, b = make(50, 2, seed=3)
    tolerance = 1e-3
    w_end, b_end, iterations, converged = call(backend, "gradient_descent", X, y, w, b, 0.5, tolerance, 1000)
    assert converged
    assert 0 < iterations < 1000
    previous = call(backend, "gradient_descent", X, y, w, b, 0.5, tolerance, int(iterations) - 1)
    assert not previous[3]
    for (w_k, b_k), is_within in (((w_end, b_end), True), (previous[:2], False)):
        grad_w, grad_b = exact_gradient(*exact(X, y, w_k, b_k))
        assert (math.hypot(*map(float, grad_w), float(grad_b)) <= tolerance) is is_within


def test_descent_finds_the_coefficients_that_made_the_data(backend):
    # The smallest eigenvalue of the Hessian is above 0.2, so that a gradient of 1e-9 leaves an error below 5e-9.
    X, _, w, b = make(60, 2, seed=4)
    got = call(backend, "gradient_descent", X, X @ w + b, np.zeros(2), 0.0, 0.5, 1e-9, 5000)
    assert got[3]
    assert distance(got[:2], exact(w, b)) <= 5e-9


@pytest.mark.parametrize("d", [1, 2, 3, 20])
def test_no_argument_is_changed(backend, d):
    X, y, w, b = make(9, d)
    order = np.arange(9)
    arguments = {
        "predict": (X, w, b),
        "squared_loss": (X, y, w, b),
        "gradient": (X, y, w, b),
        "sgd_epoch": (X, y, w, b, order, 4, 0.1),
        "sgd_fit": (X, y, w, b, np.stack((order, order)), 4, 0.1, 0.1, AVERAGE_FROM),
        "gradient_descent": (X, y, w, b, 0.1, 0.0, 3),
    }
    for name, arrays in arguments.items():
        values = python_loop.as_lists(arrays) if backend == "python_loop" else arrays
        before = [np.array(value) for value in values]
        answer = getattr(BACKENDS[backend], name)(*values)
        assert all(np.array_equal(value, old) for value, old in zip(values, before, strict=True))
        parts = answer if isinstance(answer, tuple) else (answer,)
        assert not any(part is value for part in parts for value in values if isinstance(value, list | np.ndarray))


def test_lists_hold_python_numbers():
    X, order, rate = python_loop.as_lists((np.ones((2, 1)), np.arange(2), 0.5))
    assert (X, order, rate) == ([[1.0], [1.0]], [0, 1], 0.5)
    assert [type(X[0][0]), type(order[0])] == [float, int]
