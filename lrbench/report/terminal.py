"""A report on a terminal: one table per problem, size and thread count."""

import io
from typing import TYPE_CHECKING

from lrbench.comparisons import Report, Row, Table
from lrbench.report import absent, convergence, history_words, legend, pairs
from lrbench.report.wording import (
    baseline_text,
    clean,
    digits_text,
    has_limits,
    has_several_baselines,
    has_speedups,
    limit_text,
    name_text,
    noise_floor_text,
    outcome_text,
    over_text,
    speedup_text,
    title_text,
    verdict_text,
)

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table as RichTable

_NAME_WIDTH = 26  # a name up to this long is not folded, whatever else must be
_STYLES = {"faster": "green", "slower": "red", "baseline": "dim"}


def render(report: Report, width: int = 100) -> str:
    """Return a report as plain text, no line longer than `width`."""
    from rich.console import Console

    text = io.StringIO()
    console = Console(file=text, width=width, color_system=None, force_terminal=False, legacy_windows=False)
    console.print(*renderables(report), sep="\n")
    return "\n".join(line.rstrip() for line in text.getvalue().split("\n"))


def renderables(report: Report) -> "list[RenderableType]":
    """Return what a rich console prints: the tables, what runs beside each other say, the legend and the remarks."""
    from rich.text import Text

    found: list[RenderableType] = []
    if floor := noise_floor_text(report):
        found.append(Text(floor, style="dim"))
    for table in report.tables:
        found += [Text(title_text(table), style="bold"), table_of(table)]
        found += [Text(f"{told}\n", style="yellow")] if (told := absent.wanting_text(table)) else []
    for beside in (besides := pairs.besides(report)):
        found += [Text(beside.title, style="bold"), *([_pairs_of(beside)] if beside.rows else [])]
        found += [Text(f"Not compared: {pairs.apart_text(*apart)}", style="yellow") for apart in beside.apart.items()]
        found += [Text()] if beside.apart else []
    found += [Text(pairs.LEGEND, style="dim")] if any(beside.rows for beside in besides) else []
    joined = convergence.convergences(report)
    for targets in joined:
        found += [Text(targets.title, style="bold"), _targets_of(targets)]
    found += [Text(convergence.LEGEND, style="dim")] if joined else []
    if report.histories:
        found += [Text(f"Histories: {history_words.sentence(report)}", style="bold")]
        found += [Text(f"- {line}") for line in history_words.change_lines(report)]
    found += [Text(line, style="dim") for line in legend.lines(report)]
    found += [Text(f"Note: {clean(remark)}", style="yellow") for remark in report.remarks]
    return found or [Text("Nothing was measured.")]


def table_of(table: Table) -> "RichTable":
    """Return one table for a rich console. Names from files are shown, never obeyed as markup."""
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    over = baseline_text(table)
    shown = RichTable(box=box.SIMPLE_HEAD)
    longest = max((len(name_text(row)) for row in table.rows), default=0)
    shown.add_column("implementation", overflow="fold", min_width=min(longest, _NAME_WIDTH))
    shown.add_column("median", justify="right", overflow="fold")
    if has_speedups(table):
        shown.add_column(Text(f"speedup over {over}" if over else "speedup"), justify="right")
        if has_several_baselines(table):
            shown.add_column("over", overflow="fold")
        shown.add_column("verdict", overflow="fold")
    if has_limits(table):
        shown.add_column("of limit", justify="right")
    shown.add_column("digits", justify="right")
    for row in absent.shown(table):
        cells = [Text(cell, style=style) for cell, style in _cells(row, table)]
        if row.status != "ok":
            cells[1].justify = "left"  # a sentence, not a number
        shown.add_row(*cells)
    return shown


def _pairs_of(beside: pairs.Beside) -> "RichTable":
    """Return two runs' common cases for a rich console."""
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    shown = RichTable(box=box.SIMPLE_HEAD)
    for head in pairs.HEADS:
        shown.add_column(head, justify="left" if head == pairs.HEADS[0] else "right", overflow="fold")
    for cells in beside.rows:
        shown.add_row(*map(Text, cells))
    return shown


def _targets_of(targets: convergence.Convergence) -> "RichTable":
    """Return the times to several targets for a rich console."""
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    shown = RichTable(box=box.SIMPLE_HEAD)
    longest = max((len(name) for name, _, _ in targets.lines), default=0)
    shown.add_column("implementation", overflow="fold", min_width=min(longest, _NAME_WIDTH))
    shown.add_column("algorithm", overflow="fold")
    for head in targets.heads:
        shown.add_column(head, justify="right", overflow="fold")
    for name, algorithm, cells in targets.lines:
        shown.add_row(Text(name), Text(algorithm), *map(Text, cells))
    return shown


def _cells(row: Row, table: Table) -> list[tuple[str, str]]:
    """Return (text, style) for each column."""
    style = _STYLES.get(row.verdict, "dim" if row.verdict else "")
    compared = [(speedup_text(row, table), style), (verdict_text(row), style)]
    if has_several_baselines(table):
        compared.insert(1, (over_text(row), "dim"))
    return [
        (name_text(row), ""),
        (outcome_text(row), "" if row.status == "ok" else "yellow"),
        *(compared if has_speedups(table) else []),
        *([(limit_text(row), "")] if has_limits(table) else []),
        (digits_text(row), ""),
    ]
