"""Vector addition in every language as one page that opens anywhere: the picture, what to learn from it, the tables."""

from lrbench.report import wording
from lrbench.report.html import embedded, own, plotly_script
from lrbench.report.languages import LEGEND, TITLE
from lrbench.report.languages_figures import pictures
from lrbench.report.languages_lookup import Document
from lrbench.report.languages_summary import points
from lrbench.report.languages_tables import grids, notes

_FACTS = ("cpu", "caches", "machine", "python", "numpy", "lrbench", "commit")
_COMMIT = 10  # characters that name one


def render(document: Document) -> str:
    """Return the page; everything that a program printed passes through escaping, or through JSON without '<'."""
    from jinja2 import Environment, StrictUndefined

    drawn = pictures(document)
    environment = wording.environment_text(document["environment"])
    template = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(own("languages.html.jinja"))
    return template.render(
        title=TITLE,
        facts=[(name, text[: _COMMIT if name == "commit" else None]) for name, text in environment if name in _FACTS],
        environment=environment,
        points=points(document),
        pictures=[(caption, figure["height"]) for caption, figure in drawn],
        grids=grids(document),
        legend=LEGEND,
        notes=list(notes(document)),
        style=own("page.css"),
        script=own("page.js"),
        plotly=plotly_script() if drawn else "",
        figures=embedded([figure for _, figure in drawn]),
    )
