"""The words and numbers that every format shares, so that all reports say the same."""

import math
import re
from collections.abc import Mapping
from typing import Any

from lrbench.comparisons import Report, Row, Table
from lrbench.report.processors import affinity_text

OTHER_ALGORITHM = "†"
STRICT = "strict"
BUSY = "!"
UNKNOWN = "—"

CEILINGS = {
    "read": "reading",
    "add": "adding",
    "add_streaming": "adding, streamed",  # its stores bypass the caches
    "flops": "matrix product",
}
CEILINGS_TAKEN = (
    "The highest is what roofs and “of limit” are held against: what one process found, the machine can do. The median "
    "and the lowest show how far the processes' findings lie apart."
)
_EXA = 1e18  # more bytes than any machine has, and more seconds
_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))

# Terminal escapes, and marks that make text run backwards: shown as codes, never sent.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(text: str) -> str:
    """Return text on one line, without anything that a terminal or a browser would obey."""
    return _UNSAFE.sub(lambda match: " " if match[0] in "\n\r\t" else _code(match[0]), text)


def _code(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def time_text(seconds: float | None) -> str:
    """Return a time with three significant digits and its unit, such as '1.23 ms'; empty for None."""
    if not seconds:
        return "" if seconds is None else "0 s"
    for unit, scale in (("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3)):
        if seconds < 999.5 * scale:
            return f"{three_digits(seconds / scale)} {unit}"
    return f"{three_digits(seconds)} s"


def three_digits(value: float) -> str:
    """Return a number with three significant digits, without an exponent below a million: 0.0123, 1.20, 45300."""
    if not 1e-3 <= abs(value) < 1e6 and value != 0:  # noqa: PLR2004 - false for what is not a number, too
        return f"{value:.2e}"
    return f"{float(f'{value:.3g}'):.{_decimals(value)}f}"


def _decimals(value: float) -> int:
    """Return how many decimals three significant digits of a number need."""
    rounded = abs(float(f"{value:.2e}"))
    return 2 if rounded == 0 else max(0, 2 - math.floor(math.log10(rounded)))


def bytes_text(size_bytes: float | None) -> str:
    """Return a number of bytes such as '12.3 MB', 1 MB being 10**6 bytes; empty for None."""
    if size_bytes is None:
        return ""
    value, prefix = _prefixed(size_bytes)
    return f"{float(f'{value:.3g}'):g} {prefix}B"


def rate_text(kind: str, value: float) -> str:
    """Return a ceiling's value such as '28.3 GB/s', or '52.8 Gflop/s'."""
    value, prefix = _prefixed(value)
    return f"{three_digits(value)} {prefix}{'flop/s' if kind == 'flops' else 'B/s'}"


def _prefixed(value: float) -> tuple[float, str]:
    """Return a number in the largest unit that does not make it less than 1, and that unit's prefix."""
    scale, prefix = next((pair for pair in _PREFIXES if value >= 0.9995 * pair[0]), (1.0, ""))
    return value / scale, prefix


def calls_text(calls: float | None) -> str:
    """Return a number of calls such as 'about 140 calls'; empty for None, and for calls that never come."""
    if calls is None or not math.isfinite(calls):
        return ""
    return "1 call" if calls <= 1 else f"about {float(f'{math.ceil(calls):.2g}'):,.0f} calls"


def speedup_text(row: Row, table: Table) -> str:
    """Return '3.21 [3.10, 3.32]', marked where the baseline is of another algorithm; empty where there is none."""
    if row.speedup is None:
        return ""
    if row.implementation == row.baseline:
        return "baseline"
    mark = f" {OTHER_ALGORITHM}" if table.speedup_kind(row) == "algorithm" else ""
    if row.speedup_low is None or row.speedup_high is None:
        small = row.speedup < 0.1  # noqa: PLR2004  (a small fraction is read more easily by its inverse)
        return f"≈ {f'1/{three_digits(1.0 / row.speedup)}' if small else three_digits(row.speedup)}{mark}"
    low, ratio, high = _alike((row.speedup_low, row.speedup, row.speedup_high))
    return f"{ratio} [{low}, {high}]{mark}"


def _alike(ratios: tuple[float, float, float]) -> tuple[str, ...]:
    """Return a ratio and its interval with the same decimals: three significant digits, near 1 three decimals."""
    middle = ratios[1]
    is_wide = not ratios[2] < 100.0 * middle or not ratios[0] > 0.01 * middle
    if is_wide or not 1e-3 <= middle < 1e5:  # noqa: PLR2004 - where plain decimals grow long
        return tuple(three_digits(ratio) for ratio in ratios)
    decimals = 3 if 0.9 <= middle < 1.1 else _decimals(middle)  # noqa: PLR2004 - 1.004 and 1.000 tell verdicts apart
    return tuple(f"{ratio:.{decimals}f}" for ratio in ratios)


def digits_text(row: Row) -> str:
    """Return the digits with one decimal; empty for None."""
    return "" if row.digits is None else f"{row.digits:.1f}"


def outcome_text(row: Row) -> str:
    """Return the median time, or what stands in its place: 'wrong answer: ...', 'not run: about 40 s'."""
    if row.status != "ok":
        return clean(f"{row.status}: {row.reason}" if row.reason else row.status)
    return time_text(row.median_s) or "no time recorded"


def name_text(row: Row) -> str:
    """Return an implementation's name, marked where its arithmetic is not strict or it took too many processors."""
    marks = ("" if row.arithmetic == STRICT else " ~") + f" {BUSY}" * row.exceeds_threads
    return clean(row.implementation) + marks


def title_text(table: Table) -> str:
    """Return 'least_squares at 1000x2, 1 thread', with the noise floor, and the conditions where they matter."""
    size = f" at {table.size}" if table.size else ""
    floor = f", {floor_text(table)}" if table.floors else ""
    conditions = f" ({table.conditions})" if table.conditions else ""
    return clean(f"{table.problem}{size}{threads_text(table.threads)}{floor}{conditions}")


def threads_text(threads: int) -> str:
    """Return ', 1 thread', or nothing where the number is not known."""
    return "" if not threads else f", {threads} thread{'s' * (threads != 1)}"


def baseline_text(table: Table) -> str:
    """Return the one baseline of a table; empty where there are several, or none was used."""
    names = {row.baseline for row in table.rows if row.speedup is not None}
    return clean(names.pop()) if len(names) == 1 else ""


def has_several_baselines(table: Table) -> bool:
    """Return whether each speedup must name what it is over."""
    return len({row.baseline for row in table.rows if row.speedup is not None}) > 1


def has_speedups(table: Table) -> bool:
    """Return whether anything in a table was compared; what was not timed side by side never is."""
    return any(row.speedup is not None for row in table.rows)


def has_limits(table: Table) -> bool:
    """Return whether it is known of any row how near it comes to what the machine allows."""
    return any(row.of_limit is not None for row in table.rows)


def limit_text(row: Row) -> str:
    """Return the share of the machine's limit, such as '83 %', '4.1 %' or '0.37 %'; empty for None."""
    if row.of_limit is None:
        return ""
    percent = 100.0 * row.of_limit
    if percent < 0.01:  # noqa: PLR2004 - further digits tell nobody more
        return "< 0.01 %"
    return f"{percent:.{max(0, min(2, 1 - math.floor(math.log10(float(f'{percent:.1e}')))))}f} %"


def over_text(row: Row) -> str:
    """Return the name of what a row was compared with; empty where it was not, or is the baseline itself."""
    return clean(row.baseline) if row.speedup is not None and row.implementation != row.baseline else ""


def verdict_text(row: Row) -> str:
    """Return the verdict where there is one to tell: a baseline is marked among the speedups."""
    return "" if row.verdict == "baseline" else row.verdict


def noise_floor_text(report: Report) -> str:
    """Return what identical code was found to differ by, over all tables; empty where it was not measured."""
    floors = sorted(report.noise_floor, key=lambda floor: floor.factor)
    if not floors:
        return ""
    middle, worst = floors[len(floors) // 2], floors[-1]
    place = f"{worst.implementation} of {worst.problem} at {worst.size}{threads_text(worst.threads)}"
    found = (
        f"{_percent(worst.factor)} ({place})"
        if len(floors) == 1
        else f"{_percent(middle.factor)} in the middle one of {len(floors)} comparisons and by "
        f"{_percent(worst.factor)} in the worst ({place})"
    )
    return clean(
        f"Noise floor: code compared with itself differed by {found}. "
        "No ratio smaller than its own table's floor is called a difference."
    )


def floor_text(table: Table) -> str:
    """Return one table's noise floor in a few words; empty where it was not measured."""
    return f"noise floor {_percent(table.floor_factor)}" if table.floors else ""


def _percent(factor: float) -> str:
    return f"{three_digits(100.0 * (factor - 1.0))} %"


def environment_text(environment: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the environment as pairs of name and text, without what is not known."""
    told = {"affinity": affinity_text(environment.get("affinity"), environment.get("cores"))}
    pairs = [(name, told[name]) if told.get(name) else _fact(name, value) for name, value in environment.items()]
    return [(clean(name.replace("_", " ")), text) for name, text in pairs if text]


def _fact(name: str, value: Any) -> tuple[str, str]:
    is_amount = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _EXA
    for unit, told in (("_bytes", bytes_text), ("_s", time_text)):
        if name.endswith(unit) and is_amount:
            return name.removesuffix(unit), told(value)
    return name, _value_text(value)


def _value_text(value: Any, depth: int = 0) -> str:
    if value is None or depth > 4:  # noqa: PLR2004 - deeper than any environment of ours
        return ""
    if isinstance(value, Mapping):
        if set(value) == {"lowest", "highest"}:
            return f"{_value_text(value['lowest'], depth + 1)} to {_value_text(value['highest'], depth + 1)}"
        parts = ((clean(str(name)), _value_text(part, depth + 1)) for name, part in value.items())
        return ", ".join(f"{name} {text}" for name, text in parts if text)
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, (_value_text(part, depth + 1) for part in value)))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return clean(f"{value:.6g}" if isinstance(value, float) else str(value))
