"""How passes over blocks scale on this machine: beside reading alone, by workers and by blocks."""

import contextlib
import functools
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import numpy as np

from lrbench.out_of_core import cluster, dask_engine, passes
from lrbench.out_of_core.blocks import BLOCK_BYTES, Source
from lrbench.out_of_core.calibration import seconds
from lrbench.out_of_core.npy import bring, open_npy, unmap
from lrbench.out_of_core.usage import Limits, Usage, used
from lrbench.regression.gram import available_threads
from lrbench.regression.merging import merged

_TRIES, _TRIES_FROM_DISK = 5, 3
_FEW_ROWS = 20_000
_CALL_BYTES = 2**20, 2**22  # of one call that reads the files alone


def read_alone(paths: Sequence[str], call_bytes: int) -> None:
    """Read files from end to end, through one buffer."""
    for path in paths:
        _read_range(path, call_bytes, (0, Path(path).stat().st_size))


def read_by_threads(paths: Sequence[str], call_bytes: int, threads: int) -> None:
    """Read files, each in as many parts at once as there are threads, through a buffer for each."""
    with ThreadPoolExecutor(threads) as pool:
        for path in paths:
            edges = [Path(path).stat().st_size * k // threads for k in range(threads + 1)]
            list(pool.map(functools.partial(_read_range, path, call_bytes), itertools.pairwise(edges)))


def _read_range(path: str, call_bytes: int, places: tuple[int, int]) -> None:
    buffer = memoryview(bytearray(call_bytes))
    left = places[1] - places[0]
    with Path(path).open("rb", buffering=0) as file:
        file.seek(places[0])
        while left > 0 and (got := file.readinto(buffer[: min(left, call_bytes)])):
            left -= got


def read_by_blocks(source: Source) -> None:
    """Read files block by block, as a pass does that finds them on disk."""
    for k in range(source.n_blocks):
        bring(source, k)


def forget(paths: Sequence[str]) -> None:
    """Drop files from the page cache, mapped pages too; OSError or AttributeError where the system cannot."""
    unmap()
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def passes_beside_reading(X: str, y: str, *, cold: bool, block_bytes: int = BLOCK_BYTES) -> Mapping[str, Usage]:
    """Return what reading the files alone takes, and each pass of `refined` over them, in one state of the page cache.

    cold: whether the files are dropped from the page cache before each, three times; otherwise they are read once
    before, and are mapped anew by each first pass, as in a new process, five times. All are medians. Reading alone is
    the quickest way of one thread: from end to end, by calls of 1 or 4 MiB, or block by block.
    After much reading from disk a virtual machine may be slow for a minute: measure the full cache first.
    """
    source = open_npy(X, y, block_bytes=block_bytes)
    run, threads = passes.in_this_process(source), available_threads()
    steps: dict[str, list[float]] = {"first pass": [], "correction": []}

    def timed(each: Callable[..., Any], merge: Callable[..., Any]) -> Any:
        if cold:
            forget((X, y))
        elif merge is merged:
            unmap()
        start = time.perf_counter()
        found = run(each, merge)
        steps["first pass" if merge is merged else "correction"].append(time.perf_counter() - start)
        return found

    ways = {"reading alone": [functools.partial(read_alone, (X, y), size) for size in _CALL_BYTES]}
    ways["reading alone"].append(functools.partial(read_by_blocks, source))
    if threads > 1:
        ways[f"reading by {threads} threads"] = [functools.partial(read_by_threads, (X, y), _CALL_BYTES[-1], threads)]
    reading: dict[str, list[list[Usage]]] = {name: [[] for _ in some] for name, some in ways.items()}
    read_alone((X, y), _CALL_BYTES[-1])
    passes.solve(run, intercept=True)  # compiles
    for _ in range(_TRIES_FROM_DISK if cold else _TRIES):
        for name, some in ways.items():
            for way, found in zip(some, reading[name], strict=True):
                if cold:
                    forget((X, y))
                found.append(used(way))
        usage = used(lambda: passes.solve(timed, intercept=True))
    return {
        **{name: min(map(_median, found), key=lambda way: way.time_s) for name, found in reading.items()},
        **{name: Usage(statistics.median(times), usage.anonymous_bytes) for name, times in steps.items()},
    }


def _median(found: Sequence[Usage]) -> Usage:
    return Usage(statistics.median(u.time_s for u in found), max(u.anonymous_bytes for u in found))


def implementation(target: str, X: str, y: str, on_cluster: bool, limits: Limits) -> Usage:  # noqa: FBT001  (sent by position)
    """Return what one call of a registry's target took, its answer with it; compiled, and the cluster there, before."""
    if on_cluster:
        cluster.client()
    function = resolve_name(target)
    try:
        with tempfile.TemporaryDirectory() as folder:
            few = [str(Path(folder) / name) for name in ("X.npy", "y.npy")]
            for path, part in zip((X, y), few, strict=True):
                np.save(part, np.load(path, mmap_mode="r")[:_FEW_ROWS])
            function(*few)
        return used(lambda: function(X, y), limits)
    finally:
        cluster.leave()


def passes_by_dask(
    X: str, y: str, workers: Sequence[int], block_bytes: Sequence[int]
) -> Mapping[tuple[int, int], float]:
    """Return the seconds of the first pass by local clusters, medians of five, by number of workers and bytes a block.

    The clusters are there side by side, and take turns: a machine that changes its speed changes it for all of them.
    The files are in the page cache, and the kernels compiled.
    """
    each = functools.partial(passes.block_moments, intercept=True)
    runs: dict[tuple[int, int], Callable[[], Any]] = {}
    with contextlib.ExitStack() as stack:
        for count in workers:
            client = cluster.start_local(count)
            stack.callback(cluster.stop, client)
            for size in block_bytes:
                run = dask_engine.over_source(open_npy(X, y, block_bytes=size), client)
                runs[count, size] = functools.partial(run, each, merged)
        times: dict[tuple[int, int], list[float]] = {place: [] for place in runs}
        for k in range(1 + _TRIES):
            for size, count in itertools.product(block_bytes, workers if k % 2 else reversed(workers)):
                time_s = seconds(runs[count, size])
                if k:  # the first warms up
                    times[count, size].append(time_s)
    return {place: statistics.median(found) for place, found in times.items()}
