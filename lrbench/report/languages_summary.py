"""What a learner wants to know first: how much vectorising bought, from which size on, and what limits it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lrbench.report.languages_lookup import (
    DOCUMENTS_SIZE,
    Document,
    Name,
    Row,
    add_ceiling,
    bandwidth,
    fits,
    near,
    pair_of,
    ratio,
    sides,
    timed,
)
from lrbench.report.languages_tables import crossing_text, elements
from lrbench.report.wording import clean, rate_text, three_digits, time_text

_LARGE = 10_000_000
_LIMITED = 0.5  # of the add ceiling: from here on, memory is what limits
_MATTERS = 2.0  # a smaller ratio of loop and vector is the same code twice

Times = Mapping[Name, Mapping[int, Row]]


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to know."""

    question: str
    answer: str


def points(document: Document) -> list[Point]:
    """Return question and answer, each of this run; those whose rows are missing are left out."""
    times = timed(document)
    makers: tuple[Callable[[Document, Times], Point | None], ...] = (_bought, _from_n, _limit, _compilers, _protocol)
    return [point for make in makers if (point := make(document, times))]


def _bought(document: Document, times: Times) -> Point | None:
    told: list[str] = []
    for program, loop_text in (("numpy", "a loop over its items"), ("lists", "a loop over lists")):
        pair = pair_of(document, program)
        if pair is None:
            continue
        loop, whole = sides(pair, times)
        size = near(loop.keys() & whole.keys(), DOCUMENTS_SIZE)
        if size is None:
            continue
        if not told:
            told.append(f"NumPy's a + b adds {elements(size)} numbers in {time_text(whole[size]['median_s'])}")
        times_as_long = three_digits(ratio(pair, times, size) or 0.0)
        told.append(f"{loop_text} takes {time_text(loop[size]['median_s'])}, {times_as_long} times as long")
    if not told:
        return None
    others = ", ".join(_others(document, times))
    more = f" In other languages and packages the factor is {others}." if others else ""
    return Point("How much did vectorising buy?", "; ".join(told) + "." + more)


def _others(document: Document, times: Times) -> Iterator[str]:
    """Yield the factors of other pairs of a loop and a vector, at the documents' size or near it."""
    for pair in document["pairs"]:
        loop, whole = sides(pair, times)
        size = near(loop.keys() & whole.keys(), DOCUMENTS_SIZE)
        found = ratio(pair, times, size) if size else None
        if found and found >= _MATTERS and pair["program"] not in {"numpy", "lists", "c"}:
            name = pair["whole"].partition(",")[0] if pair["language"] == "Python" else pair["language"]
            yield clean(f"{three_digits(found)} ({name})")


def _from_n(document: Document, _times: Times) -> Point | None:
    pair = pair_of(document, "lists")
    known = fits(document)
    if pair is None or pair["quicker"] not in {"from_n", "always"}:
        return None
    loop, whole = (known[pair["language"], pair[side]] for side in ("loop", "whole"))
    costs = (
        f"A call of NumPy's a + b costs {time_text(whole['overhead_s'])} before the first element, and a loop over "
        f"lists {time_text(loop['seconds_per_element'])} for each element."
    )
    if pair["quicker"] == "always":
        told = "By this run NumPy is quicker from the first element on: a call of the loop costs no less than its own."
    else:
        n, low, high = crossing_text(pair)
        told = (
            f"So from n = {n} on NumPy is quicker (95 % interval {low} to {high}); for fewer numbers a plain loop "
            "over a list is."
        )
    return Point("From how many elements on?", f"{costs} {told}")


def _limit(document: Document, times: Times) -> Point | None:
    new, given = (times.get(("Python", name), {}) for name in ("NumPy, a + b", "NumPy, out="))
    size = near([n for n in given if n in new], _LARGE)
    ceiling = add_ceiling(document, size) if size else None
    if size is None or ceiling is None:
        return None
    into_given, into_new = bandwidth(given[size]), bandwidth(new[size])
    if into_given < _LIMITED * ceiling:
        cause = "less than half of that, so something else comes first"
    else:
        cause = "so memory is the limit, not arithmetic, and no faster language helps"
    fresh = into_given / into_new
    pages = f" A new output costs {three_digits(fresh)} times as much: its pages of memory are fresh each time."
    return Point(
        f"What limits it at {elements(size)}?",
        f"Each element moves 24 bytes: two numbers read, one written. The most that additions by one thread were seen "
        f"to reach here at this size is {rate_text('add', ceiling)}. NumPy, given its output, reaches "
        f"{rate_text('add', into_given)}: {cause}.{pages if fresh > 1.1 else ''}",  # noqa: PLR2004  (a tenth)
    )


def _compilers(document: Document, times: Times) -> Point | None:
    pair = pair_of(document, "c")
    size = near(set.intersection(*({*side} for side in sides(pair, times))), DOCUMENTS_SIZE) if pair else None
    if pair is None or size is None:
        return None
    loop, whole = sides(pair, times)
    each = [f"{three_digits(side[size]['seconds_per_element'] * 1e9)} ns" for side in (loop, whole)]
    return Point(
        "And where loops are compiled?",
        f"There the loop is the vector code. In C an element takes {each[0]} without optimisation and {each[1]} with "
        f"{clean(whole[size]['flags'])}, from the same loop.",
    )


def _protocol(_document: Document, times: Times) -> Point | None:
    """Say what the documents' own library would print, and what it takes."""
    names = {
        "loop": "MXNet, item by item, the documents' protocol",
        "whole": "MXNet, a + b, the documents' protocol",
        "waited": "MXNet, a + b, the documents' protocol but waited for",
        "repeated": "MXNet, a + b, waited for",
    }
    found: dict[str, Any] = {key: times.get(("Python", name), {}).get(DOCUMENTS_SIZE) for key, name in names.items()}
    if not all(found.values()):
        return None
    loop, whole, waited, repeated = (row["median_s"] for row in found.values())
    return Point(
        "What would the documents' own program print?",
        f"For {elements(DOCUMENTS_SIZE)} numbers in MXNet, {time_text(loop)} for the loop and {time_text(whole)} for "
        f"a + b: a factor of {three_digits(loop / whole)}. But MXNet puts the addition into a queue and returns before "
        f"it is done. Waited for, that one call takes {time_text(waited)}, and the factor is "
        f"{three_digits(loop / waited)}; repeated calls, each waited for, take {time_text(repeated)}.",
    )
