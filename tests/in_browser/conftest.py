"""A browser, and pages for it."""

import browser
import pytest
from browser_pages import every_kind

from lrbench.report import html


@pytest.fixture(autouse=True, scope="package")
def installed():
    if browser.found() is None:
        pytest.skip("no Chromium or Chrome is installed")


@pytest.fixture(scope="package")
def window():
    with browser.Browser() as opened:
        yield opened


@pytest.fixture(scope="package")
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
