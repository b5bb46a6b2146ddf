"""lrbench languages as a user types it."""

import json

import pytest
from click.testing import CliRunner
from language_programs import RIGHT, program

from lrbench.cli import main
from lrbench.languages import known, runner
from lrbench.results import Ceiling


def lrbench(*arguments):
    return CliRunner().invoke(main, ["languages", *map(str, arguments)])


@pytest.fixture
def only_mine(tmp_path, monkeypatch):
    """Return a function that makes one program of a text the only one known."""
    monkeypatch.setattr(runner, "find_ceilings", lambda *_, **__: (Ceiling("add", 1, 24e3, 1e11),))
    monkeypatch.setattr(runner, "ROUNDS", 1)

    def choose(change):
        monkeypatch.setattr(known, "PROGRAMS", (program(tmp_path, RIGHT + change),))

    return choose


def test_the_command_prints_its_document(only_mine):
    only_mine("print(json.dumps(line))")
    done = lrbench("--only", "broken", "--size", "10", "--size", "1000", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert list(found) == ["format", "environment", "caches_bytes", "ceilings", "rows", "fits", "pairs"]
    assert found["format"] == "lrbench-languages-1"
    assert [(row["size"], row["status"], row["median_s"]) for row in found["rows"]] == [
        (10, "ok", 1e-6),
        (1000, "ok", 1e-6),
    ]
    assert found["ceilings"][0]["value"] == 1e11


def test_the_command_writes_files_and_says_by_its_exit_code_that_a_program_failed(only_mine, tmp_path):
    only_mine("print('hello')")
    done = lrbench("--size", "10", "--output", tmp_path / "new" / "folder", "--output", tmp_path / "one.md")
    assert done.exit_code == 1
    folder = tmp_path / "new" / "folder"
    assert json.loads((folder / "languages.json").read_text())["rows"][0]["status"] == "failed"
    assert (folder / "languages.md").read_text() == (tmp_path / "one.md").read_text()
    assert "- Broken: loop at 10: failed: line 1 of standard output is no JSON object: 'hello'" in (
        (tmp_path / "one.md").read_text()
    )
    assert "is no JSON object: &#39;hello&#39;" in (folder / "languages.html").read_text()


def test_the_command_prints_tables(only_mine):
    only_mine("print(json.dumps(line))")
    done = lrbench("--size", "10")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["language", "method", "n", "=", "10"] in lines
    assert ["Broken", "loop", "100"] in lines


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--only", "fortrun"), "No language 'fortrun'. Nearest: 'fortran'. All: lists, numpy, numba, "),
        (("--size", "0"), "--size 0 lies outside 1 to 1000000000."),
        (("--size", "ten"), "'ten' is not a valid integer"),
        (("--output", "x.pdf"), "no format has the ending '.pdf'"),
        (("--output", "/nowhere/at/all/x.json"), "no such folder. Make it, or choose another --output."),
    ],
)
def test_bad_usage_is_refused_before_anything_is_measured(arguments, message, monkeypatch):
    monkeypatch.setattr(runner, "measure", lambda *_, **__: pytest.fail("measured"))
    done = lrbench(*arguments)
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())
