"""Tables as a browser shows them: sorted, filtered, led to, and copied."""

import csv
import io

import pytest
from browser_pages import PAGES, SEEN, SIDES, every_kind, measured, side

from lrbench.comparisons import make_report
from lrbench.report import html


def test_a_heading_sorts_up_down_and_back(page):
    ids = "[...document.querySelectorAll('table.cases')[1].tBodies[0].rows].map((r) => r.id.split('/')[2])"
    first = page.value(ids)
    heading = "[id='gradient/1000x2'] th[data-name=median_s]"
    page.click(f"{heading} button")
    assert page.value(ids)[:3] == ["jit", "plain", "slow"]
    assert page.value(f'document.querySelector("{heading}").ariaSort') == "ascending"
    page.click(f"{heading} button")
    assert page.value(ids)[:3] == ["slow", "plain", "jit"]
    page.click(f"{heading} button")
    assert page.value(ids) == first


def test_a_heading_sorts_by_keyboard(page):
    page.value("document.querySelector(\"[id='gradient/10x2'] th[data-name=median_s] button\").focus()")
    page.press("Enter", 13)
    assert page.value("document.querySelector('table.cases').tBodies[0].rows[0].id") == "gradient/10x2/jit"


def test_headings_can_be_repeated_on_every_sheet(page):
    table = "document.querySelector('table.cases')"
    box = f"getComputedStyle({table}.querySelector('thead button')).display"
    assert page.value(box) != "contents"
    page.send("Emulation.setEmulatedMedia", media="print")
    try:
        assert page.value(box) == "contents"  # a button's box in it keeps Chromium from repeating a heading
        assert page.value(f"getComputedStyle({table}.tHead).display") == "table-header-group"
    finally:
        page.send("Emulation.setEmulatedMedia", media="")


def test_texts_that_begin_with_a_number_are_sorted_by_it(window, tmp_path):
    rows = "".join(
        f"<tr><th>{i}</th><td>{text}</td></tr>"
        for i, text in enumerate(
            ["2.0 ms", "11.9 (11.5)", "9.7", "\u22123", "1,024", "3.0 us", "300 (5)", "\u2014", "n 1"]
        )
    )
    table = f"<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>{rows}</tbody></table>"
    path = tmp_path / "sorted.html"
    made = html.render(make_report([]))
    path.write_text(made.replace("</main>", f'<div class="wide" aria-label="x">{table}</div></main>'), encoding="utf-8")
    window.open(path)
    window.click("thead th:nth-child(2) button")
    cells = window.value("[...document.querySelectorAll('tbody td')].map((cell) => cell.textContent)")
    assert cells == [
        "\u22123", "3.0 us", "2.0 ms", "9.7", "11.9 (11.5)", "300 (5)", "1,024", "n 1", "\u2014",
    ]  # fmt: skip


def test_a_word_of_digits_is_a_whole_number_to_the_filter(page):
    page.click("#filter")
    page.type("plain 10")
    assert page.value(SEEN) == ["gradient/10x2/plain"]
    page.press("Escape", 27)


def test_where_more_is_better_a_heading_sorts_down_first(page):
    page.click("[id='gradient/1000x2'] th[data-name=speedup] button")
    ids = "[...document.querySelectorAll('table.cases')[1].tBodies[0].rows].map((r) => r.id.split('/')[2])"
    assert page.value(ids)[:3] == ["jit", "plain", "slow"]


def test_the_filter_finds_commits_in_histories_and_leads_to_them(window, written):
    window.resize(1280, 900)
    window.open(written("a history", PAGES["a history"]))
    window.click("#filter")
    window.type("545544d990 times")
    shown = "[...document.querySelectorAll('table.history tbody tr')].filter((r) => r.getClientRects().length)"
    assert window.value(f"{shown}.map((r) => r.cells[0].textContent)") == ["total"]
    assert window.value("document.getElementById('matches').textContent") == "1 row"
    window.until(f"(() => {{ const y = {shown}[0].getBoundingClientRect().y; return y > 40 && y < 900; }})()")
    links = "[...document.querySelectorAll('.bar .links a')].filter((a) => !a.hidden).map((a) => a.hash)"
    assert window.value(links) == ["#histories", "#reading", "#environment"]


def test_a_link_leads_to_a_case_that_is_named_below_its_table(window, written):
    window.resize(1280, 900)
    window.open(written("every kind of row", every_kind), anchor="gradient/1000x2/absent")
    window.until("document.querySelector(':target')?.textContent === 'absent'")
    assert window.until(
        "(() => { const y = document.querySelector(':target').getBoundingClientRect().y; return y > 0 && y < 900; })()"
    )


