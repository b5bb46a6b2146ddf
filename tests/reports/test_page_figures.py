"""The figures of the page, on literal samples."""

import dataclasses

import pytest
from gradient_tables import FAST, PLAIN, measured, side, table_of

from lrbench.comparisons import Report, make_report
from lrbench.report import axes, calls, crossover, descent, figures, front, html, memory, palette, sections, speedups
from lrbench.report.convergence import convergences
from lrbench.results import Measurement, Side


def looks_of(*tables):
    return palette.styles(row for table in tables for row in table.rows)


def test_speedups_have_intervals_and_the_floor_as_a_band():
    twins = (side("plain", 4.4e-6),)
    tables = [table_of(PLAIN, FAST, size=size, twins=twins) for size in ("1000x2", "100000x2")]
    band, one, fast = speedups.figure(tables, looks_of(*tables))["data"]
    assert band["x"] == [2000, 200000, 200000, 2000]
    assert band["y"] == pytest.approx([1.1, 1.1, 1 / 1.1, 1 / 1.1], rel=1e-5)
    assert one["y"] == [1.0, 1.0]
    assert (fast["name"], fast["y"]) == ("fast", [4.0, 4.0])
    assert fast["text"][0] == "<b>fast</b><br>1000x2<br>4.00 [4.00, 4.00] times as fast as plain<br>faster"


def test_the_floor_stands_at_each_size_where_elements_are_equal():
    floors = {"100x20": 4.4e-6, "1000x2": 5e-6}
    tables = [table_of(PLAIN, FAST, size=size, twins=(side("plain", time_s),)) for size, time_s in floors.items()]
    figure = speedups.figure(tables, looks_of(*tables))
    band, one, fast = figure["data"]
    assert band["x"] == ["1000x2", "100x20", "100x20", "1000x2"]
    assert band["y"] == pytest.approx([1.25, 1.1, 1 / 1.1, 1 / 1.25], rel=1e-5)
    assert one["x"] == ["1000x2", "100x20"]
    assert fast["x"] == ["1000x2", None, "100x20"]


def test_speedups_at_one_size_have_the_band_upright_and_few_samples_open():
    few = side("few", 1e-3, few_samples=True)
    table = table_of(PLAIN, FAST, few, twins=(side("plain", 4.4e-6),))
    band, one, fast, open_one = speedups.figure([table], looks_of(table))["data"]
    assert band["y"] == [-0.5, 1.5, 1.5, -0.5]
    assert one["x"] == [1.0, 1.0]
    assert fast["marker"]["symbol"] == "square"
    assert open_one["marker"]["symbol"] == ["diamond-open"]


@pytest.mark.parametrize("time_s", [1e-9, 1e3])
def test_the_axis_of_speedups_holds_no_difference(time_s):
    table = table_of(PLAIN, side("other", time_s))
    low, high = speedups.figure([table], looks_of(table))["layout"]["xaxis"]["range"]
    assert low < 0.0 < high  # log10(1)


def test_what_has_no_interval_has_no_bar():
    few = side("few", 1e-3, few_samples=True)
    table = table_of(PLAIN, few, side("other", 1e-6))
    *_, open_one, _ = speedups.figure([table], looks_of(table))["data"]
    assert open_one["error_x"]["array"] == open_one["error_x"]["arrayminus"] == [None]
    assert not open_one["error_x"]["visible"]
    spread = table_of(Side("plain", "sum", "plain", number=1, epochs_s=(1.0, 2.0, 3.0, 4.0), rounds=(0, 1, 2, 3)))
    (bar,) = figures.times(spread.rows, looks_of(spread))["data"]
    assert bar["error_x"]["visible"]


