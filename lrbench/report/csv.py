"""Every row of a report as comma-separated values, for a spreadsheet or a data frame."""

import csv
import dataclasses
import io
import math
from typing import Any

from lrbench.comparisons import History, Point, Report, Row
from lrbench.report.wording import clean

# What each column holds; the README's table of them is this one.
COLUMNS = {
    "problem": "what is computed",
    "size": "of its inputs, as `lrbench list` writes it",
    "threads": "asked for; 0 where the source does not say",
    "threads_observed": "processor time over wall time",
    "implementation": "which one was timed",
    "algorithm": "the steps that it takes",
    "arithmetic": "strict, or reassociated",
    "status": "ok, wrong answer, skipped, not run, failed",
    "reason": "why there is no time; of a timed one, a remark",
    "processes": "in which it was timed",
    "median_s": "seconds of a call: the median over all epochs of all processes",
    "iqr_s": "seconds between the quartiles",
    "min_s": "seconds of the fastest",
    "import_s": "seconds to load its modules in a fresh process",
    "first_call_s": "seconds of the first call, compiling included",
    "first_call_cached_s": "seconds of the first call with compiled code at hand on disk",
    "break_even_calls": "calls after which compiling has paid, against the baseline",
    "baseline": "the implementation that it is compared with",
    "speedup": "how many times as fast as the baseline; empty where they were not timed side by side",
    "speedup_low": "low end of its 95 % interval, corrected for the table's rows",
    "speedup_high": "high end of it",
    "verdict": "faster, slower, no difference resolved, ...",
    "of_limit": "least time that the machine allows, over the measured one",
    "digits": "correct decimal digits of the worst answer, at most 16",
    "peak_memory_bytes": "of one call, beyond what its process held before",
    "steps": "epochs or iterations to the target, where there is one",
    "median_low_s": "low end of the interval of its median: asv's own of 99 %, else of 95 %",
    "median_high_s": "high end of it",
    "conditions": "what tells its table from others of the same problem, size and threads",
    "machine": "that it was measured on",
    "commit": "that was measured, with a plus where files were changed",
    "date": "of the commit, else of the run; UTC",
}


def render(report: Report) -> str:
    """Return one line per sample set, all samples of one implementation under one set of conditions, below COLUMNS.

    An empty cell is unknown.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    names = [field.name for field in dataclasses.fields(Row)]
    for table in report.tables:
        of_all = [_cell(value) for value in (table.conditions, table.machine, table.commit, table.date)]
        writer.writerows([*_cells(row, names), *of_all] for row in table.rows)
    for history in report.histories:
        writer.writerows(_point_cells(history, point) for point in history.points if not point.in_tables)
    return text.getvalue()


def _point_cells(history: History, point: Point) -> list[Any]:
    known = {
        **{name: getattr(history, name) for name in ("problem", "size", "threads", "implementation", "machine")},
        **{name: getattr(point, name) for name in ("status", "reason", "median_s", "commit", "date")},
        "conditions": history.environment,
        "median_low_s": point.low_s,
        "median_high_s": point.high_s,
    }
    return [_cell(known.get(name)) for name in COLUMNS]


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
