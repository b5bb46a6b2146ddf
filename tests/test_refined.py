"""The refined solver against exact rational solutions: certified data, generated data, and the bounds it returns."""

import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from rational import assert_right, minimiser

from lrbench.regression import corrections, refined
from lrbench.regression.inverse import positive_definite_inverse

UNIT = 2.0**-53
DELTA = [759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048, 2048, -2048, 1838, -2048, 2048, -2048, 2523]
LONGLEY = """
60323 83 234289 2356 1590 107608 1947, 61122 88.5 259426 2325 1456 108632 1948, 60171 88.2 258054 3682 1616 109773 1949,
61187 89.5 284599 3351 1650 110929 1950, 63221 96.2 328975 2099 3099 112075 1951, 63639 98.1 346999 1932 3594 113270
1952, 64989 99 365385 1870 3547 115094 1953, 63761 100 363112 3578 3350 116219 1954, 66019 101.2 397469 2904 3048 117388
1955, 67857 104.6 419180 2822 2857 118734 1956, 68169 108.4 442769 2936 2798 120445 1957, 66513 110.8 444546 4681 2637
121950 1958, 68655 112.6 482704 3813 2552 123366 1959, 69564 114.2 502601 3931 2514 125368 1960, 69331 115.7 518173 4806
2572 127852 1961, 70551 116.9 554894 4007 2827 130081 1962
"""  # NIST's order: y, then the columns of X. J. W. Longley (1967)
NORRIS = """
0.1 0.2, 338.8 337.4, 118.1 118.2, 888.0 884.6, 9.2 10.1, 228.1 226.5, 668.5 666.3, 998.5 996.3, 449.1 448.6,
778.9 777.0, 559.2 558.2, 0.3 0.4, 0.1 0.6, 778.1 775.5, 668.8 666.9, 339.3 338.0, 448.9 447.5, 10.8 11.6, 557.7 556.0,
228.3 228.1, 998.0 995.8, 888.8 887.6, 119.6 120.2, 0.3 0.3, 0.6 0.3, 557.6 556.8, 339.3 339.1, 888.0 887.2,
998.5 999.0, 778.9 779.0, 10.2 11.1, 117.6 118.3, 228.9 229.2, 668.4 669.1, 449.2 448.9, 0.2 0.5
"""  # y, x. J. Norris, NIST


def table(text):
    data = np.array([[float(word) for word in row.split()] for row in text.split(",")])
    return data[:, 1:], data[:, 0]


def wampler(scale, noise):
    x = np.arange(21.0)
    powers = np.column_stack([x**k for k in range(6)])
    delta = np.array([*DELTA, *DELTA[3::-1]])
    return powers[:, 1:], powers @ scale ** np.arange(6.0) + noise * delta


CERTIFIED = {
    "longley": table(LONGLEY),
    "norris": table(NORRIS),
    "wampler1": wampler(1.0, 0),
    "wampler2": wampler(0.1, 0),
    "wampler3": wampler(1.0, 1),
    "wampler4": wampler(1.0, 100),
    "wampler5": wampler(1.0, 10000),
}


def conditioned(n, d, condition_number, rng):
    """Return a matrix of this condition number, evenly spread on a logarithmic scale."""
    left = np.linalg.qr(rng.standard_normal((n, d)))[0]
    right = np.linalg.qr(rng.standard_normal((d, d)))[0]
    return left * np.geomspace(1, 1 / condition_number, d) @ right


def varied(seed):
    """Return (X, y, intercept) of any shape, scales, offsets, condition number up to 1e13, and size of residuals."""
    rng = np.random.default_rng(seed)
    d = int(rng.integers(1, 7))
    n = d + 2 + int(rng.integers(0, 40))
    exponent = rng.uniform(0, 13 if rng.random() < 0.3 else 6)
    X = conditioned(n, d, 10.0**exponent, rng) * 10.0 ** rng.uniform(-100, 100, d)
    if rng.random() < 0.4:
        X += np.abs(X).max(axis=0) * 10.0 ** rng.uniform(-1, 8 if exponent < 4 else 2, d)
    w = rng.standard_normal(d) / np.abs(X).max(axis=0) * 10.0 ** rng.uniform(-2, 2, d)
    y = X @ w + 10.0 ** rng.uniform(-12, 5) * rng.standard_normal(n) + rng.choice([0.0, 1.0, 1e6])
    return X, y * 10.0 ** rng.uniform(-50, 50), bool(rng.random() < 0.75)


