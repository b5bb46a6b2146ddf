"""Measurements to rows and verdicts: which implementation is how many times as fast as which.

Sides are only ever set against each other within one process and one round. What was not timed so, or was
measured on other data, another processor or another library, is kept in tables of its own.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from lrbench.conditions import ENVIRONMENT, condition_text, groups_of, kept_apart, place_of, telling, text_of
from lrbench.intervals import interquartile_range, median, ratio_interval
from lrbench.results import STARTS, Ceiling, Measurement, Side, Status

FEW_SAMPLES = "few samples: no verdict"
NOT_RESOLVED = "no difference resolved"
WITHIN_FLOOR = "within the noise floor"  # an interval without 1 around a ratio that identical code shows, too

# Processors kept busy for each one allowed, above which a library does not heed its setting.
EXCEEDING = 1.15
# The ceilings that each kind of traffic is held against.
BANDWIDTHS: Mapping[str, tuple[str, ...]] = {"read": ("read",), "add": ("add", "add_streaming")}

# From the worst down: what one process found decides for all of them.
_SEVERITY: tuple[Status, ...] = ("wrong answer", "failed", "skipped", "not run")


@dataclass(frozen=True, slots=True)
class Row:
    """One implementation of one problem and size, over all processes; None is unknown."""

    problem: str
    size: str
    threads: int  # asked for; 0 where the source does not say
    threads_observed: float | None  # processor time over wall time
    implementation: str
    algorithm: str
    arithmetic: str
    status: Status
    reason: str
    processes: int  # in which it was timed
    median_s: float | None
    iqr_s: float | None
    min_s: float | None
    import_s: float | None
    first_call_s: float | None
    first_call_cached_s: float | None
    break_even_calls: float | None  # calls that pay for compiling
    baseline: str
    speedup: float | None  # how many times as fast as the baseline
    speedup_low: float | None
    speedup_high: float | None
    verdict: str
    of_limit: float | None  # least time that the machine allows, over the measured time
    digits: float | None  # of the worst process
    peak_memory_bytes: float | None
    steps: float | None = None  # to the target, where there is one

    @property
    def exceeds_threads(self) -> bool:
        """Whether it kept clearly more processors busy than it was allowed; false where that is not known."""
        return bool(self.threads and self.threads_observed and self.threads_observed > EXCEEDING * self.threads)


@dataclass(frozen=True, slots=True)
class Floor:
    """An implementation compared with itself, under the procedure that compares it with others."""

    problem: str
    size: str
    threads: int
    implementation: str
    low: float
    high: float

    @property
    def factor(self) -> float:
        """The factor that identical code was found to differ by, at most; 1 or more."""
        return max(self.high, 1.0 / self.low)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one problem, size and thread count that may be compared with each other."""

    problem: str
    size: str
    threads: int
    conditions: str  # what tells it from other tables of the same problem and size; mostly empty
    rows: tuple[Row, ...]
    floors: tuple[Floor, ...] = ()
    flops: float | None = None  # least work of one call; None where it is not known, as of iterative problems
    size_bytes: float | None = None  # least bytes moved by one call
    traffic: str = "read"  # the ceilings that its bytes are held against: a key of BANDWIDTHS
    ceilings: tuple[Ceiling, ...] = ()  # found in its processes
    family: str = ""  # problems that differ in their target alone have one in common
    target: float | None = None  # the error that an answer of such a problem has to come within

    @property
    def intensity(self) -> float | None:
        """Flops for each byte of the least work; None where that is not known."""
        return self.flops / self.size_bytes if self.flops and self.size_bytes else None

    @property
    def floor_factor(self) -> float:
        """The smallest factor between two sides that is called a difference; 1 where no floor was measured."""
        return max((floor.factor for floor in self.floors), default=1.0)

    def speedup_kind(self, row: Row) -> Literal["", "backend", "algorithm"]:
        """Return where a row's speedup comes from: the same algorithm in another backend, or another algorithm.

        Empty where there is no speedup, or where an algorithm is not known.
        """
        if row.speedup is None or row.implementation == row.baseline:
            return ""
        algorithms = [other.algorithm for other in self.rows if other.implementation == row.baseline]
        if not algorithms or not algorithms[0] or not row.algorithm:
            return ""
        return "backend" if row.algorithm == algorithms[0] else "algorithm"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a report shows, whatever its format."""

    tables: tuple[Table, ...]
    environment: Mapping[str, Any] = field(default_factory=dict)
    ceilings: tuple[Mapping[str, Any], ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)  # name -> the computation, for people
    remarks: tuple[str, ...] = ()  # what a reader should be told
    source: str = ""  # who measured, and how much

    @property
    def noise_floor(self) -> tuple[Floor, ...]:
        """What identical code was found to differ by, table by table."""
        return tuple(floor for table in self.tables for floor in table.floors)

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, table by table."""
        return tuple(row for table in self.tables for row in table.rows)


