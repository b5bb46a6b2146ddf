"""Where one curve of costs falls below the other, on literal curves."""

import pytest

from lrbench.experiments.crossings import quicker_from


def test_a_straight_line_and_a_flat_one_cross_where_they_are_equal():
    n = [1, 10, 100, 1000]
    loop, whole = [2.0 * k for k in n], [50.0] * 4
    assert quicker_from(n, loop, whole) == pytest.approx(25.0, rel=1e-12)  # ratios of powers are exactly log-linear


def test_quicker_throughout_is_quicker_from_the_first_on():
    assert quicker_from([3, 4], [2.0, 2.0], [1.0, 1.0]) == 3.0


@pytest.mark.parametrize("quick", [[3.0, 3.0], [1.0, 3.0], [1.0, 2.0]])
def test_what_is_not_quicker_at_the_end_never_is(quick):
    assert quicker_from([1, 10], [2.0, 2.0], quick) is None


def test_only_the_last_crossing_counts():
    assert quicker_from([1, 10, 100], [2.0, 1.0, 4.0], [1.0, 2.0, 2.0]) == pytest.approx(10**1.5)


def test_nothing_timed_is_nowhere_quicker():
    assert quicker_from([], [], []) is None
