"""The figures of absolute_noise."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrbench.experiments import charts
from lrbench.experiments.findings import Figure

Floats = NDArray[np.float64]
Line = tuple[Floats, float]

FEW = 8  # houses of the staircase
EVERY = 5  # steps of which one is drawn


def staircase(seed: int) -> Figure:
    """Return the derivatives of both losses by w for few houses: a straight line and a staircase."""
    rng = np.random.default_rng([seed, 2])
    x = rng.uniform(0.5, 2.0, FEW)
    y = 1.5 * x + rng.laplace(size=FEW)
    corners = np.sort(y / x)
    ends = np.array([corners[0] - 0.5, *corners, corners[-1] + 0.5])
    inside = (ends[:-1] + ends[1:]) / 2
    heights = np.mean(x * np.sign(inside[:, None] * x - y), axis=1)
    squared = np.mean(x * (ends[:, None] * x - y), axis=1)
    traces = [
        charts.line("absolute loss", np.repeat(ends, 2)[1:-1], np.repeat(heights, 2), look=0),
        charts.line("squared loss", ends, squared, look=1),
        charts.reference("zero", ends[[0, -1]], [0.0, 0.0]),
    ]
    return Figure(
        f"The derivative of each loss by w, for {FEW} houses, one feature and no intercept. The squared loss's is a "
        "straight line: near its zero it is small. The absolute loss's is a staircase with a step at every house: it "
        "jumps over zero, and on either side it keeps its height up to the very corner where the minimum is.",
        "A rising straight line through zero, and a rising staircase that jumps from below zero to above it.",
        charts.chart(traces, x="w (noise scales per unit of the feature)", y="derivative of the loss by w"),
    )


def approach(paths: Mapping[str, Floats]) -> Figure:
    """Return distances from the minimiser over steps with all houses."""
    traces = [
        charts.line(name, np.arange(len(path))[::EVERY], np.maximum(path, 1e-16)[::EVERY], look=k)
        for k, (name, path) in enumerate(paths.items())
    ]
    return Figure(
        "Distance from each loss's own minimiser when every step uses all houses; beside each loss stands its learning "
        "rate. The squared loss comes nearer by a constant factor until the numbers' last digits. The absolute loss "
        "stops coming nearer; the ragged floor is its hopping. A smaller rate takes longer to a lower floor.",
        "One line falls straight down to rounding error; two others fall and then stay ragged at different heights.",
        charts.chart(traces, x="step", y=charts.log("distance from the minimiser (noise scales)", dtick=3)),
    )


def hops(paths: Mapping[float, Floats], best: Line) -> Figure:
    """Return iterates in the plane of the two slopes."""
    (first, second), _ = best
    traces = [
        charts.points(f"rate {rate:g}", path[:, 0], path[:, 1], look=k, marker=_mark(k))
        for k, (rate, path) in enumerate(paths.items())
    ]
    cross = {"symbol": "x", "size": 13, "color": charts.COLOURS[3], "line": {"width": 2, "color": "#ffffff"}}
    traces.append(charts.points("exact minimiser", [first], [second], marker=cross))
    return Figure(
        "300 iterates, 1 / η mini-batches apart, at two learning rates η after a long run, as points in the plane "
        "of the two slopes. They never stop; they hop around the exact minimiser, nearer to it at the smaller rate. "
        "Their mean is much nearer to it than they are.",
        "A wide and a narrow cloud of points around the exact minimiser.",
        charts.chart(
            traces,
            x={"title": {"text": "w₁ (noise scales per deviation of the area)"}, "constrain": "domain"},
            y={
                "title": {"text": "w₂ (noise scales per deviation of the age)"},
                "scaleanchor": "x",
                "constrain": "domain",
            },
            height=480,
        ),
    )


def _mark(look: int) -> dict[str, Any]:
    return {
        "symbol": ("circle", "square-open")[look],
        "size": (6, 5)[look],
        "color": charts.colour(look),
        "opacity": 0.7,
    }


def distances(numbers: Mapping[str, Any]) -> Figure:
    """Return how far iterates hop over the learning rate."""
    rates, m = numbers["rates"], numbers["batch_size"]
    traces = [
        charts.line(f"squared, batches of {m}", rates, numbers["mini_batch_squared_distance"], look=1, marks=True),
        charts.line(f"absolute, batches of {m}", rates, numbers["mini_batch_distance"], look=0, marks=True),
        charts.reference(f"theory: √(3η / {2 * m})", rates, numbers["mini_batch_theory"]),
        charts.line("absolute, all houses", rates, numbers["full_batch_distance"], look=2, marks=True),
    ]
    return Figure(
        "How far from its minimiser each loss keeps hopping, over the learning rate η, both axes logarithmic. With all "
        "houses in a step the absolute loss's distance goes with η itself; the squared loss has no such line, for "
        "it arrives. With mini-batches the noise of the batches rules, either loss hops, and the distance goes with "
        "√η, the flatter slope.",
        "Two nearly parallel flat lines, the squared loss's above the absolute loss's, and far below a steeper one.",
        charts.chart(
            traces,
            x=charts.log("learning rate η", **_at(rates)),
            y=charts.log("distance from the minimiser (noise scales)"),
        ),
    )


def mends(numbers: Mapping[str, Any]) -> Figure:
    """Return the excess loss over epochs, with and without mends."""
    epochs, rate = numbers["epochs"], numbers["mend_rate"]
    names = {
        "constant": f"constant rate {rate:g}",
        "decayed": f"decay, {rate:g} / (1 + k)",
        "averaged": f"rate {rate:g}, averaged",
        "both": "decay, averaged",
    }
    traces = [
        charts.line(text, epochs, numbers[f"{name}_excess"], look=k, marks=True)
        for k, (name, text) in enumerate(names.items())
    ]
    after = np.array(epochs, dtype=np.float64)
    traces.append(charts.reference("1 / epochs", after, numbers["both_excess"][2] * after[2] / after))
    return Figure(
        "The loss above its least value, relative to that, over epochs, on logarithmic axes. At a constant rate it "
        "stays where it is after a few epochs. The mean of the iterates of the run's later half is far better, but "
        "levels out sooner or later. A rate that decays with the epoch k falls about as 1 / epochs, the dotted line, "
        "and averaged on top of it is lower still.",
        "A level line, one that falls and levels out, and two that go on falling.",
        charts.chart(
            traces,
            x=charts.log("epochs (1000 houses each)", **_at(epochs)),
            y=charts.log("(loss − least) / least"),
        ),
    )


def _at(values: Sequence[float]) -> dict[str, Any]:
    """Return the settings of an axis with its ticks at those values."""
    return {"tickvals": list(values), "ticktext": [f"{value:g}" for value in values], "dtick": None}
