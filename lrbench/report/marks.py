"""What the figures of a quantity share: what it is, where a size stands, how its marks and bars are drawn."""

import html
import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrbench.comparisons import Row
from lrbench.report.axes import Units, short

_LONGEST_NAME = 40
_LONGEST_BAR = 100.0  # times the highest mark, or of the lowest: an interval of two processes may be 1e100 wide


def n_elements(size: str) -> int | None:
    """Return the product of a size's numbers, 10000 for '1000x10'; None for a size that is not numbers."""
    if not re.fullmatch(r"[0-9]{1,18}(x[0-9]{1,18}){0,5}", size):
        return None
    return math.prod(int(part) for part in size.split("x")) or None


def n_features(size: str) -> int:
    """Return how many numbers each sample of a size has: 10 for '1000x10', 1 for '1000'; 0 for what is no size."""
    elements = n_elements(size)
    return elements // int(size.split("x", maxsplit=1)[0]) if elements else 0


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
    is_better_high: bool = False


def label(name: str) -> str:
    """Return a name as plotly shows it: it takes some HTML for markup."""
    return html.escape(name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…", quote=False)


def middle_half(row: Row) -> tuple[float, float]:
    """Return the ends of the middle half of a row's times, about: an interquartile range about the median.

    Half of it lies to each side, but none of it below the shortest time, or, for the log axis, near zero.
    """
    middle, spread = row.median_s or 0.0, row.iqr_s or 0.0
    low = max(middle - spread / 2, row.min_s or 0.0, 0.1 * middle)
    return low, max(low + spread, middle)


def symbols(rows: Sequence[Row | None], look: Mapping[str, Any], quantity: Quantity) -> str | list[str]:
    """Return one symbol for all rows, or one for each where some are open."""
    filled = str(look["symbol"])
    symbols = [filled if row is None or quantity.certain(row) else f"{filled}-open" for row in rows]
    return filled if set(symbols) == {filled} else symbols


def is_in_rows(figure: Mapping[str, Any]) -> bool:
    """Return whether a figure of a quantity has a row for each implementation, and the quantity along it."""
    return figure["layout"]["yaxis"].get("type") != "log"


def has_hollow(figure: Mapping[str, Any]) -> bool:
    """Return whether any mark of a figure is hollow, so that its caption has to say what that means."""
    symbols = (trace.get("marker", {}).get("symbol", "") for trace in figure["data"])
    return any(one.endswith("-open") for given in symbols for one in ([given] if isinstance(given, str) else given))


def bars(rows: Sequence[Row | None], quantity: Quantity) -> dict[str, Any]:
    """Return the error bars of some rows, None being a gap in a line."""
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


def reach(rows: Sequence[Row], quantity: Quantity) -> list[float]:
    """Return the values that an axis must hold: the marks, and the bars as far as they do not dwarf them."""
    held = [*quantity.always, *(quantity.value(row) or 0.0 for row in rows)]
    low, high = min(held) / _LONGEST_BAR, max(held) * _LONGEST_BAR
    return [*held, *(min(max(end, low), high) for row in rows for end in quantity.ends(row))]


def has_joined(figure: Mapping[str, Any]) -> bool:
    """Return whether any line of a figure joins two marks."""
    pairs = (pair for trace in figure["data"] for pair in itertools.pairwise(trace["y"]))
    return any(None not in pair for pair in pairs)


def has_cut(figure: Mapping[str, Any]) -> bool:
    """Return whether a bar of a figure of a quantity goes on beyond its axis, so that its caption has to say so."""
    name = "x" if is_in_rows(figure) else "y"
    low, high = (10.0**end for end in figure["layout"][f"{name}axis"]["range"])
    return any(
        value is not None and (value - (below or 0.0) < low or value + (above or 0.0) > high)
        for trace in figure["data"]
        if (bars := trace.get(f"error_{name}"))
        for value, above, below in zip(trace[name], bars["array"], bars["arrayminus"], strict=True)
    )
