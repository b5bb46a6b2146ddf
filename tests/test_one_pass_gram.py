"""The solution from the one-pass Gram matrix, against the exact minimiser of the data."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rational import minimiser

from lrbench.regression import gram
from lrbench.regression.gram import one_pass_gram

UNIT = 2.0**-53
LAYOUTS = {"C": np.ascontiguousarray, "F": np.asfortranarray, "gaps": lambda X: np.repeat(X, 2, axis=1)[:, ::2]}


def make(n, d, seed=0):
    rng = np.random.default_rng([seed, n, d])
    return rng.standard_normal((n, d)), rng.standard_normal(n)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize(("n", "d"), [(2, 1), (9, 1), (12, 2), (30, 4), (40, 9)])
def test_the_exact_minimiser_up_to_rounding(n, d, intercept):
    # The normal equations err by about n d k^2 UNIT of the solution's length, k the condition number.
    X, y = make(n, d)
    A = np.column_stack((X, np.ones(n))) if intercept else X
    w, b = one_pass_gram(X, y, intercept)
    assert w.shape == (d,)
    assert isinstance(b, float)
    assert intercept or b == 0.0
    want = np.array(minimiser(X, y, intercept=intercept), dtype=np.float64)
    scale = np.linalg.norm(want) + np.linalg.norm(y) / np.linalg.norm(A, 2)
    assert (
        np.max(np.abs(np.append(w, b)[: len(want)] - want)) <= 4 * n * (d + 1) * np.linalg.cond(A) ** 2 * UNIT * scale
    )


def test_the_intercept_of_given_coefficients_is_rounded_once():
    # Three roundings a term, each to UNIT^2 of the sizes, and the last to UNIT of what the terms leave.
    for seed in range(300):
        rng = np.random.default_rng(seed)
        d = int(rng.integers(1, 6))
        w, mean, scale = rng.standard_normal(d), rng.standard_normal(d + 1), 2.0 ** rng.integers(-9, 9, d + 1)
        shift = rng.standard_normal(d + 1) * 10.0 ** rng.uniform(0, 8, d + 1)
        shift[d] = w @ shift[:d] + rng.standard_normal()
        means = [Fraction(s) + Fraction(m) * Fraction(c) for s, m, c in zip(shift, mean, scale, strict=True)]
        terms = [means[d], *(-Fraction(a) * m for a, m in zip(w, means, strict=False))]
        error = abs(Fraction(gram.intercept_of(w, mean, shift, scale)) - sum(terms))
        assert error <= Fraction(UNIT) * abs(sum(terms)) + 8 * d * Fraction(UNIT) ** 2 * sum(map(abs, terms))


@settings(max_examples=60, deadline=None)
@given(
    exponents=st.lists(st.integers(-490, 490), min_size=4, max_size=4),
    offsets=st.lists(st.sampled_from([0.0, 1.0, -1e4, 1e8]), min_size=4, max_size=4),
    seed=st.integers(0, 1000),
    fortran=st.booleans(),
)
def test_units_and_offsets_cost_no_digits(exponents, offsets, seed, fortran):
    # Standard normal columns of 50 rows have condition numbers below 3. Their sums' 50 roundings, amplified by its
    # square and by a w smaller than the data, stay below 1e-12 of the coefficients in units of their columns; so does
    # b beside its largest term.
    X, y = make(50, 3, seed)
    units = np.ldexp(1.0, exponents)
    X, y = (X + offsets[:3]) * units[:3], (y + offsets[3]) * units[3]
    w, b = one_pass_gram(np.asfortranarray(X) if fortran else X, y)
    *want_w, want_b = minimiser(X, y)
    for got, want, unit in zip(w, want_w, units[:3], strict=True):
        error = Fraction(float(got)) - want
        assert abs(float(error * Fraction(float(unit)) / Fraction(float(units[3])))) < 1e-12
    largest = max(1.0, *np.abs(offsets))
    assert abs(float((Fraction(b) - want_b) / Fraction(float(units[3])))) < 1e-12 * largest


def test_the_order_of_the_rows_moves_the_last_digits_only():
    # Condition number near 1: 1000 roundings amplified by little.
    X, y = make(1000, 10)
    want = one_pass_gram(X + 1e6, y)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(1000)
        got = one_pass_gram(X[order] + 1e6, y[order])
        np.testing.assert_allclose(got[0], want[0], rtol=0, atol=1e-12)
        assert got[1] == pytest.approx(want[1], abs=1e-12 * 1e6 * 10)


@pytest.mark.parametrize("d", [1, 2, 40, 200])
def test_the_coefficients_that_made_the_data(d):
    # No noise and a condition number below 10: sums of 3000 roundings, amplified by its square.
    X, _ = make(3000, d)
    w = np.linspace(-1, 2, d)
    got_w, got_b = one_pass_gram(X, X @ w + 4)
    np.testing.assert_allclose(got_w, w, rtol=0, atol=1e-11)
    assert got_b == pytest.approx(4, abs=1e-11)


@pytest.mark.parametrize(("offset", "intercept"), [(0.0, True), (0.0, False), (3.0, True), (3.0, False), (1e8, True)])
def test_a_dependent_column_is_named(offset, intercept):
    X, y = make(500, 6)
    X += offset
    X[:, 4] = X[:, 1] - 2 * X[:, 3]
    with pytest.raises(np.linalg.LinAlgError, match=r"Column 4 of X .* combination of the columns before it"):
        one_pass_gram(X, y, intercept)


@pytest.mark.parametrize("value", [0.0, 7.0, 1e-200, 1e100])
def test_a_constant_column_is_refused(value):
    X, y = make(100, 3)
    X[:, 2] = value
    with pytest.raises(np.linalg.LinAlgError, match=r"Column 2 of X .* and of a constant"):
        one_pass_gram(X, y)


@pytest.mark.parametrize(("n", "d"), [(0, 2), (1, 1), (2, 2), (5, 5), (7, 30)])
def test_too_few_samples_are_refused(n, d):
    with pytest.raises(np.linalg.LinAlgError, match="not determined"):
        one_pass_gram(*make(n, d))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(value):
    X, y = make(100, 3)
    y[77] = value
    with pytest.raises(np.linalg.LinAlgError, match="y holds values that are not finite"):
        one_pass_gram(X, y)
    X[55, 0], y[77] = value, 0.0
    with pytest.raises(np.linalg.LinAlgError, match="Column 0 of X is not finite"):
        one_pass_gram(X, y)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("d", [1, 2, 3, 20])
def test_no_argument_is_changed(d, layout):
    X, y = make(300, d)
    X = layout(X)
    before = X.copy(), y.copy()
    one_pass_gram(X, y)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])


def test_a_pivot_of_noise_counts_as_none():
    # The sums of a column and of its copy differ by nothing, so that what the factor leaves is one rounding or less.
    X, y = make(5000, 3)
    X[:, 2] = X[:, 0]
    assert gram.scatter(X, y).gram[0, 0] == gram.scatter(X, y).gram[2, 2]
    with pytest.raises(np.linalg.LinAlgError, match="Column 2"):
        one_pass_gram(X, y)
