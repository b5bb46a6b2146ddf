"""The cost model's numbers on this machine, none of them taken from the passes that it is to predict."""

import functools
import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from lrbench.out_of_core import cluster, dask_engine, passes
from lrbench.out_of_core.blocks import Block, Source
from lrbench.out_of_core.cost_model import Machine, bytes_a_row, flops_a_row
from lrbench.out_of_core.dask_engine import TASKS_A_THREAD
from lrbench.out_of_core.npy import open_npy, unmap
from lrbench.regression.merging import merged

T = TypeVar("T")

_TRIES = 5
_CALIBRATION_S = 2.0
_MANY = 8  # blocks of a task
_ROWS = 8  # of a small block: more than a column needs to have a spread, and little work


def seconds(call: Callable[[], Any]) -> float:
    """Return what a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def calibrate(X: str, y: str, workers: Sequence[int], between: Callable[[], T]) -> tuple[dict[int, Machine], T]:
    """Return the model's numbers for one of so many workers, by their number, and what a call in between returns.

    The kernel's flop/s come from blocks in memory, again and again, in as many processes at once as there are workers,
    since they share caches, memory and clock; so do the read bytes/s, of blocks that are mapped and let go. Both are
    means of before and after the call, since machines change their speed. Tasks and scheduling come from blocks of a
    few rows of the same files. Network: between processes of this machine.
    """
    small = {count: _small_tasks(X, y, count) for count in {1, *workers}}
    fixed_s, task_s, _ = small[1]
    latency_s, network = _between_processes()
    before = {count: _rates_at_once(X, y, count) for count in workers}
    answer = between()
    machines = {}
    for count in workers:
        found = [*before[count], *_rates_at_once(X, y, count)]
        _, schedule_s, block_s = small[count]
        machines[count] = Machine(
            flops_per_s=statistics.mean(flops for flops, _ in found),
            read_bytes_per_s=statistics.mean(read for _, read in found),
            block_s=block_s,
            task_s=task_s,
            schedule_s=schedule_s,
            fixed_s=fixed_s,
            network_bytes_per_s=network,
            latency_s=latency_s,
        )
    return machines, answer


def _rates_at_once(X: str, y: str, workers: int) -> list[tuple[float, float]]:
    """Return the rates of as many processes as there are workers, all at the same time."""
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_warm, [X] * workers, [y] * workers))
        return list(pool.map(_rates, [X] * workers, [y] * workers))


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
    read_s = _steady(lambda k: _read(source, k % max(1, source.n_blocks - 1)))
    return n * flops_a_row(d) / kernel_s, n * bytes_a_row(d) / read_s


def _read(source: Source, k: int) -> None:
    """Read a block as a task does, and let go of it."""
    source.read(k)
    unmap()


def _steady(call: Callable[[int], Any]) -> float:
    """Return the mean seconds of a call that is repeated for a while."""
    start, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - start) < _CALIBRATION_S:
        call(count)
        count += 1
    return passed / count


def _small_tasks(X: str, y: str, workers: int) -> tuple[float, float, float]:
    """Return the fixed seconds of a pass, those of each task more, and a worker's of each block more in the same tasks.

    The blocks are of a few rows. Tasks of one block each tell the first two, many more blocks than tasks the third.
    """
    client = cluster.start_local(workers)
    each = functools.partial(passes.block_moments, intercept=True)
    few = open_npy(X, y, block_bytes=_ROWS * open_npy(X, y).read(0)[0][0].nbytes)
    again = replace(few, read=functools.partial(_read_again, few))  # however few blocks the files have
    most = TASKS_A_THREAD * workers
    times = {}
    try:
        for n_blocks in (1, most, _MANY * most):
            run = dask_engine.over_source(replace(again, n_blocks=n_blocks), client)
            run(each, merged)
            times[n_blocks] = statistics.median(
                seconds(functools.partial(run, each, merged)) for _ in range(2 * _TRIES)
            )
    finally:
        cluster.stop(client)
    task_s = (times[most] - times[1]) / (most - 1)
    block_s = (times[_MANY * most] - times[most]) / ((_MANY - 1) * TASKS_A_THREAD)
    return max(0.0, times[1] - task_s), max(0.0, task_s - block_s / workers), max(0.0, block_s)


def _read_again(source: Source, k: int) -> Block:
    return source.read(k % source.n_blocks)


def _between_processes() -> tuple[float, float]:
    """Return the seconds of an empty message between two processes of this machine, and bytes/s of a large one."""
    client = cluster.start_local(1)
    try:
        large = np.zeros(2**22)
        client.scatter(large, hash=False, direct=True)
        small_s = statistics.median(seconds(lambda: client.submit(int, pure=False).result()) for _ in range(20))
        large_s = statistics.median(
            seconds(lambda: client.scatter(large, hash=False, direct=True)) for _ in range(2 * _TRIES + 1)
        )
    finally:
        cluster.stop(client)
    return small_s, large.nbytes / large_s
