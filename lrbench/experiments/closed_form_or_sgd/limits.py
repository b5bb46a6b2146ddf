"""Where the closed form breaks: columns alike, observations alike, more columns than observations."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrbench import gate
from lrbench.accuracy.rational import as_reference, solve_exactly
from lrbench.problems import houses
from lrbench.registry import Reference, worst_relative_error

Floats = NDArray[np.float64]
Answer = tuple[Floats, float]
Solver = Callable[..., Answer]  # (X, y, intercept)

SOLVERS = ("inverse", "solve", "cholesky", "qr", "svd", "refined")
N_SAMPLES, DEVIATION = 60, 0.5  # observations, and the standard deviation of their noise, in 100 000 euros
EXPONENTS = tuple(range(16))  # columns that differ by 10 to the power of minus these
DISTINCT = (3, 12)  # houses of which the alike observations are; with an intercept there are four coefficients
WIDE_N, WIDE_D = 20, 30
_SGD_EPOCHS, _WIDE_EPOCHS = 1_000, 30_000
_BATCH_SIZE = 10


def solver(name: str) -> Solver:
    """Return one of the core's closed forms."""
    module = "refined" if name == "refined" else "closed_form"
    return gate.resolve(f"lrbench.regression.{module}:{name}")


@dataclass(frozen=True, slots=True)
class Alike:
    """What is left of an answer at one difference between columns, or observations."""

    difference: float
    condition_number: float  # of the centred columns, brought to norm 1
    coefficients: Mapping[str, float | None]  # correct digits of the worst, by solver; None: refused
    predictions: Mapping[str, float | None]  # correct digits of the worst prediction for the data themselves
    answers: Mapping[str, Answer]
    exact: Reference
    noise: float  # standard deviation that the data's noise gives the first coefficient


def columns_alike(seed: int, difference: float) -> tuple[Floats, Floats]:
    """Return (X, y) of houses whose area stands there twice, the second measured anew, with that much of an error.

    X: area, area again, age, standardised to standard deviation 1 before the error is added.
    """
    rng = np.random.default_rng([seed, 5])
    X, prices = houses.exact_houses(f"{N_SAMPLES}x2", rng)
    error, noise = rng.standard_normal((2, N_SAMPLES))
    return np.column_stack([X[:, 0], X[:, 0] + difference * error, X[:, 1]]), prices + DEVIATION * noise


def observations_alike(seed: int, difference: float, n_distinct: int) -> tuple[Floats, Floats]:
    """Return (X, y) of so many houses, each observed again and again, its three features with that much of an error."""
    rng = np.random.default_rng([seed, 6])
    X, prices = houses.exact_houses(f"{max(DISTINCT)}x3", rng)
    which = np.arange(N_SAMPLES) % n_distinct
    errors, noise = rng.standard_normal((N_SAMPLES, 3)), rng.standard_normal(N_SAMPLES)
    return X[which] + difference * errors, prices[which] + DEVIATION * noise


def measured(X: Floats, y: Floats, difference: float) -> Alike:
    """Return the digits of every solver against the exact rational solution."""
    exact = as_reference(solve_exactly(X, y), X)
    centred = X - X.mean(axis=0)
    answers: dict[str, Answer] = {}
    for name in SOLVERS:
        try:
            answers[name] = solver(name)(X, y)
        except np.linalg.LinAlgError:  # refused, and that is said in its place
            continue
    rows = np.linalg.pinv(centred, rcond=0.0)
    return Alike(
        difference=difference,
        condition_number=float(np.linalg.cond(centred / np.linalg.norm(centred, axis=0))),
        coefficients={name: _coefficient_digits(answers.get(name), exact) for name in SOLVERS},
        predictions={name: _prediction_digits(X, answers.get(name), exact) for name in SOLVERS},
        answers=answers,
        exact=exact,
        noise=DEVIATION * float(np.linalg.norm(rows[0])),
    )


def _coefficient_digits(answer: Answer | None, exact: Reference) -> float | None:
    if answer is None:
        return None
    return gate.digits(worst_relative_error((), exact, (answer[0], np.array(answer[1]))))


def _prediction_digits(X: Floats, answer: Answer | None, exact: Reference) -> float | None:
    """Return the correct digits of the worst prediction, relative to the largest.

    Coefficients first, then the product: the predictions themselves would cancel the digits that are asked for.
    """
    if answer is None:
        return None
    w = (answer[0] - exact.answers[0]) - exact.tails[0]
    b = (answer[1] - exact.answers[1]) - exact.tails[1]
    largest = float(np.max(np.abs(X @ exact.answers[0] + exact.answers[1])))
    return gate.digits(float(np.max(np.abs(X @ w + b))) / largest)


def digits_lost_a_decade(found: Sequence[Alike], name: str) -> float:
    """Return how many digits a solver loses for each factor of ten of the condition number.

    The slope of a line through its digits, where they are neither all there nor all gone, by the project's own QR.
    """
    pairs = [(math.log10(each.condition_number), each.coefficients[name]) for each in found]
    inside = [(k, digits) for k, digits in pairs if digits is not None and 1.0 < digits < 15.5]  # noqa: PLR2004  (of 0 to 16)
    if len(inside) < 3:  # noqa: PLR2004  (nothing lost, or all at once)
        return 0.0
    k, digits = np.array(inside).T
    (slope,), _ = solver("qr")(k[:, None], digits)
    return -float(slope)


