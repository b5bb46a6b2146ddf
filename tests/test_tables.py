"""What a user's file becomes, and the exact words of every refusal."""

import decimal
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lrbench.tables import BadTable, read_table
from lrbench.tables.columns import _NUMBER
from lrbench.tables.standardising import standardise

EPSILON = np.finfo(np.float64).eps
SEED = 20

# Five rows of two features and a price, to which each test does one thing.
AREA = ["area", "50", "70", "90", "65", "120"]
AGE = ["age", "30", "5", "12", "41", "8"]
PRICE = ["price", "100", "180", "210", "120", "300"]


def csv_text(*columns, separator=","):
    return "".join(separator.join(row) + "\n" for row in zip(*columns, strict=True))


@pytest.fixture
def read(tmp_path):
    """Return a reader of CSV text or of a pyarrow table."""

    def read_content(content, target="price", **options):
        path = tmp_path / ("t.parquet" if isinstance(content, pa.Table) else "t.csv")
        if isinstance(content, pa.Table):
            pa.parquet.write_table(content, path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_table(path, target, **options)

    return read_content


@pytest.fixture
def refusal(read):
    """Return the words of a refusal, without the file's path."""

    def refuse(content, target="price", **options):
        with pytest.raises(BadTable) as caught:
            read(content, target, **options)
        path, _, words = str(caught.value).partition(": ")
        assert Path(path).stem == "t"
        return words

    return refuse


def replaced(column, row, cell):
    """Return the column with another cell in a data row counted from 1."""
    return [*column[:row], cell, *column[row + 1 :]]


# What a good file becomes.


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


# Round trips.

numbers = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda v: round(v, 3))


