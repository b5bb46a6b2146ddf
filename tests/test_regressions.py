"""The verdict between two states, on literal measurements: every exit code, and why."""

import dataclasses
import math

import pytest

from lrbench.regressions import FAILED, NO_REGRESSION, NOTHING_TO_COMPARE, REGRESSION, TOO_NOISY, judge
from lrbench.results import Measurement, Side

ENVIRONMENT = {"cpu": "one", "blas": "OpenBLAS", "numpy": "2.4"}
WOBBLE = (0.0, 0.004, -0.004, 0.002, -0.002, 0.001)  # log factors from process to process


def run(time_s, *, wobble=WOBBLE, names=("a",), environment=ENVIRONMENT, checksum="c", twin=0.0, **fields):
    """Return six processes in which every side takes about time_s."""
    measurements = []
    for process, factor in enumerate(wobble):
        times = tuple(time_s * math.exp(factor) for _ in range(3))
        sides = [
            Side(name, "x", "a", **{"number": 1, "epochs_s": times, "rounds": (0, 1, 2), **fields}) for name in names
        ]
        twins = [dataclasses.replace(sides[0], epochs_s=tuple(t * math.exp(twin) for t in times))] if twin else []
        measurements.append(
            Measurement("p", "10", 1, process, tuple(sides), environment, data_checksum=checksum, twins=tuple(twins))
        )
    return measurements


def test_the_same_times_are_no_regression():
    verdict = judge([run(1.0), run(1.0)], [run(1.01), run(0.99)])
    assert verdict.code == NO_REGRESSION
    assert [change.verdict for change in verdict.changes] == ["no regression"]


def test_two_slower_runs_on_both_sides_confirm_a_regression():
    verdict = judge([run(1.0), run(1.0)], [run(1.1), run(1.12)])
    assert verdict.code == REGRESSION
    assert verdict.changes[0].ratios == pytest.approx((1.1, 1.12))
    assert all(low > 1 for low in verdict.changes[0].lows)


@pytest.mark.parametrize(
    ("baseline", "new"),
    [
        ([run(1.0)], [run(1.3)]),  # one run on each side confirms nothing
        ([run(1.0), run(1.0)], [run(1.3)]),
        ([run(1.0), run(1.0)], [run(1.3), run(1.0)]),  # the pairs disagree
        ([run(1.0, wobble=(0, 0.5, -0.5))] * 2, [run(1.2, wobble=(0, 0.5, -0.5))] * 2),  # lost in the noise
    ],
)
def test_what_is_not_confirmed_is_too_noisy_to_tell(baseline, new):
    verdict = judge(baseline, new)
    assert verdict.code == TOO_NOISY
    assert [change.verdict for change in verdict.changes] == ["perhaps slower"]


def test_a_change_below_the_threshold_or_the_noise_floor_is_none():
    assert judge([run(1.0)] * 2, [run(1.08)] * 2, threshold=0.1).code == NO_REGRESSION
    assert judge([run(1.0)] * 2, [run(1.08)] * 2).code == REGRESSION
    assert judge([run(1.0, twin=0.1)] * 2, [run(1.08)] * 2).code == NO_REGRESSION


def test_a_faster_state_is_no_regression():
    verdict = judge([run(1.0)] * 2, [run(0.5)] * 2)
    assert (verdict.code, verdict.changes[0].verdict) == (NO_REGRESSION, "faster")


def test_interleaved_runs_are_paired_by_process():
    drift = tuple(0.2 * k for k in range(6))  # far more than the difference, and the same on both sides
    changed = tuple(value + wobble for value, wobble in zip(drift, WOBBLE, strict=True))
    verdict = judge([run(1.0, wobble=drift)], [run(1.1, wobble=changed)], paired=True)
    assert verdict.code == REGRESSION
    assert judge([run(1.0, wobble=drift)], [run(1.0, wobble=changed)], paired=True).code == NO_REGRESSION


def test_a_failed_benchmark_comes_first():
    broken = run(1.0, status="wrong answer", reason="off by one", epochs_s=(), rounds=())
    verdict = judge([run(1.0)] * 2, [broken])
    assert verdict.code == FAILED
    assert verdict.remarks == ("p/10/a (1 thread): wrong answer: off by one",)


def test_a_missing_case_is_named():
    verdict = judge([run(1.0, names=("a", "b"))], [run(1.0, names=("a", "c"))])
    assert verdict.code == NOTHING_TO_COMPARE
    assert verdict.remarks == (
        "New, and compared with nothing: p/10/c (1 thread).",
        "Missing or renamed: p/10/b (1 thread) is not among the new measurements.",
    )


def test_nothing_compares_with_nothing():
    assert judge([[]], [run(1.0)]).code == NOTHING_TO_COMPARE
    assert judge([], []).code == NOTHING_TO_COMPARE


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"environment": {**ENVIRONMENT, "cpu": "two"}}, "Not compared: cpu differs (one and two)."),
        ({"environment": {**ENVIRONMENT, "blas": "MKL"}}, "Not compared: blas differs (OpenBLAS and MKL)."),
        ({"environment": {**ENVIRONMENT, "numpy": "1.26"}}, "Not compared: numpy differs (2.4 and 1.26)."),
        ({"checksum": "d"}, "Not compared: the data of p at 10 differ (checksums c and d). Use one seed."),
    ],
)
def test_another_machine_library_or_seed_is_refused_with_the_reason(other, reason):
    verdict = judge([run(1.0)], [run(1.0, **other)])
    assert verdict.code == NOTHING_TO_COMPARE
    assert verdict.remarks == (reason,)
    if "environment" in other:
        assert judge([run(1.0)], [run(1.0, **other)], paired=True).code == NO_REGRESSION


def test_another_thread_count_is_refused():
    two = [dataclasses.replace(measurement, threads=2) for measurement in run(1.0)]
    verdict = judge([run(1.0)], [two])
    assert verdict.code == NOTHING_TO_COMPARE
    assert "p at 10 was measured with other thread counts" in verdict.remarks[0]


def test_few_samples_are_not_judged():
    verdict = judge([run(1.0, few_samples=True)] * 2, [run(2.0, few_samples=True)] * 2)
    assert (verdict.code, verdict.changes[0].verdict) == (NO_REGRESSION, "few samples: not judged")
