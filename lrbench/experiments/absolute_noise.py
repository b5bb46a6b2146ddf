"""SGD for the absolute loss: its steps do not shrink near the stationary point, so it hops; how to mend that.

Source: Dive into Deep Learning, "Linear Regression", exercise 3.
"""

from collections.abc import Sequence
from pkgutil import resolve_name

import numpy as np
from numpy.typing import NDArray

from lrbench.experiments import absolute_figures, absolute_texts
from lrbench.experiments.findings import Findings, Number, Setting
from lrbench.experiments.noise_models import negative_log_laplace
from lrbench.problems.least_absolute_deviations import make_data
from lrbench.problems.trajectories import average_from
from lrbench.regression import absolute_numba_jit, sgd_numba_jit
from lrbench.regression.absolute_numpy_vectorized import vertex_descent
from lrbench.regression.closed_form import qr

QUESTION = "What goes wrong near the stationary point when SGD learns under noise exp(−|e|) / 2, and can it be mended?"

SIZE = "1000x2"
N, UNKNOWNS = 1000, 3
BATCH_SIZE = 10
RATES = (0.32, 0.16, 0.08, 0.04, 0.02, 0.01)
SETTLING = 30.0  # a run forgets its start within so many steps of a rate 1
RATE, DECAY = 0.1, 1.0  # of the mends; epoch k = 0, 1, ... learns at RATE / (1 + DECAY k)
MENDS = {"constant": (0.0, False), "decayed": (DECAY, False), "averaged": (0.0, True), "both": (DECAY, True)}
EPOCHS = (4, 8, 16, 32, 64, 128, 256)
PROGRAM = "lrbench.peers.highs:least_absolute_deviations"
ASIDE = (1.0, -0.5, 2.0)  # a point (w, b) at which gradients are compared, away from the best

Measured = dict[str, Number | Sequence[Number]]
Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Data = tuple[Floats, Floats]
Line = tuple[Floats, float]
NO_AVERAGE = 2**31


def run(setting: Setting) -> Findings:
    """Return how far iterates stay from the exact answer, over learning rates, and what mends it."""
    rng = np.random.default_rng(setting.seed)
    X, y = make_data(SIZE, setting.seed)
    best = vertex_descent(X, y)
    numbers, skipped = exact(X, y, best)
    numbers |= gradients(X, y)
    setting.advance(0.1, "all houses in each step")
    full = full_batch(setting.seed, 6 if setting.quick else 10)
    setting.advance(0.4, "mini-batches")
    mini = mini_batches(X, y, 500 if setting.quick else 4000, rng)
    setting.advance(0.7, "decay and averaging")
    mended = mends(X, y, best, 10 if setting.quick else 60, rng)
    numbers |= {**full, **mini, **mended}
    setting.advance(0.9, "the figures")
    drawn = (
        absolute_figures.staircase(setting.seed),
        absolute_figures.approach(approach(X, y, best)),
        absolute_figures.hops(hops(X, y, rng), best),
        absolute_figures.distances(numbers),
        absolute_figures.mends(numbers),
    )
    return Findings(absolute_texts.parts(numbers, drawn), absolute_texts.answer(numbers), numbers, skipped)


def distance(line: Line, best: Line) -> float:
    """Return the Euclidean distance between two (w, b)."""
    return float(np.hypot(np.linalg.norm(line[0] - best[0]), line[1] - best[1]))


def loss(X: Floats, y: Floats, line: Line) -> float:
    """Return the mean absolute residual."""
    return float(np.mean(np.abs(X @ line[0] + line[1] - y)))


def exponent(x: Floats, y: Floats) -> float:
    """Return p of the power law y = c x^p that fits best in logarithms: the slope of a line, by least squares."""
    return float(qr(np.log(x)[:, None], np.log(y))[0][0])


def exact(X: Floats, y: Floats, best: Line) -> tuple[Measured, tuple[str, ...]]:
    """Return what holds at the minimiser, and how far a linear program's answer is from it."""
    residual = X @ best[0] + best[1] - y
    found: Measured = {
        "exact_w": best[0].tolist(),
        "exact_b": best[1],
        "least_loss": loss(X, y, best),
        "least_negative_log": negative_log_laplace(residual, 1.0),
        "houses_on_the_plane": int(np.sum(np.abs(residual) < 1e-9)),  # noqa: PLR2004  (rounding leaves 1e-15)
        "program_distance": None,
    }
    try:
        program = resolve_name(PROGRAM)
    except ImportError:
        return found, ("the linear program, which needs SciPy: pip install 'lrbench[peers]'",)
    found["program_distance"] = distance(program(X, y), best)
    return found, ()


