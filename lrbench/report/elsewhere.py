"""Who is the fastest at the sizes, thread counts and conditions that the sentence at a page's head does not tell of."""

from collections.abc import Sequence
from dataclasses import dataclass

from lrbench.comparisons import Table
from lrbench.report.leaders import Leader, leader
from lrbench.report.wording import clean, threads_text

MOST_LINKS = 8  # that stand open at the head; more are folded


@dataclass(frozen=True, slots=True)
class Link:
    """One table: where it stands on the page, and the size that it is of."""

    anchor: str
    size: str  # empty where the tables of a problem have none


@dataclass(frozen=True, slots=True)
class Winner:
    """An implementation, and the tables in which its median is the lowest."""

    name: str  # empty for tables in which nothing has a time
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The other tables of one thread count and one set of conditions."""

    place: str  # '2 threads, seed 3', what tells it from others; empty where it is as in the sentence
    winners: tuple[Winner, ...]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """All tables of a problem but the one that its sentence tells of."""

    parts: tuple[Part, ...]

    @property
    def count(self) -> int:
        """How many tables there are."""
        return sum(len(winner.links) for part in self.parts for winner in part.winners)

    @property
    def is_folded(self) -> bool:
        """Whether they are too many to stand open."""
        return self.count > MOST_LINKS


def lowest(tables: Sequence[tuple[Table, str]], told: Table | None) -> Elsewhere:
    """Return the lowest median of every table but the one that is told of already.

    tables: of one problem, each with its anchor on the page.
    """
    parts: dict[tuple[int, str], dict[str, list[Link]]] = {}
    for table, anchor in tables:
        if table is not told:
            winners = parts.setdefault((table.threads, table.conditions), {})
            winners.setdefault(_name(leader(table)), []).append(Link(anchor, clean(table.size)))
    found = [
        Part(_place_text(threads, conditions, told), tuple(Winner(n, tuple(x)) for n, x in winners.items()))
        for (threads, conditions), winners in parts.items()
    ]
    return Elsewhere(tuple(sorted(found, key=lambda part: bool(part.place))))


def _name(found: Leader | None) -> str:
    return clean(found.row.implementation) if found else ""


def _place_text(threads: int, conditions: str, told: Table | None) -> str:
    """Return '2 threads, seed 3', as far as it differs from what is told of."""
    differing = (
        "" if told and threads == told.threads else threads_text(threads).removeprefix(", "),
        "" if told and conditions == told.conditions else conditions,
    )
    return clean(", ".join(filter(None, differing)))
