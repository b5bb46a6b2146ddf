"""The digits' tables, page and command: exact texts from literal rows, and the command as a user types it."""

import io
import json
import re

import pytest
from click.testing import CliRunner
from rich.console import Console

from lrbench.accuracy.document import BadDocument, dumps, loads
from lrbench.cli import main
from lrbench.report import accuracy, accuracy_page

GROUP, SWEPT = "certified data sets", "generated, large residual"


def dataset(name, group, condition_number, nominal=None, **expected):
    return {
        "name": name,
        "group": group,
        "n_samples": 21,
        "n_features": 5,
        "intercept": True,
        "condition_number": condition_number,
        "nominal_condition_number": nominal,
        "digits_expected": expected,
    }


def row(name, group, implementation, reference="exact", status="ok", reason="", digits=None, method=""):
    median, worst = digits or (None, None)
    return {
        "dataset": name,
        "group": group,
        "condition_number": 2220.0,
        "implementation": implementation,
        "reference": reference,
        "status": status,
        "reason": reason,
        "digits_median": median,
        "digits_worst": worst,
        "method": method,
        "digits_expected": None,
    }


DOCUMENT = {
    "environment": {"cpu": "a processor", "numpy": "2.4"},
    "datasets": [
        dataset("Wampler1", GROUP, 2220.4, QR=9.24),
        dataset("Norris", GROUP, 2.8008, QR=12.4),
        dataset("1e8, large residual", SWEPT, 1.0001e8, 1e8, QR=1.0),
    ],
    "rows": [
        row("Wampler1", GROUP, "qr", "certified", digits=(9.66, 9.2), method="QR"),
        row("Norris", GROUP, "qr", "certified", digits=(12.51, 12.48), method="QR"),
        row("Wampler1", GROUP, "a|b", "certified", "failed", "raised LinAlgError: no", digits=(3.0, 0.0)),
        row("Norris", GROUP, "a|b", "certified", "wrong answer", "non-finite value"),
        row("Wampler1", GROUP, "absent", "certified", "skipped", "needs torch"),
        row("Norris", GROUP, "absent", "certified", "skipped", "needs torch"),
        row("1e8, large residual", SWEPT, "qr", digits=(1.5, 0.04), method="QR"),
    ],
}

MARKDOWN = """### Certified data sets, against the certified values

| implementation | Wampler1 | Norris |
|---|--:|--:|
| condition number | 2.2e3 | 2.8 |
| qr | 9.7 (9.2) | 12.5 |
| a&#124;b | failed | wrong |
| theory: QR | 9.2 | 12.4 |

- a&#124;b: failed on Wampler1: raised LinAlgError: no
- a&#124;b: wrong answer on Norris: non-finite value

### Generated, large residual, against the exact solution of the float64 problem

| implementation | 1e8 |
|---|--:|
| condition number | 1e8 |
| qr | 1.5 (0.0) |
| theory: QR | 1.0 |

- Digits are correct decimal digits of the worst coefficient, at most 16.
"""


def lrbench(*arguments):
    return CliRunner().invoke(main, ["accuracy", *map(str, arguments)])


def test_the_markdown_is_the_literal_tables():
    text = accuracy.markdown(DOCUMENT)
    assert text.startswith(MARKDOWN)
    assert text.endswith("\n- absent: skipped: needs torch\n")


def test_the_terminal_shows_the_same_and_obeys_no_markup():
    rows = [{**line, "implementation": "[red]x[/red]\x1b[2J"} for line in DOCUMENT["rows"]]
    console = Console(file=io.StringIO(), width=100, color_system=None)
    for part in accuracy.renderables({**DOCUMENT, "rows": rows}):
        console.print(part)
    text = console.file.getvalue()
    in_tables = [line for line in text.splitlines() if line.startswith(" [red]x[/red]\\x1b[2J  ")]
    assert len(in_tables) == 2
    assert "\x1b" not in text


def test_the_page_is_whole_and_runs_nothing_from_its_data():
    evil = "</script><script>alert(1)</script>"
    rows = [{**line, "implementation": evil, "reason": evil, "method": evil} for line in DOCUMENT["rows"]]
    page = accuracy_page.render({**DOCUMENT, "rows": rows, "environment": {"cpu": evil}})
    assert "<script>alert" not in page
    without_plotly = re.sub(r'(?<=id="plotly">)[^<]{100000,}(?=</script>)', "", page)
    assert not re.findall(r"(?:src|href)=[\"']?(?!#)", without_plotly)


def test_the_page_draws_digits_against_the_condition_number():
    page = accuracy_page.render(DOCUMENT)
    (figure,) = json.loads(re.search(r'id="figures">(.*?)</script>', page)[1])
    names = {trace["name"]: (trace["x"], trace["y"]) for trace in figure["data"]}
    assert names == {"qr": ([2220.0], [1.5]), "theory: QR": ([1.0001e8], [1.0])}
    assert figure["layout"]["xaxis"]["ticktext"] == ["1e8"]


def test_a_page_without_generated_data_has_no_figure():
    document = {**DOCUMENT, "datasets": DOCUMENT["datasets"][:2], "rows": DOCUMENT["rows"][:6]}
    assert 'data-figure="' not in accuracy_page.render(document)