@settings(max_examples=60, deadline=None)
@given(values=st.integers(1, 4).flatmap(lambda d: arrays(np.float64, (d + 4, d + 1), elements=numbers)))
def test_csv_and_parquet_give_the_same_table(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("round")
    content = pa.table({f"c{j}": values[:, j] for j in range(values.shape[1])})
    pa.csv.write_csv(content, folder / "t.csv")
    pa.parquet.write_table(content, folder / "t.parquet")
    outcomes = []
    for name in ("t.csv", "t.parquet"):
        try:
            table = read_table(folder / name, "c0")
            outcomes.append((table.X.tobytes(), table.y.tobytes(), table.means.tobytes(), table.remarks))
            assert np.isfinite(table.X).all()
        except BadTable as error:
            outcomes.append(str(error).partition(": ")[2])
    assert outcomes[0] == outcomes[1]


@settings(max_examples=200, deadline=None)
@given(st.text("0123456789.eE+-infINFTYty", max_size=8).filter(bool))
def test_the_pattern_of_numbers_is_what_the_cast_takes(text):
    try:
        pa.array([text]).cast(pa.float64())
        taken = True
    except pa.ArrowInvalid:
        taken = False
    assert pc.match_substring_regex(pa.array([text]), _NUMBER)[0].as_py() is taken


def outcome(path):
    """Return the refusal's message, or whether X is finite."""
    try:
        table = read_table(path, "a")
    except BadTable as error:
        return str(error)
    return "finite" if np.isfinite(table.X).all() else "not finite"


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=60) | st.text("ab,;\n\"'1.5- NA", max_size=60).map(str.encode))
def test_any_bytes_are_a_table_or_a_refusal(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "t.csv"
    path.write_bytes(content)
    assert outcome(path).startswith((f"{path}: ", "finite"))


@pytest.mark.parametrize("seed", range(40))
def test_damaged_parquet_is_a_table_or_a_refusal(tmp_path, seed):
    rng = np.random.default_rng(seed)
    path = tmp_path / "t.parquet"
    pa.parquet.write_table(pa.table({"a": rng.normal(size=50), "b": rng.normal(size=50)}), path)
    data = bytearray(path.read_bytes())
    for position in rng.integers(4, len(data), size=3):
        data[position] = rng.integers(256)
    path.write_bytes(data[: rng.integers(4, len(data))] if seed % 2 else data)
    assert outcome(path).startswith((f"{path}: ", "finite"))


# The housing table.


@pytest.fixture(scope="module")
def housing(tmp_path_factory):
    rng = np.random.default_rng(SEED)
    n = 20_000
    income = rng.gamma(4, 1, n).round(4)
    rooms = rng.integers(2, 6000, n)
    bedrooms = np.array((rooms * rng.uniform(0.15, 0.3, n)).astype(int).astype(str), dtype=object)
    bedrooms[rng.choice(n, 207, replace=False)] = ""
    places = ["<1H OCEAN", "INLAND", "ISLAND", "NEAR BAY", "NEAR OCEAN"]
    columns = {
        "longitude": rng.uniform(-124.3, -114.3, n).round(2),
        "latitude": rng.uniform(32.5, 42, n).round(2),
        "housing_median_age": rng.integers(1, 53, n),
        "total_rooms": rooms,
        "total_bedrooms": bedrooms,
        "population": rng.integers(3, 5000, n),
        "households": rng.integers(1, 2000, n),
        "median_income": income,
        "median_house_value": (income * 40_000 + rng.normal(scale=50_000, size=n)).round(1),
        "ocean_proximity": rng.choice(places, n, p=[0.44, 0.32, 0.01, 0.11, 0.12]),
    }
    path = tmp_path_factory.mktemp("housing") / "housing.csv"
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_housing_is_refused_with_both_ways_out(housing):
    with pytest.raises(BadTable) as caught:
        read_table(housing, "median_house_value")
    first = housing.read_text().splitlines()[1].rpartition(",")[2]
    assert str(caught.value) == (
        f"{housing}: column 'ocean_proximity' is text, not numbers (first {first!r}). Make it columns of 0 and 1 with "
        "--one-hot ocean_proximity (k values give k - 1 columns), or leave it out with --drop ocean_proximity."
    )
    with pytest.raises(BadTable, match=r"'total_bedrooms' has 207 missing values \(data rows \d+, \d+, \d+ and 204 mo"):
        read_table(housing, "median_house_value", one_hot=["ocean_proximity"])


def test_housing_is_read_with_one_hot_and_without_missing(housing):
    table = read_table(housing, "median_house_value", one_hot=["ocean_proximity"], drop_missing=True)
    assert table.X.shape == (19_793, 12)
    assert table.feature_names[-4:] == tuple(
        f"ocean_proximity={place}" for place in ("INLAND", "ISLAND", "NEAR BAY", "NEAR OCEAN")
    )
    # Sums along contiguous columns are pairwise; down the rows of X they would lose n eps.
    columns = np.ascontiguousarray(table.X.T)
    assert np.abs(columns.mean(axis=1)).max() < 4 * EPSILON
    np.testing.assert_allclose(columns.std(axis=1), 1, rtol=16 * EPSILON)
    assert table.remarks == (
        "Read 20000 rows of 10 columns.",
        "207 rows with missing values were dropped (by column: 'total_bedrooms' 207).",
        "'ocean_proximity' became 4 columns of 0 and 1; the value left out is '<1H OCEAN'.",
        "19793 samples of 12 features; target 'median_house_value' left as it is.",
        "Features standardised to mean 0 and standard deviation 1.",
    )


def test_housing_is_read_with_drop(housing):
    table = read_table(housing, "median_house_value", drop=["ocean_proximity", "total_bedrooms"])
    assert table.X.shape == (20_000, 7)


# Files that are not tables.


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


# What was asked for.


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"target": "pirce"}, "no column 'pirce', the target. Nearest: 'price'."),
        ({"target": "PRICE"}, "no column 'PRICE', the target. Nearest: 'price'."),
        ({"target": "zzz"}, "no column 'zzz', the target. Its columns: 'area', 'age', 'price'."),
        ({"drop": ["aera"]}, "no column 'aera', named by --drop. Nearest: 'area'."),
        ({"one_hot": ["ages"]}, "no column 'ages', named by --one-hot. Nearest: 'age'."),
        ({"drop": ["price"]}, "'price' is the target, so --drop cannot name it. Take --drop price away."),
        ({"one_hot": ["price"]}, "'price' is the target, so --one-hot cannot name it. Take --one-hot price away."),
        (
            {"one_hot": ["age"], "drop": ["age"]},
            "column 'age' cannot be both --one-hot and --drop. Take one of them away.",
        ),
        (
            {"drop": ["age", "area"]},
            "--drop leaves no feature beside the target 'price'. Keep a column at least.",
        ),
        (
            {"one_hot": ["age"]},
            (
                "column 'age' has 5 different values in 5 rows, too many for --one-hot (at most 1000, and at most half "
                "of the rows). Leave it out with --drop age."
            ),
        ),
    ],
)
def test_a_request_that_does_not_fit_is_refused(refusal, options, words):
    assert refusal(csv_text(AREA, AGE, PRICE), **options) == words


