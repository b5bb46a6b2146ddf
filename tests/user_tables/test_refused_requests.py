"""Requests that do not fit the table: the exact words of each refusal."""

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from small_table import AGE, AREA, PRICE, csv_text


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
