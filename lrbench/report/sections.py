"""What the page shows of each problem: its figures, its tables, and what stands at the head of both."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from lrbench.comparisons import Report, Row, Table
from lrbench.report import (
    absent,
    calls,
    columns,
    convergence,
    costs,
    crossover,
    crowd,
    descent,
    elsewhere,
    figures,
    front,
    history,
    history_words,
    leaders,
    marks,
    memory,
    palette,
    roofline,
    speedups,
    wording,
)

Drawn = list[dict[str, Any]]


class Anchors:
    """The ids that are taken on a page."""

    def __init__(self, *taken: str) -> None:
        self._taken = set(taken)

    def new(self, text: str) -> str:
        """Return an id that no other element has; two tables may hold the same case."""
        plain = quote(text, safe="/", errors="backslashreplace")
        anchor, count = plain, 1
        while anchor in self._taken:
            count += 1
            anchor = f"{plain}-{count}"
        self._taken.add(anchor)
        return anchor


def problems(report: Report, drawn: Drawn, anchors: Anchors) -> Iterator[dict[str, Any]]:
    """Yield what the page shows of each problem; its figures are added to `drawn`."""
    looks = palette.styles(report.rows)
    for name in dict.fromkeys(table.problem for table in report.tables):
        tables = [table for table in report.tables if table.problem == name]
        anchor = anchors.new(name)
        shown = [_table(table, anchors) for table in tables]
        own = crowd.quieted(looks, [row for table in tables for row in table.rows])
        foremost = leaders.foremost(tables)
        yield {
            "name": wording.clean(name),
            "title": wording.clean(report.problems.get(name, "")),
            "anchor": anchor,
            "head": next(({"anchor": t["anchor"], **t["says"]} for t in shown if t["table"] is foremost), None),
            "starts": _where_starts_are(shown),
            "converges": any(table.family for table in tables),
            "elsewhere": elsewhere.lowest([(t["table"], t["anchor"]) for t in shown], foremost),
            "parts": [_part(name, part, own, drawn) for part in by_conditions(tables)],
            "tables": shown,
        }


def _where_starts_are(tables: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return place and anchor of the tables that know first calls; nothing where all do: none need be looked for."""
    found = [(table["says"]["place"], table["starts"]) for table in tables if table["starts"]]
    return found if len(found) < len(tables) else []


def rooflines(report: Report, drawn: Drawn) -> Iterator[dict[str, Any]]:
    """Yield the roofline of each thread count and set of conditions."""
    looks = palette.styles(report.rows)
    for tables in by_conditions(report.tables):
        cases = roofline.marks(tables)
        if roofs := roofline.roofs(cases, roofline.ceilings_of(tables[0], report.tables)):
            measured = ", ".join(f"{roof.label} {roof.measured}" for roof in roofs)
            large = " A large mark is the fastest of its problem and size." if roofline.is_crowd(cases) else ""
            measured += f".{large}"
            caption = f"Roofline{_circumstances(tables[0])}. Its roofs, the highest that any process found: {measured}"
            told = "flop/s of every case against the flops for each byte of its problem's least work"
            yield placed(roofline.figure(cases, roofs, looks), drawn, caption, told)


def convergences(report: Report, drawn: Drawn) -> Iterator[dict[str, Any]]:
    """Yield each convergence table, and its figure where anything was reached."""
    looks = palette.styles(report.rows)
    for table in convergence.convergences(report):
        figure = descent.figure(table, looks)
        caption = f"Loss against time: {table.title}"
        told = "relative excess loss against the time to reach it"
        yield {"table": table, "figure": figure and placed(figure, drawn, caption, told)}


def histories(report: Report, drawn: Drawn, anchors: Anchors) -> Iterator[dict[str, Any]]:
    """Yield title, table and figure of each chart over commits; None as figure where no commit has a time."""
    for chart in history.charts(report):
        told = f"Time of one call over commits, {chart.title}"
        figure = (
            None if chart.figure is None else placed(dict(chart.figure), drawn, f"Over commits: {chart.title}", told)
        )
        anchor = anchors.new(f"histories/{chart.title}")
        yield {"title": chart.title, "anchor": anchor, "chart": chart, "figure": figure}


