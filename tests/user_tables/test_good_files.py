"""What a good file becomes: X, y, and a remark on whatever was done between."""

import decimal
import os
import sys

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from small_table import AGE, AREA, PRICE, csv_text, replaced

from lrbench.tables import read_table
from lrbench.tables.standardising import standardise

EPSILON = np.finfo(np.float64).eps
SEED = 20


def test_features_are_standardised_in_c_order_and_the_target_is_kept(read):
    table = read(csv_text(AREA, AGE, PRICE))
    values = np.array([AREA[1:], AGE[1:]], dtype=float).T
    assert table.feature_names == ("area", "age")
    assert table.target == "price"
    assert table.X.flags.c_contiguous
    assert table.X.dtype == table.y.dtype == np.float64
    np.testing.assert_allclose(table.X, (values - values.mean(axis=0)) / values.std(axis=0), rtol=8 * EPSILON)
    np.testing.assert_allclose(table.means, values.mean(axis=0), rtol=4 * EPSILON)
    np.testing.assert_allclose(table.scales, values.std(axis=0), rtol=4 * EPSILON)
    assert table.y.tolist() == [100, 180, 210, 120, 300]
    assert table.remarks == (
        "Read 5 rows of 3 columns.",
        "5 samples of 2 features; target 'price' left as it is.",
        "Features standardised to mean 0 and standard deviation 1.",
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: b"\xef\xbb\xbf" + text, "byte order mark"),
        (lambda text: text.replace(b"\n", b"\r\n"), "lines end as on Windows"),
        (lambda text: text.replace(b"\n", b"\n\n"), "empty lines"),
        (lambda text: text.replace(b",", b" , "), "spaces around cells"),
        (lambda text: text.rstrip(), "no end of the last line"),
        (lambda text: text.replace(b"70", b'"70"'), "quoted number"),
        (lambda text: text.replace(b"70", b"+7.e1"), "other spelling"),
    ],
)
def test_spelling_makes_no_difference(read, change, why):
    plain = csv_text(AREA, AGE, PRICE).encode()
    assert np.array_equal(read(change(plain)).X, read(plain).X), why


