"""Four ways to say how badly a line misses, and what each does to the steps that look for the best line.

Source: the documents' choice of the squared error; the exercises of Dive into Deep Learning on other losses.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lrbench.experiments import houses, losses
from lrbench.experiments import loss_choice_figures as figures
from lrbench.experiments import loss_choice_text as text
from lrbench.experiments.findings import Findings, Setting
from lrbench.experiments.houses import HUNDRED, Floats
from lrbench.experiments.losses import LOSSES, Descent
from lrbench.regression import absolute_numpy_vectorized, closed_form
from lrbench.regression.numpy_vectorized import predict

QUESTION = "Why the mean of the squares, and not its root, the sum, or the mean of the absolute values?"

N_SAMPLES = 60
PLACE = (0.5, 3.0)  # slope and intercept at which gradients are compared: residuals of both signs
NUDGE = 1e-4
SLIPPED = (1.0, 0.0)  # slope and intercept from which descent with a slip starts: the best slope is near one
SHRINKING = tuple(2.0**-k for k in range(11))
RATE = 0.1
SAME = (("mse", RATE), ("rmse", RATE), ("mae", RATE))
TOO_LARGE = 3.0  # times the smallest RMSE; twice is the largest rate with which RMSE's descent arrives
N_STEPS = 4000  # the smaller rate reaches the last, nearly level edges of MAE within 2000, over many seeds
FEW = 50  # steps
LAST = 100  # steps, at the end, that say whether a descent arrives
COUNTS = (15, 60, 240, 960)
HALVINGS = 30
TRIAL = 400  # steps after which a loss above its start means that the rate is too large
BLOCK = 20  # steps between two looks at the loss
RUNAWAY = 1e6  # times the first loss: it will not come back
ALLOWANCE = 1e-9  # 100 000 euros: rounding, for a line that passes through a house

Numbers = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Data:
    """Houses with standardised areas, prices in hundreds of thousands of euros, and their best lines."""

    X: Floats  # (n, 1)
    y: Floats  # (n,)
    squares: Floats  # (2,): slope and intercept of the least squares
    absolute: Floats  # (2,): of the least absolute deviations


def make(seed: int, n: int) -> Data:
    """Return n houses."""
    area, price = houses.in_hundreds(*houses.make(seed, n))
    return with_lines(houses.standardised(area)[0], price)


def with_lines(X: Floats, y: Floats) -> Data:
    """Return the data with their best lines."""
    (w, b), (v, c) = closed_form.qr(X, y), absolute_numpy_vectorized.vertex_descent(X, y)
    return Data(X, y, np.array([*w, b]), np.array([*v, c]))


def without_noise(data: Data) -> Data:
    """Return the same houses, each at the price that the least-squares line predicts: all residuals can vanish."""
    return Data(data.X, predict(data.X, data.squares[:1], float(data.squares[1])), data.squares, data.squares)


def run(setting: Setting) -> Findings:
    """Return the four losses' gradients, how they shrink, and what a fixed learning rate then does."""
    data = make(setting.seed, N_SAMPLES)
    exact = without_noise(data)
    numbers = _lines(data) | _gradients(data)
    setting.advance(0.1, "gradients near the best line")
    sizes = {"noisy": _sizes(data), "exact": _sizes(exact)}
    for kind, found in sizes.items():
        numbers |= {f"{kind}_{name}_sizes": each for name, each in found.items()}
    setting.advance(0.2, "descent at a fixed rate")
    too_large = TOO_LARGE * numbers["smallest_rmse"]
    noisy = _descents(data, (*SAME, ("mae", RATE / 10), ("rmse", too_large)))
    exactly = _descents(exact, (*SAME, ("mae", RATE / 10), ("rmse", RATE / 10)))
    numbers |= _arrivals(noisy, exactly, numbers["smallest_rmse"]) | _other_units(data)
    setting.advance(0.5, "the largest rate")
    numbers |= _limits(setting.seed)
    setting.advance(0.9, "one wrong price")
    numbers |= _spoilt(data)
    drawn = {
        "losses": figures.losses(data.X, data.y, data.squares, data.absolute),
        "sizes": figures.sizes(SHRINKING, sizes),
        "descents": figures.descents(noisy, exactly),
        "limits": figures.limits(numbers),
    }
    return Findings(text.parts(numbers, drawn), text.answer(numbers), numbers)