def changes(report: Report, charts: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return what is told of each step in the histories, with the anchor of its chart."""
    anchors = {id(member): part["anchor"] for part in charts for member in part["chart"].members}
    return [
        {"text": history_words.change_text(member, step), "anchor": anchors[id(member)]}
        for member, step in history_words.changes(report)
    ]


def drawings(report: Report) -> list[tuple[str, dict[str, Any]]]:
    """Return (caption, figure) of everything that is drawn of a report's measurements, in the page's order."""
    drawn: Drawn = []
    shown: list[dict[str, Any] | None] = []
    for problem in problems(report, drawn, Anchors()):
        for part in problem["parts"]:
            shown += [part["times"], *part["others"]]
    shown += [part["figure"] for part in (*histories(report, drawn, Anchors()), *convergences(report, drawn))]
    shown += rooflines(report, drawn)
    return [(figure["caption"], drawn[figure["index"]]) for figure in shown if figure]


def placed(figure: dict[str, Any], drawn: Drawn, caption: str, told: str) -> dict[str, Any]:
    """Return what the page says of a figure, which is added to `drawn`.

    told: what it shows, for those who do not see it.
    """
    drawn.append(figure)
    alternative = f"{told}. The tables hold its values."
    return {"index": len(drawn) - 1, "height": figure["height"], "caption": caption, "alternative": alternative}


def by_conditions(tables: Sequence[Table]) -> list[list[Table]]:
    """Return the tables whose times may share a figure: one thread count, one set of conditions."""
    parts: dict[tuple[int, str], list[Table]] = {}
    for table in tables:
        parts.setdefault((table.threads, table.conditions), []).append(table)
    return list(parts.values())


def _circumstances(table: Table) -> str:
    conditions = f" ({table.conditions})" if table.conditions else ""
    return wording.clean(f"{wording.threads_text(table.threads)}{conditions}")


def _part(problem: str, tables: Sequence[Table], looks: palette.Styles, drawn: Drawn) -> dict[str, Any]:
    """Return the figures of one problem under one set of conditions; without times, only what they would be of."""
    of = wording.clean(problem) + _circumstances(tables[0])
    rows = [row for table in tables for row in table.rows]
    times = figures.times(rows, looks)
    if times is None:
        return {"of": of, "times": None, "is_beside": False, "others": []}
    first = placed(times, drawn, _times_caption(of, rows, times), f"Time of one call of {of}")
    is_beside = marks.is_in_rows(times)
    return {"of": of, "times": first, "is_beside": is_beside, "others": list(_others(of, tables, looks, drawn))}


def _times_caption(of: str, rows: Sequence[Row], times: dict[str, Any]) -> str:
    if marks.is_in_rows(times):
        several = times["layout"]["showlegend"]
        size = next(row.size for row in rows if row.median_s)
        where = "Times at each size" if several else f"Times at {wording.clean(size)}" if size else "Times"
        return f"{where}: {of}{', in the order of the largest size' if several else ''}"
    is_row = times["layout"]["xaxis"]["type"] == "category"
    joined = ". Lines join sizes of as many features" if is_row and marks.has_joined(times) else ""
    is_crowd = any("legendrank" in trace for trace in times["data"])
    quiet = ". In colour the foremost; the rest, in grey, tell their names when pointed at" if is_crowd else ""
    return f"Time against size: {of}{joined}{quiet}"


def _others(of: str, tables: Sequence[Table], looks: palette.Styles, drawn: Drawn) -> Iterator[dict[str, Any]]:
    """Yield the figures beside that of times, as far as there is something to draw."""
    if figure := speedups.figure(tables, looks):
        floor = _band_text(tables, is_one=marks.is_in_rows(figure))
        several = ". Baselines differ: the table names each" if any(map(wording.has_several_baselines, tables)) else ""
        few = ". A hollow mark rests on few samples: no interval, no verdict" if marks.has_hollow(figure) else ""
        cut = ". Intervals that leave the figure go on: the table has their ends" if marks.has_cut(figure) else ""
        yield placed(
            figure, drawn, f"Speedups with their intervals: {of}{several}{floor}{few}{cut}", f"Speedups of {of}"
        )
    if table := front.chosen(tables):
        at = _at(of, table)
        named = f"Digits against time: {at}. Beaten by none in both: {front.front_text(table)}"
        yield placed(front.figure(table, looks), drawn, named, f"Correct digits against time of {at}")
    if figure := crossover.figure(tables, looks):
        tied = ". A hollow mark: others are not told apart from it" if marks.has_hollow(figure) else ""
        map_of = f"The lowest median at each size: {of}{tied}"
        yield placed(figure, drawn, map_of, f"Which implementation of {of} is the fastest, by samples and features")
    if table := calls.chosen(tables):
        total = f"Total time of the first n calls: {_at(of, table)}. {calls.LEGEND}"
        yield placed(calls.figure(table, looks), drawn, total, f"Total time of the first n calls of {_at(of, table)}")
    known = [(table, row) for table in tables for row in table.rows if row.peak_memory_bytes is not None]
    if figure := memory.figure([row for _, row in known], looks):
        where = _at(of, known[0][0]) if len({table.size for table, _ in known}) == 1 else of
        none = [wording.name_text(row) for _, row in known if not memory.is_drawn(row)]
        missing = f". None beyond what there was: {', '.join(dict.fromkeys(none))}" if none else ""
        yield placed(figure, drawn, f"Peak memory of one call: {where}{missing}", f"Peak memory of one call of {where}")


def _band_text(tables: Sequence[Table], *, is_one: bool) -> str:
    """Return what the band in a figure of speedups is; is_one: whether all its sizes share one."""
    floors = {table.floor_factor for table in tables if table.floors}
    if not floors:
        return ""
    return f". The band is the {'largest ' if is_one and len(floors) > 1 else ''}noise floor"


def _at(of: str, table: Table) -> str:
    return wording.clean(f"{of}, at {table.size}") if table.size else of


def _table(table: Table, anchors: Anchors) -> dict[str, Any]:
    low, high = _log_reach(table.rows)
    anchor = anchors.new(f"{table.problem}/{table.size}")
    cases: list[dict[str, Any]] = []
    timed = [row for row in table.rows if row.status == "ok"]
    known_costs = costs.known(table.rows)
    has_starts = any(row.first_call_s is not None for row in table.rows)
    cost_cells = dict(zip(map(id, timed), columns.cost_cells(timed, known_costs), strict=False))
    for row, cells in zip(table.rows, columns.cells(table), strict=True):
        forest = None
        if row.speedup and row.speedup_low and row.speedup_high:
            positions = (math.log(x) for x in (row.speedup_low, row.speedup, row.speedup_high, 1.0))
            forest = [round(100 * (position - low) / (high - low), 2) for position in positions]
        case_id = f"{row.problem}/{row.size}/{row.implementation}"
        told = {"row": row, "cells": cells, "costs": cost_cells.get(id(row), ())}
        cases.append({**told, "anchor": anchors.new(case_id), "forest": forest})
    there = set(map(id, absent.shown(table)))
    anchor_of = {id(case["row"]): case["anchor"] for case in cases}
    compared, several = wording.has_speedups(table), wording.has_several_baselines(table)
    exact = any(row.digits is not None for row in table.rows)
    has_iqr, has_min = (any(getattr(row, name) is not None for row in timed) for name in ("iqr_s", "min_s"))
    return {
        "table": table,
        "anchor": anchor,
        "says": {"place": leaders.place_text(table), "sentence": leaders.sentence(table)},
        "cases": [case for case in cases if id(case["row"]) in there],
        "wanting": {
            needs: [(wording.name_text(row), anchor_of[id(row)]) for row in rows]
            for needs, rows in absent.wanting(table).items()
        },
        "hint": absent.hint(table),
        "compared": compared,
        "several": several,
        "costs": known_costs,
        "starts": anchors.new(f"{table.problem}/{table.size}/starts") if has_starts else "",
        "marked": any(table.speedup_kind(row) == "algorithm" for row in table.rows),
        "algorithms": any(row.algorithm for row in table.rows),
        "exact": exact,
        "has_iqr": has_iqr,
        "has_min": has_min,
        # An outcome stands in place of the times, of what was compared, and of the digits.
        "span": 1 + has_iqr + has_min + 3 * compared + several + wording.has_limits(table) + exact,
    }


def _log_reach(rows: Sequence[Row]) -> tuple[float, float]:
    """Return the ends of the log axis that all speedup intervals of a table share; 1 is always on it."""
    ends = [math.log(end) for row in rows for end in (row.speedup_low, row.speedup_high) if end and math.isfinite(end)]
    low, high = min([*ends, 0.0]), max([*ends, 0.0])
    margin = max(0.06 * (high - low), 0.01)
    return low - margin, high + margin