@pytest.mark.parametrize("divisor", [1, 3])
@pytest.mark.parametrize("name", CERTIFIED)
def test_certified_data_to_the_last_digit_in_any_order_of_rows(name, divisor):
    X, y = CERTIFIED[name]
    for seed in range(3):
        rows = np.random.default_rng(seed).permutation(len(y)) if seed else np.arange(len(y))
        assert_right(X[rows] / divisor, y[rows] / divisor)


def test_certified_coefficients_of_norris():
    w, b = refined.refined(*CERTIFIED["norris"])
    assert w[0] == pytest.approx(1.00211681802045, rel=1e-14)
    assert b == pytest.approx(-0.262323073774029, rel=1e-14)


@pytest.mark.parametrize("noise", [0.0, 1e-6, 1.0, 1e4])
@pytest.mark.parametrize("exponent", range(14))
def test_every_condition_number_and_size_of_residual(exponent, noise):
    rng = np.random.default_rng(exponent)
    X = conditioned(30, 4, 10.0**exponent, rng)
    y = X @ np.ones(4) + 0.3 + noise * np.linalg.norm(X) * rng.standard_normal(30)
    found = assert_right(X, y)
    if exponent not in range(5, 9):
        assert found.method == ("semi-normal corrections" if exponent < 5 else "augmented system")


@pytest.mark.parametrize("exponent", [0, 3, 10])
def test_sorted_rows_are_no_harder(exponent):
    rng = np.random.default_rng(0)
    X = conditioned(300, 3, 10.0**exponent, rng)
    y = X @ np.ones(3) + rng.standard_normal(300)
    rows = np.argsort(y)
    assert_right(X[rows], y[rows])


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize(("n", "d"), [(2, 1), (3, 2), (129, 1), (256, 5), (40, 20)])
def test_shapes(n, d, intercept):
    rng = np.random.default_rng(n)
    assert_right(rng.standard_normal((n, d)), rng.standard_normal(n), intercept=intercept)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_as_many_coefficients_as_samples(d):
    rng = np.random.default_rng(d)
    X = rng.standard_normal((d + 1, d))
    assert_right(X, rng.standard_normal(d + 1))


@pytest.mark.parametrize("offset", [1e3, 1e8, 1e12])
def test_offsets_cost_nothing(offset):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((50, 3)) + offset * np.array([1, -1, 0.5])
    assert_right(X, rng.standard_normal(50) + offset)


@pytest.mark.parametrize("exponents", [(-150, 0, 150), (150, 150, 150), (-150, -150, -150), (0, 100, -100)])
@pytest.mark.parametrize("y_exponent", [-140, 0, 140])
def test_scales_cost_nothing(exponents, y_exponent):
    rng = np.random.default_rng(1)
    X = rng.standard_normal((40, 3)) * 10.0 ** np.array(exponents, dtype=float)
    assert_right(X, rng.standard_normal(40) * 10.0**y_exponent)


@pytest.mark.parametrize("layout", [np.asfortranarray, lambda X: X.astype(np.float32)])
def test_layouts_and_single_precision(layout):
    rng = np.random.default_rng(2)
    X = layout(rng.standard_normal((60, 3)))
    found = refined.solve(X, y := rng.standard_normal(60), intercept=True, threads=1)
    same = refined.solve(np.ascontiguousarray(X, dtype=np.float64), y, intercept=True, threads=1)
    np.testing.assert_array_equal(found.w, same.w)


@pytest.mark.parametrize("position", [5, 63, 99])
def test_a_row_unlike_all_that_were_sampled(position):
    rng = np.random.default_rng(3)
    X = rng.standard_normal((100, 2))
    X[position, 0] = 1e160
    assert_right(X, rng.standard_normal(100), roundings=3)


def test_sparse_columns_of_small_values():
    X = np.zeros((400, 2))
    X[7, 0], X[8, 0], X[300, 1], X[301, 1] = 1e-170, 3e-170, 2.0, 1.0
    assert_right(X, np.random.default_rng(4).standard_normal(400))


