"""A report as one page that opens anywhere and asks the network for nothing."""

from collections.abc import Mapping
from typing import Any

from lrbench.comparisons import Report
from lrbench.report import (
    absent,
    convergence,
    costs,
    elsewhere,
    experiments,
    history,
    history_words,
    leaders,
    legend,
    page,
    pairs,
    sections,
    wording,
)
from lrbench.report.experiments_page import numbered

_FACTS = ("cpu", "cores", "machine", "python", "numpy", "numba", "blas", "commit")
# The page's own ids.
_TAKEN = (
    "answers",
    "across",
    "histories",
    "roofline",
    "convergence",
    "environment",
    "figures",
    "theme",
    "filter",
    "matches",
)


def render(report: Report) -> str:
    """Return a report as one self-contained page of HTML."""
    drawn: list[dict[str, Any]] = []
    anchors = sections.Anchors(*_TAKEN)
    environment = wording.environment_text(report.environment)
    problems = list(sections.problems(report, drawn, anchors))
    histories = list(sections.histories(report, drawn, anchors))
    return page.fill(
        "page.html.jinja",
        drawn,
        report=report,
        problems=problems,
        rooflines=list(sections.rooflines(report, drawn)),
        experiments=[_experiment(each, drawn, anchors) for each in report.experiments],
        histories=histories,
        changes=sections.changes(report, histories),
        history=history,
        history_words=history_words,
        pairs=pairs,
        absent=absent,
        links=elsewhere.MOST_LINKS,
        costs=costs,
        leaders=leaders,
        marks=legend.MARKS,
        convergences=list(sections.convergences(report, drawn)),
        facts=page.facts(environment, _FACTS),
        environment=environment,
        legend=[*legend.lines(report), leaders.LEGEND],
        remarks=[wording.clean(remark) for remark in report.remarks],
        convergence_legend=convergence.LEGEND,
    )


def _experiment(
    experiment: Mapping[str, Any], drawn: list[dict[str, Any]], anchors: sections.Anchors
) -> dict[str, Any]:
    """Return what the page shows of one answered question."""
    given = numbered(experiment, drawn)
    return {**given, "title": experiments.title(given["name"]), "name": anchors.new(given["name"])}
