import dataclasses
import math

import pytest

from lrbench.comparisons import Row, make_report, make_tables
from lrbench.results import Ceiling, Measurement, Side

ENVIRONMENT = {"cpu": "one", "blas": "OpenBLAS", "load": [0.1, 0.2]}


def side(name, *times_s, algorithm="sum", baseline="base", **fields):
    given = {"number": 1, "epochs_s": times_s, "rounds": tuple(range(len(times_s)))}
    return Side(name, algorithm, baseline, **{**given, **fields})


def measurement(*sides, process=0, **fields):
    given = {"problem": "add", "size": "10", "threads": 1, "environment": ENVIRONMENT, "data_checksum": "c"}
    return Measurement(**{**given, "process": process, "sides": sides, **fields})


def runs(*sides, n=6, **fields):
    return [measurement(*sides, process=process, **fields) for process in range(n)]


def rows(measurements, baseline=None):
    tables, remarks = make_tables(measurements, baseline)
    return [row for table in tables for row in table.rows], remarks


def row_of(measurements, name, **options):
    found, _ = rows(measurements, **options)
    return next(row for row in found if row.implementation == name)


def test_a_row_has_the_documented_fields():
    assert [field.name for field in dataclasses.fields(Row)] == [
        "problem", "size", "threads", "threads_observed", "implementation", "algorithm", "arithmetic", "status",
        "reason", "processes", "median_s", "iqr_s", "min_s", "import_s", "first_call_s", "first_call_cached_s",
        "break_even_calls", "baseline", "speedup", "speedup_low", "speedup_high", "verdict", "of_limit", "digits",
        "peak_memory_bytes", "steps",
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


def test_the_baseline_is_its_own_verdict():
    found = row_of(runs(side("base", 2.0), side("fast", 1.0)), "base")
    assert (found.speedup, found.speedup_low, found.verdict) == (1.0, None, "baseline")


@pytest.mark.parametrize(("time_s", "speedup", "verdict"), [(1.0, 2.0, "faster"), (4.0, 0.5, "slower")])
def test_a_resolved_difference_is_named(time_s, speedup, verdict):
    found = row_of(runs(side("base", 2.0, 2.0), side("other", time_s, time_s)), "other")
    assert (found.speedup, found.speedup_low, found.speedup_high) == pytest.approx((speedup,) * 3)
    assert found.verdict == verdict


def test_an_interval_that_holds_1_is_no_difference_resolved():
    measurements = [measurement(side("base", 1.0), side("other", 1.0 + p / 10), process=p) for p in (-2, -1, 0, 1, 2)]
    found = row_of(measurements, "other")
    assert found.speedup_low < 1 < found.speedup_high
    assert found.verdict == "no difference resolved"


def test_only_epochs_of_the_same_round_and_process_are_paired():
    # Round 1 is ten times as slow for both; unpaired medians would not give 2 exactly.
    base = side("base", 2.0, 20.0, 2.0, rounds=(0, 1, 2))
    other = side("other", 10.0, 1.0, 7.0, rounds=(1, 0, 5))
    found = row_of(runs(base, other), "other")
    assert found.speedup == pytest.approx(2.0)


def test_a_process_without_the_baseline_gives_no_pair():
    measurements = [*runs(side("base", 2.0), side("other", 1.0)), measurement(side("other", 50.0), process=6)]
    found = row_of(measurements, "other")
    assert (found.speedup, found.processes) == (pytest.approx(2.0), 7)


def test_few_samples_give_a_ratio_of_medians_and_no_verdict():
    found = row_of(runs(side("base", 1.0, 2.0, 3.0), side("slow", 10.0, few_samples=True)), "slow")
    assert (found.speedup, found.speedup_low, found.speedup_high) == (0.2, None, None)
    assert found.verdict == "few samples: no verdict"


def test_one_process_gives_no_verdict():
    assert row_of([measurement(side("base", 2.0), side("other", 1.0))], "other").verdict == "few samples: no verdict"


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


def test_a_refused_baseline_leaves_no_speedup():
    refused = side("base", status="wrong answer", reason="off by one")
    found = row_of(runs(refused, side("other", 1.0)), "other")
    assert (found.median_s, found.speedup, found.verdict) == (1.0, None, "")


def test_another_baseline_can_be_asked_for():
    measurements = runs(side("base", 2.0), side("other", 1.0))
    assert row_of(measurements, "base", baseline="other").speedup == pytest.approx(0.5)
    _, remarks = rows(measurements, baseline="absent")
    assert remarks == ["No implementation is named 'absent', so nothing could be compared with it."]


def test_bonferroni_counts_the_compared_rows_of_the_table():
    others = [side(f"other{i}", 1.0) for i in range(3)]
    wide = [measurement(side("base", 2.0 + p / 10), *others, process=p) for p in range(6)]
    narrow = [measurement(side("base", 2.0 + p / 10), others[0], process=p) for p in range(6)]
    assert row_of(wide, "other0").speedup_high > row_of(narrow, "other0").speedup_high


def test_a_table_tells_a_better_backend_from_a_better_algorithm():
    sides = side("base", 4.0), side("jit", 2.0), side("clever", 1.0, algorithm="fft"), side("gone", status="skipped")
    (table,), _ = make_tables(runs(*sides))
    assert [table.speedup_kind(row) for row in table.rows] == ["", "backend", "algorithm", ""]


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


def test_unpaired_times_have_no_speedup():
    tables, remarks = make_tables(runs(side("base", 2.0), side("other", 1.0), source="asv", paired=False))
    assert [(row.speedup, row.verdict) for row in tables[0].rows] == [(None, ""), (None, "")]
    assert remarks == ["asv does not time implementations side by side: its times are shown without speedups."]


def test_epochs_of_no_length_do_not_stop_a_report():
    found = row_of(runs(side("base", 0.0, 2.0), side("other", 0.0, 1.0)), "other")
    assert found.speedup == pytest.approx(2.0)
    assert row_of(runs(side("base", 0.0), side("other", 1.0)), "other").speedup is None


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


@pytest.mark.parametrize(("base_s", "other_s"), [((1e308, 1e308), (5e-324, 5e-324)), ((1.0, 1.0), (1e-300, 1e300))])
def test_every_number_of_a_row_is_finite_or_none(base_s, other_s):
    measurements = [
        measurement(side("base", base), side("other", other), process=process)
        for process, (base, other) in enumerate(zip(base_s, other_s, strict=True))
    ]
    for row in rows(measurements)[0]:
        numbers = [value for value in dataclasses.astuple(row) if isinstance(value, float)]
        assert all(math.isfinite(value) for value in numbers), row


def with_twin(times_a, times_b, twin_of_a):
    """Return measurements of two processes: side a, side b, and a's twin."""
    rounds = tuple(range(len(times_a)))
    return [
        Measurement(
            "p",
            "10",
            1,
            process,
            tuple(Side(n, "x", "a", number=1, epochs_s=t, rounds=rounds) for n, t in (("a", times_a), ("b", times_b))),
            twins=(
                Side(
                    "a", "x", "a", number=1, epochs_s=tuple(v * (1 + 1e-6 * process) for v in twin_of_a), rounds=rounds
                ),
            ),
        )
        for process in range(3)
    ]


def test_the_noise_floor_is_the_interval_of_a_side_against_itself():
    report = make_report(with_twin((1.0, 1.0, 1.0), (0.5, 0.5, 0.5), (1.01, 1.01, 1.01)))
    (floor,) = report.noise_floor
    assert (floor.problem, floor.size, floor.threads, floor.implementation) == ("p", "10", 1, "a")
    assert floor.low < 1 / 1.01 < floor.high < 1.0
    assert floor.factor == 1 / floor.low


def test_a_ratio_smaller_than_the_floor_is_no_difference():
    for ratio, verdict in ((0.99, "within the noise floor"), (0.9, "faster")):
        report = make_report(with_twin((1.0,) * 3, (ratio,) * 3, (1.05,) * 3))
        assert report.rows[1].speedup == pytest.approx(1 / ratio)
        assert report.rows[1].verdict == verdict


def test_without_twins_there_is_no_floor():
    (table,) = make_report(
        [dataclasses.replace(m, twins=()) for m in with_twin((1.0,) * 3, (0.99,) * 3, (1.0,) * 3)]
    ).tables
    assert table.floors == ()
    assert table.floor_factor == 1.0
    assert table.rows[1].verdict == "faster"
