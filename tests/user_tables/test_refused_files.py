"""Files that are no tables: the exact words of each refusal."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from small_table import AGE, AREA, PRICE, csv_text

from lrbench.tables import BadTable, read_table


def test_the_message_begins_with_the_path(tmp_path):
    path = tmp_path / "absent.csv"
    with pytest.raises(BadTable) as caught:
        read_table(path, "price")
    assert str(caught.value) == f"{path}: no such file. Check the path."


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(BadTable, match=r": is a folder. Give one CSV or Parquet file\."):
        read_table(tmp_path, "price")


def test_an_unreadable_file_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n")

    def deny(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)
    with pytest.raises(BadTable, match=r"cannot be read \(Permission denied\). Check the file and its permissions\."):
        read_table(path, "a")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty. Give a CSV or Parquet file with a header and rows."),
        (b"\n \n", "a header and no rows below it. Give a file with data."),
        (b"\n\r\n\n", "holds only empty lines. Give a file with a header and rows."),
        (b"a,price\n", "a header and no rows below it. Give a file with data."),
        (b"PK\x03\x04abc", "is a zip file or an Excel workbook, neither CSV nor Parquet. Save it as CSV first."),
        ("a,price\n1,2\n".encode("utf-16"), "is UTF-16 text, neither CSV nor Parquet. Save it as UTF-8 first."),
        ("a,größe\n1,2\n".encode("latin-1"), "is not UTF-8 (byte 0xf6 in line 1 of the file). Save it as UTF-8."),
        (b"a,price\n1,2\n3,caf\xe9\n", "is not UTF-8 (byte 0xe9 in line 3 of the file). Save it as UTF-8."),
        (
            b"a,price\n" + b"1,2\n" * 9_999 + b"3,caf\xe9\n",
            "is not UTF-8 (byte 0xe9 in line 10001 of the file). Save it as UTF-8.",
        ),
        (b"a,a,price,b,b\n1,2,3,4,5\n", "the header has the same name more than once: 'a' 2 times, 'b' 2 times. "),
        (b"a,b,price\n1,2,3\n4,5\n", "data row 2 has 2 cells and the header 3. Correct them: quote a cell"),
        (
            b"a,b,price\n\n1,2,3\n4,5\n\n1,2,3\n1\n1,2,3,4\n2,3\n",
            "data row 2 has 2 cells and the header 3; 4 such rows (data rows 2, 4, 5 and 1 more). Correct them: ",
        ),
        (b'price,a\n1,2\n2,"3\n4,5\n', "its last cell opens a quote and never closes it. Close it; a quote within "),
        (b",price\n0,1\n1,2\n", "column 1 has no name of its own (''), as when a program writes its row numbers. "),
        (b"a b price\n1 2 3\n", "has one column only, 'a b price', and needs a target and a feature. Separate cells "),
        (b"PAR1abc", "begins as Parquet but cannot be read, damaged or cut short ("),
    ],
)
def test_a_file_that_is_no_table_is_refused(refusal, content, words):
    assert refusal(content).startswith(words)


def test_rows_keep_their_numbers_beyond_one_block(refusal):
    n = 300_000
    rows = b"1234567890123456789012345678901,2,1234567890123456789012345678901\n" * n
    words = refusal(b"a,b,price\n" + rows + b"4,5\n")
    assert words.startswith(f"data row {n + 1} has 2 cells and the header 3.")


def test_a_file_that_is_only_named_parquet_is_refused(tmp_path):
    path = tmp_path / "t.parquet"
    path.write_text(csv_text(AREA, AGE, PRICE))
    with pytest.raises(BadTable, match=r"is named Parquet but begins with b'area' where Parquet begins with b'PAR1'\."):
        read_table(path, "price")


def test_truncated_parquet_is_refused(tmp_path):
    path = tmp_path / "t.parquet"
    pa.parquet.write_table(pa.table({"a": [1, 2], "price": [3, 4]}), path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(
        BadTable, match=r"begins as Parquet but cannot be read, damaged or cut short \(.*Write it again"
    ):
        read_table(path, "price")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pa.table({}), "has no columns. Give a file with data."),
        (
            pa.table({"a": pa.array([], pa.int64()), "price": pa.array([], pa.int64())}),
            "a header and no rows below it.",
        ),
        (pa.Table.from_arrays([pa.array([1])] * 2, names=["a", "a"]), "the header has the same name more than once: "),
        (
            pa.table({"__index_level_0__": [1], "price": [2]}),
            (
                "column 1 has no name of its own ('__index_level_0__'), as when a program writes its row numbers. "
                "Name it in the file, or leave it out with --drop __index_level_0__."
            ),
        ),
    ],
)
def test_parquet_that_is_no_table_is_refused(refusal, content, words):
    assert refusal(content).startswith(words)
