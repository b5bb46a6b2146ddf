"""Times over commits: one figure for each problem, size, machine and environment, a line for each implementation."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lrbench.comparisons import MOST_POINTS, History, Report
from lrbench.report import palette
from lrbench.report.history_figure import figure
from lrbench.report.history_words import interval_text, outcome_text, point_text, step_text
from lrbench.report.wording import clean, threads_text, time_text

_EACH = (
    "Each mark is a commit, in the order of dates; its bar is the interval of its median: asv's own of 99 %, else "
    "one of 95 % over processes or samples. What the machine did between two commits is in their difference."
)
_RING = (
    "A ringed mark begins a step: from there on the times lie on another level, by 5 % or more, than chance would "
    "put them. A single commit that stands out is no step."
)
_CROSS = "A cross at the lower edge is a commit where the case failed, was skipped or was not run."
_MOST_MARKS = 80_000  # of all figures together: a page of more is large and slow
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
            _title(part[0]), figure([_last(each, most) for each in part], looks), tuple(part), tuple(map(_line, part))
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
