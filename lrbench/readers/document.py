"""JSON documents from elsewhere, and the checks that each reader makes of what it finds in them."""

import math
from pathlib import Path
from typing import Any, TypeVar

from lrbench import documents
from lrbench.results import BadRecord, shortened

MOST_CASES = 100_000  # of one file; each becomes a row of every report

Kind = TypeVar("Kind")


def load(path: Path) -> Any:
    """Return a file's JSON, where NaN and infinities are let through; BadRecord for anything else."""
    try:
        return documents.parse(documents.read(path))
    except documents.BadDocument as error:
        message = f"{path}: {error}."
        raise BadRecord(message) from None


def is_there(file: Path) -> bool:
    """Return whether there is a file, or a link: one that leads nowhere is damage to be told, not an absent file."""
    return file.is_file() or file.is_symlink()


def resolved(file: Path) -> Path:
    """Return a file's place without links, by which it is known again; BadRecord for links that lead in a circle."""
    try:
        return file.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: of a circle, before Python 3.13
        raise unreadable(file, error) from None


def unreadable(path: Path, error: Exception) -> BadRecord:
    """Return what is raised for a path that the system refuses."""
    return BadRecord(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}).")


def expect(value: Any, kind: type[Kind], where: str) -> Kind:
    """Return a value that is of a kind; BadRecord, naming the place, if it is not."""
    if not isinstance(value, kind):
        message = f"{where} is {_short(value)}, which is no {kind.__name__}."
        raise BadRecord(message)
    return value


def number(value: Any, where: str) -> float:
    """Return 0 or an amount above it; BadRecord, naming the place, for anything else."""
    if not documents.is_amount(value) or value < 0:
        message = (
            f"{where} is {_short(value)}, which is no number from {documents.LEAST:g} to {documents.MOST:g}, or 0."
        )
        raise BadRecord(message)
    return float(value)


def amount(value: Any) -> float | None:
    """Return a number of either sign, or None for what is none: for what a file may leave unknown."""
    return float(value) if documents.is_amount(value) else None


def ends(low: Any, high: Any, *, around: float) -> tuple[float, ...]:
    """Return two times about a middle one; nothing where one is unknown, or where they are not about it."""
    known = [end for end in (amount(low), amount(high)) if end is not None]
    return tuple(known) if len(known) == 2 and 0 <= known[0] <= around <= known[1] else ()  # noqa: PLR2004  (a pair)


def text(value: Any) -> str:
    """Return a text, shortened if need be, or nothing for what is no text: for what is only shown."""
    return shortened(value) if isinstance(value, str) else ""


def is_nan(value: Any) -> bool:
    """Return whether a value is a float that is not a number."""
    return isinstance(value, float) and math.isnan(value)


def _short(value: Any) -> str:
    """Return a few characters of a value: one from a file may be of any length and depth."""
    if isinstance(value, dict | list):
        return f"a {type(value).__name__} of {len(value)}"
    try:
        return f"{value!r:.60}"
    except ValueError:  # a whole number of thousands of digits
        return "a huge number"
