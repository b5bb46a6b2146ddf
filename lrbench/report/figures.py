"""Figures as plain dictionaries in plotly's schema, which the page hands to plotly's script.

Colours of text and grid are left to the page, which knows whether it is light or dark.
"""

import html
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrbench.comparisons import Row
from lrbench.report.axes import COUNTS, TIMES, Units, axis, short
from lrbench.report.palette import Styles
from lrbench.report.wording import clean, digits_text, name_text, time_text

_LONGEST_NAME = 40
_LONGEST_BAR = 100.0  # times the highest mark, or of the lowest: an interval of two processes may be 1e100 wide


def n_elements(size: str) -> int | None:
    """Return the product of a size's numbers, 10000 for '1000x10'; None for a size that is not numbers."""
    if not re.fullmatch(r"[0-9]{1,18}(x[0-9]{1,18}){0,5}", size):
        return None
    return math.prod(int(part) for part in size.split("x")) or None


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a figure shows of each row, on a log axis."""

    title: str
    units: Units
    value: Callable[[Row], float | None]  # above zero, or nothing is drawn
    ends: Callable[[Row], tuple[float, float]]  # of the bar through the mark
    hover: Callable[[Row], str]
    certain: Callable[[Row], bool] = lambda _: True  # an open mark where not
    always: tuple[float, ...] = ()  # what the axis has to hold whatever the rows are


def times(rows: Sequence[Row], looks: Styles) -> dict[str, Any] | None:
    """Return the figure of a problem's times: against size, or at the one size that there is.

    None where there is nothing to draw.
    """
    return drawn(rows, looks, Quantity("time of one call", TIMES, lambda row: row.median_s, middle_half, _hover))


def drawn(rows: Sequence[Row], looks: Styles, quantity: Quantity) -> dict[str, Any] | None:
    """Return the figure of a quantity: against size, or at the one size that there is; None where nothing is known."""
    known = [row for row in rows if quantity.value(row)]
    sizes = {row.size for row in known}
    if sum(n_elements(size) is not None for size in sizes) > 1:
        return _against_size([row for row in known if n_elements(row.size)], looks, quantity)
    return _at_one_size([row for row in known if row.size == known[0].size], looks, quantity) if known else None


def _against_size(rows: Sequence[Row], looks: Styles, quantity: Quantity) -> dict[str, Any]:
    places = Places([row.size for row in rows])
    traces = []
    for name in dict.fromkeys(row.implementation for row in rows):
        line = _with_gaps([row for row in rows if row.implementation == name])
        look = looks[name]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": label(name_text(next(row for row in line if row))),
                "x": [row and places.of(row.size) for row in line],
                "y": [row and short(quantity.value(row)) for row in line],
                "error_y": _bars(line, quantity),
                "text": [row and quantity.hover(row) for row in line],
                "hoverinfo": "text",
                "line": {"color": look["color"], "dash": look["dash"], "width": 1.75},
                "marker": {"symbol": _symbols(line, look, quantity), "size": 8},
            }
        )
    layout = {
        "xaxis": places.axis(),
        "yaxis": {"title": {"text": quantity.title}, **axis(_reach(rows, quantity), quantity.units)},
        "showlegend": True,
    }
    return {"data": traces, "layout": layout, "height": 460}


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


def n_features(size: str) -> int:
    """Return how many numbers each sample of a size has: 10 for '1000x10', 1 for '1000'."""
    return (n_elements(size) or 0) // int(size.split("x", maxsplit=1)[0])


def _with_gaps(rows: Sequence[Row]) -> list[Row | None]:
    """Return rows from small to large, those of one number of features together, with None where that changes."""
    features: dict[int, list[Row]] = {}
    for row in rows:
        features.setdefault(n_features(row.size), []).append(row)
    line: list[Row | None] = []
    for _, group in sorted(features.items()):
        line += [*([None] if line else []), *sorted(group, key=lambda row: n_elements(row.size) or 0)]
    return line


def _at_one_size(rows: Sequence[Row], looks: Styles, quantity: Quantity) -> dict[str, Any]:
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": label(name_text(row)),
            "x": [short(quantity.value(row))],
            "y": [i],
            "error_x": _bars([row], quantity),
            "text": [quantity.hover(row)],
            "hoverinfo": "text",
            "marker": {
                "symbol": _symbols([row], looks[row.implementation], quantity),
                "color": looks[row.implementation]["color"],
                "size": 10,
            },
        }
        for i, row in enumerate(rows)
    ]
    places = list(range(len(rows)))
    names = [label(name_text(row)) for row in rows]
    ticks = {"tickmode": "array", "tickvals": places, "ticktext": names, "range": [len(rows) - 0.5, -0.5]}
    layout = {
        "xaxis": {"title": {"text": quantity.title}, **axis(_reach(rows, quantity), quantity.units)},
        "yaxis": {**ticks, "automargin": True, "zeroline": False},
        "showlegend": False,
    }
    return {"data": traces, "layout": layout, "height": 110 + 28 * len(rows)}


def _symbols(rows: Sequence[Row | None], look: Mapping[str, Any], quantity: Quantity) -> str | list[str]:
    """Return one symbol for all rows, or one for each where some are open."""
    filled = str(look["symbol"])
    symbols = [filled if row is None or quantity.certain(row) else f"{filled}-open" for row in rows]
    return filled if set(symbols) == {filled} else symbols


def has_hollow(figure: Mapping[str, Any]) -> bool:
    """Return whether any mark of a figure is hollow, so that its caption has to say what that means."""
    symbols = (trace.get("marker", {}).get("symbol", "") for trace in figure["data"])
    return any(one.endswith("-open") for given in symbols for one in ([given] if isinstance(given, str) else given))


def label(name: str) -> str:
    """Return a name as plotly shows it: it takes some HTML for markup."""
    return html.escape(name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…", quote=False)


def _hover(row: Row) -> str:
    spread = "" if row.iqr_s is None else f", IQR {time_text(row.iqr_s)}"
    digits = "" if row.digits is None else f"<br>{digits_text(row)} digits"
    size = html.escape(clean(row.size), quote=False)
    return f"<b>{label(name_text(row))}</b><br>{size}<br>{time_text(row.median_s)}{spread}{digits}"


def middle_half(row: Row) -> tuple[float, float]:
    """Return the ends of the middle half of a row's times, about: an interquartile range about the median.

    Half of it lies to each side, but none of it below the shortest time, or, for the log axis, near zero.
    """
    middle, spread = row.median_s or 0.0, row.iqr_s or 0.0
    low = max(middle - spread / 2, row.min_s or 0.0, 0.1 * middle)
    return low, max(low + spread, middle)


def _bars(rows: Sequence[Row | None], quantity: Quantity) -> dict[str, Any]:
    above: list[float | None] = []
    below: list[float | None] = []
    for row in rows:
        low, high = quantity.ends(row) if row else (0.0, 0.0)
        value = (row and quantity.value(row)) or 0.0
        above.append(short(high - value) or None)
        below.append(short(value - low) or None)
    return {
        "type": "data",
        "visible": any((*above, *below)),  # bars of no length would still have their caps
        "symmetric": False,
        "array": above,
        "arrayminus": below,
        "thickness": 1,
        "width": 3,
    }


def _reach(rows: Sequence[Row], quantity: Quantity) -> list[float]:
    """Return the values that an axis must hold: the marks, and the bars as far as they do not dwarf them."""
    held = [*quantity.always, *(quantity.value(row) or 0.0 for row in rows)]
    low, high = min(held) / _LONGEST_BAR, max(held) * _LONGEST_BAR
    return [*held, *(min(max(end, low), high) for row in rows for end in quantity.ends(row))]


def has_cut(figure: Mapping[str, Any]) -> bool:
    """Return whether a bar of a figure of a quantity goes on beyond its axis, so that its caption has to say so."""
    name = "y" if figure["layout"]["showlegend"] else "x"
    low, high = (10.0**end for end in figure["layout"][f"{name}axis"]["range"])
    return any(
        value is not None and (value - (below or 0.0) < low or value + (above or 0.0) > high)
        for trace in figure["data"]
        if (bars := trace.get(f"error_{name}"))
        for value, above, below in zip(trace[name], bars["array"], bars["arrayminus"], strict=True)
    )
