"""What reports tell and draw of histories."""

import json
import re
from csv import DictReader
from dataclasses import replace
from io import StringIO

from history_samples import SERIES, measurement, side

from lrbench.comparisons import make_report
from lrbench.report import crowd, csv, history, history_words, html, markdown, terminal
from lrbench.report import json as json_report

HOSTILE = "<script>alert('1')</script>|`x`\"&é" + "long" * 75


def test_rings_and_crosses_are_explained_where_they_are_and_only_there():
    steady = [measurement(f"{k:040x}", k, side(1.0)) for k in range(1, 9)]
    broken = [*steady[:-1], measurement(f"{8:040x}", 8, replace(side(1.0), status="failed", epochs_s=(), rounds=()))]
    for runs, marks in ((steady, []), (SERIES, ["ringed mark"]), (broken, ["cross"])):
        lines = history.legend(make_report(runs))
        assert len(lines) == 1 + len(marks)
        assert [mark for mark in ("ringed mark", "cross") if any(mark in line for line in lines)] == marks


def test_of_too_many_charts_those_with_steps_have_figures(monkeypatch):
    monkeypatch.setattr(history, "_MOST_MARKS", 20)
    steady = [[replace(m, problem=f"q{j}", sides=(side(1.0),)) for m in SERIES] for j in range(3)]
    report = make_report([m for series in (*steady, SERIES) for m in series])
    found = {chart.title: chart for chart in history.charts(report)}
    assert [name[:2] for name, chart in found.items() if chart.figure] == ["q0", "p "]
    page = html.render(report)
    assert page.count("to keep the page small") == 2
    assert page.count('id="histories/') == 4


def test_commits_are_counted_apart_from_their_runs():
    def told(*runs):
        return history_words.sentence(make_report(runs)).partition(" from")[0].partition(" of 2")[0]

    again = [replace(each, started=each.started.replace("T10", "T12")) for each in SERIES[:2]]
    assert told(*SERIES[:2]) == "2 commits"
    assert told(*SERIES[:2], *again) == "2 commits in 4 runs"
    assert told(SERIES[0], again[0]) == "1 commit in 2 runs"
    lab = [replace(each, environment={**each.environment, "machine": "lab"}) for each in SERIES[:2]]
    assert told(*SERIES[:2], *lab) == "2 commits on 2 machines"
    assert told(*(replace(each, environment={"machine": "desk"}) for each in SERIES[:2])) == "2 runs"


def test_steps_tell_environment_and_threads_apart():
    twice = [replace(each, environment={**each.environment, "numpy": v}) for v in ("2.3", "2.4") for each in SERIES]
    assert history_words.change_lines(make_report(twice)) == [
        f"p/10/qr, 1 thread on desk, numpy {v}: 2.00 times as fast since 0000000000 (2025-01-05)"
        for v in ("2.3", "2.4")
    ]


def test_the_head_counts_the_steps_and_names_the_largest_slowdown_first():
    twice = [
        measurement(f"{k:040x}", k, side(1.0 if k < 5 else 2.0), side(8.0 if k < 4 else 1.0, "lu")) for k in range(1, 9)
    ]
    report = make_report(twice)
    assert (
        history_words.sentence(report)
        == "8 commits from 2025-01-01 to 2025-01-08, 2 cases: 2 steps, 1 of them to slower."
    )
    assert history_words.change_lines(report) == [
        "p/10/qr, 1 thread on desk: 2.00 times as long since 0000000000 (2025-01-05)",
        "p/10/lu, 1 thread on desk: 8.00 times as fast since 0000000000 (2025-01-04)",
    ]
    page = html.render(report)
    for line in history_words.change_lines(report):
        (anchor,) = re.findall(rf'<li><a href="#([^"]+)">{re.escape(line)}</a></li>', page)
        assert f'<div id="{anchor}">' in page
    assert history_words.change_lines(report)[0] in terminal.render(report)
    both = [
        measurement(f"{k:040x}", k, side(1.0 if k < 5 else 2.0), side(1.0 if k < 5 else 3.0, "lu")) for k in range(1, 9)
    ]
    assert history_words.sentence(make_report(both)).endswith(
        "2 cases: 2 steps, all to slower; 2 begin with 0000000000 (2025-01-05)."
    )
    assert history_words.sentence(make_report(SERIES[:4])).endswith("1 case: no step was found.")
    assert history_words.sentence(make_report(SERIES[:1])) == ""


