"""What an experiment hands back: parts to be read in order, an answer, and its numbers for machines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

Number = float | int | str | bool | None
Numbers = Mapping[str, Number | Sequence[Number]]
Advance = Callable[[float, str], None]  # (share of the work that is done now, what comes next)


@dataclass(frozen=True, slots=True)
class Setting:
    """How an experiment is to be run."""

    seed: int = 0
    quick: bool = False  # fewer repetitions and smaller data: for a look, and for tests of what must hold at any size
    advance: Advance = lambda _share, _now: None


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of the parts that follow."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text."""

    kind: ClassVar[str] = "paragraph"
    text: str


@dataclass(frozen=True, slots=True)
class Formula:
    """One formula a line, in Unicode."""

    kind: ClassVar[str] = "formula"
    text: str


@dataclass(frozen=True, slots=True)
class Correction:
    """Where a document that the reader may have at hand is wrong, and what is right."""

    kind: ClassVar[str] = "correction"
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its words."""

    kind: ClassVar[str] = "figure"
    caption: str  # what is drawn, and what to see in it
    alternative: str  # what it shows, for those who cannot see it
    chart: Mapping[str, Any]  # of charts.chart: data and layout in plotly's schema, height in pixels


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; numbers come as text, already rounded."""

    kind: ClassVar[str] = "grid"
    caption: str
    columns: tuple[str, ...]  # the first names the lines
    lines: tuple[tuple[str, ...], ...]


Part = Heading | Paragraph | Formula | Correction | Figure | Grid


@dataclass(frozen=True, slots=True)
class Findings:
    """What an experiment found. The numbers in its texts come from the run."""

    parts: tuple[Part, ...]
    answer: str  # a few sentences
    numbers: Numbers  # every claim, as a number; lists for curves that a test may hold
    skipped: tuple[str, ...] = field(default=())  # what could not be done, and what would have to be installed
