"""Which implementation a table shows to be the fastest, which others are not told apart from it, and what limits it."""

from dataclasses import dataclass

from lrbench.comparisons import BANDWIDTHS, FEW_SAMPLES, Row, Table
from lrbench.report.front import front
from lrbench.report.marks import middle_half, n_elements
from lrbench.report.wording import (
    BUSY,
    OTHER_ALGORITHM,
    clean,
    digits_text,
    has_speedups,
    limit_text,
    speedup_text,
    threads_text,
    three_digits,
    time_text,
)

LEGEND = (
    "The fastest has the lowest median. Another is told apart from it by intervals over one baseline that do not "
    "overlap, further apart than the noise floor; where they have none, by the middle halves of their times. What has "
    "too few samples for a verdict may be not told apart from it, but is never said to be told apart."
)
_SEVERAL = 3  # rows, from which on a sentence tells of more than two of them
_NAMED = 4  # of those that are not told apart; how many more there are is counted


@dataclass(frozen=True, slots=True)
class Leader:
    """The fastest row of a table."""

    row: Row
    tied: tuple[Row, ...]  # not told apart from it, from the fastest down
    unjudged: tuple[Row, ...] = ()  # longer in the median, with too few samples for a verdict


def leader(table: Table) -> Leader | None:
    """Return the fastest row of a table; None where nothing has a time."""
    timed = _timed(table)
    if not timed:
        return None
    first, *others = timed
    tied = tuple(row for row in others if not told_apart(first, row, table))
    unjudged = tuple(row for row in others if row not in tied and FEW_SAMPLES in (first.verdict, row.verdict))
    return Leader(first, tied, unjudged)


def _timed(table: Table) -> list[Row]:
    """Return the rows that have a time, from the fastest down."""
    return sorted((row for row in table.rows if row.median_s), key=lambda row: row.median_s or 0.0)


def told_apart(fast: Row, slow: Row, table: Table) -> bool:
    """Return whether a table shows one row to be faster than another."""
    floor = table.floor_factor
    if fast.baseline == slow.baseline and (ours := _interval(fast)) and (theirs := _interval(slow)):
        return ours[0] > theirs[1] and (fast.speedup or 0.0) > floor * (slow.speedup or 0.0)
    ours, theirs = middle_half(fast), middle_half(slow)
    return ours[1] * floor < theirs[0]


def _interval(row: Row) -> tuple[float, float] | None:
    if row.speedup is not None and row.implementation == row.baseline:
        return 1.0, 1.0
    return (row.speedup_low, row.speedup_high) if row.speedup_low and row.speedup_high else None


def limit_kind(table: Table) -> str:
    """Return 'memory bandwidth' or 'arithmetic', whichever allows a table's least work less; empty if not known."""
    kinds = BANDWIDTHS.get(table.traffic, BANDWIDTHS["read"])
    bandwidth = max((c.value for c in table.ceilings if c.kind in kinds), default=0.0)
    flops = max((c.value for c in table.ceilings if c.kind == "flops"), default=0.0)
    if not bandwidth or table.size_bytes is None or table.flops is None:
        return ""
    if not flops:
        return "memory bandwidth" if table.traffic == "add" else ""
    return "memory bandwidth" if table.size_bytes / bandwidth >= table.flops / flops else "arithmetic"


def foremost(tables: list[Table]) -> Table | None:
    """Return the table that stands for a problem: of the fewest threads the largest size that has times."""
    timed = [table for table in tables if any(row.median_s for row in table.rows)]
    return min(timed, key=lambda table: (table.threads, -(n_elements(table.size) or 0)), default=None)


def place_text(table: Table) -> str:
    """Return 'at 1000000x10, 1 thread', with what tells the table from others of its size."""
    size = f"at {table.size}" if table.size else ""
    conditions = f" ({table.conditions})" if table.conditions else ""
    return clean(f"{size}{threads_text(table.threads)}{conditions}".lstrip(", "))


def named_place_text(table: Table) -> str:
    """Return 'gradient at 1000000x10, 1 thread', with what tells the table from others."""
    place = place_text(table)
    return clean(table.problem) + (f" {place}" if place else "")


def sentence(table: Table) -> str:
    """Return what a table says in a sentence or two; without its place."""
    found = leader(table)
    if found is None:
        return "No implementation has a time."
    first = found.row
    told = (_limit(first, table), _most_exact(first, table), _slowest(first, table))
    return f"{_verdict(first, table)}{_tied(found, table)}.{''.join(told)}"


