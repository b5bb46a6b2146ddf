"""What explains the marks of a report: each only where the report uses it."""

from lrbench.comparisons import Report
from lrbench.report.wording import BUSY, OTHER_ALGORITHM, STRICT

MARKS = {
    "backend": "Speedups without a mark are within one algorithm: what vectorising or compiling gains.",
    "algorithm": f"{OTHER_ALGORITHM} another algorithm than its baseline's: not a gain from vectorising alone.",
    "interval": "Brackets hold 95 % intervals, corrected for the number of rows in a table.",
    "point": "A speedup after ≈ rests on few samples: no interval, no verdict.",
    "reassociated": "~ floating-point sums may be reassociated.",
    "busy": f"{BUSY} kept more processors busy than it was allowed: its time is not that of so many threads.",
}


def lines(report: Report) -> list[str]:
    """Return what explains the marks that a report uses, a line each."""
    kinds = {table.speedup_kind(row) for table in report.tables for row in table.rows}
    compared = [row for row in report.rows if row.speedup is not None and row.implementation != row.baseline]
    used = {
        "backend": "backend" in kinds,
        "algorithm": "algorithm" in kinds,
        "interval": any(row.speedup_low is not None for row in compared),
        "point": any(row.speedup_low is None for row in compared),
        "reassociated": any(row.arithmetic != STRICT for row in report.rows),
        "busy": any(row.exceeds_threads for row in report.rows),
    }
    return [line for name, line in MARKS.items() if used[name]]