def make_report(
    measurements: Sequence[Measurement], remarks: Iterable[str] = (), baseline: str | None = None
) -> Report:
    """Return the report of some measurements; `baseline` overrides the declared ones."""
    tables, own_remarks = make_tables(measurements, baseline)
    problems: dict[str, str] = {}
    for measurement in measurements:
        problems[measurement.problem] = problems.get(measurement.problem) or measurement.title
    sources = dict.fromkeys(measurement.source for measurement in measurements)
    timed = sum(measurement.process != STARTS for measurement in measurements)
    count = f"{timed} measurement{'s' * (timed != 1)}"
    return Report(
        tables=tuple(tables),
        environment=_common_environment([measurement.environment for measurement in measurements]),
        ceilings=ceiling_rows(ceiling for measurement in measurements for ceiling in measurement.ceilings),
        problems=problems,
        remarks=(*remarks, *own_remarks),
        source=f"{count} by {', '.join(sources)}" if sources else "",
    )


def make_tables(measurements: Sequence[Measurement], baseline: str | None = None) -> tuple[list[Table], list[str]]:
    """Return one table for each problem, size, thread count and set of conditions, and remarks."""
    groups = groups_of(measurements)
    everywhere = telling([conditions for conditions, _ in groups], ("source", *ENVIRONMENT))
    rivals: dict[tuple[str, str, int], list[dict[str, str]]] = {}
    for conditions, members in groups:
        rivals.setdefault(place_of(members[0]), []).append(conditions)
    tables = []
    for conditions, members in groups:
        place = place_of(members[0])
        names = dict.fromkeys((*everywhere, *telling(rivals[place], (*everywhere, *conditions))))
        label = ", ".join(filter(None, (condition_text(name, conditions[name]) for name in names)))
        table = _empty_table(members, label)
        tables.append(replace(table, rows=tuple(_table_rows(members, baseline, table.floor_factor))))
    remarks = kept_apart(rivals)
    remarks.extend(
        f"{source} does not time implementations side by side: its times are shown without speedups."
        for source in dict.fromkeys(m.source for m in measurements if not m.paired)
    )
    if baseline and not any(row.implementation == baseline for table in tables for row in table.rows):
        remarks.append(f"No implementation is named '{baseline}', so nothing could be compared with it.")
    return tables, remarks


def _empty_table(members: Sequence[Measurement], label: str) -> Table:
    """Return the table of some measurements without its rows."""
    first = members[0]
    return Table(
        *place_of(first),
        label,
        (),
        floors=_floors(members),
        flops=None if first.iterative else first.flops,
        size_bytes=None if first.iterative else first.size_bytes,
        traffic=first.traffic,
        ceilings=tuple(ceiling for measurement in members for ceiling in measurement.ceilings),
        family=first.family,
        target=first.target,
    )


def least_time_s(measurements: Sequence[Measurement]) -> float | None:
    """Return the least time that the machine allows for the problem's least work; None where that is not known.

    It is the longer of bytes over bandwidth and flops over flop/s, each with the highest ceiling that any of the
    processes found, since what one found, the machine can do.
    """
    first = measurements[0]
    kinds = BANDWIDTHS.get(first.traffic, BANDWIDTHS["read"])
    highest = {"bandwidth": 0.0, "flops": 0.0}
    for ceiling in (ceiling for measurement in measurements for ceiling in measurement.ceilings):
        name = "flops" if ceiling.kind == "flops" else "bandwidth" if ceiling.kind in kinds else ""
        if name:
            highest[name] = max(highest[name], ceiling.value)
    if first.iterative or first.flops is None or first.size_bytes is None or not all(highest.values()):
        return None
    return max(first.size_bytes / highest["bandwidth"], first.flops / highest["flops"])


def ceiling_rows(ceilings: Iterable[Ceiling]) -> tuple[Mapping[str, Any], ...]:
    """Return every ceiling once: the median of what processes found, with the lowest and the highest."""
    found: dict[tuple[str, int, float | None], list[float]] = {}
    for ceiling in ceilings:
        found.setdefault((ceiling.kind, ceiling.threads, ceiling.working_set_bytes), []).append(ceiling.value)
    order = sorted(found, key=lambda key: (key[0], key[1], key[2] or 0.0))
    return tuple(
        {
            "kind": kind,
            "threads": threads,
            "working_set_bytes": working_set,
            "value": median(found[kind, threads, working_set]),
            "low": min(found[kind, threads, working_set]),
            "high": max(found[kind, threads, working_set]),
        }
        for kind, threads, working_set in order
    )


