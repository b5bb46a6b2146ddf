"""Linear regression from the beginning: a line through prices, by formula and by descent; then more features.

Source: Dive into Deep Learning, "Linear Regression", sections "Linear Model" to "Making Predictions".
"""

from dataclasses import dataclass

import numpy as np

from lrbench.experiments import house_prices_figures as figures
from lrbench.experiments import house_prices_plane, houses
from lrbench.experiments import house_prices_text as text
from lrbench.experiments.findings import Findings, Number, Setting
from lrbench.experiments.houses import Floats
from lrbench.regression import closed_form
from lrbench.regression.iterations_numpy_vectorized import gram_descent
from lrbench.regression.numpy_vectorized import gradient, gradient_descent, predict, squared_loss

QUESTION = "What does linear regression do, and how does a computer find the line?"

N_KNOWN = 60
N_NEW = 40
LEARNING_RATE = 0.3
TOO_LARGE = 1.1  # times the largest rate that works
SHOWN = (0, 1, 2, 5, 20, 100, 400)  # steps
N_FEATURES = (1, 2, 4)  # the line, the plane, the hyperplane
NUDGE = 1e-3
NEAR = 0.01  # of the smallest loss: the excess at which the steps are counted
FINE = 1000  # steps that are counted one by one; beyond, to a hundredth

Numbers = dict[str, Number | list[Number]]


@dataclass(frozen=True, slots=True)
class Descent:
    """The path of a line with one feature."""

    X: Floats  # (n, 1)
    y: Floats  # (n,)
    path: Floats  # (steps + 1, 2): slope and intercept after each step
    losses: Floats  # (steps + 1,)
    best: Floats  # (2,): the least-squares slope and intercept


def descend(X: Floats, y: Floats, rate: float, n_steps: int) -> Descent:
    """Return the steps of gradient descent from slope 0 and intercept 0."""
    w, b = np.zeros(1), 0.0
    path = [(0.0, 0.0)]
    for _ in range(n_steps):
        w, b, _, _ = gradient_descent(X, y, w, b, rate, 0.0, 1)
        path.append((float(w[0]), b))
    losses = np.array([squared_loss(X, y, np.array([slope]), intercept) for slope, intercept in path])
    w, b = closed_form.qr(X, y)
    return Descent(X, y, np.array(path), losses, np.array([*w, b]))


def misprinted(X: Floats, y: Floats, rate: float, n_steps: int) -> float:
    """Return the loss after steps whose update of b leaves b out of the residual, as the document prints it."""
    w, b = np.zeros(1), 0.0
    for _ in range(n_steps):
        grad_w, grad_b = gradient(X, y, w, b)
        w, b = w - rate * grad_w, b - rate * (grad_b - b)
    return squared_loss(X, y, w, b)


