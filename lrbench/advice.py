"""What a reader should know before believing a report, in plain words: what was unquiet, and what to do."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeGuard

from lrbench.comparisons import Report, Row, busy_text
from lrbench.results import Measurement

SPREAD = 0.1  # of the quartiles, relative to the median
LOAD = 0.5  # of the cores
_LARGEST = 1e6
TICKS = 1000  # of the clock, in one epoch
_PAIRED = (
    "Their absolute times move from process to process; their ratios, which are paired, hold. "
    "More processes narrow the intervals."
)
_UNPAIRED = "Times that were not taken side by side tell no smaller differences than that."


def advise(report: Report, measurements: Sequence[Measurement]) -> Report:
    """Return the report with advice among its remarks."""
    advice = (*_load(measurements), *_spread(report.rows), *_threads(report.rows), *_clock(measurements))
    return replace(report, remarks=(*report.remarks, *advice))


def _load(measurements: Sequence[Measurement]) -> Iterator[str]:
    load, cores = _highest("load_before", measurements)
    if load > LOAD * cores:
        yield (
            f"The load before the run was {load:.2g} on {cores} cores: other work was running. "
            "Close it and measure again with --fresh; intervals and noise floors are wider for it."
        )
    load, cores = _highest("load_after", measurements)
    if load > (1.0 + LOAD) * cores:  # the run itself keeps as many processes ready as there are cores
        yield (
            f"The load rose to {load:.2g} on {cores} cores while the run measured: other work came in between. "
            "Keep the machine to itself and measure again with --fresh."
        )


def _highest(name: str, measurements: Sequence[Measurement]) -> tuple[float, int]:
    """Return the highest load of that name, for its cores, with the number of cores."""
    found = [(m.environment.get(name), m.environment.get("cores")) for m in measurements]
    numbers = [
        (load, cores) for load, cores in found if _is_count(load) and isinstance(cores, int) and _is_count(cores)
    ]
    load, cores = max(numbers, default=(0.0, 1))
    return float(load), int(cores)


def _is_count(value: object) -> TypeGuard[float]:
    """Return whether a value from a file is a number that a load, or a count of cores, may be."""
    return isinstance(value, int | float) and 0 <= value < _LARGEST


def _spread(rows: Sequence[Row]) -> Iterator[str]:
    timed = [row for row in rows if row.median_s and row.iqr_s is not None]
    wide = [row for row in timed if row.iqr_s and row.median_s and row.iqr_s > SPREAD * row.median_s]
    if wide:
        worst = max(wide, key=lambda row: (row.iqr_s or 0.0) / (row.median_s or 1.0))
        share = (worst.iqr_s or 0.0) / (worst.median_s or 1.0)
        place = f"{worst.implementation} of {worst.problem}{f' at {worst.size}' if worst.size else ''}"
        are_paired = any(row.speedup is not None for row in wide)
        yield (
            f"In {len(wide)} of {len(timed)} rows the quartiles lie more than {100 * SPREAD:.0f} % apart (most in "
            f"{place}: {100 * share:.0f} %). {_PAIRED if are_paired else _UNPAIRED}"
        )


def _threads(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        if busy := busy_text(row):
            yield (
                f"{row.implementation} of {row.problem} at {row.size} {busy}: "
                "it does not heed the thread settings. Limit it by affinity."
            )


def _clock(measurements: Sequence[Measurement]) -> Iterator[str]:
    coarse = {
        f"{side.implementation} of {measurement.problem} at {measurement.size}"
        for measurement in measurements
        if isinstance(tick := measurement.environment.get("clock_resolution_s"), int | float)
        for side in measurement.sides
        if side.epochs_s and min(side.epochs_s) < TICKS * tick
    }
    if coarse:
        yield (
            f"Epochs of {', '.join(sorted(coarse)[:3])} last under {TICKS} ticks of the clock, so that reading it "
            "shows in the times. Measure on a machine with a finer clock."
        )
