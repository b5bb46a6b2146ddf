"""Blocks and sources that cannot be used: refused, by name and with what to do."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from block_files import BYTES, ROWS, D, N, any_source, blocks, make, save_npy, save_parquet

import lrbench
from lrbench.out_of_core import npy
from lrbench.out_of_core.fitting import open_source


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
