"""The figures of loss_choice."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lrbench.experiments import charts
from lrbench.experiments import losses as four
from lrbench.experiments.findings import Figure
from lrbench.experiments.houses import Floats
from lrbench.experiments.losses import Descent

SHOWN = {"mse": "MSE", "rmse": "RMSE", "mae": "MAE"}
LOOKS = {"mse": 0, "rmse": 1, "mae": 2, "sum": 6}
LEFT, RIGHT = [0.0, 0.45], [0.55, 1.0]
UPPER, LOWER = [0.57, 1.0], [0.0, 0.43]
AROUND = 1.6  # how far on both sides of the best line the losses are drawn, in 100 000 euros
FLOOR = 1e-7  # thousands of euros: rounding begins below, and nobody pays that
DRAWN = 200  # places of a curve
AVERAGED = 10  # successive steps: of two hops to and fro one may end near, the other far


def losses(X: Floats, y: Floats, squares: Floats, absolute: Floats) -> Figure:
    """Return the losses and their derivatives, over the slope and over the intercept."""
    traces: list[charts.Trace] = []
    for column, names in ((0, ("", "3")), (1, ("2", "4"))):
        for name, shown in SHOWN.items():
            best = absolute if name == "mae" else squares
            at = best[column] + np.linspace(-AROUND, AROUND, 321)
            values, slopes = _along(name, X, y, best, column, at)
            for heights, axes, first in ((values, names[0], column == 0), (slopes, names[1], False)):
                where: dict[str, Any] = {"xaxis": f"x{axes}", "yaxis": f"y{axes}", "showlegend": first}
                traces.append(charts.line(shown, at, heights, look=LOOKS[name], **where))
    slope, intercept = "slope w (100 000 € / deviation)", "intercept b (100 000 €)"
    title = "loss (100 000 €; MSE: squared)"
    return Figure(
        "Above, three of the losses over the slope and over the intercept, the other kept at its best; below, their "
        "derivatives. The MSE is a parabola and its derivative a straight line through zero: the farther from the best "
        "line, the longer the step. The derivatives of RMSE and MAE level off: far away, their steps do not grow with "
        "the distance. The sum's curves are the MSE's, n times as high.",
        "A parabola for the MSE, and two valleys with nearly straight sides for RMSE and MAE. The derivatives are a "
        "straight line, a smooth step and a staircase.",
        charts.chart(
            traces,
            x={"title": {"text": slope}, "domain": LEFT, "anchor": "y"},
            y={"title": {"text": title}, "domain": UPPER},
            xaxis2={"title": {"text": intercept}, "domain": RIGHT, "anchor": "y2"},
            yaxis2={"title": {"text": title}, "domain": UPPER, "anchor": "x2"},
            xaxis3={"title": {"text": slope}, "domain": LEFT, "anchor": "y3"},
            yaxis3={
                "title": {"text": "derivative by w (MSE: 100 000 €)"},
                "domain": LOWER,
                "anchor": "x3",
                "range": [-2.1, 2.1],
            },
            xaxis4={"title": {"text": intercept}, "domain": RIGHT, "anchor": "y4"},
            yaxis4={
                "title": {"text": "derivative by b (MSE: 100 000 €)"},
                "domain": LOWER,
                "anchor": "x4",
                "range": [-2.1, 2.1],
            },
            height=680,
        ),
    )


def _along(name: str, X: Floats, y: Floats, best: Floats, column: int, at: Floats) -> tuple[list[float], list[float]]:
    """Return a loss and its derivative by one of (w, b), over values of that one, the other at its best."""
    values, slopes = [], []
    for each in at:
        line = best.copy()
        line[column] = each
        w, b = line[:1], float(line[1])
        grad_w, grad_b = four.gradient(name, X, y, w, b)
        values.append(four.loss(name, X, y, w, b))
        slopes.append((float(grad_w[0]), grad_b)[column])
    return values, slopes


def sizes(shares: Sequence[float], found: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Return the gradients' lengths on the way to the best line, with noise and without."""
    traces: list[charts.Trace] = []
    for axis, kind in (("", "noisy"), ("2", "exact")):
        where: dict[str, Any] = {"xaxis": f"x{axis}", "yaxis": f"y{axis}", "showlegend": not axis}
        for name, shown in SHOWN.items():
            values = found[kind][name]
            traces.append(charts.line(shown, shares, values, look=LOOKS[name], marks=True, **where))
    there = {"type": "log", "autorange": "reversed", "exponentformat": "power", "dtick": 1}
    return Figure(
        "The gradient's length on the way to the best line: at the left of each panel the start, towards its right "
        "half the distance with each mark. Left panel, the houses' own prices: in the end the RMSE's gradient shrinks "
        "as the MSE's does. Right panel, prices moved onto the line, so that all residuals shrink to nothing: the "
        "MSE's gradient is halved each time, those of RMSE and MAE stay as they are.",
        "On the right the MSE's gradient falls along a straight line, while the RMSE's and the MAE's are level.",
        charts.chart(
            traces,
            x={"title": {"text": "share of the distance left (own prices)"}, "domain": LEFT, **there},
            y=charts.log("length of the gradient (MSE: 100 000 €)"),
            xaxis2={"title": {"text": "share of the distance left (on the line)"}, "domain": RIGHT, **there},
            yaxis2=charts.log("length of the gradient", anchor="x2"),
        ),
    )


