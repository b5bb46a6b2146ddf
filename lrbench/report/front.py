"""The speed-accuracy front: the implementations that no other beats in both time and digits."""

import html
import math
from collections.abc import Sequence
from typing import Any

from lrbench.comparisons import Row, Table
from lrbench.report import crowd
from lrbench.report.axes import TIMES, axis, short
from lrbench.report.marks import label, n_elements
from lrbench.report.palette import Styles
from lrbench.report.wording import clean, digits_text, name_text, time_text

_MOST = 16  # digits of a float64
_RISE = 0.015  # of the axis, between a mark's line and its name
_WIDE, _TALL = 0.4, 0.05  # of the axes: what a name takes on a narrow screen
_GAP = 2 * "\N{NO-BREAK SPACE}"  # between a mark and its name


def chosen(tables: Sequence[Table]) -> Table | None:
    """Return the table whose front is drawn: of those with most rows the largest; None where no digits differ."""
    differing = [table for table in tables if len({round(row.digits or 0.0, 1) for row in _known(table)}) > 1]
    return max(differing, key=lambda table: (len(_known(table)), n_elements(table.size) or 0), default=None)


def front(table: Table) -> list[Row]:
    """Return the rows on the front, from the fastest to the most exact.

    To 0.1 digits, as they are shown; of equal ones the faster.
    """
    best, rows = -1.0, []
    for row in sorted(_known(table), key=lambda row: (row.median_s or 0.0, -(row.digits or 0.0))):
        if (digits := round(row.digits or 0.0, 1)) > best:
            best = digits
            rows.append(row)
    return rows


def front_text(table: Table) -> str:
    """Return the front in words: 'gram (12.3 ms, 13.2 digits), qr (40.1 ms, 15.0 digits)'."""
    return ", ".join(f"{name_text(row)} ({time_text(row.median_s)}, {digits_text(row)} digits)" for row in front(table))


def figure(table: Table, looks: Styles) -> dict[str, Any]:
    """Return digits against time at one size, the front joined by steps.

    In a crowd its members have their names beside them, in place of a legend, and the others are grey.
    """
    rows, best = _known(table), front(table)
    is_crowd = len(rows) > crowd.MOST
    lowest = min(row.digits or 0.0 for row in rows)
    digits = [min(lowest, _MOST - 2) - 0.4, _MOST + 0.6]
    times = axis([row.median_s or 1.0 for row in rows], TIMES)
    steps = {
        "type": "scatter",
        "mode": "lines",
        "name": "front",
        "x": [short(row.median_s) for row in best],
        "y": [round(row.digits or 0.0, 2) for row in best],
        "line": {"color": crowd.GREY, "dash": "dot", "width": 1.5, "shape": "hv"},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    points = []
    for row in rows:
        is_quiet = is_crowd and row not in best
        look = crowd.loud(looks[row.implementation])
        points.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": label(name_text(row)),
                "x": [short(row.median_s)],
                "y": [round(row.digits or 0.0, 2)],
                "text": [_hover(row)],
                "hoverinfo": "text",
                "marker": {
                    "symbol": "circle" if is_quiet else look["symbol"],
                    "color": crowd.GREY if is_quiet else look["color"],
                    "size": 12 if row in best else 8,
                },
            }
        )
    layout = {
        "xaxis": {"title": {"text": "time of one call"}, **times},
        "yaxis": {"title": {"text": "correct digits"}, "range": digits},
        "showlegend": not is_crowd,
    }
    names = [_names(best, times["range"], digits)] if is_crowd else []
    return {"data": [steps, *names, *points], "layout": layout, "height": 400}


def _names(best: Sequence[Row], across: Sequence[float], up: Sequence[float]) -> dict[str, Any]:
    """Return the names of the front's members, above their marks or else below; without those that fit in neither.

    across: the ends of the axis of times, as powers of ten.   up: those of the axis of digits.
    """
    named: list[tuple[Row, float, float, int]] = []
    for row in reversed(best):  # from the most exact down, so that a name below its mark finds room
        x = (math.log10(row.median_s or 1.0) - across[0]) / (across[1] - across[0])
        y = ((row.digits or 0.0) - up[0]) / (up[1] - up[0])
        for side in (1, -1):
            middle = y + side * (_RISE + _TALL / 2)
            if all(abs(x - other[1]) > _WIDE or abs(middle - other[2]) > _TALL for other in named):
                named.append((row, x, middle, side))
                break
    return {
        "type": "scatter",
        "mode": "text",
        "name": "",
        "x": [short(row.median_s) for row, *_ in named],
        "y": [round((row.digits or 0.0) + side * _RISE * (up[1] - up[0]), 2) for row, _, _, side in named],
        "text": [f"{_GAP}{label(name_text(row))}{_GAP}" for row, *_ in named],
        "textposition": [
            f"{'top' if side > 0 else 'bottom'} {'left' if x > 0.5 else 'right'}"  # noqa: PLR2004 - the middle
            for _, x, _, side in named
        ],
        "textfont": {"size": 11},
        "cliponaxis": False,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _known(table: Table) -> list[Row]:
    return [row for row in table.rows if row.median_s and row.digits is not None]


def _hover(row: Row) -> str:
    size = html.escape(clean(row.size), quote=False)
    return f"<b>{label(name_text(row))}</b><br>{size}<br>{time_text(row.median_s)}<br>{digits_text(row)} digits"
