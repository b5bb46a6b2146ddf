"""What experiments found, as one page that opens anywhere."""

from collections.abc import Mapping
from typing import Any

from lrbench.report import experiments, page, wording

_FACTS = ("cpu", "cores", "python", "numpy", "numba", "commit")


def render(document: experiments.Document) -> str:
    """Return the page; everything that came from a file passes through escaping, or through JSON without '<'."""
    drawn: list[dict[str, Any]] = []
    environment = wording.environment_text(document["environment"])
    return page.fill(
        "experiments.html.jinja",
        drawn,
        experiments=[numbered(experiment, drawn) for experiment in document["experiments"]],
        title=experiments.title,
        facts=page.facts(environment, _FACTS),
        seed=document["seed"],
        environment=environment,
    )


def numbered(experiment: Mapping[str, Any], drawn: list[dict[str, Any]]) -> dict[str, Any]:
    """Return an experiment whose figures carry their positions in `drawn`, to which their charts are added."""
    parts = []
    for part in experiment["parts"]:
        if part["kind"] == "figure":
            drawn.append(part["chart"])
            parts.append({**part, "index": len(drawn) - 1, "height": part["chart"]["height"]})
        else:
            parts.append(part)
    return {**experiment, "parts": parts}
