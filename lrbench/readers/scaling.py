"""scaling.json, which parts measured later join: checked field by field, as far as its tables and page need them."""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

from lrbench import documents
from lrbench.readers.document import expect, number
from lrbench.results import BadRecord, Status

_LONGEST = 10_000  # characters of a text

Check = Callable[[Any, str], object]  # of a value and of the words for its place; BadRecord


def read(path: Path) -> dict[str, Any]:
    """Return the document in a file, of which text, Markdown and page can be made; BadRecord names file and place."""
    try:
        document = documents.parse(documents.read(path), finite=True)
    except documents.BadDocument as error:
        message = f"{path}: {error}."
        raise BadRecord(message) from None
    found: dict[str, Any] = expect(document, dict, f"{path}: the document")
    _check(found, _HEAD, str(path))
    for part, fields in _PARTS.items():
        for i, row in enumerate(expect(found.get(part, []), list, f"{path}: field '{part}'")):
            where = f"{path}: {part}[{i}]"
            _check(expect(row, dict, where), fields, where)
    if found.get("workers") and "forecasts" not in found:
        message = f"{path}: field 'forecasts' is missing, which belongs to 'workers'."
        raise BadRecord(message)
    return found


def _check(values: Mapping[str, Any], fields: Mapping[str, Check], where: str) -> None:
    for name, check in fields.items():
        check(values.get(name), f"{where}: field '{name}'")


def _text(value: Any, where: str) -> None:
    if len(expect(value, str, where)) > _LONGEST:
        message = f"{where} is a text of {len(value)} characters; at most {_LONGEST} are read."
        raise BadRecord(message)


def _positive(value: Any, where: str) -> None:
    if not number(value, where):
        message = f"{where} is {value!r}, where a number above 0 must be."
        raise BadRecord(message)


def _count(value: Any, where: str) -> None:
    expect(value, int, where)
    _positive(value, where)


def _status(value: Any, where: str) -> None:
    if value not in get_args(Status):
        message = f"{where} is {value!r:.60}; known: {', '.join(get_args(Status))}."
        raise BadRecord(message)


def _or_none(check: Check, value: Any, where: str) -> None:
    if value is not None:
        check(value, where)


_HEAD: Mapping[str, Check] = {
    "size": _text,
    "size_bytes": _positive,
    "environment": lambda value, where: expect(value, dict, where),
}
_PARTS: Mapping[str, Mapping[str, Check]] = {
    "passes": {
        "page_cache": _text,
        "what": _text,
        "time_s": _positive,
        "over_reading": number,
        "anonymous_bytes": number,
    },
    "workers": {
        "workers": _count,
        "block_bytes": _positive,
        "time_s": _positive,
        "bytes_per_s": number,
        "efficiency": functools.partial(_or_none, number),
        "kernel_efficiency": number,
        "model_s": number,
        "model_over_measured": _positive,
    },
    "forecasts": {
        "n_samples": _count,
        "n_features": _count,
        "workers": _count,
        "time_s": number,
        "compute_s": number,
        "schedule_s": number,
        "reduce_s": number,
    },
    "implementations": {
        "implementation": _text,
        "status": _status,
        "reason": _text,
        "time_s": functools.partial(_or_none, number),
        "digits": functools.partial(_or_none, number),
        "anonymous_bytes": functools.partial(_or_none, number),
    },
}
