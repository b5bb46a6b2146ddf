"""Where a series of times steps to another level and stays there: a pure function of floats.

Binary segmentation: the series is cut in two where it is cut best, if chance would hardly do as well, and each
half is then searched in the same way. Two tests ask about chance, each on half of the false alarms that are allowed:

- gap over spread: the distance between the two sides, over the wider of their ranges. It finds a step between
  few points, as among a project's last commits, provided that the sides do not overlap;
- ranks: how much the ranks before and after differ, against shuffled series (a permutation test). It finds steps
  smaller than the scatter, several of them, and steps beside an outlier, from ten points on.

Neither needs a model of the noise. The medians of the two sides must differ by SMALLEST as well: a history is not
timed side by side, and between two commits that change nothing asv's medians wander by a few percent.
"""

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lrbench.intervals import median

FALSE_ALARMS = 0.01  # of series without a step, in which one is found, at most
SMALLEST = 1.05  # ratio of levels; below it is no step
SHUFFLES = 999
SHORTEST = 2  # points on either side of a step
SHORTEST_RANKED = 10  # points; the orders of fewer are too few for any to be rare
# Gap over spread that 1 % of series of so many normal values exceed somewhere, below ten points; from there on 0.5 %,
# the ranks having the other half. Found by simulation; Laplace's and Student's t with 3 degrees exceed them less often,
# from ten points on as often.
_GAPS = {4: 5.0, 5: 2.6, 6: 1.6, 7: 1.1, 8: 0.8, 9: 0.62, 10: 0.65, 11: 0.56}
_GAP = 0.5  # of longer ones
MOST_POINTS = 500  # of one series; of a longer one the last are searched


@dataclass(frozen=True, slots=True)
class Step:
    """A change of level, at the first point of the new one."""

    position: int
    before: float  # the level's median
    after: float

    @property
    def ratio(self) -> float:
        """How many times as long it takes now."""
        return self.after / self.before


def find_steps(values: Sequence[float], smallest: float = SMALLEST) -> list[Step]:
    """Return the steps of a series of positive values, in order; `smallest` is the least ratio of two levels.

    Fewer than 4 points have none. Of a series longer than MOST_POINTS the last are searched.
    """
    offset = max(0, len(values) - MOST_POINTS)
    logs = [math.log(value) for value in values[offset:]]
    cuts = sorted(_cuts(logs, 0, random.Random(0), math.log(smallest)))  # noqa: S311 - a test's shuffles
    ends = [0, *cuts, len(logs)]
    levels = [median(logs[start:end]) for start, end in itertools.pairwise(ends) if end > start]
    return [
        Step(offset + cut, math.exp(before), math.exp(after))
        for cut, (before, after) in zip(cuts, itertools.pairwise(levels), strict=True)
        if abs(after - before) >= math.log(smallest)
    ]


def _cuts(logs: Sequence[float], start: int, rng: random.Random, least: float) -> Iterator[int]:
    """Yield the positions of all steps of a part of a series that begins at `start`."""
    at = _cut(logs, rng, least)
    if at is not None:
        yield start + at
        yield from _cuts(logs[:at], start, rng, least)
        yield from _cuts(logs[at:], start + at, rng, least)


def _cut(logs: Sequence[float], rng: random.Random, least: float) -> int | None:
    """Return the position of the clearest step; None where there is none."""
    n = len(logs)
    if n < 2 * SHORTEST:
        return None
    at = max(range(SHORTEST, n - SHORTEST + 1), key=lambda k: _gap(logs, k))
    if _gap(logs, at) > _GAPS.get(n, _GAP) and _levels_apart(logs, at) >= least:
        return at
    if n < SHORTEST_RANKED:
        return None
    ranks = _ranks(logs)
    at, found = _best_cut(ranks)
    return at if _levels_apart(logs, at) >= least and _is_rare(ranks, found, rng) else None


def _levels_apart(logs: Sequence[float], at: int) -> float:
    return abs(median(logs[at:]) - median(logs[:at]))


def _gap(logs: Sequence[float], at: int) -> float:
    """Return the distance between a cut's two sides, over the wider of their ranges; negative where they overlap."""
    (low, high), (low_after, high_after) = [(min(side), max(side)) for side in (logs[:at], logs[at:])]
    gap = max(low_after - high, low - high_after)
    spread = max(high - low, high_after - low_after)
    return gap / spread if spread else math.copysign(math.inf, gap) if gap else 0.0


def _is_rare(ranks: Sequence[float], found: float, rng: random.Random) -> bool:
    """Return whether hardly any shuffled series can be cut as well as the series itself."""
    allowed = FALSE_ALARMS / 2.0 * (SHUFFLES + 1)
    shuffled, as_good = list(ranks), 1  # the series itself is one of its orders
    for _ in range(SHUFFLES):
        rng.shuffle(shuffled)
        as_good += _best_cut(shuffled)[1] >= found * (1.0 - 1e-12)
        if as_good > allowed:
            return False
    return True


def _ranks(values: Sequence[float]) -> list[float]:
    """Return each value's rank less the mean rank; equal values share theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    first = 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        for k in range(first, last + 1):
            ranks[order[k]] = (first + last) / 2.0 - (len(values) - 1) / 2.0
        first = last + 1
    return ranks


def _best_cut(ranks: Sequence[float]) -> tuple[int, float]:
    """Return where the sum of the ranks before departs most from nothing, and by how much.

    S_k^2 / (k (n - k)), S_k the sum of the first k ranks: Pettitt's statistic, with each cut's own variance taken out.
    Source: A. N. Pettitt, "A non-parametric approach to the change-point problem" (1979).
    """
    n, total, best, at = len(ranks), 0.0, 0.0, SHORTEST
    for k in range(1, n):
        total += ranks[k - 1]
        found = total * total / (k * (n - k))
        if SHORTEST <= k <= n - SHORTEST and found > best:
            best, at = found, k
    return at, best
