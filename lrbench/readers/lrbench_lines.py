"""lrbench's own measurements, one JSON line each."""

import dataclasses
from pathlib import Path

from lrbench.readers.document import number
from lrbench.results import Measurement, Side, load


def read(path: Path) -> tuple[list[Measurement], list[str]]:
    """Return the measurements of a file and its remarks; BadRecord for damage and for impossible numbers."""
    measurements, remarks = load(path)
    for i, measurement in enumerate(measurements, 1):
        where = f"{path}: measurement {i}"
        _check(measurement, where)
        for side in measurement.sides:
            _check(side, f"{where}: {side.implementation:.60}")
    return measurements, remarks


def _check(record: Measurement | Side, where: str) -> None:
    """Refuse numbers that no clock or counter gives, and that later arithmetic would stumble over."""
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        values = value if isinstance(value, tuple) else (value,)
        # A seed is an identity, no quantity: it is never computed with.
        for part in values if field.name != "seed" else ():
            if isinstance(part, int | float) and not isinstance(part, bool):
                number(part, f"{where}: field '{field.name}'")
