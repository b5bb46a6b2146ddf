"""Times of several calls side by side in this process, on one thread, by the project's clock."""

import contextlib
import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lrbench import gate
from lrbench.intervals import quantile
from lrbench.measure import clock

LEAST_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Times:
    """What one call takes, over rounds of one process. Other processes may differ by more than its quartiles do."""

    median_s: float
    low_s: float  # the lower quartile
    high_s: float  # the upper one

    def apart(self, other: "Times") -> bool:
        """Return whether the middle halves of both do not touch."""
        return self.high_s < other.low_s or other.high_s < self.low_s


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS and numba to one thread, and give them back what they had."""
    from threadpoolctl import threadpool_limits

    threads = gate.resolve("numba:get_num_threads")()
    set_threads = gate.resolve("numba:set_num_threads")
    set_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        set_threads(threads)


def side_by_side(
    calls: Mapping[str, Callable[[], object]], *, seed: int, rounds: int = 11, limit_s: float = 1.0
) -> dict[str, Times]:
    """Return the times of calls that have run once before, timed in balanced rounds inside `one_thread`.

    rounds: at most; fewer, but 3 at least, where they would take longer than limit_s. Each call is repeated to fill
    an epoch of a millisecond. One wait for quiet suffices for all, since nothing here leaves a thread spinning.
    """
    names = list(calls)
    calls_s = {name: clock.estimate_call_s(call) for name, call in calls.items()}
    numbers = {name: max(1, math.ceil(clock.EPOCH_S / call_s)) for name, call_s in calls_s.items()}
    round_s = math.fsum(numbers[name] * calls_s[name] for name in names)
    count = max(LEAST_ROUNDS, min(rounds, int(limit_s / round_s)))
    found: dict[str, list[float]] = {name: [] for name in names}
    orders = clock.balanced_orders(len(names), random.Random(seed))  # noqa: S311  (an order, not a secret)
    clock.wait_until_quiet()
    for _ in range(count):
        for name in (names[k] for k in next(orders)):
            if calls_s[name] < clock.LONG_CALL_S:
                calls[name]()
            wall_s, _ = clock.time_epoch(calls[name], numbers[name])
            found[name].append(wall_s / numbers[name])
    return {name: Times(*(quantile(values, p) for p in (0.5, 0.25, 0.75))) for name, values in found.items()}
