"""Times of a case over commits: points in the order of their dates, with their intervals, and the steps among them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lrbench.comparisons.medians import median_ends
from lrbench.comparisons.runs import APART, Key, Moment, conditions_of, moments_of
from lrbench.comparisons.steps import Step, find_steps
from lrbench.conditions import telling, text_of
from lrbench.intervals import median
from lrbench.results import STARTS, Measurement, Side, Status

# Commits that each have a table of a problem and size, on one machine in one environment; of more, only the newest has.
MOST_TABLED = 3
_NAMED = 3  # commits that a remark names


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


_CASE = 5  # parts at the head of a history's key: problem, size, implementation, threads, source

Runs = dict[Key, dict[Moment, list[tuple[Measurement, Side]]]]  # of each history


def make_histories(measurements: Sequence[Measurement]) -> tuple[History, ...]:
    """Return a history for each case that was measured at two commits or dates, or more, in one environment.

    A case that no table holds, as at a commit before its implementation went, has one of a single point.
    """
    runs: Runs = {}
    every = moments_of(measurements)
    newest = _newest(measurements, every)
    for measurement, moment in zip(measurements, every, strict=True):
        if measurement.process == STARTS:
            continue
        for side in measurement.sides:
            runs.setdefault(_key(measurement, side), {}).setdefault(moment, []).append((measurement, side))
    runs = _adopted(runs)
    labels = _labels(list(runs))
    found = []
    for key, moments in runs.items():
        measurement, side = next(iter(moments.values()))[0]
        shown = newest.get(_place(measurement))
        if len(moments) > 1 or shown not in (None, *moments):
            points = tuple(
                replace(point_of(moment, moments[moment]), in_tables=shown in (None, moment))
                for moment in sorted(moments, key=lambda moment: moment[::-1])
            )
            machine = text_of(measurement.environment.get("machine", ""))
            case = (measurement.problem, measurement.size, side.implementation, measurement.threads)
            found.append(_with_steps(History(*case, machine, labels[key], measurement.source, points)))
    return tuple(found)


def _adopted(runs: Runs) -> Runs:
    """Return histories where what never had a time, and may not know its data, has joined a timed one that it fits."""
    timed: dict[Key, list[Key]] = {}
    for key, moments in runs.items():
        if any(side.epochs_s for members in moments.values() for _, side in members):
            timed.setdefault(key[:_CASE], []).append(key)
    adopted: Runs = {}
    for key, moments in runs.items():
        rivals = timed.get(key[:_CASE], ())
        home = key if key in rivals else next((other for other in rivals if _fits(key, other)), key)
        for moment, members in moments.items():
            adopted.setdefault(home, {}).setdefault(moment, []).extend(members)
    return adopted


def _fits(key: Key, other: Key) -> bool:
    """Return whether all that is known of one history holds for another."""
    return all(x in ("", y) for x, y in zip(key, other, strict=True))


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
    return kept, [f"Tables hold the newest commit of each problem and size ({shown}); others are in the histories."]


def _place(measurement: Measurement) -> Key:
    """Return what stands in one table, whatever its commit."""
    of = (measurement.source, measurement.problem, measurement.size, str(measurement.threads))
    return *of, *conditions_of(measurement)


def _newest(measurements: Sequence[Measurement], moments: Sequence[Moment]) -> dict[Key, Moment]:
    """Return the last moment of each table that has more than MOST_TABLED of them."""
    found: dict[Key, set[Moment]] = {}
    for measurement, moment in zip(measurements, moments, strict=True):
        found.setdefault(_place(measurement), set()).add(moment)
    return {
        place: max(of_place, key=lambda moment: moment[::-1])
        for place, of_place in found.items()
        if len(of_place) > MOST_TABLED
    }


def _key(measurement: Measurement, side: Side) -> Key:
    place = (measurement.problem, measurement.size, side.implementation, str(measurement.threads), measurement.source)
    data = (measurement.version, measurement.data_checksum)
    return (*place, *data, *conditions_of(measurement))


def _labels(keys: Sequence[Key]) -> dict[Key, str]:
    """Return, for each history, in what it differs from others of its case, beside the machine."""
    names = ("version", "data", *APART)
    rivals: dict[Key, list[Key]] = {}
    for key in keys:
        rivals.setdefault(key[:_CASE], []).append(key)
    labels = {}
    for key in keys:
        known = [dict(zip(names, other[_CASE:], strict=True)) for other in rivals[key[:_CASE]]]
        own = dict(zip(names, key[_CASE:], strict=True))
        told = telling(known, [name for name in names if name != "machine"])
        labels[key] = ", ".join(f"{name.replace('_', ' ')} {own[name][:40]}" for name in told if own[name])
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
    low, high = median_ends(timed)
    return Point(commit, date, median([median(side.times_s) for side in timed]), low, high, "ok", "")


def _with_steps(history: History) -> History:
    positions = [i for i, point in enumerate(history.points) if point.median_s]
    steps = find_steps([history.points[i].median_s or 0.0 for i in positions])
    return replace(history, steps=tuple(replace(step, position=positions[step.position]) for step in steps))
