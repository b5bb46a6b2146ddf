"""A report as one page that opens anywhere and asks the network for nothing."""

import json
import math
import re
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import Any
from urllib.parse import quote

from lrbench.comparisons import Report, Row, Table
from lrbench.report import convergence, figures, history, pairs, roofline, wording
from lrbench.report.json import strict

_FACTS = ("cpu", "cores", "machine", "python", "numpy", "numba", "blas", "commit")

_COMMIT = re.compile(r"\b([0-9a-f]{10})[0-9a-f]{30}\b")


def render(report: Report) -> str:
    """Return a report as one self-contained page of HTML.

    Everything that came from a file passes through the template's escaping, or through JSON without '<'.
    """
    from jinja2 import Environment, StrictUndefined

    drawn: list[dict[str, Any]] = []
    problems = list(_problems(report, drawn))
    rooflines = list(_rooflines(report, drawn))
    histories = list(_histories(report, drawn))
    environment = wording.environment_text(report.environment)
    template = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(re.sub(r"\n +", "\n", own("page.html.jinja")))
    return template.render(
        report=report,
        problems=problems,
        rooflines=rooflines,
        histories=histories,
        history=history,
        pairs=pairs,
        facts=[(name, _COMMIT.sub(r"\1", text)) for name, text in environment if name in _FACTS],
        environment=environment,
        legend=wording.legend(report),
        remarks=[wording.clean(remark) for remark in report.remarks],
        style=own("page.css"),
        script=own("page.js"),
        plotly=plotly_script() if drawn else "",
        figures=embedded(drawn),
        words=wording,
        convergence=convergence,
        breakable=_breakable,
    )


def drawings(report: Report) -> list[tuple[str, dict[str, Any]]]:
    """Return (caption, figure) of everything that is drawn on the page, in its order."""
    drawn: list[dict[str, Any]] = []
    captions: dict[int, str] = {}
    for problem in _problems(report, drawn):
        captions.update((figure["index"], figure["caption"]) for figure in problem["figures"])
    captions.update((figure["index"], figure["caption"]) for figure in _rooflines(report, drawn))
    captions.update((chart["index"], f"Over commits: {chart['title']}") for chart in _histories(report, drawn))
    return [(captions[i], figure) for i, figure in enumerate(drawn)]


def embedded(value: Any) -> str:
    """Return JSON that can stand inside a script element whatever text it holds."""
    text = json.dumps(strict(value), allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _breakable(name: str) -> str:
    """Return a name as HTML that a narrow screen may break after its underscores."""
    from markupsafe import Markup, escape

    return escape(name).replace("_", Markup("_<wbr>"))


def own(name: str) -> str:
    """Return the text of a file that lies beside this one."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def plotly_script() -> str:
    """Return plotly's script, found without importing plotly."""
    return resources.files("plotly").joinpath("package_data", "plotly.min.js").read_text(encoding="utf-8")


def _problems(report: Report, drawn: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield what the page shows of each problem; its figures are added to `drawn`."""
    looks = figures.styles(report.rows)
    anchors = {"roofline", "across", "histories", "figures", "theme"}  # the page's own
    for name in dict.fromkeys(table.problem for table in report.tables):
        tables = [table for table in report.tables if table.problem == name]
        yield {
            "name": wording.clean(name),
            "title": wording.clean(report.problems.get(name, "")),
            "anchor": _anchor(name, anchors),
            "figures": [_figure(name, part, looks, drawn) for part in _by_conditions(tables)],
            "tables": [_table(table, anchors) for table in tables],
        }


def _rooflines(report: Report, drawn: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield caption and position of the roofline of each thread count and set of conditions."""
    looks = figures.styles(report.rows)
    for tables in _by_conditions(report.tables):
        marks = roofline.marks(tables)
        if roofs := roofline.roofs(marks, roofline.ceilings_of(tables[0], report.tables)):
            drawn.append(roofline.figure(marks, roofs, looks))
            yield {
                "caption": f"Roofline{_circumstances(tables[0])}",
                "roofs": ", ".join(f"{roof.label} {roof.measured}" for roof in roofs),
                "index": len(drawn) - 1,
                "height": drawn[-1]["height"],
            }


def _histories(report: Report, drawn: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield title, table and position of the figure of each chart over commits; None as position for no figure."""
    for chart in history.charts(report):
        if chart.figure is not None:
            drawn.append(dict(chart.figure))
        yield {
            "title": chart.title,
            "lines": chart.lines,
            "index": None if chart.figure is None else len(drawn) - 1,
            "height": 0 if chart.figure is None else chart.figure["height"],
        }


def _circumstances(table: Table) -> str:
    conditions = f" ({table.conditions})" if table.conditions else ""
    return wording.clean(f"{wording.threads_text(table.threads)}{conditions}")


def _by_conditions(tables: Sequence[Table]) -> list[list[Table]]:
    """Return the tables whose times may share a figure: one thread count, one set of conditions."""
    parts: dict[tuple[int, str], list[Table]] = {}
    for table in tables:
        parts.setdefault((table.threads, table.conditions), []).append(table)
    return list(parts.values())


def _figure(
    problem: str, tables: Sequence[Table], looks: figures.Styles, drawn: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return a figure's caption and its position in `drawn`; None as position where there is nothing to draw."""
    figure = figures.times([row for table in tables for row in table.rows], looks)
    if figure is not None:
        drawn.append(figure)
    return {
        "caption": wording.clean(problem) + _circumstances(tables[0]),
        "index": None if figure is None else len(drawn) - 1,
        "height": 0 if figure is None else figure["height"],
        "lines": figure is not None and figure["layout"]["showlegend"],
    }


def _table(table: Table, anchors: set[str]) -> dict[str, Any]:
    low, high = _log_reach(table.rows)
    cases = []
    for row in table.rows:
        forest = None
        if row.speedup and row.speedup_low and row.speedup_high:
            positions = (math.log(x) for x in (row.speedup_low, row.speedup, row.speedup_high, 1.0))
            forest = [round(100 * (position - low) / (high - low), 2) for position in positions]
        case_id = f"{row.problem}/{row.size}/{row.implementation}"
        cases.append({"row": row, "anchor": _anchor(case_id, anchors), "forest": forest})
    compared, several = wording.has_speedups(table), wording.has_several_baselines(table)
    return {
        "table": table,
        "cases": cases,
        "compared": compared,
        "several": several,
        "costs": wording.costs(table.rows),
        "marked": any(table.speedup_kind(row) == "algorithm" for row in table.rows),
        # An outcome stands in place of three times, of what was compared, and of the digits.
        "span": 4 + 3 * compared + several + wording.has_limits(table),
    }


def _log_reach(rows: Sequence[Row]) -> tuple[float, float]:
    """Return the ends of the log axis that all speedup intervals of a table share; 1 is always on it."""
    ends = [math.log(end) for row in rows for end in (row.speedup_low, row.speedup_high) if end and math.isfinite(end)]
    low, high = min([*ends, 0.0]), max([*ends, 0.0])
    margin = max(0.06 * (high - low), 0.01)
    return low - margin, high + margin


def _anchor(text: str, taken: set[str]) -> str:
    """Return an id that no other element has; two tables may hold the same case."""
    plain = quote(text, safe="/", errors="backslashreplace")
    anchor, count = plain, 1
    while anchor in taken:
        count += 1
        anchor = f"{plain}-{count}"
    taken.add(anchor)
    return anchor
