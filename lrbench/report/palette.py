"""How the lines of a figure are told apart: by colour, by mark and by dash."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from lrbench.comparisons import Row
from lrbench.report.crowd import foremost

# Found by search over colours of contrast 3 or more on both papers of the page: the least distance between two of
# them is 0.15 in OKLab, and 0.069 as the colour-blind see them (Machado, Oliveira, Fernandes, 2009).
COLOURS = (
    "#0c6ce4", "#f0600c", "#6c9c54", "#c02460", "#009cc0",
    "#a878fc", "#9c5400", "#9048b4", "#a87890", "#3c6c78",
)  # fmt: skip
SYMBOLS = (
    "circle", "square", "diamond", "triangle-up", "cross",
    "x", "triangle-down", "star", "triangle-left", "triangle-right",
)  # fmt: skip
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")

Styles = Mapping[str, Mapping[str, Any]]


def styles(rows: Iterable[Row]) -> Styles:
    """Return colour, symbol and dash by implementation, the same in every figure of a report.

    The foremost of a crowd are told apart among themselves, too.
    """
    problems: dict[str, list[Row]] = {}
    for row in rows:
        problems.setdefault(row.problem, []).append(row)
    groups = [dict.fromkeys(row.implementation for row in own) for own in problems.values()]
    standing_out = [dict.fromkeys(names) for own in problems.values() if (names := foremost(own))]
    return _styles([*groups, *standing_out])


def styles_of(*groups: Iterable[str]) -> Styles:
    """Return colour, symbol and dash by name, of some groups of names that are each drawn together."""
    return _styles([dict.fromkeys(names) for names in groups])


def _styles(groups: list[dict[str, None]]) -> Styles:
    """Return the look of every name in some groups, of which each is drawn together.

    Up to ten names of a group have ten colours and ten marks, as far as the other groups that hold them leave those.
    The smallest groups choose first: in one of more than ten names some colours come twice anyhow.
    """
    of_name: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        for name in group:
            of_name.setdefault(name, []).append(place)
    used = [Counter[Any]() for _ in groups]
    everywhere = Counter[Any]()
    looks: dict[str, Mapping[str, Any]] = {}
    for group in sorted(groups, key=len):
        for name in group:
            if name not in looks:
                beside = [used[place] for place in of_name[name]]
                look = _chosen(beside, everywhere)
                for counter in (*beside, everywhere):
                    counter.update([*look, look[:2], look[::2]])
                looks[name] = dict(zip(("color", "symbol", "dash"), look, strict=True))
    return looks


def _chosen(beside: list[Counter[Any]], everywhere: Counter[Any]) -> tuple[str, str, str]:
    """Return the colour, symbol and dash that are used least beside it, and then everywhere."""

    def least(candidates: tuple[str, ...], colour: str = "") -> str:
        def uses(candidate: str) -> tuple[int, ...]:
            pair = (colour, candidate)
            return (
                everywhere[pair],
                sum(counter[candidate] for counter in beside),
                everywhere[candidate],
            )

        return min(candidates, key=uses)

    colour = least(COLOURS)
    return colour, least(SYMBOLS, colour), least(DASHES, colour)
