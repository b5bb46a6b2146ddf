"""The coefficients that minimise the mean absolute residual: the documents' exercise on another model of the noise."""

import numpy as np

from lrbench.problems import houses, iterates
from lrbench.problems.fit import epoch_orders, least_work
from lrbench.problems.trajectories import BATCH_SIZE, average_from
from lrbench.registry import Floats, Implementation, Inputs, NoReference, Problem, Reference

CONSTANT, SETTLING = "constant-rate subgradient SGD", "averaged subgradient SGD"
EPOCHS = 20
LEARNING_RATE = 0.03  # the documents' own
DECAY = 0.1  # epoch k learns at the rate over 1 + k / 10: faster, and 1000 samples are not enough to get there
SETTLED = 1e-4  # excess loss within which the averaged iterates have to end
EXACT = 1e-9  # of what solves exactly: float64 leaves 1e-15, a linear program's feasibility of 1e-7 its square at best


def make_data(size: str, seed: int) -> Inputs:
    """Return (X, y): the features of houses, and prices with noise of the Laplace density exp(-|e|) / 2."""
    rng = np.random.default_rng(seed)
    X, prices = houses.exact_houses(size, rng)
    return X, prices + rng.laplace(size=len(prices))


def make_inputs(data: Inputs, seed: int) -> Inputs:
    """Return (X, y, w, b, learning_rate, seed): a random start, and what the orders are drawn from."""
    X, y = data
    return (X, y, *houses.random_start(X.shape[1], seed), LEARNING_RATE, seed)


def reference(inputs: Inputs) -> Reference:
    """Return the exact minimiser, proven; as facts its loss, and where each algorithm ends, by its exact iterates."""
    from lrbench.problems import vertex

    X, y = inputs[:2]
    d = X.shape[1]
    (high, low), least = vertex.minimise(X, y)
    if least <= 2.0**-40 * float(np.mean(np.abs(y))):
        message = "the data are linear up to rounding: nothing can be measured relative to an optimum's loss of zero"
        raise NoReference(message)
    answers, tails = (high[:d], np.array(high[d])), (low[:d], np.array(low[d]))
    found = Reference(answers, tails, tuple(map(np.ones_like, answers)), EXACT, {"least_loss": least})
    ends = {
        algorithm: excess_loss(inputs, found, iterates.sgd(_epochs(inputs, algorithm), absolute=True).answers)
        for algorithm in (CONSTANT, SETTLING)
    }
    return Reference(answers, tails, found.scales, EXACT, {**found.facts, **ends})


def excess_loss(inputs: Inputs, reference: Reference, answer: tuple[Floats, ...]) -> float:
    """Return (loss - least) / least, summed from each sample's own |r + c| - |r| at a residual r that changes by c.

    That is c with the sign of r, unless the sample changes sides. The losses' difference would cancel all digits.
    """
    X, y = inputs[:2]
    w, b = reference.answers
    residual = X @ w + b - y
    change = X @ (answer[0] - w) + (answer[1] - b)
    same_side = np.abs(change) <= np.abs(residual)
    rises = np.where(same_side, np.sign(residual) * change, np.abs(residual + change) - np.abs(residual))
    return max(0.0, float(np.mean(rises))) / reference.facts["least_loss"]


def tolerance(reference: Reference, algorithm: str) -> float:
    """Return the excess loss that an algorithm may end with.

    A constant rate never settles: its iterates hop about the minimiser at a distance that goes with the rate, and it
    is right when it ends where its exact iterates end. Rounding moves them, and the loss, by less than EXACT.
    """
    return {CONSTANT: reference.facts[CONSTANT] + EXACT, SETTLING: SETTLED}.get(algorithm, EXACT)


def arguments(inputs: Inputs, reference: Reference, algorithm: str) -> Inputs:
    """Return what an algorithm is called with; NoReference where its exact iterates do not settle."""
    if algorithm == SETTLING and reference.facts[SETTLING] > SETTLED:
        message = f"does not settle within {SETTLED:g} of the optimum's loss in {EPOCHS} epochs"
        raise NoReference(message)
    return _epochs(inputs, algorithm) if algorithm in (CONSTANT, SETTLING) else inputs[:2]


def _epochs(inputs: Inputs, algorithm: str) -> Inputs:
    X, y, w, b, learning_rate, seed = inputs
    decay, first = (DECAY, average_from(EPOCHS)) if algorithm == SETTLING else (0.0, EPOCHS)
    return X, y, w, b, epoch_orders(len(X), seed, EPOCHS), BATCH_SIZE, learning_rate, decay, first


PROBLEM = Problem(
    name="least_absolute_deviations",
    title=f"the w and b that minimise the mean of |X w + b - y|; SGD takes {EPOCHS} epochs",
    version="1",
    sizes=("1000x2", "100000x10"),
    quick_size="1000x2",
    implementations=(
        *houses.three("constant_sgd", CONSTANT, "sgd_fit", module="absolute_", loop_ns=35, vector_ns=15),
        *houses.three("averaged_sgd", SETTLING, "sgd_fit", module="absolute_", loop_ns=35, vector_ns=15),
        Implementation(
            "vertex_descent",
            "vertex descent",
            "lrbench.regression.absolute_numpy_vectorized:vertex_descent",
            threads="all",
            arithmetic="reassociated",  # BLAS
            ns_per_flop=80,
        ),
        Implementation(
            "scipy_highs",
            "linear programming",
            "lrbench.peers.highs:least_absolute_deviations",
            requires=("scipy",),
            extra="peers",
            arithmetic="reassociated",
            ns_per_flop=2700,  # 22 ms at 1000x2; at 100000x10 3 s by its interior points, 33 s by its dual simplex
        ),
    ),
    baseline="vertex_descent",
    baselines={CONSTANT: "constant_sgd_numpy", SETTLING: "averaged_sgd_numpy"},
    make_data=make_data,
    make_inputs=make_inputs,
    reference=reference,
    mirror_inputs=(-1.0, 2.0, -2.0, 2.0, 2.0, 1.0),
    mirror_answers=(-2.0, 2.0),
    least_work=least_work,
    error=excess_loss,
    tolerance=tolerance,
    arguments=arguments,
    iterations={
        CONSTANT: iterates.epochs(averaged=False, absolute=True),
        SETTLING: iterates.epochs(averaged=True, absolute=True),
    },
    iterative=True,
    usual_steps={CONSTANT: EPOCHS, SETTLING: EPOCHS},
    takes_table=True,
)
