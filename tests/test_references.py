"""The references are right to twice float64's precision: held against exact rational arithmetic."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from lrbench.problems import PROBLEMS
from lrbench.problems.fit import BATCH_SIZE, epoch_orders
from lrbench.problems.houses import make_houses

BY_NAME = {problem.name: problem for problem in PROBLEMS}
# Double-double arithmetic carries 106 bits; a few hundred operations lose a few of them.
RELATIVE = Fraction(1, 2**95)


def exactly(array):
    return [Fraction(float(value)) for value in np.ravel(array)]


def rows(X):
    return [exactly(row) for row in X]


def dot(u, v):
    return sum((a * b for a, b in zip(u, v, strict=True)), Fraction(0))


def residuals(X, y, w, b):
    return [dot(row, w) + b - target for row, target in zip(X, y, strict=True)]


def step(X, y, w, b, learning_rate):
    r = residuals(X, y, w, b)
    w = [wj - learning_rate * dot(column, r) / len(r) for wj, column in zip(w, zip(*X, strict=True), strict=True)]
    return w, b - learning_rate * sum(r) / len(r)


def solve(A, c):
    """Return the solution of A x = c by elimination in fractions."""
    A = [[*row, value] for row, value in zip(A, c, strict=True)]
    for k in range(len(A)):
        pivot = next(i for i in range(k, len(A)) if A[i][k])
        A[k], A[pivot] = A[pivot], A[k]
        A[k] = [value / A[k][k] for value in A[k]]
        for i in range(len(A)):
            if i != k:
                A[i] = [value - A[i][k] * lead for value, lead in zip(A[i], A[k], strict=True)]
    return [row[-1] for row in A]


def minimiser(X, y):
    A = [[*row, Fraction(1)] for row in X]
    columns = list(zip(*A, strict=True))
    return solve([[dot(u, v) for v in columns] for u in columns], [dot(u, y) for u in columns])


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
    assert_reference(BY_NAME["least_squares"].reference((X, y)), minimiser(rows(X), exactly(y)))


@pytest.mark.parametrize("closeness", [1e-3, 1e-6])
def test_the_minimiser_is_exact_for_columns_that_are_nearly_alike(closeness):
    # The residuals' last bits are amplified by the square of the condition number, about 1 / closeness.
    rng = np.random.default_rng(2)
    X, y = make_houses("30x3", 3)
    X[:, 2] = X[:, 0] + closeness * rng.standard_normal(30)
    relative = RELATIVE * Fraction(10 / closeness) ** 2
    assert_reference(BY_NAME["least_squares"].reference((X, y)), minimiser(rows(X), exactly(y)), relative)


def test_the_iterates_of_fit_are_those_of_their_algorithms():
    problem = BY_NAME["fit"]
    inputs = inputs_of("fit", "20x2")
    reference = problem.reference(inputs)
    assert_reference(reference, minimiser(rows(inputs[0]), exactly(inputs[1])))
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


def test_the_counted_epochs_stay_within_the_tolerance_and_one_fewer_does_not():
    problem = BY_NAME["fit"]
    inputs = inputs_of("fit", "1000x2")
    reference = problem.reference(inputs)
    arguments = problem.arguments(inputs, reference, "averaged SGD")
    iteration = problem.iterations["averaged SGD"]
    count = iteration.count(arguments)

    def excess(epochs):
        longer = problem.arguments(inputs, _with_epochs(reference, epochs), "averaged SGD")
        return problem.error(inputs, reference, iteration.reference(longer).answers)

    assert all(excess(epochs) <= reference.tolerance for epochs in range(count, 2 * count + 1))
    assert excess(count - 1) > reference.tolerance


def _with_epochs(reference, epochs):
    return replace(reference, facts={**reference.facts, "sgd_epochs": epochs})
