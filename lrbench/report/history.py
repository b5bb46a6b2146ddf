"""Times over commits: one figure for each problem, size, machine and environment, a line for each implementation."""

import html
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lrbench.comparisons import MOST_POINTS, History, Point, Report, Step
from lrbench.report import axes, marks, palette
from lrbench.report.wording import clean, threads_text, three_digits, time_text

_EACH = (
    "Each mark is a commit, in the order of dates; its bar is the interval of its median: asv's own of 99 %, else "
    "one of 95 % over processes or samples. What the machine did between two commits is in their difference."
)
_RING = (
    "A ringed mark begins a step: from there on the times lie on another level, by 5 % or more, than chance would "
    "put them. A single commit that stands out is no step."
)
_CROSS = "A cross at the lower edge is a commit where the case failed, was skipped or was not run."
MOST_CHANGES = 20  # steps that a text names
_MOST_MARKS = 80_000  # of all figures together: a page of more is large and slow
_MOST_LARGE = 60  # commits; of more, marks and bars would run together
_FEWEST = 50  # commits that are drawn all the same
HEADS = ("case", "commits", "first", "last", "interval", "steps", "without a time")


@dataclass(frozen=True, slots=True)
class Line:
    """What a table says of one history."""

    cells: tuple[str, ...]  # one for each of HEADS


@dataclass(frozen=True, slots=True)
class Chart:
    """The histories that share a figure and a table."""

    title: str
    figure: Mapping[str, Any] | None  # in plotly's schema; None where nothing has a time
    members: tuple[History, ...]
    lines: tuple[Line, ...]  # one for each of them

    @property
    def heads(self) -> tuple[str, ...]:
        """The headings, without the last where every commit has a time."""
        return HEADS if any(line.cells[-1] for line in self.lines) else HEADS[:-1]


def legend(report: Report) -> list[str]:
    """Return what explains the marks that the figures have, a line each."""
    drawn = [history for history in report.histories if history.timed]
    used = {
        _EACH: True,
        _RING: any(history.steps for history in drawn),
        _CROSS: any(len(history.timed) < len(history.points) for history in drawn),
    }
    most = _most_drawn(report)
    longest = max((len(history.points) for history in drawn), default=0)
    used[f"Figures show the last {most} commits of a case; .csv and .json hold all."] = longest > most
    used[f"Steps are looked for among the last {MOST_POINTS} times of a case."] = longest > MOST_POINTS
    return [line for line, is_used in used.items() if is_used]


