"""Histories in words: how many commits, which cases stepped to another level, and since when."""

import math
from collections import Counter
from collections.abc import Sequence

from lrbench.comparisons import History, Point, Report, Step
from lrbench.report.wording import clean, threads_text, three_digits, time_text

MOST_CHANGES = 20  # steps that a text names


def sentence(report: Report) -> str:
    """Return '8 commits from 2025-01-06 to 2025-08-04, 12 cases: 3 steps, 2 of them to slower.'; empty without any."""
    if not report.histories:
        return ""
    runs = {(each.source, each.machine, p.date, p.commit) for each in report.histories for p in each.points}
    commits = {commit for *_, commit in runs}
    days = sorted(date[:10] for *_, date, _ in runs if date)
    span = "" if not days else f" of {days[0]}" if days[0] == days[-1] else f" from {days[0]} to {days[-1]}"
    what = _runs_text(len(runs)) if "" in commits else f"{len(commits)} commit{'s' * (len(commits) != 1)}"
    machines = {machine for _, machine, *_ in runs}
    places = {(machine, commit) for _, machine, _, commit in runs}
    what += f" on {len(machines)} machines" if len(machines) > 1 else ""
    what += "" if "" in commits or len(runs) == len(places) else f" in {_runs_text(len(runs))}"
    cases = f"{len(report.histories)} case{'s' * (len(report.histories) != 1)}"
    return f"{what}{span}, {cases}: {_counted(changes(report))}."


def _runs_text(count: int) -> str:
    return f"{count} run{'s' * (count != 1)}"


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
    """Return 'sum/1000/total, 1 thread on desk: 1.52 times as long since ae4acda8aa (2026-11-21)'."""
    return clean(f"{history.case_id}{place_text(history)}: {step_text(step, history)}")


def place_text(history: History) -> str:
    """Return ', 1 thread on desk, numpy 2.4.6': the threads, the machine, and what else tells a history from others."""
    where = ", ".join(filter(None, (f"on {history.machine}" if history.machine else "", history.environment)))
    return threads_text(history.threads) + (f" {where}" if where else "")


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
