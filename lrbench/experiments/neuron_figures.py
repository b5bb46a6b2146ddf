"""The figures of the experiment one_neuron."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrbench.experiments import charts
from lrbench.experiments.findings import Figure

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

LAYERS = ("numpy_layer", "torch_float64", "torch_float32")
NAMES = {
    "sgd": "linear regression's SGD",
    "numpy_layer": "dense layer, NumPy",
    "torch_float64": "nn.Linear, 64 bits",
    "torch_float32": "nn.Linear, 32 bits",
}
_LEAST = 1e-17  # what exact agreement is drawn at: below the smallest rounding error
_COLUMNS, _ROWS = 6, 2  # of pictures
_INK = ((0.0, "#ebebe6"), (1.0, "#1d2125"))  # paper that can be told from the page's, light or dark
_GOLDEN = 0.618033988749895  # its multiples, without their whole parts, spread evenly


def network(numbers: Mapping[str, Any]) -> Figure:
    """Return the drawing of the one neuron, its weights those that were learnt."""
    inputs = ("area x₁", "age x₂", "1")
    weights = {"w₁": numbers["weight_area"], "w₂": numbers["weight_age"], "b": numbers["bias"]}
    written = [f"{name} = {weight:.2f}".replace("-", "−") for name, weight in weights.items()]
    drawn = [_joint(2 - k, written[k], weight) for k, weight in enumerate(weights.values())]
    dots = charts.points("", [0, 0, 0, 1], [2, 1, 0, 1], look=0, showlegend=False, cliponaxis=False)
    dots.update(mode="markers+text", text=[f"{name} " for name in inputs] + [" price o"], hoverinfo="skip")
    dots["textposition"] = ["middle left"] * len(inputs) + ["middle right"]
    dots["marker"] = {**dots["marker"], "size": 20}
    return Figure(
        "Linear regression drawn as a network, its weights those that were learnt below. Thicker joints have larger "
        "weights; a dashed one is negative: the older the house, the cheaper. The bias b is the weight of an input "
        "that is always 1.",
        f"Three inputs, area, age and the constant 1, joined to one output, the price: {', '.join(written)}.",
        charts.chart(
            [*drawn, dots],
            x={"title": {"text": "layer"}, "tickvals": [0, 1], "ticktext": ["inputs", "output"], "range": [-0.35, 1.35]}
            | {"showgrid": False},
            y={"visible": False, "range": [-0.4, 2.4]},
            height=300,
            showlegend=False,
        ),
    )


def _joint(height: float, written: str, weight: float) -> dict[str, Any]:
    """Return the line from an input at some height to the output, with its weight written on it."""
    at = 0.4
    trace = charts.line("", [0, at, 1], [height, height + at * (1 - height), 1], look=0, hoverinfo="skip")
    trace["line"] = {"color": charts.NEUTRAL, "width": 1 + 2 * abs(weight), "dash": "solid" if weight >= 0 else "dash"}
    trace["marker"] = {"size": 22, "color": "rgba(0,0,0,0)"}  # unseen: it keeps the text off the line
    return {**trace, "mode": "lines+markers+text", "text": ["", written, ""], "textposition": "top center"}


def losses(found: Mapping[str, Floats]) -> Figure:
    """Return the losses after each step."""
    steps = np.arange(len(found["sgd"]))
    drawn = [charts.line(NAMES["sgd"], steps, found["sgd"], look=0)]
    for k, name in enumerate(_without_copies(found)):
        marked = slice(6 * k, None, 20)  # each its own steps, so that all can be seen
        drawn.append(charts.points(NAMES[name], steps[marked], found[name][marked], look=1 + k))
    drawn.append(charts.line("b as printed (see below)", steps, found["misprinted"], look=4))
    return Figure(
        "The loss over all houses after each step. The layers' marks lie on the line of linear regression's SGD. With "
        "the misprinted formula b passes the right value without noticing, and the loss rises again.",
        "A falling curve with the layers' marks on it, and a second curve, of the misprinted formula, that falls and "
        "then rises.",
        charts.chart(drawn, x="step", y=charts.log("loss (in 100 000²)")),
    )


def _without_copies(found: Mapping[str, Floats]) -> list[str]:
    return [name for name in LAYERS if name in found]


def gaps(found: Mapping[str, Floats]) -> Figure:
    """Return how far the layers are from SGD at each step."""
    names = _without_copies(found)
    steps = np.arange(len(found[names[0]]))
    drawn = [
        charts.line(NAMES[name], steps, np.maximum(found[name], _LEAST), look=1 + k) for k, name in enumerate(names)
    ]
    drawn.append(charts.reference("the last of 64 bits' digits", steps, np.full(len(steps), 2.0**-52)))
    return Figure(
        "How far each layer is from linear regression's SGD after each step. At the bottom, 1e-17, both agree in every "
        "digit. With 64 bits the difference stays among the last digits, whatever the step.",
        "; ".join(f"{NAMES[name]}: at most {found[name].max():.0e}" for name in names) + ".",
        charts.chart(drawn, x="step", y=charts.log("largest difference / largest parameter", range=[-17.3, -5.7])),
    )


def one_output(written: Indices, output: Floats) -> Figure:
    """Return a neuron's outputs over the digits that were written, with the band that is rounded right."""
    n_classes = int(written.max()) + 1
    aside = 0.6 * (np.arange(len(written)) * _GOLDEN % 1.0 - 0.5)
    right = np.rint(output).clip(0, n_classes - 1) == written
    drawn = [
        charts.points("read right", (written + aside)[right], output[right], look=0, opacity=0.7),
        charts.points("read wrong", (written + aside)[~right], output[~right], look=1, opacity=0.8),
    ]
    for trace, symbol in zip(drawn, ("circle", "x"), strict=True):
        trace["marker"].update(size=5, symbol=symbol)
    known = np.arange(n_classes)
    edges = [edge for k in known for edge in (k - 0.4, k + 0.4, None)]
    exact = charts.reference("what it should say", edges, np.repeat(known, 3).astype(float))
    exact["line"] = {"color": charts.NEUTRAL, "width": 3, "dash": "solid"}
    means = ", ".join(f"{output[written == k].mean():.1f}" for k in known)
    return Figure(
        f"The output of one neuron for each picture of the digits 0 to {n_classes - 1}, over the digit that was "
        "written. Circles are rounded to the right digit, crosses to a wrong one.",
        f"Clouds of outputs over the digits 0 to {n_classes - 1}, their means {means}; {np.mean(right):.0%} are right.",
        charts.chart(
            [exact, *drawn],
            x={"title": {"text": "digit that was written"}, "dtick": 1, "showgrid": False},
            y={"title": {"text": "output of the neuron"}, "dtick": 1},
            height=360,
        ),
    )


