"""The picture: time per element against the number of elements, with this machine's caches and its add ceiling."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from lrbench.report import axes, marks, palette
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
from lrbench.report.wording import clean, rate_text, three_digits, time_text

_TIMES: axes.Units = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"), (1e-12, "ps"))
_COUNTS: axes.Units = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_GREY = "#8a929b"  # seen on white and on near-black
_SLOW_S = 1e-8  # an element that takes longer is not of compiled code, nor of whole arrays
_MATTERS = 2.0  # a smaller ratio of loop and vector is the same code twice
_LINE_HEIGHT = 19  # pixels of a name in the legend

_LOOPS = (
    "Time per element against the number of elements, on log axes. Loops are dashed with hollow marks; what adds at"
    " once is solid, in the same colour, and so is a loop that its compiler has turned into vector code. A line "
    "falls while the cost of the call is shared out over more elements, and rises where the vectors leave a cache."
)
_PACKAGES = "The packages of Python that come near the machine's limit."
_LANGUAGES = (
    "The same in other languages. Whoever is given an output runs at the add ceiling from the second cache on: "
    "there it is the memory that is measured, and not the language."
)
_ALLOCATED = (
    "Solid lines write into an output that is given; dashed ones, with hollow marks, allocate a new one in each call: "
    "from some size on all of its pages are fresh, and cost more than the addition."
)

Times = Mapping[Name, Mapping[int, Row]]
Figure = dict[str, Any]


def pictures(document: Document) -> list[tuple[str, Figure]]:
    """Return caption and figure: loops against vectors, then what comes near the machine's limit."""
    times = timed(document)
    fast = [name for name, rows in times.items() if _is_fast(rows)]
    python = {name: _is_given(times[name]) for name in fast if name[0] == "Python"}
    others = {name: _is_given(times[name]) for name in fast if name[0] != "Python"}
    parts = (
        (_vectorised(document, times), _LOOPS),
        (python, _told(_PACKAGES, python)),
        (others, _told(_LANGUAGES, others)),
    )
    return [(caption, _figure(names, document)) for names, caption in parts if names]


def _told(caption: str, given: Mapping[Name, bool]) -> str:
    """Return a caption that explains dashed lines and hollow marks where there are some."""
    return caption if all(given.values()) else f"{caption} {_ALLOCATED}"


def _vectorised(document: Document, times: Times) -> dict[Name, bool]:
    """Return loop (False) and vector (True) of each pair where that makes a difference, and slow loops without one."""
    chosen: dict[Name, bool] = {}
    for pair in document["pairs"]:
        loop, whole = sides(pair, times)
        size = near(loop.keys() & whole.keys(), DOCUMENTS_SIZE)
        quicker = ratio(pair, times, size) if size else None
        if (quicker and quicker >= _MATTERS) or (not pair["whole"] and _at_best(loop) > _SLOW_S):
            chosen[pair["language"], pair["loop"]] = False
            if pair["whole"]:
                chosen[pair["language"], pair["whole"]] = True
    return chosen


def _is_fast(rows: Mapping[int, Row]) -> bool:
    return _at_best(rows) <= _SLOW_S and next(iter(rows.values()))["kind"] != "protocol"


def _is_given(rows: Mapping[int, Row]) -> bool:
    return next(iter(rows.values()))["output"] == "given"


def _at_best(rows: Mapping[int, Row]) -> float:
    return min((row["seconds_per_element"] for row in rows.values()), default=0.0)


def _figure(solid: Mapping[Name, bool], document: Document) -> Figure:
    """Return the lines of some methods. solid: which are drawn as a solid line with filled marks, which dashed."""
    times = timed(document)
    programs = {name: next(iter(times[name].values()))["program"] for name in solid}
    colours = palette.styles_of(programs.values())
    symbols = _symbols(programs, solid)
    lines = [
        _line(name, times[name], colours[programs[name]]["color"], symbols[name], solid=whole)
        for name, whole in solid.items()
    ]
    x = [value for line in lines for value in line["x"]]
    y = [value for line in lines for value in line["y"]]
    ceiling = _ceiling(document, min(x), max(x))
    y += ceiling["y"] if ceiling else []
    top = 3.0 * max(y)
    caches = [_cache(level, size, min(y) / 1.5, top) for level, size in _visible(document, min(x), max(x))]
    layout = {
        "xaxis": {"title": {"text": "n, elements of a vector"}, **axes.axis(x, _COUNTS)},
        "yaxis": {"title": {"text": "time per element"}, **axes.axis([*y, 2.0 * top], _TIMES)},
        "showlegend": True,
    }
    data = [*caches, *([ceiling] if ceiling else []), *lines]
    return {"data": data, "layout": layout, "height": max(520, 120 + _LINE_HEIGHT * len(lines))}


def _symbols(programs: Mapping[Name, str], solid: Mapping[Name, bool]) -> dict[Name, str]:
    """Return a mark for each method: the same for a program's first solid and its first dashed line, then others."""
    order = list(dict.fromkeys(programs.values()))
    seen: dict[tuple[str, bool], int] = {}
    found = {}
    for name, program in programs.items():
        place = seen.setdefault((program, solid[name]), 0)
        found[name] = palette.SYMBOLS[(order.index(program) + place) % len(palette.SYMBOLS)]
        seen[program, solid[name]] += 1
    return found


def _line(name: Name, rows: Mapping[int, Row], colour: str, symbol: str, *, solid: bool) -> dict[str, Any]:
    shown = method_text(next(iter(rows.values())))
    label = marks.label(shown if name[0] == "Python" else f"{clean(name[0])}, {shown}")
    ordered = [rows[size] for size in sorted(rows)]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": label,
        "x": [row["size"] for row in ordered],
        "y": [_short(row["seconds_per_element"]) for row in ordered],
        "text": [_hover(label, row) for row in ordered],
        "hoverinfo": "text",
        "line": {"color": colour, "dash": "solid" if solid else "dash", "width": 1.75},
        "marker": {"symbol": symbol if solid else f"{symbol}-open", "size": 8},
    }


def _hover(label: str, row: Row) -> str:
    each = f"{three_digits(row['seconds_per_element'] * 1e9)} ns an element"
    return f"<b>{label}</b><br>n = {elements(row['size'])}<br>{each}<br>{time_text(row['median_s'])} a call"


def _visible(document: Document, first: int, last: int) -> Iterable[tuple[str, float]]:
    """Yield the caches whose size lies in a range of elements, as elements of each of three vectors."""
    for level, size_bytes in document["caches_bytes"].items():
        if first < size_bytes / BYTES < last:
            kibibytes = size_bytes / 1024
            size = f"{kibibytes:g} KiB" if kibibytes < 1024 else f"{kibibytes / 1024:g} MiB"  # noqa: PLR2004  (a MiB)
            yield f"{clean(level)} {size}", size_bytes / BYTES


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
        (ceiling["working_set_bytes"] / BYTES, BYTES / ceiling["high"], ceiling["high"])
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
