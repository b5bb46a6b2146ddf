"""The roofline: how fast each case does its problem's least work, below what the machine allows.

A problem whose least work has I flops for each byte can be computed at min(I * bandwidth, flop/s of a matrix product)
at most: the roof is slanted where bytes are the limit, flat where flops are.

Source: S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful visual performance model for multicore
architectures", Communications of the ACM 52(4), 2009.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrbench.comparisons import BANDWIDTHS, Row, Table
from lrbench.report import axes, crowd, palette
from lrbench.report.marks import label
from lrbench.report.wording import CEILINGS, bytes_text, clean, limit_text, rate_text, time_text
from lrbench.results import Ceiling

_INTENSITIES: axes.Units = ((1.0, ""),)
_RATES: axes.Units = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_ASIDE = 1.6  # factor by which a roof reaches beyond the cases below it
_APART = 1.5  # factor between two roofs that can be told apart


@dataclass(frozen=True, slots=True)
class Mark:
    """A timed case whose problem's least work is known."""

    row: Row
    traffic: str
    intensity: float  # flops for each byte
    flops_per_s: float  # of the least work


@dataclass(frozen=True, slots=True)
class Roof:
    """What the machine allows over a range of intensities."""

    label: str
    measured: str  # on what it was measured
    dash: str
    left: tuple[float, float]  # flops for each byte, flop/s
    right: tuple[float, float]

    @property
    def is_flat(self) -> bool:
        """Whether flops are the limit, not bytes."""
        return self.left[1] == self.right[1]


def marks(tables: Iterable[Table]) -> list[Mark]:
    """Return a mark for each timed row of the tables whose least work is known: iterative problems have none."""
    return [
        Mark(row, table.traffic, table.intensity, table.flops / row.median_s)
        for table in tables
        for row in table.rows
        if table.flops and table.intensity and row.median_s
    ]


def ceilings_of(table: Table, tables: Iterable[Table]) -> dict[str, list[Ceiling]]:
    """Return the ceilings found under a table's conditions, by the traffic of the problem at whose working set.

    What fewer threads were found to do, more can do too.
    """
    found: dict[str, list[Ceiling]] = {}
    for other in tables:
        if other.conditions == table.conditions:
            allowed = [c for c in other.ceilings if c.threads <= table.threads and c.value]
            found.setdefault(other.traffic, []).extend(allowed)
    return found


def roofs(marks: Sequence[Mark], ceilings: Mapping[str, Sequence[Ceiling]]) -> list[Roof]:
    """Return the roofs above some marks; none where there is no mark, or nothing to hold the rightmost one against.

    Each traffic has up to two slanted ones. Those of the highest intensity's traffic lead up to the flat one; another's
    stand above its own marks only.
    """
    flops = max((c.value for found in ceilings.values() for c in found if c.kind == "flops"), default=0.0)
    if not marks or not flops:
        return []
    rightmost = max(marks, key=lambda mark: mark.intensity)
    slanted, ridges = [], []
    for traffic in sorted({mark.traffic for mark in marks}):
        intensities = [mark.intensity for mark in marks if mark.traffic == traffic]
        for ceiling, dash in _bandwidths(traffic, ceilings.get(traffic, ())):
            bandwidth = ceiling.value
            end = flops / bandwidth  # the ridge, where the flat roof begins
            if traffic == rightmost.traffic:
                ridges.append(end)
            else:
                end = min(end, _ASIDE * max(intensities))
            start = min(*intensities, end) / _ASIDE
            what, comma, how = CEILINGS[ceiling.kind].partition(",")
            measured = f"{what} {bytes_text(ceiling.working_set_bytes)}{comma}{how}"
            ends = (start, start * bandwidth), (end, end * bandwidth)
            slanted.append(Roof(rate_text(traffic, bandwidth), measured, dash, *ends))
    if not ridges:
        return []
    end = _ASIDE**2 * max(rightmost.intensity, *ridges)
    return [
        *slanted,
        Roof(rate_text("flops", flops), "in a matrix product", "solid", (min(ridges), flops), (end, flops)),
    ]


def _bandwidths(traffic: str, ceilings: Iterable[Ceiling]) -> list[tuple[Ceiling, str]]:
    """Return the highest bandwidth, and that of the largest working set if it is far lower, each with its dash."""
    kinds = BANDWIDTHS.get(traffic, BANDWIDTHS["read"])
    found = sorted((c for c in ceilings if c.working_set_bytes and c.kind in kinds), key=lambda c: c.value)
    if not found:
        return []
    fastest, largest = found[-1], max(found, key=lambda c: (c.working_set_bytes or 0.0, c.value))
    if fastest.value < _APART * largest.value:
        return [(fastest, "solid")]
    return [(fastest, "dot"), (largest, "solid")]