def compared_with_sgd(found: Alike, seed: int) -> dict[str, float]:
    """Return what averaged mini-batch SGD makes of columns alike in a thousand epochs, beside the exact answer."""
    X, y = columns_alike(seed, found.difference)
    descend = gate.resolve("lrbench.regression.sgd_numba_jit:sgd_fit")
    rate, orders = houses.safe_learning_rate(X), _orders(len(X), _SGD_EPOCHS, seed)
    w, b = descend(X, y, np.zeros(X.shape[1]), 0.0, orders, _BATCH_SIZE, rate, 0.0, _SGD_EPOCHS // 2)
    exact = found.exact.answers
    away = X @ (w - exact[0]) + (b - exact[1])
    residual = y - X @ exact[0] - exact[1]
    return {
        "alike_exact_w1": float(exact[0][0]),
        "alike_exact_w2": float(exact[0][1]),
        "alike_sgd_w1": float(w[0]),
        "alike_sgd_w2": float(w[1]),
        "alike_sgd_excess": float(away @ away) / float(residual @ residual),
        "alike_noise_of_w1": found.noise,
    }


def _orders(n: int, n_epochs: int, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, 7]).permuted(np.tile(np.arange(n), (n_epochs, 1)), axis=1)


@dataclass(frozen=True, slots=True)
class Wide:
    """What one way finds where there are more coefficients than observations."""

    name: str
    refusal: str  # why there is no answer
    size: float = math.nan  # of the answer: the Euclidean norm of (w, b)
    residual: float = math.nan  # the largest |X w + b - y|
    from_shortest: float = math.nan  # the Euclidean distance from the minimum-norm solution
    moved: float = math.nan  # along directions that no observation tells anything about, from where it began


def wide_data(seed: int) -> tuple[Floats, Floats]:
    """Return (X, y) with 30 features of 20 houses."""
    rng = np.random.default_rng([seed, 8])
    X = rng.standard_normal((WIDE_N, WIDE_D))
    return X, X @ rng.standard_normal(WIDE_D) + DEVIATION * rng.standard_normal(WIDE_N)


def shortest(A: Floats, y: Floats) -> Floats:
    """Return the shortest v with A v = y, which is A'(A A')^-1 y where the rows of A are independent."""
    return np.asarray(A.T @ np.linalg.solve(A @ A.T, y))


def wide(seed: int) -> list[Wide]:
    """Return what every solver, and every iteration, makes of fewer observations than coefficients.

    The closed forms get [X 1] without a further intercept, so that all ways see the same columns.
    """
    X, y = wide_data(seed)
    A = np.column_stack([X, np.ones(WIDE_N)])
    found = [_tried(name, partial(solver(name), A, y, False), A, y) for name in SOLVERS[:-1]]  # noqa: FBT003  (by position, like every target)
    fit = gate.resolve("lrbench.regression.fitting:fit")

    def refined() -> Answer:
        checked = fit(X, y)
        return checked.coefficients, checked.intercept

    found.append(_tried("refined", refined, A, y))
    descent = gate.resolve("lrbench.regression.numba_jit:gradient_descent")
    rate = 1.0 / float(np.linalg.eigvalsh(A.T @ A / WIDE_N)[-1])
    starts = {"gradient descent from 0": (np.zeros(WIDE_D), 0.0)}
    starts["gradient descent from elsewhere"] = houses.random_start(WIDE_D, seed)
    for name, (w, b) in starts.items():
        run = partial(descent, X, y, 10.0 * w, 10.0 * b, rate, 1e-12, 200_000)
        found.append(_tried(name, run, A, y, start=10.0 * np.append(w, b)))
    sgd = gate.resolve("lrbench.regression.sgd_numba_jit:sgd_fit")
    orders, rate = _orders(WIDE_N, _WIDE_EPOCHS, seed), houses.safe_learning_rate(X)
    run = partial(sgd, X, y, np.zeros(WIDE_D), 0.0, orders, _BATCH_SIZE, rate, 0.0, _WIDE_EPOCHS)
    return [*found, _tried("SGD from 0", run, A, y)]


def _tried(name: str, run: Callable[[], Sequence[Any]], A: Floats, y: Floats, start: Floats | None = None) -> Wide:
    try:
        w, b = run()[:2]
    except np.linalg.LinAlgError as error:
        return Wide(name, str(error).split(". ")[0].rstrip("."))
    v = np.append(w, b) if len(w) < A.shape[1] else w
    unseen = np.eye(A.shape[1]) - np.linalg.pinv(A) @ A
    begun = np.zeros(A.shape[1]) if start is None else start
    return Wide(
        name,
        "",
        size=float(np.linalg.norm(v)),
        residual=float(np.max(np.abs(A @ v - y))),
        from_shortest=float(np.linalg.norm(v - shortest(A, y))),
        moved=float(np.linalg.norm(unseen @ (v - begun))),
    )
