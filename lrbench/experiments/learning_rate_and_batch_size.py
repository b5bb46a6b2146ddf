"""How learning rate and batch size decide whether SGD arrives, after how many epochs and after how many seconds.

Source: Dive into Deep Learning, "Linear Regression", section "Minibatch Stochastic Gradient Descent".
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lrbench.experiments import learning_rate_figures as figures
from lrbench.experiments import learning_rate_limits as limits
from lrbench.experiments import learning_rate_search as searching
from lrbench.experiments import sgd_paths
from lrbench.experiments.findings import (
    Advance,
    Correction,
    Figure,
    Findings,
    Formula,
    Grid,
    Heading,
    Paragraph,
    Part,
    Setting,
)
from lrbench.experiments.learning_rate_search import Cell, Way
from lrbench.experiments.sgd_paths import Floats, Orders, Regression
from lrbench.problems import houses

QUESTION = "How do learning rate and batch size act: which pairs diverge, which arrive, and which arrive first?"

SAMPLES, QUICK_SAMPLES = 4096, 1024  # powers of four, as the batch sizes are: the last batch is all of them
N_FEATURES = 10
RATES = tuple(2.0**k for k in range(-17, 1))
TARGET, ROUGH = 1e-4, 1e-2  # relative excess loss
N_EPOCHS, QUICK_EPOCHS = 400, 256  # that may be needed; twice as many are followed
DRAWN_BATCH = 16
BEYOND = 1.01  # of the limit found: a rate that diverges slowly enough to be drawn


def run(setting: Setting) -> Findings:
    """Return the grid search's epochs and seconds, and where SGD begins to diverge, found and by theory."""
    n, n_epochs = (QUICK_SAMPLES, QUICK_EPOCHS) if setting.quick else (SAMPLES, N_EPOCHS)
    data = sgd_paths.of_houses(f"{n}x{N_FEATURES}", setting.seed)
    start = houses.random_start(N_FEATURES, setting.seed)
    orders = sgd_paths.shuffled(n, 2 * n_epochs, np.random.default_rng([setting.seed, 3]))
    sizes = [4**k for k in range(n.bit_length()) if 4**k <= n]
    choices = [(m, rate) for m in sizes for rate in RATES]

    def share(begin: float, end: float) -> Advance:
        return lambda done, now: setting.advance(begin + (end - begin) * done, now)

    cells = searching.search(data, start, orders, choices, (TARGET, ROUGH), share(0.0, 0.6))
    boundary = limits.numbers(data, sizes, setting.seed, share(0.6, 0.75))
    ways = _ways(cells)
    times = searching.seconds(data, start, orders, ways, setting.seed, share(0.75, 1.0))
    numbers: dict[str, Any] = {
        "learning_rates": list(RATES),
        "n_cells": len(cells),
        "n_epochs": n_epochs,
        **boundary,
        **searching.numbers(cells, TARGET, ""),
        **searching.numbers(cells, ROUGH, "rough_"),
        **{f"fates_of_batch_{m}": [cell.fate for cell in cells if cell.batch_size == m] for m in sizes},
        **_intercept(data),
        **_fastest(times),
    }
    drawn = _figures(data, (*start, orders), cells, times, numbers)
    return Findings(_parts(numbers, drawn, _table(cells, ways, times)), _answer(numbers), numbers)


def _ways(cells: Sequence[Cell]) -> dict[Way, int]:
    """Return the epochs of what is to be timed: all that come to the target, and each size's best to the rough one."""
    fine = {(c.batch_size, c.learning_rate, TARGET): c.epochs[TARGET] for c in cells if c.epochs[TARGET]}
    best = searching.of_each_size(cells, ROUGH)
    return fine | {(m, c.learning_rate, ROUGH): c.epochs[ROUGH] for m, c in best.items()}


def _fastest(times: Mapping[Way, float]) -> dict[str, float]:
    size, rate, _ = least = min((way for way in times if way[2] == TARGET), key=times.__getitem__)
    return {"least_s": times[least], "batch_size_of_least_s": size, "learning_rate_of_least_s": rate}


def _intercept(data: Regression) -> dict[str, float]:
    """Return the loss's derivative by b at the optimum, and what the document prints in its place."""
    w, b = data.optimum[:-1], data.optimum[-1]
    return {
        "derivative_by_b": float(np.mean(data.X @ w + b - data.y)),
        "derivative_by_b_as_printed": float(np.mean(data.X @ w - data.y)),
    }


