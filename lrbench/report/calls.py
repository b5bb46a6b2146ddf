"""The figure of what n calls cost from nothing: where two lines cross, compiling has paid."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lrbench.comparisons import Row, Table
from lrbench.report import crowd
from lrbench.report.axes import COUNTS, TIMES, axis, short
from lrbench.report.marks import label, n_elements
from lrbench.report.palette import Styles
from lrbench.report.wording import calls_text, name_text, time_text

LEGEND = (
    "The first call of a fresh process loads and compiles, each further one takes the median. Right of where two lines "
    "cross, the lower one has made up for its slower first call. Imports are left out"
)
_LEAST_CALLS, _MOST_CALLS = 1e3, 1e7
_BEYOND = 4.0  # times the last break-even
_MARKS = 8  # on each line


def chosen(tables: Sequence[Table]) -> Table | None:
    """Return the table that is drawn: of those with most first calls the largest; None where none is known."""
    found = max(tables, key=lambda table: (len(_known(table)), n_elements(table.size) or 0), default=None)
    return found if found and len(_known(found)) > 1 else None


def figure(table: Table, looks: Styles) -> dict[str, Any]:
    """Return total time against number of calls: the first call, and each further one at the median."""
    rows = _known(table)
    crossings = [row.break_even_calls for row in rows if row.break_even_calls and math.isfinite(row.break_even_calls)]
    most = min(max(_LEAST_CALLS, _BEYOND * max(crossings, default=1.0)), _MOST_CALLS)
    calls = _calls(most)
    of_name = {row.implementation: row for row in rows}
    traces = [_line(of_name[name], calls, looks[name]) for name in crowd.below_first(of_name, looks)]
    reach = [total for trace in traces for total in (trace["y"][0], trace["y"][-1])]
    layout = {
        "xaxis": {"title": {"text": "calls, the first of a fresh process included"}, **axis(calls, COUNTS)},
        "yaxis": {"title": {"text": "time of all of them"}, **axis(reach, TIMES)},
        "showlegend": True,
    }
    return {"data": traces, "layout": layout, "height": 400}


def _line(row: Row, calls: Sequence[float], look: Mapping[str, Any]) -> dict[str, Any]:
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": label(name_text(row)),
        "x": list(calls),
        "y": [short(_total_s(row, n)) for n in calls],
        "text": [_hover(row, n) for n in calls],
        "hoverinfo": "text",
        "line": {"color": look["color"], "dash": look["dash"], "width": 1.75},
        "marker": {"symbol": look["symbol"], "size": 7, "maxdisplayed": _MARKS},
    }
    return crowd.drawn(trace, look)


def _calls(most: float) -> list[float]:
    """Return numbers of calls, six for each power of ten, whole ones."""
    count = math.ceil(6 * math.log10(most))
    return [float(n) for n in dict.fromkeys(round(10 ** (i / 6)) for i in range(count + 1))]


def _known(table: Table) -> list[Row]:
    return [row for row in table.rows if row.median_s and row.first_call_s]


def _total_s(row: Row, calls: float) -> float:
    return (row.first_call_s or 0.0) + (calls - 1.0) * (row.median_s or 0.0)


def _hover(row: Row, calls: float) -> str:
    even = calls_text(row.break_even_calls)
    return (
        f"<b>{label(name_text(row))}</b><br>{calls:,.0f} calls: {time_text(_total_s(row, calls))}"
        f"<br>first call {time_text(row.first_call_s)}{f'<br>has paid after {even}' if even else ''}"
    )
