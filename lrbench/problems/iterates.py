"""The iterates of `fit` and how far float64 may stray from them: in double-double, or in 50 decimal digits.

Full-batch steps are taken on the normal equations, which hold all that they depend on: exact products, summed in
double-double, so that a step costs n_features^2 at any number of samples.
"""

import decimal
import math
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np

from lrbench.problems import houses, trajectories
from lrbench.problems.sgd_epoch import iterate_tolerance
from lrbench.registry import Floats, Inputs, Iteration, NoReference, Reference

_DIGITS = 50
_SAFETY = 10.0  # of a residual's sign: its own rounding, and that of the coefficients, by as many tolerances
_TRIALS = 20
_NOISE = 2.0**-30  # small enough that the response is linear, large enough that float64 shows it in seven digits


@dataclass(frozen=True, slots=True)
class _Quadratic:
    """The loss as a quadratic function of v = (w, b): its gradient is H v - c."""

    H: Any  # arrays of Decimal
    c: Any
    start: Any
    n_samples: int
    mean_square: float  # of the targets

    @property
    def rounding(self) -> float:
        """Error of a gradient computed in float64, from the data or from their Gram matrix, relative to magnitude."""
        return houses.sum_tolerance(self.n_samples) + houses.sum_tolerance(len(self.c) + 1)

    def magnitude(self, v: Floats) -> Floats:
        """Return what the terms of the gradient at v sum to at most, by the Cauchy-Schwarz inequality."""
        norms = np.sqrt(np.diag(self.H).astype(float))
        return np.asarray(norms * (norms @ np.abs(v) + math.sqrt(self.mean_square)))


def _quadratic(X: Floats, y: Floats, w: Floats, b: float) -> _Quadratic:
    from lrbench.problems import exact

    gram_high, gram_low, target_high, target_low = exact.normal_equations(X, y)
    n = len(y)
    H = (_decimals(gram_high) + _decimals(gram_low)) / n
    c = (_decimals(target_high) + _decimals(target_low)) / n
    return _Quadratic(H, c, _decimals(np.append(w, b)), n, float(y @ y) / n)


def _decimals(values: Floats) -> Any:
    return np.vectorize(lambda value: Decimal(float(value)), otypes=[object])(values)


