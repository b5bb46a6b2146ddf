"""The figures of initialisation_and_sampling."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from lrbench.experiments import charts
from lrbench.experiments.findings import Figure
from lrbench.experiments.sgd_paths import Floats

LOW, HIGH = 10, 90  # percentiles between which a band lies


def curves(paths: Mapping[str, Floats], *, caption: str, alternative: str, level: float | None = None) -> Figure:
    """Return medians over seeds with bands, by name; and a level of theory."""
    bands, lines = [], []
    epochs = [float(k) for k in range(next(iter(paths.values())).shape[1])]
    for look, (name, each) in enumerate(paths.items()):
        low, middle, high = np.percentile(each, [LOW, 50, HIGH], axis=0)
        bands.append(charts.band(name, epochs, low.tolist(), high.tolist(), look=look))
        lines.append(charts.line(name, epochs, middle, look=look))
    if level is not None:
        lines.append(charts.reference("theory", [0, epochs[-1]], [level] * 2))
    lowest = min(float(np.percentile(each, LOW, axis=0).min()) for each in paths.values())
    highest = max(float(each[:, 0].max()) for each in paths.values())
    within = [math.floor(2 * math.log10(lowest)) / 2, math.ceil(math.log10(highest))]
    return Figure(
        caption,
        alternative,
        charts.chart(bands + lines, x="epoch", y=charts.log("relative excess loss", range=within), height=500),
    )


def distances(batch_sizes: Sequence[int], named: Mapping[str, Sequence[float]], theory: Sequence[float]) -> Figure:
    """Return how far a batch's gradient is from the full one over batch sizes."""
    drawn = [charts.reference("theory", batch_sizes, theory)]
    drawn += [
        charts.line(name, batch_sizes, values, look=k, marks=True) for k, (name, values) in enumerate(named.items())
    ]
    return Figure(
        "How far the slope that a batch sees is from the slope over all samples, as a share of what one sample sees. "
        "Drawn uniformly, it shrinks with the square root of the batch size, in any storage order. Neighbouring rows "
        "of shuffled data do the same; neighbouring rows of sorted data err together, and more of them help little.",
        "Three lines fall together along the theory; that for neighbouring rows of sorted data stays high.",
        charts.chart(
            drawn,
            x={"title": {"text": "samples in a batch"}, "type": "log", "tickvals": list(batch_sizes)},
            y=charts.log("distance from full slope (one sample: 1)", tickvals=[1, 0.5, 0.2, 0.1, 0.05, 0.02]),
        ),
    )