def test_more_than_a_thousand_categories_are_refused(refusal):
    n = 3000
    content = pa.table({"k": [str(i % 1001) for i in range(n)], "price": np.arange(n) ** 2})
    assert refusal(content, one_hot=["k"]).startswith("column 'k' has 1001 different values in 3000 rows, too many ")


def test_one_number_spelled_twice_is_refused_as_a_category(refusal):
    content = csv_text(["zip", "1", "1.0", "2", "1", "2", "2"], ["price", *"123456"])
    assert refusal(content, one_hot=["zip"]) == (
        "column 'zip' spells one number as '1' and as '1.0': --one-hot cannot tell whether they are one value. "
        "Spell it one way, or leave the column out with --drop zip."
    )


def test_a_name_made_twice_is_refused(refusal):
    content = csv_text(["k", *"abaabb"], ["k=b", *"123455"], ["price", *"123456"])
    assert refusal(content, one_hot=["k"]) == (
        "--one-hot makes a second column 'k=b'. Leave one out with --drop k=b or --drop k."
    )


# Columns that are not numbers.


def test_text_columns_are_all_named_with_words_to_copy(refusal):
    content = csv_text(["sea view", *"ynyny"], AREA, ["-kind", *"abcab"], PRICE)
    assert refusal(content) == (
        "columns 'sea view', '-kind' are text, not numbers (first 'y', 'a'). Make them columns of 0 and 1 with "
        "--one-hot 'sea view' --one-hot=-kind (k values give k - 1 columns), or leave them out with "
        "--drop 'sea view' --drop=-kind."
    )


def test_a_few_bad_cells_are_named(refusal):
    content = csv_text(AREA, replaced(replaced(AGE, 2, "old"), 5, "nan(1)"), PRICE)
    assert refusal(content) == (
        "column 'age' has 2 cells that are not numbers (data rows 2, 5; first 'old'). "
        "Correct or empty them, or leave the column out with --drop age."
    )


def test_what_the_cast_takes_for_nan_is_a_bad_cell_unless_documented(refusal):
    words = refusal(csv_text(AREA, replaced(AGE, 5, "nan(1)"), PRICE))
    assert words.startswith("column 'age' has 1 cell that is not a number (data row 5; first 'nan(1)'). Correct or ")


def test_every_kind_of_refused_column_is_in_one_message(refusal):
    content = csv_text(AREA, replaced(AGE, 3, "x" * 90), ["kind", *"abcab"], PRICE)
    assert refusal(content) == (
        "column 'kind' is text, not numbers (first 'a'). Make it columns of 0 and 1 with --one-hot kind "
        "(k values give k - 1 columns), or leave it out with --drop kind. Also: column 'age' has 1 cell that is not a "
        f"number (data row 3; first '{'x' * 40}...'). "
        "Correct or empty them, or leave the column out with --drop age."
    )


@pytest.mark.parametrize("cell", ["70,5", "1.270,5", "1,270.5"])
def test_decimal_commas_are_never_guessed(refusal, cell):
    content = csv_text(replaced(AREA, 2, cell), AGE, PRICE, separator=";")
    assert refusal(content) == (
        f"column 'area' has numbers written with commas (data row 2; first '{cell}'). Write a decimal point, and "
        "nothing between thousands; lrbench never guesses what a comma means."
    )