def _verdict(row: Row, table: Table) -> str:
    name, digits = _name(row), digits_text(row)
    if row.speedup is None:
        alone = sum(bool(other.median_s) for other in table.rows) == 1
        what = "is the only one with a time" if alone else "has the lowest median"
        why = "" if alone or has_speedups(table) else f"; {_no_speedups(row, table)}"
        return f"{name} {what}, {time_text(row.median_s)}{f', with {digits} digits' if digits else ''}{why}"
    if row.implementation == row.baseline:
        with_digits = f", with {digits} digits" if digits else ""
        return f"{name}, the baseline, is the fastest: {time_text(row.median_s)}{with_digits}"
    other = next((other for other in table.rows if other.implementation == row.baseline), None)
    against = f" against {digits_text(other)}" if other and digits_text(other) else ""
    with_digits = f", with {digits} digits{against}" if digits else ""
    by = ", by another algorithm" if table.speedup_kind(row) == "algorithm" else ""
    unsure = "" if row.verdict == "faster" else f" ({row.verdict})"
    ratio = speedup_text(row, table).removesuffix(f" {OTHER_ALGORITHM}")
    return f"{name} is {ratio} times as fast as {clean(row.baseline)}{unsure}{by}{with_digits}"


def _no_speedups(row: Row, table: Table) -> str:
    """Return why a table of several times has no speedups."""
    if row.baseline and all(other.implementation != row.baseline for other in table.rows):
        return f"no speedups, since their baseline, {clean(row.baseline)}, is not here"
    return "nothing was timed side by side"


def _name(row: Row) -> str:
    """Return a name for a sentence: without the mark of reassociated sums, which changes no verdict."""
    return clean(row.implementation) + f" {BUSY}" * row.exceeds_threads


def _tied(found: Leader, table: Table) -> str:
    """Return who is not told apart from the fastest; its own baseline's verdict has been told before."""
    count = len(_timed(table))
    if not found.tied and found.row.speedup is not None and count >= _SEVERAL:
        if not found.unjudged:
            return "; told apart from all others"
        if len(found.unjudged) == count - 1:
            return "" if found.row.verdict == FEW_SAMPLES else "; no other has enough samples for a verdict"
        few = _listed([_name(row) for row in found.unjudged])
        return f"; told apart from all others but those of too few samples: {few}"
    if found.row.implementation == found.row.baseline or found.row.speedup is None:
        names = [_name(row) for row in found.tied]
    else:
        names = [_name(row) for row in found.tied if row.implementation != found.row.baseline]
    return f"; not told apart from {_listed(names)}" if names else ""


def _listed(names: list[str]) -> str:
    """Return 'a, b, c, d and 3 more'."""
    rest = len(names) - _NAMED
    shown = [*names[:_NAMED], f"{rest} more"] if rest > 0 else names
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]


def _slowest(fastest: Row, table: Table) -> str:
    """Return how much longer the slowest takes, where there are several."""
    timed = _timed(table)
    slowest = timed[-1]
    if len(timed) < _SEVERAL or (fastest.speedup and slowest.implementation == fastest.baseline):
        return ""  # how many times as fast as its baseline the fastest is has been told
    return f" The slowest, {_name(slowest)}, takes {_longer(fastest, slowest)}."


def _most_exact(fastest: Row, table: Table) -> str:
    """Return who has the most digits, where that is neither the fastest nor its baseline, whose digits are told."""
    best = front(table)
    if not best or best[-1].implementation in (fastest.implementation, fastest.baseline):
        return ""
    exact = best[-1]
    return f" The most exact, {_name(exact)}, has {digits_text(exact)} digits and takes {_longer(fastest, exact)}."


def _longer(fastest: Row, slow: Row) -> str:
    """Return 'about 3.20 times as long'; about, where one of both has no interval."""
    times = (slow.median_s or 0.0) / (fastest.median_s or 1.0)
    about = "" if _interval(fastest) and _interval(slow) else "about "
    return f"{about}{three_digits(times)} times as long"


def _limit(row: Row, table: Table) -> str:
    kind = limit_kind(table)
    if not kind or row.of_limit is None:
        return ""
    return f" It reaches {limit_text(row)} of what {kind} allows here."