def _figures(
    data: Regression,
    begin: tuple[Floats, float, Orders],
    cells: Sequence[Cell],
    times: Mapping[Way, float],
    numbers: Mapping[str, Any],
) -> tuple[Figure, ...]:
    w, b, orders = begin
    found = dict(zip(numbers["batch_sizes"], numbers["limits_found"], strict=True))
    descent = numbers["descent_limit"]
    beyond = BEYOND * found[DRAWN_BATCH]
    growing = sgd_paths.follow(data, (w, b), orders, batch_size=DRAWN_BATCH, learning_rate=beyond)
    return (
        figures.paths(_typical(cells), (beyond, growing), TARGET, DRAWN_BATCH),
        figures.epochs_map(cells, TARGET, found, descent),
        figures.epochs_map(cells, ROUGH, found, descent),
        figures.seconds_map(cells, times, TARGET, found, descent),
        figures.limits(
            numbers["batch_sizes"],
            numbers["limits_found"],
            numbers["limits_mean_square"],
            (numbers["certain_limit"], descent),
        ),
    )


def _typical(cells: Sequence[Cell]) -> list[Cell]:
    """Return the drawn batch size's best cell, one with a fourth of its rate, and one with 64 times as much."""
    of_size = {cell.learning_rate: cell for cell in cells if cell.batch_size == DRAWN_BATCH}
    rate = searching.fewest(of_size.values(), TARGET).learning_rate
    return [of_size[each] for each in (rate / 4, rate, 64 * rate) if each in of_size]


def _table(cells: Sequence[Cell], ways: Mapping[Way, int], times: Mapping[Way, float]) -> Grid:
    lines = []
    for size in dict.fromkeys(cell.batch_size for cell in cells):
        line = [str(size)]
        for target in (ROUGH, TARGET):
            best = searching.of_each_size(cells, target).get(size)
            if best is None:
                line += ["-"] * 3
                continue
            way = size, best.learning_rate, target
            line += [figures.power_of_two(best.learning_rate), str(ways[way]), f"{1e3 * times[way]:.2g}"]
        lines.append(tuple(line))
    head = [f"{what}, to {target:g}" for target in (ROUGH, TARGET) for what in ("best η", "epochs", "ms")]
    return Grid(
        "The learning rate that needs the fewest epochs, for each batch size", ("batch size", *head), tuple(lines)
    )


def _answer(numbers: Mapping[str, Any]) -> str:
    return (
        f"A learning rate that is too small is slow, a larger one hops around above the target, a still larger one "
        f"diverges: full-batch descent beyond 2 / λ = {numbers['descent_limit']:.4f} "
        f"(found: {numbers['descent_limit_found']:.4f}), batches of one beyond {numbers['limits_found'][0]:.4f}. "
        f"Of {numbers['n_cells']} pairs, batches of {numbers['fewest_epochs_batch_size']} at "
        f"{numbers['fewest_epochs_learning_rate']:g} come within {TARGET:g} of the least loss in the fewest epochs, "
        f"{numbers['fewest_epochs']}; to come within {ROUGH:g}, batches of {numbers['rough_fewest_epochs_batch_size']} "
        f"at {numbers['rough_fewest_epochs_learning_rate']:g} need only {numbers['rough_fewest_epochs']}. "
        "As long as divergence is far, the learning rate may grow in proportion to the batch size, at equal epochs."
    )


