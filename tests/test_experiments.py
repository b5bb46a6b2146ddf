"""What every experiment keeps to, multiplied over all of them; and the command."""

import json
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from lrbench.cli import main
from lrbench.experiments import EXPERIMENTS, document, load
from lrbench.experiments.findings import Findings, Paragraph, Setting
from lrbench.report import experiments, experiments_page

CLOCKED = ("_s", "_speedup", "_from_n")  # how the names of numbers end that a clock has made


@pytest.fixture(scope="module")
def found():
    """What each experiment found, run when it is first asked for."""
    kept = {}

    def find(name):
        if name not in kept:
            kept[name] = load(name).run(Setting(seed=3, quick=True))
        return kept[name]

    return find


@pytest.fixture(params=EXPERIMENTS)
def name(request):
    return request.param


def test_it_asks_a_question_and_answers_in_a_few_sentences(name, found):
    assert load(name).QUESTION.endswith("?")
    assert 1 <= found(name).answer.count(". ") + 1 <= 7
    assert any(isinstance(part, Paragraph) for part in found(name).parts)


def test_a_seed_brings_the_same_numbers_again(name, found):
    def unclocked(findings):
        plain = document.entry(name, "", findings, seconds=0.0)["numbers"]
        return {key: value for key, value in plain.items() if not key.endswith(CLOCKED)}

    assert unclocked(load(name).run(Setting(seed=3, quick=True))) == unclocked(found(name))


def test_every_figure_says_what_is_drawn_and_in_which_units(name, found):
    figures = [part for part in found(name).parts if part.kind == "figure"]
    assert figures
    for figure in figures:
        assert figure.caption.endswith(".")
        assert figure.alternative.endswith(".")
        assert figure.chart["data"]
        axes = [axis for key, axis in figure.chart["layout"].items() if key[1:5] == "axis"]
        assert any(axis.get("title", {}).get("text") for axis in axes)
        for trace in figure.chart["data"]:  # nothing empty, nothing of unequal length
            lengths = {len(trace[key]) for key in ("x", "y") if key in trace}
            assert trace["type"] == "heatmap" or (len(lengths) == 1 and lengths != {0})


def test_every_table_is_whole(name, found):
    for part in found(name).parts:
        if part.kind == "grid":
            assert part.lines
            assert {len(line) for line in part.lines} == {len(part.columns)}


def test_it_is_strict_json_and_every_format_shows_it(name, found):
    entry = document.entry(name, load(name).QUESTION, found(name), seconds=1.0)
    whole = document.make_document({"cpu": "a processor"}, 3, [entry])
    assert json.loads(document.dumps(whole), parse_constant=pytest.fail) == json.loads(json.dumps(whole))
    page = experiments_page.render(whole)
    assert page.count('class="plot"') == sum(part["kind"] == "figure" for part in entry["parts"])
    assert experiments.title(name) in experiments.markdown(whole)


class Texts(HTMLParser):
    """Every text of a page, and every tag's name."""

    def __init__(self, page):
        super().__init__()
        self.texts, self.tags = [], []
        self.feed(page)

    def handle_starttag(self, tag, _attributes):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def test_text_is_shown_and_never_obeyed():
    hostile = '</script><script>alert("x")</script>'
    entry = document.entry(hostile, hostile, Findings((Paragraph(hostile),), hostile, {}, (hostile,)), seconds=0.0)
    page = Texts(experiments_page.render(document.make_document({hostile: hostile}, 0, [entry])))
    plain = Texts(experiments_page.render(document.make_document({"a": "b"}, 0, [{**entry, "name": "plain"}])))
    assert page.tags == plain.tags
    assert hostile in page.texts


def test_an_experiment_that_fails_says_why_and_the_others_go_on(monkeypatch, tmp_path):
    def broken(_setting):
        message = "no such luck"
        raise ValueError(message)

    monkeypatch.setattr(load("loss_choice"), "run", broken)
    run = CliRunner().invoke(main, ["experiment", "loss_choice", "best_constant", "--output", str(tmp_path)])
    assert run.exit_code == 1
    assert "failed: ValueError: no such luck" in run.output
    written = json.loads((tmp_path / "experiments.json").read_text())
    assert [each["status"] for each in written["experiments"]] == ["failed", "ok"]
    assert "no such luck" in (tmp_path / "experiments.html").read_text()
    assert "no such luck" in (tmp_path / "experiments.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "or give --all"),
        (["best_constant", "--all"], "not both"),
        (["best_konstant"], "No experiment 'best_konstant'. Nearest: 'best_constant'"),
        (["best_constant", "--seed", "-1"], "--seed is -1"),
        (["best_constant", "--output", __file__], "--output"),
    ],
)
def test_bad_usage_is_refused_before_anything_runs(arguments, message):
    run = CliRunner().invoke(main, ["experiment", *arguments])
    assert run.exit_code == 2
    assert message in " ".join(run.output.split())


def test_the_list_names_every_question():
    run = CliRunner().invoke(main, ["experiment", "--list"])
    assert [line.split()[0] for line in run.output.splitlines()] == list(EXPERIMENTS)


def test_json_goes_alone_to_standard_output():
    command = [sys.executable, "-m", "lrbench", "experiment", "best_constant", "--json"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(run.stdout)["experiments"][0]["numbers"]["mean"] > 0
