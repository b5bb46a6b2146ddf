"""Where a series of times steps to another level and stays there: a pure function of floats.

The series is cut where it is cut best, if chance would hardly do as well, and each part is then searched in the same
way. Two tests ask about chance, each on half of the false alarms that are allowed:

- gap over spread: the distance between the two sides of a cut, over the wider of their ranges. It finds a step between
  few points, as among a project's last commits, provided that the sides do not overlap;
- ranks: how much the mean rank within a segment departs from that of the rest, of all segments that there are, at the
  beginning, at the end or between (circular binary segmentation, of which a step and a step back are one finding). It
  finds steps smaller than the scatter, several of them, and steps beside an outlier, from 14 points on.

Neither needs a model of the noise. Two levels must differ by SMALLEST as well: a history is not timed side by side,
and between two commits that change nothing asv's medians wander by a few percent.

Source: A. B. Olshen, E. S. Venkatraman, R. Lucito and M. Wigler, "Circular binary segmentation for the analysis of
array-based DNA copy number data" (2004); on ranks A. N. Pettitt, "A non-parametric approach to the change-point
problem" (1979).
"""

import bisect
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lrbench.intervals import median

SMALLEST = 1.05  # ratio of two levels; below it is no step
SHORTEST = 2  # points of a level
MOST_POINTS = 200  # of a longer series the last are searched

# Gap over spread that 1 % of series of so many values exceed somewhere, below 14 points; from there on below 0.5 %,
# the ranks having the other half. By simulation of 40000 each, exponentially distributed, skewed as times are; normal
# values, Laplace's and Student's with 3 degrees of freedom exceed them less often.
_GAPS = {4: 5.6, 5: 3.1, 6: 2.0, 7: 1.4, 8: 1.05, 9: 0.82, 10: 0.66, 11: 0.54, 12: 0.45, 13: 0.35}
_GAP = 0.5
# The statistic of the ranks that 0.5 % of shuffled series of so many points exceed: by simulation of 20000 to 1500.
_RANKED = ((14, 9.6), (20, 11.9), (30, 13.6), (50, 15.6), (100, 17.8), (200, 19.0))


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
    cuts = sorted(_cuts(logs, 0))
    while cuts:
        levels = [median(logs[start:end]) for start, end in itertools.pairwise([0, *cuts, len(logs)])]
        heights = [abs(after - before) for before, after in itertools.pairwise(levels)]
        least = min(range(len(cuts)), key=heights.__getitem__)
        if heights[least] >= math.log(smallest):
            changes = zip(cuts, itertools.pairwise(levels), strict=True)
            return [Step(offset + cut, math.exp(before), math.exp(after)) for cut, (before, after) in changes]
        del cuts[least]  # the levels beside it are one
    return []


def _cuts(logs: Sequence[float], start: int) -> Iterator[int]:
    """Yield the positions of all steps of a part of a series that begins at `start`."""
    if len(logs) < 2 * SHORTEST:
        return
    found = _by_gap(logs) or _by_ranks(logs)
    yield from (start + cut for cut in found)
    if found:
        for first, last in itertools.pairwise([0, *found, len(logs)]):
            yield from _cuts(logs[first:last], start + first)


def _by_gap(logs: Sequence[float]) -> list[int]:
    """Return the cut whose sides lie farthest apart, if that is rare."""
    at = max(range(SHORTEST, len(logs) - SHORTEST + 1), key=lambda k: _gap(logs, k))
    return [at] if _gap(logs, at) > _GAPS.get(len(logs), _GAP) else []


def _gap(logs: Sequence[float], at: int) -> float:
    """Return the distance between a cut's two sides, over the wider of their ranges; negative where they overlap."""
    (low, high), (low_after, high_after) = [(min(side), max(side)) for side in (logs[:at], logs[at:])]
    gap = max(low_after - high, low - high_after)
    spread = max(high - low, high_after - low_after)
    return gap / spread if spread else math.copysign(math.inf, gap) if gap else 0.0


def _by_ranks(logs: Sequence[float]) -> list[int]:
    """Return where the segment begins and ends whose ranks differ most from the others', if that is rare.

    (S^2 / (m (n - m) / n)) / v, S the sum of a segment's m ranks less their mean, v the variance of all n.
    """
    n = len(logs)
    if n < _RANKED[0][0]:
        return []
    ranks = _ranks(logs)
    variance = math.fsum(rank * rank for rank in ranks) / (n - 1)
    sums = [0.0, *itertools.accumulate(ranks)]
    best, ends = 0.0, (0, n)
    for first in (0, *range(SHORTEST, n - SHORTEST + 1)):
        for last in (*range(first + SHORTEST, n - SHORTEST + 1), n):
            m = last - first
            if SHORTEST <= m <= n - SHORTEST:
                found = (sums[last] - sums[first]) ** 2 / (m * (n - m))
                if found > best:
                    best, ends = found, (first, last)
    rare = variance and best * n / variance > _exceeded_rarely(n)
    return [end for end in ends if 0 < end < n] if rare else []


def _exceeded_rarely(n: int) -> float:
    """Return the statistic that 0.5 % of shuffled series exceed, between those of _RANKED straight in log n."""
    k = min(bisect.bisect_right(_RANKED, n, key=lambda pair: pair[0]), len(_RANKED) - 1)
    (n0, low), (n1, high) = _RANKED[k - 1 : k + 1]
    return low + (high - low) * math.log(n / n0) / math.log(n1 / n0)


def _ranks(values: Sequence[float]) -> list[float]:
    """Return each value's rank less the mean rank; equal values share theirs."""
    ordered = sorted(values)
    middle = (len(values) - 1) / 2.0
    return [(bisect.bisect_left(ordered, v) + bisect.bisect_right(ordered, v) - 1) / 2.0 - middle for v in values]
