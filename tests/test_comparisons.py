"""What stands in one table, and what a report says of all of them."""

import pytest
from comparison_samples import ENVIRONMENT, measurement, runs, side

from lrbench.comparisons import make_report, make_tables


@pytest.mark.parametrize(
    ("difference", "conditions", "remark"),
    [
        ({"data_checksum": "d"}, ["data c", "data d"], "data"),
        ({"seed": 7}, ["", "seed 7"], "seed"),
        ({"version": "2"}, ["", "data version 2"], "data version"),
        ({"environment": {**ENVIRONMENT, "cpu": "two"}}, ["cpu one", "cpu two"], "cpu"),
        ({"environment": {**ENVIRONMENT, "commit": "0123456789abcdef"}}, ["", "commit 0123456789"], "commit"),
        ({"environment": {**ENVIRONMENT, "blas": "MKL"}}, ["blas OpenBLAS", "blas MKL"], "blas"),
    ],
)
def test_what_differs_never_enters_one_ratio(difference, conditions, remark):
    first = runs(side("base", 2.0), side("other", 1.0))
    second = runs(side("base", 3.0), side("other", 1.0), **difference)
    tables, remarks = make_tables(first + second)
    assert [table.conditions for table in tables] == conditions
    assert [table.rows[1].speedup for table in tables] == pytest.approx([2.0, 3.0])
    assert remarks == [
        f"Measurements that differ in {remark} stand in tables of their own and never enter one ratio: add at 10."
    ]


def test_threads_and_sizes_have_tables_of_their_own_in_order_of_appearance():
    one = runs(side("base", 1.0))
    measurements = one + runs(side("base", 1.0), threads=2) + runs(side("base", 1.0), size="20") + one
    tables, remarks = make_tables(measurements)
    assert [(table.size, table.threads, table.rows[0].processes) for table in tables] == [
        ("10", 1, 12), ("10", 2, 6), ("20", 1, 6),
    ]  # fmt: skip
    assert remarks == []


def test_a_worker_that_died_before_it_knew_its_data_belongs_to_the_others():
    died = measurement(side("base", status="failed", reason="killed"), process=6, data_checksum="", environment={})
    (table,), remarks = make_tables([died, *runs(side("base", 1.0))])
    assert (table.rows[0].status, table.rows[0].reason) == ("failed", "killed (in 1 of 7 processes)")
    assert remarks == []


def test_a_report_holds_one_environment_for_all():
    measurements = [
        measurement(
            side("base", 1.0), title="c = a + b", environment={"cpu": "one", "free": 3, "load": [1], "at": {"a": 1}}
        ),
        measurement(side("base", 1.0), process=1, environment={"cpu": "one", "free": 1, "load": [2], "at": {"a": 2}}),
    ]
    report = make_report(measurements, remarks=["Mind the load."])
    assert report.environment == {
        "cpu": "one", "free": {"lowest": 1, "highest": 3}, "load": [[1], [2]], "at": {"a": 1},
    }  # fmt: skip
    assert (report.problems, report.remarks) == ({"add": "c = a + b"}, ("Mind the load.",))
    assert len(report.rows) == 1


@pytest.mark.parametrize(
    ("measurements", "told"),
    [
        (
            [measurement(side("base", 1.0))],
            "1 row, all with a time, from lrbench (1 process of one problem at one size)",
        ),
        (
            [
                measurement(side("base", 1.0), side("gone", status="failed", reason="killed"), process=process)
                for process in range(3)
            ],
            "2 rows, 1 of them with a time, from lrbench (3 processes, each of one problem at one size)",
        ),
        (
            runs(side("gone", status="failed", reason="killed"), n=552),
            "1 row, none of them with a time, from lrbench",
        ),
        (
            [measurement(side("base", 1.0)), measurement(side("base", 1.0), source="asv", paired=False)],
            "2 rows, all with a time, from lrbench (1 process of one problem at one size), asv",
        ),
    ],
)
def test_a_report_says_what_it_counts(measurements, told):
    assert make_report(measurements).source == told


def test_no_measurements_make_an_empty_report():
    report = make_report([])
    assert (report.rows, report.tables, report.remarks, report.source) == ((), (), (), "")
