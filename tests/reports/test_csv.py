"""Reports as CSV."""

import csv as csv_module
import dataclasses
import io

import pytest
from report_samples import SIDES, measurements, side

from lrbench.comparisons import Row, make_report
from lrbench.report import csv, wording


def test_csv_has_a_line_per_row_below_the_fields_names(report):
    lines = list(csv_module.DictReader(io.StringIO(csv.render(report))))
    assert len(lines) == 8
    assert (lines[1]["median_s"], lines[1]["digits"], lines[1]["speedup_low"]) == ("2e-06", "15.95", "")
    assert list(lines[0]) == list(csv.COLUMNS)
    assert list(lines[0])[:29] == [*(field.name for field in dataclasses.fields(Row)), "conditions"]
    assert lines[0]["conditions"] == ""


def test_csv_tells_the_conditions_where_they_differ():
    report = make_report([*measurements(*SIDES), *measurements(*SIDES, seed=3)])
    lines = list(csv_module.DictReader(io.StringIO(csv.render(report))))
    assert [line["conditions"] for line in lines] == [""] * 8 + ["seed 3"] * 8


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_csv_cells_are_no_formulas(name):
    text = csv.render(make_report(measurements(side(name, 1.0))))
    (line,) = csv_module.DictReader(io.StringIO(text, newline=""))
    assert line["implementation"] == f"'{wording.clean(name)}"
