"""Parquet, a row group a block: what the format can read by itself."""

import collections
import functools
import os
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from lrbench.out_of_core.blocks import BadBlock, BadSource, Block, Source, regular_file


def open_parquet(path: str, target: str = "y") -> Source:
    """Return the source of a Parquet file: the target's column is y, all others are X, in the file's order.

    Errors: BadSource.
    """
    regular_file(path)
    try:
        metadata = _metadata(path, *_stamp(path))
        schema = metadata.schema.to_arrow_schema()
    except (OSError, ValueError, pa.ArrowException) as error:  # ValueError: a file's name that is not UTF-8
        message = f"{path}: cannot be read as Parquet: {error}"
        raise BadSource(message) from error
    if target not in schema.names:
        message = f"{path}: no column '{target}' for the target; its columns are {', '.join(schema.names)}. Name one."
        raise BadSource(message)
    if twice := [name for name, count in collections.Counter(schema.names).items() if count > 1]:
        message = f"{path}: more than one column '{twice[0]}'. Rename them in the file."
        raise BadSource(message)
    features = [name for name in schema.names if name != target]
    for name in (*features, target):
        kind = schema.field(name).type
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
            message = f"{path}: column '{name}' holds {kind}, not numbers. Convert or drop it."
            raise BadSource(message)
    if not features or not metadata.num_rows:
        message = f"{path}: {metadata.num_rows} rows of {len(features)} columns beside '{target}': nothing to fit."
        raise BadSource(message)
    read = functools.partial(_read, os.path.abspath(path), tuple(features), target)  # noqa: PTH100  (for workers)
    starts = np.cumsum([0] + [metadata.row_group(k).num_rows for k in range(metadata.num_row_groups)])
    where = functools.partial(_where, path, tuple(starts.tolist()))
    return Source(path, metadata.num_row_groups, read, where)


def _where(path: str, starts: tuple[int, ...], k: int) -> str:
    return f"block {k} of {path} (row group {k}, rows {starts[k]} to {starts[k + 1] - 1})"


def _stamp(path: str) -> tuple[int, int]:
    found = os.stat(path)  # noqa: PTH116  (a path as text goes to workers)
    return found.st_mtime_ns, found.st_size


@functools.lru_cache(maxsize=4)
def _metadata(path: str, _mtime: int, _size: int) -> Any:
    return pyarrow.parquet.read_metadata(path)


def _read(path: str, features: tuple[str, ...], target: str, k: int) -> Block:
    """Return a row group, X by columns, as Parquet holds it."""
    metadata = _metadata(path, *_stamp(path))
    with pyarrow.parquet.ParquetFile(path, metadata=metadata, page_checksum_verification=True) as file:
        table = file.read_row_group(k, columns=[*features, target], use_threads=False)
    X = np.empty((len(features), table.num_rows)).T
    for j, name in enumerate(features):
        X[:, j] = _values(table[name], name)
    return X, _values(table[target], target)


def _values(column: Any, name: str) -> Any:
    if column.null_count:
        message = f"column '{name}' misses {column.null_count} values. Drop or fill them."
        raise BadBlock(message)
    return column.to_numpy().astype(np.float64, copy=False)
