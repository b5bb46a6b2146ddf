"""The race to equal accuracy: who comes within a target of the least loss first, over n and d."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, islice

import numpy as np
from numpy.typing import NDArray

from lrbench import gate
from lrbench.experiments import timing
from lrbench.experiments.crossings import quicker_from
from lrbench.experiments.findings import Setting
from lrbench.problems import houses, trajectories

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Answer = tuple[Floats, float]

TARGETS = (1e-2, 1e-4)  # (loss - least loss) / least loss
ALL, SGD, CONJUGATE, SAMPLE = "closed form", "SGD", "conjugate gradients", "closed form, some rows"
SIDES = (ALL, SGD, CONJUGATE, SAMPLE)

N_SAMPLES, N_FEATURES = (1_000, 4_000, 16_000, 64_000, 256_000), (2, 10, 50, 200, 1_000)
_QUICK_N, _QUICK_D = (1_000, 4_000), (2, 10, 40)
_LARGEST = 16_000_000  # elements of X: 128 MB
_ROWS_A_FEATURE = 4  # at least: with fewer, the least loss says little about the noise
_RATES = (1.0, 2.0, 4.0)  # times 1 / (mean |x|^2 + 1); 8 diverges on wide data
_VISITS_A_CHECK = 20  # times n_features
_MOST_CHECKS, _MOST_NUMBERS = 2_500, 6e8  # that SGD is followed for, at each rate: numbers of X that it reads
_LARGER_SAMPLE = 1.4


@dataclass(frozen=True, slots=True)
class Contest:
    """One n and d: what each side needs for each target, and what that takes. None: not reached."""

    n: int
    d: int
    visits: tuple[int | None, ...]  # of samples by SGD, for each target
    iterations: tuple[int, ...]  # of conjugate gradients
    rows: tuple[int | None, ...]  # that the closed form needs, from the first on
    truth: float  # the excess of the weights that made the data: what noise alone does
    excess: Mapping[tuple[str, float], float]  # of what was timed, by side and target
    times: Mapping[tuple[str, float], timing.Times]

    def rivals(self, target: float) -> dict[str, timing.Times]:
        """Return the times of all sides that reach a target."""
        return {side: self.times[side, target] for side in SIDES if (side, target) in self.times}

    def winner(self, target: float) -> str:
        """Return the side of the shortest median."""
        rivals = self.rivals(target)
        return min(rivals, key=lambda side: rivals[side].median_s)


def run(setting: Setting) -> list[Contest]:
    """Return the contests of all sizes, by d and then by n."""
    sizes, widths = (_QUICK_N, _QUICK_D) if setting.quick else (N_SAMPLES, N_FEATURES)
    found: list[Contest] = []
    with timing.one_thread():
        for k, d in enumerate(widths):
            fitting = [n for n in sizes if n >= _ROWS_A_FEATURE * d and n * d <= _LARGEST]
            size = f"{max(fitting)}x{d}"
            _, prices = houses.exact_houses(size, np.random.default_rng(setting.seed))
            X, y = houses.make_houses(size, setting.seed)
            for n in fitting:
                setting.advance(k / len(widths), f"{n} rows of {d} features")
                found.append(_contest(X[:n], y[:n], prices[:n], setting))
    return found


@dataclass(frozen=True, slots=True)
class Loss:
    """The loss as the quadratic form that it is around its minimiser."""

    best: Floats  # (d + 1,): the minimiser (w, b)
    hessian: Floats  # (d + 1, d + 1)
    least: float

    def excess_of_error(self, error: Floats) -> float:
        """Return (loss - least) / least at a distance from the minimiser, (w, b) in one array."""
        with np.errstate(all="ignore"):  # a diverging side overflows
            return float(error @ self.hessian @ error) / (2.0 * self.least)

    def excess(self, v: Floats) -> float:
        """Return (loss - least) / least at v = (w, b)."""
        return self.excess_of_error(v - self.best)


def loss_around(X: Floats, y: Floats, answer: Answer) -> Loss:
    """Return the loss over these rows, whose minimiser is the answer."""
    residual = X @ answer[0] + answer[1] - y
    return Loss(np.append(*answer), trajectories.hessian(X), float(residual @ residual) / (2 * len(y)))


def _contest(X: Floats, y: Floats, prices: Floats, setting: Setting) -> Contest:
    closed_form = gate.resolve("lrbench.regression.gram:one_pass_gram")
    descend = gate.resolve("lrbench.regression.sgd_numba_jit:sgd_fit")
    conjugate = gate.resolve("lrbench.regression.iterations_numba_jit:conjugate_gradients")
    (n, d), zeros = X.shape, np.zeros(X.shape[1])
    loss = loss_around(X, y, closed_form(X, y))
    visits, plans = fewest_visits(X, y, loss, setting.seed)
    iterations = fewest_iterations(conjugate, X, y, loss)
    rows = fewest_rows(closed_form, X, y, loss)
    calls: dict[tuple[str, float], Callable[[], tuple[Floats, float]]] = {}
    for k, target in enumerate(TARGETS):
        calls[ALL, target] = partial(closed_form, X, y)
        if (plan := plans[k]) is not None:
            rate, orders = plan
            average_from = trajectories.average_from(len(orders))
            calls[SGD, target] = partial(
                descend, X, y, zeros, 0.0, orders, trajectories.BATCH_SIZE, rate, 0.0, average_from
            )
        calls[CONJUGATE, target] = partial(conjugate, X, y, zeros, 0.0, 0.0, iterations[k])
        if (m := rows[k]) is not None:
            calls[SAMPLE, target] = partial(closed_form, X[:m], y[:m])
    excess = {key: loss.excess(np.append(*call()[:2])) for key, call in calls.items()}
    for (side, target), value in excess.items():
        if not value <= target:
            message = f"{side} at {n}x{d} ends {value:.1e} above the least loss, not within {target:g}"
            raise gate.WrongAnswer(message)
    truth = float(np.mean((y - prices) ** 2)) / (2.0 * loss.least) - 1.0
    return Contest(n, d, visits, iterations, rows, truth, excess, _timed(calls, setting))


def _timed(
    calls: Mapping[tuple[str, float], Callable[[], object]], setting: Setting
) -> dict[tuple[str, float], timing.Times]:
    """Return the times; the closed form on all rows, the same for every target, is timed once."""
    named = {f"{side} {target:g}": call for (side, target), call in calls.items() if side != ALL}
    named[ALL] = next(call for (side, _), call in calls.items() if side == ALL)
    rounds, limit_s = (3, 0.05) if setting.quick else (11, 0.6)
    found = timing.side_by_side(named, seed=setting.seed, rounds=rounds, limit_s=limit_s)
    return {(side, target): found[ALL if side == ALL else f"{side} {target:g}"] for side, target in calls}


def fewest_iterations(
    conjugate: Callable[..., tuple[Floats, float, int, bool]], X: Floats, y: Floats, loss: Loss
) -> tuple[int, ...]:
    """Return how many iterations from zero conjugate gradients need for each target.

    Theory's count comes from the Hessian; where rounding has cost the directions some of their conjugacy, an iterate
    may be an iteration late.
    """
    steps = trajectories.conjugate_gradients(loss.hessian, -loss.best, loss.excess_of_error)
    trajectory, zeros = trajectories.until(steps, min(TARGETS)), np.zeros(X.shape[1])
    found = []
    for target in TARGETS:
        theory = trajectories.first_within(trajectory, target, again=False)
        found.append(
            next(k for k in count(theory) if loss.excess(np.append(*conjugate(X, y, zeros, 0.0, 0.0, k)[:2])) <= target)
        )
    return tuple(found)


def fewest_rows(
    closed_form: Callable[[Floats, Floats], Answer], X: Floats, y: Floats, loss: Loss
) -> tuple[int | None, ...]:
    """Return how many rows, from the first on, give the closed form a loss within each target for all rows."""
    n, d = X.shape
    found: list[int | None] = [None] * len(TARGETS)
    m = 2 * d + 10
    while m < n and None in found:
        excess = loss.excess(np.append(*closed_form(X[:m], y[:m])))
        found = [
            m if known is None and excess <= target else known for known, target in zip(found, TARGETS, strict=True)
        ]
        m = int(m * _LARGER_SAMPLE) + 1
    return tuple(found)


Plan = tuple[float, Indices]  # learning rate, and the samples in the order of visits, a row between two checks


def fewest_visits(
    X: Floats, y: Floats, loss: Loss, seed: int
) -> tuple[tuple[int | None, ...], tuple[Plan | None, ...]]:
    """Return how many visits averaged SGD needs for each target, at the best of some learning rates, and its plan.

    The mean of the later half of the iterates has to be within the target, and stay there for as many visits again.
    """
    n, d = X.shape
    length = max(200, min(n, _VISITS_A_CHECK * d)) // trajectories.BATCH_SIZE * trajectories.BATCH_SIZE
    checks = min(_MOST_CHECKS, int(_MOST_NUMBERS / (d * length)))
    unit = 1.0 / (float(np.einsum("ij,ij->", X, X)) / n + 1.0)
    best: list[tuple[int, float] | None] = [None] * len(TARGETS)
    for rate in _RATES:
        trajectory = _followed(X, y, loss, islice(visiting_orders(n, length, seed), checks), rate * unit)
        for k, target in enumerate(TARGETS):
            needed = trajectories.first_within(trajectory, target, again=True)
            known = best[k]
            if needed and (known is None or needed < known[0]):
                best[k] = needed, rate * unit
    plans = [
        None if plan is None else (plan[1], np.stack(list(islice(visiting_orders(n, length, seed), plan[0]))))
        for plan in best
    ]
    return tuple(None if plan is None else plan[0] * length for plan in best), tuple(plans)


def visiting_orders(n: int, length: int, seed: int) -> Iterator[Indices]:
    """Yield, without end, the next so many samples of one random permutation after the other."""
    waiting = np.empty(0, dtype=np.int64)
    for epoch in count():
        waiting = np.concatenate([waiting, trajectories.epoch_order(n, seed, epoch)])
        while len(waiting) >= length:
            yield waiting[:length]
            waiting = waiting[length:]


def _followed(X: Floats, y: Floats, loss: Loss, orders: Iterator[Indices], rate: float) -> Sequence[float]:
    """Return the excess of the averaged iterate after each check, up to the second that confirms the last target."""
    descend = gate.resolve("lrbench.regression.sgd_numba_jit:sgd_fit")
    step = gate.resolve("lrbench.regression.sgd_numba_jit:sgd_epoch")
    batch, zeros = trajectories.BATCH_SIZE, np.zeros(len(loss.best))
    v, sums, excess, until = zeros, [zeros], [loss.excess(zeros)], 0
    for k, order in enumerate(orders, 1):
        mean = descend(X, y, v[:-1], v[-1], order[None], batch, rate, 0.0, 0)
        v = np.append(*step(X, y, v[:-1], v[-1], order, batch, rate))
        sums.append(sums[-1] + np.append(*mean))
        first = trajectories.average_from(k)
        excess.append(loss.excess((sums[k] - sums[first]) / (k - first)))
        until = until or (2 * k if excess[-1] <= min(TARGETS) else 0)
        if not excess[-1] < 1e9 * excess[0]:  # diverges
            break
        if until and k >= until + 1:
            if trajectories.first_within(excess, min(TARGETS), again=True):
                break
            until = 2 * k
    return excess


def quicker_from_n(contests: Sequence[Contest], side: str, target: float, d: int) -> float | None:
    """Return the n from which a side is quicker than the closed form on all rows of d features; None if it never is."""
    there = [each for each in contests if each.d == d and (side, target) in each.times]
    return quicker_from([each.n for each in there], *_medians(there, side, target))


def quicker_from_d(contests: Sequence[Contest], side: str, target: float, n: int) -> float | None:
    """Return the d from which a side is quicker than the closed form on all of n rows; None if it never is."""
    there = [each for each in contests if each.n == n and (side, target) in each.times]
    return quicker_from([each.d for each in there], *_medians(there, side, target))


def _medians(there: Sequence[Contest], side: str, target: float) -> tuple[list[float], list[float]]:
    return [each.times[ALL, target].median_s for each in there], [each.times[side, target].median_s for each in there]
