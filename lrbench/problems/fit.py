"""Time to a good fit: iterate until the loss is, and stays, within a ten-thousandth of the optimum."""

import numpy as np

from lrbench.problems import houses, least_squares
from lrbench.problems.sgd_epoch import iterate_tolerance
from lrbench.registry import (
    Floats,
    Implementation,
    Inputs,
    Iteration,
    NoReference,
    Problem,
    Reference,
    Work,
    dimensions,
)

EXCESS = 1e-4  # the loss, relative to the optimum's, above it
BATCH_SIZE = 10
MAX_EPOCHS = 400
MAX_ITERATIONS = 10_000
SGD, DESCENT = "averaged SGD", "gradient descent"


def make_inputs(data: Inputs, seed: int) -> Inputs:
    """Return (X, y, w, b, learning_rate, seed): a random start, SGD's rate, and what its orders are drawn from."""
    X, y = data
    return (X, y, *houses.random_start(X.shape[1], seed), houses.safe_learning_rate(X), seed)


def reference(inputs: Inputs) -> Reference:
    """Return the exact minimiser, and as facts how many epochs and iterations the algorithms need."""
    X, y, w, b, _, _ = inputs
    d = X.shape[1]
    (high, low), _ = least_squares.minimise(X, y)
    answers = (high[:d], np.array(high[d]))
    least = _half_mean_square(X, y, *answers)
    if least * EXCESS <= (2.0**-40 * float(np.linalg.norm(y))) ** 2 / len(y):
        message = "the data are linear up to rounding: nothing can be measured relative to an optimum's loss of zero"
        raise NoReference(message)
    epochs = _count_epochs(inputs, answers, least)
    rate, iterations = _count_iterations(X, np.append(w - high[:d], b - high[d]), least)
    facts = {"least_loss": least, "sgd_epochs": epochs, "descent_rate": rate, "descent_iterations": iterations}
    ones = tuple(np.ones_like(part) for part in answers)
    return Reference(answers, (low[:d], np.array(low[d])), ones, EXCESS, facts)


def excess_loss(inputs: Inputs, reference: Reference, answer: tuple[Floats, ...]) -> float:
    """Return (loss - least) / least, as the quadratic form it is: half the mean of ([X 1] (v - v*))^2 over least.

    The difference of the two losses would cancel all digits; this keeps them.
    """
    w, b = (part - best for part, best in zip(answer, reference.answers, strict=True))
    X = inputs[0]
    return _half_mean_square(X, np.zeros(len(X)), w, b) / reference.facts["least_loss"]


def _half_mean_square(X: Floats, y: Floats, w: Floats, b: Floats) -> float:
    residual = X @ w + b - y
    return float(residual @ residual) / (2 * len(X))


