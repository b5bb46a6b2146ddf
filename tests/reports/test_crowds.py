"""Figures of more implementations than colours: a row each, or the foremost in colour and the rest in grey."""

import pytest
from crowd_samples import CROWD, MANY, tables
from gradient_tables import PLAIN, side, table_of

from lrbench.comparisons import Report
from lrbench.report import calls, crowd, figures, front, marks, palette, roofline, sections, speedups


def rows_of(found):
    return [row for table in found for row in table.rows]


def looks_of(found):
    return crowd.quieted(palette.styles(rows_of(found)), rows_of(found))


def test_ten_are_no_crowd():
    found = tables(MANY, CROWD[:10])
    assert crowd.foremost(rows_of(found)) == []
    assert not any(map(crowd.is_quiet, looks_of(found).values()))
    assert crowd.foremost(rows_of(tables(MANY, CROWD[:11]))) != []


def test_the_fastest_anywhere_and_the_baselines_stand_out_before_the_second():
    found = rows_of(tables(("10000x2", "10x2")))
    assert crowd.foremost(found)[:3] == ["s13", "plain", "s00"]
    slow_baseline = (side("plain", 1.0), *CROWD[1:])
    assert crowd.foremost(rows_of(tables(("10x2",), slow_baseline)))[:3] == ["s00", "plain", "s01"]
    assert len(crowd.foremost(found)) == crowd.KEPT


def test_what_stands_out_has_its_own_colour_and_the_rest_is_grey():
    looks = looks_of(tables(MANY))
    loud = [look for look in looks.values() if not crowd.is_quiet(look)]
    assert len(loud) == len({look["color"] for look in loud}) == len({look["symbol"] for look in loud}) == crowd.KEPT
    assert {look["color"] for look in looks.values() if crowd.is_quiet(look)} == {crowd.GREY}


def test_a_crowd_over_many_sizes_has_thin_grey_lines_that_the_legend_names_last():
    found = tables(MANY)
    figure = figures.times(rows_of(found), looks_of(found))
    quiet = [trace for trace in figure["data"] if "legendrank" in trace]
    assert figure["data"][: len(quiet)] == quiet  # drawn below the others
    assert len(quiet) == len(CROWD) - crowd.KEPT
    assert {trace["line"]["color"] for trace in quiet} == {crowd.GREY}
    assert not marks.is_in_rows(figure)


def test_a_crowd_at_few_sizes_has_a_row_each_in_the_order_of_the_largest():
    found = tables(("10000x2", "10x2"))
    figure = figures.times(rows_of(found), looks_of(found))
    assert marks.is_in_rows(figure)
    assert [trace["name"] for trace in figure["data"]] == ["at 10x2", "at 10000x2"]
    assert figure["layout"]["yaxis"]["ticktext"][:3] == ["s13", "plain", "s00"]
    small, large = figure["data"]
    assert large["x"] == sorted(large["x"])
    assert [small["x"][0], large["x"][0]] == pytest.approx([23e-6, 1e-7])
    assert large["y"] == list(range(len(CROWD)))


def test_what_the_largest_size_lacks_comes_last():
    alone = table_of(PLAIN, side("alone", 1e-9), size="10x2")
    (larger,) = tables(("1000x2",))
    figure = figures.times(rows_of([alone, larger]), looks_of([alone, larger]))
    assert figure["layout"]["yaxis"]["ticktext"][-1] == "alone"


def test_speedups_in_rows_have_the_best_on_top_and_the_largest_floor_as_a_band():
    found = [
        *tables(("10x2",), twins=(side("plain", 4.4e-6),)),
        *tables(("1000x2",), twins=(side("plain", 5e-6),)),
    ]
    figure = speedups.figure(found, looks_of(found))
    band, one, *_ = figure["data"]
    assert max(band["x"]) == pytest.approx(1.25)
    assert (one["x"], sorted(one["y"])) == ([1.0, 1.0], [-0.5, len(CROWD) - 1.5])
    assert figure["layout"]["yaxis"]["ticktext"][:2] == ["s00", "s01"]


def test_the_front_of_a_crowd_is_in_colour_and_named():
    exact = side("exact", 4e-4, digits=16.0), side("beside", 4.1e-4, digits=16.0)
    (table,) = tables(("10x2",), (*CROWD, *exact))
    figure = front.figure(table, looks_of([table]))
    assert not figure["layout"]["showlegend"]
    names = figure["data"][1]
    assert [name.strip() for name in names["text"]] == ["exact", "plain"]
    assert names["textposition"] == ["top left", "top right"]
    grey = [t["name"] for t in figure["data"] if t["mode"] == "markers" and t["marker"]["color"] == crowd.GREY]
    assert "plain" not in grey
    assert len(grey) == len(CROWD) + len(exact) - len(front.front(table))


def test_no_name_of_a_front_stands_on_another():
    close, closer = side("close", 4.2e-6, digits=15.1), side("closer", 4.4e-6, digits=15.2)
    (table,) = tables(("10x2",), (*CROWD, close))
    names = front.figure(table, looks_of([table]))["data"][1]
    assert [name.strip() for name in names["text"]] == ["close", "plain"]
    assert names["textposition"] == ["top right", "bottom right"]
    (table,) = tables(("10x2",), (*CROWD, close, closer))
    names = front.figure(table, looks_of([table]))["data"][1]
    assert [row.implementation for row in front.front(table)] == ["plain", "close", "closer"]
    assert [name.strip() for name in names["text"]] == ["closer", "close"]


def test_the_roofline_of_a_crowd_is_by_problem_with_the_fastest_of_each_size_large():
    found = [
        roofline.Mark(row, "read", intensity, 1.0 / row.median_s)
        for intensity, table in zip((0.5, 2.0), tables(("10x2", "10000x2")), strict=True)
        for row in table.rows
    ]
    roof = roofline.Roof("1 GB/s", "reading", "solid", (0.1, 1e8), (1.0, 1e9))
    _, small, large = roofline.figure(found, [roof], {})["data"]
    assert (large["name"], large["x"]) == ("gradient", [0.5, 2.0])
    assert large["y"] == pytest.approx([1 / 4e-6, 1e7])
    assert len(small["x"]) == 2 * (len(CROWD) - 1)
    assert large["marker"]["size"] > small["marker"]["size"]


def test_the_captions_say_which_size_and_what_grey_is():
    def first(*sizes):
        return sections.drawings(Report(tables=tables(sizes)))[0][0]

    assert first("10x2") == "Times at 10x2: gradient, 1 thread"
    assert first("10x2", "1000x2") == "Times at each size: gradient, 1 thread, in the order of the largest size"
    assert first(*MANY) == (
        "Time against size: gradient, 1 thread. In colour the foremost; the rest, in grey, tell their names when "
        "pointed at"
    )


def test_first_calls_of_a_crowd_are_grey_too():
    started = [side(one.implementation, one.epochs_s[0], first_call_s=1.0) for one in CROWD]
    (table,) = tables(("10x2",), started)
    drawn = calls.figure(table, looks_of([table]))["data"]
    quiet = [trace for trace in drawn if "legendrank" in trace]
    assert len(quiet) == len(CROWD) - crowd.KEPT
    assert drawn[: len(quiet)] == quiet
    assert {trace["line"]["width"] for trace in quiet} == {1}