def _most_drawn(report: Report) -> int:
    """Return how many of its last commits a case is drawn with."""
    return max(_FEWEST, _MOST_MARKS // max(1, len(report.histories)))


def charts(report: Report) -> list[Chart]:
    """Return one chart for each problem, size, machine, environment and thread count."""
    parts: dict[tuple[Any, ...], list[History]] = {}
    for history in report.histories:
        place = (history.problem, history.size, history.threads, history.machine, history.environment, history.source)
        parts.setdefault(place, []).append(history)
    looks = palette.styles_of(history.implementation for history in report.histories)
    most = _most_drawn(report)
    return [
        Chart(
            _title(part[0]), _figure([_last(each, most) for each in part], looks), tuple(part), tuple(map(_line, part))
        )
        for part in parts.values()
    ]


def _last(history: History, most: int) -> History:
    """Return a history of its last points, and the steps among them."""
    left_out = max(0, len(history.points) - most)
    steps = tuple(
        replace(step, position=step.position - left_out) for step in history.steps if step.position >= left_out
    )
    return replace(history, points=history.points[left_out:], steps=steps)


def sentence(report: Report) -> str:
    """Return '8 commits from 2025-01-06 to 2025-08-04, 12 cases: 3 steps, 2 of them to slower.'; empty without any."""
    if not report.histories:
        return ""
    points = {(point.date, point.commit) for each in report.histories for point in each.points}
    days = sorted(date[:10] for date, _ in points if date)
    span = "" if not days else f" of {days[0]}" if days[0] == days[-1] else f" from {days[0]} to {days[-1]}"
    what = "commits" if all(commit for _, commit in points) else "runs"
    cases = f"{len(report.histories)} case{'s' * (len(report.histories) != 1)}"
    return f"{len(points)} {what}{span}, {cases}: {_counted(changes(report))}."


def _counted(found: Sequence[tuple[History, Step]]) -> str:
    """Return '3 steps, 2 of them to slower; 2 begin with ae4acda8aa (2026-11-21)'."""
    if not found:
        return "no step was found"
    slower = sum(step.ratio > 1.0 for _, step in found)
    if len(found) == 1:
        return f"one step, to {'slower' if slower else 'faster'}"
    which = {0: "all to faster", len(found): "all to slower"}.get(slower, f"{slower} of them to slower")
    begun = Counter(point_text(each.points[step.position]) for each, step in found)
    commit, most = begun.most_common(1)[0]
    return f"{len(found)} steps, {which}{f'; {most} begin with {commit}' if most > 1 else ''}"


def changes(report: Report) -> list[tuple[History, Step]]:
    """Return every step, with its history: those to slower first, and of both the largest."""
    found = [(each, step) for each in report.histories for step in each.steps]
    return sorted(found, key=lambda pair: (pair[1].ratio <= 1.0, -abs(math.log(pair[1].ratio))))


def change_lines(report: Report) -> list[str]:
    """Return the first of all steps, a line each, and how many more there are."""
    lines = [change_text(each, step) for each, step in changes(report)]
    more = len(lines) - MOST_CHANGES
    return [*lines[:MOST_CHANGES], f"and {more} more"] if more > 0 else lines


def change_text(history: History, step: Step) -> str:
    """Return 'sum/1000/total on desk: 1.52 times as long since ae4acda8aa (2026-11-21)'."""
    where = f" on {history.machine}" if history.machine else ""
    return clean(f"{history.case_id}{where}: {step_text(step, history)}")


def _title(history: History) -> str:
    size = f" at {history.size}" if history.size else ""
    where = ", ".join(
        part for part in (f"on {history.machine}" if history.machine else "", history.environment) if part
    )
    return clean(f"{history.problem}{size}{threads_text(history.threads)}{f' {where}' if where else ''}")


def _line(history: History) -> Line:
    timed = history.timed
    first, last = (timed[0], timed[-1]) if timed else (None, None)
    without = [point for point in history.points if not point.median_s]
    cells = (
        history.implementation,
        str(len(history.points)),
        f"{time_text(first.median_s)} at {point_text(first)}" if first else "",
        f"{time_text(last.median_s)} at {point_text(last)}" if last else "",
        interval_text(last) if last else "",
        "; ".join(step_text(step, history) for step in history.steps) or ("none" if timed else ""),
        "; ".join(f"{point_text(point)}: {outcome_text(point)}" for point in without),
    )
    return Line(tuple(clean(cell) for cell in cells))


def point_text(point: Point) -> str:
    """Return a commit with its day: 'ae4acda8aa (2026-11-21)'."""
    return f"{point.name} ({point.date[:10]})" if point.commit and point.date else point.name


def interval_text(point: Point) -> str:
    """Return '[1.20 ms, 1.31 ms]'; empty where it is not known."""
    if point.low_s is None or point.high_s is None:
        return ""
    return f"[{time_text(point.low_s)}, {time_text(point.high_s)}]"


def outcome_text(point: Point) -> str:
    """Return what stands in place of a time: 'failed: asv recorded no result'."""
    return f"{point.status}: {point.reason}" if point.reason else point.status


def step_text(step: Step, history: History) -> str:
    """Return '1.52 times as long since ae4acda8aa (2026-11-21)', or '... as fast ...'."""
    factor, what = (step.ratio, "long") if step.ratio >= 1.0 else (1.0 / step.ratio, "fast")
    return f"{three_digits(factor)} times as {what} since {point_text(history.points[step.position])}"


def _figure(histories: Sequence[History], looks: palette.Styles) -> dict[str, Any] | None:
    moments = sorted({(p.date, p.commit) for history in histories for p in history.points})
    names = _labels(moments)
    times = [t for history in histories for p in history.timed for t in (p.median_s, p.low_s, p.high_s) if t]
    if not times:
        return None
    y_axis = axes.axis(times, axes.TIMES)
    floor = 10.0 ** (y_axis["range"][0] + 0.02 * (y_axis["range"][1] - y_axis["range"][0]))
    traces = []
    for history in histories:
        look = looks[history.implementation]
        shared = {"legendgroup": history.implementation, "type": "scatter"}
        traces.append({**shared, **_times(history, names, look)})
        if history.steps:
            traces.append({**shared, **_steps(history, names, look)})
        if len(history.timed) < len(history.points):
            traces.append({**shared, **_without(history, names, look, floor)})
    x_axis: dict[str, Any] = {"title": {"text": "commit"}, "type": "category", "categoryorder": "array"}
    x_axis |= {
        "categoryarray": list(names.values()),
        "nticks": 12,
        "automargin": True,
        "range": [-0.5, len(names) - 0.5],
    }
    layout = {"xaxis": x_axis, "yaxis": {"title": {"text": "time of one call"}, **y_axis}, "showlegend": True}
    return {"data": traces, "layout": layout, "height": max(420, 20 * len(histories) + 190)}


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
    begun = [history.points[step.position] for step in history.steps]
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
