"""Time to each of several targets: the tables of a family of problems, whose targets alone differ, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lrbench.comparisons import Report, Row, Table
from lrbench.report import wording

NOT_REACHED = "—"
LEGEND = (
    "In brackets the steps that it takes, epochs or iterations, found before the clock was started. "
    f"{NOT_REACHED} is a target not reached within as many steps as are followed, or what cannot run here; "
    "the target's own table gives the reason. Targets are timed apart, so that a looser one may seem to take longer."
)


@dataclass(frozen=True, slots=True)
class Convergence:
    """How long each implementation takes to each target; None where a target's table lacks it."""

    family: str
    size: str
    threads: int
    conditions: str
    targets: tuple[float, ...]  # from the nearest to be reached to the farthest
    rows: Mapping[str, tuple[Row | None, ...]]  # by implementation, one for each target

    @property
    def title(self) -> str:
        """What stands above the table."""
        size = f" at {self.size}" if self.size else ""
        conditions = f" ({self.conditions})" if self.conditions else ""
        return wording.clean(
            f"{self.family}{size}{wording.threads_text(self.threads)}: time to each relative excess loss{conditions}"
        )

    @property
    def heads(self) -> list[str]:
        """The targets as text."""
        return [f"{target:g}" for target in self.targets]

    @property
    def lines(self) -> list[tuple[str, str, list[str]]]:
        """Each implementation's name, its algorithm and its cells."""
        firsts = [next(row for row in rows if row) for rows in self.rows.values()]
        return [
            (wording.name_text(first), wording.clean(first.algorithm), [_cell_text(row) for row in rows])
            for first, rows in zip(firsts, self.rows.values(), strict=True)
        ]


def convergences(report: Report) -> list[Convergence]:
    """Return one table for each family, size, thread count and set of conditions that has two targets or more."""
    found: dict[tuple[str, str, int, str], dict[float, Table]] = {}
    for table in report.tables:
        if table.target is not None:
            place = (table.family, table.size, table.threads, table.conditions)
            found.setdefault(place, {})[table.target] = table
    return [_joined(place, tables) for place, tables in found.items() if len(tables) > 1]


def _joined(place: tuple[str, str, int, str], tables: Mapping[float, Table]) -> Convergence:
    targets = tuple(sorted(tables, reverse=True))
    by_name = [{row.implementation: row for row in tables[target].rows} for target in targets]
    names = dict.fromkeys(name for rows in by_name for name in rows)
    return Convergence(*place, targets, {name: tuple(rows.get(name) for rows in by_name) for name in names})


def _cell_text(row: Row | None) -> str:
    """Return '1.23 ms (61)', or what stands in place of a time."""
    if row is None:
        return ""
    if row.status == "skipped":
        return NOT_REACHED
    if row.status != "ok":
        return row.status
    steps = "" if row.steps is None else f" ({row.steps:.0f})"
    return f"{wording.outcome_text(row)}{steps}"


def as_records(report: Report) -> list[dict[str, Any]]:
    """Return the tables for a machine: by implementation, one median, number of steps and status for each target."""
    return [
        {
            "family": table.family,
            "size": table.size,
            "threads": table.threads,
            "conditions": table.conditions,
            "targets": table.targets,
            "rows": [
                {
                    "implementation": name,
                    "median_s": [row.median_s if row else None for row in rows],
                    "steps": [row.steps if row else None for row in rows],
                    "status": [row.status if row else None for row in rows],
                }
                for name, rows in table.rows.items()
            ],
        }
        for table in convergences(report)
    ]
