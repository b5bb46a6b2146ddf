"""What a report does not have, and why: times, by reasons with the cases that they hold for, and first calls."""

from collections import Counter
from collections.abc import Sequence

from lrbench.comparisons import Report, Row
from lrbench.report import costs
from lrbench.report.wording import clean

_OWN = ("not run",)  # statuses whose reasons differ from case to case


def summary(report: Report) -> str:
    """Return 'Without a time: 15 of 94 rows (12 for want of a package, 3 not run)'; empty where every row has one."""
    counts = Counter(_kind(row) for row in _without(report.rows))
    told = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    return f"Without a time: {counts.total()} of {len(report.rows)} rows ({told})" if counts else ""


def _kind(row: Row) -> str:
    lacks_package = row.status == "skipped" and row.reason.startswith("needs ")
    return "for want of a package" if lacks_package else clean(row.status)


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
