"""The figures of house_prices."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from lrbench.experiments import charts, houses
from lrbench.experiments.findings import Figure
from lrbench.experiments.houses import HUNDRED, Floats

Data = tuple[Floats, Floats]
AREA, PRICE = "area (m²)", "price (thousands of euros)"


def line(known: Data, numbers: Mapping[str, Any]) -> Figure:
    """Return the houses, the line and the residuals."""
    X, y = known
    area, slope, intercept = X[:, 0], numbers["slope"], numbers["intercept"]
    ends = np.array([area.min(), area.max()])
    sticks = _sticks(area, y, area, slope * area + intercept)
    return Figure(
        "Each point is a house. The line is the one with the smallest loss; each thin upright stroke is a residual, "
        "from the house's price to the line's prediction.",
        f"{len(y)} points rise from left to right around a straight line of slope {slope:.2f}.",
        charts.chart(
            [
                charts.reference("residuals", *sticks),
                charts.points("houses", area, y, look=0),
                charts.line("the line", ends, slope * ends + intercept, line={"color": charts.colour(1), "width": 2.5}),
            ],
            x=AREA,
            y=PRICE,
        ),
    )


def steps(known: Data, path: Floats, losses: Floats, shown: Sequence[int]) -> Figure:
    """Return the line after some steps, beside the loss after each."""
    X, y = known
    area = X[:, 0]
    ends = np.array([0.0, area.max() * 1.02])
    traces = [charts.points("houses", area, y, look=0, opacity=0.6)]
    last = np.array([HUNDRED * path[k, 1] + path[k, 0] * ends[1] for k in shown])
    heights = _apart(last, 0.05 * last.max())
    for look, k in enumerate(shown):
        traces.append(charts.line(f"step {k}", ends, [HUNDRED * path[k, 1], last[look]], look=look))
    traces.append(charts.words(_labels(shown), [ends[1]] * len(shown), heights, beside="middle right"))
    every = np.arange(1, len(losses) + 1)  # a logarithmic axis has no zero
    at = np.array(shown) + 1
    traces += [
        charts.line("loss", every, losses, look=0, xaxis="x2", yaxis="y2"),
        charts.points("loss of the lines shown", at, losses[list(shown)], look=0, xaxis="x2", yaxis="y2"),
        charts.words(_labels(shown), at, losses[list(shown)], beside="top right", xaxis="x2", yaxis="y2"),
    ]
    return Figure(
        "Left: the line after the steps whose numbers stand at its end; step 0 is flat, at zero. Right: the loss after "
        "each step, with the same steps marked. The first steps do nearly everything; the others turn the line by "
        "little and lower the loss by little.",
        f"The line jumps up in step 1, then turns slowly. The loss falls from {losses[0]:.2f} to {losses[-1]:.4f}.",
        charts.chart(
            traces,
            x={"title": {"text": AREA}, "domain": [0.0, 0.5], "range": [0.0, ends[1] * 1.1]},
            y={"title": {"text": PRICE}},
            xaxis2={
                "title": {"text": "step"},
                "domain": [0.62, 1.0],
                "type": "log",
                "range": [-0.15, float(np.log10(at[-1])) + 0.35],
                "tickvals": [int(k) for k in at],
                "ticktext": [f"{k}" for k in shown],
            },
            yaxis2=charts.log("loss L ((100 000 €)²)", anchor="x2"),
            showlegend=False,
        ),
    )


def rings(
    path: Floats, best: Floats, even_path: Floats, even_best: Floats, evened: Floats, area: Floats, shown: Sequence[int]
) -> Figure:
    """Return the path over the loss's contours, with areas in hundreds of m² and standardised."""
    left = _over_rings(path, best, houses.curvature(area), shown[:-1], "")
    right = _over_rings(even_path, even_best, houses.curvature(evened), shown[:4], "2")
    reach = 1.1 * max(*best, *path.ravel())
    far = 1.3 * max(*even_best, *even_path.ravel())
    return Figure(
        "The way of slope and intercept, with the numbers of some steps, over rings of equal loss; each ring passes "
        "through a marked step, and the cross is the best pair. Left, areas in hundreds of m²: a narrow valley, whose "
        "floor is reached soon and followed slowly. Right, areas standardised: circles, and a straight way.",
        "Left, long narrow ellipses; the way jumps to their long axis, then creeps along it. Right, circles; the way "
        "leads straight to the centre.",
        charts.chart(
            left + right,
            x={"title": {"text": "slope w (1000 € / m²)"}, "domain": [0.0, 0.45], "range": [-0.2, reach]},
            y={"title": {"text": "intercept b (100 000 €)"}, "range": [-0.4, reach], "scaleanchor": "x"},
            xaxis2={"title": {"text": "slope w (100 000 € / deviation)"}, "domain": [0.57, 1.0], "range": [-0.3, far]},
            yaxis2={
                "title": {"text": "intercept b (100 000 €)"},
                "anchor": "x2",
                "range": [-0.3, far],
                "scaleanchor": "x2",
            },
            height=460,
            showlegend=False,
        ),
    )


