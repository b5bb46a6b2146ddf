"""What a run of all implementations found, as one JSON object: environment, datasets, rows."""

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lrbench.accuracy.measuring import Question, Row

Document = Mapping[str, Any]

_TEXTS = ("dataset", "group", "implementation", "reference", "status", "reason", "method")
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


def loads(text: str) -> Document:
    """Return the object that `dumps` wrote, checked field by field; BadDocument for any other text."""
    try:
        found = json.loads(text, parse_constant=_no_constant)
        rows = [dataclasses.asdict(Row(**row)) for row in found["rows"]]
        datasets = {dataset["name"]: dataset for dataset in found["datasets"]}
        right = (
            isinstance(found["environment"], dict)
            and all(map(_is_dataset, found["datasets"]))
            and all(_is_row(row) and row["dataset"] in datasets for row in rows)
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadDocument(str(error)) from None
    if not right:
        message = "fields of another kind"
        raise BadDocument(message)
    return {"environment": found["environment"], "datasets": found["datasets"], "rows": rows}


def _no_constant(name: str) -> float:
    raise BadDocument(name)


def _is_row(row: Mapping[str, Any]) -> bool:
    digits = [row["digits_median"], row["digits_worst"]]
    return (
        all(isinstance(row[name], str) for name in _TEXTS)
        and row["status"] in _STATUSES
        and _is_number(row["condition_number"])
        and all(value is None or _is_number(value) for value in (*digits, row["digits_expected"]))
        and (digits[0] is None) == (digits[1] is None)
        and (row["status"] != "ok" or digits[0] is not None)
    )


def _is_dataset(dataset: Mapping[str, Any]) -> bool:
    nominal = dataset["nominal_condition_number"]
    return (
        all(isinstance(dataset[name], str) for name in ("name", "group"))
        and _is_number(dataset["condition_number"])
        and (nominal is None or _is_number(nominal))
        and all(map(_is_number, dataset["digits_expected"].values()))
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
