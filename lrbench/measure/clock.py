"""Timing within one process: quiet first, sides in balanced order, epochs of whole calls."""

import gc
import random
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import Any

from lrbench.measure.environment import allowed_cpus

EPOCH_S = 1e-3  # a timed epoch is at least this long, a thousand ticks of a microsecond clock
LONG_CALL_S = 0.1  # a longer call needs no untimed one before it: what it warms takes a small part of it
_LOOK_S = 0.01  # longer than a tick of the scheduler
_QUIET_LIMIT_S = 0.04


def wait_until_quiet() -> None:
    """Return when this process's other threads have stopped spinning, or after 40 ms.

    A thread pool that has finished keeps its processors busy for a while, waiting for more; whoever is timed then
    would share them. While this thread sleeps, the process's CPU clock shows the spinning alone, though only from
    one tick of the scheduler to the next (1 to 10 ms): a shorter look finds every process quiet. On one processor
    nobody can spin beside.
    """
    if len(allowed_cpus()) == 1:
        return
    deadline = time.perf_counter() + _QUIET_LIMIT_S
    while time.perf_counter() < deadline:
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        time.sleep(_LOOK_S)
        if time.process_time_ns() - cpu < (time.perf_counter_ns() - wall) / 2:
            return


def time_epoch(call: Callable[[], Any], number: int) -> tuple[float, float]:
    """Return the wall and CPU seconds of so many calls in a row, with the garbage collector off."""
    calls = repeat(None, number)
    enabled = gc.isenabled()
    gc.disable()
    try:
        cpu = time.process_time_ns()
        start = time.perf_counter_ns()
        for _ in calls:
            call()
        wall = time.perf_counter_ns() - start
        cpu = time.process_time_ns() - cpu
    finally:
        if enabled:
            gc.enable()
    return wall * 1e-9, cpu * 1e-9


def quiet_epoch(call: Callable[[], Any], number: int, *, call_s: float) -> tuple[float, float]:
    """Return time_epoch after waiting for quiet and, unless a call is long, one call untimed."""
    wait_until_quiet()
    if call_s < LONG_CALL_S:
        call()
    return time_epoch(call, number)


def estimate_call_s(call: Callable[[], Any]) -> float:
    """Return about how long one call takes: the fastest of three epochs grown to a millisecond."""
    number, wall = 1, quiet_epoch(call, 1, call_s=0.0)[0]
    while wall < EPOCH_S:
        number = max(2 * number, int(1.2 * number * EPOCH_S / max(wall, 1e-9)))
        wall, _ = quiet_epoch(call, number, call_s=EPOCH_S)
    if wall > LONG_CALL_S:
        return wall / number
    return min(wall, *(time_epoch(call, number)[0] for _ in range(2))) / number


def balanced_orders(count: int, chance: random.Random) -> Iterator[Sequence[int]]:
    """Yield the order of so many sides, round by round, without end.

    Two sides alternate as ABBA; more go through random Latin squares, in which every side stands once in
    every position. A slow drift of the machine then falls on all alike.
    """
    if count == 2:  # noqa: PLR2004  (two sides)
        while True:
            first = chance.sample(range(2), 2)
            yield first
            yield first[::-1]
    while True:
        start = chance.sample(range(count), count)
        for shift in chance.sample(range(count), count):
            yield [start[(k + shift) % count] for k in range(count)]
