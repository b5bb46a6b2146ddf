"""Where one of two curves of cost falls below the other."""

import math
from collections.abc import Sequence


def quicker_from(x: Sequence[float], slow_s: Sequence[float], quick_s: Sequence[float]) -> float | None:
    """Return the x from which the second cost is below the first at every larger x; None if it is not at the last.

    Between the two neighbours where that begins, the logarithm of the costs' ratio is taken to be linear in that of x.
    Where it is so from the first x on, that one.
    x: ascending, above 0.
    """
    gains = [math.log(slow / quick) for slow, quick in zip(slow_s, quick_s, strict=True)]
    if not gains or gains[-1] <= 0.0:
        return None
    k = len(gains) - 1
    while k > 0 and gains[k - 1] > 0.0:
        k -= 1
    if k == 0:
        return float(x[0])
    share = -gains[k - 1] / (gains[k] - gains[k - 1])
    return float(x[k - 1] * (x[k] / x[k - 1]) ** share)
