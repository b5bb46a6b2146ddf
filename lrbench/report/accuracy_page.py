"""The digits as one page that opens anywhere: figures of digits against condition number, and the tables."""

import html
from collections.abc import Mapping
from typing import Any

from lrbench.report import accuracy, page, wording
from lrbench.report.palette import Styles, styles_of

_FACTS = ("cpu", "python", "numpy", "blas", "blas kernel", "lrbench", "commit")
_DIGITS = 16
_LINE_HEIGHT = 20  # pixels of a name in the legend
_EXPECTED_COLOUR = "#8d959e"


def render(document: accuracy.Document) -> str:
    """Return the page; everything that came from a file passes through escaping, or through JSON without '<'."""
    names = list(dict.fromkeys(row["implementation"] for row in document["rows"]))
    drawn = [_figure(group, document, styles_of(names)) for group in _swept(document)]
    environment = wording.environment_text(document["environment"])
    return page.fill(
        "accuracy.html.jinja",
        drawn,
        facts=page.facts(environment, _FACTS),
        environment=environment,
        captions=[f"Digits against condition number: {wording.clean(group)}" for group in _swept(document)],
        grids=accuracy.grids(document),
        legend=accuracy.LEGEND,
        missing=accuracy.missing(document),
        height=drawn[0]["height"] if drawn else 0,
    )


def _swept(document: accuracy.Document) -> list[str]:
    """Return the groups whose data sets were made to differ in their condition number."""
    return list(dict.fromkeys(d["group"] for d in document["datasets"] if d["nominal_condition_number"]))


def _figure(group: str, document: accuracy.Document, looks: Styles) -> dict[str, Any]:
    """Return a figure of median digits against condition number, with what theory expects."""
    swept = [d for d in document["datasets"] if d["group"] == group and d["nominal_condition_number"]]
    datasets = {d["name"]: d for d in swept}
    rows = [row for row in document["rows"] if row["dataset"] in datasets]
    traces = [
        _measured(
            name, [row for row in rows if row["implementation"] == name and row["digits_median"] is not None], look
        )
        for name, look in looks.items()
    ]
    methods = dict.fromkeys(row["method"] for row in rows if row["method"])
    traces += [_expected(method, list(datasets.values())) for method in methods]
    places = [d["condition_number"] for d in datasets.values()]
    nominal = [d["nominal_condition_number"] for d in datasets.values()]
    layout = {
        "xaxis": {
            "title": {"text": "condition number, columns brought to one length"},
            "type": "log",
            "tickvals": places,
            "ticktext": [accuracy.short(place) for place in nominal],
        },
        "yaxis": {
            "title": {"text": "correct digits of the worst coefficient"},
            "range": [-0.4, _DIGITS + 0.4],
            "dtick": 2,
        },
        "showlegend": True,
    }
    return {
        "data": [trace for trace in traces if trace["x"]],
        "layout": layout,
        "height": max(460, 120 + _LINE_HEIGHT * len(traces)),
    }


def _measured(name: str, rows: list[Mapping[str, Any]], look: Mapping[str, Any]) -> dict[str, Any]:
    label = html.escape(wording.clean(name), quote=False)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": label,
        "x": [row["condition_number"] for row in rows],
        "y": [round(row["digits_median"], 2) for row in rows],
        "text": [
            f"<b>{label}</b><br>median {row['digits_median']:.1f}, worst {row['digits_worst']:.1f}" for row in rows
        ],
        "hoverinfo": "text",
        "line": {"color": look["color"], "dash": look["dash"], "width": 1.75},
        "marker": {"symbol": look["symbol"], "size": 8},
    }


def _expected(method: str, datasets: list[Mapping[str, Any]]) -> dict[str, Any]:
    label = html.escape(wording.clean(f"theory: {method}"), quote=False)
    found = [(d["condition_number"], d["digits_expected"].get(method)) for d in datasets]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": label,
        "x": [place for place, digits in found if digits is not None],
        "y": [round(digits, 2) for _, digits in found if digits is not None],
        "text": [f"{label}: {digits:.1f}" for _, digits in found if digits is not None],
        "hoverinfo": "text",
        "line": {"color": _EXPECTED_COLOUR, "dash": "dot", "width": 1.25},
    }