def _over_rings(path: Floats, best: Floats, curvature: Floats, shown: Sequence[int], axis: str) -> list[charts.Trace]:
    where: dict[str, Any] = {"xaxis": f"x{axis}", "yaxis": f"y{axis}"}
    at = path[list(shown)]
    traces = [charts.reference(f"loss of step {k}", *ring(path[k], best, curvature).T, **where) for k in shown]
    traces += [
        charts.line("descent", *path.T, look=1, line={"color": charts.colour(1), "width": 2}, **where),
        charts.points("steps", *at.T, marker={"color": charts.colour(1), "size": 8}, **where),
        charts.points("smallest loss", best[:1], best[1:], look=4, **where),
        charts.words(_labels(shown[:4]), *at[:4].T, **where),
    ]
    if len(at[4:]):
        traces.append(charts.words(_labels(shown[4:]), *at[4:].T, beside="middle right", **where))
    return traces


def ring(through: Floats, best: Floats, curvature: Floats) -> Floats:
    """Return 181 pairs (w, b) of the loss that `through` has: with u = v - best, u'Hu is the same for all.

    H = U diag(h) U' is the matrix of second derivatives: along its axes, scaled by the roots of h, a ring is a circle.
    """
    values, axes = np.linalg.eigh(curvature)
    offset = (through - best) @ axes * np.sqrt(values)
    turn = np.linspace(0.0, 2.0 * np.pi, 181)
    circle = np.linalg.norm(offset) * np.column_stack((np.cos(turn), np.sin(turn)))
    return best + (circle / np.sqrt(values)) @ axes.T


def predictions(known: Data, new: Data, line_: tuple[Floats, float], hyperplane: tuple[Floats, float]) -> Figure:
    """Return predicted against true prices, from the area alone and from all features."""
    traces: list[charts.Trace] = []
    low = min(known[1].min(), new[1].min())
    high = max(known[1].max(), new[1].max())
    for axis, (w, b) in (("", line_), ("2", hyperplane)):
        where = {"xaxis": f"x{axis}", "yaxis": f"y{axis}", "showlegend": not axis}
        traces.append(charts.reference("prediction = price", [low, high], [low, high], **where))
        for name, (X, y), look in (("known houses", known, 0), ("new houses", new, 1)):
            traces.append(charts.points(name, y, X[:, : len(w)] @ w + b, look=look, **where))
    span = {"range": [low - 25.0, high + 25.0]}
    return Figure(
        "Predicted against true prices, from the area alone (left) and from all four features (right). A perfect "
        "prediction lies on the dotted line. On the right the points are nearer to it, and the new houses, which had "
        "no part in finding the slopes, are as near as the known ones or nearly so.",
        "Two clouds of points around a diagonal; the one of four features is the narrower.",
        charts.chart(
            traces,
            x={"title": {"text": PRICE}, "domain": [0.0, 0.46], **span},
            y={"title": {"text": "prediction from the area (1000 €)"}, **span},
            xaxis2={"title": {"text": PRICE}, "domain": [0.56, 1.0], **span},
            yaxis2={"title": {"text": "prediction from all four (1000 €)"}, "anchor": "x2", **span},
        ),
    )


def _sticks(x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> tuple[list[float | None], list[float | None]]:
    """Return the coordinates of one trace of strokes from (x0, y0) to (x1, y1), with gaps between them."""
    x = [each for pair in zip(x0, x1, strict=True) for each in (*pair, None)]
    y = [each for pair in zip(y0, y1, strict=True) for each in (*pair, None)]
    return x, y


def _labels(steps: Sequence[int]) -> list[str]:
    """Return the steps' numbers with room around them."""
    return [f"\u2002{k}\u2002" for k in steps]


def _apart(values: Floats, gap: float) -> Floats:
    """Return values in their order, at least a gap from one to the next, for words that would lie on each other."""
    order = np.argsort(values, kind="stable")
    apart = values.copy()
    for below, above in pairwise(order):
        apart[above] = max(apart[above], apart[below] + gap)
    return apart
