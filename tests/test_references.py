"""The references are right to twice float64's precision: held against exact rational arithmetic."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from rational import dot, exactly, minimiser, solution

from lrbench.problems import PROBLEMS, trajectories
from lrbench.problems.fit import AVERAGED, BATCH_SIZE, CONJUGATE, CONSTANT, DECAYING, DESCENT, TARGETS, epoch_orders
from lrbench.problems.houses import make_houses
from lrbench.registry import NoReference

BY_NAME = {problem.name: problem for problem in PROBLEMS}
# Double-double arithmetic carries 106 bits; a few hundred operations lose a few of them.
RELATIVE = Fraction(1, 2**95)


def rows(X):
    return [exactly(row) for row in X]


def residuals(X, y, w, b):
    return [dot(row, w) + b - target for row, target in zip(X, y, strict=True)]


def step(X, y, w, b, learning_rate):
    r = residuals(X, y, w, b)
    w = [wj - learning_rate * dot(column, r) / len(r) for wj, column in zip(w, zip(*X, strict=True), strict=True)]
    return w, b - learning_rate * sum(r) / len(r)


def assert_reference(reference, expected, relative=RELATIVE):
    values = [
        Fraction(float(high)) + Fraction(float(low))
        for answer, tail in zip(reference.answers, reference.tails, strict=True)
        for high, low in zip(np.ravel(answer), np.ravel(tail), strict=True)
    ]
    scales = [Fraction(float(scale)) for part in reference.scales for scale in np.ravel(part)]
    assert len(values) == len(expected)
    for value, exact, scale in zip(values, expected, scales, strict=True):
        assert abs(value - exact) <= relative * max(scale, abs(exact))


def inputs_of(name, size):
    problem = BY_NAME[name]
    return problem.make_inputs(problem.make_data(size, 5), 5)


SIZES = ["1x1", "7x1", "20x3", "33x8"]


def test_the_sum_of_two_vectors_is_exact():
    inputs = inputs_of("vector_addition", "50")
    a, b = map(exactly, inputs)
    assert_reference(BY_NAME["vector_addition"].reference(inputs), [u + v for u, v in zip(a, b, strict=True)])


@pytest.mark.parametrize("size", SIZES[1:])
def test_prediction_loss_and_gradient_are_exact(size):
    X, y, w, b = inputs_of("gradient", size)
    exact = rows(X), exactly(y), exactly(w), Fraction(b)
    r = residuals(*exact)
    assert_reference(BY_NAME["predict"].reference((X, w, b)), [v + t for v, t in zip(r, exact[1], strict=True)])
    assert_reference(BY_NAME["squared_loss"].reference((X, y, w, b)), [dot(r, r) / (2 * len(r))])
    gradient = [dot(column, r) / len(r) for column in zip(*exact[0], strict=True)]
    assert_reference(BY_NAME["gradient"].reference((X, y, w, b)), [*gradient, sum(r) / len(r)])


@pytest.mark.parametrize("name", ["sgd_epoch", "sgd_epoch_256"])
def test_an_epoch_takes_the_documents_steps_in_the_given_order(name):
    inputs = inputs_of(name, "25x2")  # the last batch of ten is a half
    X, y, w, b, order, batch_size, learning_rate = inputs
    exact_w, exact_b = exactly(w), Fraction(b)
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        exact_w, exact_b = step(rows(X[chosen]), exactly(y[chosen]), exact_w, exact_b, Fraction(learning_rate))
    assert_reference(BY_NAME[name].reference(inputs), [*exact_w, exact_b])


@pytest.mark.parametrize("size", ["7x1", "20x3", "33x8"])
def test_the_minimiser_is_the_rational_solution_of_the_normal_equations(size):
    X, y = make_houses(size, 3)
    assert_reference(BY_NAME["least_squares"].reference((X, y)), minimiser(X, y))


@pytest.mark.parametrize("closeness", [1e-3, 1e-6])
def test_the_minimiser_is_exact_for_columns_that_are_nearly_alike(closeness):
    # The residuals' last bits are amplified by the square of the condition number, about 1 / closeness.
    rng = np.random.default_rng(2)
    X, y = make_houses("30x3", 3)
    X[:, 2] = X[:, 0] + closeness * rng.standard_normal(30)
    relative = RELATIVE * Fraction(10 / closeness) ** 2
    assert_reference(BY_NAME["least_squares"].reference((X, y)), minimiser(X, y), relative)


def test_the_iterates_of_fit_are_those_of_their_algorithms():
    problem = BY_NAME["fit"]
    inputs = inputs_of("fit", "20x2")
    reference = problem.reference(inputs)
    assert_reference(reference, minimiser(*inputs[:2]))
    arguments = problem.arguments(inputs, reference, "gradient descent")
    w, b = exactly(arguments[2]), Fraction(arguments[3])
    for _ in range(2):
        w, b = step(rows(arguments[0]), exactly(arguments[1]), w, b, Fraction(arguments[4]))
    iteration = problem.iterations["gradient descent"]
    assert_reference(iteration.reference(iteration.shorten(arguments, 2)), [*w, b])


def test_the_averaged_iterate_is_the_mean_over_the_later_half_of_the_epochs():
    problem = BY_NAME["fit"]
    inputs = inputs_of("fit", "20x2")
    X, y, w, b, learning_rate, seed = inputs
    orders = epoch_orders(20, seed, 2)
    w, b, seen = exactly(w), Fraction(b), []
    for order in orders:
        for start in range(0, 20, BATCH_SIZE):
            chosen = order[start : start + BATCH_SIZE]
            w, b = step(rows(X[chosen]), exactly(y[chosen]), w, b, Fraction(learning_rate))
            seen.append([*w, b])
    mean = [sum(values) / 2 for values in zip(*seen[2:], strict=True)]
    arguments = (*inputs[:4], orders, BATCH_SIZE, learning_rate, 0.0, 1)
    assert_reference(problem.iterations["averaged SGD"].reference(arguments), mean)


def test_the_decaying_rate_falls_from_epoch_to_epoch():
    problem = BY_NAME["fit"]
    X, y, w, b, learning_rate, seed = inputs_of("fit", "20x2")
    orders, decay = epoch_orders(20, seed, 3), 0.75
    exact_w, exact_b = exactly(w), Fraction(b)
    for epoch, order in enumerate(orders):
        rate = Fraction(learning_rate / (1 + decay * epoch))
        for start in range(0, 20, BATCH_SIZE):
            chosen = order[start : start + BATCH_SIZE]
            exact_w, exact_b = step(rows(X[chosen]), exactly(y[chosen]), exact_w, exact_b, rate)
    arguments = (X, y, w, b, orders, BATCH_SIZE, learning_rate, decay, 3)
    assert_reference(problem.iterations[DECAYING].reference(arguments), [*exact_w, exact_b])


def test_the_iterates_of_conjugate_gradients_minimise_over_their_krylov_space():
    # After k steps from v the optimum over v + span(s, Hs, ..., H^(k-1) s), with s the slope there, in fractions.
    problem = BY_NAME["fit"]
    inputs = inputs_of("fit", "20x3")
    arguments = problem.arguments(inputs, problem.reference(inputs), CONJUGATE)
    A = [[*row, Fraction(1)] for row in rows(arguments[0])]
    columns, start = list(zip(*A, strict=True)), [*exactly(arguments[2]), Fraction(arguments[3])]
    gram = [[dot(u, v) for v in columns] for u in columns]
    slope = [dot(u, exactly(arguments[1])) - dot(row, start) for u, row in zip(columns, gram, strict=True)]
    basis = [slope, [dot(row, slope) for row in gram]]
    small = solution(
        [[dot(u, [dot(row, v) for row in gram]) for v in basis] for u in basis], [dot(u, slope) for u in basis]
    )
    want = [v + small[0] * p + small[1] * q for v, p, q in zip(start, *basis, strict=True)]
    iteration = problem.iterations[CONJUGATE]
    assert_reference(iteration.reference(iteration.shorten(arguments, 2)), want)


@pytest.fixture(scope="module")
def fitted():
    """Return the inputs of `fit`, and its reference at the target of each problem of its family."""
    inputs = inputs_of("fit", "1000x2")
    reference = BY_NAME["fit"].reference(inputs)
    return inputs, {name: replace(reference, tolerance=target) for name, target in TARGETS.items()}


def excess_after(name, algorithm, fitted, steps):
    """Return the relative excess loss after so many steps, from the algorithm's exact iterate."""
    problem, (inputs, references) = BY_NAME[name], fitted
    facts = {**references[name].facts, f"{algorithm} to {TARGETS[name]:g}": steps}
    iteration = problem.iterations[algorithm]
    arguments = problem.arguments(inputs, replace(references[name], facts=facts), algorithm)
    return problem.error(inputs, references[name], iteration.reference(arguments).answers)


