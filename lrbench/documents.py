"""JSON from outside: read within bounds of memory and depth, or refused with the reason.

What a file may hold is bounded before it is parsed, by a count of its commas and brackets: each costs memory, as
records too, and a few megabytes of brackets would otherwise become gigabytes of objects. Amounts are bounded as well,
so that nothing that is computed from them leaves the range of a float.
"""

import collections
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeGuard

DEEPEST = 50  # levels; deeper than any of the formats, shallower than what later code may recurse into
LEAST, MOST = 1e-18, 1e18  # of any amount but 0 that was ever measured: seconds, bytes, flops, calls, digits
BUDGET_BYTES = 700_000_000
# Found with tracemalloc: a number becomes objects of the document, of a record and of a report; a pair of
# brackets a list, or a dictionary of one entry.
_VALUE_BYTES, _OBJECT_BYTES = 200, 400


class BadDocument(ValueError):
    """Why a file or a text is not read; without the place, which the caller knows."""


def is_amount(value: Any) -> TypeGuard[float]:
    """Return whether a value is a number of a magnitude that an amount can have: 0, or LEAST to MOST."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and (value == 0 or LEAST <= abs(value) <= MOST)


def read(path: Path) -> bytes:
    """Return the content of a file that fits the bounds.

    Errors: BadDocument for one that cannot be read, or whose values would not fit into BUDGET_BYTES.
    """
    try:
        with path.open("rb") as file:
            content = file.read(BUDGET_BYTES // 2 + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        message = f"cannot be read ({getattr(error, 'strerror', None) or error})"
        raise BadDocument(message) from None
    if (cost := _cost_bytes(content)) > BUDGET_BYTES:
        message = (
            f"too large: its values would take about {cost / 1e9:.1f} GB of memory. Give fewer results in one file; "
            "--benchmark-save-data and --record-samples store every sample"
        )
        raise BadDocument(message)
    return content


def _cost_bytes(content: bytes) -> int:
    text = len(content) * (2 if content.isascii() else 5)  # as bytes and as text, of up to four bytes a character
    return text + _VALUE_BYTES * content.count(b",") + _OBJECT_BYTES * (content.count(b"[") + content.count(b"{"))


def parse(text: str | bytes, *, finite: bool = False) -> Any:
    """Return what a JSON text stands for; `finite` refuses NaN, infinities and numbers too large for a float.

    Errors: BadDocument for what is no JSON, a key that an object has twice, and more than DEEPEST levels.
    """
    try:
        if finite:
            value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite)
        else:
            value = json.loads(text, object_pairs_hook=_object)
    except RecursionError:
        _refuse_depth()
    except BadDocument:
        raise
    except ValueError as error:  # malformed, not UTF-8, or a whole number of thousands of digits
        message = f"not JSON ({error})"
        raise BadDocument(message) from None
    _check_depth(value)
    return value


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = collections.Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        message = f"an object has the key {twice!r:.60} twice"
        raise BadDocument(message)
    return found


def _refuse_constant(name: str) -> NoReturn:
    message = f"not JSON ({name} is no JSON value)"
    raise BadDocument(message)


def _finite(digits: str) -> float:
    if math.isfinite(value := float(digits)):
        return value
    message = f"{digits:.40} is larger than any float"
    raise BadDocument(message)


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [part for each in level for part in _parts(each) if isinstance(part, dict | list)]
        if not level:
            return
    _refuse_depth()


def _parts(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _refuse_depth() -> NoReturn:
    message = f"not JSON of ours (nested too deeply: more than {DEEPEST} levels)"
    raise BadDocument(message)
