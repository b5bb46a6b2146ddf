"""Which measurements were taken in one run, and when: what points of histories and pairs of runs go by."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lrbench.conditions import text_of
from lrbench.results import Measurement

Moment = tuple[str, str]  # commit, date
Key = tuple[str, ...]

# What makes two times of a case belong to different histories, beside the case itself.
APART = ("machine", "cpu", "environment_name", "python", "numpy", "numba", "blas", "blas_kernel")


def moments_of(measurements: Sequence[Measurement]) -> list[Moment]:
    """Return (commit, date) of each, in any order: one moment a run, since a run's processes belong together.

    A file holds one run of each state of code and machine. Where a process comes again in it, as in files that were
    joined, another run begins, to which all that started later belongs.
    """
    runs: list[Key] = [()] * len(measurements)
    met: dict[Key, set[tuple[Any, ...]]] = {}
    begun: Counter[Key] = Counter()
    dates: dict[Key, str] = {}
    for i in sorted(range(len(measurements)), key=lambda i: iso_date(measurements[i].started)):
        measurement = measurements[i]
        state = (measurement.origin, measurement.source, commit_of(measurement), *conditions_of(measurement))
        process = (measurement.version, measurement.key)
        if process in met.setdefault(state, set()):
            begun[state] += 1
            met[state].clear()
        met[state].add(process)
        runs[i] = (*state, str(begun[state]))
        dates[runs[i]] = dates.get(runs[i]) or date_of(measurement)
    return [(run[2], dates[run]) for run in runs]


def commit_of(measurement: Measurement) -> str:
    """Return the commit, with a plus where files were changed; empty where it is not known."""
    commit = text_of(measurement.environment.get("commit", ""))
    return f"{commit[:7]}+" if commit and measurement.environment.get("dirty") is True else commit


def date_of(measurement: Measurement) -> str:
    """Return the date of the commit where it is known, else of the measurement; empty where neither is."""
    return iso_date(measurement.environment.get("commit_date")) or iso_date(measurement.started)


def conditions_of(measurement: Measurement) -> Key:
    """Return the machine and the environment, one text for each of APART."""
    environment: Mapping[str, Any] = measurement.environment
    return tuple(text_of(environment.get(name, "")) for name in APART)


def iso_date(value: Any) -> str:
    """Return a date that a source gives as ISO 8601 in UTC, so that texts sort as dates; empty for what is none."""
    try:
        moment = datetime.fromisoformat(value)
        return (moment.replace(tzinfo=moment.tzinfo or UTC)).astimezone(UTC).isoformat(timespec="seconds")
    except (TypeError, ValueError, OverflowError):
        return ""
