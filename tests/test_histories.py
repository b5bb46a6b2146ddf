"""Histories and runs beside each other, from literal measurements."""

import json
import re
from csv import DictReader
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from lrbench.comparisons import make_report
from lrbench.readers import read
from lrbench.report import crowd, csv, history, history_words, html, markdown, pairs, terminal
from lrbench.report import json as json_report
from lrbench.results import Measurement, Side, append

HISTORY = Path(__file__).parent / "data" / "history"
HOSTILE = "<script>alert('1')</script>|`x`\"&é" + "long" * 75


def side(time_s, name="qr", **fields):
    return Side(name, "qr", "qr", number=1, epochs_s=(time_s,) * 3, rounds=(0, 1, 2), **fields)


def measurement(commit, day, *sides, process=0, **fields):
    environment = {"machine": "desk", "cpu": "one", "commit": commit, **fields.pop("environment", {})}
    started = f"2025-01-{day:02}T10:00:00+00:00"
    return Measurement("p", "10", 1, process, sides, environment, started=started, source="lrbench", **fields)


SERIES = [measurement(f"{k:040x}", k, side(1.0 if k < 5 else 0.5)) for k in range(1, 9)]


def test_rings_and_crosses_are_explained_where_they_are_and_only_there():
    steady = [measurement(f"{k:040x}", k, side(1.0)) for k in range(1, 9)]
    broken = [*steady[:-1], measurement(f"{8:040x}", 8, replace(side(1.0), status="failed", epochs_s=(), rounds=()))]
    for runs, marks in ((steady, []), (SERIES, ["ringed mark"]), (broken, ["cross"])):
        lines = history.legend(make_report(runs))
        assert len(lines) == 1 + len(marks)
        assert [mark for mark in ("ringed mark", "cross") if any(mark in line for line in lines)] == marks


def test_points_come_in_the_order_of_dates_whatever_the_order_of_files():
    (found,) = make_report(SERIES[::-1]).histories
    assert [point.date[8:10] for point in found.points] == [f"{k:02}" for k in range(1, 9)]
    assert [point.commit for point in found.points] == [f"{k:040x}" for k in range(1, 9)]
    assert (found.case_id, found.machine, found.environment) == ("p/10/qr", "desk", "")
    (step,) = found.steps
    assert (step.position, step.ratio) == (4, pytest.approx(0.5))
    assert history_words.step_text(step, found) == "2.00 times as fast since 0000000000 (2025-01-05)"


def test_of_too_many_charts_those_with_steps_have_figures(monkeypatch):
    monkeypatch.setattr(history, "_MOST_MARKS", 20)
    steady = [[replace(m, problem=f"q{j}", sides=(side(1.0),)) for m in SERIES] for j in range(3)]
    report = make_report([m for series in (*steady, SERIES) for m in series])
    found = {chart.title: chart for chart in history.charts(report)}
    assert [name[:2] for name, chart in found.items() if chart.figure] == ["q0", "p "]
    page = html.render(report)
    assert page.count("to keep the page small") == 2
    assert page.count('id="histories/') == 4


def test_nothing_is_lost_of_cases_that_the_newest_commit_lacks():
    early = [replace(each, problem="early") for each in SERIES[:2]]
    once = [measurement(f"{2:040x}", 2, side(1.0), side(3.0, "gone"))]
    report = make_report([*SERIES[:1], *once, *SERIES[2:], *early])
    assert [(table.problem, table.commit[-1]) for table in report.tables] == [
        ("p", "8"),
        ("early", "1"),
        ("early", "2"),
    ]
    lines = list(DictReader(StringIO(csv.render(report))))
    told = {(line["problem"], line["implementation"], line["commit"][-1]) for line in lines}
    assert told == {("p", "qr", str(k)) for k in range(1, 9)} | {
        ("p", "gone", "2"),
        ("early", "qr", "1"),
        ("early", "qr", "2"),
    }
    assert len(lines) == len(told)
    (gone,) = [each for each in report.histories if each.implementation == "gone"]
    assert [(point.median_s, point.in_tables) for point in gone.points] == [(3.0, False)]


def test_a_file_is_one_run_whatever_the_number_of_its_processes():
    few = [replace(measurement("a", 1, side(1.0), process=k), origin="few") for k in range(3)]
    many = [replace(measurement("a", 2, side(2.0), process=k), origin="many") for k in range(6)]
    other = [replace(measurement("a", 3, side(2.0), process=k), origin="other", problem="q") for k in range(6)]
    (found,) = make_report([*many, *few, *other]).histories
    assert [(point.date[:10], point.median_s) for point in found.points] == [("2025-01-01", 1.0), ("2025-01-02", 2.0)]
    joined = [replace(each, origin="joined") for each in (*few, *many)]
    (found,) = make_report(joined).histories
    assert [(point.date[:10], point.median_s) for point in found.points] == [("2025-01-01", 1.0), ("2025-01-02", 2.0)]


