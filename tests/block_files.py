"""Data in every kind of source that is read by blocks, for the tests of least squares out of core."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

N, D, ROWS = 5599, 4, 700  # the last block is one shorter


def make(n=N, d=D, seed=0, offset=3.0):
    rng = np.random.default_rng([seed, n, d])
    X = offset + rng.standard_normal((n, d))
    return X, X @ np.linspace(-1, 2, d) + 4 + 0.5 * rng.standard_normal(n)


def blocks(X, y, rows=ROWS):
    return [(X[i : i + rows], y[i : i + rows]) for i in range(0, len(y), rows)]


def save_npy(folder, X, y, order="C"):
    np.save(folder / "X.npy", np.asarray(X, order=order))
    np.save(folder / "y.npy", y)
    return folder


def save_parquet(folder, X, y, rows=ROWS, **options):
    table = pa.table({**{f"x{j}": X[:, j] for j in range(X.shape[1])}, "y": y})
    pa.parquet.write_table(table, folder / "data.parquet", row_group_size=rows, **options)
    return folder / "data.parquet"


def save_zarr(folder, X, y, rows=ROWS):
    zarr = pytest.importorskip("zarr", reason="needs zarr: pip install 'lrbench[out-of-core]'")
    group = zarr.open_group(str(folder / "data.zarr"), mode="w")
    group.create_array("X", data=X, chunks=(rows, X.shape[1]))
    group.create_array("y", data=y, chunks=(rows,))
    return folder / "data.zarr"


def dask_arrays(X, y):
    array = pytest.importorskip("dask.array", reason="needs dask: pip install 'lrbench[out-of-core]'")
    return array.from_array(X, chunks=(ROWS, -1)), array.from_array(y, chunks=ROWS)


SOURCES = {
    "npy": lambda folder, X, y: (save_npy(folder, X, y),),
    "fortran": lambda folder, X, y: (save_npy(folder, X, y, "F"),),
    "two_files": lambda folder, X, y: (save_npy(folder, X, y) / "X.npy", folder / "y.npy"),
    "parquet": lambda folder, X, y: (save_parquet(folder, X, y),),
    "zarr": lambda folder, X, y: (save_zarr(folder, X, y),),
    "dask": lambda _folder, X, y: dask_arrays(X, y),
    "list": lambda _folder, X, y: (blocks(X, y),),
    "function": lambda _folder, X, y: (lambda: iter(blocks(X, y)),),
    "generator": lambda _folder, X, y: (iter(blocks(X, y)),),
}
any_source = pytest.mark.parametrize("save", SOURCES.values(), ids=SOURCES)
BYTES = 8 * D * ROWS
