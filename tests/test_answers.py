"""Answers of experiments beside a run: shown in its page as text, and refused where they are damaged."""

import json

import pytest
from click.testing import CliRunner

from lrbench.cli import main
from lrbench.readers.answers import read_answers
from lrbench.results import BadRecord, Measurement, Side, append

EVIL = "<script>alert(1)</script>"
CHART = {"data": [{"type": "scatter", "x": [1], "y": [2], "name": "a"}], "layout": {}, "height": 1e9}
EXPERIMENT = {
    "name": "loss_choice",
    "question": f"Which loss? {EVIL}",
    "status": "ok",
    "reason": "",
    "answer": "The squared one.",
    "skipped": [],
    "parts": [
        {"kind": "heading", "text": "Four losses"},
        {"kind": "figure", "chart": CHART, "caption": EVIL, "alternative": "A point."},
        {"kind": "grid", "caption": "Gradients", "columns": ["loss", "gradient"], "lines": [["squared", EVIL]]},
        {"kind": "unheard of", "text": "still text"},
    ],
}


def folder_with(tmp_path, *experiments):
    (tmp_path / "experiments.json").write_text(json.dumps({"experiments": experiments}))
    side = Side("a", "sum", "a", number=1, epochs_s=(1.0,), rounds=(0,))
    append(tmp_path / "measurements.jsonl", Measurement("loss_choice", "10", 1, 0, (side,)))
    return tmp_path


def test_answers_beside_a_run_join_its_page_as_text(tmp_path):
    page = tmp_path / "page.html"
    done = CliRunner().invoke(main, ["report", str(folder_with(tmp_path, EXPERIMENT)), "--output", str(page)])
    assert done.exit_code == 0, done.output
    text = page.read_text(encoding="utf-8")
    assert EVIL not in text
    for expected in (
        'id="loss_choice-2"',
        "<h4>Four losses</h4>",
        "The squared one.",
        "<p>still text</p>",
        "Gradients",
    ):
        assert expected in text


def test_heights_are_kept_within_a_page(tmp_path):
    (found,) = read_answers([folder_with(tmp_path, EXPERIMENT), tmp_path])
    assert found["parts"][1]["chart"]["height"] == 2000


def test_without_answers_there_are_none(tmp_path):
    assert read_answers([tmp_path, tmp_path / "missing"]) == ()


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": 3}, "experiment 1, 'name' is 3, which is no str"),
        ({"parts": {}}, "experiment 1, 'parts' is a dict of 0, which is no list"),
        ({"parts": [3]}, "experiment 1, part 1 is 3"),
        ({"parts": [{"kind": "figure", "chart": []}]}, "part 1, 'chart' is a list of 0"),
        (
            {"parts": [{"kind": "figure", "chart": {"data": [], "layout": {"yaxis2": None}}}]},
            "part 1, 'chart', layout 'yaxis2' is None, which is no dict",
        ),
        ({"parts": [{"kind": "grid", "lines": [[1]], "columns": []}]}, "part 1, line 1, entry 1 is 1"),
        ({"skipped": "all"}, "'skipped' is 'all', which is no list"),
    ],
)
def test_damage_is_named_with_its_place(tmp_path, change, place):
    with pytest.raises(BadRecord) as raised:
        read_answers([folder_with(tmp_path, {**EXPERIMENT, **change})])
    assert place in str(raised.value)
    assert "experiments.json" in str(raised.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"experiments": 3}', "[" * 5000])
def test_what_is_no_document_is_refused(tmp_path, text):
    (tmp_path / "experiments.json").write_text(text)
    with pytest.raises(BadRecord, match=r"experiments\.json"):
        read_answers([tmp_path])


def test_a_link_to_itself_is_named(tmp_path):
    (tmp_path / "experiments.json").symlink_to("experiments.json")
    with pytest.raises(BadRecord, match=r"experiments\.json: cannot be read \("):
        read_answers([tmp_path])
