"""What a report does not have, and why: times, by reasons with the cases that they hold for, and first calls."""

from collections import Counter
from collections.abc import Sequence

from lrbench.comparisons import Report, Row, Table
from lrbench.report import costs
from lrbench.report.wording import clean, name_text

_OWN = ("not run",)  # statuses whose reasons differ from case to case


def summary(report: Report) -> str:
    """Return 'Without a time: 15 of 94 rows (12 for want of a package, 3 not run)'; empty where every row has one."""
    counts = Counter(_kind(row) for row in _without(report.rows))
    told = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    return f"Without a time: {counts.total()} of {len(report.rows)} rows ({told})" if counts else ""


def _kind(row: Row) -> str:
    return "for want of a package" if _lacks_package(row) else clean(row.status)


def _lacks_package(row: Row) -> bool:
    return row.status == "skipped" and row.reason.startswith("needs ")


def shown(table: Table) -> list[Row]:
    """Return the rows that a table shows: those that lack a package are named below it, unless no other is there."""
    return [row for row in table.rows if not _lacks_package(row)] or list(table.rows)


def wanting(table: Table) -> dict[str, list[Row]]:
    """Return the rows that a table does not show, by what they need: 'needs jax' -> jax_lstsq, jax_normal_equations."""
    there = set(map(id, shown(table)))
    found: dict[str, list[Row]] = {}
    for row in table.rows:
        if id(row) not in there:
            found.setdefault(clean(row.reason.partition(":")[0]), []).append(row)
    return found


def hint(table: Table) -> str:
    """Return how to get what is wanting: "pip install 'lrbench[peers]'"; empty where no reason tells."""
    told = [row.reason.partition(": ")[2] for rows in wanting(table).values() for row in rows]
    return clean("; ".join(dict.fromkeys(filter(None, told))))


def wanting_text(table: Table) -> str:
    """Return 'Skipped: torch_lstsq (needs torch). pip install ...'; empty where nothing is wanting."""
    groups = [f"{', '.join(map(name_text, rows))} ({needs})" for needs, rows in wanting(table).items()]
    return f"Skipped: {'; '.join(groups)}. {hint(table)}".strip() if groups else ""


def starts(report: Report) -> str:
    """Return what was not measured beside the times of calls, where no first call was; empty otherwise."""
    timed = [row for row in report.rows if row.median_s]
    if not timed or any(row.first_call_s is not None for row in timed):
        return ""
    known = costs.known(timed)
    absent = [cost for cost in costs.COSTS if cost not in known and cost.name != "threads_observed"]
    return (
        f"{costs.text(absent)} were not measured here: lrbench run does that without --quick, if its --budget leaves "
        "time for it."
    )


def reasons(report: Report) -> list[tuple[str, list[str]]]:
    """Return each reason with a text for each problem: 'torch_lstsq, torch_normal_equations of least_squares'."""
    found: dict[str, dict[str, dict[str, list[Row]]]] = {}
    for row in _without(report.rows):
        reason = row.status if row.status in _OWN or not row.reason else f"{row.status}: {row.reason}"
        names = found.setdefault(clean(reason), {}).setdefault(row.problem, {})
        names.setdefault(row.implementation, []).append(row)
    return [
        (reason, [_problem_text(problem, names, report.rows) for problem, names in problems.items()])
        for reason, problems in found.items()
    ]


def _without(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.status != "ok"]


def _problem_text(problem: str, names: dict[str, list[Row]], rows: Sequence[Row]) -> str:
    everywhere: dict[str, int] = {}
    for row in rows:
        if row.problem == problem:
            everywhere[row.implementation] = everywhere.get(row.implementation, 0) + 1
    cases = [f"{name}{_where(absent, everywhere[name])}" for name, absent in names.items()]
    return clean(f"{', '.join(cases)} of {problem}")


def _where(absent: Sequence[Row], count: int) -> str:
    """Return the sizes at which an implementation is absent, with their own reasons; nothing where that is all."""
    own = [f"{row.size} ({row.reason})" if row.status in _OWN and row.reason else row.size for row in absent]
    is_all = len(absent) == count and absent[0].status not in _OWN
    return "" if is_all or not any(own) else f" at {', '.join(dict.fromkeys(own))}"