def test_a_bar_does_not_dwarf_the_marks_and_what_is_cut_is_said():
    epochs = ((1e-9, 1e-2) * 2, (1e-2, 1e-9) * 2)
    wild = [
        Measurement(
            "gradient", "1000x2", 1, process,
            (PLAIN, dataclasses.replace(FAST, implementation="wild", epochs_s=epochs[process % 2][:1] * 4)),
        )
        for process in range(6)
    ]  # fmt: skip
    (table,) = make_report(wild).tables
    row = next(row for row in table.rows if row.implementation == "wild")
    low, high = speedups.figure([table], looks_of(table))["layout"]["xaxis"]["range"]
    assert row.speedup_high > 1e7 * row.speedup_low
    assert high - low < 5.0  # a factor of 100 to each side of the marks and 1, and the margins
    assert "Intervals that leave the figure go on: the table has their ends" in captions(table)[SPEEDUPS]
    assert "go on" not in captions(table_of(PLAIN, FAST))[SPEEDUPS]


@pytest.mark.parametrize(("low", "high"), [(1e-55, 1e55), (1.3e-5, 4e-4), (1e-9, 1e2), (1.0, 1.1)])
def test_an_axis_has_from_two_to_twelve_ticks(low, high):
    assert 2 <= len(axes.axis([low, high], axes.TIMES)["tickvals"]) <= 12


def test_an_axis_goes_as_low_as_floats_do():
    made = axes.axis([5e-324, 1e-300], axes.TIMES)
    assert min(made["tickvals"]) > 0.0


def test_without_a_comparison_there_are_no_speedups():
    table = table_of(PLAIN, FAST, paired=False)
    assert speedups.figure([table], looks_of(table)) is None


def test_the_front_holds_what_nothing_beats_in_both():
    table = table_of(
        PLAIN,
        FAST,
        side("worse", 2e-6, digits=12.0),
        side("middle", 2e-6, digits=14.0),
        side("same", 3e-6, digits=14.04),
    )
    assert [row.implementation for row in front.front(table)] == ["fast", "middle", "plain"]
    assert front.front_text(table) == (
        "fast (1.00 us, 13.0 digits), middle (2.00 us, 14.0 digits), plain (4.00 us, 15.0 digits)"
    )
    steps, *points = front.figure(table, looks_of(table))["data"]
    assert (steps["x"], steps["y"]) == ([1e-6, 2e-6, 4e-6], [13.0, 14.0, 15.0])
    assert [point["name"] for point in points if point["marker"]["size"] == 12] == ["plain", "fast", "middle"]


def test_a_front_needs_two():
    assert front.chosen([table_of(PLAIN)]) is None
    larger = table_of(PLAIN, FAST, size="9000x2")
    assert front.chosen([table_of(PLAIN, FAST), larger, table_of(PLAIN, size="99999x2")]) is larger


def test_equal_digits_make_no_front():
    assert front.chosen([table_of(PLAIN, side("other", 1e-6, digits=15.04))]) is None
    assert front.chosen([table_of(PLAIN, side("other", 1e-6, digits=15.1))]) is not None


def test_lines_of_calls_cross_where_compiling_has_paid():
    slow_start = side("jit", 1e-3, first_call_s=2.0)
    table = table_of(side("plain", 3e-3, first_call_s=1.0), slow_start)
    figure = calls.figure(table, looks_of(table))
    plain, jit = figure["data"]
    even = next(row for row in table.rows if row.implementation == "jit").break_even_calls
    assert even == 501
    later = [n for n, a, b in zip(plain["x"], plain["y"], jit["y"], strict=True) if b < a]
    assert min(later) == pytest.approx(681)  # six points for each power of ten: 464, 681
    assert jit["y"][0] == 2.0
    assert jit["text"][0].endswith("first call 2.00 s<br>has paid after about 500 calls")


def test_a_map_says_who_is_the_fastest_where():
    jit, numpy = side("jit", 1e-6, baseline="plain"), side("numpy", 2e-6)
    sizes = {"10x2": (PLAIN, jit), "10x20": (PLAIN, jit, numpy), "1000x2": (PLAIN, numpy), "1000x20": (PLAIN, numpy)}
    tables = [table_of(*sides, size=size) for size, sides in sizes.items()]
    figure = crossover.figure(tables, looks_of(*tables))
    assert [(trace["name"], trace["x"], trace["y"]) for trace in figure["data"]] == [
        ("jit", [10, 10], [2, 20]),
        ("numpy", [1000, 1000], [2, 20]),
    ]
    assert crossover.figure(tables[:2], looks_of(*tables)) is None


