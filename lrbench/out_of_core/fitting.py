"""lrbench.fit: arrays in memory, or a source that is read block by block, and the same answer."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lrbench.out_of_core import dask_engine, iterated, passes
from lrbench.out_of_core.blocks import BLOCK_BYTES, BadSource, Source
from lrbench.out_of_core.passes import Pass, Progress
from lrbench.regression import fitting
from lrbench.regression.fitting import Fit, as_fit
from lrbench.regression.gram import available_threads

_PARQUET = (".parquet", ".parq", ".pq")


def fit(
    X: Any,
    y: Any = None,
    intercept: bool = True,  # noqa: FBT001, FBT002  (a plain word in a call: fit(X, y, False))
    *,
    block_bytes: int = BLOCK_BYTES,
    progress: Progress | None = None,
) -> Fit:
    """Return the least-squares fit of y by X w + b, its coefficients nearly always the exact ones rounded once.

    X and y: arrays in memory (n_samples, n_features) and (n_samples,), which are read as they are; or
    - paths of two .npy files, or one of a folder that holds X.npy and y.npy: read by memory map;
    - the path of a Parquet file, and the target's column (default "y"): read by row groups;
    - the path of a Zarr group that holds the arrays X and y;
    - two dask arrays: each chunk of rows is reduced where it is, by the current Dask client, if there is one;
    - X alone: an iterable of blocks (X, y), or a function that returns one, anew at each call. What can be iterated
      once only, as a generator, gets the answer of one pass, without corrections, and the error bound of that.
    block_bytes: of X in one block of .npy and Zarr; each thread has one in memory, two threads at least, 16 at most.
    progress: called after each block with the blocks done in this pass and their number, None where it is unknown.
    Cost: one pass over the data for the Gram matrix, and one or two for corrections.
    Errors: as `lrbench.regression.fitting.fit`; BadSource for data that cannot be used, BadBlock (both ValueErrors) for
    a block that cannot be, with its number; Unsolvable also beyond a condition number of 1e6 to 1e7, which in memory a
    QR solves.
    """
    if isinstance(X, str | bytes | os.PathLike):
        source = open_source(os.fsdecode(X), y, block_bytes=block_bytes)
        return _fit(passes.in_this_process(source, progress=progress), intercept=intercept)
    if dask_engine.is_dask_array(X):
        return _fit(dask_engine.over_arrays(X, y), intercept=intercept)
    if isinstance(y, str | bytes | os.PathLike):
        message = f"y is the path {os.fspath(y)!r}, and X is none. Give two paths, or two arrays."
        raise BadSource(message)
    if y is not None and callable(X):
        message = "X is a function, which gives blocks (X, y) by itself, and y is given too. Give X alone."
        raise BadSource(message)
    if y is not None:
        return fitting.fit(X, y, intercept)
    if hasattr(X, "dtype") or not (callable(X) or isinstance(X, Iterable)):
        message = "y is missing: give fit(X, y), or an iterable of blocks (X, y)."
        raise BadSource(message)
    run = iterated.over_blocks(X, progress=progress)
    return _fit(run, intercept=intercept, again=not isinstance(X, Iterator), threads=available_threads())


def _fit(run: Pass, *, intercept: bool, again: bool = True, threads: int = 1) -> Fit:
    return as_fit(passes.solve(run, intercept=bool(intercept), again=again, threads=threads))


def open_source(features: os.PathLike[str] | str, target: Any = None, *, block_bytes: int = BLOCK_BYTES) -> Source:
    """Return the source that a path means; BadSource where it means none."""
    path = Path(features)
    suffix = path.suffix.lower()
    if not isinstance(target, str | bytes | os.PathLike | None):
        message = f"y is of type {type(target).__name__}, and X the path {path}. Give y's file, or the target's column."
        raise BadSource(message)
    if not block_bytes >= 1:
        message = f"block_bytes is {block_bytes}, where a block must hold a byte at least."
        raise BadSource(message)
    if suffix in _PARQUET:
        from lrbench.out_of_core.parquet import open_parquet

        return open_parquet(str(path), "y" if target is None else os.fsdecode(target))
    if suffix == ".npy" and target is not None:
        from lrbench.out_of_core.npy import open_npy

        return open_npy(str(path), os.fsdecode(target), block_bytes=block_bytes)
    if path.is_dir() and target is None:
        if (path / "X.npy").exists():
            from lrbench.out_of_core.npy import open_npy

            return open_npy(str(path / "X.npy"), str(path / "y.npy"), block_bytes=block_bytes)
        from lrbench.out_of_core.zarr_store import open_zarr

        return open_zarr(str(path), block_bytes=block_bytes)
    if suffix == ".npy":
        message = f"{path}: holds X alone. Give y too: fit('X.npy', 'y.npy')."
    elif not path.exists():
        message = f"{path}: no such file or folder."
    elif path.is_dir():
        message = f"{path}: a folder, which holds y too. Give it alone: fit({str(path)!r})."
    else:
        message = (
            f"{path}: not one of .npy (with y's file), Parquet ({', '.join(_PARQUET)}), a Zarr group, or a folder with "
            "X.npy and y.npy."
        )
    raise BadSource(message)
