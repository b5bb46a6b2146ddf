"""The second moments of one pass, against exact rational arithmetic."""

import math
import os
import platform
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from lrbench.regression import panels, triangle, vectors
from lrbench.regression.gram import scatter

UNIT = 2.0**-53
FEATURES = (1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33, 100, 130)  # around whole vectors, and beyond one and several tiles
SAMPLES = (1, 2, 3, 127, 128, 129, 1000)  # with and without whole panels and vectors
LAYOUTS = {"C": np.ascontiguousarray, "F": np.asfortranarray, "gaps": lambda X: np.repeat(X, 2, axis=1)[:, ::2]}
NARROW_VECTORS = """
import numpy as np
from lrbench.regression import corrections, gram, vectors
from lrbench.regression.double_double import SPLIT, SPLITTER
for d in (1, 2, 3, 4, 5, 8, 33):
    X = np.random.default_rng(d).standard_normal((300, d))
    for layout in (np.ascontiguousarray, np.asfortranarray):
        moments = gram.scatter(layout(X), X[:, 0])
        Z = (np.column_stack((X, X[:, 0])) - moments.shift) / moments.scale
        Z -= Z.mean(axis=0)
        # 300 roundings of products below 16, and NumPy's own as many
        np.testing.assert_allclose(moments.gram, Z.T @ Z, rtol=0, atol=2 * 300 * 300 * 16 * 2.0**-53)
        # a bias of 2^20 costs 2^20 UNIT^2 of 300 additions: nothing beside a double's rounding
        v = np.arange(1.0, d + 2), np.zeros(d + 1)
        arguments = layout(X), X[:, 0].copy(), np.ones(d + 1), v
        plain = corrections.gradient(*arguments, splitter=SPLIT)
        if SPLITTER is None:
            biased = corrections.gradient(*arguments, bias=np.full(d + 1, 2.0**20))
            np.testing.assert_allclose(biased[0], plain[0], rtol=4e-16, atol=1e-20)
            np.testing.assert_allclose(biased[1], plain[1], rtol=0, atol=300 * 2.0**20 * 2.0**-105)
print(vectors.LANES)
"""
PARALLEL = """
import numpy as np
from lrbench.regression import gram
gram._PARALLEL_FLOPS = 0
for d in (1, 2, 3, 20, 70):
    for n in (1, 5, 1000):
        for dtype in (np.float64, np.float32):
            X = np.random.default_rng(d).standard_normal((n, d)).astype(dtype)
            y = np.random.default_rng(n).standard_normal(n)
            one, two = (gram.scatter(X, y, threads=threads) for threads in (1, 2))
            # Sums over halves: at most n roundings apart, of at most the squares' sums; z is at most about 8
            np.testing.assert_allclose(one.gram, two.gram, rtol=0, atol=64 * n * n * 2.0**-53)
            np.testing.assert_allclose(one.mean, two.mean, rtol=0, atol=8 * n * 2.0**-53)
print(gram.numba.get_num_threads())
"""


def make(n, d, seed=0):
    rng = np.random.default_rng([seed, n, d])
    return rng.standard_normal((n, d)), rng.standard_normal(n)


def exact_columns(moments, X, y):
    """Return the shifted and scaled columns of [X y] as integers times a common power of two, and that power."""
    table = np.column_stack((X, y))
    columns = [
        [(Fraction(float(v)) - Fraction(float(shift))) / Fraction(float(scale)) for v in column]
        for column, shift, scale in zip(table.T, moments.shift, moments.scale, strict=True)
    ]
    unit = max((value.denominator for column in columns for value in column), default=1)
    return [[int(value * unit) for value in column] for column in columns], unit


