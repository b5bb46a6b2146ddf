"""Times of a case over commits: points in the order of their dates, with their intervals, and the steps among them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from lrbench.comparisons.steps import Step, find_steps
from lrbench.conditions import text_of
from lrbench.intervals import median, median_interval
from lrbench.results import STARTS, Measurement, Side, Status

# Commits of one machine and environment that each have tables; of more, only the newest has.
MOST_TABLED = 3
_NAMED = 3  # commits that a remark names
# What makes two times of a case belong to different histories, beside the case itself.
_APART = ("machine", "cpu", "environment_name", "python", "numpy", "numba", "blas", "blas_kernel")


@dataclass(frozen=True, slots=True)
class Point:
    """A case as one commit had it, in one run."""

    commit: str  # empty where it is not known
    date: str  # UTC, ISO 8601: the commit's where it is known, else the run's; empty where neither is
    median_s: float | None
    low_s: float | None  # interval of the median: asv's own 99 %, else 95 % over processes, or over samples
    high_s: float | None
    status: Status
    reason: str
    in_tables: bool = True  # whether a table holds it as well

    @property
    def name(self) -> str:
        """The commit for people, or the date where there is none."""
        return self.commit[:10] or self.date[:16] or "unknown"


@dataclass(frozen=True, slots=True)
class History:
    """One case on one machine in one environment, over commits."""

    problem: str
    size: str
    implementation: str
    threads: int  # 0 where the source does not say
    machine: str
    environment: str  # what tells it from other histories of the case on the machine; mostly empty
    source: str
    points: tuple[Point, ...]
    steps: tuple[Step, ...] = ()  # their positions count the points

    @property
    def case_id(self) -> str:
        """The case's id, of those parts that it has; a benchmark without parameters has its own name only."""
        if self.problem.endswith(f".{self.implementation}"):
            return self.problem
        return "/".join(part for part in (self.problem, self.size, self.implementation) if part)

    @property
    def timed(self) -> tuple[Point, ...]:
        """The points that have a time."""
        return tuple(point for point in self.points if point.median_s)


Key = tuple[str, ...]
Moment = tuple[str, str]  # commit, date


def make_histories(measurements: Sequence[Measurement]) -> tuple[History, ...]:
    """Return a history for each case that was measured at two commits or dates, or more, in one environment."""
    runs: dict[Key, dict[Moment, list[tuple[Measurement, Side]]]] = {}
    every = moments_of(measurements)
    newest = _newest(measurements, every)
    for measurement, moment in zip(measurements, every, strict=True):
        if measurement.process == STARTS:
            continue
        for side in measurement.sides:
            runs.setdefault(_key(measurement, side), {}).setdefault(moment, []).append((measurement, side))
    labels = _labels(list(runs))
    found = []
    for key, moments in runs.items():
        if len(moments) > 1:
            measurement, side = next(iter(moments.values()))[0]
            shown = newest.get(_place(measurement))
            points = tuple(
                replace(point_of(moment, moments[moment]), in_tables=shown in (None, moment))
                for moment in sorted(moments, key=lambda moment: moment[::-1])
            )
            machine = text_of(measurement.environment.get("machine", ""))
            case = (measurement.problem, measurement.size, side.implementation, measurement.threads)
            found.append(_with_steps(History(*case, machine, labels[key], measurement.source, points)))
    return tuple(found)


def tabled(measurements: Sequence[Measurement]) -> tuple[list[Measurement], list[str]]:
    """Return the measurements that stand in tables, and a remark on those that stand in histories only.

    A project's history would otherwise be as many tables as it has commits.
    """
    moments = moments_of(measurements)
    newest = _newest(measurements, moments)
    kept = [
        measurement
        for measurement, moment in zip(measurements, moments, strict=True)
        if newest.get(_place(measurement), moment) == moment
    ]
    if not newest:
        return kept, []
    names = list(dict.fromkeys(moment[0][:10] or moment[1][:16] for moment in newest.values()))
    shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    return kept, [f"Tables hold the newest commit alone ({shown}); the others are in the histories."]


def _place(measurement: Measurement) -> Key:
    return measurement.source, *_conditions(measurement.environment)


