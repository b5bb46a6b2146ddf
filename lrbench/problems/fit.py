"""Time to a good fit: iterate until the loss is, and stays, within a target of the optimum. One problem a target."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from lrbench.problems import houses, iterates, least_squares, trajectories
from lrbench.problems.trajectories import BATCH_SIZE, MAX_ITERATIONS, average_from, epoch_order, max_epochs
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

TARGETS = {"fit": 1e-4, "fit_1e-2": 1e-2, "fit_1e-6": 1e-6, "fit_1e-8": 1e-8}  # the loss above the optimum's, relative
AVERAGED, CONSTANT, DECAYING = "averaged SGD", "constant-rate SGD", "decaying-rate SGD"
DESCENT, GRAM_DESCENT = "gradient descent", "gradient descent on the Gram matrix"
CONJUGATE, GRAM_CONJUGATE = "conjugate gradients", "conjugate gradients on the Gram matrix"
SGD = (AVERAGED, CONSTANT, DECAYING)


def make_inputs(data: Inputs, seed: int) -> Inputs:
    """Return (X, y, w, b, learning_rate, seed): a random start, SGD's rate, and what its orders are drawn from."""
    X, y = data
    return (X, y, *houses.random_start(X.shape[1], seed), houses.safe_learning_rate(X), seed)


