"""What a call costs beside its elements: time = a + b n, fitted to each method, and where loop and vector cross.

A straight line holds only while all of the vectors stay in one cache: b is five times as large in memory as next to the
processor. So the fit is of the sizes whose three vectors of float64 fit into the second cache.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from lrbench.intervals import student_t_quantile

Row = Mapping[str, Any]
Fit = dict[str, Any]

CONFIDENCE = 0.95
_BYTES = 24  # of one element of a, b and c
_USUAL_L2_BYTES = 2**20  # where the machine does not tell
_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30}
_PARAMETERS = 2


def cache_bytes(environment: Mapping[str, Any]) -> dict[str, int]:
    """Return the size of each cache of data that an environment names, such as {'L2': 1048576}, in their order."""
    found = {}
    for level, told in sorted((environment.get("caches") or {}).items()):
        number, unit = told.split()[0][:-1], told.split()[0][-1]
        if number.isdigit() and unit in _UNITS:
            found[level] = int(number) * _UNITS[unit]
    return found


def fit_all(rows: Iterable[Row], environment: Mapping[str, Any]) -> list[Fit]:
    """Return a fit for each method that was timed at three sizes or more within the second cache.

    rows: those of one document; a call that was made only once is left out.
    """
    largest = cache_bytes(environment).get("L2", _USUAL_L2_BYTES) // _BYTES
    methods: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row["median_s"] and row["size"] <= largest and row["kind"] != "protocol":
            methods.setdefault((row["language"], row["method"]), []).append(row)
    return [
        {"language": language, "method": method, **line([row["size"] for row in found], [r["median_s"] for r in found])}
        for (language, method), found in methods.items()
        if len({row["size"] for row in found}) > _PARAMETERS
    ]


def line(sizes: Sequence[int], times_s: Sequence[float]) -> Fit:
    """Return a and b of time = a + b n, with their 95 % intervals and their covariance.

    Weighted least squares with weights 1 / time^2, as errors of timing are in proportion to the time:
    1 = a (1 / t_i) + b (n_i / t_i) + e_i.   The intervals are Student's, from the residuals e of k sizes at k - 2
    degrees of freedom: what the line does not explain widens them. Neither a nor b can be negative: where the best
    is, it is 0, and the other one is the best beside that.

    sizes: k > 2 numbers of elements, not all the same.   times_s: the median time of a call at each.
    """
    t = np.asarray(times_s)
    A = np.column_stack([1.0 / t, np.asarray(sizes) / t])
    scales = np.sqrt((A * A).sum(axis=0))
    scaled = A / scales
    inverse = np.linalg.inv(scaled.T @ scaled) / np.outer(scales, scales)
    a, b = inverse @ A.sum(axis=0)
    degrees = len(t) - _PARAMETERS
    variance = float(((1.0 - A @ (a, b)) ** 2).sum()) / degrees
    covariance = variance * inverse
    if a < 0.0:
        a, b = 0.0, A[:, 1].sum() / (A[:, 1] ** 2).sum()
    elif b < 0.0:
        a, b = A[:, 0].sum() / (A[:, 0] ** 2).sum(), 0.0
    quantile = student_t_quantile(0.5 + 0.5 * CONFIDENCE, degrees)
    (a_low, a_high), (b_low, b_high) = (
        (max(0.0, value - quantile * math.sqrt(covariance[k, k])), value + quantile * math.sqrt(covariance[k, k]))
        for k, value in enumerate((float(a), float(b)))
    )
    return {
        "sizes": list(sizes),
        "overhead_s": float(a),
        "overhead_low_s": a_low,
        "overhead_high_s": a_high,
        "seconds_per_element": float(b),
        "seconds_per_element_low": b_low,
        "seconds_per_element_high": b_high,
        "covariance": covariance.tolist(),
    }
