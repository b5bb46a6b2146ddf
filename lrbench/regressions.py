"""Has anything become slower? Two sets of runs, case by case, and one verdict for all of them.

Times of different runs are unpaired: whatever the machine did meanwhile is in them. So a regression is only
confirmed when both sides hold two separate runs, both pairs of runs agree, and the change is larger than both
the noise floor and the threshold. Runs that were interleaved on purpose are paired process by process.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lrbench.comparisons import make_tables
from lrbench.conditions import text_of
from lrbench.intervals import median, ratio_interval, student_t_quantile
from lrbench.results import Measurement, Side

NO_REGRESSION, REGRESSION, FAILED, NOTHING_TO_COMPARE, TOO_NOISY = range(5)  # the exit codes of lrbench compare

Run = Sequence[Measurement]
Key = tuple[str, str, int, str]  # problem, size, threads, implementation
# What must be the same before times of two runs are compared; --python exists for the other differences.
SAME = ("cpu", "blas", "blas_kernel", "python", "numpy", "numba")


@dataclass(frozen=True, slots=True)
class Change:
    """How much longer one case takes now: the ratio of times, new over baseline, in each pair of runs."""

    key: Key
    ratios: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    limit: float  # a smaller ratio is no regression
    verdict: Literal["slower", "faster", "perhaps slower", "no regression", "few samples: not judged"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The exit code, the changes behind it, and what could not be compared."""

    code: int
    changes: tuple[Change, ...] = ()
    remarks: tuple[str, ...] = field(default=())


def judge(baseline: Sequence[Run], new: Sequence[Run], *, threshold: float = 0.05, paired: bool = False) -> Verdict:
    """Return the verdict over two sets of runs; paired: process k of one was measured beside process k of the other."""
    before, now = [_sides(run) for run in baseline], [_sides(run) for run in new]
    if not any(before) or not any(now):
        return Verdict(NOTHING_TO_COMPARE, remarks=("There is nothing to compare: no measurements on one side.",))
    if reasons := _differences([*baseline, *new], () if paired else SAME):
        return Verdict(NOTHING_TO_COMPARE, remarks=reasons)
    known, found = _names(before), _names(now)
    remarks = [f"New, and compared with nothing: {_case(key)}." for key in found if key not in known]
    if missing := [key for key in known if key not in found]:
        remarks += [f"Missing or renamed: {_case(key)} is not among the new measurements." for key in missing]
        return Verdict(NOTHING_TO_COMPARE, remarks=tuple(remarks))
    failures = [
        f"{_case(key)}: {side.status}: {side.reason}"
        for run in now
        for key, sides in run.items()
        for side in sides
        if side.status in ("failed", "wrong answer")
    ]
    if failures:
        return Verdict(FAILED, remarks=(*remarks, *dict.fromkeys(failures)))
    timed = [key for key in known if all(_times(run.get(key, ())) for run in (*before, *now))]
    remarks += [f"Not timed in the baseline, and not compared: {_case(key)}." for key in known if key not in timed]
    if not timed:
        return Verdict(NOTHING_TO_COMPARE, remarks=(*remarks, "No case was timed on both sides."))
    limits = _limits([*baseline, *new], threshold)
    changes = tuple(
        _change(key, before, now, limit=limits.get(key[:3], 1.0 + threshold), cases=len(timed), paired=paired)
        for key in timed
    )
    return Verdict(_code(changes), changes, tuple(remarks))


def _code(changes: Sequence[Change]) -> int:
    verdicts = {change.verdict for change in changes}
    if "slower" in verdicts:
        return REGRESSION
    return TOO_NOISY if "perhaps slower" in verdicts else NO_REGRESSION


def _sides(run: Run) -> dict[Key, list[Side]]:
    """Return every case's sides in the order of processes."""
    found: dict[Key, list[Side]] = {}
    for measurement in sorted(run, key=lambda m: m.process):
        for side in measurement.sides:
            key = (measurement.problem, measurement.size, measurement.threads, side.implementation)
            found.setdefault(key, []).append(side)
    return found


def _names(runs: Sequence[Mapping[Key, Sequence[Side]]]) -> dict[Key, None]:
    """Return the cases that were measured, or failed; those that were not run at all cannot go missing."""
    return {key: None for run in runs for key, sides in run.items() if sides[0].status not in ("skipped", "not run")}


def _case(key: Key) -> str:
    problem, size, threads, implementation = key
    return f"{problem}/{size}/{implementation} ({threads} thread{'s' * (threads != 1)})"


