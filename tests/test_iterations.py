"""Iterations on the normal equations, in three backends, against exact rational arithmetic and the minimiser."""

from fractions import Fraction

import numpy as np
import pytest

from lrbench.regression import iterations_numba_jit, iterations_numpy_vectorized, iterations_python_loop, python_loop

BACKENDS = {
    "python_loop": iterations_python_loop,
    "numpy_vectorized": iterations_numpy_vectorized,
    "numba_jit": iterations_numba_jit,
}
CONJUGATE = ["conjugate_gradients", "gram_conjugate_gradients"]
UNIT = 2.0**-53
# One sample, fewer than a panel of the compiled kernel, and more than one with a last one that is not whole.
SHAPES = [(1, 1), (6, 1), (7, 2), (9, 3), (300, 2)]


@pytest.fixture(params=BACKENDS)
def backend(request):
    return request.param


def call(backend, name, *arguments):
    """Return (w, b, iterations, converged), w as an array."""
    if backend == "python_loop":
        arguments = python_loop.as_lists(arguments)
    w, b, iterations, converged = getattr(BACKENDS[backend], name)(*arguments)
    return np.asarray(w), b, iterations, converged


def make(n, d, seed=0):
    """Return data whose every number is a small binary fraction, so that exact rationals stay short."""
    rng = np.random.default_rng(seed)
    arrays = (rng.integers(-64, 65, shape) / 64 for shape in ((n, d), n, d))
    return *arrays, float(rng.integers(-64, 65) / 64)


def normal_equations(X, y):
    """Return A'A / n and A'y / n with A = [X 1], in fractions."""
    A = [[*map(Fraction, map(float, row)), Fraction(1)] for row in X]
    columns, n = list(zip(*A, strict=True)), len(y)
    target = [Fraction(float(t)) for t in y]
    return [[dot(u, v) / n for v in columns] for u in columns], [dot(u, target) / n for u in columns]


def dot(u, v):
    return sum((p * q for p, q in zip(u, v, strict=True)), Fraction(0))


def slope(gram, target, v):
    return [t - dot(row, v) for row, t in zip(gram, target, strict=True)]


def exact_descent(X, y, w, b, rate, steps):
    (gram, target), v = normal_equations(X, y), [*map(Fraction, map(float, w)), Fraction(b)]
    for _ in range(steps):
        v = [v_j + rate * s_j for v_j, s_j in zip(v, slope(gram, target, v), strict=True)]
    return v


def exact_conjugate_gradients(X, y, w, b, steps):
    """Return the last iterate: each minimises the loss over all directions so far, made conjugate one by one."""
    (gram, target), v = normal_equations(X, y), [*map(Fraction, map(float, w)), Fraction(b)]
    directions = []
    for _ in range(steps):
        s = slope(gram, target, v)
        p = list(s)
        for q, gram_q in directions:
            p = [p_j - dot(s, gram_q) / dot(q, gram_q) * q_j for p_j, q_j in zip(p, q, strict=True)]
        gram_p = [dot(row, p) for row in gram]
        directions.append((p, gram_p))
        v = [v_j + dot(p, s) / dot(p, gram_p) * p_j for v_j, p_j in zip(v, p, strict=True)]
    return v


def distance(got, want):
    return float(max(abs(Fraction(float(x)) - v) for x, v in zip((*got[0], got[1]), want, strict=True)))


@pytest.mark.parametrize(("n", "d"), SHAPES)
def test_descent_on_the_gram_matrix_takes_the_steps_of_descent(backend, n, d):
    # All numbers are at most 1, so that the Gram matrix errs by at most (n + 2) UNIT an element, a gradient of 4
    # coefficients below 4 by 16 times as much, and six contractions of rate 1/4 add up to 24 (n + 10) UNIT.
    X, y, w, b = make(n, d)
    got = call(backend, "gram_descent", X, y, w, b, 0.25, 0.0, 6)
    assert distance(got, exact_descent(X, y, w, b, Fraction(1, 4), 6)) <= 24 * (n + 10) * UNIT
    assert got[2:] == (6, False)


