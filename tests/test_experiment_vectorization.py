"""vectorization's claims: the same answers, and figures of costs that are known beforehand."""

import sys

import numpy as np
import pytest

from lrbench.experiments import timing, vectorization
from lrbench.experiments.findings import Setting
from lrbench.experiments.vectorization import costs, curves, figures
from lrbench.measure import environment
from lrbench.vector_addition import numpy_vectorized, python_loop

COSTS = {  # seconds a call, seconds an element
    curves.LIST: (1e-7, 3e-8),
    curves.ITEMS: (2e-7, 1.5e-7),
    curves.NEW: (4e-7, 5e-10),
    curves.OUT: (3e-7, 4e-10),
    curves.COMPILED: (2e-7, 4e-10),
    curves.ROWS: (1e-6, 4e-7),
    curves.WHOLE: (5e-6, 4e-9),
    curves.FUSED: (1e-6, 2e-9),
}


def fake_times(calls, **_):
    """Return what calls of known costs take; no clock is read."""

    def seconds(name, call):
        if name not in COSTS:
            return 5e-8
        call_s, element_s = COSTS[name]
        return call_s + element_s * len(call.args[0])

    return {name: timing.Times(s, 0.99 * s, 1.01 * s) for name, s in ((n, seconds(n, c)) for n, c in calls.items())}


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setattr(timing, "side_by_side", fake_times)
    described = {**environment.describe(), "caches": {"L1": "32K", "L2": "1024K shared by 0-1"}}
    monkeypatch.setattr(environment, "describe", lambda: described)
    return vectorization.run(Setting(0, quick=True))


def test_every_way_adds_the_same_and_the_gradients_agree():
    numbers = vectorization.run(Setting(2, quick=True)).numbers
    assert 0 < numbers["addition_error"] <= 2.0**-53  # one rounding, no more
    assert 0 < numbers["gradient_error"] < 1e-14


def test_a_way_that_adds_wrongly_is_not_timed(monkeypatch):
    monkeypatch.setattr(numpy_vectorized, "add", lambda a, b: a + b * (1 + 1e-12))
    with pytest.raises(curves.gate.WrongAnswer, match=r"vector_addition: NumPy, a \+ b errs by"):
        curves.additions(Setting(0, quick=True))


def test_costs_come_back_from_times_that_are_made_of_them(known):
    for what, names in (("addition", curves.ADDITIONS), ("gradient", curves.GRADIENTS)):
        for name, short in names.items():
            call_s, element_s = COSTS[name]
            assert known.numbers[f"{what}_call_{short}_s"] == pytest.approx(call_s, rel=1e-9)
            assert known.numbers[f"{what}_element_{short}_s"] == pytest.approx(element_s, rel=1e-9)


def test_a_short_call_counts_as_much_as_a_long_one():
    n, true = [1, 10, 100, 1000], [10.0, 19.0, 109.0, 1009.0]
    disturbed = [10.0, 19.0, 109.0, 1009.0 * 1.01]  # a percent, which is a whole call here
    assert costs.call_and_element(n, true) == pytest.approx((9.0, 1.0), rel=1e-12)
    call_s, element_s = costs.call_and_element(n, disturbed)
    assert (call_s, element_s) == pytest.approx((9.0, 1.0), rel=2e-2)


@pytest.mark.parametrize(
    ("name", "slow", "quick"),
    [
        ("numpy_over_list", curves.LIST, curves.NEW),
        ("numpy_over_item_loop", curves.ITEMS, curves.NEW),
        ("gradient_numpy_over_list", curves.ROWS, curves.WHOLE),
    ],
)
def test_vectorizing_pays_where_the_costs_say(known, name, slow, quick):
    (c_1, e_1), (c_2, e_2) = COSTS[slow], COSTS[quick]
    assert known.numbers[f"{name}_from_n"] == pytest.approx((c_2 - c_1) / (e_1 - e_2), rel=0.05)
    at = 10_000
    assert known.numbers[f"{name}_at_10000_speedup"] == pytest.approx((c_1 + e_1 * at) / (c_2 + e_2 * at), rel=1e-9)