def _newest(measurements: Sequence[Measurement], moments: Sequence[Moment]) -> dict[Key, Moment]:
    """Return the last moment of each machine and environment that has more than MOST_TABLED."""
    found: dict[Key, set[Moment]] = {}
    for measurement, moment in zip(measurements, moments, strict=True):
        found.setdefault(_place(measurement), set()).add(moment)
    return {
        place: max(of_place, key=lambda moment: moment[::-1])
        for place, of_place in found.items()
        if len(of_place) > MOST_TABLED
    }


def moments_of(measurements: Sequence[Measurement]) -> list[Moment]:
    """Return (commit, date) of each, in any order: one moment a run, since a run's processes belong together.

    What was measured of one commit a second time, process by process, belongs to a second run.
    """
    runs: list[Key] = [()] * len(measurements)
    counts: Counter[tuple[Any, ...]] = Counter()
    dates: dict[Key, str] = {}
    by_start = sorted(range(len(measurements)), key=lambda i: iso_date(measurements[i].started))
    for i in by_start:
        measurement = measurements[i]
        commit = _commit(measurement.environment)
        state = (measurement.source, commit, *_conditions(measurement.environment))
        process = (state, measurement.version, measurement.key)
        counts[process] += 1
        runs[i] = (*state, str(counts[process]))
        date = iso_date(measurement.environment.get("commit_date")) or iso_date(measurement.started)
        dates[runs[i]] = dates.get(runs[i]) or date
    return [(run[1], dates[run]) for run in runs]


def _commit(environment: Mapping[str, Any]) -> str:
    """Return the commit, with a plus where files were changed; empty where it is not known."""
    commit = text_of(environment.get("commit", ""))
    return f"{commit[:7]}+" if commit and environment.get("dirty") is True else commit


def iso_date(value: Any) -> str:
    """Return a date that a source gives as ISO 8601 in UTC, so that texts sort as dates; empty for what is none."""
    try:
        moment = datetime.fromisoformat(value)
        return (moment.replace(tzinfo=moment.tzinfo or UTC)).astimezone(UTC).isoformat(timespec="seconds")
    except (TypeError, ValueError, OverflowError):
        return ""


def _conditions(environment: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(text_of(environment.get(name, "")) for name in _APART)


def _key(measurement: Measurement, side: Side) -> Key:
    place = (measurement.problem, measurement.size, side.implementation, str(measurement.threads), measurement.source)
    data = (measurement.version, measurement.data_checksum)
    return (*place, *data, *_conditions(measurement.environment))


def _labels(keys: Sequence[Key]) -> dict[Key, str]:
    """Return, for each history, in what it differs from others of its case, beside the machine."""
    names = ("version", "data", *_APART)
    rivals: dict[Key, list[Key]] = {}
    for key in keys:
        rivals.setdefault(key[:5], []).append(key)
    labels = {}
    for key in keys:
        others = rivals[key[:5]]
        telling = [k for k in range(len(names)) if names[k] != "machine" and len({o[5 + k] for o in others}) > 1]
        labels[key] = ", ".join(f"{names[k].replace('_', ' ')} {key[5 + k][:40]}" for k in telling if key[5 + k])
    return labels


def point_of(moment: Moment, members: Sequence[tuple[Measurement, Side]]) -> Point:
    """Return what one run found of a case."""
    commit, date = moment
    sides = [side for _, side in members]
    timed = [side for side in sides if side.status == "ok" and side.epochs_s]
    refused = next((side for side in sides if side.status != "ok"), None)
    if refused or not timed:
        status: Status = refused.status if refused else "failed"
        return Point(commit, date, None, None, None, status, refused.reason if refused else "no time was recorded")
    low, high = _interval(timed)
    return Point(commit, date, median([median(side.times_s) for side in timed]), low, high, "ok", "")


def _interval(sides: Sequence[Side]) -> tuple[float | None, float | None]:
    """Return the interval that the source states, else that over processes, or over the samples of the only one."""
    if len(sides) == 1 and sides[0].interval_s:
        return sides[0].interval_s[0], sides[0].interval_s[1]
    values = [median(side.times_s) for side in sides] if len(sides) > 1 else sides[0].times_s
    return median_interval(values) or (None, None)


def _with_steps(history: History) -> History:
    positions = [i for i, point in enumerate(history.points) if point.median_s]
    steps = find_steps([history.points[i].median_s or 0.0 for i in positions])
    return replace(history, steps=tuple(replace(step, position=positions[step.position]) for step in steps))
