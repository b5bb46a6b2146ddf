"""Figures as a browser draws them: on a screen, on paper, and where it cannot unpack them."""

import json
import re
from dataclasses import replace

import browser
from browser_pages import ALL_DRAWN, SEEN, SIZES, every_kind, measured, side
from damage import ANSWER, CHART

from lrbench.comparisons import make_report
from lrbench.readers.answers import read_answers
from lrbench.report import html


def test_a_mark_tells_its_values(page):
    page.value("document.querySelector('.plot').scrollIntoView({block: 'center', behavior: 'instant'})")
    page.until("Boolean(document.querySelector('.plot path.point'))")
    x, y = page.value(
        "(() => { const r = document.querySelector('.plot path.point').getBoundingClientRect();"
        " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
    )
    page.move(x - 3, y)
    page.move(x, y)
    told = page.until("document.querySelector('.plot .hovertext')?.textContent")
    assert re.search(r"plain.*10x2.*4\.00 us", told)


def test_a_long_legend_stands_below_and_pointing_at_a_name_lets_its_line_stand_out(window, written):
    def crowd():
        sides = tuple(side("plain" if i == 0 else f"side_{i}", (i + 1) * 1e-6) for i in range(30))
        return make_report([m for size in SIZES for m in measured(sides, size=size)])

    window.resize(1280, 900)
    window.open(written("crowd", crowd))
    window.until("Boolean(document.querySelector('.plot .legend .traces'))")
    below = "document.querySelector('.plot .legend').getBoundingClientRect().top > "
    assert window.value(below + "document.querySelector('.plot .xaxislayer-above').getBoundingClientRect().bottom")
    assert window.value("document.querySelectorAll('.plot .scrollbar:not([width=\"0\"])').length") == 0
    faint = "document.querySelector('.plot').querySelectorAll('.scatterlayer .faint').length"
    assert window.value(faint) == 0
    window.value("document.querySelector('.plot .legend').scrollIntoView({block: 'center', behavior: 'instant'})")
    x, y = window.value(
        "(() => { const r = document.querySelector('.plot .legend .traces').getBoundingClientRect();"
        " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
    )
    window.move(x, y)
    window.until(f"{faint} === 29")
    window.move(5, 5)
    window.until(f"{faint} === 0")


def test_paper_shows_every_figure(page, tmp_path):
    page.paper(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    assert page.value(ALL_DRAWN)
    page.until(
        "[...document.querySelectorAll('.plot')].every((p) => "
        "Math.abs(p.querySelector('.main-svg').getBoundingClientRect().width - p.clientWidth) < 2)"
    )  # as wide as the screen again


def test_what_prints_a_page_at_its_load_finds_its_figures(written):
    with browser.Browser() as printer:
        source = "addEventListener('load', () => { globalThis.atLoad = Boolean(globalThis.Plotly); })"
        printer.send("Page.addScriptToEvaluateOnNewDocument", source=source)
        printer.open(written("every kind of row", every_kind))
        assert printer.until("globalThis.atLoad !== undefined && String(globalThis.atLoad)") == "true"


def test_a_browser_that_cannot_unpack_the_figures_says_so_and_shows_the_tables(written):
    with browser.Browser() as old:
        old.send("Page.addScriptToEvaluateOnNewDocument", source="delete window.DecompressionStream")
        old.open(written("every kind of row", every_kind))
        told = old.until("document.querySelector('.plot').textContent")
        assert told.startswith("Time of one call of gradient, 1 thread. The tables hold its values. This browser can")
        assert len(old.value(SEEN)) == 24
        old.click("[id='gradient/1000x2'] th[data-name=median_s] button")
        assert old.complaints() == []


def test_a_chart_that_cannot_be_drawn_says_so_and_stops_no_other(window, tmp_path):
    broken, whole = ({**CHART, "data": [{**CHART["data"][0], **change}]} for change in ({"y": [[0.5], None]}, {}))
    figures = [{"kind": "figure", "chart": chart, "caption": "c", "alternative": "loss"} for chart in (broken, whole)]
    answer = tmp_path / "experiments.json"
    answer.write_text(json.dumps({"experiments": [{**ANSWER, "parts": figures}]}), encoding="utf-8")
    page = tmp_path / "page.html"
    page.write_text(html.render(replace(make_report([]), experiments=read_answers([tmp_path]))), encoding="utf-8")
    window.open(page)
    window.value("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    window.value("document.querySelectorAll('.plot')[1].scrollIntoView({behavior: 'instant'})")
    window.until("Boolean(document.querySelectorAll('.plot')[1].querySelector('.main-svg'))")
    assert "Its data cannot be drawn" in window.value("document.querySelector('.plot').textContent")
    window.value("dispatchEvent(new Event('beforeprint')); dispatchEvent(new Event('afterprint'))")
    window.click("#theme")
    assert window.value("document.querySelector('.plot').textContent").count("cannot be drawn") == 1
    assert window.complaints() == []