def gradients(X: Floats, y: Floats) -> Measured:
    """Return the gradient of -log P / n at ASIDE: the core's, as a step of rate 1, and by central differences."""
    w, b = np.array(ASIDE[:2]), ASIDE[2]
    after = absolute_step(X, y, (w, b), 1.0)
    h, differences = 1e-6, []
    for k in range(UNKNOWNS):
        ends = [np.array(ASIDE), np.array(ASIDE)]
        ends[0][k] += h
        ends[1][k] -= h
        high, low = (negative_log_laplace(X @ v[:2] + v[2] - y, 1.0) for v in ends)
        differences.append((high - low) / (2 * h * N))
    return {"gradient_by_step": [*(w - after[0]).tolist(), b - after[1]], "gradient_by_differences": differences}


def absolute_step(X: Floats, y: Floats, line: Line, rate: float, n_steps: int = 1) -> Line:
    """Return the line after steps of the absolute loss's gradient over all houses."""
    orders = np.tile(np.arange(len(y)), (n_steps, 1))
    return absolute_numba_jit.sgd_fit(X, y, *line, orders, len(y), rate, 0.0, NO_AVERAGE)


def squared_step(X: Floats, y: Floats, line: Line, rate: float, n_steps: int = 1) -> Line:
    """Return the line after steps of the squared loss's gradient over all houses."""
    orders = np.tile(np.arange(len(y)), (n_steps, 1))
    return sgd_numba_jit.sgd_fit(X, y, *line, orders, len(y), rate, 0.0, NO_AVERAGE)


def start() -> Line:
    """Return the line from which every run starts."""
    return np.zeros(UNKNOWNS - 1), 0.0


def approach(X: Floats, y: Floats, best: Line) -> dict[str, Floats]:
    """Return the distance from each loss's own minimiser over full-batch steps, by what is drawn."""
    squares = qr(X, y)
    runs = {
        "squared, 0.04": (squared_step, squares, 0.04),
        "absolute, 0.4": (absolute_step, best, 0.4),
        "absolute, 0.04": (absolute_step, best, 0.04),
    }
    found = {}
    for name, (step, goal, rate) in runs.items():
        line, path = start(), []
        for _ in range(2400):
            path.append(distance(line, goal))
            line = step(X, y, line, rate)
        found[name] = np.array(path)
    return found


def full_batch(seed: int, n_samples: int) -> Measured:
    """Return the median distance from the minimiser after settling, all houses in each step, over samples of houses."""
    absolute, squared = np.empty((n_samples, len(RATES))), np.empty((n_samples, len(RATES)))
    for k in range(n_samples):
        X, y = make_data(SIZE, 1000 * seed + k)
        best, squares = vertex_descent(X, y), qr(X, y)
        for j, rate in enumerate(RATES):
            n_steps = int(2 * SETTLING / rate)
            line = absolute_step(X, y, start(), rate, n_steps)
            path = []
            for _ in range(100):
                line = absolute_step(X, y, line, rate)
                path.append(distance(line, best))
            absolute[k, j] = np.median(path)
            squared[k, j] = distance(squared_step(X, y, start(), rate, 2 * n_steps), squares)
    typical = np.median(absolute, axis=0)
    return {
        "full_batch_samples": n_samples,
        "full_batch_distance": typical.tolist(),
        "full_batch_exponent": exponent(np.array(RATES), typical),
        "full_batch_squared_distance": float(squared.max()),
    }


def draw(n_epochs: int, n_visits: int, rng: np.random.Generator) -> Indices:
    """Return houses drawn at random, with replacement, (n_epochs, n_visits)."""
    return rng.integers(0, N, (n_epochs, n_visits))


