"""The machine's copy of a report: strict JSON, with null for whatever is not known."""

import dataclasses
import json
import math
from collections.abc import Mapping
from typing import Any

from lrbench.comparisons import Report
from lrbench.report import convergence


def render(report: Report) -> str:
    """Return a report as one JSON object: environment, ceilings, noise_floor, rows, and what explains them.

    `tables` says which rows stand in one table, [first, end) by position, under which conditions, and what the least
    work of one call is. `convergence` joins those of one family: the time to each of several targets. `across`
    sets each case of one run beside another's; `histories` holds the cases that were measured at several commits, with
    their points, and steps by the points' positions.
    """
    tables, first = [], 0
    for table in report.tables:
        end = first + len(table.rows)
        work = {"flops": table.flops, "size_bytes": table.size_bytes}
        tables.append({"first": first, "end": end, "conditions": table.conditions, **work})
        first = end
    document = {
        "environment": report.environment,
        "ceilings": report.ceilings,
        "noise_floor": [dataclasses.asdict(floor) for floor in report.noise_floor],
        "rows": [dataclasses.asdict(row) for row in report.rows],
        "tables": tables,
        "convergence": convergence.as_records(report),
        "across": [dataclasses.asdict(pair) for pair in report.across],
        "histories": [{**dataclasses.asdict(each), "case": each.case_id} for each in report.histories],
        "problems": report.problems,
        "remarks": report.remarks,
        "source": report.source,
    }
    return json.dumps(strict(document), allow_nan=False, indent=1) + "\n"


def strict(value: Any, depth: int = 0) -> Any:
    """Return what strict JSON can hold: None for NaN and infinities, text for what has no JSON type."""
    if depth > 20:  # noqa: PLR2004 - what was read may be nested deeper than may be written
        return "..."
    if isinstance(value, Mapping):
        return {str(name): strict(part, depth + 1) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [strict(part, depth + 1) for part in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)