def _floors(measurements: Sequence[Measurement]) -> tuple[Floor, ...]:
    """Return the intervals of the ratios of sides to themselves, corrected for their number as any table is."""
    per_side: dict[str, list[list[float]]] = {}
    for measurement in measurements:
        sides = {side.implementation: side for side in measurement.sides}
        for twin in measurement.twins:
            if log_ratios := _log_ratios(sides.get(twin.implementation), twin):
                per_side.setdefault(twin.implementation, []).append(log_ratios)
    floors = []
    for name, per_process in per_side.items():
        _, low, high = ratio_interval(per_process, comparisons=len(per_side))
        if low and high and _is_ratio(low) and _is_ratio(high):
            floors.append(Floor(*place_of(measurements[0]), name, low, high))
    return tuple(floors)


def _table_rows(measurements: Sequence[Measurement], baseline: str | None, floor_factor: float) -> list[Row]:
    """Return the rows of measurements that may be compared with each other."""
    by_process: list[dict[str, Side]] = []
    found: dict[str, list[Side]] = {}
    starts = {s.implementation: s for m in measurements if m.process == STARTS for s in m.sides}
    measurements = [m for m in measurements if m.process != STARTS] or measurements
    if not any(side.implementation == baseline for measurement in measurements for side in measurement.sides):
        baseline = None  # this table does not have it
    for measurement in measurements:
        by_process.append({side.implementation: side for side in reversed(measurement.sides)})
        for side in measurement.sides:
            found.setdefault(side.implementation, []).append(side)
    first = measurements[0]
    least_s = least_time_s(measurements)
    plain = {
        name: _remarked(_plain_row(first, name, sides, starts.get(name), baseline)) for name, sides in found.items()
    }
    for name, row in plain.items():
        of_limit = least_s / row.median_s if least_s and row.median_s else None
        plain[name] = replace(row, of_limit=of_limit, break_even_calls=_break_even(row, plain.get(row.baseline)))
    if not first.paired:
        return list(plain.values())
    few = {name for name, sides in found.items() if any(side.few_samples for side in sides)}
    compared = [
        row for row in plain.values() if _comparable(row, plain) and not {row.implementation, row.baseline} & few
    ]
    finished = []
    for row in plain.values():
        with_speedup = _with_speedup(row, plain, by_process, few=few, comparisons=len(compared))
        below = with_speedup.speedup and 1.0 / floor_factor <= with_speedup.speedup <= floor_factor
        if below and with_speedup.verdict in ("faster", "slower"):
            with_speedup = replace(with_speedup, verdict=WITHIN_FLOOR)
        finished.append(with_speedup)
    return finished


def _comparable(row: Row, table: Mapping[str, Row]) -> bool:
    other = table.get(row.baseline)
    if row.implementation == row.baseline or not row.median_s or other is None or not other.median_s:
        return False
    return _is_ratio(other.median_s / row.median_s)


def _break_even(row: Row, baseline: Row | None) -> float | None:
    """Return with how many calls an implementation has overtaken its baseline, the first ones included; None for never.

    n calls take first + (n - 1) median seconds.
    """
    if baseline is None or row.implementation == baseline.implementation:
        return None
    times = (row.first_call_s, row.median_s, baseline.first_call_s, baseline.median_s)
    first_s, median_s, other_first_s, other_median_s = (time or math.nan for time in times)
    if not median_s < other_median_s or math.isnan(first_s - other_first_s):
        return None
    return 1.0 + max(0, math.ceil((first_s - other_first_s) / (other_median_s - median_s)))


def _plain_row(
    measurement: Measurement, name: str, sides: Sequence[Side], start: Side | None, baseline: str | None
) -> Row:
    """Return an implementation's row without its speedup; start: what was found of beginning with it."""
    status, reason = _status(sides)
    timed = sides if status == "ok" else ()
    times = [time for side in timed for time in side.times_s]
    busy = [side.cpu_s / wall for side in timed if side.cpu_s is not None and (wall := math.fsum(side.epochs_s)) > 0]
    told = [*timed, *([start] if start and status == "ok" else [])]
    digits = [side.digits for side in sides if side.digits is not None]
    return Row(
        problem=measurement.problem,
        size=measurement.size,
        threads=measurement.threads,
        threads_observed=median(busy) if busy else None,
        implementation=name,
        algorithm=sides[0].algorithm,
        arithmetic=sides[0].arithmetic,
        status=status,
        reason=reason,
        processes=sum(bool(side.epochs_s) for side in timed),
        median_s=median(times) if times else None,
        iqr_s=interquartile_range(times) if len(times) > 1 else None,
        min_s=min(times, default=None),
        import_s=_median_known(side.import_s for side in told),
        first_call_s=_median_known(side.first_call_s for side in told),
        first_call_cached_s=_median_known(side.first_call_cached_s for side in told),
        break_even_calls=None,
        baseline=sides[0].baseline if baseline is None else baseline,
        speedup=None,
        speedup_low=None,
        speedup_high=None,
        verdict="",
        of_limit=None,
        digits=min(digits, default=None),
        peak_memory_bytes=max((s.peak_memory_bytes for s in told if s.peak_memory_bytes is not None), default=None),
        steps=max((side.steps for side in sides if side.steps is not None), default=None),
    )


