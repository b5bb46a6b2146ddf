"""Zarr: a group with the arrays X and y, read by whole chunks of rows.

A chunk that is not there reads as the array's fill value: that is Zarr's meaning of it, and no error.
"""

import functools
import importlib.util
import os
from typing import Any

from lrbench.out_of_core.blocks import BLOCK_BYTES, BadSource, Block, Source, rows_text, shape_flaw


def open_zarr(path: str, *, block_bytes: int = BLOCK_BYTES) -> Source:
    """Return the source of the arrays X and y of a Zarr group; BadSource where it has none that fit."""
    if importlib.util.find_spec("zarr") is None:
        message = f"{path}: reading Zarr needs zarr: pip install 'lrbench[out-of-core]'"
        raise BadSource(message)
    path = os.path.abspath(path)  # noqa: PTH100  (workers have other folders)
    try:
        X, y = (_array(path, name) for name in ("X", "y"))
    except Exception as error:  # a store's errors are of many kinds
        message = f"{path}: no X.npy, and no Zarr group with the arrays X and y: {error or type(error).__name__}"
        raise BadSource(message) from error
    if flaw := shape_flaw(X.shape, y.shape) or ("" if X.shape[0] else "no rows, so nothing to fit."):
        message = f"{path}: {flaw}"
        raise BadSource(message)
    chunk = X.chunks[0]
    n_rows = chunk * max(1, block_bytes // (chunk * X.shape[1] * X.dtype.itemsize))
    n_blocks = -(-X.shape[0] // n_rows)
    where = functools.partial(_where, path, n_rows, X.shape[0])
    return Source(path, n_blocks, functools.partial(_read, path, n_rows), where)


def _array(path: str, name: str) -> Any:
    import zarr

    return zarr.open_array(f"{path}/{name}", mode="r")


def _where(path: str, n_rows: int, n_samples: int, k: int) -> str:
    return rows_text(path, k, k * n_rows, min((k + 1) * n_rows, n_samples))


def _read(path: str, n_rows: int, k: int) -> Block:
    start, end = k * n_rows, (k + 1) * n_rows
    return _array(path, "X")[start:end], _array(path, "y")[start:end]