def mini_batches(X: Floats, y: Floats, n_seen: int, rng: np.random.Generator) -> Measured:
    """Return root mean square distances from each loss's minimiser after settling, and the mean excess loss."""
    best, squares = vertex_descent(X, y), qr(X, y)
    least = loss(X, y, best)
    found = np.empty((3, len(RATES)))
    for j, rate in enumerate(RATES):
        between = BATCH_SIZE * round(1 / rate)  # visits until the next look, which then tells something new
        settling = BATCH_SIZE * int(SETTLING / rate)
        line = absolute_numba_jit.sgd_fit(X, y, *start(), draw(1, settling, rng), BATCH_SIZE, rate, 0.0, NO_AVERAGE)
        other = sgd_numba_jit.sgd_fit(X, y, *start(), draw(1, settling, rng), BATCH_SIZE, rate, 0.0, NO_AVERAGE)
        seen = np.empty((3, n_seen))
        for k in range(n_seen):
            line = absolute_numba_jit.sgd_fit(X, y, *line, draw(1, between, rng), BATCH_SIZE, rate, 0.0, NO_AVERAGE)
            other = sgd_numba_jit.sgd_fit(X, y, *other, draw(1, between, rng), BATCH_SIZE, rate, 0.0, NO_AVERAGE)
            seen[:, k] = distance(line, best) ** 2, distance(other, squares) ** 2, loss(X, y, line) - least
        found[:, j] = seen.mean(axis=1)
    rates = np.array(RATES)
    return {
        "rates": list(RATES),
        "batch_size": BATCH_SIZE,
        "mini_batch_distance": np.sqrt(found[0]).tolist(),
        "mini_batch_theory": np.sqrt(UNKNOWNS * rates / (2 * BATCH_SIZE)).tolist(),
        "mini_batch_squared_distance": np.sqrt(found[1]).tolist(),
        "mini_batch_excess": (found[2] / least).tolist(),
        "mini_batch_exponent": exponent(rates, np.sqrt(found[0])),
        "mini_batch_excess_exponent": exponent(rates, found[2]),
    }


def hops(X: Floats, y: Floats, rng: np.random.Generator) -> dict[float, Floats]:
    """Return (300, 2) iterates of w by learning rate, far enough apart to differ, once the start is forgotten."""
    found = {}
    for rate in (0.2, 0.02):
        visits = draw(1, BATCH_SIZE * int(SETTLING / rate), rng)
        line = absolute_numba_jit.sgd_fit(X, y, *start(), visits, BATCH_SIZE, rate, 0.0, NO_AVERAGE)
        path = []
        for _ in range(300):
            visits = draw(1, BATCH_SIZE * round(1 / rate), rng)
            line = absolute_numba_jit.sgd_fit(X, y, *line, visits, BATCH_SIZE, rate, 0.0, NO_AVERAGE)
            path.append(line[0])
        found[rate] = np.array(path)
    return found


def mended(X: Floats, y: Floats, orders: Indices, decay: float, *, averaged: bool) -> Line:
    """Return the last line, or the mean of those of the later half of the epochs."""
    first = average_from(len(orders)) if averaged else NO_AVERAGE
    return absolute_numba_jit.sgd_fit(X, y, *start(), orders, BATCH_SIZE, RATE, decay, first)


def mends(X: Floats, y: Floats, best: Line, n_runs: int, rng: np.random.Generator) -> Measured:
    """Return the mean relative excess loss after each number of epochs, by how the rate goes and what is averaged."""
    least = loss(X, y, best)
    found = np.zeros((len(MENDS), len(EPOCHS)))
    for _ in range(n_runs):
        orders = draw(EPOCHS[-1], N, rng)
        for j, epochs in enumerate(EPOCHS):
            for i, (decay, averaged) in enumerate(MENDS.values()):
                line = mended(X, y, orders[:epochs], decay, averaged=averaged)
                found[i, j] += (loss(X, y, line) - least) / least / n_runs
    numbers: Measured = {"epochs": list(EPOCHS), "mend_rate": RATE, "mend_runs": n_runs}
    late = np.array(EPOCHS[2:], dtype=np.float64)  # the start is forgotten by then
    for name, excess in zip(MENDS, found, strict=True):
        numbers[f"{name}_excess"] = excess.tolist()
        numbers[f"{name}_exponent"] = exponent(late, excess[2:])
    middle = absolute_numba_jit.sgd_fit(X, y, *start(), draw(2000, N, rng), BATCH_SIZE, RATE, 0.0, 100)
    return {**numbers, "mean_of_hops_distance": distance(middle, best)}