def test_a_map_marks_what_is_not_told_apart():
    twins = {"10x2": (PLAIN, FAST, side("same", 1e-6)), "10x20": (PLAIN, FAST), "1000x2": (PLAIN, FAST)}
    tables = [table_of(*sides, size=size) for size, sides in twins.items()]
    (fast,) = crossover.figure(tables, looks_of(*tables))["data"]
    assert fast["marker"]["symbol"] == ["square-open", "square", "square"]
    assert fast["text"][0].endswith("not told apart from same")


SPEEDUPS = "Speedups with their intervals"


def captions(*tables):
    drawn = sections.drawings(Report(tables=tables))
    return {caption.partition(":")[0]: caption for caption, _ in drawn}


def test_hollow_marks_are_explained_where_they_are_and_only_there():
    few = side("few", 1e-3, few_samples=True)
    told = "A hollow mark rests on few samples: no interval, no verdict"
    assert told in captions(table_of(PLAIN, FAST, few))[SPEEDUPS]
    assert not any("hollow" in caption for caption in captions(table_of(PLAIN, FAST)).values())
    places = ("10x2", "10x20", "1000x2")
    tied = captions(*(table_of(PLAIN, FAST, side("same", 1e-6), size=size) for size in places))
    apart = captions(*(table_of(PLAIN, FAST, size=size) for size in places))
    of_map = "The lowest median at each size"
    assert tied[of_map].endswith("A hollow mark: others are not told apart from it")
    assert apart[of_map] == "The lowest median at each size: gradient, 1 thread"


def test_memory_is_drawn_where_it_is_known():
    table = table_of(side("plain", 1.0, peak_memory_bytes=2e6), side("fast", 1.0, peak_memory_bytes=0.0))
    (trace,) = memory.figure(table.rows, looks_of(table))["data"]
    assert (trace["name"], trace["x"]) == ("plain", [2e6])
    assert memory.figure(table_of(PLAIN).rows, looks_of(table_of(PLAIN))) is None


def test_loss_falls_over_time():
    runs = [
        m
        for target, time_s in ((1e-2, 1e-3), (1e-6, 4e-3))
        for m in measured(side("plain", time_s), problem=f"fit_{target:g}", family="fit", target=target)
    ]
    report = make_report(runs)
    (table,) = convergences(report)
    (line,) = descent.figure(table, palette.styles(report.rows))["data"]
    assert (line["x"], line["y"]) == ([1e-3, 4e-3], [1e-2, 1e-6])
    assert line["text"][1] == "<b>plain</b><br>within 1e-06 after 4.00 ms"
    page = html.render(report)
    assert page.count('href="#convergence">Convergence</a></p>') == 2
    assert '<section class="measured problem" id="convergence">' in page


def test_names_are_texts_in_every_figure():
    evil = "<script>x</script>"
    sides = (
        side("plain", 4e-6, digits=15.0, first_call_s=1.0, peak_memory_bytes=1e6),
        side(evil, 1e-6, digits=13.0, first_call_s=1.0, peak_memory_bytes=1e6),
    )
    tables = [table_of(*sides, size=size) for size in ("10x2", "10x20", "1000x2")]
    looks = looks_of(*tables)
    rows = [row for table in tables for row in table.rows]
    made = [
        figures.times(rows, looks), speedups.figure(tables, looks), front.figure(tables[0], looks),
        calls.figure(tables[0], looks), crossover.figure(tables, looks), memory.figure(rows, looks),
    ]  # fmt: skip
    for figure in made:
        assert "<script" not in str(figure)
        assert "&lt;script&gt;" in str(figure)
