"""Fits of time = a + b n against another solver and made data, and the crossing of loop and vector."""

import random

import numpy as np
import pytest

from lrbench.languages.fits import cache_bytes, fit_all, line
from lrbench.languages.pairs import crossover, pair_all

SIZES = (10, 100, 1_000, 10_000)
L2 = {"caches": {"L1": "32K", "L2": "1024K", "L3": "32768K shared by 0-1"}}


def made(a, b, spread, seed, sizes=SIZES):
    chance = random.Random(seed)
    return line(sizes, [(a + b * n) * (1.0 + spread * chance.gauss(0.0, 1.0)) for n in sizes])


def test_a_line_without_errors_is_found_exactly():
    fit = made(3.5e-7, 2.2e-10, 0.0, 0)
    assert fit["overhead_s"] == pytest.approx(3.5e-7, rel=1e-9)
    assert fit["seconds_per_element"] == pytest.approx(2.2e-10, rel=1e-9)
    assert fit["overhead_low_s"] == pytest.approx(fit["overhead_high_s"], rel=1e-6)


def test_the_fit_and_its_covariance_are_scipys():
    from scipy.optimize import curve_fit

    times = np.array([3.7e-7, 3.6e-7, 6.1e-7, 2.7e-6])
    fit = line(SIZES, times)
    best, covariance = curve_fit(lambda n, a, b: a + b * n, SIZES, times, p0=(1e-7, 1e-10), sigma=times)
    np.testing.assert_allclose([fit["overhead_s"], fit["seconds_per_element"]], best, rtol=1e-6)
    np.testing.assert_allclose(fit["covariance"], covariance, rtol=1e-5)


def test_intervals_hold_the_truth_as_often_as_they_say():
    a, b, runs = 3.5e-7, 2.2e-10, 1000
    found = [made(a, b, 0.05, seed) for seed in range(runs)]
    for low, value, high in (
        ("overhead_low_s", a, "overhead_high_s"),
        ("seconds_per_element_low", b, "seconds_per_element_high"),
    ):
        held = sum(fit[low] <= value <= fit[high] for fit in found)
        # A binomial of 1000 at 0.95 has a standard deviation of 7; weights from noisy times cost some more.
        assert 915 <= held <= 975


def test_a_negative_overhead_is_none_and_the_line_goes_through_the_origin():
    fit = line(SIZES, [9e-9, 1e-7, 1e-6, 1.01e-5])
    assert fit["overhead_s"] == 0.0
    assert fit["overhead_low_s"] == 0.0
    assert 0.0 < fit["overhead_high_s"] < 1e-7
    assert fit["seconds_per_element"] == pytest.approx(1e-9, rel=0.06)


def row(method, size, median_s, *, language="Python", program="numpy", kind="whole", flags="", output="new"):
    known = {"language": language, "program": program, "kind": kind, "flags": flags, "output": output}
    return {**known, "method": method, "size": size, "median_s": median_s}


def test_a_method_is_fitted_to_the_sizes_that_the_second_cache_holds():
    rows = [row("a + b", n, 1e-6 + 1e-9 * n) for n in SIZES] + [row("a + b", 100_000, 1.0), row("slow", 10, 1e-6)]
    rows += [row("a + b, once", n, 1e-6, kind="protocol") for n in SIZES]
    (fit,) = fit_all(rows, L2)
    assert (fit["language"], fit["method"], fit["sizes"]) == ("Python", "a + b", list(SIZES))
    assert fit["seconds_per_element"] == pytest.approx(1e-9, rel=1e-6)
    assert fit_all(rows, {"caches": {"L2": "16K"}}) == []  # which holds 682 elements: two sizes


def test_a_negative_cost_of_an_element_is_none_and_the_line_is_level():
    fit = line(SIZES, [1.1e-6, 1.0e-6, 1.0e-6, 0.9e-6])
    assert (fit["seconds_per_element"], fit["seconds_per_element_low"]) == (0.0, 0.0)
    assert fit["overhead_s"] == pytest.approx(1e-6, rel=0.05)