def figure(marks: Sequence[Mark], roofs: Sequence[Roof], looks: palette.Styles) -> dict[str, Any]:
    """Return the roofline of some marks and roofs, of which there are some of each."""
    traces = [*map(_line, roofs), *_points(marks, looks)]
    x = [value for trace in traces for value in trace["x"]]
    y = [value for trace in traces for value in trace["y"]]
    x.append(min([*x, *(roof.left[0] / _ASIDE**2 for roof in roofs)]))  # room for what is written left of a roof
    y.append(max(y) * 2.0)  # and above one
    layout = {
        "xaxis": {"title": {"text": "flops for each byte of the least work"}, **axes.axis(x, _INTENSITIES)},
        "yaxis": {"title": {"text": "flop/s of the least work"}, **axes.axis(y, _RATES)},
        "showlegend": True,
    }
    return {"data": traces, "layout": layout, "height": 520}


def _line(roof: Roof) -> dict[str, Any]:
    """Return a roof, with its label at the right end of a flat one, and at the left end of a slanted one.

    The label of the dotted one stands higher, since another may begin near it.
    """
    left = "top left" if roof.dash == "dot" else "bottom left"
    return {
        "type": "scatter",
        "mode": "lines+text",
        "x": [_short(roof.left[0]), _short(roof.right[0])],
        "y": [_short(roof.left[1]), _short(roof.right[1])],
        "text": ["", roof.label] if roof.is_flat else [f"{roof.label} ", ""],
        "textposition": "top left" if roof.is_flat else left,
        "hovertext": f"{roof.label}: {roof.measured}",
        "hoverinfo": "text",
        "line": {"color": crowd.GREY, "dash": roof.dash, "width": 1.5},
        "showlegend": False,
    }


def _points(marks: Sequence[Mark], looks: palette.Styles) -> list[dict[str, Any]]:
    """Return the marks by implementation; in a crowd by problem, the fastest of each case large."""
    if not is_crowd(marks):
        return [_trace(name, own, looks[name]) for name, own in _grouped(marks, "implementation").items()]
    fastest: dict[tuple[str, str], Mark] = {}
    for mark in marks:
        case = (mark.row.problem, mark.row.size)
        fastest[case] = max(mark, fastest.get(case, mark), key=lambda one: one.flops_per_s)
    problems = _grouped(marks, "problem")
    own_looks = palette.styles_of(problems)
    rest = [
        {**_trace(name, others, own_looks[name], size=4), "legendgroup": label(clean(name)), "showlegend": False}
        for name, own in problems.items()
        if (others := [mark for mark in own if mark not in fastest.values()])
    ]
    best = _grouped(fastest.values(), "problem").items()
    large = [{**_trace(name, own, own_looks[name], size=11), "legendgroup": label(clean(name))} for name, own in best]
    return [*rest, *large]


def _grouped(marks: Iterable[Mark], field: str) -> dict[str, list[Mark]]:
    groups: dict[str, list[Mark]] = {}
    for mark in marks:
        groups.setdefault(getattr(mark.row, field), []).append(mark)
    return groups


def is_crowd(marks: Iterable[Mark]) -> bool:
    """Return whether there are more implementations than colours."""
    return len({mark.row.implementation for mark in marks}) > crowd.MOST


def _trace(name: str, own: Sequence[Mark], look: Mapping[str, Any], size: int = 8) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": label(clean(name)),
        "x": [_short(mark.intensity) for mark in own],
        "y": [_short(mark.flops_per_s) for mark in own],
        "text": [_hover(mark) for mark in own],
        "hoverinfo": "text",
        "marker": {"color": look["color"], "symbol": look["symbol"], "size": size},
    }


def _hover(mark: Mark) -> str:
    row = mark.row
    limit = f", {limit_text(row)} of its limit" if row.of_limit is not None else ""
    return (
        f"<b>{label(clean(row.implementation))}</b><br>{label(clean(f'{row.problem}/{row.size}'))}"
        f"<br>{time_text(row.median_s)}{limit}"
        f"<br>{mark.intensity:.3g} flop/byte, {rate_text('flops', mark.flops_per_s)}"
    )


def _short(value: float) -> float:
    """Return a number to six digits, more than a figure shows."""
    return float(f"{value:.6g}")
