"""Pages as a browser shows them, its network cut: none asks, complains or is wider than the screen."""

import pytest
from browser_pages import ALL_DRAWN, HOSTILE, PAGES, draw_all, hostile, many

EMPTY = """[...document.querySelectorAll('.plot')].filter((p) => !p.querySelector(
  '.scatterlayer .trace path.point, .scatterlayer .trace path.js-line, .barlayer path')).length"""


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


def test_a_link_to_the_machine_unfolds_it(page):
    assert not page.value("document.getElementById('environment').open")
    page.value("document.querySelector('.links a[href=\"#environment\"]').click()")
    page.until("document.getElementById('environment').open")


def test_the_button_switches_page_and_figures_between_light_and_dark(page):
    page.until("Boolean(document.querySelector('.plot .xtick text'))")
    tick = "getComputedStyle(document.querySelector('.plot .xtick text')).fill"
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.value(f"[{tick}, {paper}]")
    page.click("#theme")
    page.until(f"{tick} !== '{light[0]}'")
    assert page.value(paper) != light[1]
    assert page.value("document.getElementById('theme').textContent") == "Light"


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
