"""What a run of experiments found, as one JSON object: environment, seed, experiments."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lrbench.experiments.findings import Findings

Document = Mapping[str, Any]
FORMAT = "lrbench-experiments-1"


def entry(name: str, question: str, found: Findings, *, seconds: float) -> dict[str, Any]:
    """Return one experiment in JSON's types."""
    parts = [{"kind": part.kind, **dataclasses.asdict(part)} for part in found.parts]
    return {
        "name": name,
        "question": question,
        "status": "ok",
        "reason": "",
        "seconds": round(seconds, 1),
        "answer": found.answer,
        "parts": parts,
        "numbers": _plain(found.numbers),
        "skipped": list(found.skipped),
    }


def failure(name: str, question: str, reason: str, *, seconds: float) -> dict[str, Any]:
    """Return an experiment that did not come to its end."""
    empty = {"answer": "", "parts": [], "numbers": {}, "skipped": []}
    return {"name": name, "question": question, "status": "failed", "reason": reason, "seconds": seconds, **empty}


def make_document(environment: Mapping[str, Any], seed: int, entries: Sequence[Mapping[str, Any]]) -> Document:
    """Return everything that the pages show."""
    return {"format": FORMAT, "environment": dict(environment), "seed": seed, "experiments": list(entries)}


def dumps(document: Document) -> str:
    """Return the JSON text, strict, with a line for each experiment."""
    experiments = ",\n  ".join(
        json.dumps(each, allow_nan=False, ensure_ascii=False) for each in document["experiments"]
    )
    head = {name: value for name, value in document.items() if name != "experiments"}
    return f'{json.dumps(head, allow_nan=False)[:-1]},\n "experiments": [\n  {experiments}\n ]}}\n'


def _plain(value: Any) -> Any:
    """Return a value in JSON's types: NumPy's numbers as Python's, null for what is no number."""
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