def reference(inputs: Inputs, *, target: float) -> Reference:
    """Return the exact minimiser, and as facts how many epochs and iterations each algorithm needs to each target.

    The facts are the same at any target, the tolerance: one set of trajectories serves them all.
    """
    X, y, w, b, learning_rate, seed = inputs
    d = X.shape[1]
    (high, low), _ = least_squares.minimise(X, y)
    answers = (high[:d], np.array(high[d]))
    least = _half_mean_square(X, y, *answers)
    if least * min(TARGETS.values()) <= (2.0**-40 * float(np.linalg.norm(y))) ** 2 / len(y):
        message = "the data are linear up to rounding: nothing can be measured relative to an optimum's loss of zero"
        raise NoReference(message)
    H = trajectories.hessian(X)
    curvatures = np.linalg.eigvalsh(H)
    decay = learning_rate * float(curvatures[0]) * -(-len(X) // BATCH_SIZE) / 2.0
    facts = {"least_loss": least, "descent_rate": 1.0 / float(curvatures[-1]), "decay": decay}

    def excess(error: Floats) -> float:
        return float(error @ H @ error) / (2.0 * least)

    def of_coefficients(v: Floats) -> float:
        return excess(v - high)

    start, goal = np.append(w, b), min(TARGETS.values())
    sgd = partial(trajectories.sgd, X, y, start, seed, learning_rate=learning_rate, excess=of_coefficients)
    descent = trajectories.until(trajectories.descent(H, start - high, facts["descent_rate"], excess), goal)
    conjugate = trajectories.until(trajectories.conjugate_gradients(H, start - high, excess), goal)
    found = {DESCENT: descent, GRAM_DESCENT: descent, CONJUGATE: conjugate, GRAM_CONJUGATE: conjugate}
    found[CONSTANT], found[AVERAGED] = sgd(decay=0.0)
    found[DECAYING], _ = sgd(decay=decay)
    for algorithm, trajectory in found.items():
        for goal in TARGETS.values():
            facts[_fact(algorithm, goal)] = trajectories.first_within(trajectory, goal, again=algorithm in SGD)
    ones = tuple(np.ones_like(part) for part in answers)
    return Reference(answers, (low[:d], np.array(low[d])), ones, target, facts)


def _fact(algorithm: str, target: float) -> str:
    return f"{algorithm} to {target:g}"


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
    return np.stack([epoch_order(n_samples, seed, epoch) for epoch in range(n_epochs)])


def arguments(inputs: Inputs, reference: Reference, algorithm: str) -> Inputs:
    """Return what an algorithm is called with, its number of epochs or iterations included; NoReference if unknown.

    The decaying rate is the 1 / (mu t) of theory, with a constant of 2: rate t falls from the safe one as
    2 / (mu (t + t_0)), where mu is the least curvature and t counts mini-batches.
    """
    X, y, w, b, learning_rate, seed = inputs
    steps = _steps(reference, algorithm, len(X))
    if algorithm in SGD:
        decay = reference.facts["decay"] if algorithm == DECAYING else 0.0
        first = average_from(steps) if algorithm == AVERAGED else steps
        return X, y, w, b, epoch_orders(len(X), seed, steps), BATCH_SIZE, learning_rate, decay, first
    if algorithm in (DESCENT, GRAM_DESCENT):
        return X, y, w, b, reference.facts["descent_rate"], 0.0, steps
    if algorithm in (CONJUGATE, GRAM_CONJUGATE):
        return X, y, w, b, 0.0, steps
    return X, y


def _steps(reference: Reference, algorithm: str, n_samples: int) -> int:
    """Return the steps to the target; 1 for what does not iterate."""
    steps = int(reference.facts.get(_fact(algorithm, reference.tolerance), 1))
    if not steps:
        limit = f"{max_epochs(n_samples)} epochs" if algorithm in SGD else f"{MAX_ITERATIONS} iterations"
        message = f"does not come within {reference.tolerance:g} of the optimum's loss, and stay there, in {limit}"
        raise NoReference(message)
    return steps


def least_work(size: str) -> Work:
    """One pass over the data: what an epoch, or an iteration, costs at least."""
    n, d = dimensions(size)
    return Work(flops=4 * n * d, size_bytes=8 * (n * d + n))


IMPLEMENTATIONS = (
    *houses.backends("sgd_fit", AVERAGED, loop_ns=40, vector_ns=15),
    *houses.three("constant_sgd", CONSTANT, "sgd_fit", loop_ns=40, vector_ns=15),
    *houses.three("decaying_sgd", DECAYING, "sgd_fit", loop_ns=40, vector_ns=15),
    *houses.three("gradient_descent", DESCENT, "gradient_descent", loop_ns=22, n_answers=2),
    *houses.three("gram_descent", GRAM_DESCENT, "gram_descent", module="iterations_", loop_ns=75, n_answers=2),
    *houses.three(
        "conjugate_gradients", CONJUGATE, "conjugate_gradients", module="iterations_", loop_ns=40, n_answers=2
    ),
    *houses.three(
        "gram_conjugate", GRAM_CONJUGATE, "gram_conjugate_gradients", module="iterations_", loop_ns=75, n_answers=2
    ),
    Implementation(
        "closed_form",
        "cholesky",
        "lrbench.regression.closed_form:cholesky",
        threads="all",
        arithmetic="reassociated",
    ),
)


def _full_batch(position: int, reference: Callable[[Inputs], Reference], *, once: bool = False) -> Iteration:
    """Return how full-batch steps are followed.

    position: of max_iterations among the arguments.   once: whether the data are passed once, whatever the steps.
    """
    return Iteration(
        "iteration",
        count=lambda arguments: arguments[position],
        shorten=lambda arguments, k: (*arguments[:position], k),
        reference=reference,
        passes=(lambda _arguments: 1) if once else None,
    )


ITERATIONS: Mapping[str, Iteration] = {
    AVERAGED: iterates.epochs(averaged=True),
    CONSTANT: iterates.epochs(averaged=False),
    DECAYING: iterates.epochs(averaged=False),
    DESCENT: _full_batch(6, iterates.descent),
    GRAM_DESCENT: _full_batch(6, iterates.descent, once=True),
    CONJUGATE: _full_batch(5, iterates.conjugate_gradients),
    GRAM_CONJUGATE: _full_batch(5, iterates.conjugate_gradients, once=True),
}


def _problem(name: str, target: float) -> Problem:
    return Problem(
        name=name,
        title=f"time to a loss within {target:g}, relative, of the optimum",
        version="1",
        sizes=("1000x2", "100000x10", "1000000x10") if name == "fit" else ("1000x2", "100000x10"),
        quick_size="1000x2",
        implementations=IMPLEMENTATIONS,
        baseline="numpy_vectorized",
        baselines={i.algorithm: i.name for i in IMPLEMENTATIONS if i.name.endswith("_numpy")},
        make_data=houses.make_houses,
        make_inputs=make_inputs,
        reference=partial(reference, target=target),
        mirror_inputs=(-1.0, 2.0, -2.0, 2.0, 1.0, 1.0),
        mirror_answers=(-2.0, 2.0),
        least_work=least_work,
        error=excess_loss,
        arguments=arguments,
        iterations=ITERATIONS,
        iterative=True,
        usual_steps={AVERAGED: 3, CONSTANT: 3, DECAYING: 3, DESCENT: 30, CONJUGATE: 3},
        takes_table=True,
        family="fit",
        target=target,
        quick=name == "fit",
    )


PROBLEMS = tuple(_problem(name, target) for name, target in TARGETS.items())