def test_text_in_parquet_is_text_even_if_it_spells_numbers(refusal):
    content = pa.table({"zip": ["1", "2"], "price": [1, 2]})
    assert refusal(content).startswith("column 'zip' is text, not numbers (first '1'). ")


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (pa.array([datetime(2020, 1, 1, tzinfo=UTC)] * 2), "timestamp[us, tz=UTC]"),
        (pa.array([[1], [2]]), "list<element: int64>"),
        (pa.array([{"x": 1}, {"x": 2}]), "struct<x: int64>"),
        (pa.array([b"1", b"2"]), "binary"),
    ],
    ids=["timestamp", "list", "struct", "binary"],
)
@pytest.mark.parametrize("one_hot", [(), ("when",)])
def test_types_that_are_neither_numbers_nor_text_are_named(refusal, cells, kind, one_hot):
    content = pa.table({"when": cells, "price": [1, 2]})
    assert refusal(content, one_hot=one_hot) == (
        f"column 'when' is {kind}, neither numbers nor text. Leave it out with --drop when."
    )
    assert refusal(content, target="when") == f"the target 'when' is {kind}, not numbers. Give a target of numbers."


def test_a_target_of_text_is_refused(refusal):
    words = "the target 'kind' has 5 cells that are not numbers (data rows 1, 2, 3 and 2 more; first 'a'). "
    assert refusal(csv_text(AREA, ["kind", *"abcab"]), target="kind") == words + (
        "Correct them, or give a target of numbers."
    )


# Rows and values.


def test_missing_values_are_counted_by_column(refusal):
    content = csv_text(replaced(replaced(AREA, 1, ""), 4, ""), replaced(AGE, 4, "NA"), PRICE)
    assert refusal(content) == (
        "missing values in 2 columns, 2 of 5 rows: 'area' 2 (data rows 1, 4), 'age' 1 (data row 4). "
        "Leave such rows out with --drop-missing, or fill them."
    )


def test_a_missing_target_is_never_guessed(read, refusal):
    content = csv_text(AREA, AGE, replaced(PRICE, 3, ""))
    assert refusal(content) == (
        "column 'price' has 1 missing value (data row 3). Leave such rows out with --drop-missing, or fill them; "
        "lrbench never guesses a target."
    )
    assert read(content, drop_missing=True).y.tolist() == [100, 180, 120, 300]


@pytest.mark.parametrize("from_parquet", [False, True])
def test_no_complete_row_is_refused(refusal, from_parquet):
    content = csv_text(AREA, ["notes"] + [""] * 5, PRICE)
    if from_parquet:
        content = pa.table({"area": [1, 2, 3, 4, 5], "notes": pa.nulls(5), "price": [1, 3, 2, 4, 5]})
    assert refusal(content, drop_missing=True) == (
        "every row has a missing value, so --drop-missing leaves none (by column: 'notes' 5). Try --drop notes."
    )


def test_an_empty_target_cannot_be_dropped_away(refusal):
    words = refusal(csv_text(AREA, ["price"] + [""] * 5), drop_missing=True)
    assert words.endswith("(by column: 'price' 5). Try another target.")


def test_infinities_are_counted_by_column(refusal):
    content = csv_text(replaced(AREA, 2, "1e999"), replaced(AGE, 5, "-inf"), replaced(PRICE, 1, "Infinity"))
    assert refusal(content) == (
        "infinite values, or numbers beyond 1.8e308: 'area' 1 (data row 2), 'age' 1 (data row 5), "
        "'price' 1 (data row 1). Correct or empty them, or leave the columns out with --drop COLUMN."
    )


def test_rows_keep_their_numbers_after_others_are_dropped(refusal):
    content = csv_text(replaced(AREA, 1, ""), replaced(AGE, 5, "inf"), PRICE)
    assert "'age' 1 (data row 5)" in refusal(content, drop_missing=True)


def test_constant_columns_are_all_named_with_their_value(refusal):
    content = csv_text(["city", *"77777"], AREA, ["floor"] + ["0.10"] * 5, PRICE)
    assert refusal(content) == (
        "the same value in every row: 'city' (7.0), 'floor' (0.1). Leave them out with --drop city --drop floor."
    )


def test_a_column_that_dropping_rows_made_constant_is_refused(refusal):
    content = csv_text(replaced(AREA, 2, ""), ["floor", *"15111"], PRICE)
    assert refusal(content, drop_missing=True).startswith("the same value in every row: 'floor' (1.0). Leave it out")


