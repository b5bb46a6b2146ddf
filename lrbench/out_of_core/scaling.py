"""How passes over blocks scale on this machine: beside reading alone, by workers and by blocks, and against the model.

Each measurement has a process of its own, so that its anonymous memory is known: what a process holds beyond the page
cache, which the system gives back when others want it.
"""

import contextlib
import functools
import math
import multiprocessing
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrbench.out_of_core import cluster, dask_engine, passes
from lrbench.out_of_core.blocks import BLOCK_BYTES, Source
from lrbench.out_of_core.cost_model import Machine, bytes_a_row, flops_a_row
from lrbench.out_of_core.npy import bring, open_npy, unmap
from lrbench.regression.gram import available_threads
from lrbench.regression.merging import merged

Floats = NDArray[np.float64]

_LOOK_S = 0.02
_TOO_MUCH, _TOO_LONG = 97, 98
_REASONS = {_TOO_MUCH: "took more memory than allowed", _TOO_LONG: "took longer than allowed"}
_TRIES = 5
_CALIBRATION_S = 2.0
_FEW_ROWS = 20_000
_READING = 2**20  # bytes of one call that reads the file alone
_TASKS_A_THREAD = dask_engine.TASKS_A_THREAD
_MANY = 8  # blocks of a task


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call took."""

    time_s: float
    anonymous_bytes: float  # the most that the process, or the largest of its children, held at a time
    answer: Any = None


class Ended(Exception):
    """A process was ended before it answered; the message says why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a call may take before its process is ended."""

    anonymous_bytes: float = math.inf  # of the process and all below it together
    time_s: float = math.inf


def alone(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return function(*arguments), called in a fresh process; Ended if that ends without an answer."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(there, function, arguments))
    process.start()
    there.close()
    try:
        answer, error = here.recv()
    except EOFError:
        process.join()
        reason = _REASONS.get(process.exitcode or 0, f"its process ended with exit code {process.exitcode}")
        raise Ended(reason) from None
    finally:
        here.close()
    process.join()
    if error is not None:
        raise error
    return answer


def _answer(there: Any, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    found: tuple[Any, Exception | None]
    try:
        found = function(*arguments), None
    except Exception as error:  # noqa: BLE001  (it is raised where the answer is awaited)
        found = None, error
    there.send(found)


def used(call: Callable[[], Any], limits: Limits | None = None) -> Usage:
    """Return what a call took, with the peak of the anonymous memory of this process and of each below it.

    Beyond the limits the process ends at once.
    """
    most, ended, allowed = max(_anonymous_bytes()), threading.Event(), limits or Limits()
    start = time.perf_counter()

    def watch() -> None:
        nonlocal most
        while not ended.wait(_LOOK_S):
            held = _anonymous_bytes()
            most = max(most, *held)
            if sum(held) > allowed.anonymous_bytes:
                os._exit(_TOO_MUCH)
            if time.perf_counter() - start > allowed.time_s:
                os._exit(_TOO_LONG)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        start = time.perf_counter()
        answer = call()
        time_s = time.perf_counter() - start
    finally:
        ended.set()
        watcher.join()
    return Usage(time_s, max(most, *_anonymous_bytes()), answer)


def _anonymous_bytes() -> list[float]:
    """Return the anonymous memory of this process and of its descendants, 0 where it is not told."""
    return [0.0, *(_of_process(pid) for pid in _family(os.getpid()))]


def _of_process(pid: int) -> float:
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("RssAnon:"):
                return 1024.0 * float(line.split()[1])
    return 0.0


def _family(pid: int) -> Iterator[int]:
    yield pid
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError, ValueError):
            for child in path.read_text(encoding="ascii").split():
                yield from _family(int(child))


def read_alone(paths: Sequence[str]) -> None:
    """Read files from end to end, through one buffer."""
    buffer = memoryview(bytearray(_READING))
    for path in paths:
        with Path(path).open("rb", buffering=0) as file:
            while file.readinto(buffer):
                pass


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

    cold: whether the files are dropped from the page cache before each; otherwise they are read once before. Each is
    the median of five; reading, in one call after another or block by block, is the quicker of the two.
    """
    source = open_npy(X, y, block_bytes=block_bytes)
    run, threads = passes.in_this_process(source), available_threads()
    solution: list[Any] = []
    steps: list[tuple[str, float]] = []

    def timed(each: Callable[..., Any], merge: Callable[..., Any]) -> Any:
        if cold:
            forget((X, y))
        start = time.perf_counter()
        found = run(each, merge)
        steps.append(("first pass" if merge is merged else "correction", time.perf_counter() - start))
        return found

    passes.solve(_first_blocks(source), intercept=True, threads=threads)  # compiles
    ways = functools.partial(read_alone, (X, y)), functools.partial(read_by_blocks, source)
    reading: dict[int, list[Usage]] = {0: [], 1: []}
    if not cold:
        read_alone((X, y))
    for _ in range(_TRIES):
        for k, way in enumerate(ways):
            if cold:
                forget((X, y))
            reading[k].append(used(way))
        usage = used(lambda: solution.append(passes.solve(timed, intercept=True, threads=threads)))
    return {
        "reading alone": min((_median(found) for found in reading.values()), key=lambda usage: usage.time_s),
        **{
            name: Usage(statistics.median(s for n, s in steps if n == name), usage.anonymous_bytes)
            for name in ("first pass", "correction")
        },
        "answer": Usage(0.0, 0.0, (solution[-1].w, solution[-1].b)),
    }


