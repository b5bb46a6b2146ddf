"""Figures as plain dictionaries in plotly's schema, which the page hands to plotly's script.

Colours of text and grid are left to the page, which knows whether it is light or dark.
"""

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lrbench.comparisons import Row
from lrbench.report import crowd, dots
from lrbench.report.axes import COUNTS, TIMES, axis, short
from lrbench.report.marks import Quantity, bars, label, middle_half, n_elements, n_features, reach, symbols
from lrbench.report.palette import Styles
from lrbench.report.wording import clean, digits_text, name_text, time_text


def times(rows: Sequence[Row], looks: Styles) -> dict[str, Any] | None:
    """Return the figure of a problem's times: against size, or at the one size that there is.

    None where there is nothing to draw.
    """
    fastest: dict[str, float] = {}
    for row in rows:
        if row.median_s:
            fastest[row.size] = min(row.median_s, fastest.get(row.size, row.median_s))
    quantity = Quantity(
        "time of one call",
        TIMES,
        lambda row: row.median_s,
        middle_half,
        lambda row: f"{_hover(row)}<br>{_longer_text(row, fastest[row.size])}",
    )
    return drawn(rows, looks, quantity)


def _longer_text(row: Row, fastest_s: float) -> str:
    """Return how a median compares with the lowest of its size; about, since no interval is told."""
    factor = (row.median_s or 0.0) / fastest_s
    return (
        "the lowest at its size" if factor <= 1.0 else f"about {float(f'{factor:.2g}'):g} times the lowest at its size"
    )


def drawn(rows: Sequence[Row], looks: Styles, quantity: Quantity) -> dict[str, Any] | None:
    """Return the figure of a quantity; None where nothing is known.

    Lines against size; at the one size that there is, and for a crowd at a few sizes, a row for each implementation.
    """
    known = [row for row in rows if quantity.value(row)]
    sizes = {row.size for row in known if n_elements(row.size)}
    if len(sizes) <= 1:
        return dots.figure([row for row in known if row.size == known[0].size], looks, quantity) if known else None
    known = [row for row in known if row.size in sizes]
    is_crowd = len({row.implementation for row in known}) > crowd.MOST
    if is_crowd and len(sizes) <= dots.MOST_SIZES:
        return dots.figure(known, looks, quantity)
    return _against_size(known, looks, quantity)


def _against_size(rows: Sequence[Row], looks: Styles, quantity: Quantity) -> dict[str, Any]:
    places = Places([row.size for row in rows])
    names = crowd.below_first((row.implementation for row in rows), looks)
    traces = [
        _line([row for row in rows if row.implementation == name], places, looks[name], quantity) for name in names
    ]
    layout = {
        "xaxis": places.axis(),
        "yaxis": {"title": {"text": quantity.title}, **axis(reach(rows, quantity), quantity.units)},
        "showlegend": True,
    }
    return {"data": traces, "layout": layout, "height": 460}


def _line(rows: Sequence[Row], places: "Places", look: Mapping[str, Any], quantity: Quantity) -> dict[str, Any]:
    line = _with_gaps(rows)
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": label(name_text(rows[0])),
        "x": [row and places.of(row.size) for row in line],
        "y": [row and short(quantity.value(row)) for row in line],
        "error_y": bars(line, quantity),
        "text": [row and quantity.hover(row) for row in line],
        "hoverinfo": "text",
        "line": {"color": look["color"], "dash": look["dash"], "width": 1.75},
        "marker": {"symbol": symbols(line, look, quantity), "size": 8},
    }
    return crowd.drawn(trace, look)


class Places:
    """Where sizes of numbers stand on the axis across a figure: no two of them in one place.

    Of one number of features, by elements on a log axis. Of several, in a row, by features and then by samples:
    1000000x10 and 100000x100 have as many elements, and the same costs two times.
    """

    def __init__(self, sizes: Iterable[str]) -> None:
        self.sizes = sorted(dict.fromkeys(sizes), key=lambda size: (n_features(size), n_elements(size) or 0, size))
        elements = {n_elements(size) for size in self.sizes}
        self.is_row = len({n_features(size) for size in self.sizes}) > 1 or len(elements) < len(self.sizes)

    def of(self, size: str) -> int | str:
        """Return the place of a size: its elements, or in a row its name."""
        return size if self.is_row else n_elements(size) or 1

    def axis(self) -> dict[str, Any]:
        """Return the axis, with its title."""
        if not self.is_row:
            elements = [n_elements(size) or 1 for size in self.sizes]
            return {"title": {"text": "elements of the largest array"}, **axis(elements, COUNTS)}
        return {
            "title": {"text": "samples x features"},
            "type": "category",
            "categoryorder": "array",
            "categoryarray": self.sizes,
            "range": [-0.5, len(self.sizes) - 0.5],
        }


def _with_gaps(rows: Sequence[Row]) -> list[Row | None]:
    """Return rows from small to large, those of one number of features together, with None where that changes."""
    features: dict[int, list[Row]] = {}
    for row in rows:
        features.setdefault(n_features(row.size), []).append(row)
    line: list[Row | None] = []
    for _, group in sorted(features.items()):
        line += [*([None] if line else []), *sorted(group, key=lambda row: n_elements(row.size) or 0)]
    return line


def _hover(row: Row) -> str:
    spread = "" if row.iqr_s is None else f", IQR {time_text(row.iqr_s)}"
    digits = "" if row.digits is None else f"<br>{digits_text(row)} digits"
    size = html.escape(clean(row.size), quote=False)
    return f"<b>{label(name_text(row))}</b><br>{size}<br>{time_text(row.median_s)}{spread}{digits}"
