"""NIST's linear-regression files: read as they are laid out, refused by name and reason where they are not."""

from fractions import Fraction

import numpy as np
import pytest

from lrbench.accuracy.datasets import BadDataset, built_in
from lrbench.accuracy.measuring import ask, rows
from lrbench.accuracy.strd import read_file, read_folder
from lrbench.problems import least_squares

# Laid out as NIST's files are; the numbers are made up, or computed by hand.
LAYOUT = """NIST/ITL StRD
Dataset Name:  {name} ({name}.dat)

File Format:   ASCII
               Certified Values  (lines {certified_first} to {certified_last})
               Data              (lines {data_first} to {data_last})

Procedure:     {procedure}

Reference:     Nobody (1900).
               A Report of Nothing.

Data:          1 Response Variable (y)
               {n_predictors} Predictor Variable (x)
               {n} Observations
               Higher Level of Difficulty
               Generated Data

Model:         {kind} Class
               {n_parameters} Parameters ({parameters})

               {model}


               Certified Regression Statistics

                                          Standard Deviation
     Parameter          Estimate             of Estimate

{estimates}

     Residual
     Standard Deviation   0.000000000000000

     R-Squared            1.00000000000000


               Certified Analysis of Variance Table

Source of Degrees of    Sums of             Mean
Variation  Freedom      Squares            Squares           F Statistic

Regression    1     18814317208116.7   18814317208116.7     Infinity
Residual      4     0.000000000000000  0.000000000000000


Data:       y          x
{data}
"""


def text(estimates, model, table, /, **changes):
    """Return a file's text; `estimates` maps parameters to printed numbers, `table` holds rows of printed numbers."""
    body = {
        "name": "Made",
        "procedure": "Linear Least Squares Regression",
        "n_predictors": len(table[0]) - 1,
        "n": len(table),
        "kind": "Polynomial",
        "n_parameters": len(estimates),
        "parameters": ",".join(estimates),
        "model": model,
        "estimates": "\n".join(f"        {k:<4}      {v}     0.232818234301152E-03" for k, v in estimates.items()),
        "data": "\n".join("   " + "   ".join(row) for row in table),
    } | changes
    places = dict.fromkeys(("certified_first", "certified_last", "data_first", "data_last"), 0)
    lines = LAYOUT.format(**(body | places)).split("\n")
    first = next(k for k, line in enumerate(lines) if "Parameter  " in line)
    last = next(k for k, line in enumerate(lines) if line.startswith("Residual "))
    data = next(k for k, line in enumerate(lines) if line.startswith("Data:       y"))
    places = {"certified_first": first, "certified_last": last + 1, "data_first": data + 2}
    places["data_last"] = data + 1 + len(body["data"].split("\n"))
    return LAYOUT.format(**(places | body))


def written(tmp_path, content, name="Made.dat"):
    path = tmp_path / name
    path.write_bytes(content.encode())
    return path


def table_of(*columns):
    return [tuple(str(value) for value in row) for row in zip(*columns, strict=True)]


QUADRATIC = [(3 + 2 * x + 5 * x * x, x) for x in range(-2, 4)]
LINE = {"B0": "3.00000000000000", "B1": "2.00000000000000"}


def quadratic(**changes):
    estimates = {"B0": "3.00000000000000", "B1": "2.00000000000000", "B2": "0.500000000000000E+01"}
    table = table_of(*zip(*QUADRATIC, strict=True))
    return text(estimates, "y = B0 + B1*x + B2*(x**2)", table, **changes)


def test_a_polynomial_becomes_columns_of_powers(tmp_path):
    dataset = read_file(written(tmp_path, quadratic()))
    assert dataset.name == "Made"
    assert dataset.intercept
    assert dataset.X.tolist() == [[x, x * x] for x in range(-2, 4)]
    assert dataset.y.tolist() == [y for y, _ in QUADRATIC]
    assert dataset.certified == (2, 5, 3)


