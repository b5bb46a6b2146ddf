"""Vector addition in every language as one page that opens anywhere: the picture, what to learn from it, the tables."""

from lrbench.report import page, wording
from lrbench.report.languages import LEGEND, TITLE
from lrbench.report.languages_figures import pictures
from lrbench.report.languages_lookup import Document
from lrbench.report.languages_summary import points
from lrbench.report.languages_tables import grids, notes
from lrbench.report.sections import Drawn, placed

_FACTS = ("cpu", "caches", "machine", "python", "numpy", "lrbench", "commit")


def render(document: Document) -> str:
    """Return the page; everything that a program printed passes through escaping, or through JSON without '<'."""
    drawn: Drawn = []
    environment = wording.environment_text(document["environment"])
    return page.fill(
        "languages.html.jinja",
        drawn,
        heading=TITLE,
        facts=page.facts(environment, _FACTS),
        environment=environment,
        points=points(document),
        pictures=[placed(figure, drawn, caption, caption.removesuffix(".")) for caption, figure in pictures(document)],
        grids=grids(document),
        legend=LEGEND,
        notes=list(notes(document)),
    )
