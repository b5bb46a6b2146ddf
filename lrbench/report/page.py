"""What every page is made of: one frame, one style, one script, and figures as JSON beside plotly's own script."""

import base64
import functools
import gzip
import json
import math
import re
from collections.abc import Sequence
from importlib import resources
from typing import Any

from lrbench.report import wording
from lrbench.report.json import strict

_MOST_VALUES = 4  # of one fact at a page's head
_COMMIT = re.compile(r"\b([0-9a-f]{10})[0-9a-f]{30}\b")


def fill(template: str, drawn: Sequence[dict[str, Any]], **values: Any) -> str:
    """Return a template that extends the frame as one self-contained page.

    drawn: its figures, which it names by their positions. Everything that came from a file passes through the
    template's escaping, or through JSON without '<'.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(lambda name: re.sub(r"\n +", "\n", own(name))),
    )
    environment.globals.update(words=wording, breakable=breakable, value=value, unbroken=unbroken)
    return environment.get_template(template).render(
        style=own("page.css"),
        scripts=[own("page.js"), own("tables.js")],
        plotly=packed_plotly() if drawn else "",
        figures=embedded([_packed(figure) for figure in drawn]),
        **values,
    )


def _packed(figure: dict[str, Any]) -> dict[str, Any]:
    """Return a figure whose marks tell the number of their place on an axis of categories, which the page undoes.

    A history's marks would otherwise hold the names of the same commits over and over.
    """
    axis = figure["layout"].get("xaxis")
    names = axis.get("categoryarray") if isinstance(axis, dict) else None
    places = [trace.get("x") for trace in figure["data"]]
    if not isinstance(names, list) or not all(isinstance(values, list) for values in places):
        return figure
    try:
        numbers = {None: None, **{name: k for k, name in enumerate(names)}}
        packed = [[numbers[place] for place in values] for values in places]
    except (KeyError, TypeError):  # a chart of a file's, whose places have no names, or whose names are no texts
        return figure
    return {**figure, "packed": True, "data": [{**t, "x": x} for t, x in zip(figure["data"], packed, strict=True)]}


def embedded(value: Any) -> str:
    """Return JSON that can stand inside a script element whatever text it holds."""
    text = json.dumps(strict(value), allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def breakable(name: str) -> str:
    """Return a name as HTML that a narrow screen may break after its underscores, but not before its mark."""
    from markupsafe import Markup, escape

    return escape(name).replace("_", Markup("_<wbr>")).replace(" ~", "\N{NO-BREAK SPACE}~")


def unbroken(text: str) -> str:
    """Return a text whose percent signs stay on the line of their numbers."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def value(*numbers: float | None) -> str:
    """Return the attribute that tells a cell's exact numbers, to sort and to copy; nothing where one is unknown."""
    from markupsafe import Markup

    told = " ".join(f"{number:.6g}" for number in numbers if number is not None and math.isfinite(number))
    return Markup(f' data-value="{told}"') if told.count(" ") + 1 == len(numbers) and told else ""  # noqa: S704  (numbers alone)


def own(name: str) -> str:
    """Return the text of a file that lies beside this one."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


@functools.cache
def packed_plotly() -> str:
    """Return plotly's script, gzipped and in base64: 2 MB in place of 5. The page unpacks it.

    Found without importing plotly. The same script gives the same text.
    """
    script = resources.files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    return base64.b64encode(gzip.compress(script, mtime=0)).decode("ascii")


def facts(environment: Sequence[tuple[str, str]], names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the named facts of an environment for a page's head, a commit by its first characters."""
    return [(name, _few(_COMMIT.sub(r"\1", text))) for name, text in environment if name in names]


def _few(text: str) -> str:
    """Return a list of several runs' values by its ends, where it is long."""
    parts = text.split(", ")
    return text if len(parts) <= _MOST_VALUES else f"{parts[0]} … {parts[-1]} ({len(parts)})"
