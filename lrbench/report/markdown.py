"""A report that pastes into the comment of a pull request."""

import re

from lrbench.comparisons import Report, Row, Table
from lrbench.report import absent, convergence, costs, history_words, legend, pairs
from lrbench.report.comment import Part, fitting
from lrbench.report.wording import (
    UNKNOWN,
    baseline_text,
    clean,
    digits_text,
    environment_text,
    has_limits,
    has_several_baselines,
    has_speedups,
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

MOST_BYTES = 65_000  # GitHub takes 65536 characters in a comment
_MOST_REMARKS, _LONGEST_REMARK = 20, 600
_MARKUP_OR_ACTS = re.compile(
    # What starts markup: anywhere, at the edge of a word, or where a link's text ends.
    r"(?P<markup>[&<>|`*\\$]|(?<![^\W_])_|_(?![^\W_])|~(?=\S)|(?<=\S)~|\](?=[(\[:]))"
    # What GitHub makes a mention or an address, an issue, a link or an emoji.
    r"|@(?=\w)|#(?=\d)|\b(?i:GH)-(?=\d)|:(?=//)|(?<![^\W_])(?i:www)(?=\.)"
    r"|:(?=[0-9_+-]*[a-z][a-z0-9_+-]*:|[+-]1:|100:|1234:)"
)


def escape(text: str) -> str:
    """Return text that Markdown shows as it is, in a table's cell too, and that mentions and links to nothing.

    An entity takes from a character its meaning as markup. GitHub looks for names and addresses after it has decoded
    entities; an empty comment parts them, and is not shown.
    """
    return _MARKUP_OR_ACTS.sub(_harmless, clean(text))


def _harmless(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};" if match["markup"] else f"{match[0]}<!-- -->"


def render(report: Report, most: int = MOST_BYTES) -> str:
    """Return a report as GitHub's Markdown: one table per problem, size and thread count.

    What exceeds a comment's length is left out, the details first and then the last tables, one of them by its rows,
    and said to be.
    """
    head = ["## Benchmark report", escape(report.source), escape(noise_floor_text(report))]
    head += [f"> **Note:** {escape(remark[:_LONGEST_REMARK])}" for remark in report.remarks[:_MOST_REMARKS]]
    head += [f"> **Note:** {len(report.remarks) - _MOST_REMARKS} more."] * (len(report.remarks) > _MOST_REMARKS)
    # A pull request needs its steps and its ratios most: hundreds of tables would crowd them out.
    parts = [*_histories(report), *(part for beside in pairs.besides(report) for part in _beside(beside))]
    parts += [_table(table) for table in report.tables] or [Part("table", "Nothing was measured.")]
    parts += [_convergence(table) for table in convergence.convergences(report)]
    lines = "\n".join(f"- {escape(line)}" for line in legend.lines(report))
    environment = "\n".join(f"- {escape(name)}: {escape(text)}" for name, text in environment_text(report.environment))
    if environment:
        environment = f"<details><summary>Environment</summary>\n\n{environment}\n\n</details>"
    return fitting(head, parts, [lines, _costs(report), environment], most)


def _table(table: Table) -> Part:
    over = baseline_text(table)
    columns = [("implementation", "---"), ("median", "--:"), ("IQR", "--:")]
    if has_speedups(table):
        columns.append((f"speedup over {over}" if over else "speedup", "--:"))
        columns += [("over", "---")] if has_several_baselines(table) else []
        columns.append(("verdict", "---"))
    columns += [("of limit", "--:")] if has_limits(table) else []
    columns.append(("digits", "--:"))
    head = [_line([name for name, _ in columns]), "|".join(["", *(rule for _, rule in columns), ""])]
    lines = tuple(_line(_cells(row, table)) for row in absent.shown(table))
    told = absent.wanting_text(table)
    return Part("table", _headed(title_text(table), head), lines, f"\n\n{escape(told)}" if told else "")


def _headed(title: str, lines: list[str]) -> str:
    return "\n".join([f"### {escape(title)}", "", *lines])


def _beside(beside: pairs.Beside) -> list[Part]:
    """Return two runs' common cases as a table, and what was not compared as a folded list."""
    head = [_line(list(pairs.HEADS)), "|---" + "|--:" * (len(pairs.HEADS) - 1) + "|"]
    rows = tuple(_line(list(cells)) for cells in beside.rows)
    apart = tuple(f"- {escape(pairs.apart_text(reason, cases))}" for reason, cases in beside.apart.items())
    fold = "<details><summary>Not compared</summary>\n"
    parts = [Part("table", _headed(beside.title, head), rows, f"\n\n{escape(pairs.LEGEND)}")] if rows else []
    if apart:
        parts.append(Part("list", fold if rows else _headed(beside.title, [fold]), apart, "\n\n</details>"))
    return parts


def _histories(report: Report) -> list[Part]:
    """Return what the histories say, and the steps in them, a line each; nothing without histories."""
    if not report.histories:
        return []
    lines = tuple(f"- {escape(line)}" for line in history_words.change_lines(report))
    said = escape(history_words.sentence(report))
    return [Part("list", _headed("Histories", [said, ""] if lines else [said]), lines)]


def _convergence(table: convergence.Convergence) -> Part:
    head = [_line(["implementation", "algorithm", *table.heads]), "|---|---" + "|--:" * len(table.targets) + "|"]
    lines = tuple(_line([name, algorithm, *cells]) for name, algorithm, cells in table.lines)
    return Part("table", _headed(table.title, head), lines, f"\n\n{escape(convergence.LEGEND)}")


def _costs(report: Report) -> str:
    """Return one folded table of what is known beside the times of calls; empty where nothing is."""
    rows = [row for row in report.rows if row.status == "ok" and costs.known([row])]
    if not rows:
        return ""
    columns = costs.known(rows)
    head = [_line(["case", *(cost.heading for cost in columns)]), f"|---|{'--:|' * len(columns)}"]
    lines = [_line([_case_text(row), *(cost.text(row) or UNKNOWN for cost in columns)]) for row in rows]
    table = "\n".join([*head, *lines])
    return f"<details><summary>{costs.text(columns)}</summary>\n\n{table}\n\n</details>"


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