def test_a_reader_tells_the_file_and_its_lines_do_not(tmp_path):
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        append(folder / "measurements.jsonl", replace(SERIES[0], origin="elsewhere"))
        assert "origin" not in json.loads((folder / "measurements.jsonl").read_text())
    found, _ = read(folders)
    assert [each.origin for each in found] == [str(folder.resolve() / "measurements.jsonl") for folder in folders]


def test_a_commit_where_a_worker_died_is_a_cross_though_its_data_are_not_known():
    known = [replace(each, data_checksum="f0", version="1") for each in SERIES[:3]]
    died = measurement(f"{4:040x}", 4, Side("qr", "qr", "qr", status="failed", reason="killed"), version="1")
    (found,) = make_report([*known, died]).histories
    assert [point.status for point in found.points] == ["ok", "ok", "ok", "failed"]
    other = replace(died, version="2")
    assert [len(each.points) for each in make_report([*known, other]).histories] == [3]


def test_unpaired_runs_of_one_commit_stand_apart():
    runs = [replace(measurement("", day, side(float(day))), source="pytest-benchmark", paired=False) for day in (1, 2)]
    report = make_report(runs)
    assert [(t.conditions, t.rows[0].median_s, t.rows[0].processes) for t in report.tables] == [
        ("run of 2025-01-01T10:00:00", 1.0, 1),
        ("run of 2025-01-02T10:00:00", 2.0, 1),
    ]
    assert [pair.ratio for pair in report.across] == [2.0]


def test_runs_of_each_machine_are_compared_among_themselves():
    runs = [
        measurement(commit, day, side(time_s), environment={"machine": machine})
        for commit, day, machine, time_s in (
            ("a", 1, "desk", 1.0),
            ("a", 2, "lab", 3.0),
            ("b", 3, "desk", 2.0),
            ("b", 4, "lab", 9.0),
        )
    ]
    told = [
        (f"{p.first.commit}{p.first.machine} {p.second.commit}{p.second.machine}", p.ratio)
        for p in make_report(runs).across
    ]
    assert told == [("adesk alab", None), ("adesk bdesk", 2.0), ("adesk blab", None), ("alab blab", 3.0)]


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


def test_a_run_is_no_history():
    assert make_report([measurement("a", 1, side(1.0), process=k) for k in range(6)]).histories == ()


def test_processes_of_one_run_make_one_point_with_their_interval():
    run = [measurement("a", 1, side(1.0 + 0.1 * k), process=k) for k in range(6)]
    again = [replace(each, started="2025-02-01T10:00:00Z") for each in run]
    (found,) = make_report([*run, *again]).histories
    assert [(p.date[:10], p.median_s, p.low_s, p.high_s) for p in found.points] == [
        ("2025-01-01", pytest.approx(1.25), pytest.approx(1.0), pytest.approx(1.5)),
        ("2025-02-01", pytest.approx(1.25), pytest.approx(1.0), pytest.approx(1.5)),
    ]


@pytest.mark.parametrize("mixed", [False, True])
def test_runs_of_one_commit_are_told_apart_in_any_order(mixed):
    first = [measurement("a", 1, side(1.0), process=k) for k in range(6)]
    second = [measurement("a", 2, side(2.0), process=k) for k in range(6)]
    together = [each for pair in zip(second, first, strict=True) for each in pair] if mixed else [*first, *second]
    (found,) = make_report(together).histories
    assert [(p.date[:10], p.median_s) for p in found.points] == [("2025-01-01", 1.0), ("2025-01-02", 2.0)]


def test_changed_files_are_marked():
    changed = measurement("a" * 40, 2, side(1.0), environment={"dirty": True})
    (found,) = make_report([measurement("a" * 40, 1, side(1.0)), changed]).histories
    assert [p.name for p in found.points] == ["a" * 10, "aaaaaaa+"]


def test_machines_environments_and_other_data_stay_apart():
    others = [replace(each, environment={**each.environment, "machine": "lab"}) for each in SERIES] + [
        replace(each, environment={**each.environment, "numpy": "2"}) for each in SERIES
    ]
    versions = [replace(each, version="2") for each in SERIES]
    found = make_report([*SERIES, *others, *versions]).histories
    assert [(h.machine, h.environment, len(h.points)) for h in found] == [
        ("desk", "", 8),
        ("lab", "", 8),
        ("desk", "numpy 2", 8),
        ("desk", "version 2", 8),
    ]


def test_what_failed_or_was_skipped_is_a_point_with_its_reason():
    failed = replace(SERIES[2], sides=(Side("qr", "qr", "qr", status="failed", reason="broke"),))
    (found,) = make_report([*SERIES[:2], failed, *SERIES[3:]]).histories
    assert (found.points[2].status, found.points[2].reason, found.points[2].median_s) == ("failed", "broke", None)
    assert [found.points[step.position].date[:10] for step in found.steps] == ["2025-01-05"]
    (chart,) = history.charts(make_report([*SERIES[:2], failed, *SERIES[3:]]))
    assert chart.lines[0].cells[-1] == "0000000000 (2025-01-03): failed: broke"
    assert chart.figure["data"][0]["y"][2] is None