def _differences(runs: Sequence[Run], names: Sequence[str]) -> tuple[str, ...]:
    """Return why runs may not be compared: conditions that differ, by name."""
    reasons = []
    for name in names:
        values = dict.fromkeys(text_of(m.environment.get(name)) for run in runs for m in run)
        if len(values) > 1:
            reasons.append(f"Not compared: {name.replace('_', ' ')} differs ({' and '.join(values)}).")
    data: dict[tuple[str, str], dict[str, None]] = {}
    for measurement in (m for run in runs for m in run):
        if measurement.data_checksum:
            data.setdefault((measurement.problem, measurement.size), {})[measurement.data_checksum] = None
    reasons += [
        f"Not compared: the data of {problem} at {size} differ (checksums {' and '.join(sums)}). Use one seed."
        for (problem, size), sums in data.items()
        if len(sums) > 1
    ]
    threads = [frozenset((m.problem, m.size, m.threads) for m in run) for run in runs]
    places = {place[:2] for run in threads for place in run}
    for place in sorted(places):
        counts = {frozenset(p[2] for p in run if p[:2] == place) for run in threads}
        if len(counts) > 1 and not frozenset.intersection(*counts) and all(counts):
            reasons.append(f"Not compared: {place[0]} at {place[1]} was measured with other thread counts.")
    return tuple(reasons)


def _limits(runs: Sequence[Run], threshold: float) -> dict[tuple[str, str, int], float]:
    """Return, by problem, size and threads, the ratio up to which a change is no regression."""
    limits: dict[tuple[str, str, int], float] = {}
    for run in runs:
        for table in make_tables(run)[0]:
            place = (table.problem, table.size, table.threads)
            limits[place] = max(limits.get(place, 1.0 + threshold), table.floor_factor)
    return limits


def _times(sides: Sequence[Side]) -> list[float]:
    """Return one log time a process: that of its median epoch."""
    return [math.log(median(side.times_s)) for side in sides if side.status == "ok" and side.epochs_s]


def _change(
    key: Key,
    before: Sequence[Mapping[Key, Sequence[Side]]],
    now: Sequence[Mapping[Key, Sequence[Side]]],
    *,
    limit: float,
    cases: int,
    paired: bool,
) -> Change:
    pairs = list(zip(before, now, strict=False))
    found = [_interval(_times(a[key]), _times(b[key]), cases, paired=paired) for a, b in pairs]
    ratios, lows, highs = (tuple(values) for values in zip(*found, strict=True))
    few = any(side.few_samples for run in (*before, *now) for side in run[key])
    confirmed = paired or min(len(before), len(now)) > 1
    if few:
        return Change(key, ratios, lows, highs, limit, "few samples: not judged")
    if all(low > 1.0 and ratio > limit for ratio, low in zip(ratios, lows, strict=True)) and confirmed:
        return Change(key, ratios, lows, highs, limit, "slower")
    if all(high < 1.0 and ratio < 1.0 / limit for ratio, high in zip(ratios, highs, strict=True)):
        return Change(key, ratios, lows, highs, limit, "faster")
    if any(ratio > limit for ratio in ratios):
        return Change(key, ratios, lows, highs, limit, "perhaps slower")
    return Change(key, ratios, lows, highs, limit, "no regression")


def _interval(before: Sequence[float], now: Sequence[float], cases: int, *, paired: bool) -> tuple[float, float, float]:
    """Return the ratio of times, new over baseline, and its 95 % interval over processes, for so many cases together.

    Paired: Student's t over the log ratios of the pairs; else Welch's t over the two sets of log times.
    """
    if paired:
        ratio, low, high = ratio_interval([[b - a] for a, b in zip(before, now, strict=False)], comparisons=cases)
        return ratio, low or 0.0, high or math.inf
    mean = math.fsum(now) / len(now) - math.fsum(before) / len(before)
    parts = [_variance(values) / len(values) for values in (before, now)]
    total = math.fsum(parts)
    if min(len(before), len(now)) == 1:
        return math.exp(mean), 0.0, math.inf
    if not total:
        return math.exp(mean), math.exp(mean), math.exp(mean)
    freedom = total**2 / math.fsum(
        part**2 / (len(values) - 1) for part, values in zip(parts, (before, now), strict=True)
    )
    half = student_t_quantile(1.0 - 0.05 / (2.0 * cases), freedom) * math.sqrt(total)
    return math.exp(mean), math.exp(mean - half), math.exp(mean + half)


def _variance(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / max(1, len(values) - 1)