def _parts(numbers: Mapping[str, Any], drawn: Sequence[Figure], table: Grid) -> tuple[Part, ...]:
    paths, fine, rough, seconds, limit = drawn
    n = numbers["batch_sizes"][-1]
    return (
        Paragraph(
            f"{n} houses with {N_FEATURES} features each: xᵢ are house i's features, yᵢ its price, w and b the "
            "weights and the constant of the prediction w·x + b. The loss L is the mean of half the squared errors. "
            "SGD (stochastic gradient descent) takes m houses at a time, a batch, and moves w and b a little way "
            "downhill, by the learning rate η times the average slope over the batch. An epoch is one pass over all "
            "houses, here in a new random order each time: n / m steps."
        ),
        Formula("w ← w − η · 1/m · Σ xᵢ (w·xᵢ + b − yᵢ)\nb ← b − η · 1/m · Σ (w·xᵢ + b − yᵢ)"),
        Correction(
            "Dive into Deep Learning prints the second line without the “+ b” in the bracket. At the best fit, where "
            f"the slope by b is 0 (here: {_signed(numbers['derivative_by_b'])}), the printed formula gives "
            f"{_signed(numbers['derivative_by_b_as_printed'])}. It does not depend on b, so b would never come to rest."
        ),
        Paragraph(
            "What is shown is the relative excess loss: how far the loss is above the least possible one L*, divided "
            f"by L*. {TARGET:g} means: at most a hundredth of a percent above the best."
        ),
        paths,
        Heading("A grid search for epochs"),
        Paragraph(
            f"{numbers['n_cells']} pairs of η and m, each from the same start over the same orders of houses, "
            f"for at most {numbers['n_epochs']} epochs. An epoch counts as the first within the target only if as many "
            "again stay within it."
        ),
        fine,
        Paragraph(
            "Why the diagonal? A batch of m samples takes n / m steps an epoch, each as long as η: the way covered in "
            "an epoch, and the hopping that the chance in the batches leaves, both depend on η / m. The diagonal ends "
            "where the rate would be so large that SGD diverges. All samples in one batch leave nothing to "
            "chance, so nothing hops, and the largest rate below divergence is the best."
        ),
        rough,
        Paragraph(
            f"For a rough answer, within {ROUGH:g}, hopping matters less: many short steps an epoch "
            f"arrive after {numbers['rough_fewest_epochs']} epochs, where one step an epoch "
            f"needs {numbers['rough_best_epochs'][-1]}."
        ),
        Heading("And for seconds"),
        seconds,
        table,
        Heading("Where it diverges"),
        Formula(
            "the error e = (w, b) − optimum after a step over all samples:   e ← (1 − η λ) e   for each curvature λ"
        ),
        Paragraph(
            "The loss is a bowl. Along each of its main directions it curves by some λ (an eigenvalue of the Hessian, "
            "the matrix of second derivatives by w and b, which is the mean of (xᵢ, 1)(xᵢ, 1)ᵀ), and a step of descent "
            "multiplies the error there by 1 − η λ. That grows without end as soon as it is below −1, first along the "
            f"steepest direction, λ = {numbers['largest_curvature']:.4f}: beyond η = 2 / λ = "
            f"{numbers['descent_limit']:.6f}. Found by trying, by halving an interval: "
            f"{numbers['descent_limit_found']:.6f}."
        ),
        _factors(numbers),
        limit,
        Paragraph(
            "A small batch does not see the bowl but a rougher one of its own: a single house far from the average "
            "curves along its own row by |x|² + 1, more than λ, and throws the error back across. "
            "How the average of the squared error over many runs moves from step to step can be written down exactly "
            "from the samples' second and fourth moments, for batches that are drawn anew each step; it grows "
            f"beyond {numbers['limits_mean_square'][0]:.4f} for batches of one. A single run is found to diverge only "
            f"beyond {numbers['limits_found'][0]:.4f}: an average is ruled by few runs that go very far, as "
            "an average income is. " + _above(numbers)
        ),
        Paragraph(
            f"Below {numbers['certain_limit']:.4f}, 2 over the largest |x|² + 1, no batch of any size can enlarge an "
            "error: a safe choice where nothing else is known."
        ),
    )


def _signed(value: float) -> str:
    return f"{value:.4f}".replace("-0.0000", "0.0000").replace("-", "−")


def _above(numbers: Mapping[str, Any]) -> str:
    above = [
        str(m)
        for m, rate in zip(numbers["batch_sizes"], numbers["limits_found"], strict=True)
        if rate > 1.001 * numbers["descent_limit"]  # more than halving leaves open
    ]
    if not above:
        return ""
    return (
        f"With batches of {', '.join(above)} single runs come back even beyond 2 / λ, where their average, by "
        "theory, does not: over a long run factors multiply, and 10 and 1/10 cancel, though their average is above 5."
    )


def _factors(numbers: Mapping[str, Any]) -> Grid:
    columns = numbers["shares_of_limit"], numbers["step_factors"], numbers["step_factors_found"]
    return Grid(
        "Full-batch descent: the factor by which a late step changes the error",
        ("η as a share of 2 / λ", "largest |1 − η λ| of all directions", "measured"),
        tuple((f"{share:g}", f"{theory:.6f}", f"{found:.6f}") for share, theory, found in zip(*columns, strict=True)),
    )
