"""Vector addition language by language: as a table, on a terminal and in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lrbench.report.markdown import escape
from lrbench.report.wording import clean, three_digits

if TYPE_CHECKING:
    from rich.console import RenderableType

Document = Mapping[str, Any]  # what `lrbench languages --json` prints

_TITLE = "Nanoseconds per element of c = a + b, float64: medians"


def table(document: Document) -> tuple[list[str], list[list[str]]]:
    """Return the heading and the lines: a method each, with its time per element at each size."""
    rows = [row for row in document["rows"] if row["status"] != "skipped"]
    sizes = sorted({row["size"] for row in rows})
    found: dict[tuple[str, str], dict[int, Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["language"], row["method"]), {})[row["size"]] = row
    lines = [
        [clean(language), clean(method), *(_cell(at.get(size)) for size in sizes)]
        for (language, method), at in found.items()
    ]
    return ["language", "method", *(f"n = {size}" for size in sizes)], lines


def notes(document: Document) -> list[str]:
    """Return why cells hold no time: once for each language and reason."""
    told: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in document["rows"]:
        if row["status"] != "ok":
            told.setdefault((row["language"], f"{row['status']}: {row['reason']}"), []).append(row)
    return [clean(f"{language}{_where(rows)}: {reason}") for (language, reason), rows in told.items()]


def _where(rows: Sequence[Mapping[str, Any]]) -> str:
    if rows[0]["status"] == "skipped":
        return ""
    methods, sizes = dict.fromkeys(row["method"] for row in rows), dict.fromkeys(row["size"] for row in rows)
    return f", {' and '.join(methods)}, at {', '.join(map(str, sizes))}"


def _cell(row: Mapping[str, Any] | None) -> str:
    if row is None or row["seconds_per_element"] is None:
        return "" if row is None else str(row["status"])
    return three_digits(row["seconds_per_element"] * 1e9)


def markdown(document: Document) -> str:
    """Return the table and the notes as Markdown."""
    heading, lines = table(document)
    rule = ["---", "---", *("--:" for _ in heading[2:])]
    grid = "\n".join(f"| {' | '.join(map(escape, cells))} |" for cells in (heading, *lines))
    first, _, rest = grid.partition("\n")
    told = "".join(f"- {escape(note)}\n" for note in notes(document))
    return f"# Vector addition in other languages\n\n{_TITLE}\n\n{first}\n|{'|'.join(rule)}|\n{rest}\n\n{told}"


def renderables(document: Document) -> "Iterator[RenderableType]":
    """Yield what a terminal shows: the table, then why cells hold no time."""
    from rich.table import Table
    from rich.text import Text

    heading, lines = table(document)
    grid = Table(box=None, pad_edge=False, padding=(0, 2))
    for k, name in enumerate(heading):
        grid.add_column(name, justify="left" if k < 2 else "right")  # noqa: PLR2004  (language, method)
    for line in lines:
        grid.add_row(*map(Text, line))
    yield Text(f"{_TITLE}\n")
    yield grid
    for note in notes(document):
        yield Text(note)
