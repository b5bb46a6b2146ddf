"""Times over commits: one figure for each problem, size, machine and environment, a line for each implementation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lrbench.comparisons import MOST_POINTS, History, Report
from lrbench.report import crowd, palette
from lrbench.report.history_figure import figure
from lrbench.report.history_words import interval_text, outcome_text, place_text, point_text, step_text
from lrbench.report.wording import clean, time_text

_EACH = (
    "Each mark, and each point of a line, is a commit, in the order of dates; its bar is the interval of its median: "
    "asv's own of 99 %, else one of 95 % over processes or samples. What the machine did between two commits is in "
    "their difference."
)
_RING = (
    "A ringed mark begins a step: from there on the times lie on another level, by 5 % or more, than chance would "
    "put them. A single commit that stands out is no step."
)
_GREY = (
    "In a figure of many cases those with steps or failures are in colour; the rest, in grey, tell their names when "
    "pointed at."
)
_CROSS = "A cross at the lower edge is a commit where the case failed, was skipped or was not run."
_MOST_MARKS = 45_000  # of all figures together: a page of more is large and slow
_FEWEST = 50  # commits of a case that is drawn; where that is too many marks, fewer charts have a figure
_Place = tuple[Any, ...]
HEADS = ("case", "commits", "first", "last", "interval", "steps", "without a time")


@dataclass(frozen=True, slots=True)
class Line:
    """What a table says of one history."""

    cells: tuple[str, ...]  # one for each of HEADS


@dataclass(frozen=True, slots=True)
class Chart:
    """The histories that share a figure and a table."""

    title: str
    figure: Mapping[str, Any] | None  # in plotly's schema; None where nothing has a time, or where figures are too many
    members: tuple[History, ...]
    lines: tuple[Line, ...]  # one for each of them

    @property
    def absence(self) -> str:
        """Why there is no figure."""
        if not any(member.timed for member in self.members):
            return "no commit has a time, so there is no figure"
        return "its figure is left out to keep the page small; those of cases with steps or failures come first"

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
    used[_GREY] = any(len(part) > crowd.MOST for part in _parts(report).values())
    used[f"Steps are looked for among the last {MOST_POINTS} times of a case."] = longest > MOST_POINTS
    return [line for line, is_used in used.items() if is_used]


def _most_drawn(report: Report) -> int:
    """Return how many of its last commits a case is drawn with."""
    return max(_FEWEST, _MOST_MARKS // max(1, len(report.histories)))


def _parts(report: Report) -> dict[_Place, list[History]]:
    """Return the histories of each problem, size, machine, environment and thread count."""
    parts: dict[_Place, list[History]] = {}
    for history in report.histories:
        place = (history.problem, history.size, history.threads, history.machine, history.environment, history.source)
        parts.setdefault(place, []).append(history)
    return parts


def charts(report: Report) -> list[Chart]:
    """Return one chart for each problem, size, machine, environment and thread count."""
    parts = _parts(report)
    looks = palette.styles_of(*([each.implementation for each in part] for part in parts.values()))
    recent = {place: [_last(each, _most_drawn(report)) for each in part] for place, part in parts.items()}
    drawn = _drawn(recent)
    return [
        Chart(
            _title(part[0]),
            figure(recent[place], _quieted(looks, recent[place])) if place in drawn else None,
            tuple(part),
            tuple(map(_line, part)),
        )
        for place, part in parts.items()
    ]


def _drawn(recent: Mapping[_Place, Sequence[History]]) -> set[_Place]:
    """Return the charts that have a figure: those with steps or failures first, until their marks are too many."""
    chosen: set[_Place] = set()
    marks = 0
    for place in sorted(recent, key=lambda place: not any(map(_is_eventful, recent[place]))):
        marks += sum(len(history.points) for history in recent[place])
        if marks <= _MOST_MARKS or not chosen:
            chosen.add(place)
    return chosen


def _quieted(looks: palette.Styles, histories: Sequence[History]) -> palette.Styles:
    """Return the looks of one figure: of a crowd, those with steps or failures stand out, and then the fastest."""
    if len(histories) <= crowd.MOST:
        return looks
    by_time = sorted(histories, key=lambda each: each.timed[-1].median_s or 0.0 if each.timed else 0.0)
    ordered = [each.implementation for each in sorted(by_time, key=lambda each: not _is_eventful(each))]
    kept = min(crowd.MOST, max(crowd.KEPT, sum(map(_is_eventful, histories))))
    return crowd.quiet(looks, ordered[kept:])


def _is_eventful(history: History) -> bool:
    return bool(history.steps) or len(history.timed) < len(history.points)


def _last(history: History, most: int) -> History:
    """Return a history of its last points, and the steps among them."""
    left_out = max(0, len(history.points) - most)
    steps = tuple(
        replace(step, position=step.position - left_out) for step in history.steps if step.position >= left_out
    )
    return replace(history, points=history.points[left_out:], steps=steps)


def _title(history: History) -> str:
    size = f" at {history.size}" if history.size else ""
    return clean(f"{history.problem}{size}{place_text(history)}")


def _line(history: History) -> Line:
    timed = history.timed
    first, last = (timed[0], timed[-1]) if timed else (None, None)
    without = [point for point in history.points if not point.median_s]
    cells = (
        history.implementation,
        str(len(history.points)),
        f"{time_text(first.median_s)} at {first.name}" if first else "",
        f"{time_text(last.median_s)} at {last.name}" if last else "",
        interval_text(last) if last else "",
        "; ".join(step_text(step, history) for step in history.steps) or ("none" if timed else ""),
        "; ".join(f"{point_text(point)}: {outcome_text(point)}" for point in without),
    )
    return Line(tuple(clean(cell) for cell in cells))
