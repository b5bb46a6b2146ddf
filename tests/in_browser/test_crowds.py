"""A crowd of implementations as a browser shows it: what legends name, and what is copied from rows."""

import csv
import io

import pytest
from crowd_samples import CROWD, MANY, tables

from lrbench.comparisons import Report
from lrbench.report import crowd, html

LEGENDS = """[...document.querySelectorAll('.plot')].map((plot) =>
  [...plot.querySelectorAll('.legend .legendtext')].map((name) => name.textContent))"""


def open_page(window, tmp_path, sizes):
    path = tmp_path / "page.html"
    found = tables(sizes)
    path.write_text(html.render(Report(tables=found)), encoding="utf-8")
    window.open(path)
    count = window.value("document.querySelectorAll('.plot').length")
    for i in range(count):
        plot = f"document.querySelectorAll('.plot')[{i}]"
        window.value(f"{plot}.scrollIntoView({{behavior: 'instant'}})")
        window.until(f"Boolean({plot}.querySelector('.main-svg'))")


@pytest.mark.parametrize(("width", "named"), [(1280, len(CROWD)), (390, crowd.KEPT)])
def test_a_legend_names_the_grey_rest_where_there_is_room(window, tmp_path, width, named):
    window.resize(width, 844, mobile=width == 390)
    open_page(window, tmp_path, MANY)
    times, speedups, *_ = window.value(LEGENDS)
    window.resize(1280, 900)
    assert len(times) == named
    assert "s00" in times[: crowd.KEPT]
    assert len(speedups) < crowd.KEPT  # beside another figure; the baseline has no speedup


def test_rows_are_copied_with_their_names(window, tmp_path):
    open_page(window, tmp_path, MANY[:2])
    window.grant("clipboardReadWrite", "clipboardSanitizedWrite")
    window.click("figcaption .copy")
    window.until("document.querySelector('figcaption .copy').textContent === 'Copied'")
    lines = list(csv.reader(io.StringIO(window.until("navigator.clipboard.readText()"))))
    assert [line[0] for line in lines[1:]] == ["at 10x2"] * len(CROWD) + ["at 1000x2"] * len(CROWD)
    assert {line[2] for line in lines[1:]} == {side.implementation for side in CROWD}