def test_tables_hold_the_newest_commit_of_a_long_history():
    report = make_report(SERIES)
    assert len(report.tables) == 1
    assert any(remark.startswith("Tables hold the newest commit of each problem and size") for remark in report.remarks)
    assert len(make_report(SERIES[:3]).tables) == 3


def test_csv_has_each_commit_once():
    lines = list(DictReader(StringIO(csv.render(make_report(SERIES)))))
    assert [(line["commit"][-1:], line["median_s"]) for line in lines] == [("8", "0.5")] + [
        (str(k), "1.0" if k < 5 else "0.5") for k in range(1, 8)
    ]
    assert len(list(DictReader(StringIO(csv.render(make_report(SERIES[:3])))))) == 3


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


def test_two_runs_stand_beside_each_other_with_the_worst_interval():
    before = [measurement("a", 1, side(1.0 + 0.1 * k), process=k) for k in range(6)]
    after = [measurement("b", 2, side(2.0 + 0.1 * k), process=k) for k in range(6)]
    (pair,) = make_report([*before, *after]).across
    assert (pair.ratio, pair.low, pair.high) == pytest.approx((2.25 / 1.25, 2.0 / 1.5, 2.5 / 1.0))
    assert pair.reason == ""
    (beside,) = pairs.besides(make_report([*before, *after]))
    assert beside.rows == (("p/10/qr, 1 thread", "1.25 s", "2.25 s", "1.80", "[1.33, 2.50]"),)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"environment": {"cpu": "two"}}, "cpu differs (one, there two)"),
        ({"environment": {"machine": "lab"}}, "machine differs (desk, there lab)"),
        ({"environment": {"python": "3.12"}}, "python differs (3.11.7, there 3.12)"),
        ({"environment": {"python": "3.11"}}, ""),
        ({"data_checksum": "f1"}, "data differs (f0, there f1)"),
        ({"data_checksum": ""}, ""),
    ],
)
def test_what_may_not_be_compared_has_its_reason(change, reason):
    first = measurement("a", 1, side(1.0), data_checksum="f0", environment={"python": "CPython 3.11.7"})
    second = measurement("b", 2, side(1.0), **change)
    (pair,) = make_report([first, second]).across
    assert (pair.reason, pair.ratio is None) == (reason, bool(reason))


def test_cases_that_one_run_lacks_or_could_not_time_are_told():
    broken = Side("svd", "svd", "qr", status="failed", reason="broke")
    first = measurement("a", 1, side(1.0), side(1.0, "svd"))
    second = replace(measurement("b", 2, broken), threads=1)
    other = replace(measurement("b", 2, side(1.0)), threads=2)
    assert [(p.implementation, p.reason) for p in make_report([first, second, other]).across] == [
        ("qr", "threads differ (1, there 2)"),
        ("svd", "failed: broke"),
    ]
    assert [p.reason for p in make_report([first, second]).across] == ["only the first has the case", "failed: broke"]


def test_two_runs_are_one_pair_whichever_of_them_has_a_case():
    first = measurement("a", 1, side(1.0), side(1.0, "lu"))
    second = measurement("b", 2, side(2.0), side(3.0, "svd"))
    third = measurement("c", 3, side(4.0, "svd"))
    found = make_report([first, second, third]).across
    assert [(p.first.commit + p.second.commit, p.implementation, p.first_s, p.second_s, p.reason) for p in found] == [
        ("ab", "qr", 1.0, 2.0, ""),
        ("ac", "qr", 1.0, None, "only the first has the case"),
        ("ab", "lu", 1.0, None, "only the first has the case"),
        ("ac", "lu", 1.0, None, "only the first has the case"),
        ("ab", "svd", None, 3.0, "only the second has the case"),
        ("bc", "svd", 3.0, 4.0, ""),
    ]


def test_markdown_fits_a_comment_and_says_what_it_leaves_out():
    many = [replace(SERIES[0], size=str(k)) for k in range(2000)]
    text = markdown.render(make_report(many))
    assert len(text) < 65_536
    assert re.search(r"_\d+ tables more do not fit into a comment", text)
    assert "do not fit" not in markdown.render(make_report(many[:20]))


def test_a_real_folder_of_asv_is_read_with_its_steps():
    measurements, _ = read([HISTORY])
    found = make_report(measurements).histories
    assert {h.machine for h in found} == {"desk", "lab"}
    (total,) = [h for h in found if h.case_id == "sum/1000/total" and h.machine == "desk"]
    (step,) = total.steps  # the builtin sum; the same on the other machine drowned in what else that did
    assert (step.position, total.points[4].date[:10]) == (4, "2025-05-05")
    assert step.ratio == pytest.approx(0.4, abs=0.02)
    assert len(total.points) == 8
    assert all(p.low_s <= p.median_s <= p.high_s for h in found for p in h.timed)
    joined = [h for h in found if h.problem == "sums.Joined.time_joined"]
    statuses = {tuple(p.status for p in h.points) for h in joined}
    assert statuses == {("skipped", "skipped", "ok", "ok", "failed", "ok", "ok", "ok")}


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