@pytest.mark.parametrize("name", CONJUGATE)
@pytest.mark.parametrize(("n", "d"), SHAPES[2:])
@pytest.mark.parametrize("steps", [1, 2])
def test_conjugate_gradients_minimise_along_conjugate_directions(backend, name, n, d, steps):
    # The condition number of these Gram matrices is below 11; a step's quotients of sums amplify roundings by at most
    # about its square, and the second step amplifies the first one's once more.
    X, y, w, b = make(n, d)
    assert np.linalg.cond(np.column_stack([X, np.ones(n)])) ** 2 < 11
    got = call(backend, name, X, y, w, b, 0.0, steps)
    assert distance(got, exact_conjugate_gradients(X, y, w, b, steps)) <= 11 ** (2 * steps) * (n + 10) * UNIT
    assert got[2:] == (steps, False)


@pytest.mark.parametrize("name", CONJUGATE)
@pytest.mark.parametrize("d", [1, 2, 5])
def test_conjugate_gradients_end_after_as_many_steps_as_there_are_unknowns(backend, name, d):
    X, y, w, b = make(200, d, seed=1)
    got = call(backend, name, X, y, w, b, 1e-12, 50)
    assert got[3]
    assert got[2] == d + 1
    expected = np.linalg.lstsq(np.column_stack([X, np.ones(200)]), y, rcond=None)[0]
    assert np.abs(np.append(got[0], got[1]) - expected).max() <= 1e-11  # a gradient of 1e-12 over an eigenvalue of 0.1


def test_conjugate_gradients_on_the_data_keep_digits_that_the_gram_matrix_loses(backend):
    # Columns nearly alike: condition number 2e6, of the Gram matrix 4e12. Without noise, an answer of CGLS errs like
    # the first times UNIT, one from the Gram matrix like the second.
    rng = np.random.default_rng(3)
    X = rng.standard_normal((300, 2))
    X[:, 1] = X[:, 0] + 1e-6 * X[:, 1]
    y = X @ np.ones(2)
    errors = [np.abs(call(backend, name, X, y, np.zeros(2), 0.0, 0.0, 30)[0] - 1.0).max() for name in CONJUGATE]
    assert errors[0] <= 1e-7
    assert errors[1] >= 10 * errors[0]


@pytest.mark.parametrize("name", ["gram_descent", *CONJUGATE])
def test_nothing_to_gain_returns_the_start(backend, name):
    # Whole numbers, and a power of two of them: nothing rounds, so that the gradient vanishes exactly.
    X = np.arange(16.0).reshape(8, 2) % 3
    w, b = np.array([2.0, -1.0]), 3.0
    rate = (0.25,) if name == "gram_descent" else ()
    for y, steps, expected in ((X @ w + b, 10, (0, True)), (np.ones(8), 0, (0, False))):
        got = call(backend, name, X, y, w, b, *rate, 0.0, steps)
        assert got[0].tolist() == w.tolist()
        assert got[1:] == (b, *expected)


@pytest.mark.parametrize("name", ["gram_descent", *CONJUGATE])
def test_iterations_stop_at_the_first_gradient_within_the_tolerance(backend, name):
    X, y, w, b = make(100, 3, seed=4)
    rate = (0.5,) if name == "gram_descent" else ()
    tolerance = 1e-3
    end = call(backend, name, X, y, w, b, *rate, tolerance, 1000)
    assert end[3]
    assert 0 < end[2] < 1000
    previous = call(backend, name, X, y, w, b, *rate, tolerance, int(end[2]) - 1)
    assert not previous[3]
    gram, target = normal_equations(X, y)
    for got, is_within in ((end, True), (previous, False)):
        s = slope(gram, target, [Fraction(float(v)) for v in (*got[0], got[1])])
        assert (float(dot(s, s)) <= tolerance**2) is is_within


@pytest.mark.parametrize("name", ["gram_descent", *CONJUGATE])
def test_no_argument_is_changed(backend, name):
    X, y, w, b = make(9, 3)
    arrays = (X, y, w, b, *((0.1,) if name == "gram_descent" else ()), 0.0, 3)
    values = python_loop.as_lists(arrays) if backend == "python_loop" else arrays
    before = [np.array(value) for value in values]
    answer = getattr(BACKENDS[backend], name)(*values)
    assert all(np.array_equal(value, old) for value, old in zip(values, before, strict=True))
    assert not any(np.shares_memory(answer[0], value) for value in values if isinstance(value, np.ndarray))
