"""What a row of a table holds: statistics of times, limits, and what stands in their place."""

import dataclasses
import math

import pytest
from comparison_samples import measurement, row_of, rows, side

from lrbench.comparisons import Row, make_report
from lrbench.results import Ceiling


def test_a_row_has_the_documented_fields():
    assert [field.name for field in dataclasses.fields(Row)] == [
        "problem", "size", "threads", "threads_observed", "implementation", "algorithm", "arithmetic", "status",
        "reason", "processes", "median_s", "iqr_s", "min_s", "import_s", "first_call_s", "first_call_cached_s",
        "break_even_calls", "baseline", "speedup", "speedup_low", "speedup_high", "verdict", "of_limit", "digits",
        "peak_memory_bytes", "steps", "median_low_s", "median_high_s",
    ]  # fmt: skip


def test_times_are_statistics_of_all_epochs_of_all_processes():
    found = row_of(
        [
            measurement(side("base", 2.0, 4.0, number=2, cpu_s=12.0, first_call_s=5.0, digits=15.0)),
            measurement(side("base", 6.0, number=2, cpu_s=6.0, first_call_s=7.0, digits=14.0), process=1),
        ],
        "base",
    )
    assert (found.median_s, found.iqr_s, found.min_s) == (2.0, 1.0, 1.0)
    assert (found.processes, found.threads_observed, found.first_call_s, found.digits) == (2, 1.5, 6.0, 14.0)


STATED = {"is_summary": True, "quartiles_s": (3.0, 7.0)}


@pytest.mark.parametrize(
    ("sides", "spread"),
    [
        ([side("base", 4.0, **STATED, min_s=2.0)], (4.0, 4.0, 2.0)),
        ([side("base", 4.0, **STATED)], (4.0, 4.0, None)),
        ([side("base", 4.0, is_summary=True)], (4.0, None, None)),
        ([side("base", 4.0, quartiles_s=(3.0, 7.0), min_s=2.0)], (4.0, None, 4.0)),  # a sample is not overruled
        ([side("base", 4.0, **STATED, min_s=2.0), side("base", 6.0, **STATED, min_s=1.0)], (5.0, 1.0, 1.0)),
        ([side("base", 4.0, **STATED, min_s=2.0), side("base", 6.0, **STATED)], (5.0, 1.0, None)),
    ],
)
def test_what_a_source_states_takes_the_place_of_samples_that_it_kept(sides, spread):
    found = row_of([measurement(one, process=process) for process, one in enumerate(sides)], "base")
    assert (found.median_s, found.iqr_s, found.min_s) == spread


@pytest.mark.parametrize(
    ("threads", "cpu_s", "reason"),
    [
        (1, 1.1, ""),
        (1, 1.9, "kept 1.9 processors busy where 1 was allowed"),
        (2, 1.0, ""),
        (2, 4.0, "kept 4 processors busy where 2 were allowed"),
        (0, 4.0, ""),
        (1, None, ""),
    ],
)
def test_a_side_that_takes_more_processors_than_allowed_says_so(threads, cpu_s, reason):
    found = row_of([measurement(side("base", 1.0, cpu_s=cpu_s), threads=threads)], "base")
    assert found.reason == reason
    assert found.exceeds_threads == bool(reason)


def test_a_remark_joins_what_a_side_was_told_already():
    found = row_of([measurement(side("base", 1.0, cpu_s=1.9, reason="from a cache"))], "base")
    assert found.reason == "from a cache; kept 1.9 processors busy where 1 was allowed"


@pytest.mark.parametrize(("iterative", "work"), [(False, (2e6, 8e6, 0.25)), (True, (None, None, None))])
def test_a_table_holds_the_least_work_unless_it_is_of_one_step_only(iterative, work):
    ceiling = Ceiling("read", 1, 8e6, 1e10)
    fields = {"flops": 2e6, "size_bytes": 8e6, "iterative": iterative, "ceilings": (ceiling,)}
    (table,) = make_report([measurement(side("base", 1.0), **fields)]).tables
    assert (table.flops, table.size_bytes, table.intensity) == work
    assert table.ceilings == (ceiling,)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["ok", "skipped"], "skipped"),
        (["skipped", "not run"], "skipped"),
        (["failed", "skipped", "ok"], "failed"),
        (["failed", "wrong answer", "not run"], "wrong answer"),
    ],
)
def test_the_worst_status_decides_and_there_is_never_a_time(statuses, expected):
    measurements = [
        measurement(
            side("base", 1.0), side("other", *([1.0] * (status == "ok")), status=status, reason=status), process=p
        )
        for p, status in enumerate(statuses)
    ]
    found = row_of(measurements, "other")
    assert found.status == expected
    assert found.reason == f"{expected} (in 1 of {len(statuses)} processes)"
    assert (found.median_s, found.min_s, found.speedup, found.processes, found.verdict) == (None, None, None, 0, "")


@pytest.mark.parametrize(("base_s", "other_s"), [((1e308, 1e308), (5e-324, 5e-324)), ((1.0, 1.0), (1e-300, 1e300))])
def test_every_number_of_a_row_is_finite_or_none(base_s, other_s):
    measurements = [
        measurement(side("base", base), side("other", other), process=process)
        for process, (base, other) in enumerate(zip(base_s, other_s, strict=True))
    ]
    for row in rows(measurements)[0]:
        numbers = [value for value in dataclasses.astuple(row) if isinstance(value, float)]
        assert all(math.isfinite(value) for value in numbers), row
