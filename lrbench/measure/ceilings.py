"""What this machine can do at most: bandwidth by working set, and flop/s, each the best of several tries.

On virtual machines the ceilings move from minute to minute, so each is measured in the process, on the processors
and at the working set that it is held against.
"""

import functools
import math
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from lrbench import cache
from lrbench.results import Ceiling

SWEEP = (
    1_000,
    4_000,
    30_000,
    100_000,
    1_000_000,
    10_000_000,
    20_000_000,
)  # float64 elements of one array: first cache to memory
_LARGEST = 20_000_000  # elements of one array; beyond lies memory only
_SMALLEST = 1_000
_TRY_S, _TRIES = 4e-3, 7
_MATRIX, _LARGE_MATRIX = 1_200, 3_000  # the first in every run, where it has to be quick
_BYTES = {"read": 8, "add": 24, "add_streaming": 24}  # moved for one element


def sweep(threads: int, elements: Sequence[int] = ()) -> Iterator[Ceiling]:
    """Yield every ceiling of this process: bandwidths from the first cache to memory, then flop/s.

    elements: of one array; where some are given, the bandwidths at these alone.
    """
    for size in elements or SWEEP:
        yield from _bandwidths(threads, dict.fromkeys(_BYTES, size))
    if elements:
        return
    yield flops(threads, size=_LARGE_MATRIX)


def at_working_set(threads: int, size_bytes: float) -> Iterator[Ceiling]:
    """Yield the ceilings that apply to so many bytes of data, and flop/s.

    What one thread reaches, more of them can, too: should a neighbour have disturbed these, that one still stands.
    """
    sizes = {kind: min(max(int(size_bytes / each), _SMALLEST), _LARGEST) for kind, each in _BYTES.items()}
    for count in sorted({1, threads}):
        yield from _bandwidths(count, sizes)
    yield flops(threads, size=_MATRIX)


def flops(threads: int, *, size: int) -> Ceiling:
    """Return the flop/s of the product of two square matrices of so many rows, by NumPy's BLAS."""
    A = np.ones((size, size))
    best = min(_seconds(lambda: A @ A) for _ in range(3))
    return Ceiling("flops", threads, None, 2.0 * size**3 / best)


def _bandwidths(threads: int, sizes: dict[str, int]) -> Iterator[Ceiling]:
    cache.keep_numba_code_apart()
    from lrbench.measure import bandwidth

    for kind, size in sizes.items():
        count = size // bandwidth.LANES * bandwidth.LANES
        arrays = [bandwidth.aligned(count) for _ in range(_BYTES[kind] // 8)]
        part = functools.partial(getattr(bandwidth, f"{kind}_part"), *(array[: count // threads] for array in arrays))
        run = functools.partial(getattr(bandwidth, kind), *arrays, threads)
        size_bytes = float(count * _BYTES[kind])
        yield Ceiling(kind, threads, size_bytes, size_bytes / _seconds_a_pass(run, part))


def _seconds_a_pass(run: Callable[[int], object], part: Callable[[int], object]) -> float:
    """Return the seconds of one pass in the fastest of several tries of some milliseconds.

    part: what one thread does of it. How many passes make a try is found by it alone: the end of a parallel loop
    waits for every thread, which takes milliseconds where a neighbour keeps one from running.
    """
    passes = 1
    for _ in range(3):
        once = min(_seconds(functools.partial(part, passes)) for _ in range(3))
        passes = max(passes, math.ceil(passes * _TRY_S / max(once, 1e-9)))
    run(passes)
    return min(_seconds(lambda: run(passes)) for _ in range(_TRIES)) / passes


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
