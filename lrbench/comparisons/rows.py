"""All processes' samples of an implementation to the one row that a table has of it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lrbench.comparisons.limits import least_time_s
from lrbench.comparisons.medians import median_ends
from lrbench.comparisons.records import Row
from lrbench.comparisons.speedups import UNRESOLVED, WITHIN_FLOOR, comparable, with_speedup
from lrbench.intervals import interquartile_range, median
from lrbench.results import STARTS, Measurement, Side, Status

# From the worst down: what one process found decides for all of them.
_SEVERITY: tuple[Status, ...] = ("wrong answer", "failed", "skipped", "not run")


def table_rows(measurements: Sequence[Measurement], baseline: str | None, floor_factor: float) -> list[Row]:
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
        row for row in plain.values() if comparable(row, plain) and not {row.implementation, row.baseline} & few
    ]
    finished = []
    for row in plain.values():
        judged = with_speedup(row, plain, by_process, few=few, comparisons=len(compared))
        below = judged.speedup and 1.0 / floor_factor <= judged.speedup <= floor_factor
        if below and judged.verdict in ("faster", "slower"):
            judged = replace(judged, verdict=WITHIN_FLOOR)
        if judged.verdict in UNRESOLVED:
            judged = replace(judged, break_even_calls=None)
        finished.append(judged)
    return finished


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
    low_s, high_s = median_ends([side for side in timed if side.epochs_s]) if times else (None, None)
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
        iqr_s=_iqr_s(timed, times),
        min_s=_min_s(timed),
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
        median_low_s=low_s,
        median_high_s=high_s,
        steps=max((side.steps for side in sides if side.steps is not None), default=None),
    )


def _iqr_s(sides: Sequence[Side], times: Sequence[float]) -> float | None:
    """Return what lies between the quartiles of times, or between those that the only side's source states."""
    if len(times) > 1:
        return interquartile_range(times)
    stated = [side.quartiles_s for side in sides if side.is_summary and side.quartiles_s]
    return stated[0][1] - stated[0][0] if stated else None


def _min_s(sides: Sequence[Side]) -> float | None:
    """Return the shortest time; None where a side has neither samples nor a source that states it: a median is none."""
    lowest = [side.min_s if side.is_summary else min(side.times_s) for side in sides if side.epochs_s]
    known = [time for time in lowest if time is not None]
    return min(known) if known and len(known) == len(lowest) else None


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
