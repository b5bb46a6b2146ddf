"""How sure the median of an implementation's times is."""

from collections.abc import Sequence

from lrbench.intervals import median, median_interval
from lrbench.results import Side


def median_ends(sides: Sequence[Side]) -> tuple[float | None, float | None]:
    """Return the interval that the source states, else that over processes, or over the samples of the only one."""
    if len(sides) == 1 and sides[0].interval_s:
        return sides[0].interval_s[0], sides[0].interval_s[1]
    values = [median(side.times_s) for side in sides] if len(sides) > 1 else sides[0].times_s
    return median_interval(values) or (None, None)