def _median_known(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def busy_text(row: Row) -> str:
    """Return 'kept 1.9 processors busy where 1 was allowed'; empty where it kept to what it was allowed."""
    if not row.exceeds_threads:
        return ""
    were = "was" if row.threads == 1 else "were"
    return f"kept {row.threads_observed:.2g} processors busy where {row.threads} {were} allowed"


def _remarked(row: Row) -> Row:
    """Return a row that says itself what is wrong with the processors it used."""
    return replace(row, reason="; ".join(filter(None, (row.reason, busy_text(row)))))


def _status(sides: Sequence[Side]) -> tuple[Status, str]:
    """Return the worst status and its reasons; a side refused in one process has no time in any."""
    ok: Status = "ok"
    status = next((bad for bad in _SEVERITY if any(side.status == bad for side in sides)), ok)
    concerned = [side for side in sides if side.status == status]
    reason = "; ".join(dict.fromkeys(side.reason for side in concerned if side.reason))
    if status != "ok" and len(concerned) < len(sides):
        reason = f"{reason} (in {len(concerned)} of {len(sides)} processes)".lstrip()
    return status, reason


def _with_speedup(
    row: Row, table: Mapping[str, Row], by_process: Sequence[Mapping[str, Side]], *, few: set[str], comparisons: int
) -> Row:
    if row.median_s is not None and row.implementation == row.baseline:
        return replace(row, speedup=1.0, verdict="baseline")
    if not _comparable(row, table):
        return row
    if not {row.implementation, row.baseline} & few:
        paired = [_log_ratios(sides.get(row.baseline), sides.get(row.implementation)) for sides in by_process]
        per_process = [log_ratios for log_ratios in paired if log_ratios]
        if len(per_process) > 1:
            speedup, low, high = ratio_interval(per_process, comparisons=comparisons)
            verdict = _verdict(low, high)
            low, high = (low, high) if _is_ratio(low) and _is_ratio(high) else (None, None)
            return replace(row, speedup=speedup, speedup_low=low, speedup_high=high, verdict=verdict)
    ratio = (table[row.baseline].median_s or 0.0) / (row.median_s or 1.0)
    return replace(row, speedup=ratio, verdict=FEW_SAMPLES)


def _is_ratio(value: float | None) -> bool:
    """Return whether an interval's end can be shown: that of two processes may reach from nothing to infinity."""
    return value is not None and 0.0 < value < math.inf


def _verdict(low: float | None, high: float | None) -> str:
    if low is not None and low > 1.0:
        return "faster"
    return "slower" if high is not None and high < 1.0 else NOT_RESOLVED


def _log_ratios(baseline: Side | None, side: Side | None) -> list[float]:
    """Return log(time of the baseline / time of the side) for each round that both were timed in."""
    if baseline is None or side is None:
        return []
    ours, theirs = _log_times(side), _log_times(baseline)
    return [theirs[number] - ours[number] for number in ours if number in theirs]


def _log_times(side: Side) -> dict[float, float]:
    """Return the mean log time of each round; an epoch of 0 s, from a coarse clock, is no time."""
    logs: dict[float, list[float]] = {}
    for number, time in zip(side.rounds, side.times_s, strict=True):
        if time > 0:
            logs.setdefault(number, []).append(math.log(time))
    return {number: math.fsum(values) / len(values) for number, values in logs.items()}


def _common_environment(environments: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one environment for all of them."""
    names = dict.fromkeys(name for environment in environments for name in environment)
    return {name: _common([e[name] for e in environments if name in e]) for name in names}


def _common(values: Sequence[Any]) -> Any:
    """Return one value for many: numbers as their lowest and highest, texts as a list, anything else as the first."""
    distinct = list({text_of(value): value for value in values}.values())
    if len(distinct) > 1 and all(isinstance(value, int | float) for value in distinct):
        return {"lowest": min(distinct), "highest": max(distinct)}
    texts = [value for value in distinct if isinstance(value, str)]
    return distinct[0] if len(distinct) == 1 or len(texts) < len(distinct) else texts
