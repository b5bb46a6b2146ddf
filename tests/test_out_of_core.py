"""Least squares by blocks: the answer of the whole, wherever the blocks come from, and errors that name them."""

import sys
import threading
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from rational import minimiser

import lrbench
from lrbench.out_of_core import npy
from lrbench.out_of_core.fitting import open_source
from lrbench.out_of_core.reading import in_order
from lrbench.regression.gram import scatter
from lrbench.regression.merging import merged, merged_in_pairs

UNIT = 2.0**-53
N, D, ROWS = 5000, 4, 700  # the last block is shorter


def make(n=N, d=D, seed=0, offset=3.0):
    rng = np.random.default_rng([seed, n, d])
    X = offset + rng.standard_normal((n, d))
    return X, X @ np.linspace(-1, 2, d) + 4 + 0.5 * rng.standard_normal(n)


def blocks(X, y, rows=ROWS):
    return [(X[i : i + rows], y[i : i + rows]) for i in range(0, len(y), rows)]


def save_npy(folder, X, y, order="C"):
    np.save(folder / "X.npy", np.asarray(X, order=order))
    np.save(folder / "y.npy", y)
    return folder


def save_parquet(folder, X, y, rows=ROWS, **options):
    table = pa.table({**{f"x{j}": X[:, j] for j in range(X.shape[1])}, "y": y})
    pa.parquet.write_table(table, folder / "data.parquet", row_group_size=rows, **options)
    return folder / "data.parquet"


def save_zarr(folder, X, y, rows=ROWS):
    zarr = pytest.importorskip("zarr", reason="needs zarr: pip install 'lrbench[out-of-core]'")
    group = zarr.open_group(str(folder / "data.zarr"), mode="w")
    group.create_array("X", data=X, chunks=(rows, X.shape[1]))
    group.create_array("y", data=y, chunks=(rows,))
    return folder / "data.zarr"


def dask_arrays(X, y):
    array = pytest.importorskip("dask.array", reason="needs dask: pip install 'lrbench[out-of-core]'")
    return array.from_array(X, chunks=(ROWS, -1)), array.from_array(y, chunks=ROWS)


SOURCES = {
    "npy": lambda folder, X, y: (save_npy(folder, X, y),),
    "fortran": lambda folder, X, y: (save_npy(folder, X, y, "F"),),
    "two_files": lambda folder, X, y: (save_npy(folder, X, y) / "X.npy", folder / "y.npy"),
    "parquet": lambda folder, X, y: (save_parquet(folder, X, y),),
    "zarr": lambda folder, X, y: (save_zarr(folder, X, y),),
    "dask": lambda _folder, X, y: dask_arrays(X, y),
    "list": lambda _folder, X, y: (blocks(X, y),),
    "function": lambda _folder, X, y: (lambda: iter(blocks(X, y)),),
    "generator": lambda _folder, X, y: (iter(blocks(X, y)),),
}
any_source = pytest.mark.parametrize("save", SOURCES.values(), ids=SOURCES)
BYTES = 8 * D * ROWS


@any_source
@pytest.mark.parametrize("intercept", [True, False])
def test_every_source_gives_the_answer_of_the_whole(tmp_path, save, intercept):
    X, y = make()
    want = lrbench.fit(X, y, intercept)
    found = lrbench.fit(*save(tmp_path, X, y), intercept=intercept, block_bytes=BYTES)
    # One pass alone: some 20 roundings of the Gram matrix, at a condition number near 1.
    tolerance = 0 if found.method != "one pass" else 100 * UNIT
    np.testing.assert_allclose(found.coefficients, want.coefficients, rtol=tolerance + 2 * UNIT)
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


@any_source
def test_a_value_that_is_not_finite_is_found_in_its_block(tmp_path, save):
    X, y = make()
    X[3 * ROWS + 17, 2] = np.nan
    with pytest.raises(lrbench.BadBlock, match=r"block 3.*column 2 of X is nan in its row 17") as raised:
        lrbench.fit(*save(tmp_path, X, y), block_bytes=BYTES)
    assert raised.value.block == 3


