"""Speedups: what is paired with what, and which verdict a ratio and its interval give."""

import pytest
from comparison_samples import measurement, row_of, rows, runs, side

from lrbench.comparisons import make_tables


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


@pytest.mark.parametrize(("spread", "calls"), [(0.001, 5.0), (0.1, None)])
def test_compiling_pays_where_a_difference_is_resolved(spread, calls):
    # The medians are 1.0 and 0.75: the second second of a first call is won back by the fifth call.
    measurements = [
        measurement(
            side("base", 1.0, first_call_s=1.0),
            side("other", 0.75 + spread * p, first_call_s=2.0),
            process=p,
        )
        for p in (-3, -1, 0, 0, 1, 3)
    ]
    found = row_of(measurements, "other")
    assert (found.verdict == "faster") is (calls is not None)
    assert found.break_even_calls == calls


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


def test_unpaired_times_have_no_speedup():
    tables, remarks = make_tables(runs(side("base", 2.0), side("other", 1.0), source="asv", paired=False))
    assert [(row.speedup, row.verdict) for row in tables[0].rows] == [(None, ""), (None, "")]
    assert remarks == ["asv does not time implementations side by side: its times are shown without speedups."]


def test_epochs_of_no_length_do_not_stop_a_report():
    found = row_of(runs(side("base", 0.0, 2.0), side("other", 0.0, 1.0)), "other")
    assert found.speedup == pytest.approx(2.0)
    assert row_of(runs(side("base", 0.0), side("other", 1.0)), "other").speedup is None
