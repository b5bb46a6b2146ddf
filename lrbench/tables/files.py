"""Files into named columns of cells: CSV, every cell as text, and Parquet, every column in its own type."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from lrbench.tables.records import BadTable, counted, data_rows

_PARQUET_MAGIC = b"PAR1"
_PARQUET_SUFFIXES = {".parquet", ".parq", ".pq"}
_FOREIGN = {
    b"PK\x03\x04": ("a zip file or an Excel workbook", "Save it as CSV"),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", "Save it as CSV"),
    b"\x1f\x8b": ("compressed with gzip", "Decompress it"),
    b"BZh": ("compressed with bzip2", "Decompress it"),
    b"\xfd7zX": ("compressed with xz", "Decompress it"),
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", "Decompress it"),
    b"ARRO": ("an Arrow (Feather) file", "Save it as Parquet"),
    b"\xff\xfe": ("UTF-16 text", "Save it as UTF-8"),
    b"\xfe\xff": ("UTF-16 text", "Save it as UTF-8"),
}
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_BLOCK_BYTES = 1 << 24  # a row may not be longer; blocks are parsed in parallel


@dataclass(frozen=True, slots=True)
class Cells:
    """A file's columns, in its order."""

    columns: dict[str, Any]  # pyarrow.ChunkedArray by name
    n_rows: int
    from_text: bool  # whether every column is text as it was written, numbers too
    remarks: tuple[str, ...]


def read_file(path: Path) -> Cells:
    """Return the columns of a CSV or Parquet file, told apart by the file's first bytes.

    Errors: BadTable if there is no such file, or it is not a table with a header and a row.
    """
    try:
        head = _first_bytes(path)
        cells = _read_parquet(path) if head == _PARQUET_MAGIC else _read_csv(path)
    except OSError as error:
        message = f"cannot be read ({error.strerror or error}). Check the file and its permissions."
        raise BadTable(message) from error
    if not cells.n_rows:
        message = "a header and no rows below it. Give a file with data."
        raise BadTable(message)
    return cells


def _first_bytes(path: Path) -> bytes:
    if not path.exists():
        message = "no such file. Check the path."
        raise BadTable(message)
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "not a regular file"
        message = f"is {kind}. Give one CSV or Parquet file."
        raise BadTable(message)
    with path.open("rb") as file:
        head = file.read(len(_PARQUET_MAGIC))
    if not head:
        message = "the file is empty. Give a CSV or Parquet file with a header and rows."
        raise BadTable(message)
    for magic, (what, remedy) in _FOREIGN.items():
        if head.startswith(magic):
            message = f"is {what}, neither CSV nor Parquet. {remedy} first."
            raise BadTable(message)
    if head != _PARQUET_MAGIC and path.suffix.lower() in _PARQUET_SUFFIXES:
        message = (
            f"is named Parquet but begins with {head!r} where Parquet begins with {_PARQUET_MAGIC!r}. "
            "Write it again, or give it another suffix if it is CSV."
        )
        raise BadTable(message)
    return head


def _read_parquet(path: Path) -> Cells:
    try:
        # Opened here, because Arrow takes no name that is not UTF-8.
        with path.open("rb") as source, pa.parquet.ParquetFile(source) as file:
            names = file.schema_arrow.names
            _require_unique(names)
            table = file.read()
    except (pa.ArrowException, OSError) as error:
        first_line = str(error).partition("\n")[0]
        message = f"begins as Parquet but cannot be read, damaged or cut short ({first_line}). Write it again."
        raise BadTable(message) from error
    if not names:
        message = "has no columns. Give a file with data."
        raise BadTable(message)
    columns = dict(zip(names, table.columns, strict=True))
    return Cells(columns, table.num_rows, from_text=False, remarks=_read_remarks(table.num_rows, names))


