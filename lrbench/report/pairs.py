"""Several runs side by side: tables of ratios, and lists of what could not be compared."""

from collections.abc import Mapping
from dataclasses import dataclass

from lrbench.comparisons import Pair, Report
from lrbench.report.wording import clean, threads_text, three_digits, time_text

LEGEND = (
    "Times of different runs are unpaired: whatever the machine did in between is in their ratio. The interval is the "
    "widest that the two medians' own intervals allow, and there is no verdict: lrbench compare gives one."
)
HEADS = ("case", "first", "second", "second over first", "interval")
MOST_NAMED = 5  # cases after a reason, in a text that has to be short


@dataclass(frozen=True, slots=True)
class Beside:
    """Two runs: what of them was compared, and what was not."""

    title: str
    rows: tuple[tuple[str, ...], ...]  # one cell for each of HEADS
    apart: Mapping[str, tuple[str, ...]]  # reason -> cases


def besides(report: Report) -> list[Beside]:
    """Return one table for each two runs that were set beside each other."""
    found: dict[tuple[str, str], list[Pair]] = {}
    for pair in report.across:
        found.setdefault((pair.first.name, pair.second.name), []).append(pair)
    return [_beside(names, pairs) for names, pairs in found.items()]


def _beside(names: tuple[str, str], pairs: list[Pair]) -> Beside:
    apart: dict[str, list[str]] = {}
    for pair in pairs:
        if pair.reason:
            apart.setdefault(clean(pair.reason), []).append(case_text(pair))
    rows = tuple(_cells(pair) for pair in pairs if not pair.reason)
    title = clean(f"{names[0]}, and {names[1]}")
    return Beside(title, rows, {reason: tuple(cases) for reason, cases in apart.items()})


def _cells(pair: Pair) -> tuple[str, ...]:
    interval = "" if pair.low is None or pair.high is None else f"[{three_digits(pair.low)}, {three_digits(pair.high)}]"
    ratio = "" if pair.ratio is None else three_digits(pair.ratio)
    return case_text(pair), time_text(pair.first_s), time_text(pair.second_s), ratio, interval


def case_text(pair: Pair) -> str:
    """Return 'predict/1000x2/numba_jit, 1 thread'."""
    case = "/".join(part for part in (pair.problem, pair.size, pair.implementation) if part)
    return clean(f"{case}{threads_text(pair.threads)}")


def apart_text(reason: str, cases: tuple[str, ...]) -> str:
    """Return 'cpu differs (A, there B): case, case and 3 more'."""
    more = f" and {len(cases) - MOST_NAMED} more" if len(cases) > MOST_NAMED else ""
    return f"{reason}: {', '.join(cases[:MOST_NAMED])}{more}"
