"""What reading a table gives, and how its refusals name rows, columns and options."""

import difflib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]  # positions from 0

_NAMED_ROWS = 3
_SHOWN_CHARACTERS = 40


class BadTable(ValueError):
    """A table cannot be used as it is; the message says what, which value, and what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """A regression problem read from a user's file."""

    X: Floats  # (n_samples, n_features), C order: (values - means) / scales
    y: Floats  # (n_samples,), as in the file
    feature_names: tuple[str, ...]  # a one-hot column is "column=value"
    target: str
    means: Floats  # (n_features,), in each feature's own unit
    scales: Floats  # (n_features,), population standard deviations, in each feature's own unit
    remarks: tuple[str, ...]  # what was done between file and X, one sentence each


def data_rows(rows: Rows) -> str:
    """Return "data rows 17, 204, 1033 and 4 more" for positions from 0."""
    shown = ", ".join(str(row + 1) for row in rows[:_NAMED_ROWS])
    more = f" and {rows.size - _NAMED_ROWS} more" if rows.size > _NAMED_ROWS else ""
    return f"data row{'s' if rows.size > 1 else ''} {shown}{more}"


def counted(number: int, noun: str) -> str:
    """Return "1 row", "2 rows"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def quoted(names: Sequence[str]) -> str:
    """Return "'a', 'b'"."""
    return ", ".join(map(repr, names))


def columns_named(names: Sequence[str]) -> str:
    """Return "column 'a'" or "columns 'a', 'b'"."""
    return f"column{'s' if len(names) > 1 else ''} {quoted(names)}"


def shown(value: str) -> str:
    """Return a cell's text as a message shows it, cut where it is long."""
    return repr(value if len(value) <= _SHOWN_CHARACTERS else value[:_SHOWN_CHARACTERS] + "...")


def option(flag: str, names: Sequence[str]) -> str:
    """Return the words of a command line that give `flag` for each name."""
    return " ".join(flag + ("=" if name.startswith("-") else " ") + _word(name) for name in names)


def _word(name: str) -> str:
    """Return a name as a shell's word, in which nothing moves a terminal's cursor."""
    if name.isprintable():
        return shlex.quote(name)
    plain = name.replace("\\", r"\\").replace("'", r"\'")
    return "$'" + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain) + "'"


def nearest(name: str, names: Sequence[str]) -> str:
    """Return a sentence that helps someone who asked for a column that is not there."""
    by_folded = {other.casefold(): other for other in names}
    close = difflib.get_close_matches(name.strip().casefold(), by_folded, n=1)
    if close:
        return f"Nearest: {by_folded[close[0]]!r}."
    return f"Its columns: {quoted(names)}."