def test_a_text_names_the_first_steps_and_counts_the_others():
    sides = [[side(1.0 if k < 5 else 2.0 + j, f"lu{j}") for j in range(25)] for k in range(1, 9)]
    report = make_report([measurement(f"{k:040x}", k, *sides[k - 1]) for k in range(1, 9)])
    lines = history_words.change_lines(report)
    assert (len(lines), lines[0][:9], lines[-1]) == (21, "p/10/lu24", "and 5 more")
    assert "- and 5 more" in markdown.render(report)


def test_of_long_histories_the_last_commits_are_drawn_and_all_steps_told(monkeypatch):
    monkeypatch.setattr(history, "_MOST_MARKS", 6)
    monkeypatch.setattr(history, "_FEWEST", 2)
    report = make_report([*SERIES, measurement("f" * 40, 9, side(0.5))])
    (chart,) = history.charts(report)
    line, ring = chart.figure["data"]
    assert line["y"] == [1.0, *[0.5] * 5]
    assert ring["x"] == [line["x"][1]]
    assert chart.lines[0].cells[1] == "9"
    assert [text for text in history.legend(report) if "the last 6 commits" in text]
    monkeypatch.setattr(history, "MOST_POINTS", 8)
    assert history.legend(report)[-1] == "Steps are looked for among the last 8 times of a case."
    monkeypatch.setattr(history, "_MOST_MARKS", 3)
    assert [trace["name"] for trace in history.charts(report)[0].figure["data"]] == ["qr"]
    assert history_words.change_lines(report) == [
        "p/10/qr, 1 thread on desk: 2.00 times as fast since 0000000000 (2025-01-05)"
    ]


def test_names_are_text_in_every_format():
    hostile = [
        measurement(HOSTILE, k, side(1.0, HOSTILE), environment={"machine": HOSTILE, "numpy": HOSTILE}) for k in (1, 2)
    ]
    report = make_report(hostile)
    page = html.render(report)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "<script>" not in markdown.render(report)
    assert json.loads(json_report.render(report))["histories"][0]["implementation"] == HOSTILE


def test_csv_has_each_commit_once():
    lines = list(DictReader(StringIO(csv.render(make_report(SERIES)))))
    assert [(line["commit"][-1:], line["median_s"]) for line in lines] == [("8", "0.5")] + [
        (str(k), "1.0" if k < 5 else "0.5") for k in range(1, 8)
    ]
    assert len(list(DictReader(StringIO(csv.render(make_report(SERIES[:3])))))) == 3


def test_markdown_fits_a_comment_and_says_what_it_leaves_out():
    many = [replace(SERIES[0], size=str(k)) for k in range(2000)]
    text = markdown.render(make_report(many))
    assert len(text) < 65_536
    assert re.search(r"_\d+ tables more do not fit into a comment", text)
    assert "do not fit" not in markdown.render(make_report(many[:20]))


def test_of_many_cases_those_with_steps_are_in_colour_and_their_commits_named():
    names = [f"s{k:02}" for k in range(12)]
    runs = [
        measurement(f"{k:040x}", k, *(side(2.0 if k > 16 and name == "s11" else 1.0, name) for name in names))
        for k in range(1, 29)
    ]
    report = make_report(runs)
    (chart,) = history.charts(report)
    lines = {trace["name"]: trace for trace in chart.figure["data"] if trace["name"] != "step"}
    coloured = {name for name, trace in lines.items() if trace["line"]["color"] != crowd.GREY}
    assert "s11" in coloured
    assert len(coloured) == crowd.KEPT
    assert [line for line in history.legend(report) if "are in colour" in line]
    ticks = chart.figure["layout"]["xaxis"]["tickvals"]
    (ring,) = [trace for trace in chart.figure["data"] if trace["name"] == "step"]
    assert ring["x"][0] in ticks
    assert 8 <= len(ticks) <= 16
    assert not [line for line in history.legend(make_report(SERIES)) if "are in colour" in line]