def test_the_bound_holds_and_says_something():
    sharp = []
    for seed in range(300):
        X, y, intercept = varied(seed)
        found = refined.solve(X, y, intercept=intercept, threads=1)
        want = minimiser(X, y, intercept=intercept)
        for value, exact, bound in zip([*found.w, found.b], want, found.bound, strict=False):
            error = abs(Fraction(float(value)) - exact)
            assert error <= Fraction(float(bound)), seed
            sharp.append(float(bound) <= 1000 * max(float(error), UNIT * abs(float(exact))))
    assert len(sharp) > 1000
    assert np.mean(sharp) > 0.99


def test_the_bound_holds_where_biased_sums_err_most():
    # An offset lets every sum of products grow alike, and its roundings with it.
    for seed in range(40):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(200, 500))
        X = rng.standard_normal((n, 2)) + 10.0 ** rng.uniform(1, 7, 2)
        assert_right(X, X @ np.ones(2) + rng.standard_normal(n))


def test_an_intercept_that_is_nothing_but_rounding_has_a_bound_too():
    # w.mean x and mean y nearly cancel: b is tiny, and its error is not that of a number of its size.
    X, y = np.arange(1.0, 41.0)[:, None] ** [1, 2, 3] / 7.0, np.zeros(40)
    y += X @ [1e6, -3e4, 7e2]
    assert abs(assert_right(X, y, roundings=1e9).b) < 1e-8


def count_passes(monkeypatch, X, y, *, intercept=True, **options):
    passes, one_pass = [], corrections.gradient
    monkeypatch.setattr(corrections, "gradient", lambda *args, **named: passes.append(1) or one_pass(*args, **named))
    refined.solve(X, y, intercept=intercept, threads=1, **options)
    return len(passes)


@pytest.mark.parametrize(("exponent", "passes"), [(0, [1]), (2, [1]), (6, [2, 3])])
def test_as_many_corrections_as_the_condition_number_asks_for(exponent, passes, monkeypatch):
    rng = np.random.default_rng(5)
    X = conditioned(5000, 3, 10.0**exponent, rng)
    y = X @ np.ones(3) + np.linalg.norm(X) * rng.standard_normal(5000) / 100
    assert count_passes(monkeypatch, X, y) in passes


def test_residuals_cost_a_pass_only_near_an_exact_fit(monkeypatch):
    rng = np.random.default_rng(6)
    X = rng.standard_normal((500, 3))
    assert count_passes(monkeypatch, X, X @ np.ones(3) + rng.standard_normal(500), with_residuals=True) == 1
    assert count_passes(monkeypatch, X, X @ np.ones(3), with_residuals=True) == 2


def test_an_intercept_that_is_not_asked_for_costs_no_pass(monkeypatch):
    X = np.random.default_rng(9).standard_normal((500, 3))
    y = X @ np.ones(3) + np.random.default_rng(10).standard_normal(500)
    assert count_passes(monkeypatch, X, y, intercept=False) == 1


@pytest.mark.parametrize("n", [1, 2, 9, 40])
def test_the_inverse_of_a_definite_matrix(n):
    A = np.random.default_rng(n).standard_normal((2 * n, n))
    is_definite, inverse = positive_definite_inverse(A.T @ A)
    assert is_definite
    np.testing.assert_allclose(inverse @ (A.T @ A), np.eye(n), rtol=0, atol=1e-11)
    assert not positive_definite_inverse(-np.eye(n))[0]


def test_no_copy_of_the_data_is_made():
    X = np.random.default_rng(7).standard_normal((50000, 20))
    y = X @ np.ones(20) + np.random.default_rng(8).standard_normal(50000)
    refined.solve(X, y, intercept=True, threads=1)
    tracemalloc.start()
    refined.solve(X, y, intercept=True, threads=1, with_residuals=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < X.nbytes / 10


def test_a_constant_target_has_no_slope():
    X = np.random.default_rng(0).standard_normal((60, 6)) * 10.0 ** np.linspace(-3, 3, 6)
    found = assert_right(X, np.full(60, 0.1))
    assert found.b == 0.1
    assert not found.w.any()
