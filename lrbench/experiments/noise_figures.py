"""The figures of noise_and_likelihood."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from lrbench.experiments import charts
from lrbench.experiments.findings import Figure
from lrbench.experiments.noise_models import (
    DENSITIES,
    NOISE,
    SLOPE,
    Floats,
    best_intercept,
    laplace_density,
    negative_log_laplace,
    negative_log_normal,
    normal_density,
)

SLOPE_AXIS = "w (thousands of euros per square metre)"
ABOVE = "−log P above its lowest value"


def densities() -> Figure:
    """Return the document's three normal densities."""
    at = np.linspace(-7.0, 7.0, 281)
    curves = [
        charts.line(f"mean {mean:g}, deviation {deviation:g}", at, normal_density(at, deviation, mean), look=k)
        for k, (mean, deviation) in enumerate(DENSITIES)
    ]
    return Figure(
        "Three normal densities. Another mean moves the bell along the axis and leaves its form alone; twice the "
        "standard deviation makes it twice as wide and half as high, so that the area below it stays 1.",
        "Three bell curves: two of the same form around 0 and 3, and a flatter one around 0.",
        charts.chart(
            curves,
            x="x (unit of the quantity that scatters)",
            y="density p(x) (per unit of x)",
        ),
    )


def houses(area: Floats, y: Floats, numbers: Mapping[str, Any]) -> Figure:
    """Return the prices, the line of least squares, and the normal density drawn upright upon it in three places."""
    w, b = numbers["least_squares_w"], numbers["least_squares_b"]
    deviation = float(np.sqrt(numbers["rss_over_n"]))
    ends = np.array([area.min(), area.max()])
    traces = [
        charts.points("houses", area[:, 0], y, look=0, opacity=0.65),
        charts.line("line of least squares", ends, w * ends + b, line=_solid(4)),
    ]
    away = np.linspace(-3.0, 3.0, 61) * deviation
    for k, x in enumerate((70.0, 110.0, 150.0)):
        bell = x + 15.0 * normal_density(away, deviation) / normal_density(np.zeros(1), deviation)
        name = "density of prices of one area"
        traces.append(charts.line(name, bell, w * x + b + away, line=_solid(1), showlegend=k == 0))
        traces.append(charts.reference("", [x, x], w * x + b + away[[0, -1]], showlegend=False, hoverinfo="skip"))
    return Figure(
        "What the model says: at every area prices scatter around the line by the same bell curve, here turned on its "
        "side above 70, 110 and 150 square metres. Prices near the line are probable, prices three deviations off "
        "are not.",
        "A cloud of houses along a rising line, with three bell curves standing on the line.",
        charts.chart(traces, x="area (square metres)", y="price (thousands of euros)"),
    )


def _solid(look: int) -> dict[str, Any]:
    return {"color": charts.colour(look), "width": 2.5}


def likelihood_over_slope(area: Floats, y: Floats, numbers: Mapping[str, Any]) -> Figure:
    """Return the negative log-likelihood over w, for three standard deviations."""
    w = numbers["least_squares_w"]
    slopes = np.linspace(w - 0.6, w + 0.6, 61)
    curves = []
    for k, deviation in enumerate((NOISE / 2, NOISE, 2 * NOISE)):
        f = partial(negative_log_normal, deviation=deviation)
        heights = np.array([best_intercept(area, y, slope, f)[1] for slope in slopes])
        curves.append(charts.line(f"σ = {deviation:g}", slopes, heights - heights.min(), look=k))
    curves.append(charts.reference("w of least squares", [w, w], [0.0, 40.0]))
    return Figure(
        "The negative log-likelihood over w, each curve above its own lowest value, for three standard deviations σ "
        "(thousands of euros). They are parabolas, steeper for a smaller σ, and all are lowest at the same w: the "
        "dotted line of least squares.",
        f"Three parabolas over w with the same lowest point, {w:.3f}.",
        charts.chart(curves, x=SLOPE_AXIS, y={"title": {"text": ABOVE}, "range": [-1.0, 40.0]}),
    )