def test_one_category_only_is_constant(refusal):
    words = "the same value in every row: 'kind' (a). Leave it out with --drop kind."
    assert refusal(csv_text(["kind", *"aaaaa"], AREA, PRICE), one_hot=["kind"]) == words


def test_a_constant_target_is_refused(refusal):
    assert refusal(csv_text(AREA, AGE, ["price", *"55555"])) == (
        "the target 'price' is 5.0 in every row: nothing is there to explain. Give another."
    )


@pytest.mark.parametrize(
    ("copy", "how"),
    [
        (lambda x: x, ""),
        (lambda x: -x, " up to a shift and a scale"),
        (lambda x: 1.8 * x + 32, " up to a shift and a scale"),
        (lambda x: x / 3 - 1e6, " up to a shift and a scale"),
    ],
)
def test_the_same_values_under_two_names_are_refused(refusal, copy, how):
    x, other, price = np.random.default_rng(SEED).normal(size=(3, 500))
    content = pa.table({"first": x, "other": other, "second one": copy(x), "price": price})
    assert refusal(content) == (
        f"columns 'first' and 'second one' hold the same values{how}, so that no fit can tell them apart. "
        "Leave one out, for example with --drop 'second one'."
    )


def test_nearly_the_same_values_are_two_columns(read):
    x, price, noise = np.random.default_rng(SEED).normal(size=(3, 500))
    assert read(pa.table({"first": x, "second": x + 1e-9 * noise, "price": price})).X.shape == (500, 2)


def test_one_hot_columns_that_repeat_each_other_are_refused(refusal):
    content = csv_text(["k", *"abaabb"], ["m", *"yxyyxx"], ["price", *"123456"])
    assert refusal(content, one_hot=["k", "m"]) == (
        "columns 'k=b' and 'm=y' hold the same values, so that no fit can tell them apart. "
        "Leave one out, for example with --drop m."
    )


def test_a_feature_that_is_the_target_is_refused(refusal):
    content = csv_text(AREA, ["in_cents", *(cell + "00" for cell in PRICE[1:])], PRICE)
    assert refusal(content) == (
        "column 'in_cents' is the target 'price' up to a shift and a scale, so that nothing is left to explain. "
        "Leave it out with --drop in_cents."
    )


@pytest.mark.parametrize(("n_rows", "enough"), [(3, False), (4, True)])
def test_fewer_rows_than_coefficients_intercept_and_one_are_refused(read, refusal, n_rows, enough):
    content = csv_text(*(column[: n_rows + 1] for column in (AREA, AGE, PRICE)))
    if enough:
        assert read(content).X.shape == (4, 2)
    else:
        assert refusal(content) == (
            "3 complete rows for 2 features: at least 4 are needed, one for each coefficient, one for the intercept "
            "and one that leaves a residual. Give more rows, or leave columns out with --drop COLUMN."
        )


@pytest.mark.parametrize("scale", [1e-300, 1e300, sys.float_info.max])
def test_extreme_features_are_standardised(read, scale):
    x, price = np.random.default_rng(SEED).uniform(-1, 1, size=(2, 100))
    table = read(pa.table({"x": x * scale, "price": price}))
    # Multiplying by the scale rounds each value once; an eps of 1 in each stays an eps.
    np.testing.assert_allclose(table.X[:, 0], read(pa.table({"x": x, "price": price})).X[:, 0], atol=16 * EPSILON)
    assert np.isfinite(table.scales).all()


def test_a_feature_that_varies_too_little_to_divide_by_is_refused(refusal):
    words = refusal(pa.table({"x": [0.0, 1e-310, 0.0, 2e-310], "price": [1, 2, 4, 3]}))
    assert words.startswith(
        "column 'x' with standard deviation below 2.2e-308. Multiply by a constant. Leave it out with"
    )


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_a_target_whose_squares_overflow_or_vanish_is_refused(refusal, scale):
    x, price = np.random.default_rng(SEED).normal(size=(2, 100))
    words = refusal(pa.table({"x": x, "price": price * scale}))
    assert words.endswith("its squares leave float64's range. Multiply it by a constant.")
