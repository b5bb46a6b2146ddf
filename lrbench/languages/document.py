"""What a run over all languages found, as one JSON object: format, environment, ceilings, rows, fits."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

from lrbench.languages.rows import Row

FORMAT = "lrbench-languages-1"

Document = Mapping[str, Any]


def make_document(
    environment: Mapping[str, Any], ceilings: Iterable[Mapping[str, Any]], rows: Iterable[Row]
) -> Document:
    """Return everything that the tables and figures show, in JSON's types."""
    return {
        "format": FORMAT,
        "environment": dict(environment),
        "ceilings": [dict(ceiling) for ceiling in ceilings],
        "rows": [json.loads(json.dumps(dataclasses.asdict(row))) for row in rows],  # lists for tuples, as when read
        "fits": [],
    }


def dumps(document: Document) -> str:
    """Return the JSON text, strict, with a line for each ceiling, row and fit."""
    parts = []
    for name, value in document.items():
        if isinstance(value, list):
            lines = ",\n  ".join(json.dumps(item, allow_nan=False) for item in value)
            parts.append(f'"{name}": [\n  {lines}\n ]')
        else:
            parts.append(f'"{name}": {json.dumps(value, allow_nan=False)}')
    return "{" + ",\n ".join(parts) + "}\n"
