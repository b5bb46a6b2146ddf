"""What a document on languages holds, found by method and size."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]  # what `lrbench languages --json` prints
Row = Mapping[str, Any]
Name = tuple[str, str]  # language, method

DOCUMENTS_SIZE = 10_000  # elements of the documents' vectors
BYTES = 24  # of an element of a, b and c


def methods(rows: Iterable[Row]) -> dict[Name, dict[int, Row]]:
    """Return the rows of each method by size, in the order of the rows."""
    found: dict[Name, dict[int, Row]] = {}
    for row in rows:
        found.setdefault((row["language"], row["method"]), {})[row["size"]] = row
    return found


def timed(document: Document) -> dict[Name, dict[int, Row]]:
    """Return the rows that have a time, by method and size."""
    return methods(row for row in document["rows"] if row["median_s"])


def near(sizes: Iterable[int], wanted: int) -> int | None:
    """Return the size whose logarithm is nearest; None if there is none."""
    return min(sizes, key=lambda size: abs(math.log(size / wanted)), default=None)


def sides(pair: Mapping[str, Any], times: Mapping[Name, Mapping[int, Row]]) -> tuple[Mapping[int, Row], ...]:
    """Return the timed rows, by size, of a pair's loop and of its vector, which may have none."""
    return tuple(times.get((pair["language"], pair[side]), {}) for side in ("loop", "whole"))


def ratio(pair: Mapping[str, Any], times: Mapping[Name, Mapping[int, Row]], size: int) -> float | None:
    """Return how many times as long as the vector the loop takes; None where one of them was not timed."""
    loop, whole = sides(pair, times)
    return loop[size]["median_s"] / whole[size]["median_s"] if size in loop and size in whole else None


def add_ceiling(document: Document, size: int, threads: int = 1) -> float | None:
    """Return the bytes/s that additions of so many elements reach at most here; None if nobody measured that."""
    found = {
        ceiling["working_set_bytes"]: ceiling["high"]
        for ceiling in document["ceilings"]
        if ceiling["kind"] == "add" and ceiling["threads"] == threads and ceiling["working_set_bytes"]
    }
    working_set = min(found, key=lambda size_bytes: abs(math.log(size_bytes / (BYTES * size))), default=None)
    return None if working_set is None else found[working_set]


def bandwidth(row: Row) -> float:
    """Return the bytes/s that a row reached, at 24 bytes an element of float64 and 12 of float32."""
    return (BYTES if row["dtype"] == "float64" else BYTES / 2) * row["size"] / row["median_s"]


def fits(document: Document) -> dict[Name, Mapping[str, Any]]:
    """Return the fit of each method that has one."""
    return {(fit["language"], fit["method"]): fit for fit in document["fits"]}


def pair_of(document: Document, program: str) -> Mapping[str, Any] | None:
    """Return loop and vector of a program; None where it has no timed loop, or nothing that adds at once."""
    return next((pair for pair in document["pairs"] if pair["program"] == program and pair["whole"]), None)


def decades(document: Document, *wanted: int) -> Sequence[int]:
    """Return those of some sizes at which something was timed."""
    sizes = {row["size"] for row in document["rows"] if row["median_s"]}
    return [size for size in wanted if size in sizes]