def descents(noisy: Sequence[Descent], exact: Sequence[Descent]) -> Figure:
    """Return the distance from the best line over the steps, with noise and without."""
    traces: list[charts.Trace] = []
    looks: dict[tuple[str, str], int] = {}
    for axis, found in (("", noisy), ("2", exact)):
        for descent in found:
            rate = f"{descent.rate:.2g}"
            new = (descent.name, rate) not in looks
            look = looks.setdefault((descent.name, rate), len(looks))
            averages = np.convolve(descent.distances, np.full(AVERAGED, 1.0 / AVERAGED), "valid")
            steps = np.unique(np.geomspace(1, len(averages), DRAWN).astype(int))
            at = averages[steps - 1]
            traces.append(
                charts.line(
                    f"{SHOWN[descent.name]}, η = {rate}",
                    steps,
                    np.where(at > FLOOR, at, np.nan),
                    look=look,
                    showlegend=new,
                    xaxis=f"x{axis}",
                    yaxis=f"y{axis}",
                )
            )
    height = {"range": [-5.0, 3.0]}
    return Figure(
        f"Distance from each loss's own best line, the mean of {AVERAGED} successive steps, at fixed learning rates η. "
        "Left, the houses' own prices: MSE and RMSE arrive; the MAE, and the RMSE at a rate that is too large for it, "
        "hop about. Right, prices moved onto the line: only the MSE arrives; the others stay within about a step, and "
        "a rate ten times smaller only brings them ten times nearer, after ten times as many steps.",
        "The MSE's curves fall straight down; those that hop turn level, at a height that goes with the rate.",
        charts.chart(
            traces,
            x=charts.log("step (own prices)", domain=LEFT),
            y=charts.log("distance (thousands of euros)", **height),
            xaxis2=charts.log("step (prices on the line)", domain=RIGHT),
            yaxis2=charts.log("distance (thousands of euros)", anchor="x2", **height),
            height=460,
        ),
    )


def limits(numbers: Mapping[str, Any]) -> Figure:
    """Return the largest learning rate that works over the number of houses."""
    counts = numbers["counts"]
    ends = np.array([counts[0], counts[-1]], dtype=np.float64)
    return Figure(
        "The largest learning rate with which descent does not run away, found by trial. For the mean it is the same "
        "for any number of houses; for the sum it falls as 1 / n.",
        "The MSE's points lie on a level line at one, the sum's on a falling one.",
        charts.chart(
            [
                charts.reference("1", ends, np.ones(2)),
                charts.reference("1 / n", ends, 1.0 / ends),
                charts.points("MSE", counts, numbers["mse_limits"], look=LOOKS["mse"]),
                charts.points("sum of squares", counts, numbers["sum_limits"], look=LOOKS["sum"]),
            ],
            x={"title": {"text": "number of houses n"}, "type": "log", "tickvals": counts},
            y=charts.log("largest learning rate"),
            height=340,
        ),
    )
