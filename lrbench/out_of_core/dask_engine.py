"""Passes as trees of Dask's delayed calls: Dask schedules, ships and retries.

A task is a run of blocks, read one by one where they are computed, and reduced to n_features^2 numbers, which are
merged by eights. There are enough tasks to keep workers evenly busy, and no more: Dask's scheduler takes milliseconds
for each, which with a task a block would be most of a large cluster's time. Tasks use one thread each and serial
kernels: numba's own threads may have one caller only (the workqueue layer aborts).
"""

import copy
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lrbench.out_of_core.blocks import BadSource, Source, apply, read_and_apply
from lrbench.out_of_core.npy import unmap
from lrbench.out_of_core.passes import Pass
from lrbench.regression.merging import merged_in_pairs

Floats = NDArray[np.float64]
T = TypeVar("T")

_SPLIT = 8  # results merged in one task
TASKS_A_THREAD = 16  # the last ones leave other workers idle for 1/32 of the time; a lost worker's are done again
_MATRIX = 2


def over_source(source: Source, client: Any = None) -> Pass:
    """Return the pass over a source whose blocks are read by Dask's workers.

    client: a distributed.Client; None for the one that is current, or Dask's threads in this process.
    """

    def run(each: Callable[[NDArray[Any], Floats], T], merge: Callable[[T, T], T]) -> T:
        from dask import delayed

        call = delayed(_reduce_run, pure=False, traverse=False)
        runs = itertools.pairwise(edges(source.n_blocks, _threads(client)))
        return _computed([call(source, each, merge, *run) for run in runs], merge, client)

    return run


def edges(n_blocks: int, threads: int) -> list[int]:
    """Return where tasks begin and end: runs of blocks whose lengths differ by one at most."""
    tasks = min(n_blocks, TASKS_A_THREAD * threads)
    return [n_blocks * k // tasks for k in range(tasks + 1)]


def _threads(client: Any) -> int:
    """Return the threads that compute tasks: a cluster's, or this process's."""
    from dask.system import CPU_COUNT

    if client is None:
        from dask.base import get_scheduler

        current = getattr(get_scheduler(), "__self__", None)
        client = current if hasattr(current, "nthreads") else None
    return max(1, sum(client.nthreads().values()) if client is not None else CPU_COUNT)


def _reduce_run(
    source: Source, each: Callable[[NDArray[Any], Floats], T], merge: Callable[[T, T], T], first: int, end: int
) -> T | None:
    """Return each(X, y) of a run of blocks, merged: one task of a pass."""

    def parts() -> Iterator[T]:
        for k in range(first, end):
            yield read_and_apply(source, each, k)
            unmap()  # Dask takes mapped pages for a worker's own memory, and pauses it where they are many

    return merged_in_pairs(parts(), merge)


def over_arrays(X: Any, y: Any, client: Any = None) -> Pass:
    """Return the pass over dask arrays, a chunk of rows a block."""
    features, target = _blocks(X, y)

    def run(each: Callable[[NDArray[Any], Floats], T], merge: Callable[[T, T], T]) -> T:
        from dask import delayed

        call = delayed(_apply_chunk, pure=False)
        tasks = [call(each, k, *pair) for k, pair in enumerate(zip(features, target, strict=True))]
        return _computed(tasks, merge, client)

    return run


def is_dask_array(value: Any) -> bool:
    """Return whether a value is a dask array, without importing dask."""
    return type(value).__module__.partition(".")[0] == "dask" and hasattr(value, "to_delayed")


def _blocks(X: Any, y: Any) -> tuple[list[Any], list[Any]]:
    """Return the chunks of X, each with all columns, and those of y, the same rows."""
    if not is_dask_array(y) or X.ndim != _MATRIX or y.ndim != 1:
        message = f"X is a dask array of {X.ndim} axes: y must be one of one axis, X of two (samples, features)."
        raise BadSource(message)
    if len(X.chunks[1]) > 1:
        X = X.rechunk({1: -1})
    if not np.isnan(X.chunks[0]).any() and X.shape[0] != y.shape[0]:
        message = f"y: {y.shape[0]} targets for the {X.shape[0]} samples of X."
        raise BadSource(message)
    if X.chunks[0] != y.chunks[0] and not np.isnan([*X.chunks[0], *y.chunks[0]]).any():
        y = y.rechunk({0: X.chunks[0]})
    features, target = X.to_delayed().ravel().tolist(), y.to_delayed().ravel().tolist()
    if len(features) != len(target):
        message = f"X has {len(features)} chunks of rows, y {len(target)}, of unknown lengths. Give both the same."
        raise BadSource(message)
    return features, target


def _apply_chunk(each: Callable[[NDArray[Any], Floats], T], k: int, X: Any, y: Any) -> T:
    return apply(each, lambda: f"block {k} of the dask arrays", k, (X, y))


def _merge_all(merge: Callable[[T, T], T], parts: Sequence[T]) -> T | None:
    return merged_in_pairs(copy.deepcopy(parts), merge)  # Dask may need them again, after a loss


def _computed(tasks: Sequence[Any], merge: Callable[[T, T], T], client: Any) -> T:
    """Return the tasks' results, merged by a tree."""
    import dask

    merge_all = dask.delayed(_merge_all, pure=False)
    level = list(tasks)
    while len(level) > 1:
        level = [merge_all(merge, level[i : i + _SPLIT]) for i in range(0, len(level), _SPLIT)]
    if client is not None:
        return client.compute(level[0]).result()
    return dask.compute(level[0])[0]
