"""The registry's solvers for X and y in two .npy files: paths in, (w, b) out.

Each has its blocks as large as `fit` has, but at least eight, so that small files stand in for large ones.
"""

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrbench.out_of_core import cluster, dask_engine, passes
from lrbench.out_of_core.blocks import BLOCK_BYTES, Source
from lrbench.out_of_core.npy import open_npy
from lrbench.regression.gram import solved
from lrbench.regression.merging import merged
from lrbench.regression.sgd_numba_jit import sgd_fit

Floats = NDArray[np.float64]

_LEAST_BLOCKS = 8
EPOCHS, BATCH_SIZE = 5, 10
_RATE = 0.25  # over the mean of |x|^2 + 1: a batch's steps contract well below twice its inverse


def paths(inputs: tuple[Any, Any]) -> tuple[str, str]:
    """Return the files of stored arrays."""
    return inputs[0].path, inputs[1].path


def paths_and_cluster(inputs: tuple[Any, Any]) -> tuple[str, str]:
    """Return the files of stored arrays, after the cluster has been started or joined."""
    cluster.client()
    return paths(inputs)


def source_of(X: str, y: str) -> Source:
    """Return the source of two files, in at least eight blocks."""
    size = np.load(X, mmap_mode="r").nbytes
    return open_npy(X, y, block_bytes=min(BLOCK_BYTES, max(1, size // _LEAST_BLOCKS)))


def one_pass_gram_blocks(X: str, y: str) -> tuple[Floats, float]:
    """Return (w, b) from the Gram matrix of one pass, in one process whose threads take a block each.

    Work and errors: those of `gram.one_pass_gram`; BadBlock.
    """
    run = passes.in_this_process(source_of(X, y))
    return solved(run(functools.partial(passes.block_moments, intercept=True), merged))


def refined_blocks(X: str, y: str) -> tuple[Floats, float]:
    """Return (w, b) as `one_pass_gram_blocks`, and corrected by one more pass or two until rounding hides the rest."""
    solution = passes.solve(passes.in_this_process(source_of(X, y)), intercept=True)
    return solution.w, solution.b


def dask_gram(X: str, y: str) -> tuple[Floats, float]:
    """Return (w, b) from the Gram matrix of one pass, a task a block, each read by the worker that computes it."""
    run = dask_engine.over_source(source_of(X, y), cluster.client())
    return solved(run(functools.partial(passes.block_moments, intercept=True), merged))


def dask_refined(X: str, y: str) -> tuple[Floats, float]:
    """Return (w, b) as `dask_gram`, corrected."""
    solution = passes.solve(dask_engine.over_source(source_of(X, y), cluster.client()), intercept=True)
    return solution.w, solution.b


def dask_sgd(X: str, y: str) -> tuple[Floats, float]:
    """Return (w, b) after EPOCHS epochs of mini-batch SGD, each block on its own, averaged after each epoch.

    Every epoch, all blocks start from the same (w, b), take their rows in the order of the file, and return the mean
    of their iterates; the next start is those means' mean. The result errs by the noise of that, not by rounding.
    For columns of about one scale, in an order that is no order (as shuffled).
    Work: 4 n_samples n_features flops an epoch.
    Source: M. Zinkevich, M. Weimer, A. Smola and L. Li, "Parallelized Stochastic Gradient Descent" (2010).
    """
    source = source_of(X, y)
    run = dask_engine.over_source(source, cluster.client())
    features, _ = source.read(0)
    w, b = np.zeros(features.shape[1]), 0.0
    rate = _RATE / (float(np.einsum("ij,ij->", features, features)) / len(features) + 1.0)
    for _ in range(EPOCHS):
        n_rows, sum_w, sum_b = run(functools.partial(block_sgd, w=w, b=b, learning_rate=rate), _added)
        w, b = sum_w / n_rows, sum_b / n_rows
    return w, b


def block_sgd(X: Floats, y: Floats, *, w: Floats, b: float, learning_rate: float) -> tuple[int, Floats, float]:
    """Return a block's rows, and its averaged (w, b) after one epoch, times them."""
    order = np.arange(len(y))[None]
    w, b = sgd_fit(X, y, w, b, order, BATCH_SIZE, learning_rate, 0.0, 0)
    return len(y), w * len(y), b * len(y)


def _added(first: tuple[int, Floats, float], second: tuple[int, Floats, float]) -> tuple[int, Floats, float]:
    return first[0] + second[0], first[1] + second[1], first[2] + second[2]