def sgd(arguments: Inputs, *, absolute: bool = False) -> Reference:
    """Return the last iterate, or the mean iterate of the averaged epochs; tolerance as for one epoch, over all.

    absolute: by the subgradient of the absolute loss, whose steps do not depend on a residual but for its sign. An
    early error then neither grows nor shrinks, unless it turns a sign: NoReference where rounding could.
    """
    from lrbench.problems import exact

    take_epoch = exact.absolute_sgd_epoch if absolute else exact.sgd_epoch

    X, y, w, b, orders, batch_size, learning_rate, decay, average_from = arguments
    w_pair, b_pair, largest, nearest = exact.pair(w), exact.pair(b), 0.0, math.inf
    total = exact.pair(np.zeros(w.size + 1))
    for epoch, order in enumerate(orders):
        rate = learning_rate / (1 + decay * epoch)
        high, low, magnitude, *distance = take_epoch(X, y, w_pair, b_pair, order, batch_size, rate)
        largest, nearest = max(largest, magnitude), min([nearest, *distance])
        if epoch >= average_from:
            exact.add_in_place(total, high)
            exact.add_in_place(total, low)
    epoch_steps = -(-len(X) // batch_size)
    tolerance = iterate_tolerance(X.shape[1], batch_size, epoch_steps * len(orders))
    if nearest < _SAFETY * tolerance:
        message = (
            f"a residual of {nearest:.0e}, relative to its terms, leaves its sign to rounding. Try another --seed."
        )
        raise NoReference(message)
    averaged = epoch_steps * (len(orders) - average_from)
    if averaged <= 0:
        values = np.append(w_pair[0], b_pair[0]), np.append(w_pair[1], b_pair[1])
        return _iterate(values, largest, tolerance)
    return _iterate(exact.quotient(total, averaged), largest, tolerance + houses.sum_tolerance(averaged))


def epochs(*, averaged: bool, absolute: bool = False) -> Iteration:
    """Return how SGD is followed epoch by epoch.

    averaged: whether the answer is the mean of the later half's iterates.   absolute: as of `sgd`.
    """
    return Iteration(
        "epoch",
        count=lambda arguments: len(arguments[4]),
        shorten=lambda arguments, k: (
            *arguments[:4],
            arguments[4][:k],
            *arguments[5:8],
            trajectories.average_from(k) if averaged else k,
        ),
        reference=partial(sgd, absolute=absolute),
    )


def descent(arguments: Inputs) -> Reference:
    """Return the iterate after max_iterations full-batch steps, on the data or on the Gram matrix.

    Tolerance: a step errs by the rate times the gradient's error; none enlarges the errors before it, and they shrink
    by 1 - rate mu a step, mu the least curvature, so that no more than 1 / (rate mu) of them add up.
    """
    X, y, w, b, learning_rate, _, iterations = arguments
    with decimal.localcontext(prec=_DIGITS):
        quadratic = _quadratic(X, y, w, b)
        v, rate, largest = quadratic.start, Decimal(learning_rate), 0.0
        for _ in range(iterations):
            largest = max(largest, float(np.max(learning_rate * quadratic.magnitude(v.astype(float)))))
            v = v - rate * (quadratic.H @ v - quadratic.c)
            largest = max(largest, float(np.max(np.abs(v))))
        least = float(np.linalg.eigvalsh(quadratic.H.astype(float))[0])
        adding_up = min(iterations, 1.0 / max(learning_rate * least, np.finfo(float).tiny))
        return _iterate(_pair(v), largest, math.sqrt(v.size) * adding_up * quadratic.rounding)


def conjugate_gradients(arguments: Inputs) -> Reference:
    """Return the iterate after max_iterations steps of conjugate gradients, on the data or on the Gram matrix.

    Tolerance: a step divides sums by sums that depend on all steps before, and rounding costs the directions their
    conjugacy; no bound in closed form is of use. It is found by trying: the same steps are taken with every sum
    disturbed at random by a known share of its magnitude, and the largest response of the iterate in 20 trials,
    for each unit of disturbance, is multiplied by the rounding error of such a sum. That holds while responses are in
    proportion, which they are for as many steps as there are unknowns.
    """
    X, y, w, b, _, iterations = arguments
    with decimal.localcontext(prec=_DIGITS):
        quadratic = _quadratic(X, y, w, b)
        v = quadratic.start
        slope = quadratic.c - quadratic.H @ v
        direction, square = slope, slope @ slope
        for _ in range(iterations):
            if not square:
                break
            change = quadratic.H @ direction
            step = square / (direction @ change)
            v, slope = v + step * direction, slope - step * change
            previous, square = square, slope @ slope
            direction = slope + (square / previous) * direction
        largest = float(np.max(np.abs(np.concatenate([v, quadratic.start]))))
        return _iterate(_pair(v), largest, _response(quadratic, iterations) / largest * quadratic.rounding)


def _response(quadratic: _Quadratic, iterations: int) -> float:
    """Return the largest change of an iterate, for each unit of disturbance."""
    undisturbed = _disturbed(quadratic, iterations, 0.0, np.random.default_rng(0))
    changes = [
        np.max(np.abs(_disturbed(quadratic, iterations, _NOISE, np.random.default_rng(trial)) - undisturbed))
        for trial in range(_TRIALS)
    ]
    return float(max(changes)) / _NOISE + float(np.max(np.abs(undisturbed)))  # the answer itself is rounded, too


def _disturbed(quadratic: _Quadratic, iterations: int, noise: float, chance: np.random.Generator) -> Floats:
    """Return an iterate of conjugate gradients in float64 that has every sum disturbed."""
    H, c, v = (part.astype(float) for part in (quadratic.H, quadratic.c, quadratic.start))
    norms = np.sqrt(np.diag(H))
    magnitude = quadratic.magnitude(v)

    def sign(size: int) -> Floats:
        return noise * chance.choice([-1.0, 1.0], size)

    slope = c - H @ v + sign(v.size) * magnitude
    direction, square = slope, slope @ slope
    for _ in range(iterations):
        if not square:
            break
        change = H @ direction + sign(v.size) * norms * (norms @ np.abs(direction))
        step = square / (direction @ change) * (1.0 + sign(1)[0])
        v, slope = v + step * direction, slope - step * change + sign(v.size) * magnitude
        previous, square = square, slope @ slope * (1.0 + sign(1)[0])
        direction = slope + (square / previous) * direction
    return np.asarray(v)


def _pair(values: Any) -> tuple[Floats, Floats]:
    """Return decimals as high and low parts."""
    high = values.astype(float)
    return high, (values - _decimals(high)).astype(float)


def _iterate(values: tuple[Floats, Floats], largest: float, tolerance: float) -> Reference:
    high, low = values
    scales = (np.full(high.size - 1, largest), np.array(largest))
    return Reference((high[:-1], np.array(high[-1])), (low[:-1], np.array(low[-1])), scales, tolerance)
