"""Times over commits, drawn: a line for each case, with intervals, rings where steps begin, crosses for what failed."""

import html
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from lrbench.comparisons import History, Point
from lrbench.report import axes, crowd, marks, palette
from lrbench.report.history_words import outcome_text, step_text
from lrbench.report.wording import clean

_TICKS = 12  # commits that are named along the axis, about
_MOST_LARGE = 60  # commits; of more, marks and bars would run together


def figure(histories: Sequence[History], looks: palette.Styles) -> dict[str, Any] | None:
    """Return the figure of some histories; None where no commit has a time."""
    moments = sorted({(p.date, p.commit) for history in histories for p in history.points})
    names = _labels(moments)
    times = [t for history in histories for p in history.timed for t in (p.median_s, p.low_s, p.high_s) if t]
    if not times:
        return None
    y_axis = axes.axis(times, axes.TIMES)
    floor = 10.0 ** (y_axis["range"][0] + 0.02 * (y_axis["range"][1] - y_axis["range"][0]))
    traces = []
    for history in sorted(histories, key=lambda each: not crowd.is_quiet(looks[each.implementation])):
        look = looks[history.implementation]
        shared = {"legendgroup": history.implementation, "type": "scatter"}
        traces.append({**shared, **crowd.drawn(_times(history, names, look), look)})
        if history.steps:
            traces.append({**shared, **_steps(history, names, look)})
        if len(history.timed) < len(history.points):
            traces.append({**shared, **_without(history, names, look, floor)})
    x_axis: dict[str, Any] = {"title": {"text": "commit"}, "type": "category", "categoryorder": "array"}
    x_axis |= {
        "categoryarray": list(names.values()),
        "tickmode": "array",
        "tickvals": _ticks(list(names.values()), {names[p.date, p.commit] for own in histories for p in _begun(own)}),
        "automargin": True,
        "range": [-0.5, len(names) - 0.5],
    }
    layout = {"xaxis": x_axis, "yaxis": {"title": {"text": "time of one call"}, **y_axis}, "showlegend": True}
    return {"data": traces, "layout": layout, "height": max(420, 20 * len(histories) + 190)}


def _begun(history: History) -> list[Point]:
    """Return the points at which steps begin."""
    return [history.points[step.position] for step in history.steps]


def _ticks(names: Sequence[str], begun: Collection[str]) -> list[str]:
    """Return the commits that are named along the axis: where steps begin, and others as far as there is room."""
    room = max(1, len(names) // _TICKS)
    chosen: list[int] = []
    for places in ([k for k, name in enumerate(names) if name in begun], range(0, len(names), room)):
        chosen += [k for k in places if all(abs(k - other) >= room for other in chosen)]
    return [names[k] for k in sorted(chosen)]


Names = Mapping[tuple[str, str], str]


def _labels(moments: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return a distinct text for each (date, commit)."""
    labels: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for moment in moments:
        date, commit = moment
        label = marks.label(clean(f"{commit[:8]} {date[:10]}".strip() or "unknown"))
        count = 1
        while (distinct := label if count == 1 else f"{label} ({count})") in taken:
            count += 1
        taken.add(distinct)
        labels[moment] = distinct
    return labels


def _times(history: History, names: Names, look: Mapping[str, Any]) -> dict[str, Any]:
    """Return the line of the medians, broken where a commit has none, with their intervals."""
    is_short = len(history.points) <= _MOST_LARGE
    medians = [point.median_s for point in history.points]
    above = [(p.high_s or p.median_s or 0.0) - (p.median_s or 0.0) for p in history.points]
    below = [(p.median_s or 0.0) - (p.low_s or p.median_s or 0.0) for p in history.points]
    name = marks.label(clean(history.implementation))
    return {
        "mode": "lines+markers",
        "name": name,
        "x": [names[p.date, p.commit] for p in history.points],
        "y": [None if not m else axes.short(m, 4) for m in medians],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [axes.short(value, 3) for value in above],
            "arrayminus": [axes.short(value, 3) for value in below],
            "thickness": 1 if is_short else 0.5,
            "width": 3 if is_short else 0,
        },
        "hovertemplate": f"<b>{name}</b><br>%{{x}}<br>%{{y:.3s}}s<extra></extra>",
        "line": {"color": look["color"], "dash": look["dash"], "width": 1.75},
        "marker": {"symbol": look["symbol"], "size": 7 if is_short else 2},
    }


def _steps(history: History, names: Names, look: Mapping[str, Any]) -> dict[str, Any]:
    begun = _begun(history)
    return {
        "mode": "markers",
        "name": "step",
        "x": [names[p.date, p.commit] for p in begun],
        "y": [axes.short(p.median_s) for p in begun],
        "text": [html.escape(clean(step_text(step, history)), quote=False) for step in history.steps],
        "hoverinfo": "text",
        "marker": {"symbol": "circle-open", "size": 16, "color": look["color"], "line": {"width": 2}},
        "showlegend": False,
    }


def _without(history: History, names: Names, look: Mapping[str, Any], floor: float) -> dict[str, Any]:
    absent = [point for point in history.points if not point.median_s]
    name = marks.label(clean(history.implementation))
    return {
        "mode": "markers",
        "name": "without a time",
        "x": [names[p.date, p.commit] for p in absent],
        "y": [axes.short(floor)] * len(absent),
        "text": [f"{name}<br>{html.escape(clean(outcome_text(p))[:200], quote=False)}" for p in absent],
        "hoverinfo": "text",
        "marker": {"symbol": "x-thin-open", "size": 9, "color": look["color"]},
        "showlegend": False,
    }
