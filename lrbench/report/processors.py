"""Which processors a run was allowed to use, in words."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any


def affinity_text(affinity: Any, cores: Any) -> str:
    """Return 'processor 0 alone, of 2' for [0], 'all 2 processors' for [0, 1]; of several such lists, each.

    affinity: the numbers of the processors, or a list of such lists where processes differ; anything else gives ''.
    cores: how many processors the machine has.   Where it says nothing, the numbers themselves are shown.
    """
    if not isinstance(affinity, list | tuple):
        return ""
    lists = affinity if affinity and all(isinstance(one, list | tuple) for one in affinity) else [affinity]
    total = cores if isinstance(cores, int) and not isinstance(cores, bool) else 0
    return "; or ".join(filter(None, (_allowed_text(one, total) for one in lists)))


def _allowed_text(allowed: Sequence[Any], total: int) -> str:
    numbers = sorted({one for one in allowed if isinstance(one, int) and not isinstance(one, bool)})
    if not numbers or len(numbers) != len(allowed):
        return ""
    if len(numbers) == 1 < total:
        return f"processor {numbers[0]} alone, of {total}"
    if len(numbers) == total:
        return f"all {total} processors" if total > 1 else "the only processor"
    of = f" of {total}" if len(numbers) < total else ""
    return f"processor{'s' * (len(numbers) > 1)} {_ranges(numbers)}{of}"


def _ranges(numbers: Sequence[int]) -> str:
    """Return '0-3, 8' for [0, 1, 2, 3, 8]."""
    starts = [numbers[0], *(b for a, b in pairwise(numbers) if b > a + 1)]
    ends = [*(a for a, b in pairwise(numbers) if b > a + 1), numbers[-1]]
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in zip(starts, ends, strict=True))
