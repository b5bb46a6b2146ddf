"""A report that pastes into the comment of a pull request."""

import re

from lrbench.comparisons import Report, Row, Table
from lrbench.report import convergence
from lrbench.report.wording import (
    UNKNOWN,
    baseline_text,
    clean,
    costs,
    digits_text,
    environment_text,
    has_limits,
    has_several_baselines,
    has_speedups,
    legend,
    limit_text,
    name_text,
    noise_floor_text,
    outcome_text,
    over_text,
    speedup_text,
    threads_text,
    time_text,
    title_text,
    verdict_text,
)

# What starts markup: anywhere, at the edge of a word, or where a link's text ends.
_MARKUP = re.compile(r"[&<>|`*\\$]|(?<![^\W_])_|_(?![^\W_])|~(?=\S)|(?<=\S)~|\](?=[(\[:])")


def escape(text: str) -> str:
    """Return text that Markdown shows as it is, in a table's cell too."""
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", clean(text))


def render(report: Report) -> str:
    """Return a report as GitHub's Markdown: one table per problem, size and thread count."""
    parts = ["## Benchmark report", escape(report.source), escape(noise_floor_text(report))]
    parts += [f"> **Note:** {escape(remark)}" for remark in report.remarks]
    parts += [_table(table) for table in report.tables] or ["Nothing was measured."]
    parts += [_convergence(table) for table in convergence.convergences(report)]
    lines = "\n".join(f"- {escape(line)}" for line in legend(report))
    environment = "\n".join(f"- {escape(name)}: {escape(text)}" for name, text in environment_text(report.environment))
    if environment:
        environment = f"<details><summary>Environment</summary>\n\n{environment}\n\n</details>"
    return "\n\n".join(part for part in (*parts, lines, _costs(report), environment) if part) + "\n"


def _table(table: Table) -> str:
    over = baseline_text(table)
    columns = [("implementation", "---"), ("median", "--:"), ("IQR", "--:")]
    if has_speedups(table):
        columns.append((f"speedup over {over}" if over else "speedup", "--:"))
        columns += [("over", "---")] if has_several_baselines(table) else []
        columns.append(("verdict", "---"))
    columns += [("of limit", "--:")] if has_limits(table) else []
    columns.append(("digits", "--:"))
    head = [_line([name for name, _ in columns]), "|".join(["", *(rule for _, rule in columns), ""])]
    lines = [f"### {escape(title_text(table))}", "", *head, *(_line(_cells(row, table)) for row in table.rows)]
    return "\n".join(lines)


def _convergence(table: convergence.Convergence) -> str:
    head = [_line(["implementation", "algorithm", *table.heads]), "|---|---" + "|--:" * len(table.targets) + "|"]
    lines = [_line([name, algorithm, *cells]) for name, algorithm, cells in table.lines]
    return "\n".join([f"### {escape(table.title)}", "", *head, *lines, "", escape(convergence.LEGEND)])


def _costs(report: Report) -> str:
    """Return one folded table of what is known beside the times of calls; empty where nothing is."""
    rows = [row for row in report.rows if row.status == "ok" and costs([row])]
    if not rows:
        return ""
    columns = costs(rows)
    head = [_line(["case", *(cost.heading for cost in columns)]), f"|---|{'--:|' * len(columns)}"]
    lines = [_line([_case_text(row), *(cost.text(row) or UNKNOWN for cost in columns)]) for row in rows]
    table = "\n".join([*head, *lines])
    return f"<details><summary>Starting, memory and processors</summary>\n\n{table}\n\n</details>"


def _case_text(row: Row) -> str:
    place = f"{row.problem} at {row.size}" if row.size else row.problem
    return f"{clean(place)}{threads_text(row.threads)}: {name_text(row)}"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(escape(cell) for cell in cells)} |"


def _cells(row: Row, table: Table) -> list[str]:
    compared = [speedup_text(row, table), verdict_text(row)]
    if has_several_baselines(table):
        compared.insert(1, over_text(row))
    return [
        name_text(row),
        outcome_text(row),
        time_text(row.iqr_s),
        *(compared if has_speedups(table) else []),
        *([limit_text(row)] if has_limits(table) else []),
        digits_text(row),
    ]