@pytest.mark.parametrize(("separator", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_another_separator_is_found_and_said(read, separator, word):
    table = read(csv_text(AREA, AGE, PRICE, separator=separator))
    assert np.array_equal(table.X, read(csv_text(AREA, AGE, PRICE)).X)
    assert table.remarks[1] == f"Cells separated by {word}, as in the header."


def test_a_quoted_header_may_hold_separator_and_line_end(read):
    table = read(csv_text(['"area, m2\nnet"', *AREA[1:]], AGE, PRICE))
    assert table.feature_names == ("area, m2\nnet", "age")


def test_a_cell_may_hold_line_ends_wherever_a_block_ends(read):
    n = 2_000  # 20 MB, more than one block, nearly all of it line ends within cells
    rows = "".join(f'{i},"{"x" + 10_000 * chr(10)}",{i * i % 1009}\n' for i in range(n))
    assert read("a,notes,price\n" + rows, drop=["notes"]).X.shape == (n, 1)


def test_content_decides_between_csv_and_parquet(tmp_path):
    path = tmp_path / "houses.csv"
    pa.parquet.write_table(pa.table({c[0]: [float(v) for v in c[1:]] for c in (AREA, AGE, PRICE)}), path)
    assert read_table(path, "price").X.shape == (5, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every file's name is text")
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_name_that_is_no_text_is_no_harm(tmp_path, suffix):
    path = tmp_path / os.fsdecode(b"a b\xff." + suffix.encode())
    content = pa.table({"area": [50.0, 70.0, 90.0, 65.0, 120.0], "price": [100.0, 180.0, 210.0, 120.0, 300.0]})
    with path.open("wb") as file:
        (pa.csv.write_csv if suffix == "csv" else pa.parquet.write_table)(content, file)
    assert read_table(path, "price").y.tolist() == content["price"].to_pylist()


def test_every_number_of_parquet_is_a_number(read):
    columns = {
        "int": pa.array([2**63 - 1, 1, 2, 3, 4, 5, 9, 2**62]),
        "uint": pa.array([2**64 - 1, 1, 7, 3, 4, 5, 8, 9], pa.uint64()),
        "half": pa.array([1.5, 2, 3, 1, 9, 4, 7, 1], pa.float16()),
        "decimal": pa.array([decimal.Decimal(f"{v}.25") for v in (3, 1, 4, 1, 5, 9, 2, 6)]),
        "bool": pa.array([True, False, False, True, True, False, False, False]),
        "price": pa.array([3, 1, 4, 1, 5, 9, 2, 7]).dictionary_encode(),
    }
    table = read(pa.table(columns))
    assert table.feature_names == ("int", "uint", "half", "decimal", "bool")
    values = np.array([[float(v) for v in columns[name].to_pylist()] for name in table.feature_names]).T
    expected = (values - values.mean(axis=0)) / values.std(axis=0)
    # Entries of size up to 3, each the result of a few roundings.
    np.testing.assert_allclose(table.X, expected, rtol=0, atol=16 * EPSILON)
    assert table.y.tolist() == [3, 1, 4, 1, 5, 9, 2, 7]


def test_dropped_columns_are_not_looked_at_and_are_named(read):
    table = read(csv_text(AREA, ["id", *"vwxyz"], AGE, PRICE), drop=["id", "id"])
    assert table.feature_names == ("area", "age")
    assert table.remarks[1] == "Left out as asked: column 'id'."


@pytest.mark.parametrize("missing", ["", "NA", "NaN", "nan", "null", "None", "N/A", "#N/A", "<NA>", " NA ", "-nan"])
def test_missing_values_are_counted_or_dropped(read, refusal, missing):
    content = csv_text(replaced(AREA, 2, missing), AGE, PRICE)
    assert refusal(content) == (
        "column 'area' has 1 missing value (data row 2). Leave such rows out with --drop-missing, or fill them."
    )
    table = read(content, drop_missing=True)
    assert table.y.tolist() == [100, 210, 120, 300]
    assert table.remarks[1] == "1 row with missing values was dropped (by column: 'area' 1)."


def test_one_hot_leaves_the_first_value_out_and_names_it(read):
    kind = ["kind", "terraced", "detached", "flat", "flat", "detached", "flat", "flat"]
    table = read(csv_text(kind, ["price", *"1234567"]), one_hot=["kind"])
    assert table.feature_names == ("kind=flat", "kind=terraced")
    raw = table.X * table.scales + table.means
    np.testing.assert_allclose(raw, [[v == "flat", v == "terraced"] for v in kind[1:]], atol=4 * EPSILON)
    assert table.remarks[1] == "'kind' became 2 columns of 0 and 1; the value left out is 'detached'."


def test_one_hot_of_numbers_sorts_by_size(read):
    rooms = ["rooms", "10", "2", "9", "2", "10", "9", "2", "10"]
    table = read(csv_text(rooms, ["price", *"12345679"]), one_hot=["rooms"])
    assert table.feature_names == ("rooms=9", "rooms=10")
    in_parquet = read(
        pa.table({"rooms": [int(v) for v in rooms[1:]], "price": [1, 2, 3, 4, 5, 6, 7, 9]}), one_hot=["rooms"]
    )
    assert in_parquet.feature_names == table.feature_names
    assert np.array_equal(in_parquet.X, table.X)


@pytest.mark.parametrize(
    "cells",
    [
        pa.array(["b", "a", "a", "b", "a", None]),
        pa.array(["b", "a", "a", "b", "a", None]).dictionary_encode(),
        pa.array(["b", "a", "a", "b", "a", None], pa.string_view()),
        pa.array([True, False, False, True, False, None]),
        pa.array([1.5, 0.5, 0.5, 1.5, 0.5, float("nan")]),
        pa.array([decimal.Decimal(2), 1, 1, 2, 1, None], pa.decimal128(3, 1)),
    ],
    ids=lambda cells: str(cells.type),
)
def test_one_hot_takes_every_kind_of_category_and_none_is_missing(read, refusal, cells):
    content = pa.table({"k": cells, "price": [1, 2, 3, 4, 5, 6]})
    assert refusal(content, one_hot=["k"]).startswith("column 'k' has 1 missing value (data row 6).")
    table = read(content, one_hot=["k"], drop_missing=True)
    assert len(table.feature_names) == 1
    assert table.X[:, 0].argsort(kind="stable").tolist() == [1, 2, 4, 0, 3]


def test_categories_are_those_of_the_rows_that_stay(read):
    kind = ["kind", "a", "b", "a", "b", "a", "c"]
    table = read(csv_text(kind, ["x", *"12435", ""], ["price", *"123456"]), one_hot=["kind"], drop_missing=True)
    assert table.feature_names == ("kind=b", "x")


@pytest.mark.parametrize("offset", [0.0, 1e9, -1e12])
@pytest.mark.parametrize("scale", [1e-300, 1e-3, 1.0, 1e295])
def test_standardising_is_careful(offset, scale):
    values = (np.random.default_rng(SEED).normal(size=10_001) + offset) * scale
    standard, mean, deviation = standardise(values)
    # The mean of n numbers of size 1 rounds to a few eps by pairwise summation; so does that of their squares.
    assert abs(standard.mean()) < 4 * EPSILON
    assert abs(np.mean(standard**2) - 1) < 16 * EPSILON
    # A value is rounded to eps of the offset, in units of the scale.
    np.testing.assert_allclose(standard * deviation + mean, values, rtol=4 * EPSILON, atol=16 * EPSILON * deviation)


def test_standardising_equals_exact_arithmetic():
    values = np.random.default_rng(SEED).normal(size=200) + 1e9
    exact = [decimal.Decimal(v) for v in values.tolist()]
    with decimal.localcontext(prec=60):
        mean = sum(exact) / len(exact)
        deviation = (sum((v - mean) ** 2 for v in exact) / len(exact)).sqrt()
        expected = [float((v - mean) / deviation) for v in exact]
    standard, *_ = standardise(values)
    np.testing.assert_allclose(standard, expected, atol=16 * EPSILON, rtol=16 * EPSILON)