def steps_until_near(X: Floats, y: Floats) -> int:
    """Return the number of steps after which the loss is within 1 % of the smallest, at the rate 1 / curvature."""
    rate = 1.0 / float(np.linalg.eigvalsh(houses.curvature(X))[-1])
    enough = (1.0 + NEAR) * squared_loss(X, y, *closed_form.qr(X, y))
    w, b, steps = np.zeros(X.shape[1]), 0.0, 0
    while squared_loss(X, y, w, b) > enough:
        block = max(1, steps // 100) if steps >= FINE else 1
        w, b, _, _ = gram_descent(X, y, w, b, rate, 0.0, block)
        steps += block
    return steps


def run(setting: Setting) -> Findings:
    """Return the line, its way under descent, the plane and the hyperplane, and what they say of new houses."""
    X, y = houses.make(setting.seed, N_KNOWN + N_NEW)
    known, new = (X[:N_KNOWN], y[:N_KNOWN]), (X[N_KNOWN:], y[N_KNOWN:])
    setting.advance(0.1, "descent")
    area, price = houses.in_hundreds(*known)
    hundreds = descend(area, price, LEARNING_RATE, SHOWN[-1])
    evened, _, _ = houses.standardised(area)
    even = descend(evened, price, LEARNING_RATE, SHOWN[-1])
    setting.advance(0.4, "steps in three units")
    numbers = _line(hundreds) | _ways(hundreds, even, known[0][:, :1])
    setting.advance(0.9, "plane and hyperplane")
    fits = [closed_form.qr(known[0][:, :d], known[1]) for d in N_FEATURES]
    numbers |= _planes(fits, known, new)
    drawn = {
        "line": figures.line(known, numbers),
        "steps": figures.steps(known, hundreds.path, hundreds.losses, SHOWN),
        "rings": figures.rings(hundreds.path, hundreds.best, even.path, even.best, evened, area, SHOWN),
        "plane": house_prices_plane.figure(known, *fits[1]),
        "predictions": figures.predictions(known, new, fits[0], fits[-1]),
    }
    return Findings(text.parts(numbers, known, new, fits, drawn), text.answer(numbers), numbers)


def _line(descent: Descent) -> Numbers:
    """Return the best line, and what its way says."""
    X, y = descent.X, descent.y
    slope, intercept = descent.best
    residual = predict(X, descent.best[:1], intercept) - y
    grad_w, grad_b = gradient(X, y, np.zeros(1), 0.0)

    def loss(w: float, b: float) -> float:
        return squared_loss(X, y, np.array([w]), b)

    limit = 2.0 / float(np.linalg.eigvalsh(houses.curvature(X))[-1])
    return {
        "n_known": N_KNOWN,
        "n_new": N_NEW,
        "slope": slope,
        "intercept": houses.HUNDRED * intercept,
        "residual_sum": houses.HUNDRED * residual.sum(),
        "area_residual_sum": houses.HUNDRED**2 * (X[:, 0] @ residual),
        "smallest_loss": loss(slope, intercept),
        "learning_rate": LEARNING_RATE,
        "start_derivative_by_slope": float(grad_w[0]),
        "start_derivative_by_intercept": grad_b,
        "start_nudged_by_slope": (loss(NUDGE, 0.0) - loss(-NUDGE, 0.0)) / (2 * NUDGE),
        "start_nudged_by_intercept": (loss(0.0, NUDGE) - loss(0.0, -NUDGE)) / (2 * NUDGE),
        "shown_steps": list(SHOWN),
        "shown_slopes": [float(descent.path[k, 0]) for k in SHOWN],
        "shown_intercepts": [float(descent.path[k, 1]) for k in SHOWN],
        "shown_losses": [float(descent.losses[k]) for k in SHOWN],
        "largest_learning_rate": limit,
        "too_large_rate": TOO_LARGE * limit,
        "too_large_loss": float(descend(X, y, TOO_LARGE * limit, 50).losses[-1]),
        "misprinted_loss": misprinted(X, y, LEARNING_RATE, SHOWN[4]),
    }


def _ways(hundreds: Descent, even: Descent, metres: Floats) -> Numbers:
    """Return the steps that the same line takes with areas in m², in hundreds of m², and standardised."""
    units = metres, hundreds.X, even.X
    curvatures = [np.linalg.eigvalsh(houses.curvature(X)) for X in units]
    return {
        "steps_until_near": [steps_until_near(X, hundreds.y) for X in units],
        "curvature_ratios": [float(values[-1] / values[0]) for values in curvatures],
    }


def _planes(fits: list[tuple[Floats, float]], known: tuple[Floats, Floats], new: tuple[Floats, Floats]) -> Numbers:
    """Return the coefficients with one, two and four features, and their residuals' typical size."""
    X, y = known
    evened, mean, deviation = houses.standardised(X)
    w, b, _, _ = gradient_descent(evened, y, np.zeros(X.shape[1]), 0.0, LEARNING_RATE, 0.0, 2000)
    coefficients = w / deviation
    by_descent = np.array([*coefficients, b - mean @ coefficients])
    return {
        "plane": [*fits[1][0], fits[1][1]],
        "hyperplane": [*fits[2][0], fits[2][1]],
        "hyperplane_by_descent_differs": float(np.abs(by_descent - np.array([*fits[2][0], fits[2][1]])).max()),
        "rmse_known": [rmse(*known, *fit) for fit in fits],
        "rmse_new": [rmse(*new, *fit) for fit in fits],
        "largest_area": float(X[:, 0].max()),
        "rule": [*houses.RULE, houses.BASE],
        "noise": houses.NOISE,
    }


def rmse(X: Floats, y: Floats, w: Floats, b: float) -> float:
    """Return the root of the mean squared residual, from the first columns of X."""
    return float(np.sqrt(2.0 * squared_loss(X[:, : len(w)], y, w, b)))