def _lines(data: Data) -> Numbers:
    residual = predict(data.X, data.absolute[:1], float(data.absolute[1])) - data.y
    return {
        "n_samples": len(data.y),
        "least_squares_line": [*data.squares],
        "least_absolute_line": [*data.absolute],
        "houses_on_the_absolute_line": int(np.sum(np.abs(residual) < ALLOWANCE)),
        "smallest_rmse": losses.loss("rmse", data.X, data.y, data.squares[:1], float(data.squares[1])),
    }


def _gradients(data: Data) -> Numbers:
    """Return the gradients at PLACE by formula and by nudging, and with each slip of the document's alone."""
    X, y, w, b = data.X, data.y, np.array(PLACE[:1]), PLACE[1]
    found: Numbers = {"place": [*PLACE]}
    for name in LOSSES:
        grad_w, grad_b = losses.gradient(name, X, y, w, b)
        found[f"{name}_loss"] = losses.loss(name, X, y, w, b)
        found[f"{name}_gradient"] = [float(grad_w[0]), grad_b]
        found[f"{name}_nudged"] = [*losses.nudged(name, X, y, w, b, NUDGE)]
    residual, area, n = predict(X, w, b) - y, X[:, 0], len(y)
    mse, rmse = np.array(found["mse_gradient"]), np.array(found["rmse_gradient"])
    cosine = mse @ rmse / np.linalg.norm(mse) / np.linalg.norm(rmse)
    return found | {
        "rmse_direction_cosine": float(cosine),
        "mse_over_rmse_gradient": [*(mse / rmse)],
        "slip_slope_for_area": [2.0 * float(np.mean(PLACE[0] * residual)), float(mse[1])],
        "slip_no_mean": [*(n * mse)],
        "slip_rmse_no_mean": [*(np.sqrt(n) * rmse)],
        "slip_no_sign": [float(np.mean(each * np.abs(residual))) / found["rmse_loss"] for each in (area, np.ones(n))],
        "slip_no_root": [*(rmse * found["rmse_loss"])],
        "slip_starts_at": [*SLIPPED],
        "slip_ends_at": _with_slip(data),
    }


def _with_slip(data: Data) -> list[float]:
    """Return where descent from SLIPPED ends if its derivative by w has w in place of the area."""
    w, b = SLIPPED
    for _ in range(N_STEPS):
        mean_residual = float(np.mean(predict(data.X, np.array([w]), b) - data.y))
        w, b = w - RATE * 2.0 * w * mean_residual, b - RATE * 2.0 * mean_residual
    return [w, b]


def _best(data: Data, name: str) -> Floats:
    return data.absolute if name == "mae" else data.squares


def _sizes(data: Data) -> dict[str, list[float]]:
    """Return each gradient's length at lines that come nearer to the best one, in a straight way from slope 0, b 0."""
    found: dict[str, list[float]] = {}
    for name in ("mse", "rmse", "mae"):
        best = _best(data, name)
        found[name] = []
        for share in SHRINKING:
            at = (1.0 - share) * best
            grad_w, grad_b = losses.gradient(name, data.X, data.y, at[:1], float(at[1]))
            found[name].append(float(np.hypot(grad_w[0], grad_b)))
    return found