def test_what_was_not_timed_is_not_fitted():
    rows = [row("a + b", n, None if n == 10 else 1e-9 * n) for n in SIZES]
    assert fit_all(rows, L2)[0]["sizes"] == [100, 1_000, 10_000]
    assert fit_all(rows[:3], L2) == []


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (L2, {"L1": 32768, "L2": 1048576, "L3": 33554432}),
        ({"caches": {"L2": "unknown", "L3": "8M"}}, {"L3": 8388608}),
        ({"caches": None}, {}),
        ({}, {}),
    ],
)
def test_caches_are_read_from_the_environment(told, found):
    assert cache_bytes(told) == found


def test_loop_and_vector_cross_where_their_lines_do():
    crossing = crossover(made(1e-7, 4e-8, 0.0, 0), made(4e-7, 2e-10, 0.0, 0))
    assert crossing["from_n"] == pytest.approx(3e-7 / 3.98e-8, rel=1e-6)
    assert crossing["from_n_low"] == pytest.approx(crossing["from_n_high"], rel=1e-4)


def test_the_crossings_interval_holds_the_truth_as_often_as_it_says():
    truth, held = 3e-7 / 3.98e-8, 0
    for seed in range(1000):
        crossing = crossover(made(1e-7, 4e-8, 0.03, seed), made(4e-7, 2e-10, 0.03, 1000 + seed))
        held += crossing["from_n_low"] <= truth <= crossing["from_n_high"]
    # First-order propagation with the smaller number of degrees of freedom errs on the wide side.
    assert 930 <= held <= 1000


def test_a_vector_that_costs_no_more_to_call_is_quicker_from_the_first_element_on():
    crossing = crossover(made(5e-7, 4e-8, 0.0, 0), made(4e-7, 2e-10, 0.0, 0))
    assert crossing == {"quicker": "always", "from_n": None, "from_n_low": None, "from_n_high": None}


@pytest.mark.parametrize(("whole", "quicker"), [(None, "unknown"), (made(0.0, 5e-8, 0.0, 0), "never")])
def test_a_vector_that_is_never_quicker_has_no_crossing(whole, quicker):
    found = crossover(made(1e-7, 4e-8, 0.0, 0), whole)
    assert found == {"quicker": quicker, "from_n": None, "from_n_low": None, "from_n_high": None}


def paired(rows):
    return [(pair["language"], pair["program"], pair["loop"], pair["whole"]) for pair in pair_all(rows, [])]


def test_a_loop_is_paired_with_its_programs_vector_or_else_with_the_languages_first():
    rows = [
        row("list, loop", 10, 1e-6, program="lists", kind="loop"),
        row("list, map", 10, 1e-6, program="lists", kind="loop"),
        row("NumPy, items", 10, 1e-6, kind="loop"),
        row("NumPy, once", 10, 1e-6, kind="protocol"),
        row("NumPy, a + b", 10, 1e-6),
        row("NumPy, out=", 10, 1e-6),
        row("torch, items", 10, 1e-6, program="torch", kind="loop"),
        row("torch, a + b", 10, 1e-6, program="torch"),
        row("polars", 10, 1e-6, program="polars"),
    ]
    assert paired(rows) == [
        ("Python", "lists", "list, loop", "NumPy, a + b"),
        ("Python", "numpy", "NumPy, items", "NumPy, a + b"),
        ("Python", "torch", "torch, items", "torch, a + b"),
    ]


def test_without_a_vector_the_optimised_loop_stands_for_it():
    rows = [
        row(f"loop, {output}{flags}", 10, 1e-6, language="C", program="c", kind="loop", flags=flags, output=output)
        for flags in ("-O0", "-O3", "-O3 -march=native")
        for output in ("given", "new")
    ]
    assert paired(rows) == [("C", "c", "loop, given-O0", "loop, given-O3 -march=native")]
    assert paired(rows[:2]) == [("C", "c", "loop, given-O0", "")]


def test_what_was_not_timed_is_not_paired():
    assert paired([row("items", 10, None, kind="loop"), row("a + b", 10, 1e-6)]) == []
