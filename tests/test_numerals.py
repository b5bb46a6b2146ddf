"""Numbers in texts, letter by letter."""

import pytest

from lrbench.experiments.numerals import rounded


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (368.0, "370"),
        (0.2634, "0.26"),
        (4.0, "4.0"),
        (-22446.3, "-22 000"),
        (999999.0, "1 000 000"),
        (16000.0, "16 000"),
        (1024.0, "1000"),
        (0.00013, "0.00013"),
        (1e-16, "10⁻¹⁶"),
        (6.04e-16, "6·10⁻¹⁶"),
        (-2.5e13, "-2.5·10¹³"),
        (float("inf"), "inf"),
    ],
)
def test_two_digits_are_kept(value, text):
    assert rounded(value).replace("\N{MINUS SIGN}", "-") == text


def test_as_many_digits_as_are_asked_for():
    assert rounded(22446.3, 5) == "22 446"
    assert rounded(1.0279, 4) == "1.028"