def test_what_never_pays_has_no_crossing(known):
    assert known.numbers["numpy_over_compiled_from_n"] is None
    assert known.numbers["gradient_compiled_over_numpy_from_n"] == 1.0  # quicker throughout


def test_the_figure_draws_the_crossing_and_the_caches_at_their_lengths(known):
    plots = [part for part in known.parts if part.kind == "figure"]
    (crossing,) = plots[0].chart["layout"]["shapes"]
    assert crossing["x0"] == known.numbers["numpy_over_list_from_n"]
    limits = [shape["x0"] for shape in plots[1].chart["layout"]["shapes"]]
    assert limits == [32 * 1024 / 24]  # the second lies beyond the lengths of a quick run
    assert known.numbers["additions_in_L2"] == 1024 * 1024 // 24
    assert plots[1].chart["layout"]["annotations"][0]["x"] == pytest.approx(np.log10(limits[0]))


def test_the_text_says_the_runs_own_figures(known):
    assert "A loop in Python pays 30 ns for each element, a whole-array operation 0.50 ns" in known.answer
    assert "400 ns for each call" in known.answer


def test_levels_are_told_apart_by_the_bytes_of_an_addition():
    n = (50, 1000, 10_000, 1_000_000)
    times = tuple(timing.Times(s * k, s * k, s * k) for k, s in zip(n, (9.0, 1.0, 2.0, 4.0), strict=True))
    found = vectorization.levels(costs.Curve("", n, times), {"L1": 32 * 1024, "L2": 1024**2})
    assert found == {"L1_element_s": 1.0, "L2_element_s": 2.0, "memory_element_s": 4.0, "cached_element_s": 1.0}


def test_an_unknown_cache_is_said_and_nothing_is_drawn(monkeypatch):
    monkeypatch.setattr(timing, "side_by_side", fake_times)
    described = {**environment.describe(), "caches": None}
    monkeypatch.setattr(environment, "describe", lambda: described)
    found = vectorization.run(Setting(0, quick=True))
    assert "does not tell" in found.skipped[0]
    plots = [part for part in found.parts if part.kind == "figure"]
    assert plots[1].chart["layout"]["shapes"] == []


@pytest.mark.parametrize(
    ("caches", "sizes"),
    [
        (None, {}),
        ({"L1": "32K", "L2": "1024K", "L3": "32768K shared by 0-1"}, {"L1": 2**15, "L2": 2**20, "L3": 2**25}),
        ({"L2": "2M", "L3": "unknown"}, {"L2": 2**21}),
    ],
)
def test_cache_sizes_are_read_from_words(caches, sizes):
    assert costs.sizes_bytes(caches) == sizes


def executed(function, *arguments):
    """Count the instructions that Python carries out in a function's own frame."""
    count = 0

    def each(frame, event, _):
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return each

    def enter(frame, _event, _argument):
        if frame.f_code is function.__code__:
            frame.f_trace_opcodes = True
            return each
        return None

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
    return count


def test_the_instructions_an_element_are_those_that_python_carries_out():
    loop = python_loop.add_by_index
    five, six = (executed(loop, [1.0] * n, [2.0] * n) for n in (5, 6))
    assert costs.bytecodes_an_element(loop) == six - five


def test_sizes_are_as_many_a_decade_and_never_twice():
    found = curves.sizes(1000)
    assert found == [1, 2, 3, 6, 10, 18, 32, 56, 100, 178, 316, 562, 1000]


def test_slow_ways_stop_early_and_the_figure_of_long_lengths_leaves_them_out(known):
    drawn = [part for part in known.parts if part.kind == "figure"][1].chart["data"]
    names = {trace["name"] for trace in drawn}
    assert {curves.NEW, curves.OUT, curves.COMPILED} <= names
    assert not names & set(curves.SLOW)
    assert [each.name for each in figures.addition_curves([costs.Curve(curves.LIST, (1,), ())])] == []
