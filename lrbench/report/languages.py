"""Vector addition language by language: on a terminal and in Markdown."""

from typing import TYPE_CHECKING

from lrbench.report.languages_lookup import Document
from lrbench.report.languages_summary import points
from lrbench.report.languages_tables import Grid, grids, notes
from lrbench.report.markdown import escape
from lrbench.report.wording import environment_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

TITLE = "Vector addition in every language"

LEGEND = (
    "Each method at each size has processes of its own, in rounds over all; a time is the median of all samples.",
    "Rows are not paired: where two differ by some tens of percent, another run may turn them round.",
    "Inputs depend on a number given when a program starts, so that no compiler can add beforehand.",
    "The sum is checked exactly, in every process. A wrong one, a crash, a hang or other output is a failed row.",
    "A sample takes a millisecond or more, after compilers have warmed up; by the documents' protocol it is one call.",
    "One thread on one processor, and float64, unless a row says otherwise.",
    "Memory comes in pages of 2 MB where the system gives them, for all languages alike.",
    "Each row says whether its output is given or allocated in each call: a large new one has pages to be cleared.",
)


def renderables(document: Document) -> "Iterator[RenderableType]":
    """Yield what a rich console prints. Texts of programs are shown, never obeyed as markup."""
    from rich.text import Text

    for point in points(document):
        yield Text.assemble((point.question, "bold"), " ", point.answer)
        yield Text()
    for grid in grids(document):
        yield Text(grid.title, style="bold")
        if grid.lead:
            yield Text(grid.lead, style="dim")
        yield _table(grid)
    for line in LEGEND:
        yield Text(line, style="dim")
    for note in notes(document):
        yield Text(note, style="yellow")


def _table(grid: Grid) -> "RenderableType":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for name in grid.names:
        table.add_column(name, overflow="fold")
    for column in grid.columns:
        table.add_column(Text(column), justify="right")
    for line in grid.lines:
        table.add_row(*map(Text, (*line.names, *line.cells)))
    return table


def markdown(document: Document) -> str:
    """Return summary, tables and notes as GitHub's Markdown."""
    parts = [f"## {TITLE}"]
    parts += [f"**{escape(point.question)}** {escape(point.answer)}" for point in points(document)]
    for grid in grids(document):
        parts += [f"### {escape(grid.title)}", escape(grid.lead), _grid(grid)]
    parts.append("\n".join(f"- {escape(line)}" for line in (*LEGEND, *notes(document))))
    environment = "\n".join(
        f"- {escape(name)}: {escape(text)}" for name, text in environment_text(document["environment"])
    )
    if environment:
        parts.append(f"<details><summary>Environment</summary>\n\n{environment}\n\n</details>")
    return "\n\n".join(part for part in parts if part) + "\n"


def _grid(grid: Grid) -> str:
    noted = any(line.note for line in grid.lines)
    head = _line((*grid.names, *grid.columns, *["how"] * noted))
    rule = f"|{'---|' * len(grid.names)}{'--:|' * len(grid.columns)}{'---|' * noted}"
    lines = [_line((*line.names, *line.cells, *[line.note] * noted)) for line in grid.lines]
    return "\n".join([head, rule, *lines])


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(escape(cell) for cell in cells)} |"
