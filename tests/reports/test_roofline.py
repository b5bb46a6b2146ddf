"""The roofline, on literal ceilings: 100 GB/s from a cache, 25 from memory, 50 Gflop/s."""

import pytest

from lrbench.comparisons import make_report
from lrbench.report import palette, roofline
from lrbench.results import Ceiling, Measurement, Side

CACHE = (Ceiling("read", 1, 8e4, 1e11), Ceiling("add", 1, 8e4, 9e10), Ceiling("flops", 1, None, 5e10))
MEMORY = (Ceiling("read", 1, 8e8, 2.5e10), Ceiling("add_streaming", 1, 8e8, 4e10), Ceiling("flops", 1, None, 4e10))


def side(name, time_s):
    return Side(name, "sum", name, number=1, epochs_s=(time_s,) * 2, rounds=(0, 1))


def measurement(problem="gradient", size="10", *, flops=4e8, size_bytes=8e8, times_s=(0.05,), **fields):
    sides = tuple(side(f"side{i}", time_s) for i, time_s in enumerate(times_s))
    given = {"threads": 1, "process": 0, "sides": sides, "flops": flops, "size_bytes": size_bytes, "ceilings": MEMORY}
    return Measurement(problem, size, **{**given, **fields})


def drawn(*measurements, threads=1):
    """Return the marks, roofs and figure of some measurements at one thread count."""
    report = make_report(measurements)
    tables = [table for table in report.tables if table.threads == threads]
    marks = roofline.marks(tables)
    roofs = roofline.roofs(marks, roofline.ceilings_of(tables[0], report.tables))
    return marks, roofs, roofline.figure(marks, roofs, palette.styles(report.rows)) if roofs else None


def test_a_mark_stands_at_flops_a_byte_and_flops_a_second():
    marks, _, figure = drawn(measurement(times_s=(0.05, 4.0)))
    assert [(mark.intensity, mark.flops_per_s) for mark in marks] == [(0.5, 8e9), (0.5, 1e8)]
    assert figure["data"][-2]["x"] == [0.5]
    assert figure["data"][-2]["y"] == [8e9]
    assert figure["data"][-2]["text"] == [
        "<b>side0</b><br>gradient/10<br>50.0 ms, 64 % of its limit<br>0.5 flop/byte, 8.00 Gflop/s"
    ]


@pytest.mark.parametrize("fields", [{"iterative": True}, {"flops": None}, {"flops": 0.0}])
def test_what_has_no_model_of_its_least_work_has_no_mark(fields):
    assert drawn(measurement(**fields)) == ([], [], None)


def test_the_roofs_meet_at_the_ridges():
    small = measurement(size="1", flops=4e4, size_bytes=8e4, ceilings=CACHE)
    _, roofs, _ = drawn(small, measurement())
    assert [(roof.label, roof.measured, roof.dash) for roof in roofs] == [
        ("100 GB/s", "reading 80 kB", "dot"),
        ("25.0 GB/s", "reading 800 MB", "solid"),
        ("50.0 Gflop/s", "in a matrix product", "solid"),
    ]
    assert [roof.left for roof in roofs] == [(0.3125, 0.3125e11), (0.3125, 0.3125 * 2.5e10), (0.5, 5e10)]
    assert [roof.right for roof in roofs] == [(0.5, 5e10), (2.0, 5e10), (2.0 * 1.6**2, 5e10)]


def test_one_working_set_has_one_slanted_roof():
    _, roofs, _ = drawn(measurement())
    assert [(roof.label, roof.dash) for roof in roofs] == [("25.0 GB/s", "solid"), ("40.0 Gflop/s", "solid")]


def test_roofs_that_could_not_be_told_apart_are_one():
    near = measurement(size="1", ceilings=(Ceiling("read", 1, 8e4, 3e10),))
    _, roofs, _ = drawn(near, measurement())
    assert [(roof.label, roof.dash) for roof in roofs] == [("30.0 GB/s", "solid"), ("40.0 Gflop/s", "solid")]


def test_a_case_right_of_the_ridge_is_below_the_flat_roof():
    _, roofs, _ = drawn(measurement(flops=8e9))  # 10 flops a byte, ridge at 1.6
    assert roofs[0].right == (1.6, 4e10)
    assert roofs[0].left == (1.0, 2.5e10)
    assert roofs[1].right == (10 * 1.6**2, 4e10)


def test_additions_are_held_against_adding_and_only_where_they_stand():
    addition = measurement("vector_addition", flops=1e7, size_bytes=2.4e8, times_s=(0.01,), traffic="add")
    _, roofs, _ = drawn(addition, measurement())
    adding, reading, _ = roofs
    assert (adding.label, adding.measured) == ("40.0 GB/s", "adding 800 MB, streamed")
    assert adding.left[0] == pytest.approx(1 / 24 / 1.6)
    assert adding.right[0] == pytest.approx(1 / 24 * 1.6)
    assert reading.right == (1.6, 4e10)


def test_what_one_thread_can_do_two_can_do_too():
    spoilt = tuple(Ceiling(c.kind, 2, c.working_set_bytes, 1e6) for c in MEMORY)
    two = measurement(threads=2, ceilings=spoilt)
    _, roofs, _ = drawn(measurement(), two, threads=2)
    assert [roof.label for roof in roofs] == ["25.0 GB/s", "40.0 Gflop/s"]
    fast = tuple(Ceiling(c.kind, 2, c.working_set_bytes, 2 * c.value) for c in MEMORY)
    _, roofs, _ = drawn(measurement(), measurement(threads=2, ceilings=fast), threads=1)
    assert [roof.label for roof in roofs] == ["25.0 GB/s", "40.0 Gflop/s"]


@pytest.mark.parametrize("ceilings", [(), MEMORY[:2], MEMORY[2:], (*MEMORY[:2], Ceiling("flops", 1, None, 0.0))])
def test_without_both_kinds_of_ceiling_there_are_no_roofs(ceilings):
    assert drawn(measurement(ceilings=ceilings))[1:] == ([], None)


def test_ceilings_of_other_conditions_are_no_roofs():
    other = measurement(environment={"cpu": "another"}, ceilings=CACHE)
    report = make_report([measurement(environment={"cpu": "one"}), other])
    assert [roofline.ceilings_of(table, report.tables) for table in report.tables] == [
        {"read": list(MEMORY)},
        {"read": list(CACHE)},
    ]


def test_the_axes_hold_every_mark_and_roof():
    _, _, figure = drawn(measurement(times_s=(0.05, 400.0)))
    for axis, name in (("xaxis", "x"), ("yaxis", "y")):
        low, high = (10**end for end in figure["layout"][axis]["range"])
        assert all(low < value < high for trace in figure["data"] for value in trace[name])
    assert figure["layout"]["yaxis"]["ticktext"] == ["1 M", "10 M", "100 M", "1 G", "10 G", "100 G"]
    assert figure["data"][0]["text"] == ["25.0 GB/s ", ""]
    assert figure["data"][1]["text"] == ["", "40.0 Gflop/s"]


def test_names_are_escaped():
    hostile = Side("<b>&", "sum", "<b>&", number=1, epochs_s=(1.0,), rounds=(0,))
    _, _, figure = drawn(measurement("<script>", sides=(hostile,)))
    assert figure["data"][-1]["name"] == "&lt;b&gt;&amp;"
    assert "<script>" not in figure["data"][-1]["text"][0]