def _read_csv(path: Path) -> Cells:
    delimiter, width = _find_delimiter(path)
    table, ragged = _parse(path, delimiter, width, use_threads=True)
    if ragged:
        # Only one thread knows the numbers of the rows.
        _, ragged = _parse(path, delimiter, width, use_threads=False)
        raise BadTable(_ragged_message(ragged, width))
    names = [column[0].as_py().strip() for column in table.columns]
    _require_unique(names)
    _require_closed_quote(path, table)
    columns = {name: column.slice(1) for name, column in zip(names, table.columns, strict=True)}
    separated = () if delimiter == "," else (f"Cells separated by {_DELIMITERS[delimiter]}, as in the header.",)
    n_rows = table.num_rows - 1
    return Cells(columns, n_rows, from_text=True, remarks=_read_remarks(n_rows, names) + separated)


def _read_remarks(n_rows: int, names: Sequence[str]) -> tuple[str, ...]:
    return (f"Read {counted(n_rows, 'row')} of {counted(len(names), 'column')}.",)


def _find_delimiter(path: Path) -> tuple[str, int]:
    """Return the delimiter that gives the header the most cells, commas first, and their number."""
    widths = {}
    try:
        for delimiter in _DELIMITERS:
            with path.open(encoding="utf-8-sig", newline="") as file:
                widths[delimiter] = len(next(filter(None, csv.reader(file, delimiter=delimiter)), []))
    except UnicodeDecodeError:
        raise BadTable(_not_utf8_message(path)) from None
    except csv.Error as error:
        message = f"its header cannot be read ({error}). Look for a quote that is opened and never closed."
        raise BadTable(message) from error
    delimiter = max(widths, key=lambda key: widths[key])
    if not widths[delimiter]:
        message = "holds only empty lines. Give a file with a header and rows."
        raise BadTable(message)
    return delimiter, widths[delimiter]


def _parse(path: Path, delimiter: str, width: int, *, use_threads: bool) -> tuple[Any, list[tuple[int, int]]]:
    """Return all rows as text, the header first, and (data row from 0, cells) of those that do not fit it."""
    ragged: list[tuple[int, int]] = []

    def note(row: Any) -> str:
        # pyarrow counts the header as row 1 and empty lines not at all.
        ragged.append(((row.number or 2) - 2, row.actual_columns))
        return "skip"

    try:
        with path.open("rb") as file:
            table = pa.csv.read_csv(
                file,
                # The header is read as a row, because two columns may have one name.
                pa.csv.ReadOptions(
                    autogenerate_column_names=True, use_threads=use_threads, block_size=_BLOCK_BYTES, encoding="utf8"
                ),
                pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note),
                pa.csv.ConvertOptions(column_types={f"f{index}": pa.string() for index in range(width)}),
            )
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            raise BadTable(_not_utf8_message(path)) from None
        first_line = str(error).partition("\n")[0]
        message = f"cannot be read as CSV ({first_line}). Look for a quote that is opened and never closed."
        raise BadTable(message) from error
    return table, ragged


def _ragged_message(ragged: Sequence[tuple[int, int]], width: int) -> str:
    row, found = ragged[0]
    first = f"data row {row + 1} has {counted(found, 'cell')} and the header {width}"
    rows = np.array([row for row, _ in ragged])
    others = f"; {len(ragged)} such rows ({data_rows(rows)})" if len(ragged) > 1 else ""
    return f"{first}{others}. Correct them: quote a cell that holds the separator, and write decimals with a point."


def _not_utf8_message(path: Path) -> str:
    data = path.read_bytes()
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return f"is not UTF-8 (byte 0x{data[error.start]:02x} in line {line} of the file). Save it as UTF-8."
    return "is not UTF-8. Save it as UTF-8."


def _require_unique(names: Sequence[str]) -> None:
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if repeated:
        counts = ", ".join(f"{name!r} {names.count(name)} times" for name in repeated)
        message = f"the header has the same name more than once: {counts}. Rename them in the file."
        raise BadTable(message)


def _require_closed_quote(path: Path, table: Any) -> None:
    """Refuse a last cell that runs to the end of the file: its quote has swallowed the rows after it."""
    last = table.column(table.num_columns - 1)[-1].as_py()
    if "\n" not in last:
        return
    with path.open("rb") as file:
        file.seek(-1, 2)
        while (byte := file.read(1)) in b"\r\n":
            file.seek(-2, 1)
    if byte != b'"':
        message = "its last cell opens a quote and never closes it. Close it; a quote within a cell is written twice."
        raise BadTable(message)
