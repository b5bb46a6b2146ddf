"""Blocks and sources that cannot be used: refused, by name and with what to do."""

import os
import sys

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
    with pytest.raises(lrbench.BadBlock, match=r"block 7.*y is inf in its row 698") as raised:
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
    monkeypatch.setattr(npy, "_are_resident", lambda _first, _pages: False)
    with pytest.raises(lrbench.BadBlock, match=r"block 2 .*rows 1400 to 2099.*Input/output error"):
        lrbench.fit(tmp_path, block_bytes=BYTES)


def test_a_file_that_has_become_shorter_is_named(tmp_path):
    save_npy(tmp_path, *make())
    source = open_source(tmp_path, block_bytes=BYTES)
    with (tmp_path / "X.npy").open("r+b") as file:
        file.truncate(4 * BYTES)
    with pytest.raises(ValueError, match="length"):
        source.read(6)


def test_sources_that_are_none_are_refused(tmp_path):
    X, y = make(50)
    save_npy(tmp_path, X, y)
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    np.save(tmp_path / "text.npy", np.array(["a"]))
    (tmp_path / "empty").mkdir()
    (tmp_path / "data.csv").write_text("1,2")
    (tmp_path / "folder.parquet").mkdir()
    (tmp_path / "nothing.npy").touch()
    (tmp_path / "cut.npy").write_bytes((tmp_path / "X.npy").read_bytes()[:-8])
    (tmp_path / "zip.npy").write_bytes(b"PK\x03\x04" + bytes(20))
    for name, array in [("column", y[:, None]), ("short", y[1:]), ("no_rows", X[:0]), ("no_y", y[:0])]:
        np.save(tmp_path / f"{name}.npy", array)
    np.save(tmp_path / "no_columns.npy", X[:, :0])
    twice = pa.Table.from_arrays([pa.array(y)] * 3, names=["a", "a", "y"])
    pa.parquet.write_table(twice, tmp_path / "twice.parquet")
    for arguments, message in [
        ((tmp_path / "X.npy",), "holds X alone. Give y too"),
        ((tmp_path / "nowhere",), "no such file"),
        ((tmp_path / "data.csv",), "not one of .npy"),
        (("",), "no X.npy, and no Zarr group"),
        ((tmp_path / "empty",), "no X.npy, and no Zarr group"),
        (("a\0.parquet",), r"embedded null .*Check the path\."),
        ((tmp_path / "none.npy", tmp_path / "y.npy"), r"none\.npy: cannot be read: No such file or directory\."),
        ((tmp_path / "folder.parquet",), "is a folder, where one file must be"),
        ((tmp_path / "nothing.npy", tmp_path / "y.npy"), r"begins with b'', where \.npy begins with b'.x93NUMPY'"),
        ((tmp_path / "zip.npy", tmp_path / "y.npy"), r"begins with b'PK.* Write it with numpy\.save\."),
        ((tmp_path / "cut.npy", tmp_path / "y.npy"), "cut.npy: cannot be read as .npy: "),
        ((tmp_path / "objects.npy", tmp_path / "y.npy"), "cannot be read as .npy"),
        ((tmp_path / "text.npy", tmp_path / "y.npy"), "<U1 values"),
        ((tmp_path / "y.npy", tmp_path / "X.npy"), r"X of shape \(50,\), where .* A single column is X\[:, None\]\."),
        ((tmp_path / "X.npy", tmp_path / "column.npy"), r"y of shape \(50, 1\), where .* Try y\.ravel\(\)\."),
        ((tmp_path / "X.npy", tmp_path / "short.npy"), r"X of shape \(50, 4\) and y of shape \(49,\): as many targets"),
        ((tmp_path / "no_rows.npy", tmp_path / "no_y.npy"), "no rows, so nothing to fit"),
        ((tmp_path / "no_columns.npy", tmp_path / "y.npy"), r"X of shape \(50, 0\) has no columns"),
        ((tmp_path / "X.npy", y), r"y is of type ndarray, and X the path .* Give y's file, or the target's column\."),
        ((X, tmp_path / "y.npy"), r"y is the path '.*y\.npy', and X is none\. Give two paths, or two arrays\."),
        ((tmp_path, tmp_path / "y.npy"), r"a folder, which holds y too\. Give it alone: fit\('"),
        ((tmp_path / "twice.parquet",), r"more than one column 'a'\. Rename them"),
        ((save_parquet(tmp_path, X, y), "price"), "no column 'price' for the target; its columns are x0, x1"),
        ((X,), "y is missing"),
        ((3.0,), "y is missing"),
    ]:
        with pytest.raises(lrbench.BadSource, match=message):
            lrbench.fit(*arguments)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_would_never_end_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "X.npy")
    os.mkfifo(tmp_path / "X.parquet")
    for source in (tmp_path, tmp_path / "X.parquet"):
        with pytest.raises(lrbench.BadSource, match="is not a regular file"):
            lrbench.fit(source)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every file's name is text")
def test_a_name_that_is_no_text_is_no_harm(tmp_path):
    X, y = make(50)
    folder = tmp_path / os.fsdecode(b"a b\xff")
    folder.mkdir()
    save_npy(folder, X, y)
    assert lrbench.fit(os.fsencode(folder)).coefficients.tolist() == lrbench.fit(X, y).coefficients.tolist()
    path = folder / "data.parquet"
    save_parquet(tmp_path, X, y).rename(path)
    with pytest.raises(lrbench.BadSource, match=r"cannot be read as Parquet: .*utf-8"):
        lrbench.fit(path)


@pytest.mark.parametrize("size", [0, -1, float("nan")])
def test_a_block_holds_a_byte_at_least(tmp_path, size):
    with pytest.raises(lrbench.BadSource, match=f"block_bytes is {size}, where"):
        lrbench.fit(save_npy(tmp_path, *make(50)), block_bytes=size)


def test_the_case_of_a_suffix_makes_no_difference(tmp_path):
    X, y = make(50)
    save_npy(tmp_path, X, y)
    want = lrbench.fit(tmp_path).coefficients.tolist()
    (tmp_path / "X.npy").rename(tmp_path / "X.NPY")
    assert lrbench.fit(tmp_path / "X.NPY", tmp_path / "y.npy").coefficients.tolist() == want
    path = save_parquet(tmp_path, X, y).rename(tmp_path / "T.PARQUET")
    assert lrbench.fit(path).coefficients.tolist() == pytest.approx(want)


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
