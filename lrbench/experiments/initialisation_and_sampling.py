"""Where SGD starts and in which order it sees the samples: what each costs, and what it does not change.

Source: Dive into Deep Learning, "Linear Regression", section "Minibatch Stochastic Gradient Descent".
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lrbench.experiments import learning_rate_limits, sampling_figures, sampling_runs, sgd_moments, sgd_paths
from lrbench.experiments.findings import Figure, Findings, Formula, Grid, Heading, Paragraph, Part, Setting
from lrbench.experiments.sampling_runs import BATCH_SIZE, STORED, WAYS
from lrbench.experiments.sgd_paths import Floats, Regression
from lrbench.problems import sgd_epoch

QUESTION = "Random start, uniform mini-batches: with or without replacement, shuffled once or each epoch, or in blocks?"

N_FEATURES = 10
SAMPLES, QUICK_SAMPLES = 10_240, 5120  # whole batches of 10 in half an epoch, whole blocks of 256
TOGETHER = 10.24  # samples times learning rate: the same way an epoch, however many samples
SEEDS, QUICK_SEEDS = 20, 12
N_EPOCHS, START_EPOCHS = 40, 80
DEVIATIONS = (0.0, 0.01, 1.0, 100.0)  # of the starts; 0.01 is the document's
NEAR = 1e-2  # relative excess loss
TIMED, QUICK_TIMED = "1000000x10", "100000x10"
SHOWN = (1, 5, 10, 20, 40)  # epochs
EACH, BLOCKS = "shuffled each epoch", "shuffled blocks"

Paths = Mapping[str, Mapping[str, Floats]]  # by storage order, by way of drawing: (seeds, epochs + 1)


def run(setting: Setting) -> Findings:
    """Return loss curves over ways of drawing and over starts, with bands over seeds, and what they settle at."""
    n, count = (QUICK_SAMPLES, QUICK_SEEDS) if setting.quick else (SAMPLES, SEEDS)
    rate = TOGETHER / n
    data = sgd_paths.of_houses(f"{n}x{N_FEATURES}", setting.seed)
    seeds = range(1000 * setting.seed, 1000 * setting.seed + count)
    paths = _over_ways(data, seeds, rate, setting)
    setting.advance(0.6, "starts")
    starts = {d: sampling_runs.over_starts(data, d, seeds, START_EPOCHS, rate) for d in DEVIATIONS}
    middles = sampling_runs.half_epochs(data, seeds, N_EPOCHS, rate)[:, N_EPOCHS + 1 :: 2]
    sizes, distances, theory = _distances(data, setting.seed)
    timed = QUICK_TIMED if setting.quick else TIMED
    random_s, blocks_s = sampling_runs.epoch_seconds(
        timed, setting.seed, rate, lambda share, now: setting.advance(0.8 + 0.2 * share, now)
    )
    numbers: dict[str, Any] = {
        "n_samples": n,
        "n_seeds": count,
        "learning_rate": rate,
        **_levels(paths),
        "level_theory_with_replacement": sgd_moments.floor(sgd_moments.moments(data), BATCH_SIZE, rate),
        "level_in_mid_epoch": float(middles.mean()),
        **_starts(data, starts, rate, setting.seed),
        "batch_sizes": sizes,
        **{f"distance_{_key(name)}": values for name, values in distances.items()},
        "distance_theory": theory,
        "random_epoch_s": random_s,
        "blocks_epoch_s": blocks_s,
        "blocks_speedup": random_s / blocks_s,
    }
    drawn = _figures(paths, starts, numbers, sampling_figures.distances(sizes, distances, theory))
    return Findings(_parts(numbers, drawn, _after_epochs(paths), timed), _answer(numbers), numbers)


def _key(*names: str) -> str:
    return "_".join(names).replace(",", "").replace(" ", "_")


def _over_ways(data: Regression, seeds: Sequence[int], rate: float, setting: Setting) -> Paths:
    paths: dict[str, dict[str, Floats]] = {stored: {} for stored in STORED}
    todo = [(stored, way) for stored in STORED for way in WAYS]
    for k, (stored, way) in enumerate(todo):
        setting.advance(0.6 * k / len(todo), f"{way}, over {stored} data")
        paths[stored][way] = sampling_runs.over_orders(data, stored, WAYS[way], seeds, N_EPOCHS, rate)
    return paths


def _levels(paths: Paths) -> dict[str, Any]:
    """Return what each way settles at, the mean over the later half of the epochs and over seeds, and its spread."""
    found: dict[str, Any] = {}
    for stored, ways in paths.items():
        for way, each in ways.items():
            levels = each[:, N_EPOCHS // 2 :].mean(axis=1)
            low, high = np.percentile(levels, [sampling_figures.LOW, sampling_figures.HIGH])
            found[_key("level", stored, way)] = float(levels.mean())
            found[_key("level_low", stored, way)] = float(low)
            found[_key("level_high", stored, way)] = float(high)
            found[_key("median", stored, way)] = np.median(each, axis=0).tolist()
        found[f"blocks_over_random_{stored}"] = (
            found[_key("level", stored, BLOCKS)] / found[_key("level", stored, EACH)]
        )
    return found


def _starts(data: Regression, starts: Mapping[float, Floats], rate: float, seed: int) -> dict[str, Any]:
    """Return how long each start takes, where all end, and how fast a difference of starts is forgotten."""
    n = len(data.y)
    least = float(np.linalg.eigvalsh(data.hessian)[0])
    rng = np.random.default_rng([seed, 10])
    orders = sgd_paths.shuffled(n, START_EPOCHS, rng)
    error = rng.standard_normal(data.optimum.size)
    return {
        "start_deviations": list(starts),
        "start_epochs": [float(np.median([int(np.argmax(path <= NEAR)) for path in each])) for each in starts.values()],
        "start_levels": [float(each[:, 3 * START_EPOCHS // 4 :].mean()) for each in starts.values()],
        "least_curvature": least,
        "forgetting_factor": float(np.exp(learning_rate_limits.growth(data, error, orders, BATCH_SIZE, rate))),
        "forgetting_factor_theory": (1 - rate * least) ** (n / BATCH_SIZE),
    }


def _distances(data: Regression, seed: int) -> tuple[list[int], dict[str, list[float]], list[float]]:
    """Return how far a batch's slope is from the full one, relative to one sample's: sizes, by name, by theory."""
    n = len(data.y)
    sizes = [4**k for k in range(n.bit_length()) if n % 4**k == 0]
    uniform, rows = np.random.default_rng([seed, 11]).permutation(n), np.arange(n)
    choices = {
        "uniform, sorted data": ("sorted", uniform),
        "neighbours, shuffled data": ("shuffled", rows),
        "neighbours, sorted data": ("sorted", rows),
    }
    found = {
        name: [sampling_runs.batch_distance(STORED[stored](data, seed), order, m) for m in sizes]
        for name, (stored, order) in choices.items()
    }
    relative = {name: [value / values[0] for value in values] for name, values in found.items()}
    return sizes, relative, [float(np.sqrt((n - m) / (m * (n - 1)))) for m in sizes]


def _figures(
    paths: Paths, starts: Mapping[float, Floats], numbers: Mapping[str, Any], distances: Figure
) -> tuple[Figure, ...]:
    bands = f"Lines are medians over {numbers['n_seeds']} random starts and orders, bands hold the middle 80 % of them"
    return (
        sampling_figures.curves(
            {f"standard deviation {d:g}" if d else "all zeros": each for d, each in starts.items()},
            caption=f"Starts near and far, shuffled each epoch. {bands}. A far start arrives later; nothing else "
            "changes: all settle at the same level.",
            alternative="Four falling curves that differ in their heights at the start and join at one level.",
        ),
        sampling_figures.curves(
            paths["shuffled"],
            level=numbers["level_theory_with_replacement"],
            caption=f"Shuffled data, {len(WAYS)} ways to draw. {bands}. The way down is the same for all; with "
            "replacement the loss settles higher, at the level that theory says; the blocks' line lies on that of new "
            "random orders.",
            alternative="Five curves fall together; one settles higher than the others.",
        ),
        sampling_figures.curves(
            paths["sorted"],
            level=numbers["level_theory_with_replacement"],
            caption=f"The same data sorted by price. {bands}. Random orders do not notice. Blocks settle higher, and "
            "the order as stored, from the cheapest house to the dearest, by far the highest.",
            alternative="Five curves fall together; blocks settle above random orders, the stored order far above.",
        ),
        distances,
    )


def _after_epochs(paths: Paths) -> Grid:
    ways = [(stored, way) for stored in paths for way in (EACH, BLOCKS)]
    return Grid(
        "Relative excess loss after equal epochs, mean over the seeds",
        ("epochs", *(f"{'random order' if way == EACH else 'blocks'}, {stored} data" for stored, way in ways)),
        tuple((str(k), *(_plain(paths[stored][way][:, k].mean()) for stored, way in ways)) for k in SHOWN),
    )


def _settled(numbers: Mapping[str, Any]) -> Grid:
    def cell(stored: str, way: str) -> tuple[str, str]:
        level, low, high = (numbers[_key(name, stored, way)] for name in ("level", "level_low", "level_high"))
        return _plain(level), f"{_plain(low)} to {_plain(high)}"

    return Grid(
        f"Mean relative excess loss at the ends of epochs {N_EPOCHS // 2} to {N_EPOCHS}",
        ("drawn", "shuffled data", "middle 80 % of seeds", "sorted data", "middle 80 % of seeds"),
        tuple((way, *cell("shuffled", way), *cell("sorted", way)) for way in WAYS),
    )


def _answer(numbers: Mapping[str, Any]) -> str:
    each, replaced = numbers["level_shuffled_shuffled_each_epoch"], numbers["level_shuffled_with_replacement"]
    return (
        "The start does not matter for where SGD ends, only for when: the loss has one lowest point. Shuffle anew each "
        f"epoch: the loss settles at {_plain(each)} above the least, relative, where draws with replacement settle at "
        f"{_plain(replaced)} (theory: {_plain(numbers['level_theory_with_replacement'])}). One order for all epochs "
        f"keeps its luck: {_plain(numbers['level_low_shuffled_shuffled_once'])} to "
        f"{_plain(numbers['level_high_shuffled_shuffled_once'])} over seeds. Shuffled blocks of neighbours settle at "
        f"{numbers['blocks_over_random_shuffled']:.2f} times the level of random orders on shuffled data, and at "
        f"{numbers['blocks_over_random_sorted']:.1f} times on data sorted by price."
    )


def _parts(numbers: Mapping[str, Any], drawn: Sequence[Figure], table: Grid, timed: str) -> tuple[Part, ...]:
    starts, on_shuffled, on_sorted, distances = drawn
    epochs, deviations = numbers["start_epochs"], numbers["start_deviations"]
    level = {name.removeprefix("level_"): _plain(x) for name, x in numbers.items() if name.startswith("level_")}
    return (
        Paragraph(
            f"{numbers['n_samples']} houses with {N_FEATURES} features. SGD (stochastic gradient descent) takes "
            f"{BATCH_SIZE} of them at a time, a batch, and moves the weights w and the constant b of the prediction "
            f"downhill by the batch's average slope times the learning rate η = {numbers['learning_rate']:g}. An epoch "
            "is as many draws as there are houses. Shown is the relative excess loss: how far the mean squared error "
            "is above the least possible one, as a share of that one. Everything is repeated over "
            f"{numbers['n_seeds']} seeds of the random numbers: each has a start and orders of its own, and stores "
            "shuffled data in an order of its own."
        ),
        Heading("Where to start"),
        starts,
        Paragraph(
            "A start's distance is forgotten by the same factor each epoch, at the end by that of the loss's flattest "
            f"direction, which bends upwards by μ = {numbers['least_curvature']:.4f} (its second derivative): theory "
            f"says {_forgetting(numbers)}. So a start a hundred times farther costs epochs, not accuracy: "
            f"{epochs[2]:g} epochs to come within {NEAR:g} from numbers of size {deviations[2]:g}, {epochs[3]:g} from "
            f"numbers of size {deviations[3]:g}, and {epochs[0]:g} from zeros. Zeros are as good as small random "
            "numbers here. In a network with hidden "
            "layers they are not: all its units would start alike, and stay alike."
        ),
        Formula(
            "error after an epoch = error before · (1 − η μ) to the power of n / m          n samples, batches of m"
        ),
        Heading("How to draw"),
        on_shuffled,
        Paragraph(
            "Uniform draws make a batch's slope right on average, and wrong by chance; that chance keeps the "
            "loss from settling at the least. Drawn with replacement (a house may come twice in an epoch, another "
            f"not at all) it settles at {level['shuffled_with_replacement']}; theory, which follows "
            f"the average of the squared error from step to step, says {level['theory_with_replacement']}. "
            "Without replacement each house counts once an epoch, and what one batch has pulled too far another pulls "
            f"back: {level['shuffled_shuffled_each_epoch']} at the ends of epochs. In their middles, "
            f"with half of the houses still to come, it is {level['in_mid_epoch']}: stop at an epoch's end."
        ),
        Paragraph(
            "Shuffled once, the order repeats, and with it its luck: over seeds the level is anywhere from "
            f"{level['low_shuffled_shuffled_once']} to {level['high_shuffled_shuffled_once']}, where new orders keep "
            f"it from {level['low_shuffled_shuffled_each_epoch']} to "
            f"{level['high_shuffled_shuffled_each_epoch']}. The order as stored is one such order."
        ),
        _settled(numbers),
        Heading("In blocks"),
        Paragraph(
            f"Rows far apart in memory are slow to fetch. Blocks of {sgd_epoch.BLOCK_ROWS} neighbouring rows, the "
            "blocks in random order, are read almost in sequence. An epoch over "
            f"{timed.replace('x', ' houses with ')} features takes {1e3 * numbers['blocks_epoch_s']:.3g} ms, one in "
            f"random order {1e3 * numbers['random_epoch_s']:.3g} ms, {numbers['blocks_speedup']:.2f} times as long; "
            "drawing the orders is not counted. What do blocks cost in loss?"
        ),
        table,
        on_sorted,
        Paragraph(
            "On shuffled data neighbours are no more alike than any two houses, and blocks settle at "
            f"{numbers['blocks_over_random_shuffled']:.2f} times the level of random orders. On sorted data a block "
            "holds houses of nearly one price. They err in the same direction, the weights follow each block in turn, "
            f"and the loss settles {numbers['blocks_over_random_sorted']:.1f} times as high. "
            "Shuffle the data once when they are stored, and blocks may be used from then on."
        ),
        distances,
    )


def _plain(value: float) -> str:
    """Return two digits without an exponent."""
    return str(np.format_float_positional(value, precision=2, fractional=False, trim="-"))


def _forgetting(numbers: Mapping[str, Any]) -> str:
    return f"{numbers['forgetting_factor_theory']:.4f} an epoch, measured: {numbers['forgetting_factor']:.4f}"
