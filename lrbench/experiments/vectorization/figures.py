"""The figures and tables of this question."""

from collections.abc import Mapping, Sequence
from typing import Any

from lrbench.experiments import charts
from lrbench.experiments.findings import Figure, Grid
from lrbench.experiments.numerals import rounded
from lrbench.experiments.vectorization import curves
from lrbench.experiments.vectorization.costs import Curve

_NANO = 1e9
_MICRO = 1e6


def _lines(found: Sequence[Curve], *, an_element: bool) -> list[charts.Trace]:
    """Return a line with its quartiles for each curve: microseconds a call, or nanoseconds an element."""
    drawn = []
    for look, curve in enumerate(found):
        units = [_NANO / n if an_element else _MICRO for n in curve.n]
        low, middle, high = (
            [unit * value for unit, value in zip(units, values, strict=True)]
            for values in zip(*((t.low_s, t.median_s, t.high_s) for t in curve.times), strict=True)
        )
        drawn.append(charts.band(f"{curve.name}, quartiles", curve.n, low, high, look=look))
        drawn.append(charts.line(curve.name, curve.n, middle, look=look, marks=True))
    return drawn


def calls(found: Sequence[Curve], crossing: float | None) -> Figure:
    """Return the time of an addition over its length."""
    shapes = [] if crossing is None else [_upright(crossing)]
    notes = [] if crossing is None else [_note(crossing, f"NumPy pays from n = {rounded(crossing)}")]
    return Figure(
        "Time of one addition of two vectors, medians with quartiles. On the left each line is flat: a call costs "
        "what it costs, however little there is to add. On the right each rises in proportion to n. Where two lines "
        "cross, the one with the dearer call begins to pay.",
        f"{len(found)} lines of time over length, from 1 to {found[-1].n[-1]} elements; each is flat first and then "
        "rises, the loops in Python far above the others.",
        charts.chart(
            _lines(found, an_element=False),
            x=charts.log("n, elements"),
            y=charts.log("time of a call (µs)"),
            shapes=shapes,
            annotations=notes,
        ),
    )


def elements(found: Sequence[Curve], caches: Mapping[str, int], bytes_each: int, what: str) -> Figure:
    """Return the time an element over the length, with the lengths at which the data outgrow each cache."""
    limits = {level: size / bytes_each for level, size in caches.items() if size / bytes_each <= found[-1].n[-1]}
    return Figure(
        f"Time for each {what}. It falls while the call is shared by more of them, is lowest while all data stay in a "
        "cache near the processor, and rises as they outgrow one cache after the other (grey uprights: the length at "
        f"which {bytes_each} bytes for each fill it).",
        f"{len(found)} lines that fall, stay low, and rise beyond the caches.",
        charts.chart(
            _lines(found, an_element=True),
            x=charts.log(f"n, {what}s"),
            y=charts.log(f"time for each {what} (ns)"),
            shapes=[_upright(n) for n in limits.values()],
            annotations=[_note(n, level) for level, n in limits.items()],
        ),
    )


def gains(pairs: Mapping[str, tuple[Curve, Curve]]) -> Figure:
    """Return how many times as quick the second of each pair is, over the length."""
    drawn, longest = [], 1
    for look, (name, (slow, quick)) in enumerate(pairs.items()):
        n, slow_s, quick_s = slow.shared(quick)
        gain = [a / b for a, b in zip(slow_s, quick_s, strict=True)]
        drawn.append(charts.line(name, n, gain, look=look, marks=True))
        longest = max(longest, n[-1])
    even = charts.reference("as quick as the loop", [1, longest], [1.0, 1.0])
    return Figure(
        "How many times as quick as the loop over Python lists. Below the dotted line vectorizing costs time, above it "
        "it saves; the gain grows until calls no longer count.",
        f"{len(pairs)} lines that begin near or below one and rise.",
        charts.chart([even, *drawn], x=charts.log("n, elements or rows"), y=charts.log("time of the loop / time")),
    )


def _upright(n: float) -> dict[str, Any]:
    look = {"color": charts.NEUTRAL, "dash": "dot", "width": 1.5}
    return {"type": "line", "x0": n, "x1": n, "yref": "paper", "y0": 0, "y1": 1, "line": look, "layer": "below"}


def _note(n: float, text: str) -> dict[str, Any]:
    from math import log10

    place = {"x": log10(n), "yref": "paper", "y": 1.0, "xanchor": "left", "yanchor": "top"}
    return {**place, "text": text, "showarrow": False, "font": {"color": charts.NEUTRAL}}


def costs(numbers: Mapping[str, Any], what: str, names: Mapping[str, str], each: str) -> Grid:
    """Return the costs of a call and of an element, from the line through the short lengths."""
    lines = [
        (
            name,
            rounded(_NANO * numbers[f"{what}_call_{short}_s"]),
            rounded(_NANO * numbers[f"{what}_element_{short}_s"]),
        )
        for name, short in names.items()
    ]
    return Grid(
        f"The line c + e n that fits the times up to 1000 {each}s best, in relative errors",
        ("way", "c, a call (ns)", f"e, each {each} (ns)"),
        tuple(lines),
    )


def addition_curves(found: Sequence[Curve]) -> list[Curve]:
    """Return the curves that are worth a look at long lengths."""
    return [curve for curve in found if curve.name not in curves.SLOW]
