"""Data that determine no coefficients: refused, with the columns at fault and what they combine."""

import numpy as np
import pytest
from rational import assert_right

from lrbench.regression import refined
from lrbench.regression.dependence import Unsolvable


def dependent(seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((60, 6)) * 10.0 ** rng.uniform(-3, 3, 6)
    return X, rng.standard_normal(60)


@pytest.mark.parametrize("intercept", [True, False])
def test_duplicate_columns_are_named(intercept):
    X, y = dependent()
    X[:, 4] = X[:, 1]
    with pytest.raises(Unsolvable, match=r"is, up to rounding, a combination of column") as caught:
        refined.solve(X, y, intercept=intercept, threads=1)
    assert caught.value.columns in ((1,), (4,))
    assert "1" in caught.value.reason
    assert "4" in caught.value.reason


def test_combinations_are_named_with_what_they_combine():
    X, y = dependent()
    X[:, 5] = X[:, 0] / np.abs(X[:, 0]).max() + X[:, 2] / np.abs(X[:, 2]).max() + 5
    with pytest.raises(Unsolvable, match=r"columns \d and \d and a constant\. Remove column \d of X\.") as caught:
        refined.solve(X, y, intercept=True, threads=1)
    assert set(caught.value.columns) < {0, 2, 5}
    assert_right(X, y, intercept=False)  # without an intercept the constant tells them apart


def test_several_dependent_columns_are_all_named():
    X, y = dependent()
    X[:, 3], X[:, 4] = 2 * X[:, 0], -X[:, 1]
    with pytest.raises(Unsolvable) as caught:
        refined.solve(X, y, intercept=True, threads=1)
    assert [len({*caught.value.columns} & pair) for pair in ({0, 3}, {1, 4})] == [1, 1]


@pytest.mark.parametrize("value", [0.0, 0.1, -1e100, 1e-200])
def test_constant_columns_are_named_beside_an_intercept(value):
    X, y = dependent()
    X[:, 2] = value
    with pytest.raises(Unsolvable, match=r"^column 2 of X: constant") as caught:
        refined.solve(X, y, intercept=True, threads=1)
    assert caught.value.columns == (2,)
    if value:
        assert_right(X, y, intercept=False)


def test_columns_of_zeros_are_named():
    X, y = dependent()
    X[:, [0, 3]] = 0.0
    with pytest.raises(Unsolvable, match=r"^columns 0 and 3 of X: zero throughout") as caught:
        refined.solve(X, y, intercept=False, threads=1)
    assert caught.value.columns == (0, 3)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_found(value):
    X, y = dependent()
    X[17, 3] = value
    with pytest.raises(Unsolvable, match=r"^column 3 of X: not finite, first in row 17\. Drop or fill") as caught:
        refined.solve(X, y, intercept=True, threads=1)
    assert caught.value.columns == (3,)
    X[17, 3], y[58] = 0.0, value
    with pytest.raises(Unsolvable, match=r"^y: not finite, first in row 58"):
        refined.solve(X, y, intercept=True, threads=1)


def test_coefficients_beyond_float64_are_refused():
    X, y = dependent()
    X[:, 2] *= 1e-290
    with pytest.raises(Unsolvable, match=r"column 2 exceed float64's range\. Rescale") as caught:
        refined.solve(X, y * 1e100, intercept=True, threads=1)
    assert caught.value.columns == (2,)


def test_an_intercept_beyond_float64_is_refused():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(50)
    y = 1e306 * x + 1e305 * rng.standard_normal(50)
    with pytest.raises(Unsolvable, match=r"^the intercept exceeds float64's range\. Rescale X or y\.$") as caught:
        refined.solve(1e10 + x[:, None], y, intercept=True, threads=1)
    assert caught.value.columns == ()
    refined.solve(1e10 + x[:, None], y, intercept=False, threads=1)
