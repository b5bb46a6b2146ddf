"""asv's result files as measurements."""

import json
import math
import shutil

import pytest
from result_files import ASV, ASV_FILE, changed, write

from lrbench.comparisons import make_report
from lrbench.readers import read
from lrbench.results import BadRecord


@pytest.mark.parametrize("path", [ASV, ASV.parent, ASV / "host"])
def test_asv_commits_come_in_the_order_of_their_dates_and_stay_apart(path):
    measurements, remarks = read([path])
    assert remarks == ["asv records the peak memory of a whole process, not that of a call alone."]
    places = [(m.environment["commit"][:4], m.problem, m.size) for m in measurements]
    assert places == [
        (commit, *place)
        for commit in ("ffff", "ae4a")
        for place in (
            ("cases.Plain.time_nothing", ""),
            ("vector_addition", "10"),
            ("vector_addition", "100"),
        )
    ]
    report = make_report(measurements)
    assert [table.conditions for table in report.tables[:4:3]] == ["commit ffffcda8aa", "commit ae4acda8aa"]


def test_asv_time_digits_and_memory_of_a_case_are_merged():
    measurements, _ = read([ASV_FILE])
    found = {side.implementation: side for side in measurements[1].sides}
    timed = found["numpy_vectorized"]
    assert timed.times_s == pytest.approx((1.2881800012110034e-05, 1.2522399993031286e-05, 1.2510300075518899e-05))
    assert (timed.number, timed.digits, timed.peak_memory_bytes) == (10, 15.5, 35737600.0)
    assert (found["gone"].status, found["gone"].reason) == ("skipped", "skipped by the benchmark")
    assert (found["broken"].status, found["broken"].reason) == ("failed", "asv recorded no result")
    assert (measurements[1].threads, measurements[1].version, measurements[1].paired) == (1, "1", False)


def test_asv_without_samples_gives_its_result():
    measurements, _ = read([next(ASV.glob("host/ffff*.json"))])
    assert measurements[2].sides[0].times_s == pytest.approx((1.233619982485834e-05,))


def test_a_benchmark_that_failed_whole_is_failed_for_every_parameter(tmp_path):
    document = json.loads(ASV_FILE.read_text())
    document["results"] = {"cases.A.time_call": [None, [["'p/1/a'", '"p/1/b"', "3"]]]}
    measurements, _ = read([write(tmp_path / "x.json", document)])
    assert [(m.problem, [(s.implementation, s.status) for s in m.sides]) for m in measurements] == [
        ("p", [("a", "failed"), ("b", "failed")]),
        ("cases.A.time_call", [("3", "failed")]),
    ]


def test_the_memory_of_a_process_that_does_nothing_is_subtracted(tmp_path):
    params = [["'p/1/a'"]]
    results = {
        "m.M.peakmem_call": [[50.0], params],
        "m.M.peakmem_nothing": [[20.0], params],
        "m.A.time_call": [[1.0], params],
    }
    (found,), remarks = read([write(tmp_path / "x.json", changed(ASV_FILE, results=results))])
    assert (found.sides[0].peak_memory_bytes, remarks) == (30.0, [])


def test_a_damaged_file_among_asv_results_is_named(tmp_path):
    shutil.copytree(ASV, tmp_path / "results")
    (tmp_path / "results" / "host" / "x.json").write_text("{}")
    with pytest.raises(BadRecord, match=r"x\.json: neither"):
        read([tmp_path])


COLUMNS = ["result", "params", "version", "stats_q_25", "stats_q_75", "stats_number", "stats_repeat", "samples"]


@pytest.mark.parametrize(
    ("entries", "spread"),
    [
        ([[3.5], [5.5], [2], [10]], (4.0, 2.0, None)),
        ([[3.5], [5.5], [2], [1]], (4.0, None, 4.0)),  # the median of one sample is that sample
        ([[None], [None], [None], [None]], (4.0, None, None)),
        ([[math.nan], [math.inf], [2], [10]], (4.0, None, None)),
        ([[4.5], [5.5], [2], [10]], (4.0, None, None)),  # what contradicts the median is not known
        ([[3.5], [5.5], [2], [3], [[3.0, 4.0, 5.0]]], (4.0, 1.0, 3.0)),
        ([], (4.0, None, None)),
    ],
)
def test_a_spread_is_that_of_the_samples_or_else_what_asv_states(tmp_path, entries, spread):
    results = {"m.time_call": [[4.0], [], "1", *entries]}
    path = write(tmp_path / "x.json", changed(ASV_FILE, result_columns=COLUMNS, results=results))
    (row,) = make_report(read([path])[0]).rows
    assert (row.median_s, row.iqr_s, row.min_s) == spread


def test_an_infinite_time_is_a_failed_case(tmp_path):
    results = {"m.time_call": [[math.inf, 1.0, -math.inf], [["'p/1/a'", "'p/1/b'", "'p/1/c'"]]]}
    (found,), remarks = read([write(tmp_path / "x.json", changed(ASV_FILE, results=results))])
    told = [(side.status, side.reason) for side in found.sides]
    assert told == [("failed", "asv recorded no finite time"), ("ok", ""), ("failed", "asv recorded no finite time")]
    assert remarks == []


@pytest.mark.parametrize("value", ["all", [1], True, math.inf, -math.inf, 1e300, 1e-300, 10**400])
def test_digits_and_memory_that_are_no_numbers_are_left_out_with_a_remark(tmp_path, value):
    params = [["'p/1/a'", "'p/1/b'"]]
    results = {
        "m.time_call": [[1.0, 1.0], params],
        "m.track_digits": [[value, -0.3], params],
        "m.peakmem_call": [[value, 50.0], params],
    }
    (found,), remarks = read([write(tmp_path / "x.json", changed(ASV_FILE, results=results))])
    assert [(s.digits, s.peak_memory_bytes) for s in found.sides] == [(None, None), (-0.3, 50.0)]
    told = "asv: 2 digits or sizes of memory that are no possible numbers are left out, such as one of m.track_digits."
    assert told in remarks


def test_no_memory_is_below_nothing(tmp_path):
    results = {"m.time_call": [[1.0], []], "m.peakmem_call": [[-1.0], []]}
    measurements, remarks = read([write(tmp_path / "x.json", changed(ASV_FILE, results=results))])
    assert [side.peak_memory_bytes for m in measurements for side in m.sides] == [None]
    told = "asv: 1 digits or sizes of memory that are no possible numbers are left out, such as one of m.peakmem_call."
    assert remarks == [told]