def assert_exact(moments, X, y, *, intercept=True):
    """Hold the moments against exact ones.

    Each z rounds once, which moves a product by 2 UNIT of its magnitude; a sum of n products and its correction for
    the mean round at most n + 4 times more, relatively to the magnitudes' own sum.
    """
    n = len(y)
    columns, unit = exact_columns(moments, X, y)
    for j, u in enumerate(columns):
        mean = Fraction(sum(u), n * unit) if intercept else Fraction(0)
        size = float(Fraction(sum(map(abs, u)), n * unit))
        assert abs(float(Fraction(float(moments.mean[j])) - mean)) <= (n + 4) * UNIT * size
        for k, v in enumerate(columns[: j + 1]):
            products = [p * q for p, q in zip(u, v, strict=True)]
            centre = Fraction(sum(u) * sum(v), n) if intercept else 0
            magnitude = 2 * math.sqrt(sum(p * p for p in u)) * math.sqrt(sum(q * q for q in v)) / unit / unit
            error = float(Fraction(float(moments.gram[j, k])) - (sum(products) - centre) / Fraction(unit * unit))
            assert abs(error) <= (n + 6) * UNIT * magnitude, (j, k)
            assert moments.gram[j, k] == moments.gram[k, j]


@pytest.mark.parametrize("n", SAMPLES)
@pytest.mark.parametrize("d", [1, 2, 3, 7, 8, 9])
def test_moments_against_exact_ones(n, d):
    X, y = make(n, d)
    assert_exact(scatter(X + 5, y), X + 5, y)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("d", FEATURES)
def test_moments_of_every_width_against_exact_ones(d, intercept):
    X, y = make(20, d)
    assert_exact(scatter(X, y, intercept=intercept), X, y, intercept=intercept)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("n", SAMPLES)
@pytest.mark.parametrize("d", FEATURES)
def test_moments_do_not_depend_on_the_layout(n, d, layout):
    # Each sum is at most n roundings of at most the square of z's size, about 8, away from the exact one.
    X, y = make(n, d)
    want, got = scatter(X, y), scatter(layout(X), y)
    np.testing.assert_allclose(got.gram, want.gram, rtol=0, atol=64 * n * n * UNIT)
    np.testing.assert_array_equal(got.scale, want.scale)
    np.testing.assert_array_equal(got.shift, want.shift)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("d", FEATURES)
def test_float32_is_summed_in_float64(d, layout):
    X, y = make(129, d)
    X = X.astype(np.float32)
    got, want = scatter(layout(X), y), scatter(X.astype(np.float64), y)
    np.testing.assert_allclose(got.gram, want.gram, rtol=0, atol=64 * 129 * 129 * UNIT)


def test_a_large_offset_costs_the_moments_no_digits():
    # Without the shift, products of 1e16 would leave no digit of sums of squares near 1000.
    X, y = make(1000, 5)
    X = X + 1e8  # rounds; the rounded X is the data
    moments = scatter(X, y + 1e8)
    assert_exact(moments, X, y + 1e8)
    # A median is within a standard deviation of the mean, and a sample's is near it
    assert np.all(moments.mean**2 <= np.diag(moments.gram) / 1000)


@pytest.mark.parametrize("d", [1, 2, 3, 11])
def test_scales_from_1e_minus_150_to_1e150(d):
    X, y = make(100, d)
    units = np.geomspace(1e-150, 1e150, d + 1)
    X, y = X * units[:d], y * units[d]
    moments = scatter(X, y)
    assert_exact(moments, X, y)
    assert np.all(np.diag(moments.gram) > 1e-3)
    assert np.all(np.diag(moments.gram) < 1e6)
    np.testing.assert_array_equal(np.frexp(moments.scale)[0], 0.5)


def test_a_column_that_its_sample_misrepresents_is_scaled_anew():
    X, y = make(1000, 2)
    X[:, 0] = 0.0
    X[500, 0] = 1e200  # not in the sample: its square overflows
    moments = scatter(X, y)
    assert np.all(np.isfinite(moments.gram))
    assert moments.gram[0, 0] == pytest.approx((1e200 / moments.scale[0]) ** 2 * 0.999, rel=1e-12)


@pytest.mark.parametrize("value", [0.0, 7.0, 1e100])
def test_a_constant_column_has_no_second_moment(value):
    X, y = make(300, 3)
    X[:, 1] = value
    moments = scatter(X, y)
    assert not moments.gram[1].any()
    assert moments.shift[1] == value


