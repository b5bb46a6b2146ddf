"""What a run of all implementations found, as one JSON object: environment, datasets, rows."""

import dataclasses
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from lrbench import documents
from lrbench.accuracy.measuring import Question, Row

Document = Mapping[str, Any]

_TEXTS = ("dataset", "group", "implementation", "reference", "status", "reason", "method")
_LARGEST = 1e300  # of a condition number
_LONGEST = 10_000  # characters of a text
_MOST = 100_000  # rows, and data sets
_MOST_METHODS = 1000
_STATUSES = ("ok", "wrong answer", "skipped", "not run", "failed")


class BadDocument(ValueError):
    """A text is not such an object."""


def make_document(environment: Mapping[str, Any], questions: Iterable[Question], rows: Iterable[Row]) -> Document:
    """Return everything that the tables and figures show, in JSON's types."""
    return {
        "environment": dict(environment),
        "datasets": [question.describe() for question in questions],
        "rows": [dataclasses.asdict(row) for row in rows],
    }


def dumps(document: Document) -> str:
    """Return the JSON text, strict, with a line for each data set and each row."""

    def lines(values: Sequence[Any]) -> str:
        return ",\n  ".join(json.dumps(value, allow_nan=False) for value in values)

    environment = json.dumps(document["environment"], allow_nan=False)
    datasets, rows = lines(document["datasets"]), lines(document["rows"])
    return f'{{"environment": {environment},\n "datasets": [\n  {datasets}\n ],\n "rows": [\n  {rows}\n ]}}\n'


def loads(text: str | bytes) -> Document:
    """Return the object that `dumps` wrote, checked field by field; BadDocument, naming the place, for any other."""
    try:
        found = documents.parse(text, finite=True)
    except documents.BadDocument as error:
        raise BadDocument(str(error)) from None
    if not isinstance(found, dict) or not isinstance(found.get("environment"), dict):
        message = "field 'environment' is missing, or is no object"
        raise BadDocument(message)
    datasets = [_dataset(each, f"datasets[{i}]") for i, each in enumerate(_list(found, "datasets"))]
    names = {dataset["name"] for dataset in datasets}
    rows = [_row(each, names, f"rows[{i}]") for i, each in enumerate(_list(found, "rows"))]
    return {"environment": found["environment"], "datasets": datasets, "rows": rows}


def _list(found: Mapping[str, Any], name: str) -> Sequence[Any]:
    values = found.get(name)
    if not isinstance(values, list) or len(values) > _MOST:
        message = f"field '{name}' is missing, or is no list of at most {_MOST}"
        raise BadDocument(message)
    return values


def _row(fields: Any, datasets: Collection[str], where: str) -> dict[str, Any]:
    """Return a row with each of its fields, of the kind that it must be."""
    declared = {field.name for field in dataclasses.fields(Row)}
    if not isinstance(fields, dict) or not set(fields) <= declared:
        message = f"{where} is no object with the fields of a row: {', '.join(sorted(declared))}"
        raise BadDocument(message)
    try:
        row = dataclasses.asdict(Row(**fields))
    except TypeError as error:
        message = f"{where}: {error}"
        raise BadDocument(message) from None
    for name in _TEXTS:
        _demand(isinstance(row[name], str) and len(row[name]) <= _LONGEST, f"{where}: field '{name}'", row[name])
    _demand(row["status"] in _STATUSES, f"{where}: field 'status'", row["status"])
    _demand(row["dataset"] in datasets, f"{where}: field 'dataset'", row["dataset"])
    _demand(_is_number(row["condition_number"]), f"{where}: field 'condition_number'", row["condition_number"])
    for name in ("digits_median", "digits_worst", "digits_expected"):
        _demand(row[name] is None or _is_number(row[name]), f"{where}: field '{name}'", row[name])
    _demand((row["digits_median"] is None) == (row["digits_worst"] is None), f"{where}: field 'digits_worst'", None)
    _demand(row["status"] != "ok" or row["digits_median"] is not None, f"{where}: field 'digits_median'", None)
    return row


def _dataset(dataset: Any, where: str) -> dict[str, Any]:
    """Return what is told of a data set, with all that the tables and figures ask for."""
    if not isinstance(dataset, dict):
        message = f"{where} is no object"
        raise BadDocument(message)
    for name in ("name", "group"):
        value = dataset.get(name)
        _demand(isinstance(value, str) and len(value) <= _LONGEST, f"{where}: field '{name}'", value)
    nominal = dataset.setdefault("nominal_condition_number", None)
    _demand(_is_number(dataset.get("condition_number")), f"{where}: field 'condition_number'", None)
    _demand(nominal is None or _is_number(nominal), f"{where}: field 'nominal_condition_number'", nominal)
    expected = dataset.get("digits_expected")
    fits = isinstance(expected, dict) and len(expected) <= _MOST_METHODS and all(map(_is_number, expected.values()))
    _demand(fits, f"{where}: field 'digits_expected'", expected)
    return dataset


def _demand(right: bool, where: str, value: Any) -> None:  # noqa: FBT001  (a condition, not an option)
    if not right:
        shown = f"a {type(value).__name__} of {len(value)}" if isinstance(value, dict | list) else f"{value!r:.60}"
        message = f"{where} is {shown}, which it cannot be"
        raise BadDocument(message)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST
