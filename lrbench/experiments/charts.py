"""Charts as plain dictionaries in plotly's schema.

Colours of text, paper and grid are left to the page, which knows whether it is light or dark. Whatever a colour says,
a dash, a symbol or a word says as well.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

# Readable on white and on near-black, and distinct to colour-blind readers: the palette of reports.
COLOURS = (
    "#0c6ce4", "#f0600c", "#6c9c54", "#c02460", "#009cc0",
    "#a878fc", "#9c5400", "#9048b4", "#a87890", "#3c6c78",
)  # fmt: skip
NEUTRAL = "#8d959e"  # for references and truths, beside what was measured
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "5px,2px")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star")
_DIGITS = 5  # of each coordinate: more than a figure shows

Values = Iterable[float | None]
Trace = dict[str, Any]


def line(name: str, x: Values, y: Values, *, look: int = 0, marks: bool = False, **more: Any) -> Trace:
    """Return a line; `look` numbers its colour, dash and symbol. None breaks it."""
    return {
        "type": "scatter",
        "mode": "lines+markers" if marks else "lines",
        "name": name,
        "x": _rounded(x),
        "y": _rounded(y),
        "line": {"color": colour(look), "dash": _DASHES[look % len(_DASHES)], "width": 2},
        "marker": {"symbol": _SYMBOLS[look % len(_SYMBOLS)], "size": 7},
        **more,
    }


def points(name: str, x: Values, y: Values, *, look: int = 0, **more: Any) -> Trace:
    """Return marks without a line."""
    marker = {"symbol": _SYMBOLS[look % len(_SYMBOLS)], "size": 8, "color": colour(look)}
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": _rounded(x),
        "y": _rounded(y),
        "marker": marker,
        **more,
    }


def words(texts: Sequence[str], x: Values, y: Values, *, beside: str = "top left", **more: Any) -> Trace:
    """Return texts beside places of a chart ("middle right" of them, say), in the page's colour of text."""
    return {
        "type": "scatter",
        "mode": "text",
        "name": "",
        "x": _rounded(x),
        "y": _rounded(y),
        "text": list(texts),
        "textposition": beside,
        "hoverinfo": "skip",
        "showlegend": False,
        **more,
    }


def reference(name: str, x: Values, y: Values, **more: Any) -> Trace:
    """Return a thin grey dotted line: a truth, a theory, a limit."""
    look = {"color": NEUTRAL, "dash": "dot", "width": 1.5}
    return {"type": "scatter", "mode": "lines", "name": name, "x": _rounded(x), "y": _rounded(y), "line": look, **more}


def band(name: str, x: Sequence[float], low: Sequence[float], high: Sequence[float], *, look: int = 0) -> Trace:
    """Return the area between two curves, to lie behind the line of the same look."""
    around = {"x": _rounded([*x, *reversed(x)]), "y": _rounded([*high, *reversed(low)])}
    shade = {"fill": "toself", "fillcolor": _faint(colour(look)), "line": {"width": 0}, "hoverinfo": "skip"}
    return {"type": "scatter", "mode": "lines", "name": name, "showlegend": False, **around, **shade}


def heat(
    x: Sequence[str], y: Sequence[str], values: Sequence[Sequence[float | None]], *, text: Any, **more: Any
) -> Trace:
    """Return a heat map whose cells also say their values in words; x and y name columns and rows."""
    return {
        "type": "heatmap",
        "x": list(x),
        "y": list(y),
        "z": [_rounded(row) for row in values],
        "text": text,
        "texttemplate": "%{text}",
        "colorscale": "Cividis",
        "hovertemplate": "%{x}, %{y}: %{text}<extra></extra>",
        **more,
    }


def chart(
    data: Sequence[Trace],
    *,
    x: str | Mapping[str, Any],
    y: str | Mapping[str, Any],
    height: int = 460,
    **layout: Any,
) -> dict[str, Any]:
    """Return a chart of traces.

    x, y: an axis's title with its unit, or plotly's own settings of it, `log("title")` for example.
    layout: more of plotly's layout: xaxis2, annotations, shapes.
    """
    axes = {"xaxis": _axis(x), "yaxis": _axis(y)}
    legend = sum(trace.get("showlegend", trace["type"] == "scatter") for trace in data) > 1
    below = {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"}
    return {"data": list(data), "layout": {**axes, "showlegend": legend, "legend": below, **layout}, "height": height}


def log(title: str, **more: Any) -> dict[str, Any]:
    """Return a logarithmic axis with powers of ten as its ticks."""
    return {"title": {"text": title}, "type": "log", "exponentformat": "power", "dtick": 1, **more}


def colour(look: int) -> str:
    """Return the colour of that number."""
    return COLOURS[look % len(COLOURS)]


def _axis(given: str | Mapping[str, Any]) -> dict[str, Any]:
    return {"title": {"text": given}} if isinstance(given, str) else dict(given)


def _rounded(values: Values) -> list[float | None]:
    """Return values with few digits, and None for what is no number: strict JSON, and a gap in a line."""
    return [float(f"{v:.{_DIGITS}g}") if v is not None and np.isfinite(v) else None for v in values]


def _faint(colour_: str) -> str:
    red, green, blue = (int(colour_[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"
