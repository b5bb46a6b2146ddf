"""The crossover map: which implementation is the fastest over numbers of samples and of features."""

import html
import re
from collections.abc import Sequence
from typing import Any

from lrbench.comparisons import Table
from lrbench.report.axes import COUNTS, axis
from lrbench.report.leaders import Leader, leader
from lrbench.report.marks import label
from lrbench.report.palette import Styles
from lrbench.report.wording import clean, name_text, time_text

_FEWEST = 3  # sizes that make a map


def figure(tables: Sequence[Table], looks: Styles) -> dict[str, Any] | None:
    """Return the map of some tables of one problem; None where their sizes do not differ both ways.

    An open mark is a place where others are not told apart from the fastest.
    """
    places = {
        (int(found[1]), int(found[2])): best
        for table in tables
        if (found := re.fullmatch(r"([1-9][0-9]{0,17})x([1-9][0-9]{0,17})", table.size)) and (best := leader(table))
    }
    samples, features = {n for n, _ in places}, {d for _, d in places}
    if len(places) < _FEWEST or min(len(samples), len(features)) < 2:  # noqa: PLR2004 - one is no change
        return None
    winners = dict.fromkeys(best.row.implementation for best in places.values())
    layout = {
        "xaxis": {"title": {"text": "samples"}, **axis(sorted(samples), COUNTS)},
        "yaxis": {"title": {"text": "features"}, **axis(sorted(features), COUNTS)},
        "showlegend": True,
    }
    return {"data": [_won(name, places, looks) for name in winners], "layout": layout, "height": 400}


def _won(name: str, places: dict[tuple[int, int], Leader], looks: Styles) -> dict[str, Any]:
    """Return the places at which one implementation is the fastest."""
    own = {place: best for place, best in places.items() if best.row.implementation == name}
    symbol = looks[name]["symbol"]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": label(name_text(next(iter(own.values())).row)),
        "x": [n for n, _ in own],
        "y": [d for _, d in own],
        "text": [_hover(best) for best in own.values()],
        "hoverinfo": "text",
        "marker": {
            "symbol": [f"{symbol}-open" if best.tied else symbol for best in own.values()],
            "color": looks[name]["color"],
            "size": 18,
            "line": {"width": 2, "color": looks[name]["color"]},
        },
    }


def _hover(best: Leader) -> str:
    size = html.escape(clean(best.row.size), quote=False)
    tied = "<br>not told apart from " + ", ".join(label(name_text(row)) for row in best.tied[:4]) if best.tied else ""
    return f"<b>{label(name_text(best.row))}</b><br>{size}<br>{time_text(best.row.median_s)}{tied}"
