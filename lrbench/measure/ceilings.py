"""What this machine can do at most: bandwidth by working set, and flop/s, each the best of several tries.

On virtual machines the ceilings move from minute to minute, so each is measured in the process, on the processors
and at the working set that it is held against.
"""

import functools
import time
from collections.abc import Callable, Iterator

import numpy as np

from lrbench import cache
from lrbench.results import Ceiling

SWEEP = (1_000, 4_000, 30_000, 100_000, 1_000_000, 20_000_000)  # float64 elements of one array: first cache to memory
_LARGEST = 20_000_000  # elements of one array; beyond lies memory only
_SMALLEST = 1_000
_TRY_S, _TRIES = 4e-3, 7
_MATRIX = 1_500
_BYTES = {"read": 8, "add": 24, "add_streaming": 24}  # moved for one element


def sweep(threads: int) -> Iterator[Ceiling]:
    """Yield every ceiling of this process: bandwidths from the first cache to memory, then flop/s."""
    for size in SWEEP:
        yield from _bandwidths(threads, dict.fromkeys(_BYTES, size))
    yield flops(threads)


def at_working_set(threads: int, size_bytes: float) -> Iterator[Ceiling]:
    """Yield the ceilings that apply to so many bytes of data, and flop/s."""
    sizes = {kind: min(max(int(size_bytes / each), _SMALLEST), _LARGEST) for kind, each in _BYTES.items()}
    yield from _bandwidths(threads, sizes)
    yield flops(threads)


def flops(threads: int) -> Ceiling:
    """Return the flop/s of a large matrix product."""
    A = np.ones((_MATRIX, _MATRIX))
    best = min(_seconds(lambda: A @ A) for _ in range(3))
    return Ceiling("flops", threads, None, 2.0 * _MATRIX**3 / best)


def _bandwidths(threads: int, sizes: dict[str, int]) -> Iterator[Ceiling]:
    cache.keep_numba_code_apart()
    from lrbench.measure import bandwidth

    for kind, size in sizes.items():
        count = size // bandwidth.LANES * bandwidth.LANES
        arrays = [bandwidth.aligned(count) for _ in range(_BYTES[kind] // 8)]
        run = functools.partial(getattr(bandwidth, kind), *arrays, threads)
        size_bytes = float(count * _BYTES[kind])
        yield Ceiling(kind, threads, size_bytes, size_bytes / _seconds_a_pass(run))


def _seconds_a_pass(run: Callable[[int], object]) -> float:
    """Return the seconds of one pass in the fastest of several tries of some milliseconds."""
    run(1)
    passes = 1
    for _ in range(2):  # the first estimate holds a call and a barrier as well
        once = min(_seconds(functools.partial(run, passes)) for _ in range(3))
        passes = max(passes, int(passes * _TRY_S / max(once, 1e-9)))
    return min(_seconds(lambda: run(passes)) for _ in range(_TRIES)) / passes


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
