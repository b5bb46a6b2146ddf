"""Least squares by blocks: the answer of the whole, wherever the blocks come from."""

import sys
from fractions import Fraction

import numpy as np
import pytest
from block_files import BYTES, ROWS, D, N, any_source, blocks, make, save_npy
from rational import minimiser

import lrbench
from lrbench.out_of_core import npy
from lrbench.out_of_core.fitting import open_source
from lrbench.regression.gram import scatter
from lrbench.regression.merging import merged, merged_in_pairs

UNIT = 2.0**-53


@any_source
@pytest.mark.parametrize("intercept", [True, False])
def test_every_source_gives_the_answer_of_the_whole(tmp_path, save, intercept):
    X, y = make()
    want = lrbench.fit(X, y, intercept)
    found = lrbench.fit(*save(tmp_path, X, y), intercept=intercept, block_bytes=BYTES)
    # One pass alone: some 20 roundings of the Gram matrix, whose condition number is the square of X's.
    tolerance = 0 if found.method != "one pass" else 20 * want.condition_number**2 * UNIT
    largest = np.abs(want.coefficients).max()  # of which the others have their errors
    np.testing.assert_allclose(found.coefficients, want.coefficients, rtol=2 * UNIT, atol=tolerance * largest)
    np.testing.assert_allclose(found.intercept, want.intercept, rtol=2 * tolerance + 2 * UNIT)
    assert found.residual_sum_of_squares == pytest.approx(want.residual_sum_of_squares, rel=1e-12)
    assert found.condition_number == pytest.approx(want.condition_number, rel=1e-9)


@any_source
def test_the_bounds_hold(tmp_path, save):
    X, y = make(40, 3)
    exact = minimiser(X, y)
    found = lrbench.fit(*save(tmp_path, X, y), block_bytes=8 * 3 * 7)
    bounds = [*found.error_bound, found.intercept_error_bound]
    for value, bound, right in zip([*found.coefficients, found.intercept], bounds, exact, strict=True):
        assert abs(Fraction(float(value)) - right) <= Fraction(float(bound))
        assert bound <= 1e-11 * max(1.0, abs(float(right)))


def test_each_correction_is_a_pass_and_a_generator_has_one():
    X, y = make()
    passes = []

    def count():
        passes.append(len(passes))
        return iter(blocks(X, y))

    assert lrbench.fit(count).method == "semi-normal corrections"
    assert len(passes) >= 2
    assert lrbench.fit(iter(blocks(X, y))).method == "one pass"


@pytest.mark.parametrize("offset", [0.0, 1e6, -1e9])
def test_blocks_that_lie_far_apart_keep_their_digits(offset):
    # A level that jumps between blocks: sums about one common shift would lose the digits of its square.
    X, y = make()
    X = X.copy()
    X[ROWS:, 0] += offset
    want = lrbench.fit(X, y)
    found = lrbench.fit(blocks(X, y))
    np.testing.assert_allclose(found.coefficients, want.coefficients, rtol=4 * UNIT)


@pytest.mark.parametrize("factor", [1.0, 2.0**-300, 2.0**40])
def test_merged_moments_are_those_of_the_whole(factor):
    X, y = make()
    X = X.copy()
    X[:ROWS, 1] *= factor  # a scale of its own in the first block
    X[:ROWS, 2] = 5.0  # and a column without spread
    whole = scatter(X, y)
    parts = merged_in_pairs([scatter(a, b) for a, b in blocks(X, y)], merged)
    assert parts.n_samples == N
    ratio = whole.scale / parts.scale
    gram = parts.gram / np.outer(ratio, ratio)
    norms = np.sqrt(np.diag(whole.gram))
    # sums of 5000 products round 70 times, as a random walk; relative to the columns' norms
    np.testing.assert_allclose(gram / np.outer(norms, norms), whole.gram / np.outer(norms, norms), rtol=0, atol=2e-14)
    means = [moments.shift + moments.mean * moments.scale for moments in (parts, whole)]
    np.testing.assert_allclose(*means, rtol=0, atol=1e-15 * np.abs(np.column_stack([X, y])).max(axis=0).max())


def test_parts_are_merged_in_pairs():
    assert merged_in_pairs("abcdefg", lambda a, b: f"({a}{b})") == "(((ab)(cd))((ef)g))"
    assert merged_in_pairs([], max) is None


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's madvise, which maps pages at a call")
@pytest.mark.parametrize("refused", [0, -1])
def test_a_block_that_cannot_be_mapped_is_read_by_calls(tmp_path, monkeypatch, refused):
    source = open_source(save_npy(tmp_path, *make()), block_bytes=BYTES)
    call, mapped, brought = vars(npy)["_call"], [], []

    def calls(name):
        return call(name) if name == "mincore" else lambda *arguments: mapped.append(arguments) or refused

    monkeypatch.setattr(npy, "_call", calls)
    monkeypatch.setattr(npy, "_bring", lambda path, start, size: brought.append((path, start, size)))
    for _ in range(2):  # the second time it is there
        X, y = source.read(2)
    assert [length >= part.nbytes for (_, length, _), part in zip(mapped, (X, y), strict=True)] == [True, True]
    header = (tmp_path / "X.npy").stat().st_size - 8 * N * D
    first = [(str(tmp_path / "X.npy"), header + 2 * BYTES, BYTES), (str(tmp_path / "y.npy"), 128 + 16 * ROWS, 8 * ROWS)]
    assert brought == (first if refused else [])


@pytest.mark.parametrize("apart", [1e-2, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-10])
def test_nearly_dependent_columns_are_solved_within_the_bounds_or_refused(apart):
    X, y = make(60, 3)
    X[:, 2] = X[:, 0] + apart * X[:, 2]  # a condition number of about 2 / apart
    if apart < 1e-6:
        with pytest.raises(lrbench.Unsolvable, match=r"condition number.* is beyond 1e6 to 1e7"):
            lrbench.fit(blocks(X, y, 7))
        return
    found = lrbench.fit(blocks(X, y, 7))
    for value, bound, right in zip(found.coefficients, found.error_bound, minimiser(X, y)[:3], strict=True):
        assert abs(Fraction(float(value)) - right) <= Fraction(float(bound)) <= Fraction(1e-13) * abs(right)


def test_progress_counts_blocks_in_every_pass(tmp_path):
    X, y = make()
    seen = []
    lrbench.fit(save_npy(tmp_path, X, y), block_bytes=BYTES, progress=lambda done, of: seen.append((done, of)))
    assert seen[:8] == [(k + 1, 8) for k in range(8)]
    assert len(seen) % 8 == 0
    seen.clear()
    lrbench.fit(iter(blocks(X, y)), progress=lambda done, of: seen.append((done, of)))
    assert seen == [(k + 1, None) for k in range(8)]


def test_a_buffer_that_is_used_again_is_no_harm():
    X, y = make(5600)
    X_buffer, y_buffer = np.empty((100, D)), np.empty(100)

    def refilled():
        for a, b in blocks(X, y, 100):
            X_buffer[:], y_buffer[:] = a, b
            yield X_buffer, y_buffer

    np.testing.assert_allclose(lrbench.fit(refilled).coefficients, lrbench.fit(X, y).coefficients, rtol=2 * UNIT)