def _descents(data: Data, chosen: tuple[tuple[str, float], ...]) -> list[Descent]:
    """Return the distance from each loss's best line, in thousands of euros, before and after each step.

    Areas being standardised, that of (w, b) is the root mean squared difference of the two lines' predictions.
    """
    found = []
    for name, rate in chosen:
        path = losses.descend(name, data.X, data.y, np.zeros(1), 0.0, rate, N_STEPS)
        found.append(Descent(name, rate, HUNDRED * np.linalg.norm(path - _best(data, name), axis=1)))
    return found


def _arrivals(noisy: list[Descent], exact: list[Descent], smallest_rmse: float) -> Numbers:
    """Return how far from the best line the last steps are, in thousands of euros."""

    def last(descent: Descent) -> Floats:
        return descent.distances[-LAST:]

    names = "mse", "rmse", "mae", "mae_slow", "rmse_other"
    numbers: Numbers = {"rate": RATE, "n_steps": N_STEPS, "rmse_too_large_rate": noisy[-1].rate}
    for kind, descents in (("noisy", noisy), ("exact", exact)):
        for name, descent in zip(names, descents, strict=True):
            numbers[f"{kind}_{name}_farthest"] = float(last(descent).max())
            numbers[f"{kind}_{name}_mean"] = float(last(descent).mean())
    excess = (noisy[-1].rate / 2.0) ** 2 - smallest_rmse**2
    return numbers | {
        "start_distance": float(noisy[0].distances[0]),
        "rmse_largest_rate": 2.0 * smallest_rmse,
        "rmse_expected_hop": HUNDRED * float(np.sqrt(excess)),
        "exact_rmse_two_steps": [HUNDRED**-1 * float(exact[k].distances[-2:].sum()) for k in (1, 4)],
    }


def _other_units(data: Data) -> Numbers:
    """Return the share of the starting distance that FEW steps leave, prices in 100 000 euros and in 1000."""
    numbers: Numbers = {"few_steps": FEW}
    for name in ("mse", "rmse"):
        shares = []
        for unit in (1.0, HUNDRED):
            path = losses.descend(name, data.X, unit * data.y, np.zeros(1), 0.0, RATE, FEW)
            distances = np.linalg.norm(path - unit * data.squares, axis=1)
            shares.append(float(distances[-1] / distances[0]))
        numbers[f"{name}_shares_left"] = shares
    return numbers


def _limits(seed: int) -> Numbers:
    """Return the largest learning rates with which the loss does not grow, for more and more houses."""
    numbers: Numbers = {"counts": list(COUNTS)}
    samples = [make(seed, n) for n in COUNTS]
    for name in ("mse", "sum"):
        numbers[f"{name}_limits"] = [largest_rate(name, data) for data in samples]
    return numbers


def largest_rate(name: str, data: Data) -> float:
    """Return the learning rate above which descent from slope 0 and intercept 0 ends higher than it began."""
    low = high = 1.0
    while _arrives(name, data, high):
        high *= 2.0
    while not _arrives(name, data, low):
        low /= 2.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if _arrives(name, data, middle) else (low, middle)
    return low


def _arrives(name: str, data: Data, rate: float) -> bool:
    start = at = losses.loss(name, data.X, data.y, np.zeros(1), 0.0)
    w, b = np.zeros(1), 0.0
    for _ in range(TRIAL // BLOCK):
        end = losses.descend(name, data.X, data.y, w, b, rate, BLOCK)[-1]
        w, b = end[:1], float(end[1])
        at = losses.loss(name, data.X, data.y, w, b)
        if at > RUNAWAY * start:
            break
    return at < start


def _spoilt(data: Data) -> Numbers:
    """Return how far the best lines move for one price typed ten times too high, in thousands of euros."""
    y = data.y.copy()
    y[0] *= 10.0
    after = with_lines(data.X, y)
    return {
        "spoilt_price": HUNDRED * float(data.y[0]),
        "squares_move": HUNDRED * float(np.linalg.norm(after.squares - data.squares)),
        "absolute_move": HUNDRED * float(np.linalg.norm(after.absolute - data.absolute)),
    }