@any_source
def test_so_is_one_of_y(tmp_path, save):
    X, y = make()
    y[-1] = np.inf
    with pytest.raises(lrbench.BadBlock, match=r"block 7.*y is inf in its row 99") as raised:
        lrbench.fit(*save(tmp_path, X, y), block_bytes=BYTES)
    assert raised.value.block == 7


def test_a_corrupt_row_group_is_named(tmp_path):
    X, y = make()
    path = save_parquet(tmp_path, X, y, compression="zstd", write_page_checksum=True)
    place = pa.parquet.read_metadata(path).row_group(5).column(1).data_page_offset
    content = bytearray(path.read_bytes())
    content[place + 200] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(lrbench.BadBlock, match=r"row group 5, rows 3500 to 4199") as raised:
        lrbench.fit(path)
    assert raised.value.block == 5


def test_a_block_that_fails_to_read_is_named(tmp_path, monkeypatch):
    save_npy(tmp_path, *make())
    readv = npy.os.readv
    third = (tmp_path / "X.npy").stat().st_size - 8 * N * D + 2 * BYTES  # beyond y's end

    def failing(descriptor, buffers):
        if npy.os.lseek(descriptor, 0, npy.os.SEEK_CUR) == third:
            message = "Input/output error"
            raise OSError(5, message)
        return readv(descriptor, buffers)

    monkeypatch.setattr(npy.os, "readv", failing)
    monkeypatch.setattr(npy, "_is_resident", lambda _part: False)
    with pytest.raises(lrbench.BadBlock, match=r"block 2 .*rows 1400 to 2099.*Input/output error"):
        lrbench.fit(tmp_path, block_bytes=BYTES)


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


def test_a_file_that_has_become_shorter_is_named(tmp_path):
    save_npy(tmp_path, *make())
    source = open_source(tmp_path, block_bytes=BYTES)
    with (tmp_path / "X.npy").open("r+b") as file:
        file.truncate(4 * BYTES)
    with pytest.raises(ValueError, match="length"):
        source.read(6)


def test_what_an_iterator_raises_names_the_block():
    def broken():
        yield from blocks(*make())[:2]
        message = "the tape tore"
        raise RuntimeError(message)

    with pytest.raises(lrbench.BadBlock, match="block 2: the tape tore"):
        lrbench.fit(broken())


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (np.ones((3, 4)), r"block 1 is ndarray, not a pair"),
        ((np.ones((3, 5)), np.ones(3)), "block 1: 5 columns where the block before has 4"),
        ((np.ones((3, 4)), np.ones(4)), r"block 1: X of shape \(3, 4\) and y of shape \(4,\)"),
        ((np.ones((3, 4), dtype=complex), np.ones(3)), "block 1: X: complex128 values"),
        ((np.ones(3), np.ones(3)), r"block 1: X of shape \(3,\)"),
    ],
)
def test_what_is_no_block_is_named(block, message):
    with pytest.raises(lrbench.BadBlock, match=message):
        lrbench.fit([blocks(*make())[0], block])


def test_sources_that_are_none_are_refused(tmp_path):
    X, y = make(50)
    save_npy(tmp_path, X, y)
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    np.save(tmp_path / "text.npy", np.array(["a"]))
    (tmp_path / "empty").mkdir()
    (tmp_path / "data.csv").write_text("1,2")
    for arguments, message in [
        ((tmp_path / "X.npy",), "holds X alone. Give y too"),
        ((tmp_path / "nowhere",), "no such file"),
        ((tmp_path / "data.csv",), "not one of .npy"),
        ((tmp_path / "objects.npy", tmp_path / "y.npy"), "cannot be read as .npy"),
        ((tmp_path / "text.npy", tmp_path / "y.npy"), "<U1 values"),
        ((tmp_path / "y.npy", tmp_path / "X.npy"), "rows and as many targets"),
        ((save_parquet(tmp_path, X, y), "price"), "no column 'price' for the target; its columns are x0, x1"),
        ((X,), "y is missing"),
        ((3.0,), "y is missing"),
    ]:
        with pytest.raises(lrbench.BadSource, match=message):
            lrbench.fit(*arguments)
    with pytest.raises(lrbench.BadBlock, match="no blocks"):
        lrbench.fit([])


