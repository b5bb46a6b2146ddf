"""Loop and vector side by side: which method is which, and from how many elements on the vector is the quicker."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from lrbench.intervals import student_t_quantile
from lrbench.languages.fits import CONFIDENCE, Fit, Row

Pair = dict[str, Any]

_PARAMETERS = 2
_CROSSING = ("from_n", "from_n_low", "from_n_high")
_LARGEST_LOG = 50.0  # an interval that reaches further says nothing


def pair_all(rows: Sequence[Row], fits: Iterable[Fit]) -> list[Pair]:
    """Return loop and vector of each program that has a timed loop, in the order of the rows.

    The loop is the program's first. The vector is the program's first method that adds at once; without one, that of
    the language's first program that has one (lists stand against NumPy); without one of these, the same loop as the
    program's last compiler options have it, if the first's are others (C without and with optimisation); or there is
    none.
    """
    known = {(fit["language"], fit["method"]): fit for fit in fits}
    timed = [row for row in rows if row["median_s"] and row["kind"] != "protocol"]
    programs: dict[tuple[str, str], list[Row]] = {}
    for row in timed:
        programs.setdefault((row["language"], row["program"]), []).append(row)
    pairs = []
    for (language, program), own in programs.items():
        loop = _first(own, kind="loop")
        if loop is None:
            continue
        whole = (
            _first(own, kind="whole")
            or _first([row for row in timed if row["language"] == language], kind="whole")
            or _optimised(loop, own)
        )
        method = whole["method"] if whole else ""
        crossing = crossover(known.get((language, loop["method"])), known.get((language, method)))
        pairs.append({"language": language, "program": program, "loop": loop["method"], "whole": method, **crossing})
    return pairs


def _first(rows: Iterable[Row], **wanted: str) -> Row | None:
    return next((row for row in rows if all(row[name] == value for name, value in wanted.items())), None)


def _optimised(loop: Row, rows: Sequence[Row]) -> Row | None:
    flags = rows[-1]["flags"]
    return None if flags == loop["flags"] else _first(rows, flags=flags, output=loop["output"])


def crossover(loop: Fit | None, whole: Fit | None) -> dict[str, Any]:
    """Return whether the vector is the quicker, and from how many elements on, with its 95 % interval.

    a_l + b_l n = a_v + b_v n at n = (a_v - a_l) / (b_l - b_v): `quicker` is "from_n", or "always" where calling the
    vector costs no more than the loop's begin, "never" where its elements cost no less, "unknown" without both fits.
    The interval is of log n, to first order in the fits' errors (the delta method), with Student's quantile at the
    degrees of freedom of the fit that has fewer.
    """
    nothing = dict.fromkeys(_CROSSING)
    if not loop or not whole:
        return {"quicker": "unknown", **nothing}
    dearer = whole["overhead_s"] - loop["overhead_s"]
    saved = loop["seconds_per_element"] - whole["seconds_per_element"]
    if saved <= 0.0:
        return {"quicker": "never", **nothing}
    if dearer <= 0.0:
        return {"quicker": "always", **nothing}
    (aa, ab), (_, bb) = (_summed(loop["covariance"][k], whole["covariance"][k]) for k in range(_PARAMETERS))
    variance = aa / dearer**2 + bb / saved**2 + 2.0 * ab / (dearer * saved)
    degrees = min(len(fit["sizes"]) for fit in (loop, whole)) - _PARAMETERS
    quantile = student_t_quantile(0.5 + 0.5 * CONFIDENCE, degrees)
    n, factor = dearer / saved, math.exp(min(quantile * math.sqrt(max(0.0, variance)), _LARGEST_LOG))
    return {"quicker": "from_n", **dict(zip(_CROSSING, (n, n / factor, n * factor), strict=True))}


def _summed(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    return first[0] + second[0], first[1] + second[1]
