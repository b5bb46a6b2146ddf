"""The figure of a convergence table: the loss still to lose against time."""

from typing import Any

from lrbench.comparisons import Row
from lrbench.report.axes import TIMES, Units, axis, short
from lrbench.report.convergence import Convergence
from lrbench.report.marks import label
from lrbench.report.palette import Styles
from lrbench.report.wording import name_text, time_text

_PLAIN: Units = ((1.0, ""),)


def figure(table: Convergence, looks: Styles) -> dict[str, Any] | None:
    """Return relative excess loss against the time to reach it; None where no target was reached in a time."""
    traces = [
        _line([(target, row) for target, row in zip(table.targets, rows, strict=True) if row and row.median_s], looks)
        for rows in table.rows.values()
        if any(row and row.median_s for row in rows)
    ]
    if not traces:
        return None
    losses = axis([target for target in table.targets if target > 0], _PLAIN)
    layout = {
        "xaxis": {"title": {"text": "time"}, **axis([x for trace in traces for x in trace["x"]], TIMES)},
        "yaxis": {"title": {"text": "relative excess loss reached"}, **losses},
        "showlegend": True,
    }
    return {"data": traces, "layout": layout, "height": 420}


def _line(reached: list[tuple[float, Row]], looks: Styles) -> dict[str, Any]:
    name = label(name_text(reached[0][1]))
    look = looks[reached[0][1].implementation]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [short(row.median_s) for _, row in reached],
        "y": [target for target, _ in reached],
        "text": [f"<b>{name}</b><br>within {target:g} after {time_text(row.median_s)}" for target, row in reached],
        "hoverinfo": "text",
        "line": {"color": look["color"], "dash": look["dash"], "width": 1.75},
        "marker": {"symbol": look["symbol"], "size": 8},
    }
