"""What experiments found, as one page that opens anywhere."""

from typing import Any

from lrbench.report import experiments, wording
from lrbench.report.html import embedded, own, plotly_script

_FACTS = ("cpu", "cores", "python", "numpy", "numba", "commit")
_COMMIT = 10  # characters that name one


def render(document: experiments.Document) -> str:
    """Return the page; everything that came from a file passes through escaping, or through JSON without '<'."""
    from jinja2 import Environment, StrictUndefined

    drawn: list[dict[str, Any]] = []
    environment = dict(wording.environment_text(document["environment"]))
    template = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(own("experiments.html.jinja"))
    return template.render(
        experiments=[_numbered(experiment, drawn) for experiment in document["experiments"]],
        title=experiments.title,
        facts=[
            (name, environment[name][: _COMMIT if name == "commit" else None]) for name in _FACTS if name in environment
        ],
        seed=document["seed"],
        environment=environment.items(),
        style=own("page.css"),
        script=own("page.js"),
        plotly=plotly_script() if drawn else "",
        figures=embedded(drawn),
    )


def _numbered(experiment: dict[str, Any], drawn: list[dict[str, Any]]) -> dict[str, Any]:
    """Return an experiment whose figures carry their positions in `drawn`, to which their charts are added."""
    parts = []
    for part in experiment["parts"]:
        if part["kind"] == "figure":
            drawn.append(part["chart"])
            parts.append({**part, "index": len(drawn) - 1})
        else:
            parts.append(part)
    return {**experiment, "parts": parts}
