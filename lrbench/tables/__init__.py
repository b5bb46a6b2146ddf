"""A user's CSV or Parquet file as X and y, with every refusal explained and nothing guessed.

What is refused is a `BadTable`; what is done to the data without being refused is a remark of the `Table`.
Rows are counted from 1 below the header, empty lines not counted. A cell is missing if it is empty or, in any
case of letters, NA, N/A, #N/A, <NA>, NaN, null or None; in Parquet also null and NaN. A CSV column whose
present cells are all numbers is numbers; in Parquet the column's type decides.
"""

from collections.abc import Sequence
from pathlib import Path

from lrbench.tables.records import BadTable, Table

__all__ = ["BadTable", "Table", "read_table"]


def read_table(
    path: Path, target: str, *, one_hot: Sequence[str] = (), drop: Sequence[str] = (), drop_missing: bool = False
) -> Table:
    """Return the file's features, standardised, and its target, as it is.

    A file that begins with PAR1 is Parquet, any other CSV: UTF-8, cells separated by commas, or else by the
    semicolons or tabs of its header.

    one_hot: columns to replace by one column of 0 and 1 for each value but the first in order (numbers in the
    order of their size, text in the order of its characters).
    drop: columns to leave out, unread.   drop_missing: leave out rows with a missing value, the target's too.
    Cost: a million rows of 20 columns take 7 s and 1.6 GB as CSV, 1 s and 1 GB as Parquet.
    Errors: BadTable, whose message names the file, what is wrong, and what to do.
    """
    from lrbench.tables import assembly, files  # pyarrow takes 0.1 s to import; few commands need it

    try:
        return assembly.assemble(
            files.read_file(path),
            target,
            one_hot=tuple(dict.fromkeys(one_hot)),
            drop=tuple(dict.fromkeys(drop)),
            drop_missing=drop_missing,
        )
    except BadTable as refusal:
        message = f"{path}: {refusal}"
        raise BadTable(message) from refusal.__cause__
