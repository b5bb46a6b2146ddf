"""Rows and values that no fit can use: the exact words of each refusal."""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from small_table import AGE, AREA, PRICE, csv_text, replaced

EPSILON = np.finfo(np.float64).eps
SEED = 20


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
