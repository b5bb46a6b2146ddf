"""Medians, spreads and intervals: pure functions of floats."""

import math
from collections.abc import Sequence

LEFT_OUT = 10  # one process in so many, at each end


def median(values: Sequence[float]) -> float:
    """Return the middle of the sorted values, or the mean of the two middle ones.

    Errors: ValueError if there are none.
    """
    return quantile(values, 0.5)


def interquartile_range(values: Sequence[float]) -> float:
    """Return the distance between the upper and the lower quartile."""
    return quantile(values, 0.75) - quantile(values, 0.25)


def median_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float] | None:
    """Return the interval of the median between two order statistics; None where there are too few values.

    [x_(k+1), x_(n-k)] holds the median with probability 1 - 2 sum_{i <= k} C(n, i) / 2^n, whatever the distribution; k
    is the largest with at least that confidence. For 95 % it takes six values.
    Source: W. J. Conover, Practical Nonparametric Statistics, section "Confidence interval for a quantile".
    """
    n = len(values)
    left_out, k, tail = (1.0 - confidence) / 2.0, -1, 0.0
    log_all = n * math.log(2.0)
    while k + 1 < n / 2:
        term = math.exp(math.lgamma(n + 1) - math.lgamma(k + 2) - math.lgamma(n - k) - log_all)
        if tail + term > left_out:
            break
        tail, k = tail + term, k + 1
    if k < 0:
        return None
    ordered = sorted(values)
    return ordered[k], ordered[n - 1 - k]


def quantile(values: Sequence[float], p: float) -> float:
    """Return the p-quantile, interpolated linearly between the two nearest order statistics.

    position = p (n - 1) in the sorted values, counted from 0: what numpy.quantile does by default.
    Errors: ValueError if there are no values.
    """
    if not values:
        message = "a quantile needs at least one value"
        raise ValueError(message)
    ordered = sorted(values)
    below, fraction = divmod(p * (len(ordered) - 1), 1.0)
    low = ordered[int(below)]
    high = ordered[min(int(below) + 1, len(ordered) - 1)]
    # A weighted sum would make inf - inf and would round two equal values to a third.
    return low if fraction == 0.0 or low == high else low * (1.0 - fraction) + high * fraction


def ratio_interval(
    log_ratios_per_process: Sequence[Sequence[float]], confidence: float = 0.95, comparisons: int = 1
) -> tuple[float, float | None, float | None]:
    """Return (ratio, low, high): a geometric mean over processes and its interval.

    m_p = median of the log ratios of process p;   ratio = exp(mean_p m_p), the lowest and the highest tenth of the
    P values left out, g = P // 10 on each side, and h = P - 2 g kept;
    low, high = exp(mean -+ t s / (h / P) / sqrt(P)), with s the standard deviation of the P values after the g left
    out on each side are set to the nearest one kept, and t the quantile of Student's distribution with h - 1
    degrees of freedom at 1 - (1 - confidence) / (2 comparisons). Below ten processes nothing is left out, and this
    is the plain mean with its plain interval.
    The process is the unit of replication: the rounds within one share its memory layout and are not independent.
    Some states are rare: in one process of twenty, NumPy was seen to keep a temporary array that it usually saves
    itself, and took 1.6 times as long throughout. One such must not widen the interval of all the others.
    `comparisons` is the number of rows of the table that the interval stands in (Bonferroni).
    With fewer than two processes there is no interval: low and high are None.
    Errors: ValueError without a process, or for a process without a ratio.
    Source: J. W. Tukey and D. H. McLaughlin, "Less vulnerable confidence and significance procedures for location
    based on a single sample: trimming/Winsorization 1" (1963).
    """
    centres = sorted(median(log_ratios) for log_ratios in log_ratios_per_process)
    if not centres:
        message = "a ratio needs at least one process"
        raise ValueError(message)
    n = len(centres)
    g = n // LEFT_OUT
    kept = centres[g : n - g]
    mean = math.fsum(kept) / len(kept)
    if n == 1:
        return _exp(mean), None, None
    drawn_in = [kept[0]] * g + kept + [kept[-1]] * g
    centre = math.fsum(drawn_in) / n
    deviation = math.sqrt(math.fsum((value - centre) ** 2 for value in drawn_in) / (n - 1))
    t = student_t_quantile(1.0 - (1.0 - confidence) / (2.0 * max(1, comparisons)), len(kept) - 1)
    half_width = t * deviation * n / len(kept) / math.sqrt(n)
    return _exp(mean), _exp(mean - half_width), _exp(mean + half_width)


