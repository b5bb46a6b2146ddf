"""Sums in twice float64's precision, against fractions; every bound is far below what plain float64 sums reach."""

from fractions import Fraction

import numpy as np
import pytest
from numba import njit
from rational import exactly, paired, residuals

from lrbench.regression import compilation, corrections, double_double, residual_panels
from lrbench.regression.double_double import SPLIT, SPLITTER, add, multiply, two_product, two_sum
from lrbench.regression.residual_panels import PANEL

UNIT = Fraction(1, 2**53)
SHAPES = [(1, 1), (2, 3), (PANEL - 1, 2), (PANEL, 1), (PANEL + 1, 4), (3 * PANEL + 5, 7)]


@pytest.fixture(params=["split", "fused"])
def splitter(request):
    if request.param == "split":
        return SPLIT
    if SPLITTER is not None:
        pytest.skip("this processor has no fused multiply-add")
    return None


def make(n, d, seed=0):
    """Return data of mixed signs and sizes, powers of two that scale them, and coefficients with low parts."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d)) * 10.0 ** rng.uniform(-2, 2, d)
    y = 100 * rng.standard_normal(n)
    inverse_scale = 2.0 ** rng.integers(-3, 3, d + 1)
    v = rng.standard_normal(d + 1)
    return X, y, inverse_scale, (v, v * 2.0**-54 * rng.uniform(-1, 1, d + 1))


def exact_sums(X, y, inverse_scale, v):
    """Return [X 1]'r and r'r of the scaled data, r, and the sums of the magnitudes of their terms."""
    X, y = X * inverse_scale[:-1], y * inverse_scale[-1]  # powers of two round nothing
    r = residuals(X, y, paired(v))
    sizes = [
        abs(t) + sum(abs(x * c) for x, c in zip([*exactly(row), Fraction(1)], paired(v), strict=True))
        for row, t in zip(X, exactly(y), strict=True)
    ]
    columns = [*(exactly(column) for column in X.T), [Fraction(1)] * len(y), r]
    sums = [sum(x * e for x, e in zip(column, r, strict=True)) for column in columns]
    terms = [sum(abs(x) * size for x, size in zip(column, sizes, strict=True)) for column in columns]
    return sums, r, terms


LAYOUTS = {
    "rows": np.ascontiguousarray,
    "columns": np.asfortranarray,
    "every other column": lambda X: np.repeat(X, 2, 1)[:, ::2],
    "every other row": lambda X: np.repeat(X, 2, 0)[::2],
    "rows apart": lambda X: np.hstack((X, np.full_like(X, np.nan)))[:, : X.shape[1]],
    "rows backwards": lambda X: X[::-1].copy()[::-1],
    "a row again and again": lambda X: np.broadcast_to(X[:1], X.shape),
}
WHERE = [pytest.param(*shape, np.ascontiguousarray, id=f"{shape[0]}x{shape[1]}") for shape in SHAPES]
WHERE += [pytest.param(PANEL + 13, 9, layout, id=name) for name, layout in LAYOUTS.items()]


@pytest.mark.parametrize(("n", "d", "make_layout"), WHERE)
def test_the_gradient_has_twice_the_precision(n, d, splitter, make_layout):
    X, y, inverse_scale, v = make(n, d)
    X = make_layout(X)
    want, _, terms = exact_sums(X, y, inverse_scale, v)
    got = paired(corrections.gradient(X, y, inverse_scale, v, splitter=splitter))
    # d + 2 additions a residual and n / 32 a lane, each rest rounded to UNIT of at most UNIT of the terms.
    allowed = 4 * (d + 2 + n // 32 + 1) * UNIT**2
    assert all(abs(a - b) <= allowed * size for a, b, size in zip(got, want, terms, strict=True))


def test_plain_sums_would_not_pass():
    X, y, inverse_scale, v = make(200, 3)
    want, _, terms = exact_sums(X, y, inverse_scale, v)
    scaled = X * inverse_scale[:-1]
    plain = scaled.T @ (y * inverse_scale[-1] - scaled @ v[0][:-1] - v[0][-1])
    errors = [float(abs(a - b) / size) for a, b, size in zip(exactly(plain), want, terms, strict=False)]
    assert max(errors) > 1e-18
    kernel = paired(corrections.gradient(X, y, inverse_scale, v))
    assert max(float(abs(a - b) / size) for a, b, size in zip(kernel, want, terms, strict=True)) < 1e-31


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_threads_share_the_rows(threads, splitter, monkeypatch):
    monkeypatch.setattr(corrections, "SERIAL_BELOW", 0)
    X, y, inverse_scale, v = make(5 * PANEL + 3, 2)
    want, _, terms = exact_sums(X, y, inverse_scale, v)
    got = paired(corrections.gradient(X, y, inverse_scale, v, threads=threads, splitter=splitter))
    assert all(abs(a - b) <= 100 * UNIT**2 * size for a, b, size in zip(got, want, terms, strict=True))


@pytest.mark.skipif(SPLITTER is not None, reason="this processor has no fused multiply-add")
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(("n", "d", "make_layout"), WHERE)
def test_biased_sums_err_by_the_bias(n, d, make_layout, threads, monkeypatch):
    monkeypatch.setattr(corrections, "SERIAL_BELOW", 0)
    X, y, inverse_scale, v = make(n, d)
    X = make_layout(X)
    want, r, terms = exact_sums(X, y, inverse_scale, v)
    bias = 2.0 ** np.ceil(np.log2([8 * float(size) for size in terms[:d]] + [8 * max(map(float, map(abs, terms)))]))
    got = paired(corrections.gradient(X, y, inverse_scale, v, threads=threads, bias=bias))
    length = sum(map(abs, r))
    for j, (a, b) in enumerate(zip(got, want, strict=True)):
        size = terms[j] if j < d else 2 * length  # the residuals' own errors, by their bias, reach every sum
        columns = exactly(np.abs(X[:, j] * inverse_scale[j])) if j < d else [max(1, size)]
        allowed = Fraction(bias[j]) * (n + 8) if j < d else Fraction(0)
        assert abs(a - b) <= 4 * UNIT**2 * (allowed + (d + 3) * n * Fraction(bias[d]) * max(columns) + 100 * size)


def test_single_precision_columns_are_read_as_they_are(splitter):
    X, y, inverse_scale, v = make(150, 3)
    X = X.astype(np.float32)
    want, _, terms = exact_sums(X.astype(np.float64), y, inverse_scale, v)
    got = paired(corrections.gradient(X, y, inverse_scale, v, splitter=splitter))
    assert all(abs(a - b) <= 100 * UNIT**2 * size for a, b, size in zip(got, want, terms, strict=True))


@pytest.mark.parametrize(("n", "d"), SHAPES)
def test_residuals_near_zero_keep_their_digits(n, d, splitter):
    # y is X w + b rounded: the residuals are its roundings, which float64 alone cannot see.
    X, _, inverse_scale, v = make(n, d)
    y = (X * inverse_scale[:-1]) @ v[0][:-1] + v[0][-1]
    inverse_scale[-1] = 1.0
    _, want, _ = exact_sums(X, y, inverse_scale, v)
    got = paired(residual_panels.residuals(X, y, inverse_scale, *v, splitter))
    assert len(got) == n
    scale = max(abs(X * inverse_scale[:-1]) @ abs(v[0][:-1]) + abs(v[0][-1]))
    assert max(abs(a - b) for a, b in zip(got, want, strict=True)) <= 8 * (d + 2) * UNIT**2 * Fraction(float(scale))


@pytest.mark.parametrize(("n", "d"), SHAPES)
def test_a_product_that_cancels_to_nothing_keeps_its_digits(n, d, splitter):
    # Residuals made orthogonal to X, rounded to pairs: all that is left of X'r are errors of UNIT^2.
    X, _, inverse_scale, _ = make(n, d)
    X *= inverse_scale[:-1]
    rng = np.random.default_rng(1)
    high, low = rng.standard_normal(n), rng.standard_normal(n) * 2.0**-55
    for _ in range(3 if n > d + 1 else 0):
        A = np.column_stack((X, np.ones(n)))
        sums = corrections.transposed_product(X, np.ones(d + 1), high, low, splitter)
        high, low = add(high, low, -A @ np.linalg.lstsq(A.T @ A, sums[0], rcond=None)[0], 0.0)
    r = paired((high, low))
    columns = [*(exactly(column) for column in X.T), [Fraction(1)] * n]
    want = [sum(x * e for x, e in zip(column, r, strict=True)) for column in columns]
    terms = [sum(abs(x * e) for x, e in zip(column, r, strict=True)) for column in columns]
    got = paired(corrections.transposed_product(X, np.ones(d + 1), high, low, splitter))
    for a, b, size in zip(got, want, terms, strict=True):
        assert abs(a - b) <= 4 * UNIT**2 * abs(b) + 8 * n * UNIT**3 * size


@pytest.mark.parametrize("exact", [two_sum, two_product, *map(compilation.strict, (two_sum, two_product))])
def test_transformations_lose_nothing(exact):
    rng = np.random.default_rng(2)
    for a, b in rng.standard_normal((300, 2)) * 10.0 ** rng.uniform(-20, 20, (300, 2)):
        value, rest = map(Fraction, map(float, exact(a, b)))
        assert value + rest == (Fraction(a) + Fraction(b) if exact(a, b)[0] == a + b else Fraction(a) * Fraction(b))
        assert float(value + rest) == float(value)


@pytest.mark.parametrize("exact", [two_sum, two_product, compilation.strict(two_sum)])
def test_transformations_are_strict_where_their_caller_is_not(exact):
    def call(a, b):
        value, rest = exact(a, b)
        return value, rest

    reassociated = njit(call, fastmath={"reassoc", "contract"})
    reassociated(1.0, 2.0)
    (code,) = reassociated.inspect_llvm().values()
    assert "fsub double" in code
    assert "reassoc" not in code


def test_pairs_of_arrays_and_of_numbers_agree_with_fractions():
    rng = np.random.default_rng(3)
    highs, lows = rng.standard_normal((2, 50)), rng.standard_normal((2, 50)) * 2.0**-54
    (a, c), (b, e) = highs, lows
    for high, low, want in (
        (*add(a, b, c, e), [p + q for p, q in zip(paired((a, b)), paired((c, e)), strict=True)]),
        (*multiply(a, b, c), [p * q for p, q in zip(paired((a, b)), exactly(c), strict=True)]),
    ):
        for got, exact, x, y in zip(paired((high, low)), want, a, c, strict=True):
            assert abs(got - exact) <= 4 * UNIT**2 * Fraction(abs(x) + abs(y))
    total = sum(map(Fraction, double_double.total(a, b)))
    assert abs(total - sum(paired((a, b)))) <= 100 * UNIT**2 * sum(map(abs, exactly(a)))


def test_the_total_of_nothing_is_zero():
    assert double_double.total(np.empty(0), np.empty(0)) == (0.0, 0.0)
