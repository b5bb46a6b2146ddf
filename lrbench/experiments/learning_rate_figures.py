"""The figures of learning_rate_and_batch_size."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lrbench.experiments import charts
from lrbench.experiments.findings import Figure
from lrbench.experiments.learning_rate_search import Cell, Way
from lrbench.experiments.sgd_paths import Floats

SHOWN_EPOCHS = 200
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_STROKE = {"color": charts.colour(1), "width": 3}
_FATES = {"falls": ("too slow", 3), "hops": ("hops above the target", 2), "diverges": ("diverges", 5)}  # words, look


def power_of_two(rate: float) -> str:
    """Return 2⁻³ for 0.125."""
    return "2" + str(round(math.log2(rate))).translate(_RAISED)


def paths(cells: Sequence[Cell], beyond: tuple[float, Floats], target: float, batch_size: int) -> Figure:
    """Return the loss over epochs of some learning rates, and of one that diverges (rate, path)."""
    curves = [(power_of_two(cell.learning_rate), cell.path) for cell in cells]
    curves.append((f"{beyond[0]:.3f}", beyond[1]))
    drawn = [
        charts.line(f"η = {name}", range(SHOWN_EPOCHS), path[:SHOWN_EPOCHS], look=k)
        for k, (name, path) in enumerate(curves)
    ]
    drawn.append(charts.reference("target", [0, SHOWN_EPOCHS], [target, target]))
    lowest = min(float(path[:SHOWN_EPOCHS].min()) for _, path in curves)
    return Figure(
        f"Batches of {batch_size}. With a small η the loss falls smoothly and slowly; with one four times as large it "
        "passes the target and hops below it; with a still larger one it drops within a few epochs, and then hops "
        "around a level above the target; just beyond the limit that was found it grows without end.",
        "Loss curves over epochs: slow, faster, quick but stuck at a level, and one that rises.",
        charts.chart(
            drawn,
            x="epoch",
            y=charts.log("relative excess loss", range=[math.floor(math.log10(lowest)), 6]),
        ),
    )


def epochs_map(cells: Sequence[Cell], target: float, limits: Mapping[int, float], descent_limit: float) -> Figure:
    """Return the map of the epochs to a target."""
    figure = _map(cells, lambda cell: cell.epochs[target] or None, "{:.0f}".format, limits, descent_limit)
    return Figure(
        f"Epochs until the loss is within {target:g} of the least, relative, and stays there; bright cells need more, "
        "the framed one the fewest. The numbers repeat along the diagonal: four times as many samples in a batch, four "
        "times the rate, the same epochs. Each row has a stroke where SGD was found to diverge; the dotted one is "
        "2 / λ, where full-batch descent does by theory.",
        "A diagonal band of cells with numbers: left of it too slow, right of it stuck above the target, at the far "
        "right divergence.",
        figure,
    )


def seconds_map(
    cells: Sequence[Cell], times: Mapping[Way, float], target: float, limits: Mapping[int, float], descent_limit: float
) -> Figure:
    """Return the map of the milliseconds to a target."""

    def milliseconds(cell: Cell) -> float | None:
        time_s = times.get((cell.batch_size, cell.learning_rate, target))
        return time_s and 1e3 * time_s

    return Figure(
        f"Milliseconds until the loss is within {target:g} of the least: the epochs above times what an epoch of such "
        "batches costs, measured as whole runs. The framed cell is the fastest. A batch "
        "of one costs the most: each of its steps has to wait for the one before.",
        "The same band of cells, with milliseconds: most at the bottom, where batches are of one.",
        _map(cells, milliseconds, _short, limits, descent_limit),
    )


def _map(
    cells: Sequence[Cell],
    value: Callable[[Cell], float | None],
    say: Callable[[float], str],
    limits: Mapping[int, float],
    descent_limit: float,
) -> dict[str, Any]:
    """Return a heat map over log2 of the rate and the batch size's position, with the fates of the other cells."""
    rates = sorted({cell.learning_rate for cell in cells})
    sizes = sorted({cell.batch_size for cell in cells})
    row = {m: k for k, m in enumerate(sizes)}
    values = {(cell.batch_size, cell.learning_rate): value(cell) for cell in cells}
    rows = [[values[m, rate] for rate in rates] for m in sizes]
    heat = charts.heat(
        [str(math.log2(rate)) for rate in rates],
        [str(k) for k in range(len(sizes))],
        [[v and math.log10(v) for v in each] for each in rows],
        text=[["" if v is None else say(v) for v in each] for each in rows],
        showscale=False,
        hovertemplate="η = 2^%{x}: %{text}<extra></extra>",
    )
    marks = []
    for fate, (words, look) in _FATES.items():
        left = [cell for cell in cells if cell.fate == fate and values[cell.batch_size, cell.learning_rate] is None]
        if left:
            x, y = [math.log2(cell.learning_rate) for cell in left], [row[cell.batch_size] for cell in left]
            marks.append(charts.points(words, x, y, look=look))
    strokes = charts.line("limit found", *_strokes([limits[m] for m in sizes]), line=_STROKE)
    theory = charts.reference("2 / λ", *_strokes([descent_limit] * len(sizes)))
    ticks = rates[1::2]
    return charts.chart(
        [heat, *marks, theory, strokes],
        x={
            "title": {"text": "learning rate η (2⁻¹⁰ is about 0.001)"},
            "tickvals": [math.log2(rate) for rate in ticks],
            "ticktext": [power_of_two(rate) for rate in ticks],
            "showgrid": False,
        },
        y={
            "title": {"text": "samples in a batch"},
            "tickvals": list(row.values()),
            "ticktext": [str(m) for m in sizes],
            "showgrid": False,
        },
        shapes=[_frame(values, row)] if any(v is not None for v in values.values()) else [],
    )


