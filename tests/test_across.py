"""Runs beside each other, from literal measurements."""

from dataclasses import replace

import pytest
from history_samples import measurement, side

from lrbench.comparisons import make_report
from lrbench.report import pairs
from lrbench.results import Side


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


def test_unpaired_runs_of_one_commit_stand_apart():
    runs = [replace(measurement("", day, side(float(day))), source="pytest-benchmark", paired=False) for day in (1, 2)]
    report = make_report(runs)
    assert [(t.conditions, t.rows[0].median_s, t.rows[0].processes) for t in report.tables] == [
        ("run of 2025-01-01T10:00:00", 1.0, 1),
        ("run of 2025-01-02T10:00:00", 2.0, 1),
    ]
    assert [pair.ratio for pair in report.across] == [2.0]
