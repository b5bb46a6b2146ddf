"""Measurements to rows and verdicts: which implementation is how many times as fast as which.

Sides are only ever set against each other within one process and one round. What was not timed so, or was
measured on other data, another processor or another library, is kept in tables of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lrbench.comparisons.across import Pair, across
from lrbench.comparisons.histories import History, Point, make_histories, tabled
from lrbench.comparisons.limits import ceiling_rows, least_time_s
from lrbench.comparisons.records import BANDWIDTHS, EXCEEDING, Floor, Report, Row, Table
from lrbench.comparisons.rows import busy_text, table_rows
from lrbench.comparisons.runs import commit_of, date_of
from lrbench.comparisons.speedups import FEW_SAMPLES, UNRESOLVED, floors
from lrbench.comparisons.steps import MOST_POINTS, Step
from lrbench.conditions import ENVIRONMENT, condition_text, groups_of, kept_apart, place_of, telling, text_of
from lrbench.results import Measurement

__all__ = [
    "BANDWIDTHS",
    "EXCEEDING",
    "FEW_SAMPLES",
    "MOST_POINTS",
    "UNRESOLVED",
    "Floor",
    "History",
    "Pair",
    "Point",
    "Report",
    "Row",
    "Step",
    "Table",
    "busy_text",
    "ceiling_rows",
    "least_time_s",
    "make_report",
    "make_tables",
]


def make_report(
    measurements: Sequence[Measurement], remarks: Iterable[str] = (), baseline: str | None = None
) -> Report:
    """Return the report of some measurements; `baseline` overrides the declared ones."""
    kept, old_remarks = tabled(measurements)
    tables, own_remarks = make_tables(kept, baseline)
    problems: dict[str, str] = {}
    for measurement in measurements:
        problems[measurement.problem] = problems.get(measurement.problem) or measurement.title
    return Report(
        tables=tuple(tables),
        environment=_common_environment([measurement.environment for measurement in measurements]),
        ceilings=ceiling_rows(ceiling for measurement in measurements for ceiling in measurement.ceilings),
        problems=problems,
        remarks=(*remarks, *old_remarks, *own_remarks),
        source=_source_text(kept, tables),
        across=across(kept),
        histories=make_histories(measurements),
    )


def _source_text(measurements: Sequence[Measurement], tables: Sequence[Table]) -> str:
    """Return how many rows there are, how many of them have a time, and from how many processes of whom.

    '45 rows, 30 of them with a time, from lrbench (12 processes, each of one problem at one size)'.
    """
    if not measurements:
        return ""
    rows = [row for table in tables for row in table.rows]
    timed = sum(row.median_s is not None for row in rows)
    share = "none of them" if not timed else "all" if timed == len(rows) else f"{timed} of them"
    counted = f"{len(rows)} row{'s' * (len(rows) != 1)}, {share} with a time"
    ran = sum(m.paired and any(side.epochs_s for side in m.sides) for m in measurements)
    processes = "1 process" if ran == 1 else f"{ran} processes, each"
    sources = dict.fromkeys(measurement.source for measurement in measurements)
    told = [
        f"{name} ({processes} of one problem at one size)" if ran and name == "lrbench" else name for name in sources
    ]
    return f"{counted}, from {', '.join(told)}"


def make_tables(measurements: Sequence[Measurement], baseline: str | None = None) -> tuple[list[Table], list[str]]:
    """Return one table for each problem, size, thread count and set of conditions, and remarks."""
    groups = groups_of(measurements)
    everywhere = telling([conditions for conditions, _ in groups], ("tool", *ENVIRONMENT))
    rivals: dict[tuple[str, str, int], list[dict[str, str]]] = {}
    for conditions, members in groups:
        rivals.setdefault(place_of(members[0]), []).append(conditions)
    tables = []
    for conditions, members in groups:
        place = place_of(members[0])
        names = dict.fromkeys((*everywhere, *telling(rivals[place], (*everywhere, *conditions))))
        label = ", ".join(filter(None, (condition_text(name, conditions[name]) for name in names)))
        table = _empty_table(members, label)
        tables.append(replace(table, rows=tuple(table_rows(members, baseline, table.floor_factor))))
    remarks = kept_apart(rivals)
    remarks.extend(
        f"{source} does not time implementations side by side: its times are shown without speedups."
        for source in dict.fromkeys(m.source for m in measurements if not m.paired)
    )
    if baseline and not any(row.implementation == baseline for table in tables for row in table.rows):
        remarks.append(f"No implementation is named '{baseline}', so nothing could be compared with it.")
    return tables, remarks


def _empty_table(members: Sequence[Measurement], label: str) -> Table:
    """Return the table of some measurements without its rows."""
    first = members[0]
    return Table(
        *place_of(first),
        label,
        (),
        floors=floors(members),
        flops=None if first.iterative else first.flops,
        size_bytes=None if first.iterative else first.size_bytes,
        traffic=first.traffic,
        ceilings=tuple(ceiling for measurement in members for ceiling in measurement.ceilings),
        family=first.family,
        target=first.target,
        machine=text_of(first.environment.get("machine", "")),
        commit=commit_of(first),
        date=min(filter(None, map(date_of, members)), default=""),
    )


def _common_environment(environments: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one environment for all of them."""
    names = dict.fromkeys(name for environment in environments for name in environment)
    return {name: _common([e[name] for e in environments if name in e]) for name in names}


def _common(values: Sequence[Any]) -> Any:
    """Return one value for many: numbers as their lowest and highest, texts and lists as a list, else the first."""
    distinct = list({text_of(value): value for value in values}.values())
    if len(distinct) > 1 and all(isinstance(value, int | float) for value in distinct):
        return {"lowest": min(distinct), "highest": max(distinct)}
    is_listed = any(all(isinstance(value, kind) for value in distinct) for kind in (str, list))
    return distinct if is_listed and len(distinct) > 1 else distinct[0]