def epoch_orders(n_samples: int, seed: int, n_epochs: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return one uniformly drawn permutation of the samples an epoch, (n_epochs, n_samples)."""
    return np.stack([_epoch_order(n_samples, seed, epoch) for epoch in range(n_epochs)])


def _epoch_order(n_samples: int, seed: int, epoch: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.random.default_rng([seed, 3, epoch]).permutation(n_samples)


def _count_epochs(inputs: Inputs, best: tuple[Floats, ...], least: float) -> int:
    """Return the least number of epochs whose mean is within EXCESS, as are all up to twice as many; 0 for none."""
    from lrbench.problems import exact

    X, y, w, b, learning_rate, seed = inputs
    w_pair, b_pair, steps = exact.pair(w), exact.pair(b), -(-len(X) // BATCH_SIZE)
    first, sums = 0, []
    for epoch in range(1, MAX_EPOCHS + 1):
        order = _epoch_order(len(X), seed, epoch - 1)
        high, _, _ = exact.sgd_epoch(X, y, w_pair, b_pair, order, BATCH_SIZE, learning_rate)
        sums.append(high)
        averaged = sums[_average_from(epoch) :]
        mean = np.sum(averaged, axis=0) / (steps * len(averaged))
        excess = _half_mean_square(X, np.zeros(len(X)), mean[:-1] - best[0], mean[-1] - best[1]) / least
        if excess > EXCESS:
            first = 0
        elif not first:
            first = epoch
        if first and epoch >= 2 * first:
            return first
    return 0


def _average_from(n_epochs: int) -> int:
    """Return the epoch, counted from 0, from which iterates are averaged: the later half forgets the start."""
    return n_epochs // 2


def _count_iterations(X: Floats, error: Floats, least: float) -> tuple[float, int]:
    """Return gradient descent's learning rate, 1 over the largest curvature, and the iterations to EXCESS, 0 for none.

    The error obeys e <- (I - rate H) e, with H the Hessian, so counting costs n_features^2 a step.
    """
    A = np.column_stack([X, np.ones(len(X))])
    H = A.T @ A / len(X)
    rate = 1.0 / float(np.linalg.eigvalsh(H)[-1])
    for iteration in range(MAX_ITERATIONS):
        if error @ H @ error / 2.0 <= EXCESS * least:
            return rate, iteration
        error = error - rate * (H @ error)
    return rate, 0


def arguments(inputs: Inputs, reference: Reference, algorithm: str) -> Inputs:
    """Return what an algorithm is called with, its number of epochs or iterations included; NoReference if unknown."""
    X, y, w, b, learning_rate, seed = inputs
    if algorithm == SGD:
        epochs = _reached(reference, "sgd_epochs", f"{MAX_EPOCHS} epochs")
        orders = epoch_orders(len(X), seed, epochs)
        return X, y, w, b, orders, BATCH_SIZE, learning_rate, 0.0, _average_from(epochs)
    if algorithm == DESCENT:
        iterations = _reached(reference, "descent_iterations", f"{MAX_ITERATIONS} iterations")
        return X, y, w, b, reference.facts["descent_rate"], 0.0, iterations
    return X, y


def _reached(reference: Reference, fact: str, limit: str) -> int:
    if not reference.facts[fact]:
        message = f"does not come within {EXCESS:g} of the optimum's loss in {limit}"
        raise NoReference(message)
    return int(reference.facts[fact])


def sgd_iterate(arguments: Inputs) -> Reference:
    """Return the mean iterate of the averaged epochs; tolerance as for one epoch, over all their steps."""
    from lrbench.problems import exact

    X, y, w, b, orders, batch_size, learning_rate, _, average_from = arguments
    w_pair, b_pair, largest = exact.pair(w), exact.pair(b), 0.0
    total = exact.pair(np.zeros(w.size + 1))
    for epoch, order in enumerate(orders):
        high, low, magnitude = exact.sgd_epoch(X, y, w_pair, b_pair, order, batch_size, learning_rate)
        largest = max(largest, magnitude)
        if epoch >= average_from:
            exact.add_in_place(total, high)
            exact.add_in_place(total, low)
    steps = -(-len(X) // batch_size) * len(orders)
    averaged = steps // len(orders) * (len(orders) - average_from)
    tolerance = iterate_tolerance(X.shape[1], batch_size, steps) + houses.sum_tolerance(averaged)
    return _iterate(exact.quotient(total, averaged), largest, tolerance)


def descent_iterate(arguments: Inputs) -> Reference:
    """Return the iterate after max_iterations full-batch steps; no step enlarges the rounding errors before it."""
    from lrbench.problems import exact

    X, y, w, b, learning_rate, _, iterations = arguments
    n, d = X.shape
    w_pair, b_pair, largest = exact.pair(w), exact.pair(b), float(np.abs(w).max())
    for _ in range(iterations):
        high, low, _ = exact.residuals(X, y, w_pair, b_pair)
        gradient_high, gradient_low, scale = exact.transposed_product(X, high, low)
        exact.descend(w_pair, b_pair, (gradient_high, gradient_low), learning_rate, n)
        largest = max(largest, learning_rate * float(scale.max()) / n, float(np.abs(w_pair[0]).max()))
    values = np.append(w_pair[0], b_pair[0]), np.append(w_pair[1], b_pair[1])
    tolerance = (houses.sum_tolerance(d + 2) + houses.sum_tolerance(n)) * max(iterations, 1) ** 0.5
    return _iterate(values, max(largest, abs(float(b_pair[0][0]))), tolerance)


def _iterate(values: tuple[Floats, Floats], largest: float, tolerance: float) -> Reference:
    high, low = values
    scales = (np.full(high.size - 1, largest), np.array(largest))
    return Reference((high[:-1], np.array(high[-1])), (low[:-1], np.array(low[-1])), scales, tolerance)


def least_work(size: str) -> Work:
    """One pass over the data: what an epoch, or an iteration, costs at least."""
    n, d = dimensions(size)
    return Work(flops=4 * n * d, size_bytes=8 * (n * d + n))


def _descent(name: str, backend: str, *, ns_per_flop: float = 0.0) -> Implementation:
    template = next(i for i in houses.backends("gradient_descent", DESCENT, loop_ns=0.0) if i.name == backend)
    return Implementation(
        name,
        DESCENT,
        template.target,
        requires=template.requires,
        convert=template.convert,
        threads=template.threads,
        arithmetic=template.arithmetic,
        ns_per_flop=ns_per_flop,
        n_answers=2,  # then the iterations, and whether it converged
    )


PROBLEM = Problem(
    name="fit",
    title=f"time to a loss within {EXCESS:g}, relative, of the optimum",
    version="1",
    sizes=("1000x2", "100000x10", "1000000x10"),
    quick_size="1000x2",
    implementations=(
        *houses.backends("sgd_fit", SGD, loop_ns=40, vector_ns=15),
        _descent("gradient_descent_python", "python_loop", ns_per_flop=22),
        _descent("gradient_descent_numpy", "numpy_vectorized"),
        _descent("gradient_descent_numba", "numba_jit"),
        Implementation(
            "closed_form",
            "cholesky",
            "lrbench.regression.closed_form:cholesky",
            threads="all",
            arithmetic="reassociated",
        ),
    ),
    baseline="numpy_vectorized",
    baselines={DESCENT: "gradient_descent_numpy"},
    make_data=houses.make_houses,
    make_inputs=make_inputs,
    reference=reference,
    mirror_inputs=(-1.0, 2.0, -2.0, 2.0, 1.0, 1.0),
    mirror_answers=(-2.0, 2.0),
    least_work=least_work,
    error=excess_loss,
    arguments=arguments,
    iterations={
        SGD: Iteration(
            "epoch",
            count=lambda arguments: len(arguments[4]),
            shorten=lambda arguments, k: (*arguments[:4], arguments[4][:k], *arguments[5:8], _average_from(k)),
            reference=sgd_iterate,
        ),
        DESCENT: Iteration(
            "iteration",
            count=lambda arguments: arguments[6],
            shorten=lambda arguments, k: (*arguments[:6], k),
            reference=descent_iterate,
        ),
    },
    iterative=True,
    usual_steps={SGD: 3, DESCENT: 100},
    takes_table=True,
)
