"""The figure of times, on literal samples: against size, and at one size."""

import pytest
from report_samples import SIDES, measurements

from lrbench.comparisons import make_report
from lrbench.report import figures, marks, palette


def test_a_figure_has_a_line_per_implementation_told_apart_twice():
    report = make_report([m for size in ("1000x10", "100x2", "20x20") for m in measurements(*SIDES, size=size)])
    figure = figures.times(report.rows, palette.styles(report.rows))
    assert [trace["name"] for trace in figure["data"]] == [
        "python_loop", "numpy_vectorized", "numpy_out", "numba_jit ~", "fourier",
    ]  # fmt: skip
    assert figure["data"][0]["x"] == ["100x2", None, "1000x10", None, "20x20"]  # by number of features, with gaps
    assert figure["data"][1]["text"][0] == (
        "<b>numpy_vectorized</b><br>100x2<br>2.00 us, IQR 0 s<br>15.9 digits<br>about 1.2 times the lowest at its size"
    )
    assert figure["data"][3]["text"][0].endswith("<br>the lowest at its size")
    looks = {(trace["line"]["color"], trace["marker"]["symbol"]) for trace in figure["data"]}
    assert len(looks) == 5


def test_one_size_is_drawn_as_one_mark_per_implementation(report):
    figure = figures.times(report.rows, palette.styles(report.rows))
    assert [trace["x"][0] for trace in figure["data"]] == pytest.approx([1.6e-6, 2e-6, 2e-6, 4e-4, 1e-3])
    assert figure["layout"]["xaxis"]["ticktext"] == ["10 us", "100 us", "1 ms"]


@pytest.mark.parametrize(
    ("size", "expected"),
    [("10", 10), ("1000x10", 10000), ("2x3x4", 24), ("0", None), ("", None), ("big", None), ("9" * 99, None)],
)
def test_the_elements_of_a_size_are_the_product_of_its_numbers(size, expected):
    assert marks.n_elements(size) == expected


EQUAL = ("1000000x10", "1000x2", "100000x100", "100000x10", "1000000x100")  # two have 1e7 elements


def test_no_two_sizes_stand_in_one_place():
    rows = make_report([m for size in EQUAL for m in measurements(*SIDES, size=size)]).rows
    figure = figures.times(rows, palette.styles(rows))
    order = ["1000x2", "100000x10", "1000000x10", "100000x100", "1000000x100"]
    assert figure["layout"]["xaxis"]["categoryarray"] == order
    for trace in figure["data"]:
        assert trace["x"] == ["1000x2", None, *order[1:3], None, *order[3:]]


@pytest.mark.parametrize(
    ("sizes", "places"),
    [
        (("10", "1000"), [10, 1000]),
        (("10x2", "1000x2"), [20, 2000]),
        (("10x2", "10x20"), ["10x2", "10x20"]),
        (("2x12", "2x3x4"), ["2x12", "2x3x4"]),  # as many elements and numbers a sample
    ],
)
def test_sizes_of_one_number_of_features_stand_by_their_elements(sizes, places):
    made = figures.Places(sizes)
    assert [made.of(size) for size in made.sizes] == places
    assert made.axis()["type"] == ("log" if isinstance(places[0], int) else "category")
