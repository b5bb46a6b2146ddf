"""Several runs side by side, whoever timed them: a case's times in each, and why some cannot be compared.

Times of different runs are unpaired: whatever the machine did in between is in their ratio. It is given with the
interval that the two medians' own intervals allow at worst, and without a verdict.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrbench.comparisons.histories import Point, point_of
from lrbench.comparisons.runs import Moment, moments_of
from lrbench.conditions import text_of
from lrbench.results import STARTS, Measurement, Side

# What must not differ, where both runs tell it. Python's version is compared as far as both tell it.
_SAME = ("machine", "cpu", "python", "numpy", "numba", "blas", "blas_kernel")


@dataclass(frozen=True, slots=True)
class Run:
    """What was timed together: one tool, one machine, one commit and date."""

    source: str
    machine: str
    environment: str  # its name, as asv gives one
    commit: str
    date: str

    @property
    def kind(self) -> tuple[str, str, str]:
        """What its times have in common with those of other commits and dates."""
        return self.source, self.machine, self.environment

    @property
    def name(self) -> str:
        """The run in a few words: 'asv ae4acda8aa 2026-11-21T10:12 on host, virtualenv-py3.11'."""
        place = ", ".join(filter(None, (self.machine, self.environment)))
        words = (self.source, self.commit[:10], self.date[:16], f"on {place}" if place else "")
        return " ".join(filter(None, words))


@dataclass(frozen=True, slots=True)
class Pair:
    """One case in two runs; either a ratio, or the reason why there is none."""

    problem: str
    size: str
    implementation: str
    threads: int
    first: Run
    second: Run
    first_s: float | None
    second_s: float | None
    ratio: float | None  # of times, second over first
    low: float | None
    high: float | None
    reason: str  # why there is no ratio; empty where there is one


Case = tuple[str, str, str]
_NO_RATIO = (None, None, None)
_FIRST_ALONE, _SECOND_ALONE = "only the first has the case", "only the second has the case"
_Found = dict[Run, dict[int, list[tuple[Measurement, Side]]]]


def across(measurements: Sequence[Measurement]) -> tuple[Pair, ...]:
    """Return every case of the first run that has it beside each other one; nothing where there is one run only.

    On a further machine, or of another tool, the first run there that has the case is set beside its later ones, too.
    The two runs of a pair stand in the order of all runs.
    """
    cases: dict[Case, _Found] = {}
    runs: dict[Run, None] = {}
    for measurement, moment in zip(measurements, moments_of(measurements), strict=True):
        if measurement.process == STARTS:
            continue
        machine, named = (text_of(measurement.environment.get(name, "")) for name in ("machine", "environment_name"))
        run = Run(measurement.source, machine, named, *moment)
        runs[run] = None
        for side in measurement.sides:
            case = (measurement.problem, measurement.size, side.implementation)
            cases.setdefault(case, {}).setdefault(run, {}).setdefault(measurement.threads, []).append(
                (measurement, side)
            )
    pairs: list[Pair] = []
    for case, found in cases.items() if len(runs) > 1 else ():
        first = next(run for run in runs if run in found)
        earlier = list(itertools.takewhile(first.__ne__, runs))
        for threads, members in found[first].items():
            time_s = point_of(_moment(first), members).median_s
            pairs += [Pair(*case, threads, run, first, None, time_s, *_NO_RATIO, _SECOND_ALONE) for run in earlier]
            pairs += _later(case, threads, first, found, [run for run in runs if run != first and run not in earlier])
    return tuple(pairs)


def _later(case: Case, threads: int, first: Run, found: _Found, later: Sequence[Run]) -> Iterator[Pair]:
    """Yield a case of the first run beside each later one; of a kind that began later, its first one too."""
    heads = {first.kind: first}
    for run in later:
        yield _pair(case, threads, (first, found[first][threads]), (run, found.get(run, {})))
        head = heads.get(run.kind)
        if head is not None and head != first:
            yield _pair(case, threads, (head, found[head][threads]), (run, found.get(run, {})))
        elif head is None and threads in found.get(run, {}):
            heads[run.kind] = run


def _pair(
    case: Case,
    threads: int,
    first: tuple[Run, Sequence[tuple[Measurement, Side]]],
    second: tuple[Run, Mapping[int, Sequence[tuple[Measurement, Side]]]],
) -> Pair:
    run, members = first
    other, by_threads = second
    there = by_threads.get(threads, ())
    a = point_of(_moment(run), members)
    b = point_of(_moment(other), there) if there else None
    reason = _reason(members[0][0], a, there, b, by_threads)
    times = (a.median_s, b.median_s if b else None)
    if reason or not a.median_s or b is None or not b.median_s:
        return Pair(*case, threads, run, other, *times, *_NO_RATIO, reason)
    low = b.low_s / a.high_s if b.low_s and a.high_s else None
    high = b.high_s / a.low_s if b.high_s and a.low_s else None
    return Pair(*case, threads, run, other, *times, b.median_s / a.median_s, low, high, "")


def _moment(run: Run) -> Moment:
    return run.commit, run.date


def _reason(
    measured: Measurement,
    a: Point,
    there: Sequence[tuple[Measurement, Side]],
    b: Point | None,
    by_threads: Mapping[int, object],
) -> str:
    """Return why two times may not be compared; empty where they may."""
    if not there or b is None:
        if not by_threads:
            return _FIRST_ALONE
        counts = ", ".join(str(n) if n else "not known" for n in by_threads)
        return f"threads differ ({measured.threads or 'not known'}, there {counts})"
    for point in (a, b):
        if not point.median_s:
            return f"{point.status}: {point.reason}" if point.reason else point.status
    other = there[0][0]
    for what, x, y in (
        ("data", measured.data_checksum, other.data_checksum),
        ("data version", measured.version, other.version),
    ):
        if x and y and x != y:
            return f"{what} differs ({x[:12]}, there {y[:12]})"
    for name in _SAME:
        x, y = (_known(name, m.environment.get(name)) for m in (measured, other))
        if x and y and x != y and not (name == "python" and (x.startswith(f"{y}.") or y.startswith(f"{x}."))):
            return f"{name.replace('_', ' ')} differs ({x[:60]}, there {y[:60]})"
    return ""


def _known(name: str, value: Any) -> str:
    text = "" if value is None else text_of(value)
    return re.sub(r"^CPython ", "", text) if name == "python" else text
