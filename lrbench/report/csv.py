"""Every row of a report as comma-separated values, for a spreadsheet or a data frame."""

import csv
import dataclasses
import io
import math
from typing import Any

from lrbench.comparisons import Report, Row
from lrbench.report.wording import clean


def render(report: Report) -> str:
    """Return one line per row, below the names of the row's fields; an empty cell is unknown.

    Where tables differ in more than problem, size and threads, a last column tells their conditions.
    """
    apart = any(table.conditions for table in report.tables)
    names = [field.name for field in dataclasses.fields(Row)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*names, *["conditions"] * apart])
    for table in report.tables:
        writer.writerows([*_cells(row, names), *[_cell(table.conditions)] * apart] for row in table.rows)
    return text.getvalue()


def _cells(row: Row, names: list[str]) -> list[Any]:
    return [_cell(getattr(row, name)) for name in names]


def _cell(value: Any) -> Any:
    """Return a cell on one line that no spreadsheet takes for a formula."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not isinstance(value, str):
        return value
    text = clean(value)  # a bare carriage return would end the row for some readers
    return f"'{text}" if text.lstrip()[:1] in {"=", "+", "-", "@"} else text