def test_what_is_written_is_read_again():
    assert loads(dumps(DOCUMENT)) == DOCUMENT
    assert dumps(DOCUMENT).count("\n") == 5 + len(DOCUMENT["datasets"]) + len(DOCUMENT["rows"])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.pop("rows"),
        lambda d: d["rows"][0].pop("dataset"),
        lambda d: d["rows"][0].update(dataset="unknown"),
        lambda d: d["rows"][0].update(status="fine"),
        lambda d: d["rows"][0].update(digits_median="9"),
        lambda d: d["rows"][0].update(digits_worst=None),
        lambda d: d["rows"][0].update(digits_median=float("nan")),
        lambda d: d["rows"][0].update(more=1),
        lambda d: d["datasets"][0].update(digits_expected={"QR": "9"}),
        lambda d: d["datasets"][0].update(condition_number=None),
        lambda d: d.update(environment=[]),
    ],
)
def test_a_spoilt_document_is_refused(spoil):
    document = json.loads(dumps(DOCUMENT))
    spoil(document)
    with pytest.raises(BadDocument):
        loads(json.dumps(document))


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 100000, '{"environment": {}, "datasets": [1], "rows": []}'])
def test_what_is_no_document_is_refused(text):
    with pytest.raises(BadDocument):
        loads(text)


# The command


@pytest.mark.parametrize("name", ["", *main.list_commands(None)])
def test_every_help_keeps_the_lines_of_its_examples(name):
    text = CliRunner().invoke(main, [*filter(None, [name]), "--help"]).output
    assert "\\b" not in text
    examples = text.partition("Examples:\n")[2].partition("\n\n")[0].splitlines()
    assert len(examples) > 1
    assert all(line.startswith("    lrbench ") for line in examples)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """One real count, of two implementations, into all formats."""
    folder = tmp_path_factory.mktemp("accuracy")
    outputs = [part for ending in ("html", "md", "json") for part in ("--output", folder / f"digits.{ending}")]
    return folder, lrbench("--implementation", "qr", "--implementation", "inverse", "--json", *outputs)


def test_the_json_has_the_documented_fields(measured):
    folder, done = measured
    assert done.exit_code == 0, done.output
    assert done.stdout == (folder / "digits.json").read_text(encoding="utf-8")
    document = json.loads(done.stdout)
    for found in document["rows"]:
        documented = "dataset condition_number implementation reference digits_median digits_worst status reason"
        assert set(documented.split()) <= found.keys()
        assert found["digits_worst"] <= found["digits_median"] <= 16
    assert {found["reference"] for found in document["rows"]} == {"certified", "exact"}
    assert list(dict.fromkeys(found["implementation"] for found in document["rows"])) == ["inverse", "qr"]
    names = [found["name"] for found in document["datasets"]]
    assert len(names) == len(set(names)) == 7 + 7 + 16


def test_a_stored_result_is_shown_without_measuring(measured):
    folder, _ = measured
    shown = lrbench("--from", folder / "digits.json")
    assert shown.exit_code == 0, shown.output
    assert "Certified data sets, against the certified values" in shown.stdout
    again = lrbench("--from", folder / "digits.json", "--output", folder / "again.md")
    assert again.exit_code == 0, again.output
    assert (folder / "again.md").read_bytes() == (folder / "digits.md").read_bytes()


def test_files_of_a_folder_take_the_place_of_built_in_sets(tmp_path, monkeypatch):
    from lrbench.accuracy import datasets, strd
    from lrbench.cli.accuracy import _datasets

    norris = datasets.built_in()[0]
    monkeypatch.setattr(strd, "read_folder", lambda _folder: (norris,))
    assert sum(found is norris for found in _datasets(tmp_path, 0)) == 1
    assert [found.name for found in _datasets(tmp_path, 0)].count("Norris") == 1
    monkeypatch.setattr(strd, "read_folder", lambda _folder: (norris, norris))
    with pytest.raises(datasets.BadDataset, match=r"two files have the data set name 'Norris'\. Take one out\."):
        _datasets(tmp_path, 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--implementation", "qrr"], "No implementation 'qrr'. Nearest: 'qr'."),
        (["--output", "x.pdf"], "no format has the ending '.pdf'. Name the file with one of: .html, .md, .json"),
        (["--output", "nowhere/x.md"], "nowhere: no such folder. Make it, or choose another --output."),
        (["--from", "nowhere.json"], "nowhere.json: cannot be read (No such file or directory). Name a file that"),
        (["--from", "x.json", "--json"], "--from shows a stored result: --strd, --implementation and --json belong"),
        (["--strd", "nowhere"], "nowhere: No such file or directory. Name a folder that holds NIST's .dat files."),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_measured(arguments, message):
    done = lrbench(*arguments)
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())


def test_a_file_that_is_no_result_is_named(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(b"\xff\xfe")
    done = lrbench("--from", path)
    assert done.exit_code == 2
    assert "x.json: is no result of lrbench accuracy: " in " ".join(done.output.split())


def test_a_data_set_without_a_nominal_condition_number_is_no_part_of_a_sweep():
    document = json.loads(dumps(DOCUMENT))
    (swept,) = [each for each in document["datasets"] if each["nominal_condition_number"]]
    document["datasets"].append({**swept, "name": "another", "nominal_condition_number": None})
    page = accuracy_page.render(loads(json.dumps(document)))
    (figure,) = json.loads(re.search(r'id="figures">(.*?)</script>', page)[1])
    assert figure["layout"]["xaxis"]["ticktext"] == ["1e8"]
