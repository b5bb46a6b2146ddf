"""How many times as fast a side is as another, from the rounds of the processes that timed both."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lrbench.comparisons.records import Floor, Row
from lrbench.conditions import place_of
from lrbench.intervals import ratio_interval
from lrbench.results import Measurement, Side

FEW_SAMPLES = "few samples: no verdict"
NOT_RESOLVED = "no difference resolved"
WITHIN_FLOOR = "within the noise floor"  # an interval without 1 around a ratio that identical code shows, too
UNRESOLVED = NOT_RESOLVED, WITHIN_FLOOR


def floors(measurements: Sequence[Measurement]) -> tuple[Floor, ...]:
    """Return the intervals of the ratios of sides to themselves, corrected for their number as any table is."""
    per_side: dict[str, list[list[float]]] = {}
    for measurement in measurements:
        sides = {side.implementation: side for side in measurement.sides}
        for twin in measurement.twins:
            if log_ratios := _log_ratios(sides.get(twin.implementation), twin):
                per_side.setdefault(twin.implementation, []).append(log_ratios)
    found = []
    for name, per_process in per_side.items():
        _, low, high = ratio_interval(per_process, comparisons=len(per_side))
        if low and high and _is_ratio(low) and _is_ratio(high):
            found.append(Floor(*place_of(measurements[0]), name, low, high))
    return tuple(found)


def comparable(row: Row, table: Mapping[str, Row]) -> bool:
    """Return whether a row and its baseline, another one, both have times with a ratio."""
    other = table.get(row.baseline)
    if row.implementation == row.baseline or not row.median_s or other is None or not other.median_s:
        return False
    return _is_ratio(other.median_s / row.median_s)


def with_speedup(
    row: Row, table: Mapping[str, Row], by_process: Sequence[Mapping[str, Side]], *, few: set[str], comparisons: int
) -> Row:
    """Return a row with its speedup over its baseline, the interval, and the verdict.

    by_process: the sides that each process timed.   few: who was called too rarely for a verdict.
    comparisons: how many intervals the table holds, for which each is corrected.
    """
    if row.median_s is not None and row.implementation == row.baseline:
        return replace(row, speedup=1.0, verdict="baseline")
    if not comparable(row, table):
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
