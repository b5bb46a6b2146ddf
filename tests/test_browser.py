"""The pages as a browser shows them, its network cut: nothing asked for, nothing complained of, everything usable."""

import csv
import io
import re
from pathlib import Path

import browser
import pytest

from lrbench.comparisons import make_report
from lrbench.readers import read
from lrbench.report import html
from lrbench.results import Ceiling, Measurement, Side

pytestmark = pytest.mark.skipif(browser.found() is None, reason="no Chromium or Chrome is installed")

DATA = Path(__file__).parent / "data"
HOSTILE = "<script>alert('1')</script><img src=x onerror=alert(2)>\"'&é中\u202e=" + "long" * 75
ALL_DRAWN = "[...document.querySelectorAll('.plot')].every((p) => p.querySelector('.main-svg'))"
EMPTY = """[...document.querySelectorAll('.plot')].filter((p) => !p.querySelector(
  '.scatterlayer .trace path.point, .scatterlayer .trace path.js-line, .barlayer path')).length"""
SEEN = (
    "[...document.querySelectorAll('table.cases tbody tr')].filter((r) => r.getClientRects().length).map((r) => r.id)"
)


def side(name, time_s, **fields):
    return Side(
        name, "sum", "plain", number=1, epochs_s=(time_s,) * 4, rounds=(0, 1, 2, 3),
        **{"digits": 15.0, "first_call_s": 1e-2, "peak_memory_bytes": 1e6, **fields},
    )  # fmt: skip


def measured(sides, **fields):
    given = {
        "problem": "gradient", "size": "1000x2", "threads": 1, "flops": 1e4, "size_bytes": 24e4,
        "ceilings": (Ceiling("read", 1, 24e4, 1e11), Ceiling("flops", 1, None, 5e10)),
        "twins": (side("plain", 4.1e-6),),
    }  # fmt: skip
    return [Measurement(**{**given, "process": process, "sides": sides, **fields}) for process in range(6)]


SIDES = (
    side("plain", 4e-6),
    side("jit", 1e-6, digits=13.0, first_call_s=2.0),
    side("slow", 1e-3, few_samples=True),
    Side("broken", "sum", "plain", status="wrong answer", reason="relative error 1.6 is above the tolerance 1e-10"),
    Side("absent", "sum", "plain", status="skipped", reason="needs torch"),
    Side("later", "sum", "plain", status="not run", reason="about 40 s"),
    Side("dead", "sum", "plain", status="failed", reason="killed"),
)
SIZES = ("10x2", "1000x2", "1000x20", "100000x20")


def every_kind():
    return make_report([m for size in SIZES for m in measured(SIDES, size=size)], remarks=["Load was 2.5."])


def hostile():
    sides = (side("plain", 4e-6), side(HOSTILE, 1e-6), Side(HOSTILE[::-1], "sum", "plain", "strict", "failed", HOSTILE))
    return make_report(measured(sides, problem=HOSTILE, title=HOSTILE, environment={"cpu": HOSTILE}), remarks=[HOSTILE])


def many():
    """1000 cases: 10 problems, 10 sizes, 10 implementations."""
    sides = tuple(side("plain" if i == 0 else f"side_{i}", (i + 1) * 1e-6, digits=15.0 - i / 10) for i in range(10))
    sizes = [f"{n}x{d}" for d in (2, 20) for n in (10, 100, 1000, 10000, 100000)]
    return make_report([m for p in range(10) for s in sizes for m in measured(sides, problem=f"problem_{p}", size=s)])


def from_files(*names):
    measurements, remarks = read([DATA / name for name in names])
    return make_report(measurements, remarks)


PAGES = {
    "every kind of row": every_kind,
    "a run": lambda: from_files("readme"),
    "asv": lambda: from_files("asv"),
    "pytest-benchmark": lambda: from_files("pytest_benchmark.json"),
    "a mix": lambda: from_files("readme", "asv", "pytest_benchmark.json"),
    "hostile": hostile,
    "nothing": lambda: make_report([]),
    "no times": lambda: make_report(measured(SIDES[3:])),
}


@pytest.fixture(scope="module")
def window():
    with browser.Browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return a page's file, made once."""
    folder, made = tmp_path_factory.mktemp("pages"), {}

    def path_of(name, make):
        if name not in made:
            made[name] = folder / f"{len(made)}.html"
            made[name].write_text(html.render(make()), encoding="utf-8", errors="backslashreplace")
        return made[name]

    return path_of


@pytest.fixture
def page(window, written):
    """Return the page of every kind of row, freshly opened."""
    window.resize(1280, 900)
    window.prefer("light")
    window.open(written("every kind of row", every_kind))
    return window


