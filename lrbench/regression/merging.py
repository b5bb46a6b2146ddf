"""Second moments of parts of the data, merged into those of the whole.

Every part keeps its own shift and scale, so that none depends on what another part looks like. Two parts' sums about
their own means become those about the common mean by adding the products of the means' difference (Chan, Golub and
LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979): nothing cancels, and a
merge costs a few roundings of the larger sum. Merged in pairs, as a tree, B parts round log2(B) times.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np

from lrbench.regression.compilation import strict
from lrbench.regression.double_double import Floats, two_sum
from lrbench.regression.gram import Scatter

T = TypeVar("T")


def merged(first: Scatter, second: Scatter) -> Scatter:
    """Return the moments of two parts' samples together, in the first's memory.

    Both must be centred, or neither (then their shifts and means are zero). Scales are powers of two, so that bringing
    both to one rounds nothing.
    Work: about 8 n_features^2 flops.
    """
    n = first.n_samples + second.n_samples
    if not first.n_samples or not second.n_samples:
        return first if first.n_samples else second
    scale = _common_scale(first, second)
    own, other = first.scale / scale, second.scale / scale
    apart, rest = two_sum(second.shift, -first.shift)
    m = first.mean * first.scale
    difference = apart + (rest + (second.mean * second.scale - m))
    delta = difference / scale
    weighted = delta * (first.n_samples / n * second.n_samples)
    _merge_gram(first.gram, second.gram, own, other, delta, weighted)
    shift, low = two_sum(first.shift, m + difference * (second.n_samples / n))
    return Scatter(n, first.gram, low / scale, shift, scale)


@strict
def _merge_gram(
    gram: Floats, other: Floats, factors: Floats, other_factors: Floats, delta: Floats, weighted: Floats
) -> None:
    """Make of a Gram matrix its sum with another, brought to one scale, and with delta weighted', in one go."""
    for j in range(len(gram)):
        for k in range(j + 1):
            total = gram[j, k] * (factors[j] * factors[k]) + other[j, k] * (other_factors[j] * other_factors[k])
            gram[j, k] = gram[k, j] = total + delta[j] * weighted[k]


def _common_scale(first: Scatter, second: Scatter) -> Floats:
    """Return the larger scale of each column, but for that of a part in which the column does not vary."""
    varies, other_varies = np.diag(first.gram) != 0.0, np.diag(second.gram) != 0.0
    larger = np.maximum(first.scale, second.scale)
    return np.where(varies == other_varies, larger, np.where(varies, first.scale, second.scale))


def merged_in_pairs(parts: Iterable[T], merge: Callable[[T, T], T]) -> T | None:
    """Return all parts merged, two of one size at a time, so that at most log2 of their number wait; None of none.

    merge(first, second) may write its result into the first's memory, and that is lost.
    """
    waiting: list[tuple[int, T]] = []  # (level, of 2^level parts)
    for one in parts:
        level, part = 0, one
        while waiting and waiting[-1][0] == level:
            part = merge(waiting.pop()[1], part)
            level += 1
        waiting.append((level, part))
    if not waiting:
        return None
    whole = waiting.pop()[1]
    while waiting:
        whole = merge(waiting.pop()[1], whole)
    return whole
