"""lrbench.fit: what a user brings, what comes back, and what is refused with its reason."""

import dataclasses
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from rational import minimiser, residuals

import lrbench

UNIT = 2.0**-53


def make(n=40, d=3, noise=1.0):
    rng = np.random.default_rng(n + d)
    X = rng.standard_normal((n, d))
    return X, X @ np.arange(1.0, d + 1) + 4.2 + noise * rng.standard_normal(n)


def squares_of_residuals(X, y, *, intercept=True):
    v = minimiser(X, y, intercept=intercept)
    return sum(r * r for r in residuals(X, y, v if intercept else [*v, Fraction(0)]))


@pytest.mark.parametrize("intercept", [True, False])
def test_everything_that_is_returned_is_right(intercept):
    X, y = make()
    found = lrbench.fit(X, y, intercept)
    want = minimiser(X, y, intercept=intercept)
    got = [*found.coefficients, found.intercept]
    for value, exact, bound in zip(got, want, [*found.error_bound, found.intercept_error_bound], strict=False):
        assert abs(Fraction(float(value)) - exact) <= Fraction(float(bound)) <= 2 * Fraction(UNIT) * abs(exact)
    squares = squares_of_residuals(X, y, intercept=intercept)
    assert abs(Fraction(found.residual_sum_of_squares) - squares) <= Fraction(4 * UNIT) * squares
    assert found.method == "semi-normal corrections"
    columns = X - X.mean(axis=0) if intercept else X
    exact_number = np.linalg.cond(columns / np.linalg.norm(columns, axis=0))
    assert exact_number * (1 - 1e-10) <= found.condition_number <= np.sqrt(3) * exact_number
    assert isinstance(found.intercept, float)
    if not intercept:
        assert (found.intercept, found.intercept_error_bound) == (0.0, 0.0)


@pytest.mark.parametrize("noise", [0.0, 1e-12, 1e-6, 1.0, 1e6])
def test_the_sum_of_squares_comes_from_residuals(noise):
    # At 1e-12 of y, squares are 1e-24 of y'y: a difference of sums of squares would hold no digit of them.
    X, y = make(noise=noise)
    squares = squares_of_residuals(X, y)
    found = lrbench.fit(X, y).residual_sum_of_squares
    assert abs(Fraction(found) - squares) <= Fraction(8 * UNIT) * squares


def test_the_sum_of_squares_of_an_ill_conditioned_fit():
    x = np.arange(21.0)[:, None] ** np.arange(1, 12) / 3
    y = np.cos(np.arange(21.0))
    found = lrbench.fit(x, y)
    assert found.method == "augmented system"
    squares = squares_of_residuals(x, y)
    assert abs(Fraction(found.residual_sum_of_squares) - squares) <= Fraction(100 * UNIT) * squares


def test_the_record_is_frozen_and_says_what_it_holds():
    found = lrbench.fit(*make())
    assert isinstance(found, lrbench.Fit)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.intercept = 1.0


@pytest.mark.parametrize(
    "convert",
    [
        lambda X: X.tolist(),
        np.asfortranarray,
        lambda X: np.repeat(np.repeat(X, 2, axis=0), 2, axis=1)[::2, ::2],
        lambda X: X[::-1][::-1],
        lambda X: X.astype(">f8"),
        lambda X: X.astype(np.float32),
        lambda X: X.astype(np.int32),
        lambda X: X.astype(np.uint8),
        lambda X: X.astype(np.float16),
    ],
    ids=["lists", "fortran", "strided", "reversed", "big-endian", "float32", "int32", "uint8", "float16"],
)
def test_whatever_holds_the_same_numbers_gives_the_same_answer(convert):
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 100, (30, 2)).astype(float), rng.integers(-1000, 1000, 30).astype(float)
    want = lrbench.fit(X, y)
    found = lrbench.fit(convert(X), y.tolist())
    np.testing.assert_array_equal(found.coefficients, want.coefficients)
    assert found.intercept == want.intercept


def test_data_that_may_not_be_written_to():
    X, y = make()
    X.flags.writeable = y.flags.writeable = False
    assert lrbench.fit(X, y).coefficients == pytest.approx(lrbench.fit(X.copy(), y.copy()).coefficients, rel=1e-15)


def test_no_argument_is_changed():
    X, y = make()
    before = X.copy(), y.copy()
    lrbench.fit(X, y)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])


@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        (np.ones(3), np.ones(3), ValueError, r"^X: 1 axes where there must be 2.* X\[:, None\]\.$"),
        (np.ones((2, 2, 2)), np.ones(2), ValueError, r"^X: 3 axes where there must be 2, samples and features\.$"),
        (np.ones((3, 1)), np.ones((3, 1)), ValueError, r"^y: shape \(3, 1\) .* y\.ravel\(\)\.$"),
        (np.ones((3, 1)), np.ones(4), ValueError, r"^y: 4 targets for the 3 samples of X\.$"),
        (np.ones((3, 0)), np.ones(3), ValueError, r"^X: no columns"),
        (np.ones((3, 1), dtype=complex), np.ones(3), TypeError, r"^X: complex128 values\."),
        (np.ones((3, 1)), np.array(["a", "b", "c"]), TypeError, r"^y: <U1 values\."),
        ([[None], [1.0], [2.0]], np.ones(3), TypeError, r"^X: object values\."),
        (np.ma.masked_array([[1.0], [5.0], [2.0]], [[0], [1], [0]]), np.ones(3), TypeError, "^X: a masked array"),
        (np.ones((3, 1)), np.ma.masked_array([1.0, 5.0, 2.0], [0, 1, 0]), TypeError, "^y: a masked array"),
    ],
)
def test_what_is_no_such_data_is_refused(X, y, error, message):
    with pytest.raises(error, match=message):
        lrbench.fit(X, y)


@pytest.mark.parametrize(("n", "intercept", "what"), [(3, True, "an intercept"), (2, False, "3 coefficients\\.")])
def test_too_few_samples_are_refused(n, intercept, what):
    X, y = make(n)
    with pytest.raises(lrbench.Unsolvable, match=rf"^{n} samples do not determine .*{what}"):
        lrbench.fit(X, y, intercept)
    with pytest.raises(lrbench.Unsolvable):
        lrbench.fit(X[:0], y[:0], intercept)


def test_just_enough_samples_are_taken():
    X, y = make(4)
    found = lrbench.fit(X, y)
    np.testing.assert_allclose(X @ found.coefficients + found.intercept, y, rtol=1e-12)


def test_what_cannot_be_solved_is_a_value_error_with_columns():
    X, y = make()
    X[:, 1] = 7.0
    with pytest.raises(ValueError, match="constant") as caught:
        lrbench.fit(X, y)
    assert isinstance(caught.value, lrbench.Unsolvable)
    assert caught.value.columns == (1,)
    assert caught.value.reason == str(caught.value)


def test_unknown_names_are_no_attributes():
    with pytest.raises(AttributeError, match="no attribute 'fitt'"):
        _ = lrbench.fitt


def test_importing_the_package_waits_with_the_compiler():
    code = "import sys, lrbench; a = 'numba' in sys.modules; lrbench.fit; print(a, 'numba' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True"]