def counted(name, algorithm, fitted):
    inputs, references = fitted
    problem = BY_NAME[name]
    return problem.iterations[algorithm].count(problem.arguments(inputs, references[name], algorithm))


@pytest.mark.parametrize("algorithm", [AVERAGED, DECAYING])
def test_the_counted_epochs_stay_within_the_target_and_one_fewer_does_not(algorithm, fitted):
    count = counted("fit", algorithm, fitted)
    assert all(excess_after("fit", algorithm, fitted, k) <= TARGETS["fit"] for k in range(count, 2 * count + 1))
    assert excess_after("fit", algorithm, fitted, count - 1) > TARGETS["fit"]


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("algorithm", [DESCENT, CONJUGATE])
def test_the_counted_iterations_are_the_fewest_that_reach_the_target(name, algorithm, fitted):
    count = counted(name, algorithm, fitted)
    assert excess_after(name, algorithm, fitted, count) <= TARGETS[name]
    assert excess_after(name, algorithm, fitted, count - 1) > TARGETS[name]


def test_what_never_settles_within_the_target_says_so(fitted):
    inputs, references = fitted
    with pytest.raises(
        NoReference, match=r"does not come within 0\.0001 of the optimum's loss, and stay there, in 400"
    ):
        BY_NAME["fit"].arguments(inputs, references["fit"], CONSTANT)


@pytest.mark.parametrize(
    ("excess", "again", "expected"),
    [
        ([9, 0.5, 9, 0.5, 0.5, 0.5, 0.5, 9], True, 3),  # the first that is within falls out again
        ([9, 0.5, 9, 0.5, 0.5, 0.5], True, 0),  # six steps would have to be followed
        ([9, 0.5, 9], False, 1),
        ([0.5, 9, 9, 9], True, 0),
        ([0.5, 0.5, 9], False, 1),  # no answer takes less than a step
        ([9, 1.0, 0.5, 0.5, 0.5], True, 2),  # on the target itself, rounding decides
    ],
)
def test_a_step_counts_when_as_many_again_stay_within_the_target(excess, again, expected):
    assert trajectories.first_within(excess, 1.0, again=again) == expected