def test_the_filter_keeps_rows_that_hold_every_word(page):
    assert len(page.value(SEEN)) == 24
    page.click("#filter")
    page.type("Gradient/100000x20/JIT")
    assert page.value(SEEN) == ["gradient/100000x20/jit"]
    assert page.value("document.getElementById('matches').textContent") == "1 row"
    page.press("Escape", 27)
    assert len(page.value(SEEN)) == 24


def test_a_link_leads_to_a_case_that_is_filtered_out(page):
    page.click("#filter")
    page.type("absent")
    page.value("location.hash = '#gradient/1000x2/jit'")
    page.until("document.querySelector('tr:target')?.getClientRects().length")
    assert page.value("document.querySelector('tr:target').id") == "gradient/1000x2/jit"


def test_the_sentence_at_the_head_leads_to_its_table(page):
    sentence = page.value("document.querySelector('.answers li').textContent")
    assert sentence.startswith("gradient at 100000x20, 1 thread: jit is 4.00 [4.00, 4.00] times as fast as plain, ")
    page.click(".answers a")
    page.until("document.querySelector(':target')?.matches('.wide')")
    assert page.value("document.querySelector(':target').id") == "gradient/100000x20"


def test_first_calls_that_few_tables_have_are_a_link_away_and_unfolded(page, tmp_path):
    bare = [side("plain", 4e-6, first_call_s=None), side("jit", 1e-6, first_call_s=None)]
    path = tmp_path / "few.html"
    path.write_text(html.render(make_report([*measured(bare, size="10x2"), *measured(SIDES)])), encoding="utf-8")
    links = "[...document.querySelectorAll('.answers a')].filter((a) => a.hash.endsWith('/starts'))"
    assert page.value(f"{links}.length") == 0  # all tables have them
    page.open(path)
    assert page.value(f"{links}.map((a) => a.textContent)") == ["at 1000x2, 1 thread"]
    page.click(".answers a[href$='/starts']")
    page.until("document.querySelector(':target')?.open")


@pytest.mark.parametrize("width", [390, 700, 1280])
def test_what_a_link_leads_to_stands_below_the_bar(page, width):
    page.resize(width, 900)
    other = "Object.assign(document.createElement('a'), {textContent: 'another_problem'})"
    page.value(f"document.querySelector('.bar .links').prepend(...Array.from({{length: 30}}, () => {other}))")
    bar = "document.querySelector('.bar').getBoundingClientRect()"
    page.value("location.hash = '#gradient/1000x2'")
    top = "document.getElementById('gradient/1000x2').getBoundingClientRect().top"
    page.until(f"Math.abs({bar}.top) < 1 && {top} < {bar}.bottom + 40")
    assert page.value(f"{top} >= {bar}.bottom")


def copied(page):
    text = page.until("navigator.clipboard.readText()")
    return list(csv.DictReader(io.StringIO(text)))


def test_tables_and_figures_are_copied_as_csv(page):
    page.grant("clipboardReadWrite", "clipboardSanitizedWrite")
    page.click("[id='gradient/1000x2'] > .copy")
    page.until("document.querySelector(\"[id='gradient/1000x2'] > .copy\").textContent === 'Copied'")
    jit = copied(page)[1]
    assert (jit["implementation"], jit["median_s"], jit["digits"]) == ("jit", "1e-06", "13")
    assert float(jit["speedup_low"]) == pytest.approx(4.0)
    page.click("figcaption .copy")
    page.until("document.querySelector('figcaption .copy').textContent === 'Copied'")
    lines = copied(page)
    assert (lines[0]["name"], lines[0]["samples x features"]) == ("plain", "10x2")
    assert float(lines[0]["time of one call"]) == pytest.approx(4e-6)


def test_no_copied_name_is_a_formula(window, written):
    sides = side("plain", 4e-6), side("=cmd|' /C calc'!A0", 1e-6), side('a "b", c', 2e-6)
    window.open(written("formula", lambda: make_report(measured(sides))))
    window.grant("clipboardReadWrite", "clipboardSanitizedWrite")
    window.click(".wide > .copy")
    window.until("document.querySelector('.wide > .copy').textContent === 'Copied'")
    assert [line["implementation"] for line in copied(window)] == ["plain", "'=cmd|' /C calc'!A0", 'a "b", c']
