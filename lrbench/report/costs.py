"""What an implementation costs beside the time of a call: the columns that are folded below a table."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lrbench.comparisons import Row
from lrbench.report.wording import bytes_text, calls_text, time_text


@dataclass(frozen=True, slots=True)
class Cost:
    """What an implementation costs beside the time of a call: one column."""

    name: str  # of the row's field
    heading: str
    meaning: str
    told: Callable[[Any], str]

    def value(self, row: Row) -> float | None:
        """Return the number itself; None where it is not known."""
        return getattr(row, self.name)

    def text(self, row: Row) -> str:
        """Return the number as it is shown; empty where it is not known."""
        return self.told(self.value(row))


COSTS = (
    Cost("import_s", "import", "loading its modules in a fresh process; some compile then", time_text),
    Cost("first_call_s", "first call", "of a fresh process, with nothing compiled before", time_text),
    Cost(
        "first_call_cached_s",
        "first call, compiled",
        "of a fresh process, with compiled code at hand on disk",
        time_text,
    ),
    Cost(
        "break_even_calls",
        "break-even",
        "the calls after which compiling has paid, against the baseline, imports left out; never where its calls "
        "take no less",
        calls_text,
    ),
    Cost("peak_memory_bytes", "peak memory", "what one call takes beyond what its process held before", bytes_text),
    Cost(
        "threads_observed",
        "processors",
        "how many it kept busy: processor time over wall time",
        lambda busy: "" if busy is None else f"{busy:.2f}",
    ),
)


def known(rows: Iterable[Row]) -> list[Cost]:
    """Return the columns that are known of any of some rows."""
    rows = list(rows)
    return [cost for cost in COSTS if any(cost.text(row) for row in rows)]


def text(columns: Iterable[Cost]) -> str:
    """Return what some columns tell: 'First call, break-even and peak memory'."""
    *names, last = dict.fromkeys(cost.heading.partition(",")[0] for cost in columns)
    joined = f"{', '.join(names)} and {last}" if names else last
    return joined[:1].upper() + joined[1:]