def test_dots_stand_for_all_the_terms_between(tmp_path):
    estimates = {f"B{k}": "1" for k in range(11)}
    x = [float(value) for value in np.linspace(-3.0, 2.0, 30).round(3)]
    content = text(
        estimates,
        "y = B0 + B1*x + B2*(x**2) + ... + B9*(x**9) + B10*(x**10) + e",
        table_of([1.5] * 30, x),
        parameters="B0,B1,...,B10",
    )
    dataset = read_file(written(tmp_path, content))
    assert dataset.X.shape == (30, 10)
    assert dataset.X[4].tolist() == [float(Fraction(x[4]) ** k) for k in range(1, 11)]


@pytest.mark.parametrize(
    "model",
    [
        "y = B0 + B1*x1 + B2*x2 + B3*x3 + e",
        "y = B0 + B1*x1 + ... + B3*x3 + e",
        "y = B0 + B1*x1\n                   + B2*x2 + B3*x3 + e",
    ],
)
def test_several_predictors_are_columns(tmp_path, model):
    X = [[1, 2, 7], [2, 1, 0], [3, 5, 1], [4, 4, 4], [6, 0, 2]]
    content = text({"B0": "1.", "B1": "-1", "B2": "+2.5", "B3": ".5D-1"}, model, [("9", *map(str, r)) for r in X])
    dataset = read_file(written(tmp_path, content))
    assert dataset.X.tolist() == X
    assert dataset.certified == (-1, Fraction(5, 2), Fraction(1, 20), 1)


def test_a_model_without_intercept(tmp_path):
    content = text({"B1": "2.07438016528926"}, "y = B1*x + e", table_of(range(130, 141), range(60, 71)))
    dataset = read_file(written(tmp_path, content))
    assert not dataset.intercept
    assert dataset.certified == (Fraction("2.07438016528926"), 0)
    qr = least_squares.PROBLEM.implementation("qr")
    certified, exact = rows(qr, [ask(dataset)], n_orders=3)
    assert certified.digits_worst > 14  # Eberhardt's first set, whose certified slope this is
    assert exact.digits_worst > 15


def test_windows_line_ends_and_a_suffix_in_capitals(tmp_path):
    written(tmp_path, quadratic().replace("\n", "\r\n"), "QUAD.DAT")
    (dataset,) = read_folder(tmp_path)
    assert dataset.X.shape == (6, 2)


def test_scipys_copy_of_norris_is_ours():
    scipy = pytest.importorskip("scipy", reason="the file is in scipy's wheel: pip install 'lrbench[peers]'")
    from pathlib import Path

    path = Path(scipy.__file__).parent / "stats/tests/data/nist_linregress/Norris.dat"
    if not path.exists():
        pytest.skip("this scipy comes without its tests")
    read, own = read_file(path), built_in()[0]
    assert np.array_equal(read.X, own.X)
    assert np.array_equal(read.y, own.y)
    assert read.certified == own.certified


def test_files_are_read_in_the_order_of_their_names_and_others_left_alone(tmp_path):
    for name in ("b", "a"):
        written(tmp_path, quadratic(name=name), f"{name}.dat")
    written(tmp_path, "notes", "README.txt")
    assert [dataset.name for dataset in read_folder(tmp_path)] == ["a", "b"]


def without(start):
    return "\n".join("" if line.strip().startswith(start) else line for line in quadratic().split("\n"))


