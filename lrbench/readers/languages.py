"""The JSON of lrbench languages. Each method is timed in processes of its own, so its times are never paired."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from lrbench.readers.document import expect, number, text
from lrbench.results import BadRecord, Ceiling, Measurement, Side, Status

SOURCE = "lrbench languages"
FORMAT = "lrbench-languages-1"
TITLE = "c = a + b"
_BYTES = 24  # for an element of float64: two read, one written
_SMALLEST_CEILING = 1_000  # elements; those of shorter vectors were not looked for

Place = tuple[str, int, int]  # problem, size, threads


def recognises(document: Any) -> bool:
    """Return whether a JSON document is one of lrbench languages."""
    return isinstance(document, dict) and document.get("format") == FORMAT


def read(path: Path, document: Mapping[str, Any]) -> tuple[list[Measurement], list[str]]:
    """Return a measurement for each problem, size, number of threads and process.

    Rows of float64 are of the problem vector_addition; those of other types, and calls made once by the documents'
    protocol, have problems of their own, as their times are not to be set against the others.
    """
    places: dict[Place, list[list[Side]]] = {}
    for i, entry in enumerate(expect(document.get("rows"), list, f"{path}: field 'rows'")):
        where = f"{path}: rows[{i}]"
        row = expect(entry, dict, where)
        place, sides = _sides(row, where)
        places.setdefault(place, []).append(sides)
    environment = expect(document.get("environment"), dict, f"{path}: field 'environment'")
    ceilings = _ceilings(document, path)
    return [
        measurement
        for place, found in places.items()
        for measurement in _measurements(place, found, environment, ceilings)
    ], []


def _measurements(
    place: Place, found: list[list[Side]], environment: Mapping[str, Any], ceilings: list[Ceiling]
) -> list[Measurement]:
    """Return one measurement for each process; a row without a time stands in the first alone."""
    problem, size, threads = place
    compared = problem == "vector_addition"
    return [
        Measurement(
            problem,
            str(size),
            threads,
            process,
            tuple(sides[process] for sides in found if process < len(sides)),
            environment,
            tuple(c for c in ceilings if c.threads == threads and c.working_set_bytes == _working_set(size)),
            title=TITLE,
            source=SOURCE,
            paired=False,
            flops=float(size) if compared else None,
            size_bytes=float(_BYTES * size) if compared else None,
            traffic="add",
        )
        for process in range(max(map(len, found)))
    ]


def _working_set(size: int) -> float:
    return float(_BYTES * max(size, _SMALLEST_CEILING))


def _sides(row: Mapping[str, Any], where: str) -> tuple[Place, list[Side]]:
    """Return what a row is of, and its side in each process."""
    status = row.get("status")
    if status not in get_args(Status):
        message = f"{where}: field 'status' is {status!r:.60}; known: {', '.join(get_args(Status))}"
        raise BadRecord(message)
    size, threads = (int(number(row.get(name), f"{where}: field '{name}'")) for name in ("size", "threads"))
    name = ": ".join(filter(None, (text(row.get("language")), text(row.get("method")))))
    told = ("reason",) if status != "ok" else ("version", "flags", "note")
    shared: dict[str, Any] = {
        "implementation": name or "unnamed",
        "algorithm": "addition",
        "baseline": "",
        "status": status,
        "reason": "; ".join(filter(None, (text(row.get(field)) for field in told))),
    }
    processes = expect(row.get("samples_s"), list, f"{where}: field 'samples_s'") if status == "ok" else []
    calls = int(number(row.get("calls_per_sample"), f"{where}: field 'calls_per_sample'")) if processes else 0
    sides = [_timed(shared, calls, samples, f"{where}: samples_s[{k}]") for k, samples in enumerate(processes)]
    return (_problem(row), size, threads), sides or [Side(**shared)]


def _problem(row: Mapping[str, Any]) -> str:
    dtype = text(row.get("dtype"))
    apart = ["float32"] if dtype == "float32" else []
    apart += ["once"] if row.get("kind") == "protocol" else []
    return "_".join(["vector_addition", *apart])


def _timed(shared: Mapping[str, Any], calls: int, samples: Any, where: str) -> Side:
    times = [number(value, f"{where}[{k}]") for k, value in enumerate(expect(samples, list, where))]
    calls = max(1, calls)
    return Side(**shared, number=calls, epochs_s=tuple(time * calls for time in times), rounds=tuple(range(len(times))))


def _ceilings(document: Mapping[str, Any], path: Path) -> list[Ceiling]:
    found = []
    for i, entry in enumerate(expect(document.get("ceilings", []), list, f"{path}: field 'ceilings'")):
        where = f"{path}: ceilings[{i}]"
        ceiling = expect(entry, dict, where)
        size_bytes = ceiling.get("working_set_bytes")
        found.append(
            Ceiling(
                text(ceiling.get("kind")),
                int(number(ceiling.get("threads"), f"{where}: field 'threads'")),
                None if size_bytes is None else number(size_bytes, f"{where}: field 'working_set_bytes'"),
                number(ceiling.get("high"), f"{where}: field 'high'"),
            )
        )
    return found
