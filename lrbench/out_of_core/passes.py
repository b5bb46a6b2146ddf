"""One pass for the second moments, and one more for each correction, whoever carries a pass out."""

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from lrbench.out_of_core.blocks import BadBlock, Source, find_not_finite, read_and_apply
from lrbench.out_of_core.reading import in_order
from lrbench.regression import corrections, double_double, refined
from lrbench.regression.double_double import Pair
from lrbench.regression.gram import Scatter, available_threads, scatter
from lrbench.regression.merging import merged, merged_in_pairs
from lrbench.regression.refined import Solution

Floats = NDArray[np.float64]
T = TypeVar("T")
Progress = Callable[[int, int | None], None]  # (blocks done, of how many; None where nobody knows)

_MOST_THREADS = 16  # that hold a block each: 0.5 GiB of them, and as many as memory can feed


class Pass(Protocol):
    """Whatever computes each(X, y) of every block and merges the results."""

    def __call__(self, each: Callable[[NDArray[Any], Floats], T], merge: Callable[[T, T], T]) -> T:
        """Return the merged results; BadBlock names a block that fails. merge may write into its first argument."""


def solve(run: Pass, *, intercept: bool, again: bool = True, threads: int = 1) -> Solution:
    """Return the least-squares minimiser by passes.

    again: whether the blocks can be had more than once; otherwise nothing is corrected.
    threads: of each block's computation.
    Errors: BadBlock; Unsolvable if the data do not determine the coefficients.
    """
    moments = run(functools.partial(block_moments, intercept=intercept, threads=threads), merged)

    def sums_at(v: Pair, bias: Floats | None) -> Pair:
        return run(functools.partial(block_sums, scale=moments.scale, v=v, bias=bias, threads=threads), add_sums)

    return refined.solve_by_passes(moments, sums_at if again else None, intercept=intercept, with_residuals=True)


def block_moments(X: NDArray[Any], y: Floats, *, intercept: bool, threads: int = 1) -> Scatter:
    """Return the second moments of one block; BadBlock where it holds what is not finite."""
    moments = scatter(X, y, intercept=intercept, threads=threads)
    if not np.isfinite(moments.gram.diagonal()).all() and (flaw := find_not_finite(X, y)):
        raise flaw
    return moments


def block_sums(X: NDArray[Any], y: Floats, *, scale: Floats, v: Pair, bias: Floats | None, threads: int = 1) -> Pair:
    """Return the gradient's sums of one block, as `corrections.gradient` gives them."""
    return corrections.gradient(X, y, 1.0 / scale, v, threads=threads, bias=bias)


def add_sums(first: Pair, second: Pair) -> Pair:
    """Return the sums of two parts together."""
    total: Pair = double_double.add(*first, *second)
    return total


def in_this_process(source: Source, *, progress: Progress | None = None) -> Pass:
    """Return the pass over a source in this process: blocks side by side, each read and computed by one thread.

    At least two threads, so that one reads while the other computes; each holds one block.
    """
    threads = min(max(2, available_threads()), _MOST_THREADS)

    def run(each: Callable[[NDArray[Any], Floats], T], merge: Callable[[T, T], T]) -> T:
        parts = in_order(functools.partial(read_and_apply, source, each), source.n_blocks, threads)
        return whole(counted(parts, progress, source.n_blocks), merge)

    return run


def whole(parts: Iterator[T], merge: Callable[[T, T], T]) -> T:
    """Return the results of all blocks, merged; BadBlock where there are none."""
    found = merged_in_pairs(parts, merge)
    if found is None:
        message = "no blocks, so nothing to fit."
        raise BadBlock(message)
    return found


def counted(parts: Iterable[T], progress: Progress | None, n_blocks: int | None) -> Iterator[T]:
    """Yield each block's result, and tell of it once the next is asked for."""
    for k, part in enumerate(parts):
        yield part
        if progress:
            progress(k + 1, n_blocks)