def wrong_pictures(which: str, pictures: Floats, written: Indices, said: Indices) -> Figure:
    """Return the first pictures that were read wrong, each titled with what it is and what was said."""
    shown = min(len(pictures), _COLUMNS * _ROWS)
    rows = -(-shown // _COLUMNS)
    side = int(np.sqrt(pictures.shape[1]))
    data, axes = [], {}
    for k in range(shown):
        column, row = k % _COLUMNS, k // _COLUMNS
        number = "" if k == 0 else str(k + 1)
        data.append(_picture(pictures[k].reshape(side, side), f"x{number}", f"y{number}"))
        hidden = {"showgrid": False, "showticklabels": False, "ticks": "", "constrain": "domain"}
        across, up = [(column + 0.08) / _COLUMNS, (column + 0.92) / _COLUMNS], (rows - 1 - row) / rows
        title = {"title": {"text": f"{written[k]} → {said[k]}"}, "anchor": f"y{number}"}
        axes[f"xaxis{number}"] = {**hidden, **title, "domain": across}
        down = {"autorange": "reversed", "scaleanchor": f"x{number}", "anchor": f"x{number}"}
        axes[f"yaxis{number}"] = {**hidden, **down, "domain": [up + 0.3 / rows, up + 1 / rows]}
    x, y = axes.pop("xaxis"), axes.pop("yaxis")
    words = ", ".join(f"{a} read as {b}" for a, b in zip(written[:shown], said[:shown], strict=True))
    share = f"all {shown}" if shown == len(pictures) else f"the first {shown} of {len(pictures)}"
    return Figure(
        f"Pictures read wrong by {which}: {share}. Below each: what was written → what was read.",
        f"{shown} small grey pictures: {words}.",
        charts.chart(data, x=x, y=y, height=160 * rows + 40, margin={"l": 10, "b": 10}, **axes),
    )


def _picture(ink: Floats, x: str, y: str) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "z": [[float(f"{value:.3g}") for value in line] for line in ink],
        "zmin": 0.0,
        "zmax": 1.0,
        "colorscale": [list(stop) for stop in _INK],
        "showscale": False,
        "hovertemplate": "ink %{z}<extra></extra>",
        "xaxis": x,
        "yaxis": y,
    }
