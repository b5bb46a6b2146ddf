"""The cells of a column, whose decimal points stand below each other."""

import re
from dataclasses import replace
from html import unescape

import browser
import pytest
from gradient_tables import CEILINGS, PLAIN, measured, side, table_of
from report_samples import Page, every_outcome

from lrbench.comparisons import make_report
from lrbench.report import columns, costs, html, wording
from lrbench.report.columns import aligned, aligned_ratios

PAD = re.compile(r'<i(?: class="[a-z]+")? data-pad="([^"]*)"></i>')


def seen(cell):
    """Return a cell's text, what is unseen in it as underscores."""
    return unescape(re.sub(r"<[^>]*>", "", PAD.sub(lambda match: "_" * len(match[1]), str(cell))))


def plain(cell):
    return unescape(re.sub(r"<[^>]*>", "", str(cell))).replace("\N{NO-BREAK SPACE}", " ")


POINTS = """[...document.querySelectorAll('table.cases tbody tr')].map((row) => {
  const text = row.querySelectorAll('td')[%d].firstChild;
  const end = text.data.includes('.') ? text.data.indexOf('.') : text.data.trimEnd().length;
  const range = document.createRange();
  range.setStart(text, end - 1);
  range.setEnd(text, end);
  return range.getBoundingClientRect().right;
})"""


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["597 us", "3.09 us", "61.0 ms"], ["597 us___", "3.09 us", "61.0 ms_"]),
        (["54", "5.6", "< 0.01", ""], ["54___", "5.6_", "< 0.01", ""]),
        (["1 call", "about 1,700 calls", "—"], ["1 call", "about 1,700 calls", "—"]),
        (["16.0", "9.5"], ["16.0", "9.5"]),
    ],
)
def test_what_a_number_lacks_in_decimals_is_left_free(texts, expected):
    cells = aligned(texts)
    assert [seen(cell) for cell in cells] == expected
    assert [plain(cell) for cell in cells] == texts


def test_ratios_stand_by_their_points_and_intervals_begin_in_one_line():
    texts = ["1.70 [1.61, 1.80] †", "baseline", "≈ 1/23.2 †", "10.7 [8.3, 13.7]", "0.827 [0.803, 0.852] †", ""]
    cells = aligned_ratios(texts)
    assert [plain(cell) for cell in cells] == texts
    assert [seen(cell).replace("\N{NO-BREAK SPACE}", " ") for cell in cells] == [
        "1.70_ [1.61, 1.80] †__",
        "baseline_________________",
        "≈ 1/23.2 †_______________",
        "10.7__ [8.3, 13.7]_____",
        "0.827 [0.803, 0.852] †",
        "",
    ]


def test_hostile_texts_are_escaped():
    for text in ("<b>1</b>", '1" onmouseover="x', "baseline<i>"):
        for cell in (*aligned([text, "1.0"]), *aligned_ratios([text, "1.0 [0.9, 1.1]"])):
            assert not re.search(r"<b>|<i>|\" onmouseover", str(cell))


def test_every_text_of_a_table_survives():
    report = every_outcome()
    (table,) = report.tables
    for row, cells in zip(table.rows, columns.cells(table), strict=True):
        if row.status == "ok":
            assert plain(cells["median"]) == wording.time_text(row.median_s)
            assert plain(cells["speedup"]) == wording.speedup_text(row, table)
            assert plain(cells["digits"]) == wording.digits_text(row)
        else:
            assert set(cells.values()) == {""}


def test_what_never_pays_says_so():
    sides = (
        side("plain", 4e-6, first_call_s=1.0),
        side("slower", 5e-6, first_call_s=2.0),
        side("faster", 1e-6, first_call_s=2.0),
        side("unknown", 5e-6),
        side("open", 3.9e-6, first_call_s=2.0),
    )
    table = table_of(*sides)
    table = replace(
        table,
        rows=tuple(
            replace(row, verdict="no difference resolved", break_even_calls=None)
            if row.implementation == "open"
            else row
            for row in table.rows
        ),
    )
    column = [next(cost for cost in costs.COSTS if cost.name == "break_even_calls")]
    told = {
        row.implementation: plain(cell)
        for row, (cell,) in zip(table.rows, columns.cost_cells(table.rows, column), strict=True)
    }
    assert told == {
        "plain": "—",
        "slower": "never",
        "faster": "about 330,000 calls",
        "unknown": "—",
        "open": "not resolved",
    }


def test_the_page_says_percent_in_the_heading_and_keeps_the_fraction_to_copy():
    ceilings = {"flops": 1e4, "size_bytes": 24e4, "traffic": "read"}
    page = Page(html.render(make_report(measured(PLAIN, side("fast", 1e-5), **ceilings, ceilings=CEILINGS))))
    (head,) = [head for head in page.of("th") if head.get("data-name") == "of_limit"]
    assert head["scope"] == "col"
    assert "% of limit" in [text.strip() for text in page.texts]
    assert "0.6" in [cell.get("data-value") for cell in page.of("td")]
    assert "60" in [text.strip() for text in page.texts]


@pytest.mark.skipif(browser.found() is None, reason="no Chromium or Chrome is installed")
def test_a_browser_puts_the_points_of_a_column_below_each_other(tmp_path):
    sides = (PLAIN, *(side(f"s{i}", time_s, digits=15.0) for i, time_s in enumerate((5.97e-4, 4.4e-5, 6.1e-2, 3.0))))
    path = tmp_path / "page.html"
    path.write_text(html.render(make_report(measured(*sides))), encoding="utf-8")
    with browser.Browser() as window:
        window.open(path)
        for column in (1, 2, 3):  # median, IQR, minimum; the algorithm comes before them
            places = window.value(POINTS % column)
            assert len(places) == len(sides)
            assert max(places) - min(places) < 1.0  # pixels
