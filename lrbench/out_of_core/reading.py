"""Blocks side by side: each thread reads one and computes with it, so that reading is hidden and no thread waits."""

import collections
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_WAITING = 2  # results of each thread that may wait for a slower one's


def in_order(call: Callable[[int], T], count: int, threads: int) -> Iterator[T]:
    """Yield call(0), call(1), ... to call(count - 1), in this order, computed in as many threads at a time.

    What a call raises is raised in its turn, and no later call is begun then. The threads end with the iteration,
    however that ends, when they are done with what they have begun.
    """
    waiting: collections.deque[Future[T]] = collections.deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="lrbench-block") as pool:
        try:
            for k in range(count):
                waiting.append(pool.submit(call, k))
                if len(waiting) >= _WAITING * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()