def _first_blocks(source: Source) -> passes.Pass:
    few = Source(source.name, min(2, source.n_blocks), source.read, source.where)
    return passes.in_this_process(few)


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


def pass_by_dask(X: str, y: str, workers: int, block_bytes: Sequence[int]) -> Mapping[int, float]:
    """Return the seconds of the first pass by a local cluster, the median of five, by bytes a block.

    The files are in the page cache, and the kernels compiled.
    """
    client = cluster.start_local(workers)
    each = functools.partial(passes.block_moments, intercept=True)
    found = {}
    try:
        for size in block_bytes:
            run = dask_engine.over_source(open_npy(X, y, block_bytes=size), client)
            run(each, merged)
            found[size] = statistics.median(_seconds(functools.partial(run, each, merged)) for _ in range(_TRIES))
    finally:
        cluster.stop(client)
    return found


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def calibrate(X: str, y: str, workers: int) -> Machine:
    """Return the model's numbers for one of so many workers, none of them taken from the passes to be predicted.

    The kernel's flop/s come from blocks in memory, again and again, in as many processes at once as there are workers,
    since they share caches, memory and clock; so do the read bytes/s, from mapped blocks that are summed. Tasks and
    scheduling come from empty blocks. Network: between processes of this machine.
    """
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_warm, [X] * workers, [y] * workers))
        found = list(pool.map(_rates, [X] * workers, [y] * workers))
    d = open_npy(X, y).read(0)[0].shape[1]
    fixed_s, task_s, block_s = _empty_tasks(d, 1)
    _, schedule_s, _ = _empty_tasks(d, workers)
    latency_s, network = _between_processes()
    return Machine(
        flops_per_s=statistics.mean(flops for flops, _ in found),
        read_bytes_per_s=statistics.mean(read for _, read in found),
        block_s=block_s,
        task_s=task_s,
        schedule_s=schedule_s,
        fixed_s=fixed_s,
        network_bytes_per_s=network,
        latency_s=latency_s,
    )


def _warm(X: str, y: str) -> None:
    """Compile, and let every process of a pool be there."""
    passes.block_moments(*open_npy(X, y).read(0), intercept=True)
    time.sleep(1.0)


def _rates(X: str, y: str) -> tuple[float, float]:
    """Return the kernel's flop/s and the bytes/s of reading, each over some seconds, in one thread."""
    source = open_npy(X, y)
    features, target = (np.array(part) for part in source.read(source.n_blocks // 2))
    n, d = features.shape
    kernel_s = _steady(lambda _: passes.block_moments(features, target, intercept=True))
    sum_s = _steady(lambda k: [part.sum() for part in source.read(k % max(1, source.n_blocks - 1))])
    return n * flops_a_row(d) / kernel_s, n * bytes_a_row(d) / sum_s


def _steady(call: Callable[[int], Any]) -> float:
    """Return the mean seconds of a call that is repeated for a while."""
    start, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - start) < _CALIBRATION_S:
        call(count)
        count += 1
    return passed / count


def _empty_tasks(d: int, workers: int) -> tuple[float, float, float]:
    """Return the fixed seconds of a pass, those of each task more, and those of each block more in the same tasks.

    The blocks are of one row. Tasks of one block each tell the first two, many more blocks than tasks the third.
    """
    client = cluster.start_local(workers)
    each = functools.partial(passes.block_moments, intercept=True)
    most = _TASKS_A_THREAD * workers
    times = {}
    try:
        for n_blocks in (1, most, _MANY * most):
            source = Source("nothing", n_blocks, functools.partial(_one_row, d), "block {}".format)
            run = dask_engine.over_source(source, client)
            run(each, merged)
            times[n_blocks] = statistics.median(
                _seconds(functools.partial(run, each, merged)) for _ in range(2 * _TRIES)
            )
    finally:
        cluster.stop(client)
    task_s = (times[most] - times[1]) / (most - 1)
    block_s = (times[_MANY * most] - times[most]) / ((_MANY - 1) * most)
    return max(0.0, times[1] - task_s), max(0.0, task_s - block_s), max(0.0, block_s)


def _one_row(d: int, k: int) -> tuple[Floats, Floats]:
    return np.full((1, d), float(k)), np.ones(1)


def _between_processes() -> tuple[float, float]:
    """Return the seconds of an empty message between two processes of this machine, and bytes/s of a large one."""
    client = cluster.start_local(1)
    try:
        large = np.zeros(2**22)
        client.scatter(large, hash=False, direct=True)
        small_s = statistics.median(_seconds(lambda: client.submit(int, pure=False).result()) for _ in range(20))
        large_s = statistics.median(
            _seconds(lambda: client.scatter(large, hash=False, direct=True)) for _ in range(2 * _TRIES + 1)
        )
    finally:
        cluster.stop(client)
    return small_s, large.nbytes / large_s