@pytest.mark.parametrize("d", [1, 2, 3, 14, 15, 20])
@pytest.mark.parametrize(
    "lay_out", [lambda y: np.column_stack((y, -y))[:, 0], lambda y: y[::-1].copy()[::-1], np.float32]
)
def test_targets_may_have_gaps_and_any_type(d, lay_out):
    X, y = make(300, d)
    laid_out = lay_out(y)
    assert_exact(scatter(X, laid_out), X, laid_out.astype(np.float64))


@pytest.mark.parametrize("d", [3, 6, 7, 10, 14])
@pytest.mark.parametrize("n", [1, 2, 127, 128, 129, 300])
@pytest.mark.parametrize("units", [(1.0, 1.0), (2.0**-90, 2.0**95), (2.0**-560, 2.0**560)], ids=["1", "near", "far"])
def test_few_features_have_the_moments_of_many(n, d, units):
    # As panels have them, whose scales are applied to the rows; what lies behind the last row is not read as X's.
    X, y = make(n, d)
    X *= np.geomspace(*units, d)
    around = np.full((n + 4, d), np.nan)
    around[:n] = X
    few = scatter(around[:n], y)
    many = scatter(np.hstack((X, X[:, :1] + np.zeros((n, 20)))), y)
    own = [*range(d), -1]
    np.testing.assert_allclose(few.gram, many.gram[np.ix_(own, own)], rtol=0, atol=n * n * 16 * UNIT)


def test_no_samples_have_no_moments():
    moments = scatter(np.empty((0, 3)), np.empty(0))
    assert moments.n_samples == 0
    assert not moments.gram.any()


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the features taken away are x86's")
@pytest.mark.skipif(vectors.LANES == 4, reason="without AVX-512, the short vectors are this processor's own")
def test_vectors_of_four_do_as_well_as_those_of_eight(tmp_path):
    narrow = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "+avx2,+fma", "LRBENCH_CACHE": str(tmp_path)}
    command = [sys.executable, "-c", NARROW_VECTORS]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | narrow)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["4"]


def test_two_threads_agree_with_one():
    environment = os.environ | {"NUMBA_NUM_THREADS": "2"}
    run = subprocess.run([sys.executable, "-c", PARALLEL], capture_output=True, text=True, check=False, env=environment)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["2"]


@pytest.mark.parametrize("lanes_of_rows", [(0, 400), (13, 14), (100, 399)])
def test_blocks_of_rows_add_up(lanes_of_rows):
    # What a driver of many blocks relies on: the sums of all rows are those of its parts.
    X, y = make(400, 9)
    start, end = lanes_of_rows
    samples = triangle.Samples(X.reshape(-1), y, (9, 1), np.zeros(10), np.ones(10))
    sums, panel = np.zeros((2, triangle.n_sums(9))), np.full(panels.panel_size(9), np.nan)
    panels.add_rows(*samples, (0, 400), sums[0], panel)
    for rows in ((0, start), (start, end), (end, 400)):
        panels.add_rows(*samples, rows, sums[1], panel)
    table = np.column_stack((X, y, np.ones(400)))
    for j in range(11):
        for k in range(j + 1):
            whole, parts = sums[:, triangle.position(j, k)]
            # 400 roundings of products below 16
            assert whole == pytest.approx(parts, abs=400 * 400 * 16 * UNIT)
            assert whole == pytest.approx(table[:, j] @ table[:, k], abs=400 * 400 * 16 * UNIT)


@pytest.mark.parametrize(("n_features", "kept"), [(10, True), (300, True), (2100, False)])
def test_a_thread_keeps_the_sums_of_its_last_pass_up_to_some_size_and_clears_them(n_features, kept):
    memory = panels.Memory()
    first, panel = memory.of(1, n_features)
    first.fill(1.0)
    second, again = memory.of(1, n_features)
    assert ((first is second), (panel is again)) == (kept, kept)
    assert not second.any()
    assert second.shape == (1, triangle.n_sums(n_features))