def likelihood_over_deviation(area: Floats, y: Floats, numbers: Mapping[str, Any]) -> Figure:
    """Return the negative log-likelihood of the line of least squares over the standard deviation."""
    residual = numbers["least_squares_w"] * area[:, 0] + numbers["least_squares_b"] - y
    deviations = np.linspace(20.0, 100.0, 161)
    heights = np.array([negative_log_normal(residual, deviation) for deviation in deviations])
    best = float(np.sqrt(numbers["likelihood_variance"]))
    traces = [
        charts.line("−log P", deviations, heights, look=0),
        charts.points("lowest, found by search", [best], [numbers["least_negative_log"]], look=1),
        charts.reference("√(RSS / n)", [numbers["rss_over_n"] ** 0.5] * 2, [heights.min(), heights.max()]),
    ]
    return Figure(
        "The negative log-likelihood of the line of least squares over σ. Too small a σ makes the houses far from the "
        "line all but impossible, too large a one spreads the density thin; lowest is √(RSS / n).",
        f"A curve over σ that falls steeply, is lowest at {best:.1f} and rises slowly.",
        charts.chart(traces, x="σ (thousands of euros)", y="−log P (no unit)"),
    )


def two_densities() -> Figure:
    """Return both densities of one standard deviation, and below each its negative logarithm."""
    at = np.linspace(-4.0, 4.0, 161)
    both = (("normal", normal_density(at, 1.0)), ("Laplace", laplace_density(at, 1 / np.sqrt(2))))
    traces = []
    for k, (name, p) in enumerate(both):
        traces.append(charts.line(name, at, p, look=k))
        traces.append(charts.line(name, at, -np.log(p / p.max()), look=k, yaxis="y2", showlegend=False))
    layout = {"yaxis2": {"title": {"text": "−log p(e), from its lowest"}, "domain": [0.0, 0.46], "anchor": "x"}}
    return Figure(
        "Above: noise e of the same standard deviation, 1, by either density. Below: minus the density's logarithm, "
        "which is what one residual adds to the negative log-likelihood. The bell's is a parabola, the squared loss; "
        "the peaked density's is two straight lines, the absolute loss, which charges a large residual far less.",
        "A bell and a peak; below them a parabola and a V.",
        charts.chart(
            traces,
            x={"title": {"text": "e (standard deviations)"}, "anchor": "y2"},
            y={"title": {"text": "density p(e)"}, "domain": [0.54, 1.0]},
            height=560,
            **layout,
        ),
    )


def likelihood_of_laplace(area: Floats, y: Floats, numbers: Mapping[str, Any]) -> Figure:
    """Return both models' negative log-likelihoods over w, for prices with Laplace noise."""
    squares, deviations = numbers["laplace_least_squares_w"], numbers["least_deviations_w"]
    slopes = np.unique([*np.linspace(SLOPE - 0.5, SLOPE + 0.5, 121), squares, deviations])
    models = (
        ("normal", partial(negative_log_normal, deviation=NOISE), squares, "least squares"),
        ("Laplace", partial(negative_log_laplace, scale=NOISE / np.sqrt(2)), deviations, "least absolute deviations"),
    )
    traces = []
    for k, (name, f, w, method) in enumerate(models):
        heights = np.array([best_intercept(area, y, slope, f)[1] for slope in slopes])
        traces.append(charts.line(f"noise called {name}", slopes, heights - heights.min(), look=k))
        traces.append(charts.points(f"w of {method}", [w], [0.0], look=k))
    traces.append(charts.reference("true w", [SLOPE, SLOPE], [0.0, 25.0]))
    return Figure(
        "Prices whose noise is Laplace: the negative log-likelihood over w if the noise is called normal, and if it is "
        "called what it is. The first is lowest at least squares' w, the second, a chain of pieces with corners, at "
        "that of least absolute deviations. Which of the two comes nearer to the true w is chance in one sample.",
        f"Two valleys over w: one lowest at {squares:.3f}, the other at {deviations:.3f}.",
        charts.chart(traces, x=SLOPE_AXIS, y={"title": {"text": ABOVE}, "range": [-1.0, 25.0]}),
    )
