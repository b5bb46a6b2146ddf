"""The figure of the memory that one call takes."""

import html
from collections.abc import Sequence
from typing import Any

from lrbench.comparisons import Row
from lrbench.report.axes import Units
from lrbench.report.figures import drawn
from lrbench.report.marks import Quantity, label
from lrbench.report.palette import Styles
from lrbench.report.wording import bytes_text, clean, name_text

_BYTES: Units = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B"))


def figure(rows: Sequence[Row], looks: Styles) -> dict[str, Any] | None:
    """Return the peak memory of a call, beyond what its process held before; None where it is not known of any."""
    quantity = Quantity(
        "peak memory of one call",
        _BYTES,
        lambda row: row.peak_memory_bytes,
        lambda row: (row.peak_memory_bytes or 0.0, row.peak_memory_bytes or 0.0),
        _hover,
    )
    return drawn([row for row in rows if is_drawn(row)], looks, quantity)


def is_drawn(row: Row) -> bool:
    """Return whether a row has a place on a log axis of bytes."""
    return (row.peak_memory_bytes or 0.0) >= 1.0


def _hover(row: Row) -> str:
    size = html.escape(clean(row.size), quote=False)
    return f"<b>{label(name_text(row))}</b><br>{size}<br>{bytes_text(row.peak_memory_bytes)}"
