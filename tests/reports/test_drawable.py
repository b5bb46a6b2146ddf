"""Which charts of experiments become files."""

import dataclasses
import json

import pytest
from click.testing import CliRunner
from gradient_tables import PLAIN, measured

from lrbench.cli import main
from lrbench.comparisons import make_report
from lrbench.experiments import charts
from lrbench.report import drawable, images
from lrbench.results import append

pytest.importorskip("matplotlib", reason="needs matplotlib: pip install 'lrbench[figures]'")
LINE = charts.line("descent", [1.0, 2.0, 3.0], [1.0, 0.1, None], marks=True)
BAND = charts.band("spread", [1.0, 2.0], [1.0, 0.1], [2.0, 0.2])
WORDS = charts.words(["here"], [1.0], [1.0])
CHART = charts.chart([LINE, BAND, WORDS], x="step", y=charts.log("loss"))
ONLY_PLOTLY = "settings or values that only plotly draws"


def with_chart(chart):
    part = {"kind": "figure", "chart": chart, "caption": "Loss over steps", "alternative": ""}
    experiment = {"name": "best_constant", "parts": [{"kind": "heading", "text": "x"}, part]}
    return dataclasses.replace(make_report(measured(PLAIN)), experiments=(experiment,))


def test_a_chart_of_an_experiment_is_a_file_named_by_both(tmp_path):
    report = with_chart(CHART)
    assert drawable.left_out_text(report) == ""
    before = len(images.write_figures(dataclasses.replace(report, experiments=()), tmp_path))
    *_, last = written = images.write_figures(report, tmp_path)
    assert (len(written), last.name) == (before + 1, "Best_constant_Loss_over_steps.svg")
    assert "mathdefault" not in last.read_text(encoding="utf-8")


def of(traces=(LINE,), x="x", y="y", **layout):
    return charts.chart(traces, x=x, y=y, **layout)


@pytest.mark.parametrize(
    ("chart", "reason"),
    [
        (of(xaxis2={}), "several pairs of axes"),
        (of([{**LINE, "xaxis": ["x"]}]), "several pairs of axes"),
        (of([charts.heat(["a"], ["b"], [[1.0]], text=[["1"]])]), "a heat map or another kind of marks"),
        (of(shapes=[{"type": "line"}]), "lines or words laid over them"),
        (
            of(y=charts.log("y"), traces=[{**LINE, "y": [0.0, 1.0, 2.0]}]),
            "values that a logarithmic axis has no place for",
        ),
        (of([{**LINE, "y": [None] * 3}]), "nothing to draw"),
        (of([charts.reference("lone", [1.0, 2.0], [1.0, None])]), "nothing to draw"),
        (of([]), "nothing to draw"),
        ({"data": [LINE], "layout": {}, "height": 400.0}, ONLY_PLOTLY),
        (of(x={"type": "category"}), ONLY_PLOTLY),
        (of(x={"title": "step"}), ONLY_PLOTLY),
        (of(x={"range": [1.0, 1.0]}), ONLY_PLOTLY),
        (of(x={"type": "log", "range": [0.0, 1e6]}), ONLY_PLOTLY),
        (of(x={"autorange": "reversed"}), ONLY_PLOTLY),
        (of(x={"tickvals": [1.0], "ticktext": []}), ONLY_PLOTLY),
    ],
)
def test_a_chart_that_would_be_wrong_or_empty_is_left_to_the_page(tmp_path, chart, reason):
    report = with_chart(chart)
    assert drawable.left_out_text(report) == f"Left to the page: 1 figure of experiments (1 with {reason})."
    assert len(images.write_figures(report, tmp_path)) == len(images.write_figures(with_chart(of([])), tmp_path))


@pytest.mark.parametrize(
    "damage",
    [
        {"x": None},
        {"x": ["a", "b", "c"]},
        {"x": [1.0]},
        {"x": [1.0, 2.0, float("nan")]},
        {"x": [1.0, 2.0, 10**400]},
        {"x": [True, 2.0, 3.0]},
        {"name": 3},
        {"name": "\ud800\x00"},
        {"mode": ["lines"]},
        {"mode": "lines+bars"},
        {"mode": "text"},
        {"line": []},
        {"line": {"dash": ["dot"]}},
        {"line": {"color": "rgba(1.2.3,4,5)"}},
        {"line": {"color": {}}},
        {"line": {"color": "rgb(999,0,0)"}},
        {"line": {"width": -1, "color": "red"}},
        {"marker": {"symbol": "hexagon"}},
        {"marker": {"size": [1, 2, 3]}},
        {"marker": {"color": "blue"}},
        {"fill": "tozeroy"},
        {"fill": "toself"},
        {"error_y": {"array": [1.0]}},
        {"error_y": {"type": "percent", "value": 3}},
        {"stackgroup": "one"},
    ],
)
def test_a_damaged_trace_is_told_of_and_never_a_traceback(damage):
    assert drawable.hindrance(of([{**LINE, **damage}])) == ONLY_PLOTLY


def test_the_command_says_how_many_it_could_not_draw_and_why(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = with_chart(of(xaxis2={})).experiments
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "experiments.json").write_text(json.dumps({"experiments": source}), encoding="utf-8")
    for measurement in measured(PLAIN):
        append(tmp_path / "run" / "measurements.jsonl", measurement)
    done = CliRunner().invoke(main, ["report", "run", "--figures", "f"])
    assert done.exit_code == 0, done.output
    assert done.output.endswith(
        "figures in f\nLeft to the page: 1 figure of experiments (1 with several pairs of axes).\n"
    )
