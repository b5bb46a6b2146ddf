"""Least squares from two files, X.npy and y.npy, that nobody reads as a whole: passes over blocks, here or by Dask."""

import functools
import math
from collections.abc import Iterator

import numpy as np

from lrbench.problems import houses, least_squares
from lrbench.registry import Floats, Implementation, Inputs, NoReference, Problem, Reference, dimensions
from lrbench.stored import PART_ROWS, stored

MAX_CONDITION_NUMBER = 1e6  # of the reference's own factor; the made data have 10 or so
_ENOUGH = 2.0**-90  # a correction this small, relatively, is far below what any float64 answer shows
SGD, SGD_SAMPLES = "SGD, averaged over blocks", "SGD, batch 1, averaged"
# How far from the minimiser SGD may stay: its excess of the squared loss is then below a thousandth of the noise's.
# What is wrong in earnest (a block left out, a step not averaged) errs by more; finer errors are not seen here.
SGD_TOLERANCE = 0.03


def make_files(size: str, seed: int, *, copies: int = 1) -> Inputs:
    """Return X and y of the documents' houses as files, made part by part in the cache's folder if they are not there.

    As `houses.make_houses`, but each part of the rows has its own generator, and columns are standardised by the mean
    and deviation of the first part's, since those of all would take another pass.
    copies: for how many such files the disk must have room.
    Errors: those of `stored`.
    """
    n, d = dimensions(size)
    return stored(f"{size}-{seed}", ((n, d), (n,)), _parts(n, d, seed), copies=copies)


def _parts(n: int, d: int, seed: int) -> Iterator[tuple[Floats, Floats]]:
    mean = deviation = np.zeros(d)
    j = np.arange(d)
    w = np.where(j % 2 == 0, 1.0, -1.0) * (0.5 + 1.0 / (1.0 + j))
    for part, start in enumerate(range(0, n, PART_ROWS)):
        rng = np.random.default_rng([seed, part])
        X = houses.raw_features(min(PART_ROWS, n - start), d, rng)
        if part == 0:
            mean, deviation = X.mean(axis=0), X.std(axis=0)
        X -= mean
        X /= deviation
        yield X, np.einsum("ij,j->i", X, w) + 3.0 + 0.5 * rng.standard_normal(len(X))


def reference(inputs: Inputs) -> Reference:
    """Return the exact minimiser, as `least_squares.reference` does, by passes over parts of the rows."""
    from lrbench.problems import exact

    X, y = (array.open() for array in inputs)
    n, d = X.shape
    gram = np.zeros((d + 1, d + 1))
    y_square = 0.0
    for part, target in _parts_of(X, y):
        A = np.column_stack([part, np.ones(len(part))])
        gram += A.T @ A
        y_square += float(target @ target)
    norms = np.sqrt(np.diag(gram))
    gram /= np.outer(norms, norms)
    smallest, largest = np.linalg.eigvalsh(gram)[[0, -1]]
    condition_number = math.sqrt(largest / smallest) if smallest > 0.0 else math.inf
    if condition_number > MAX_CONDITION_NUMBER:
        message = f"condition number {condition_number:.1e}: some columns are combinations of others"
        raise NoReference(message)
    v = exact.pair(np.zeros(d + 1))
    for _ in range(40):
        gradient = exact.pair(np.zeros(d + 1))
        for part, target in _parts_of(X, y):
            high, low, _ = exact.residuals(part, target, (v[0][:d], v[1][:d]), (v[0][d:], v[1][d:]))
            sums = exact.transposed_product(part, high, low)
            exact.add_in_place(gradient, sums[0])
            exact.add_in_place(gradient, sums[1])
        step = -np.linalg.solve(gram, gradient[0] / norms) / norms
        exact.add_in_place(v, step)
        if np.max(np.abs(step) * norms) <= _ENOUGH * np.max(np.abs(v[0]) * norms):
            return least_squares.as_reference(v, norms, math.sqrt(y_square), n, condition_number)
    message = f"corrections do not converge at a condition number of {condition_number:.1e}"
    raise NoReference(message)


def _parts_of(X: Floats, y: Floats) -> Iterator[tuple[Floats, Floats]]:
    for i in range(0, len(y), PART_ROWS):
        yield np.array(X[i : i + PART_ROWS]), np.array(y[i : i + PART_ROWS])


def tolerance(made: Reference, algorithm: str) -> float:
    """Return the largest error that passes: rounding's, but SGD's own for SGD."""
    return SGD_TOLERANCE if algorithm in (SGD, SGD_SAMPLES) else made.tolerance


_own = functools.partial(
    Implementation,
    requires=("numba",),
    threads="all",
    arithmetic="reassociated",
    convert="lrbench.out_of_core.solvers:paths",
)
_by_dask = functools.partial(
    _own,
    requires=("numba", "dask", "distributed"),
    extra="out-of-core",
    convert="lrbench.out_of_core.solvers:paths_and_cluster",
)


def _peer(name: str, algorithm: str, target: str, *packages: str, ns_per_flop: float = 0.0) -> Implementation:
    on_cluster = "distributed" in packages
    return Implementation(
        name,
        algorithm,
        f"lrbench.peers.{target}",
        requires=packages,
        extra="out-of-core",
        convert=f"lrbench.out_of_core.solvers:paths{'_and_cluster' if on_cluster else ''}",
        threads="all",
        arithmetic="reassociated",
        ns_per_flop=ns_per_flop,
    )


PROBLEM = Problem(
    name="least_squares_out_of_core",
    title="the w and b that minimise |X w + b - y|², X and y in files that are read by blocks",
    version="1",
    sizes=("100000x10", "1000000x10"),
    quick_size="100000x10",
    implementations=(
        _own("one_pass_gram_blocks", "one-pass gram", "lrbench.out_of_core.solvers:one_pass_gram_blocks"),
        _own("refined_blocks", "refined", "lrbench.out_of_core.solvers:refined_blocks"),
        _by_dask("dask_gram", "one-pass gram", "lrbench.out_of_core.solvers:dask_gram"),
        _by_dask("dask_refined", "refined", "lrbench.out_of_core.solvers:dask_refined"),
        _by_dask("dask_sgd", SGD, "lrbench.out_of_core.solvers:dask_sgd"),
        _peer("numpy_memory_map", "normal equations", "numpy_memory_map:normal_equations"),
        _peer("numpy_lstsq_memory_map", "SVD, divide and conquer", "numpy_memory_map:lstsq", ns_per_flop=0.38),
        _peer("dask_lstsq", "QR by blocks", "dask_array:lstsq", "dask", "distributed"),
        _peer("dask_ml", "Newton", "dask_ml:linear_regression", "dask", "distributed", "dask_ml"),
        _peer("scikit_learn_partial_fit", SGD_SAMPLES, "scikit_learn_blocks:partial_fit", "sklearn"),
    ),
    baseline="numpy_memory_map",
    make_data=functools.partial(make_files, copies=2),  # the gate's mirror image is another
    make_inputs=lambda data, _seed: data,
    reference=reference,
    tolerance=tolerance,
    mirror_inputs=(-1.0, 2.0),
    mirror_answers=(-2.0, 2.0),
    least_work=least_squares.least_work,
)
