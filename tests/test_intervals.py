import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrbench.intervals import interquartile_range, median, quantile, ratio_interval, student_t_quantile

# Printed tables of Student's distribution, to all digits that they print.
TABULATED = [
    (0.975, 1, 12.7062047361747),
    (0.975, 2, 4.30265272974946),
    (0.975, 5, 2.57058183563631),
    (0.975, 9, 2.26215716279820),
    (0.975, 10, 2.22813885198627),
    (0.975, 30, 2.04227245630124),
    (0.995, 5, 4.03214298355523),
]


@pytest.mark.parametrize(("p", "df", "expected"), TABULATED)
def test_student_t_agrees_with_printed_tables(p, df, expected):
    assert student_t_quantile(p, df) == pytest.approx(expected, rel=1e-12)
    assert student_t_quantile(1 - p, df) == pytest.approx(-expected, rel=1e-12)


@given(st.floats(1e-4, 0.9999))
def test_student_t_has_closed_forms_for_1_2_and_4_degrees_of_freedom(p):
    assert student_t_quantile(p, 1) == pytest.approx(math.tan(math.pi * (p - 0.5)), rel=1e-9, abs=1e-12)
    assert student_t_quantile(p, 2) == pytest.approx((2 * p - 1) / math.sqrt(2 * p * (1 - p)), rel=1e-9, abs=1e-12)
    alpha = 4 * p * (1 - p)
    q = math.cos(math.acos(math.sqrt(alpha)) / 3) / math.sqrt(alpha)
    expected = math.copysign(2 * math.sqrt(max(q - 1, 0)), p - 0.5)
    # q - 1 cancels near the middle: q is right to some 1e-15, its root to 1e-7.
    assert student_t_quantile(p, 4) == pytest.approx(expected, rel=1e-9, abs=3e-7)


def test_student_t_with_many_degrees_of_freedom_is_nearly_normal():
    # Cornish and Fisher's first terms: z + (z^3 + z) / (4 df), z being the normal quantile.
    z = 1.959963984540054
    assert student_t_quantile(0.975, 1e6) == pytest.approx(z + (z**3 + z) / 4e6, rel=1e-10)


def test_student_t_holds_in_the_far_tail():
    # At 1 degree of freedom the quantile at 1 - q is cot(pi q), for q as the subtraction leaves it.
    p = 1 - 1e-9
    assert student_t_quantile(p, 1) == pytest.approx(1 / math.tan(math.pi * (1 - p)), rel=1e-10)


@pytest.mark.parametrize(("p", "df"), [(0, 3), (1, 3), (-0.1, 3), (math.nan, 3), (0.5, 0), (0.5, math.nan)])
def test_student_t_refuses_what_has_no_quantile(p, df):
    with pytest.raises(ValueError, match="has no quantile"):
        student_t_quantile(p, df)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_quantiles_are_those_of_numpy(values):
    scale = max(map(abs, values))
    for p in (0.0, 0.25, 0.5, 0.75, 1.0):
        assert quantile(values, p) == pytest.approx(float(np.quantile(values, p)), rel=1e-12, abs=1e-12 * scale)


def test_medians_and_spreads_of_small_samples():
    assert median([3.0, 1.0, 2.0]) == 2.0
    assert median([4.0, 1.0, 2.0, 3.0]) == 2.5
    assert interquartile_range([1.0, 2.0, 3.0, 4.0, 5.0]) == 2.0
    assert interquartile_range([7.0]) == 0.0
    with pytest.raises(ValueError, match="at least one value"):
        median([])


def test_a_ratio_is_the_geometric_mean_of_the_processes_medians():
    # In-process medians log 2 and log 8, so the ratio is 4; s = sqrt(2) log 2, so half the width is t log 2.
    processes = [[math.log(2), math.log(2), math.log(1000)], [math.log(8)]]
    ratio, low, high = ratio_interval(processes)
    half_width = 12.7062047361747 * math.log(2)
    assert ratio == pytest.approx(4)
    assert low == pytest.approx(4 * math.exp(-half_width))
    assert high == pytest.approx(4 * math.exp(half_width))


def test_one_process_of_ten_in_a_state_of_its_own_moves_little_and_widens_little():
    usual = [0.001 * k for k in range(10)]  # 0 and 0.009 are left out, and stand in the spread as 0.001 and 0.008
    ratio, low, high = ratio_interval([[x] for x in usual])
    strayed = ratio_interval([[x] for x in [*usual[:9], 0.5]])
    assert strayed == pytest.approx((ratio, low, high), rel=1e-12)
    drawn_in = [0.001, *usual[1:9], 0.008]
    half_width = student_t_quantile(0.975, 7) * float(np.std(drawn_in, ddof=1)) / 0.8 / math.sqrt(10)
    assert (ratio, low, high) == pytest.approx(
        (math.exp(0.0045), math.exp(0.0045 - half_width), math.exp(0.0045 + half_width))
    )


def test_more_comparisons_widen_the_interval_by_bonferroni():
    processes = [[0.1], [0.2], [0.3]]
    ratio, low, high = ratio_interval(processes, comparisons=5)
    half_width = student_t_quantile(0.995, 2) * 0.1 / math.sqrt(3)
    assert (ratio, low, high) == pytest.approx((math.exp(0.2), math.exp(0.2 - half_width), math.exp(0.2 + half_width)))


def test_one_process_gives_no_interval_and_none_gives_no_ratio():
    assert ratio_interval([[0.0, 0.0]]) == (1.0, None, None)
    with pytest.raises(ValueError, match="at least one process"):
        ratio_interval([])


def test_ratios_too_large_for_a_float_are_infinite():
    assert ratio_interval([[800.0], [800.0]]) == (math.inf, math.inf, math.inf)


@pytest.mark.parametrize("n_processes", [6, 10])
def test_intervals_hold_the_true_ratio_as_often_as_they_say(n_processes):
    chance = random.Random(1)
    trials = 2000
    missed = 0
    for _ in range(trials):
        biases = [chance.gauss(0, 0.01) for _ in range(n_processes)]
        _, low, high = ratio_interval([[bias + chance.gauss(0, 0.02) for _ in range(5)] for bias in biases])
        missed += not low <= 1 <= high
    # 5 % of 2000, give or take four standard deviations of a binomial count.
    assert abs(missed - 100) < 4 * math.sqrt(trials * 0.05 * 0.95)


@pytest.mark.parametrize("processes", [6, 10, 20])
def test_the_intervals_of_a_table_hold_together_as_often_as_they_say(processes):
    # Skewed noise within a process, a bias of each process (memory layout), and a drift that both sides share.
    chance, rows, tables, truth, held = np.random.default_rng(7), 4, 400, math.log(1.02), 0
    for _ in range(tables):
        drift = np.linspace(0.0, 0.2, processes)[None, :, None]
        bias = chance.normal(0.0, 0.01, (rows, processes, 1))
        noise = chance.gamma(1.0, 0.05, (2, rows, processes, 11))
        log_ratios = (drift + bias + truth + noise[1]) - (drift + noise[0])
        intervals = [ratio_interval(row.tolist(), comparisons=rows)[1:] for row in log_ratios]
        held += all(low <= 1.02 <= high for low, high in intervals)
    # 95 % nominal; of 400 tables the count has a standard deviation of 1.1 %.
    assert 0.93 <= held / tables <= 0.98
