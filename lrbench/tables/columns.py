"""Cells into numbers or categories."""

import contextlib
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lrbench.tables.records import BadTable, Floats, Rows, counted, option, shown

_MISSING = ("", "na", "n/a", "#n/a", "<na>", "nan", "+nan", "-nan", "null", "none")  # in lower case
_NUMBER = r"^[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|(?i:inf(inity)?))$"  # what Arrow's cast takes; a test holds it
_COMMA_NUMBER = r"^[+-]?\d[\d.]*(,\d+)+(\.\d+)?$"
_MOST = 0.5  # a column with at least this part of numbers is numbers with bad cells, not text
_MOST_CATEGORIES = 1000
_NUMBER_TYPES = (
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal,
    pa.types.is_null,
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table, every cell looked at."""

    name: str
    cells: Any  # pyarrow.ChunkedArray of text or numbers, null where missing; None if numbers are all it takes
    missing: NDArray[np.bool_]
    numbers: Floats | None  # NaN where missing; None if a present cell is no number
    kind: str = "numbers"  # "numbers", "text", or the name of a type that is neither
    misfits: Rows = field(default_factory=lambda: np.empty(0, dtype=np.intp))  # present cells that are no numbers
    first_misfit: str = ""
    mostly_numbers: bool = False
    commas: bool = False  # every misfit is a number but for its commas


def look_at(name: str, cells: Any, *, from_text: bool, categorical: bool) -> Column:
    """Return a column's numbers, or which of its cells are not numbers.

    from_text: whether text may spell a number, as in CSV.
    categorical: whether the cells are kept for `categories`; for numbers they take more memory than these.
    """
    column = _look_at(name, cells, from_text=from_text)
    return column if categorical or column.numbers is None else replace(column, cells=None)


def _look_at(name: str, cells: Any, *, from_text: bool) -> Column:
    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    kind = cells.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        text = pc.utf8_trim_whitespace(cells.cast(pa.large_string()))
        spelled = pc.is_in(pc.utf8_lower(text), value_set=pa.array(_MISSING, pa.large_string()))
        return _look_at_text(name, pc.if_else(spelled, None, text), from_text=from_text)
    if not any(is_kind(kind) for is_kind in _NUMBER_TYPES):
        return Column(name, cells, _mask(pc.is_null(cells)), numbers=None, kind=str(kind))
    numbers = cells.cast(pa.float64(), safe=False)
    present = pc.if_else(pc.is_nan(numbers), None, cells) if pa.types.is_floating(kind) else cells
    return Column(name, present, _mask(pc.is_null(present)), _floats(numbers))


def _look_at_text(name: str, text: Any, *, from_text: bool) -> Column:
    missing = _mask(pc.is_null(text))
    if missing.all():
        return Column(name, text, missing, np.full(missing.size, np.nan))
    fits = missing
    if from_text:
        with contextlib.suppress(pa.ArrowInvalid):
            numbers = _floats(text.cast(pa.float64()))
            # The cast also takes "nan(1)" and the like.
            if np.array_equal(np.isnan(numbers), missing):
                return Column(name, text, missing, numbers)
        fits = _mask(pc.fill_null(pc.match_substring_regex(text, _NUMBER), fill_value=True))
    misfits = np.flatnonzero(~fits)
    strange = text.take(pa.array(misfits))
    return Column(
        name,
        text,
        missing,
        numbers=None,
        kind="text",
        misfits=misfits,
        first_misfit=strange[0].as_py(),
        mostly_numbers=misfits.size <= (1 - _MOST) * int(np.count_nonzero(~missing)),
        commas=from_text and pc.all(pc.match_substring_regex(strange, _COMMA_NUMBER)).as_py(),
    )


def _mask(array: Any) -> NDArray[np.bool_]:
    return np.asarray(array.to_numpy(), dtype=np.bool_)


def _floats(array: Any) -> Floats:
    return np.asarray(pc.fill_null(array, float("nan")).to_numpy(), dtype=np.float64)


def categories(column: Column, rows: Rows) -> tuple[list[str], Floats]:
    """Return the column's different values in order, and for each of the rows its value's position.

    Numbers are in the order of their size, text in the order of its characters.

    Errors: BadTable if there are too many, or a number is spelled in two ways.
    """
    cells = column.cells.take(pa.array(rows))
    values = pc.unique(cells)
    if len(values) > min(_MOST_CATEGORIES, rows.size / 2) and len(values) > 1:
        message = (
            f"column {column.name!r} has {counted(len(values), 'different value')} in {counted(rows.size, 'row')}, "
            f"too many for --one-hot (at most {_MOST_CATEGORIES}, and at most half of the rows). "
            f"Leave it out with {option('--drop', [column.name])}."
        )
        raise BadTable(message)
    labels = [str(value) for value in values.to_pylist()]
    keys: list[Any] = values.to_pylist()
    if column.numbers is not None and pa.types.is_large_string(values.type):
        keys = [Decimal(label) for label in labels]
    _require_one_spelling(column.name, keys, labels)
    order = sorted(range(len(labels)), key=keys.__getitem__)
    position = np.empty(len(labels))
    position[order] = np.arange(len(labels))
    codes = pc.index_in(cells, value_set=values).to_numpy()
    return [labels[index] for index in order], position[codes]


def _require_one_spelling(name: str, keys: list[Any], labels: list[str]) -> None:
    first: dict[Any, str] = {}
    for key, label in zip(keys, labels, strict=True):
        if first.setdefault(key, label) != label:
            message = (
                f"column {name!r} spells one number as {shown(first[key])} and as {shown(label)}: --one-hot cannot "
                f"tell whether they are one value. Spell it one way, or leave the column out with "
                f"{option('--drop', [name])}."
            )
            raise BadTable(message)
