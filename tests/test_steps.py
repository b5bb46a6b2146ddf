"""Steps in series: literal ones, and how often chance is taken for one."""

import random

import pytest

from lrbench.comparisons.steps import find_steps
from lrbench.intervals import median_interval

NOISE = (1.00, 1.02, 0.99, 1.01, 0.98, 1.00, 1.01, 0.99, 1.02, 1.00, 0.98, 1.01)


def positions(values):
    return [step.position for step in find_steps(values)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((), []),
        ((1.0,), []),
        ((1.0, 2.0), []),
        ((1.0, 2.0, 2.0), []),  # one point is no level
        ((1.0, 1.0, 1.0, 1.0), []),
        ((1.0, 1.01, 2.0, 2.01), [2]),
        ((1.0, 1.01, 1.02, 1.03), []),
        ((1.0, 1.0, 1.0, 1.0, 1.04, 1.04, 1.04, 1.04), []),  # clear, and too small to be told from the machine's
        ((1.0, 1.0, 1.0, 1.0, 1.06, 1.06, 1.06, 1.06), [4]),
        ((1.0, 1.3, 1.6, 1.9), []),  # a slope, no step
        ((1.0, 1.01, 0.99, 1.02, 0.5, 0.505, 0.495, 0.51), [4]),
        ((*NOISE, 1.0), []),
        ((*NOISE, 3.0), []),  # the last commit alone may be anything
        ((*NOISE[:6], 3.0, *NOISE[6:]), []),  # an outlier
        ((*NOISE, 1.2, 1.21), [12]),  # the last two commits
        ((*NOISE, *(1.5 * value for value in NOISE)), [12]),
        ((*NOISE[:6], 4.0, *NOISE[6:], *(1.5 * value for value in NOISE)), [13]),
        ((*NOISE, *(1.5 * value for value in NOISE), *(0.7 * value for value in NOISE)), [12, 24]),
        ((*NOISE, *(2.0 * value for value in NOISE), *NOISE), [12, 24]),
    ],
)
def test_steps_of_literal_series(values, expected):
    assert positions(values) == expected


def test_a_step_tells_the_levels_on_both_sides():
    (step,) = find_steps((1.0, 1.02, 0.98, 1.0, 2.0, 2.1, 1.9, 2.0))
    assert (step.before, step.after, step.ratio) == pytest.approx((1.0, 2.0, 2.0))


def test_times_turned_about_have_the_same_steps():
    series = [*NOISE, *(1.4 * value for value in NOISE)]
    assert positions(series) == positions([1.0 / value for value in series])
    assert [len(series) - at for at in positions(series[::-1])] == positions(series)


DRAWS = {
    "normal": lambda rng: rng.gauss(0.0, 0.1),
    "Laplace": lambda rng: rng.expovariate(10.0) * rng.choice((-1.0, 1.0)),
    "slow commits": lambda rng: rng.expovariate(5.0),  # skewed, as times are
}


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("n", [5, 8, 12, 30])
def test_chance_is_rarely_taken_for_a_step(name, n):
    """At most 1 % of series show a step; of 400, more than 11 would be one in a thousand (Poisson, mean 4)."""
    rng = random.Random(f"{name} {n}")
    series = ([2.718 ** DRAWS[name](rng) for _ in range(n)] for _ in range(400))
    assert sum(bool(find_steps(values)) for values in series) <= 11


def test_a_step_of_three_deviations_is_found():
    rng = random.Random(1)
    series = ([2.718 ** rng.gauss(0.3 * (k >= 15), 0.1) for k in range(30)] for _ in range(50))
    found = [positions(values) for values in series]
    assert sum(any(abs(at - 15) <= 1 for at in each) for each in found) >= 45


@pytest.mark.parametrize(
    ("n", "expected"), [(1, None), (5, None), (6, (0, 5)), (8, (0, 7)), (9, (1, 7)), (10, (1, 8)), (20, (5, 14))]
)
def test_the_medians_interval_is_that_of_the_tables(n, expected):
    """Conover's table for 95 %: the ranks from n = 6, of a sorted sample counted from 0."""
    assert median_interval(range(n)) == expected


def test_the_medians_interval_covers_it():
    rng = random.Random(0)
    ends = [median_interval([rng.expovariate(1.0) for _ in range(10)]) for _ in range(1000)]
    assert sum(low <= 0.6931 <= high for low, high in ends) >= 960  # 97.9 % are meant, less four deviations
