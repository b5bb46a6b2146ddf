"""The digits of each implementation on each data set: as tables, on a terminal and in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrbench.report.markdown import escape
from lrbench.report.wording import clean

if TYPE_CHECKING:
    from rich.console import RenderableType

Document = Mapping[str, Any]  # environment, datasets, rows: what `lrbench accuracy --json` prints

_AGAINST = {"certified": "against the certified values", "exact": "against the exact solution of the float64 problem"}
_SHORT = {"wrong answer": "wrong"}

LEGEND = (
    "Digits are correct decimal digits of the worst coefficient, at most 16.",
    "The first figure is the median over 20 orders of the rows; the worst stands in brackets where it differs.",
    "Certified values have 15 digits, so that exact answers score 14.3 to 15 against them.",
    "Theory is what rounding errors leave of a method's digits, to first order and without constants: mostly too few.",
    "The condition number is that of [X 1] with columns of one length.",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table."""

    name: str
    cells: tuple[str, ...]
    kind: str = "measured"  # measured, expected, about (the data set itself)


@dataclass(frozen=True, slots=True)
class Grid:
    """Implementations by data sets of one group, against one reference."""

    title: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]  # why a cell holds no digits


def grids(document: Document) -> list[Grid]:
    """Return a table for each group of data sets and each reference, in the order of the rows."""
    parts: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in document["rows"]:
        parts.setdefault((row["group"], row["reference"]), []).append(row)
    return [_grid(group, reference, rows, document) for (group, reference), rows in parts.items()]


def missing(document: Document) -> list[str]:
    """Return, for each implementation that ran nowhere, why."""
    reasons = {row["implementation"]: f"{row['status']}: {row['reason']}" for row in document["rows"]}
    return [clean(f"{name}: {reasons[name]}") for name in reasons if name not in _present(document["rows"])]


def _present(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the implementations that ran somewhere, in the order of the rows."""
    return list(dict.fromkeys(row["implementation"] for row in rows if row["status"] not in ("skipped", "not run")))


def _grid(group: str, reference: str, rows: Sequence[Mapping[str, Any]], document: Document) -> Grid:
    found = {(row["implementation"], row["dataset"]): row for row in rows}
    datasets = [d for d in document["datasets"] if any(row["dataset"] == d["name"] for row in rows)]
    names = _present(rows)
    lines = [Line("condition number", tuple(short(d["condition_number"]) for d in datasets), "about")]
    for name in names:
        cells = tuple(_cell(found.get((name, dataset["name"]))) for dataset in datasets)
        lines.append(Line(clean(name), cells))
    methods = dict.fromkeys(row["method"] for row in rows if row["method"] and row["implementation"] in names)
    for method in methods:
        cells = tuple(_digits(dataset["digits_expected"].get(method)) for dataset in datasets)
        lines.append(Line(clean(f"theory: {method}"), cells, "expected"))
    title = f"{group}, {_AGAINST.get(reference, reference)}"
    columns = tuple(clean(dataset["name"].split(",")[0]) for dataset in datasets)
    return Grid(clean(title[:1].upper() + title[1:]), columns, tuple(lines), tuple(_notes(rows, names)))


def _cell(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return ""
    if row["status"] != "ok":
        return _SHORT.get(row["status"], clean(row["status"]))
    median, worst = _digits(row["digits_median"]), _digits(row["digits_worst"])
    return median if median == worst else f"{median} ({worst})"


def _digits(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def short(value: float) -> str:
    """Return a number with two digits: 2.8, 2.2e3, 1e14."""
    if value < 100:  # noqa: PLR2004  (two digits need no exponent)
        return f"{value:.2g}"
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"


def _notes(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Iterator[str]:
    """Yield why cells hold no digits, one line for each implementation and status, with the first of the reasons."""
    places: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["status"] != "ok" and row["implementation"] in names:
            places.setdefault((row["implementation"], row["status"]), []).append(row)
    for (name, status), found in places.items():
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        yield clean(f"{name}: {status} on {found[0]['dataset']}{more}: {found[0]['reason']}")


def renderables(document: Document) -> "list[RenderableType]":
    """Return what a rich console prints. Names from files are shown, never obeyed as markup."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    styles = {"about": "dim", "expected": "dim italic"}
    found: list[RenderableType] = []
    for grid in grids(document):
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
        table.add_column("implementation", overflow="fold")
        for column in grid.columns:
            table.add_column(Text(column), justify="right")
        for line in grid.lines:
            table.add_row(*(Text(cell) for cell in (line.name, *line.cells)), style=styles.get(line.kind, ""))
        found += [Text(grid.title, style="bold"), table]
        found += [Text(note, style="yellow") for note in grid.notes]
        found.append(Text())
    found += [Text(line, style="dim") for line in LEGEND]
    return found + [Text(line, style="yellow") for line in missing(document)]


def markdown(document: Document) -> str:
    """Return the tables as GitHub's Markdown."""
    parts = []
    for grid in grids(document):
        head = [_line(("implementation", *grid.columns)), "|---|" + "--:|" * len(grid.columns)]
        parts.append(
            "\n".join((f"### {escape(grid.title)}", "", *head, *(_line((x.name, *x.cells)) for x in grid.lines)))
        )
        parts.append("\n".join(f"- {escape(note)}" for note in grid.notes))
    parts.append("\n".join(f"- {escape(line)}" for line in (*LEGEND, *missing(document))))
    return "\n\n".join(part for part in parts if part) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(escape(cell) for cell in cells)} |"
