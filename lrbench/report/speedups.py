"""The figure of speedups with their intervals, and the noise floor as a band around 1."""

import html
from collections.abc import Collection, Sequence
from typing import Any

from lrbench.comparisons import Row, Table
from lrbench.report.axes import Units, short
from lrbench.report.figures import Places, drawn
from lrbench.report.marks import Quantity, is_in_rows, label, n_elements
from lrbench.report.palette import Styles
from lrbench.report.wording import clean, name_text, speedup_text, verdict_text

_FACTORS: Units = ((1.0, ""),)
_GREY = "138, 146, 155"  # seen on white and on near-black


def figure(tables: Sequence[Table], looks: Styles) -> dict[str, Any] | None:
    """Return the speedups of some tables of one problem over their baselines; None where nothing was compared.

    Open marks rest on few samples, and have no interval.
    """
    by_row = {id(row): table for table in tables for row in table.rows}
    quantity = Quantity(
        "times as fast as the baseline",
        _FACTORS,
        lambda row: row.speedup,
        lambda row: (row.speedup_low or row.speedup or 0.0, row.speedup_high or row.speedup or 0.0),
        lambda row: _hover(row, by_row[id(row)]),
        lambda row: row.speedup_low is not None,
        (1.0,),
        is_better_high=True,
    )
    compared = [row for table in tables for row in table.rows if row.speedup and row.implementation != row.baseline]
    made = drawn(compared, looks, quantity)
    if made is None:
        return None
    along_x = is_in_rows(made)
    if along_x:
        sizes = {row.size for row in compared} if made["layout"]["showlegend"] else {compared[0].size}
        shown = [table for table in tables if table.size in sizes]
        ends = sorted(made["layout"]["yaxis"]["range"])
        floors: list[tuple[float | str, float]] = [(end, max(table.floor_factor for table in shown)) for end in ends]
    else:
        floors = _floors_by_size(tables, {row.size for row in compared})
    made["data"][:0] = _band(floors, along_x=along_x)
    return made


def _floors_by_size(tables: Sequence[Table], sizes: Collection[str]) -> list[tuple[float | str, float]]:
    """Return (place, noise floor's factor) of each size in order; tables of one size share the larger factor."""
    places = Places(size for size in sizes if n_elements(size))
    largest = {
        size: max((table.floor_factor for table in tables if table.size == size), default=1.0) for size in places.sizes
    }
    return [(places.of(size), factor) for size, factor in largest.items()]


def _band(floors: Sequence[tuple[float | str, float]], *, along_x: bool) -> list[dict[str, Any]]:
    """Return the band between each factor and its inverse, and the line at 1 in it."""
    places = [place for place, _ in floors]
    edges = [short(factor) for _, factor in floors] + [short(1.0 / factor) for _, factor in reversed(floors)]
    shapes = [
        {
            "name": "noise floor",
            "fill": "toself",
            "fillcolor": f"rgba({_GREY}, 0.22)",
            "line": {"width": 0},
            "places": places + places[::-1],
            "factors": edges,
            "hoverinfo": "skip",
        },
        {
            "name": "baseline",
            "line": {"color": f"rgb({_GREY})", "width": 1},
            "places": places,
            "factors": [1.0] * len(places),
            "hoverinfo": "skip",
        },
    ]
    x, y = ("factors", "places") if along_x else ("places", "factors")
    has_band = any(factor > 1.0 for _, factor in floors)
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": shape.pop(x),
            "y": shape.pop(y),
            "showlegend": "fill" in shape,
            **shape,
        }
        for shape in (shapes if has_band else shapes[1:])
    ]


def _hover(row: Row, table: Table) -> str:
    place = html.escape(clean(row.size), quote=False)
    ratio = f"{speedup_text(row, table)} times as fast as {label(clean(row.baseline))}"
    return f"<b>{label(name_text(row))}</b><br>{place}<br>{ratio}<br>{verdict_text(row)}"
