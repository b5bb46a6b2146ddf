"""The picture: time per element against the number of elements, with this machine's caches and its add ceiling."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lrbench.report import figures
from lrbench.report.languages_lookup import (
    BYTES,
    DOCUMENTS_SIZE,
    Document,
    Name,
    Row,
    near,
    ratio,
    sides,
    timed,
)
from lrbench.report.languages_tables import elements, method_text
from lrbench.report.wording import bytes_text, clean, rate_text, three_digits, time_text

_TIMES: figures.Units = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"), (1e-12, "ps"))
_COUNTS: figures.Units = ((1.0, ""),)
_GREY = "#8a929b"  # seen on white and on near-black
_SLOW_S = 1e-8  # an element that takes longer is not of compiled code, nor of whole arrays
_MATTERS = 2.0  # a smaller ratio of loop and vector is the same code twice
_LINE_HEIGHT = 19  # pixels of a name in the legend

Times = Mapping[Name, Mapping[int, Row]]
Figure = dict[str, Any]


def pictures(document: Document) -> list[tuple[str, Figure]]:
    """Return caption and figure: loops against vectors, and what comes near the machine's limit."""
    times = timed(document)
    chosen, fast = _vectorised(document, times), _fast(times)
    found = []
    if chosen:
        caption = (
            "Time per element against the number of elements, on log axes. Loops are dashed with hollow marks; what "
            "adds at once is solid. A line falls while the cost of the call is shared out over more elements, and "
            "rises where the vectors no longer fit into a cache."
        )
        found.append((caption, _figure(chosen, document)))
    if fast:
        caption = (
            "The same for all that is compiled or works on whole arrays: side by side in the caches, and at the add "
            "ceiling in memory. What lies far above it there fills a new output, whose pages are fresh."
        )
        found.append((caption, _figure(fast, document)))
    return found


def _vectorised(document: Document, times: Times) -> list[Name]:
    """Return loop and vector of each pair where that makes a difference, and loops of interpreters without a vector."""
    chosen: dict[Name, None] = {}
    for pair in document["pairs"]:
        loop, whole = sides(pair, times)
        size = near(loop.keys() & whole.keys(), DOCUMENTS_SIZE)
        quicker = ratio(pair, times, size) if size else None
        if (quicker and quicker >= _MATTERS) or (not pair["whole"] and _at_best(loop) > _SLOW_S):
            chosen.update(dict.fromkeys((pair["language"], pair[side]) for side in ("loop", "whole") if pair[side]))
    return list(chosen)


def _fast(times: Times) -> list[Name]:
    return [
        name
        for name, rows in times.items()
        if _at_best(rows) <= _SLOW_S and next(iter(rows.values()))["kind"] != "protocol"
    ]


def _at_best(rows: Mapping[int, Row]) -> float:
    return min((row["seconds_per_element"] for row in rows.values()), default=0.0)


def _figure(names: Sequence[Name], document: Document) -> Figure:
    times = timed(document)
    looks = figures.styles_of(map(str, names))
    lines = [_line(name, times[name], looks[str(name)]) for name in names]
    x = [value for line in lines for value in line["x"]]
    y = [value for line in lines for value in line["y"]]
    ceiling = _ceiling(document, min(x), max(x))
    y += ceiling["y"] if ceiling else []
    top = max(y) * 3.0  # room for the caches' names
    caches = [_cache(level, size, min(y) / 1.5, top) for level, size in _visible(document, min(x), max(x))]
    across = figures.axis(x, _COUNTS)
    across["ticktext"] = [elements(round(tick)) for tick in across["tickvals"]]
    layout = {
        "xaxis": {"title": {"text": "n, elements of a vector"}, **across},
        "yaxis": {"title": {"text": "time per element"}, **figures.axis([*y, top], _TIMES)},
        "showlegend": True,
    }
    data = [*caches, *([ceiling] if ceiling else []), *lines]
    return {"data": data, "layout": layout, "height": max(520, 120 + _LINE_HEIGHT * len(lines))}


def _line(name: Name, rows: Mapping[int, Row], look: Mapping[str, Any]) -> dict[str, Any]:
    first = next(iter(rows.values()))
    shown = method_text(first)
    label = figures.label(shown if name[0] == "Python" else f"{clean(name[0])}, {shown}")
    is_loop = first["kind"] == "loop"
    ordered = [rows[size] for size in sorted(rows)]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": label,
        "x": [row["size"] for row in ordered],
        "y": [_short(row["seconds_per_element"]) for row in ordered],
        "text": [_hover(label, row) for row in ordered],
        "hoverinfo": "text",
        "line": {"color": look["color"], "dash": "dash" if is_loop else "solid", "width": 1.75},
        "marker": {"symbol": f"{look['symbol']}-open" if is_loop else look["symbol"], "size": 8},
    }


def _hover(label: str, row: Row) -> str:
    each = f"{three_digits(row['seconds_per_element'] * 1e9)} ns an element"
    return f"<b>{label}</b><br>n = {elements(row['size'])}<br>{each}<br>{time_text(row['median_s'])} a call"


def _visible(document: Document, first: int, last: int) -> Iterable[tuple[str, float]]:
    """Yield the caches whose size lies in a range of elements, as elements of each of three vectors."""
    for level, size_bytes in document["caches_bytes"].items():
        if first < size_bytes / BYTES < last:
            yield f"{clean(level)} {bytes_text(size_bytes)}", size_bytes / BYTES


def _cache(label: str, n: float, low: float, high: float) -> dict[str, Any]:
    """Return an upright line where three vectors fill a cache."""
    return {
        "type": "scatter",
        "mode": "lines+text",
        "x": [_short(n), _short(n)],
        "y": [_short(low), _short(high)],
        "text": ["", label],
        "textposition": "top center",
        "textfont": {"color": _GREY, "size": 11},
        "hovertext": f"{label}: beyond, three vectors do not fit",
        "hoverinfo": "text",
        "line": {"color": _GREY, "dash": "dot", "width": 1},
        "showlegend": False,
    }


def _ceiling(document: Document, first: int, last: int) -> dict[str, Any] | None:
    """Return the least time that one thread's additions took, by working set; None where it was not measured."""
    found = sorted(
        (ceiling["working_set_bytes"] / BYTES, BYTES / ceiling["value"], ceiling["value"])
        for ceiling in document["ceilings"]
        if ceiling["kind"] == "add" and ceiling["threads"] == 1 and ceiling["working_set_bytes"]
    )
    found = [part for part in found if first / math.sqrt(10.0) < part[0] < last * math.sqrt(10.0)]
    if not found:
        return None
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "add ceiling, 1 thread",
        "x": [_short(n) for n, _, _ in found],
        "y": [_short(each) for _, each, _ in found],
        "text": [f"additions reach {rate_text('add', value)} at most" for _, _, value in found],
        "hoverinfo": "text",
        "line": {"color": _GREY, "dash": "solid", "width": 5},
        "opacity": 0.55,
    }


def _short(value: float) -> float:
    """Return a number to six digits, more than a figure shows."""
    return float(f"{value:.6g}")