def draw_all(window):
    """Scroll through the page until every figure is drawn."""
    window.value("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    for i in range(window.value("document.querySelectorAll('.plot').length")):
        plot = f"document.querySelectorAll('.plot')[{i}]"
        window.value(f"{plot}.scrollIntoView({{behavior: 'instant'}})")
        window.until(f"Boolean({plot}.querySelector('.main-svg'))")
    window.until(ALL_DRAWN)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_asks_for_nothing_complains_of_nothing_and_has_no_empty_figure(window, written, name, scheme):
    path = written(name, PAGES[name])
    window.prefer(scheme)
    window.open(path)
    draw_all(window)
    assert window.value(EMPTY) == 0
    assert window.complaints() == []
    assert window.requests() == [path.as_uri()]
    assert not [event for event in window.events if event.get("method") == "Page.javascriptDialogOpening"]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [390, 800, 1280])
def test_no_page_scrolls_sideways(window, written, name, width):
    window.resize(width, 844, mobile=width == 390)
    window.open(written(name, PAGES[name]))
    draw_all(window)
    found = window.value("document.documentElement.scrollWidth")
    window.resize(1280, 900)
    assert found <= width


def test_hostile_names_are_text(window, written):
    window.open(written("hostile", hostile))
    shown = window.value("document.querySelector('table.cases').textContent")
    assert HOSTILE.replace("\u202e", "\\u202e") in shown
    assert window.value("document.querySelectorAll('img').length") == 0
    draw_all(window)
    assert "<script>alert('1')</script>" in window.value("document.querySelector('.plot').textContent")


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


def test_the_filter_keeps_rows_that_hold_every_word(page):
    assert len(page.value(SEEN)) == 28
    page.click("#filter")
    page.type("JIT 100000x20")
    assert page.value(SEEN) == ["gradient/100000x20/jit"]
    assert page.value("document.getElementById('matches').textContent") == "1 of 28 rows"
    page.press("Escape", 27)
    assert len(page.value(SEEN)) == 28


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


def test_the_button_switches_page_and_figures_between_light_and_dark(page):
    page.until("Boolean(document.querySelector('.plot .xtick text'))")
    tick = "getComputedStyle(document.querySelector('.plot .xtick text')).fill"
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.value(f"[{tick}, {paper}]")
    page.click("#theme")
    page.until(f"{tick} !== '{light[0]}'")
    assert page.value(paper) != light[1]
    assert page.value("document.getElementById('theme').textContent") == "Light"


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


def test_a_link_to_the_machine_unfolds_it(page):
    assert not page.value("document.getElementById('environment').open")
    page.value("document.querySelector('.links a[href=\"#environment\"]').click()")
    page.until("document.getElementById('environment').open")


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


DRAWN_IN_VIEW = """window.Plotly && document.readyState === 'complete' && [...document.querySelectorAll('.plot')]
  .filter((p) => { const r = p.getBoundingClientRect(); return r.bottom > 0 && r.top < innerHeight; })
  .every((p) => p.querySelector('.main-svg'))"""
USABLE = "!document.getElementById('filter').parentElement.hidden && document.querySelectorAll('.sort').length > 1000"


@pytest.mark.parametrize("anchor", ["", "problem_9"])
def test_a_thousand_cases_are_one_page_whose_figures_are_drawn_as_they_are_seen(window, written, anchor):
    path = written("many", many)
    assert path.stat().st_size < 6_000_000
    window.open("about:blank")
    window.open(path, anchor)
    seen_ms = window.until(f"{DRAWN_IN_VIEW} && {USABLE} && performance.now()")
    assert window.value("document.querySelectorAll('table.cases tbody tr').length") == 1000
    assert 0 < window.value("document.querySelectorAll('.plot .main-svg').length") < 20
    window.value("dispatchEvent(new Event('beforeprint'))")
    window.until(ALL_DRAWN)
    assert window.complaints() == []
    count = window.value("document.querySelectorAll('.plot').length")
    all_ms = window.value("performance.now()")
    size = f"{path.stat().st_size / 1e6:.2f} MB"
    print(f"{size}; what is in view {seen_ms:.0f} ms, all {count} figures {all_ms:.0f} ms")  # noqa: T201  (with -rP)


def test_a_browser_that_cannot_unpack_the_figures_says_so_and_shows_the_tables(written):
    with browser.Browser() as old:
        old.send("Page.addScriptToEvaluateOnNewDocument", source="delete window.DecompressionStream")
        old.open(written("every kind of row", every_kind))
        told = old.until("document.querySelector('.plot').textContent")
        assert told.startswith("Time of one call of gradient, 1 thread. The tables hold its values. This browser can")
        assert len(old.value(SEEN)) == 28
        old.click("[id='gradient/1000x2'] th[data-name=median_s] button")
        assert old.complaints() == []
