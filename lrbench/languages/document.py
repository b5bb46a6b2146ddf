"""What a run over all languages found, as one JSON object: format, environment, caches, ceilings, rows, fits, pairs."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

from lrbench.languages.fits import cache_bytes, fit_all
from lrbench.languages.pairs import pair_all
from lrbench.languages.rows import Row

FORMAT = "lrbench-languages-1"

Document = Mapping[str, Any]


def make_document(
    environment: Mapping[str, Any], ceilings: Iterable[Mapping[str, Any]], rows: Iterable[Row]
) -> Document:
    """Return everything that the tables and figures show, in JSON's types."""
    told = [json.loads(json.dumps(dataclasses.asdict(row))) for row in rows]  # lists for tuples, as when read
    fits = fit_all(told, environment)
    return {
        "format": FORMAT,
        "environment": dict(environment),
        "caches_bytes": cache_bytes(environment),
        "ceilings": [dict(ceiling) for ceiling in ceilings],
        "rows": told,
        "fits": fits,
        "pairs": pair_all(told, fits),
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
