"""What the machine allows at most, and in how little time a problem could be computed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lrbench.comparisons.records import BANDWIDTHS
from lrbench.intervals import median
from lrbench.results import Ceiling, Measurement


def least_time_s(measurements: Sequence[Measurement]) -> float | None:
    """Return the least time that the machine allows for the problem's least work; None where that is not known.

    It is the longer of bytes over bandwidth and flops over flop/s, each with the highest ceiling that any of the
    processes found, since what one found, the machine can do. Additions have one flop for 24 bytes, so that no machine
    is short of flop/s for them: where those were not measured, bytes alone count.
    """
    first = measurements[0]
    kinds = BANDWIDTHS.get(first.traffic, BANDWIDTHS["read"])
    highest = {"bandwidth": 0.0, "flops": 0.0}
    for ceiling in (ceiling for measurement in measurements for ceiling in measurement.ceilings):
        name = "flops" if ceiling.kind == "flops" else "bandwidth" if ceiling.kind in kinds else ""
        if name:
            highest[name] = max(highest[name], ceiling.value)
    if first.iterative or first.flops is None or first.size_bytes is None or not highest["bandwidth"]:
        return None
    bytes_s = first.size_bytes / highest["bandwidth"]
    if not highest["flops"]:
        return bytes_s if first.traffic == "add" else None
    return max(bytes_s, first.flops / highest["flops"])


def ceiling_rows(ceilings: Iterable[Ceiling]) -> tuple[Mapping[str, Any], ...]:
    """Return every ceiling once: the median of what processes found, with the lowest and the highest.

    Working sets that agree to three digits are one: reading and adding round the same bytes to whole arrays.
    """
    found: dict[tuple[str, int, float], list[Ceiling]] = {}
    for ceiling in ceilings:
        about = float(f"{ceiling.working_set_bytes or 0.0:.3g}")
        found.setdefault((ceiling.kind, ceiling.threads, about), []).append(ceiling)
    rows = []
    for (kind, threads, _), own in sorted(found.items(), key=lambda pair: pair[0]):
        values = [ceiling.value for ceiling in own]
        of = {"kind": kind, "threads": threads, "working_set_bytes": own[0].working_set_bytes}
        rows.append({**of, "value": median(values), "low": min(values), "high": max(values)})
    return tuple(rows)
