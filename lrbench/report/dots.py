"""Figures of one row for each implementation, the best at the top: of a quantity at one size, or at a few.

Source: W. S. Cleveland, R. McGill, "Graphical perception", Journal of the American Statistical Association 79(387),
1984: places along one scale are read most exactly; names in a legend are looked up one by one.
"""

from collections.abc import Sequence
from typing import Any

from lrbench.comparisons import Row
from lrbench.report.axes import axis, short
from lrbench.report.marks import Quantity, bars, label, n_elements, n_features, reach, symbols
from lrbench.report.palette import COLOURS, SYMBOLS, Styles
from lrbench.report.wording import clean, name_text

MOST_SIZES = 3  # that share the rows
_ROW, _AROUND = 22, 100  # pixels


def figure(rows: Sequence[Row], looks: Styles, quantity: Quantity) -> dict[str, Any]:
    """Return the figure of some rows whose quantity is known: at several sizes the largest orders them."""
    sizes = sorted(
        dict.fromkeys(row.size for row in rows), key=lambda size: (n_features(size), n_elements(size) or 0, size)
    )
    names = _ordered(rows, sizes, quantity)
    if len(sizes) == 1:
        traces = [_mark([row], names, looks[row.implementation], quantity) for row in _by_name(rows, names)]
    else:
        traces = [
            {
                **_mark(
                    _by_name([row for row in rows if row.size == size], names),
                    names,
                    {"color": COLOURS[place % len(COLOURS)], "symbol": SYMBOLS[place % len(SYMBOLS)]},
                    quantity,
                ),
                "name": f"at {label(clean(size))}",
            }
            for place, size in enumerate(sizes)
        ]
    texts = {row.implementation: label(name_text(row)) for row in rows}
    ticks = {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [texts[name] for name in names],
        "range": [len(names) - 0.5, -0.5],
    }
    layout = {
        "xaxis": {"title": {"text": quantity.title}, **axis(reach(rows, quantity), quantity.units)},
        "yaxis": {**ticks, "automargin": True, "zeroline": False},
        "showlegend": len(sizes) > 1,
    }
    return {"data": traces, "layout": layout, "height": _AROUND + _ROW * len(names)}


def _ordered(rows: Sequence[Row], sizes: Sequence[str], quantity: Quantity) -> list[str]:
    """Return the names from the best down: by the largest size at which one is known, those of larger ones first."""
    place = {size: k for k, size in enumerate(sizes)}
    last: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: place[row.size]):
        last[row.implementation] = row
    sign = -1.0 if quantity.is_better_high else 1.0
    return sorted(last, key=lambda name: (-place[last[name].size], sign * (quantity.value(last[name]) or 0.0)))


def _by_name(rows: Sequence[Row], names: Sequence[str]) -> list[Row]:
    return sorted(rows, key=lambda row: names.index(row.implementation))


def _mark(rows: Sequence[Row], names: Sequence[str], look: Any, quantity: Quantity) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": label(name_text(rows[0])),
        "x": [short(quantity.value(row)) for row in rows],
        "y": [names.index(row.implementation) for row in rows],
        "error_x": bars(rows, quantity),
        "text": [quantity.hover(row) for row in rows],
        "hoverinfo": "text",
        "marker": {"symbol": symbols(rows, look, quantity), "color": look["color"], "size": 8},
    }
