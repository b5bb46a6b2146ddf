"""Log axes, ticked in words."""

import math
from collections.abc import Sequence
from typing import Any

_MOST = 12  # powers of ten that are ticks
_FINE = 1.5  # decades up to which an axis has ticks between powers of ten

# (scale, unit) from the largest down.
Units = tuple[tuple[float, str], ...]
TIMES: Units = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"))
COUNTS: Units = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))


def short(value: float | None, digits: int = 6) -> float:
    """Return a number to a few digits, more than a figure shows: the page holds thousands of them."""
    return float(f"{value or 0.0:.{digits}g}")


def axis(values: Sequence[float], units: Units) -> dict[str, Any]:
    """Return a log axis around some values, ticked in words at powers of ten, or finer where there are too few."""
    low, high = math.log10(min(values)), math.log10(max(values))
    margin = max(0.05 * (high - low), 0.4 - 0.5 * (high - low))  # any 0.8 of a decade holds two ticks
    low, high = low - margin, high + margin
    ticks = _ticks(low, high, (1,)) if high - low > _FINE else []
    ticks = ticks[:: math.ceil(len(ticks) / _MOST)] if len(ticks) > 1 else _ticks(low, high, (1, 2, 5))
    return {
        "type": "log",
        "range": [low, high],
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [_tick(tick, units) for tick in ticks],
    }


def _ticks(low: float, high: float, steps: Sequence[int]) -> list[float]:
    """Return the steps of each power of ten that lie between two powers."""
    ticks = [step * 10.0**decade for decade in range(math.floor(low), math.ceil(high) + 1) for step in steps]
    return [tick for tick in ticks if tick and low <= math.log10(tick) <= high]


def _tick(value: float, units: Units) -> str:
    scale, unit = next((pair for pair in units if value >= pair[0] * 0.999), units[-1])
    return f"{value / scale:.6g} {unit}".rstrip()
