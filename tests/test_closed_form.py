"""The closed forms against exact rational solutions and data made from known coefficients."""

import numpy as np
import pytest
from rational import minimiser

from lrbench.regression.closed_form import cholesky, inverse, qr, solve, svd

ALL = (inverse, solve, cholesky, qr, svd)
CENTRED = (solve, cholesky, qr, svd)
UNIT = 2.0**-53


@pytest.fixture(params=ALL, ids=lambda f: f.__name__)
def method(request):
    return request.param


def coefficients(method, X, y, intercept):
    w, b = method(X, y, intercept)
    assert w.shape == (X.shape[1],)
    assert isinstance(b, float)
    return np.append(w, b) if intercept else w


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize(("n", "d"), [(2, 1), (9, 1), (12, 2), (30, 4)])
def test_the_exact_minimiser_up_to_rounding(method, n, d, intercept):
    # The normal equations err by about n d k^2 UNIT of the solution's length, k the condition number.
    rng = np.random.default_rng(n)
    X, y = rng.standard_normal((n, d)), rng.standard_normal(n)
    A = np.column_stack((X, np.ones(n))) if intercept else X
    want = np.array(minimiser(X, y, intercept=intercept), dtype=np.float64)
    # A solution much shorter than y by cancellation errs by y's own roundings, hence the second term.
    scale = np.linalg.norm(want) + np.linalg.norm(y) / np.linalg.norm(A, 2)
    error = np.max(np.abs(coefficients(method, X, y, intercept) - want))
    assert error <= 4 * n * (d + 1) * np.linalg.cond(A) ** 2 * UNIT * scale


@pytest.mark.parametrize("intercept", [True, False])
def test_the_coefficients_that_made_the_data(method, intercept):
    # Standard normal columns, so k is near 1, and no noise: 200 * 6 roundings are below 1e-12.
    X = np.random.default_rng(0).standard_normal((200, 5))
    w, b = np.array([2.0, -3.4, 0.5, 0.0, 1.0]), 4.2 if intercept else 0.0
    got_w, got_b = method(X, X @ w + b, intercept)
    np.testing.assert_allclose(got_w, w, rtol=0, atol=1e-12)
    assert got_b == pytest.approx(b, abs=1e-12)


def test_without_an_intercept_b_is_zero(method):
    X = np.random.default_rng(1).standard_normal((20, 3))
    assert method(X, X[:, 0] + 5, intercept=False)[1] == 0.0


@pytest.mark.parametrize("centred", CENTRED, ids=lambda f: f.__name__)
def test_an_offset_of_a_million_costs_the_centred_methods_little(centred):
    # A mean is off by about UNIT * 1e6 = 1e-10 at most, which enters w squared; what y = X w loses when it is made, as
    # much again, enters once, over standard deviations of 1.
    rng = np.random.default_rng(2)
    X = rng.standard_normal((500, 3)) + 1e6
    w = np.array([1.0, 2.0, -3.0])
    np.testing.assert_allclose(centred(X, X @ w)[0], w, rtol=0, atol=1e-9)


def test_an_offset_of_a_million_costs_the_textbook_formula_most_digits():
    # [X 1]'[X 1] has a condition number of about 1e24 there: this is why the others centre.
    rng = np.random.default_rng(2)
    X = rng.standard_normal((500, 3)) + 1e6
    w = np.array([1.0, 2.0, -3.0])
    assert np.max(np.abs(inverse(X, X @ w)[0] - w)) > 1e-6


@pytest.mark.parametrize("orthogonal", [qr, svd], ids=lambda f: f.__name__)
def test_orthogonal_methods_keep_what_squaring_loses(orthogonal):
    # k = 1e6 and no noise: k UNIT = 1e-10 against k^2 UNIT = 1e-4.
    rng = np.random.default_rng(3)
    X = rng.standard_normal((100, 2))
    X[:, 1] = X[:, 0] + 1e-6 * X[:, 1]
    X -= X.mean(axis=0)
    y = X @ np.ones(2)
    error = np.max(np.abs(orthogonal(X, y, intercept=False)[0] - 1))
    assert error < 1e-8
    assert error < np.max(np.abs(inverse(X, y, intercept=False)[0] - 1))


def test_residuals_are_orthogonal_to_every_column(method):
    # A column's product with the residual is a sum of 300 terms below 40: 300 * 40 * 300 UNIT = 4e-10.
    rng = np.random.default_rng(4)
    X = rng.standard_normal((300, 4))
    y = rng.standard_normal(300)
    w, b = method(X, y)
    residual = y - X @ w - b
    assert np.max(np.abs(X.T @ residual)) < 4e-10
    assert abs(residual.sum()) < 4e-10


@pytest.mark.parametrize("refusing", [inverse, solve, cholesky, qr], ids=lambda f: f.__name__)
def test_a_column_of_zeros_is_refused(refusing):
    X = np.column_stack((np.arange(6.0), np.zeros(6)))
    with pytest.raises(np.linalg.LinAlgError):
        refusing(X, np.arange(6.0))


def test_svd_shares_a_coefficient_among_equal_columns():
    # Of all minimisers the shortest: 3 x = 1.5 x + 1.5 x. A handful of roundings of numbers below 20.
    x = np.array([0.0, 1.0, 2.0, 4.0, 8.0])
    w, b = svd(np.column_stack((x, x)), 3 * x + 1)
    np.testing.assert_allclose(w, [1.5, 1.5], rtol=0, atol=1e-13)
    assert b == pytest.approx(1, abs=1e-13)


def test_svd_gives_a_constant_column_nothing():
    # Centred it is zero, whatever the value.
    w, b = svd(np.column_stack((np.arange(6.0), np.full(6, 7.0))), 2 * np.arange(6.0) + 1)
    np.testing.assert_allclose(w, [2, 0], rtol=0, atol=1e-13)
    assert b == pytest.approx(1, abs=1e-13)


@pytest.mark.parametrize("intercept", [True, False])
def test_no_argument_is_changed(method, intercept):
    X, y = np.random.default_rng(5).standard_normal((10, 2)) + 3, np.arange(10.0)
    before = X.copy(), y.copy()
    method(X, y, intercept)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])
