"""Columns that are not numbers: the exact words of each refusal."""

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from small_table import AGE, AREA, PRICE, csv_text, replaced


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


def test_a_name_that_would_move_the_cursor_is_shown_as_a_word_that_names_it(refusal):
    name = "\x1b[31mit's\\"
    words = refusal(csv_text([name, "50", "70", "x", "65", "120"], AGE, PRICE))
    assert words.isprintable()
    assert r"--drop $'\U0000001b[31mit\'s\\'" in words