LONG = "9" * 70


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "has no line 'Dataset Name: ...'"),
        ("a,b\n1,2\n", "has no line 'Dataset Name: ...'"),
        (without("Procedure"), "has no line 'Procedure: ...'"),
        (
            quadratic(procedure="Nonlinear Least Squares Regression"),
            "its procedure is 'Nonlinear Least Squares Regression', not 'Linear Least Squares Regression'",
        ),
        (quadratic(procedure="Analysis of Variance"), "its procedure is 'Analysis of Variance', not"),
        (without("Certified Values"), "does not say 'Certified Values (lines A to B)'"),
        (without("Data      "), "does not say 'Data (lines A to B)'"),
        (quadratic(data_last=900), "says 'Data (lines 50 to 900)' and has 55 lines"),
        (quadratic(data_first=59, data_last=58), "says 'Data (lines 59 to 58)'"),
        (quadratic(certified_last=0), "says 'Certified Values (lines 27 to 0)'"),
        (quadratic(certified_last=30), "has no line such as 'B1  1.00211681802045"),
        (without("y ="), "has no line 'Model: ...' with a formula 'y = ...' after it"),
        (without("Model"), "has no line 'Model: ...' with a formula 'y = ...' after it"),
        (quadratic(model="y = B0 + B1*x + B2*exp(x)"), "its model has the term 'B2*exp(x)', which is none of"),
        (quadratic(model="y = __import__('os')"), "its model has the term '__import__('os')', which is none of"),
        (
            quadratic(model="y = B0 + B1*x"),
            "its model 'y = B0+B1*x' does not have exactly the certified parameters B0, B1, B2",
        ),
        (
            quadratic(model="y = B1*x + B2*(x**2)"),
            "its model 'y = B1*x+B2*(x**2)' does not have exactly the certified parameters B0, B1, B2",
        ),
        (quadratic(model="y = B0 + B1 + B2*x"), "its model has the term 'B1' without a predictor"),
        (quadratic(model="y = B0 + B1*x1 + B2*x2"), "its model uses 2 predictors and its data hold 1"),
        (quadratic(n_parameters=7), "says '7 Parameters' and certifies 3"),
        (quadratic(model="y = B0 + B1*x + B2*(x**99)"), "its model has a power above 50"),
        (quadratic(data="1 2\n3 4 5"), "has data lines of 2, 3 numbers; each takes y and its x"),
        (quadratic(data="1\n2"), "has data lines of 1 numbers; each takes y and its x"),
        (quadratic(data="1 2\n3 nan"), "has 'nan' among its data, which is no number that float64 holds"),
        (quadratic(data="1 2\n3 1e999"), "has '1e999' among its data, which is no number that float64 holds"),
        (quadratic(data="1 2\n3 4"), "has 2 observations for 3 parameters"),
        (quadratic(data="1 1e200\n3 4\n5 6"), "its model has powers that float64 cannot hold"),
        (quadratic(estimates="B0 1\nB1 2\nB1 3"), "certifies B1 twice"),
        (quadratic(estimates="B0 1\nB1 1E+999999999\nB2 3"), "certifies 1E+999999999, which no float64 can hold"),
        (quadratic(estimates="B0 1\nB1 1E-999999999\nB2 3"), "certifies 1E-999999999, which no float64 can hold"),
        (quadratic(estimates=f"B0 1\nB1 {LONG}\nB2 3"), f"certifies {LONG[:60]}, which no float64 can hold"),
        ("\0" * 10**6 + "x", "is larger than 1000000 bytes"),
    ],
)
def test_a_file_that_is_not_one_is_named_with_what_is_missing(tmp_path, content, reason):
    path = written(tmp_path, content)
    with pytest.raises(BadDataset) as refused:
        read_file(path)
    message = str(refused.value)
    assert message.startswith(f"{path}: {reason}")
    assert message.endswith("It is no linear-regression file of NIST's StRD; mend it or take it out.")


def test_a_zero_with_any_exponent_is_zero(tmp_path):
    content = text({"B0": "0.0E-999999999", "B1": "1"}, "y = B0 + B1*x", table_of([1, 2, 3], [1, 2, 3]))
    assert read_file(written(tmp_path, content)).certified == (1, 0)


def test_a_folder_that_is_none_or_holds_nothing_is_said_to_be_so(tmp_path):
    with pytest.raises(BadDataset, match=r"nowhere: No such file or directory\. Name a folder that holds"):
        read_folder(tmp_path / "nowhere")
    with pytest.raises(BadDataset, match=r"holds no \.dat file\. Name a folder that holds NIST's"):
        read_folder(tmp_path)
