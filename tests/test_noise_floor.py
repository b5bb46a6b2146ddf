"""The noise floor: what a side and its twin, of the same code, were found to differ by."""

import dataclasses

import pytest

from lrbench.comparisons import make_report
from lrbench.results import Measurement, Side


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