def _exp(x: float) -> float:
    """Return exp(x), infinity where it overflows."""
    return math.exp(x) if x < math.log(float.fromhex("0x1.fffffffffffffp+1023")) else math.inf


def student_t_quantile(p: float, df: float) -> float:
    """Return t with P(T <= t) = p for Student's distribution with df degrees of freedom.

    Newton's method on the logarithm of the upper tail, kept inside a bracket that shrinks at each step.
    Error: relative 1e-10 or less for df from 1 to 1e6 and tails down to 1e-12.
    Errors: ValueError unless 0 < p < 1 and df > 0.
    """
    if not 0.0 < p < 1.0 or not df > 0.0:
        message = f"Student's t has no quantile at p={p}, df={df}: p lies between 0 and 1 and df above 0."
        raise ValueError(message)
    if p == 0.5:  # noqa: PLR2004  (the median)
        return 0.0
    if p < 0.5:  # noqa: PLR2004  (likewise)
        return -_upper_quantile(p, df)
    return _upper_quantile(1.0 - p, df)


def _upper_quantile(tail: float, df: float) -> float:
    """Return t > 0 with P(T > t) = tail < 1/2."""
    low, high = 0.0, 1.0
    while _upper_tail(high, df) > tail:
        low, high = high, 2.0 * high
    t = 0.5 * (low + high)
    for _ in range(200):
        found = _upper_tail(t, df)
        low, high = (t, high) if found > tail else (low, t)
        step = t + math.log(found / tail) * found / _density(t, df)
        following = step if low < step < high else 0.5 * (low + high)
        if abs(following - t) <= 1e-15 * t:
            break
        t = following
    return t


def _density(t: float, df: float) -> float:
    """Return the density of Student's distribution at t."""
    log_scale = _log_gamma_ratio(0.5 * df) - 0.5 * math.log(df * math.pi)
    return math.exp(log_scale - 0.5 * (df + 1.0) * math.log1p(t * t / df))


def _upper_tail(t: float, df: float) -> float:
    """Return P(T > t) for t > 0, which is I_x(df/2, 1/2) / 2 at x = df / (df + t^2)."""
    x, complement = df / (df + t * t), t * t / (df + t * t)
    a, b = 0.5 * df, 0.5
    log_front = _log_gamma_ratio(a) - 0.5 * math.log(math.pi) - a * math.log1p(t * t / df) + b * math.log(complement)
    front = math.exp(log_front)
    if x < (a + 1.0) / (a + b + 2.0):
        return 0.5 * front * _beta_fraction(x, a, b) / a
    return 0.5 - 0.5 * front * _beta_fraction(complement, b, a) / b


def _log_gamma_ratio(a: float) -> float:
    """Return log(gamma(a + 1/2) / gamma(a)); two large lgamma would cancel."""
    if a < 20.0:  # noqa: PLR2004  (the next term of the series is below 1e-14 from here)
        return math.lgamma(a + 0.5) - math.lgamma(a)
    r = 1.0 / (a * a)
    series = -1.0 / 8.0 + r * (1.0 / 192.0 + r * (-1.0 / 640.0 + r * 17.0 / 14336.0))
    return 0.5 * math.log(a) + series / a


def _beta_fraction(x: float, a: float, b: float) -> float:
    """Return the continued fraction of the incomplete beta function by Lentz's method.

    Converges fast for x < (a + 1) / (a + b + 2).
    Source: Press et al., Numerical Recipes, section "Incomplete Beta Function".
    """
    tiny = 1e-300
    c, d = 1.0, 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1.0), tiny)
    fraction = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        for term in (even, odd):
            d = 1.0 / _away_from_zero(1.0 + term * d, tiny)
            c = _away_from_zero(1.0 + term / c, tiny)
            fraction *= c * d
        if abs(c * d - 1.0) < 1e-16:  # noqa: PLR2004  (below half a unit in the last place)
            break
    return fraction


def _away_from_zero(value: float, tiny: float) -> float:
    return value if abs(value) > tiny else tiny
