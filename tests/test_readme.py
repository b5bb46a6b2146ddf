"""README says what is so: its tables are the program's, its commands and names exist.

`python tests/test_readme.py` writes the tables and the pictures anew from the measurements in tests/data.
"""

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from lrbench.cli import main
from lrbench.problems import PROBLEMS
from lrbench.registry import Implementation
from lrbench.report import languages_page, scaling
from lrbench.report.languages import markdown

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
MEASURED = Path(__file__).parent / "data" / "readme"
TABLES = re.compile(r"(?<=<!-- report: begin -->\n).*(?=<!-- report: end -->)", re.DOTALL)
PICTURE = Path(__file__).parent / "data" / "report.png"
COUNTED = Path(__file__).parent / "data" / "accuracy.json"  # lrbench accuracy --output tests/data/accuracy.json
DIGITS = re.compile(r"(?<=<!-- accuracy: begin -->\n).*(?=<!-- accuracy: end -->)", re.DOTALL)
SPOKEN = Path(__file__).parent / "data" / "languages.json"  # lrbench languages --output tests/data/languages.json
SPOKEN_PICTURE = Path(__file__).parent / "data" / "languages.png"
SPOKEN_PART = re.compile(r"(?<=<!-- languages: begin -->\n).*(?=<!-- languages: end -->)", re.DOTALL)
SCALED = [Path(__file__).parent / "data" / f"scaling_{name}.json" for name in ("passes", "workers")]
SCALED_PART = re.compile(r"(?<=<!-- scaling: begin -->\n).*(?=<!-- scaling: end -->)", re.DOTALL)
SHOWN = "### Certified data sets, against the exact solution of the float64 problem\n"


def tables(folder):
    """Return the Markdown report of the measurements that README shows, without its title."""
    path = folder / "report.md"
    done = CliRunner().invoke(main, ["report", str(MEASURED), "--output", str(path)])
    assert done.exit_code == 0, done.output
    return path.read_text(encoding="utf-8").partition("\n\n")[2]


def digits(folder):
    """Return the part of the stored table of correct digits that README shows."""
    path = folder / "accuracy.md"
    done = CliRunner().invoke(main, ["accuracy", "--from", str(COUNTED), "--output", str(path)])
    assert done.exit_code == 0, done.output
    return path.read_text(encoding="utf-8").partition(SHOWN)[2].partition("\n### ")[0].strip() + "\n"


def languages():
    """Return the first parts of the stored run over all languages: what a learner is told, and loop over vector."""
    whole = markdown(json.loads(SPOKEN.read_text(encoding="utf-8")))
    return whole.partition("\n\n")[2].partition("### What a call costs")[0]


def scaled():
    """Return the tables of the stored runs of lrbench scaling: --part passes --part implementations, --part workers."""
    return "\n".join(scaling.markdown(json.loads(path.read_text(encoding="utf-8"))) for path in SCALED)


def text():
    return README.read_text(encoding="utf-8")


def test_the_tables_are_the_programs(tmp_path):
    assert SPOKEN_PART.search(text())[0] == languages()
    assert SCALED_PART.search(text())[0] == scaled()
    assert TABLES.search(text())[0] == tables(tmp_path)
    assert DIGITS.search(text())[0] == digits(tmp_path)


def test_the_picture_exists():
    for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text()):
        assert (ROOT / path).stat().st_size > 1000


def test_each_of_the_two_commands_is_one_line_and_from_nothing():
    for name in ("run", "test"):
        block = re.search(rf"<!-- command: {name} -->\n```sh\n(.*?)\n```", text(), re.DOTALL)[1]
        assert "\n" not in block
        assert block.startswith("python3 -m venv .venv && .venv/bin/pip install ")


def commands():
    """Return every command line of lrbench that README shows with its options."""
    spans = re.findall(r"`(lrbench [^`]+)`", text()) + re.findall(r"^    (lrbench [^#\n]+)", text(), re.MULTILINE)
    return sorted({span.split(">")[0].strip() for span in spans})


@pytest.mark.parametrize("line", commands())
def test_every_command_and_option_exists(line):
    name, *words = shlex.split(line)[1:]
    if name == "report":
        words = [word for word in words if word != "PATH..."]
    command = main.get_command(None, name)
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_every_problem_is_listed():
    assert all(f"`{problem.name}`" in text() for problem in PROBLEMS)


def test_the_example_of_a_new_implementation_is_one_that_the_registry_takes():
    line = re.search(r"^ +(Implementation\(.*\)),$", text(), re.MULTILINE)[1]
    made = eval(line, {"Implementation": Implementation})  # noqa: S307  (our own README)
    assert made.algorithm in {i.algorithm for p in PROBLEMS if p.name == "gradient" for i in p.implementations}


def test_the_layout_names_what_exists():
    tree = re.search(r"^    lrbench/\n(.*?)\n    benchmarks/", text(), re.DOTALL | re.MULTILINE)[1]
    named = set(re.findall(r"^      ((?:[a-z_]+(?:\.py|/) ?)+)", tree, re.MULTILINE))
    names = {name for group in named for name in group.split()}
    there = {p.name + "/" * p.is_dir() for p in (ROOT / "lrbench").iterdir() if not p.name.startswith("__")}
    assert names == there


def draw(folder):
    """Write the picture of the page of the measurements that README shows, as a browser draws it."""
    import browser

    page = folder / "report.html"
    done = CliRunner().invoke(main, ["report", str(MEASURED), "--output", str(page)])
    assert done.exit_code == 0, done.output
    with browser.Browser(1180, 1320) as window:
        window.prefer("light")
        window.open(page)
        window.until("Boolean(document.querySelector('.plot .main-svg'))")
        window.picture(PICTURE)


def draw_languages(folder):
    """Write the first figure of the page of the stored run over all languages, as a browser draws it."""
    import browser

    page = folder / "languages.html"
    page.write_text(languages_page.render(json.loads(SPOKEN.read_text(encoding="utf-8"))), encoding="utf-8")
    with browser.Browser(1200, 700) as window:
        window.prefer("light")
        window.open(page)
        figure = "document.querySelector('.plot')"
        window.value(f"{figure}.scrollIntoView({{block: 'start', behavior: 'instant'}})")
        window.until(f"Boolean({figure}.querySelector('.main-svg'))")
        window.resize(1200, window.value(f"{figure}.clientHeight"))
        window.value(f"{figure}.scrollIntoView({{block: 'start', behavior: 'instant'}})")
        window.value(f"{figure}.querySelector('.modebar').remove()")
        window.picture(SPOKEN_PICTURE)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        made, counted = tables(Path(folder)), digits(Path(folder))
        draw(Path(folder))
        draw_languages(Path(folder))
    written = DIGITS.sub(lambda _: counted, TABLES.sub(lambda _: made, text()))
    written = SCALED_PART.sub(lambda _: scaled(), written)
    README.write_text(SPOKEN_PART.sub(lambda _: languages(), written), encoding="utf-8")
