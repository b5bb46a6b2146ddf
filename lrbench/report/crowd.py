"""Who stands out among more implementations than can be told apart: the rest is drawn in grey, and told by pointing."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from lrbench.comparisons import Row

MOST = 10  # implementations of a problem that have a colour each
KEPT = 7  # of a crowd
GREY = "#8a929b"  # seen on white and on near-black
_QUIET: Mapping[str, Any] = {"color": GREY, "symbol": "circle", "dash": "solid"}


def foremost(rows: Iterable[Row]) -> list[str]:
    """Return who stands out in a crowd: the fastest of each size, the baselines, the second of each size, and so on.

    rows: of one problem. Where no more than MOST have a time there is no crowd, and the list is empty.
    """
    by_size: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        if row.median_s:
            by_size.setdefault((row.size, row.threads), []).append(row)
    timed = [row for group in by_size.values() for row in group]
    if len({row.implementation for row in timed}) <= MOST:
        return []
    orders = [sorted(group, key=lambda row: row.median_s or 0.0) for group in by_size.values()]
    first, *others = zip_longest(*orders)
    baselines = [row.baseline for row in timed if row.baseline in {other.implementation for other in timed}]
    names = [*_names(first), *baselines, *(name for place in others for name in _names(place))]
    return list(dict.fromkeys(names))[:KEPT]


def _names(place: Sequence[Row | None]) -> list[str]:
    return [row.implementation for row in place if row]


def quieted(looks: Mapping[str, Mapping[str, Any]], rows: Iterable[Row]) -> Mapping[str, Mapping[str, Any]]:
    """Return the looks for one problem's figures: in a crowd, grey for all but the foremost."""
    rows = list(rows)
    kept = foremost(rows)
    if not kept:
        return looks
    return quiet(looks, {row.implementation for row in rows} - set(kept))


def quiet(looks: Mapping[str, Mapping[str, Any]], rest: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
    """Return the looks with those of the rest grey."""
    return {**looks, **{name: {**_QUIET, "loud": looks[name]} for name in rest}}


def is_quiet(look: Mapping[str, Any]) -> bool:
    """Return whether a look is that of the grey rest."""
    return "loud" in look


def drawn(trace: Mapping[str, Any], look: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line as it is drawn: of the grey rest thin, and last in the legend."""
    if not is_quiet(look):
        return dict(trace)
    thin = {"line": {**trace["line"], "width": 1}, "marker": {**trace["marker"], "size": 4}}
    return {**trace, **thin, "opacity": 0.7, "legendrank": 2000}


def below_first(names: Iterable[str], looks: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return names once each, the grey rest first, so that the others are drawn above it."""
    return sorted(dict.fromkeys(names), key=lambda name: not is_quiet(looks[name]))


def loud(look: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the look that the grey rest has where it does stand out."""
    found: Mapping[str, Any] = look.get("loud", look)
    return found
