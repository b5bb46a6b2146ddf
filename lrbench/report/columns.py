"""Cells of a column whose numbers stand with their decimal points below each other."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from lrbench.comparisons import UNRESOLVED, Row, Table
from lrbench.report.costs import Cost
from lrbench.report.wording import (
    UNKNOWN,
    digits_text,
    limit_text,
    outcome_text,
    speedup_text,
    time_text,
)

if TYPE_CHECKING:
    from markupsafe import Markup

NEVER, OPEN = "never", "not resolved"
_NUMBER = re.compile(
    r"(?P<before>(?:≈ |< |about )?(?:1/)?)(?P<whole>\d[\d,]*)(?P<part>\.\d+(?:e[+-]\d+)?)?(?P<unit> [A-Za-z%]+)?"
)
_RATIO = re.compile(
    r"(?P<ratio>≈ 1/[\d.]+(?:e[+-]\d+)?|(?:≈ )?\d+)(?P<part>\.\d+(?:e[+-]\d+)?)?(?P<interval> \[[^]]*\])?(?P<mark> .)?"
)  # what stands below 1 as a fraction ends where the decimals end


def aligned(texts: Iterable[str]) -> "list[Markup]":
    """Return numbers with their units as HTML: '597 us' and '3.09 us' get their decimal points in one line.

    What a number lacks in decimals is given as unseen space, which is no text: nothing is added to what is copied,
    read aloud or searched for. A text that does not begin with a number stays what it is.
    """
    from markupsafe import Markup, escape

    texts = list(texts)
    found = [_NUMBER.fullmatch(text) for text in texts]
    decimals = _longest(match["part"] for match in found if match)
    is_mixed = len({match["unit"] for match in found if match}) > 1  # units of different widths
    cells = []
    for text, match in zip(texts, found, strict=True):
        if match is None:
            cells.append(escape(text))
            continue
        unit = match["unit"] or ""
        shown = Markup(' <span class="unit">{}</span>').format(unit[1:]) if unit and is_mixed else escape(unit)
        number = escape(match["before"] + match["whole"] + (match["part"] or ""))
        cells.append(number + shown + _missing(match["part"], decimals))
    return cells


def aligned_ratios(texts: Iterable[str]) -> "list[Markup]":
    """Return '3.21 [3.10, 3.32] †', '≈ 1/143' and 'baseline' as HTML, the decimal points of the ratios in one line."""
    from markupsafe import Markup, escape

    texts = list(texts)
    found = [_RATIO.fullmatch(text) for text in texts]
    decimals = _longest(match["part"] for match in found if match)
    length = _longest(f"{match['interval'] or ''}{match['mark'] or ''}" for match in found if match)
    cells = []
    for text, match in zip(texts, found, strict=True):
        if match is None:
            cells.append(escape(text) + (_unseen("0" * length, "interval") if text else Markup("")))
            continue
        is_fraction = "/" in match["ratio"]
        lacking = Markup("") if is_fraction else _missing(match["part"], decimals)
        ratio = escape(match["ratio"] + (match["part"] or "")) + lacking
        rest = f"{match['interval'] or ''}{match['mark'] or ''}"
        space = _unseen("0" * (length - len(rest)))
        shown = rest.strip().replace(" ", "\N{NO-BREAK SPACE}")
        kind = "interval" if match["interval"] else "mark"
        cells.append(
            ratio + Markup(' <span class="{}">{}{}</span>').format(kind, shown, space) if shown else ratio + space
        )
    return cells


def _longest(texts: Iterable[str | None]) -> int:
    return max((len(text or "") for text in texts), default=0)


def _zeros(length: int) -> str:
    """Return a decimal point and zeros, of so many characters in all."""
    return "." + "0" * (length - 1) if length else ""


def _missing(part: str | None, length: int) -> "Markup":
    """Return the space of the decimals that a number lacks."""
    return _unseen(_zeros(length)[len(part or "") :])


def _unseen(text: str, kind: str = "") -> "Markup":
    """Return the space that a text would take."""
    from markupsafe import Markup

    if not text:
        return Markup("")
    if kind:
        return Markup('<i class="{}" data-pad="{}"></i>').format(kind, text)
    return Markup('<i data-pad="{}"></i>').format(text)


def cells(table: Table) -> "list[dict[str, Markup]]":
    """Return, for each row of a table, the page's cells that hold numbers; empty ones where it has no time."""
    rows = table.rows
    texts = {
        "median": [outcome_text(row) for row in rows],
        "iqr": [time_text(row.iqr_s) for row in rows],
        "minimum": [time_text(row.min_s) for row in rows],
        "limit": [limit_text(row).removesuffix(" %") for row in rows],
        "digits": [digits_text(row) for row in rows],
    }
    shown = [row.status == "ok" for row in rows]
    made = {name: aligned(_only(column, shown)) for name, column in texts.items()}
    made["speedup"] = aligned_ratios(_only([speedup_text(row, table) for row in rows], shown))
    return [{name: column[i] for name, column in made.items()} for i in range(len(rows))]


def cost_cells(rows: Sequence[Row], columns: Sequence[Cost]) -> "list[list[Markup]]":
    """Return, for each row, the cells of what it costs beside the time of a call."""
    overtaken = {row.implementation: row.median_s for row in rows if row.first_call_s and row.median_s}
    turned = [aligned([cost.text(row) or _absent(cost, row, overtaken) for row in rows]) for cost in columns]
    return [list(line) for line in zip(*turned, strict=True)]


def _absent(cost: Cost, row: Row, overtaken: Mapping[str, float]) -> str:
    """Return what stands where there is no number: 'never' where no number of calls pays for a first call.

    'not resolved' where it is open whose calls take less.
    overtaken: the median of each implementation whose first call is known.
    """
    both_known = {row.implementation, row.baseline} <= overtaken.keys() and row.implementation != row.baseline
    if cost.name != "break_even_calls" or not both_known:
        return UNKNOWN
    if row.verdict in UNRESOLVED:
        return OPEN
    return NEVER if overtaken[row.implementation] >= overtaken[row.baseline] else UNKNOWN


def _only(texts: Sequence[str], shown: Sequence[bool]) -> list[str]:
    return [text if is_shown else "" for text, is_shown in zip(texts, shown, strict=True)]
