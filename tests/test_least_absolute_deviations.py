"""Least absolute deviations: backends, exact minimiser, proof and excess against exact rational arithmetic."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rational import dot, exactly, paired, solution
from sgd_cases import sgd_cases

from lrbench.problems import iterates, least_absolute_deviations, vertex
from lrbench.problems.least_absolute_deviations import CONSTANT, EPOCHS, PROBLEM, SETTLED, SETTLING
from lrbench.registry import NoReference
from lrbench.regression import absolute_numba_jit, absolute_numpy_vectorized, absolute_python_loop, python_loop
from lrbench.regression.absolute_numpy_vectorized import vertex_descent

BACKENDS = {
    "python_loop": absolute_python_loop,
    "numpy_vectorized": absolute_numpy_vectorized,
    "numba_jit": absolute_numba_jit,
}
UNIT = 2.0**-53


def make(n, d, seed):
    """Return data whose every number is a small binary fraction, and no residual of a start is 0."""
    rng = np.random.default_rng(seed)
    X, w = (rng.integers(-64, 65, shape) / 64 for shape in ((n, d), d))
    return X, rng.integers(-64, 65, n) / 64 + 2.0**-20 * rng.integers(1, 1000, n), w, float(rng.integers(-64, 65) / 64)


def with_ones(X):
    return [[*exactly(row), Fraction(1)] for row in X]


def loss(X, y, v):
    return sum(abs(dot(row, v) - t) for row, t in zip(with_ones(X), exactly(y), strict=True)) / len(y)


def best_vertex(X, y):
    """Return the minimiser, which some d + 1 samples determine, by trying them all."""
    A, t = with_ones(X), exactly(y)
    tried = (
        solution([A[i] for i in chosen], [t[i] for i in chosen]) for chosen in combinations(range(len(t)), len(A[0]))
    )
    return min((v for v in tried if v), key=lambda v: loss(X, y, v))


@given(case=sgd_cases(make), decay=st.sampled_from([0.0, 1.0]), average_from=st.integers(0, 3))
@settings(deadline=None, max_examples=60)
@pytest.mark.parametrize("backend", BACKENDS)
def test_subgradient_sgd_steps_by_the_signs_of_the_residuals(backend, case, decay, average_from):
    # Steps are sums of at most 10 numbers up to 1, times a rate of at most 1/4: 30 of them err by under 1000 UNIT, far
    # less than the 2^-20 / 60 that a residual here stays away from 0 by, so that every sign is right.
    (X, y, w, b), orders, batch_size = case
    A, targets, v, seen = with_ones(X), exactly(y), [*exactly(w), Fraction(b)], []
    for epoch, order in enumerate(orders.tolist()):
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            residuals = [dot(A[i], v) - targets[i] for i in batch]
            if min(map(abs, residuals)) < 1e-12:
                return  # rounding decides the sign
            signs = [1 if r > 0 else -1 for r in residuals]
            rate = Fraction(1, 4) / (1 + Fraction(decay) * epoch) / len(batch)
            v = [v_j - rate * dot(signs, [A[i][j] for i in batch]) for j, v_j in enumerate(v)]
            seen += [v] if epoch >= average_from else []
    want = [sum(column) / len(seen) for column in zip(*seen, strict=True)] if seen else v
    arguments = (X, y, w, b, orders, batch_size, 0.25, decay, average_from)
    arguments = python_loop.as_lists(arguments) if backend == "python_loop" else arguments
    got_w, got_b = BACKENDS[backend].sgd_fit(*arguments)
    assert max(abs(g - x) for g, x in zip([*exactly(got_w), Fraction(float(got_b))], want, strict=True)) <= 1000 * UNIT


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_residual_no_step_and_no_argument_changed(backend):
    X, _, w, b = make(8, 2, 0)
    arguments = (X, X @ w + b, w, b, np.arange(8)[None, :], 3, 0.25, 0.0, 1)
    values = python_loop.as_lists(arguments) if backend == "python_loop" else arguments
    before = [np.array(value) for value in values]
    got_w, got_b = BACKENDS[backend].sgd_fit(*values)
    assert (list(got_w), got_b) == (w.tolist(), b)
    assert all(np.array_equal(value, old) for value, old in zip(values, before, strict=True))


@pytest.mark.parametrize(("n", "d"), [(3, 1), (12, 1), (9, 2), (11, 3)])
@pytest.mark.parametrize("seed", range(4))
def test_the_minimiser_is_the_best_of_all_vertices(n, d, seed):
    X, y, _, _ = make(n, d, seed)
    y[seed % n] += 30.0  # an outlier, which least squares would follow
    best = best_vertex(X, y)
    w, b = vertex_descent(X, y)
    assert loss(X, y, [*exactly(w), Fraction(b)]) <= loss(X, y, best) + Fraction(1e-13)


@pytest.mark.parametrize(("n", "d"), [(12, 1), (9, 2), (11, 3)])
def test_the_reference_is_exact(n, d):
    for seed in range(20):
        X, y, _, _ = make(n, d, seed)
        try:
            v, least = vertex.minimise(X, y)
        except NoReference:
            continue  # more than one is the best of such short numbers
        best = best_vertex(X, y)
        assert max(abs(found - x) for found, x in zip(paired(v), best, strict=True)) <= Fraction(2.0**-85)
        assert abs(Fraction(least) - loss(X, y, best)) <= 1e-14
        return
    pytest.fail("no data set out of 20 has one minimiser")


@pytest.mark.parametrize("size", ["1000x2", "20000x5"])
def test_from_a_part_of_the_rows_to_all_of_them(size):
    X, y = least_absolute_deviations.make_data(size, 1)
    vertex.minimise(X, y)  # proves it


def not_the_best(X, y):
    w, b = vertex_descent(X[1:], y[1:])
    return w + 0.1, b


def test_a_wrong_candidate_is_not_proven(monkeypatch):
    X, y = least_absolute_deviations.make_data("1000x2", 1)
    monkeypatch.setattr(vertex, "resolve_name", lambda _: not_the_best)
    with pytest.raises(NoReference, match="could not be proven"):
        vertex.minimise(X, y)


def test_more_samples_on_the_plane_than_determine_it_prove_nothing():
    X = np.arange(8.0)[:, None]
    y = X[:, 0] + np.array([0, 3, 0, -4, 0, 5, 0, -2])
    with pytest.raises(NoReference, match="could not be proven"):
        vertex.minimise(X, y)


def test_data_with_several_minimisers_have_no_reference():
    X = np.array([[0.0], [0.0], [1.0], [1.0], [2.0]])
    with pytest.raises(NoReference, match="more than one may be the best"):
        vertex.minimise(X, np.array([0.0, 1.0, 0.0, 1.0, 0.5]))


def test_a_descent_that_goes_in_circles_says_so():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 3, (300, 2)).astype(float)  # whole numbers: many samples on every plane
    with pytest.raises(np.linalg.LinAlgError, match="goes in circles"):
        vertex_descent(X, rng.integers(0, 6, 300).astype(float))


def test_dependent_columns_have_no_reference():
    X, y = least_absolute_deviations.make_data("50x2", 1)
    with pytest.raises(NoReference, match="no plane of least absolute deviations was found"):
        vertex.minimise(np.column_stack([X, X[:, 0] + X[:, 1]]), y)


@pytest.fixture(scope="module")
def asked():
    inputs = PROBLEM.make_inputs(PROBLEM.make_data("1000x2", 0), 0)
    return inputs, PROBLEM.reference(inputs)


@pytest.mark.parametrize("distance", [1.0, 1e-3, 1e-6])
def test_the_excess_is_exact_near_the_optimum_and_far_from_it(asked, distance):
    (X, y, *_), reference = asked
    answer = reference.answers[0] + distance, reference.answers[1] - distance
    best = [
        sum(pair)
        for pair in zip(*(exactly(np.append(*part)) for part in (reference.answers, reference.tails)), strict=True)
    ]
    least = loss(X, y, best)
    expected = (loss(X, y, exactly(np.append(*answer))) - least) / least
    # Float64 rounds the answer's distance itself, by UNIT of the coefficients, and each sample's rise by UNIT of it.
    assert PROBLEM.error(asked[0], reference, answer) == pytest.approx(float(expected), rel=1e-8 + 1e-14 / distance)


def test_the_averaged_iterate_settles_and_the_last_one_of_a_constant_rate_does_not():
    inputs = PROBLEM.make_inputs(PROBLEM.make_data("5000x8", 0), 0)
    reference = PROBLEM.reference(inputs)
    assert reference.facts[SETTLING] <= SETTLED < reference.facts[CONSTANT]
    assert PROBLEM.tolerance(reference, "vertex descent") < SETTLED

    def late_excess(rate):
        """Return the mean excess after each of the epochs from 10 on, and after each of those from 15 on."""
        arguments = PROBLEM.arguments((*inputs[:4], rate, inputs[5]), reference, CONSTANT)
        iteration = PROBLEM.iterations[CONSTANT]
        ends = [iteration.reference(iteration.shorten(arguments, k)).answers for k in range(10, EPOCHS + 1)]
        excess = [PROBLEM.error(inputs, reference, end) for end in ends]
        return np.mean(excess), np.mean(excess[5:])

    all_late, last = late_excess(0.04)
    assert 0.5 < last / all_late < 2.0  # it hops, and comes no nearer
    assert 2.0 < all_late / late_excess(0.01)[0] < 8.0  # as far as the rate lets it


def test_what_does_not_settle_says_so(asked):
    inputs, reference = asked
    far = type(reference)(
        *(getattr(reference, n) for n in ("answers", "tails", "scales", "tolerance")), {SETTLING: 0.1}
    )
    with pytest.raises(NoReference, match=r"does not settle within 0\.0001"):
        PROBLEM.arguments(inputs, far, SETTLING)


def test_a_residual_whose_sign_rounding_decides_is_refused():
    X, y, w, b = make(20, 2, 0)
    y[3] = np.nextafter(X[3] @ w + b, 9.0)
    arguments = (X, y, w, b, np.array([[3, *range(3), *range(4, 20)]]), 10, 0.25, 0.0, 1)
    with pytest.raises(NoReference, match="leaves its sign to rounding"):
        iterates.sgd(arguments, absolute=True)


def test_a_linear_program_finds_the_same():
    pytest.importorskip("scipy", reason="needs scipy: pip install 'lrbench[peers]'")
    from lrbench.peers.highs import least_absolute_deviations as by_program

    X, y = least_absolute_deviations.make_data("1000x2", 2)
    (w, b), (w_program, b_program) = vertex_descent(X, y), by_program(X, y)
    assert np.abs(w - w_program).max() <= 1e-9
    assert abs(b - b_program) <= 1e-9