def test_zarr_is_refused_with_its_reason_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(lrbench.BadSource, match=r"needs zarr: pip install 'lrbench\[out-of-core\]'"):
        lrbench.fit(tmp_path)


@pytest.mark.parametrize("kind", [pa.string(), pa.timestamp("s")])
def test_a_parquet_column_without_numbers_is_named(tmp_path, kind):
    table = pa.table({"a": pa.array([None, None], kind), "y": [1.0, 2.0]})
    pa.parquet.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(lrbench.BadSource, match=r"column 'a' holds .* not numbers"):
        lrbench.fit(tmp_path / "t.parquet")


def test_a_missing_value_is_found_in_its_row_group(tmp_path):
    table = pa.table({"a": [1.0, 2.0, 3.0, None, 5.0, 6.0], "y": [1.0, 2.0, 0.0, 4.0, 5.0, 6.0]})
    pa.parquet.write_table(table, tmp_path / "t.parquet", row_group_size=2)
    with pytest.raises(lrbench.BadBlock, match=r"row group 1.*column 'a' misses 1 values"):
        lrbench.fit(tmp_path / "t.parquet")


def test_columns_that_determine_nothing_are_refused():
    X, y = make()
    with pytest.raises(lrbench.Unsolvable, match="4 samples do not determine 4 coefficients"):
        lrbench.fit(blocks(X[:4], y[:4], 2))
    X[:, 1] = 7.0
    with pytest.raises(lrbench.Unsolvable, match="column 1 of X: constant"):
        lrbench.fit(blocks(X, y))
    X[:, 1] = X[:, 0] - X[:, 2]
    with pytest.raises(lrbench.Unsolvable, match="dependent, or nearly"):
        lrbench.fit(blocks(X, y))


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
    X, y = make()
    X_buffer, y_buffer = np.empty((100, D)), np.empty(100)

    def refilled():
        for a, b in blocks(X, y, 100):
            X_buffer[:], y_buffer[:] = a, b
            yield X_buffer, y_buffer

    np.testing.assert_allclose(lrbench.fit(refilled).coefficients, lrbench.fit(X, y).coefficients, rtol=2 * UNIT)


def test_calls_run_side_by_side_and_come_in_order():
    both = threading.Barrier(2)  # passed only if two calls wait at it at once

    def call(k):
        both.wait(10)
        return k

    assert list(in_order(call, 8, 2)) == list(range(8))


def test_what_a_call_raises_comes_in_its_turn_and_ends_the_rest():
    begun = []

    def call(k):
        begun.append(k)
        if k == 5:
            message = "five"
            raise ValueError(message)
        return k

    found = in_order(call, 1000, 2)
    assert [next(found) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="five"):
        next(found)
    assert len(begun) < 20


def test_threads_end_with_the_iteration():
    before = threading.active_count()
    found = in_order(str, 1000, 3)
    assert next(found) == "0"
    found.close()
    assert threading.active_count() == before


def test_each_thread_holds_one_block_and_few_results_wait():
    held, most, lock = 0, 0, threading.Lock()

    class Value:
        def __init__(self, _k):
            nonlocal held, most
            with lock:
                held += 1
                most = max(most, held)

        def __del__(self):
            nonlocal held
            with lock:
                held -= 1

    def call(k):
        Value(k)  # a block, gone when its call is over

    for _ in in_order(call, 200, 3):
        pass
    assert most <= 3
    most = 0
    for value in in_order(Value, 200, 3):  # results, of which two for each thread wait
        assert value
        del value
    assert most <= 7
