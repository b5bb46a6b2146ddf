"""Which measurements may be set against each other: those of one problem, size, thread count and set of conditions."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lrbench.results import Measurement

# What must agree before two times may enter one ratio; the others belong to the environment.
_DATA = ("data", "data version", "seed")
ENVIRONMENT = (
    "machine",
    "environment_name",
    "commit",
    "cpu",
    "blas",
    "blas_kernel",
    "python",
    "numpy",
    "numba",
    "source",
)


def telling(conditions: Sequence[Mapping[str, str]], names: Sequence[str]) -> list[str]:
    """Return the first few of some names that tell apart all that the names can tell apart."""
    chosen: list[str] = []
    for name in names:
        with_it = {tuple(c[other] for other in (*chosen, name)) for c in conditions}
        if len(with_it) > len({tuple(c[other] for other in chosen) for c in conditions}):
            chosen.append(name)
    return chosen


def condition_text(name: str, value: str) -> str:
    """Return one condition in a few words, empty where its value is not known."""
    if name == "tool":
        return value
    if name == "run" and value:
        return f"run of {value}"
    shown = value[:10] if name in ("commit", "data", "source") else value
    return f"{name.replace('_', ' ')} {shown}" if shown else ""


def kept_apart(rivals: Mapping[tuple[str, str, int], Sequence[Mapping[str, str]]]) -> list[str]:
    """Return what is said of measurements that could not enter one ratio, a line for each kind of difference."""
    places: dict[tuple[str, ...], list[str]] = {}
    for (problem, size, _), conditions in rivals.items():
        differing = tuple(name for name in conditions[0] if len({c[name] for c in conditions}) > 1)
        if differing:
            places.setdefault(differing, []).append(f"{problem} at {size}" if size else problem)
    return [
        f"Measurements that differ in {', '.join(names).replace('_', ' ')} stand in tables of their own and never "
        f"enter one ratio: {_listed(list(dict.fromkeys(found)))}."
        for names, found in places.items()
    ]


def place_of(measurement: Measurement) -> tuple[str, str, int]:
    """Return what stands above a table: problem, size and threads."""
    return measurement.problem, measurement.size, measurement.threads


def groups_of(measurements: Sequence[Measurement]) -> list[tuple[dict[str, str], list[Measurement]]]:
    """Return (conditions, measurements) for each set of measurements that may be compared."""
    groups: dict[tuple[Any, ...], tuple[dict[str, str], list[Measurement]]] = {}
    untimed = []
    for measurement in measurements:
        conditions = _conditions(measurement)
        key = (*place_of(measurement), measurement.paired, *conditions.values())
        if key not in groups and not any(side.status == "ok" for side in measurement.sides):
            # Possibly a worker that died before it knew its data: its failure belongs to the timed ones.
            untimed.append((measurement, conditions, key))
            continue
        groups.setdefault(key, (conditions, []))[1].append(measurement)
    for measurement, conditions, key in untimed:
        for other, members in groups.values():
            agrees = all(not value or value == other[name] for name, value in conditions.items())
            if agrees and place_of(members[0]) == place_of(measurement):
                members.append(measurement)
                break
        else:
            groups.setdefault(key, (conditions, []))[1].append(measurement)
    return list(groups.values())


def _conditions(measurement: Measurement) -> dict[str, str]:
    environment = measurement.environment
    seed = "" if measurement.seed is None else str(measurement.seed)
    return {
        "tool": measurement.source,  # environments call the checksum of lrbench's own files source
        **dict(zip(_DATA, (measurement.data_checksum, measurement.version, seed), strict=True)),
        **{name: text_of(environment.get(name, "")) for name in ENVIRONMENT},
        # Unpaired times of two runs are no processes of one; paired ones are compared within their processes.
        "run": "" if measurement.paired else measurement.started[:19],
    }


def text_of(value: Any) -> str:
    """Return a value as text that is the same for equal values."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)


def _listed(names: Sequence[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