def _strokes(rates: Sequence[float]) -> tuple[list[float | None], list[float | None]]:
    """Return x and y of a vertical stroke at each row's rate, open in the middle, where a cell has its number."""
    x: list[float | None] = []
    y: list[float | None] = []
    for row, rate in enumerate(rates):
        x += [math.log2(rate), math.log2(rate), None] * 2
        y += [row - 0.5, row - 0.25, None, row + 0.25, row + 0.5, None]
    return x, y


def _short(value: float) -> str:
    """Return two digits, or all before the point."""
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"  # noqa: PLR2004  (two digits)


def _frame(values: Mapping[tuple[int, float], float | None], row: Mapping[int, int]) -> dict[str, Any]:
    """Return a frame around the cell of the least value, of equals the one with the largest batches."""
    (m, rate), _ = min(
        ((key, v) for key, v in values.items() if v is not None), key=lambda item: (item[1], -item[0][0])
    )
    x, y = math.log2(rate), row[m]
    box = {"x0": x - 0.5, "x1": x + 0.5, "y0": y - 0.5, "y1": y + 0.5}
    return {"type": "rect", **box, "line": {"color": charts.colour(6), "width": 3}}


def limits(
    batch_sizes: Sequence[int], found: Sequence[float], theory: Sequence[float], both: Sequence[float]
) -> Figure:
    """Return the learning rates where SGD diverges, over batch sizes.

    both: the limits that hold for every size, the certain one and full-batch descent's.
    """
    ends = [batch_sizes[0], batch_sizes[-1]]
    drawn = [
        charts.reference("2 / λ", ends, [both[1]] * 2),
        charts.line("mean square, theory", batch_sizes, theory, look=0),
        charts.points("one run, found", batch_sizes, found, look=1),
        charts.reference("2 / max(|x|² + 1)", ends, [both[0]] * 2, line={"color": charts.NEUTRAL, "dash": "dash"}),
    ]
    return Figure(
        "The largest learning rate that does not diverge. Full batches, at the right, meet 2 / λ. Small batches must "
        "go slower: the theory's curve is where the average of the squared error over many runs begins to grow; the "
        "points are where a single run does, which is later. Below the dashed line no batch can enlarge any error.",
        "The limit rises with the batch size from a third of 2 / λ or less up to 2 / λ.",
        charts.chart(
            drawn,
            x={"title": {"text": "samples in a batch"}, "type": "log", "tickvals": list(batch_sizes)},
            y={"title": {"text": "learning rate η"}, "rangemode": "tozero"},
        ),
    )
