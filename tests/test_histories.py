"""Histories from literal measurements: which runs make a point, and what belongs together."""

import json
from csv import DictReader
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from history_samples import SERIES, measurement, side

from lrbench.comparisons import make_report
from lrbench.readers import read
from lrbench.report import csv, history, history_words
from lrbench.results import Side, append

HISTORY = Path(__file__).parent / "data" / "history"


def test_points_come_in_the_order_of_dates_whatever_the_order_of_files():
    (found,) = make_report(SERIES[::-1]).histories
    assert [point.date[8:10] for point in found.points] == [f"{k:02}" for k in range(1, 9)]
    assert [point.commit for point in found.points] == [f"{k:040x}" for k in range(1, 9)]
    assert (found.case_id, found.machine, found.environment) == ("p/10/qr", "desk", "")
    (step,) = found.steps
    assert (step.position, step.ratio) == (4, pytest.approx(0.5))
    assert history_words.step_text(step, found) == "2.00 times as fast since 0000000000 (2025-01-05)"


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
