"""dask.array: lstsq, a QR of tall and skinny blocks, on the cluster that the other Dask sides have.

Chunks are mapped from the file by the worker that needs them, as Dask's documentation recommends for .npy files (a
memory map put into the graph would be sent with it), and as large as lrbench's own blocks. The column of ones, which
lstsq does not know of, is added by the chunk's loader.
Documentation: https://docs.dask.org/en/stable/generated/dask.array.linalg.lstsq.html
https://docs.dask.org/en/stable/array-creation.html
"""

from typing import Any

import dask.array as da
import numpy as np
from dask import delayed
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CHUNK_BYTES, _LEAST_CHUNKS = 32 * 2**20, 8


def lstsq(X: str, y: str) -> tuple[Floats, float]:
    """Return (w, b) by dask.array.linalg.lstsq of [X 1].

    X: the path of a .npy file, (n_samples, n_features), C order.   y: the path of one of (n_samples,).
    """
    A, target = arrays(X, y, with_ones=True)
    v = np.asarray(da.linalg.lstsq(A, target)[0].compute(), dtype=np.float64)
    return v[:-1], float(v[-1])


def arrays(X: str, y: str, *, with_ones: bool) -> tuple[Any, Any]:
    """Return two files as dask arrays of chunks of rows."""
    features = np.load(X, mmap_mode="r")
    n, d = features.shape
    n_rows = max(d + 1, min(_CHUNK_BYTES, max(1, features.nbytes // _LEAST_CHUNKS)) // (8 * d))
    starts = range(0, n, n_rows)
    lengths = [min(n_rows, n - start) for start in starts]
    if len(lengths) > 1 and lengths[-1] < d + 1:  # a QR needs as many rows as columns
        starts, lengths = starts[:-1], [*lengths[:-2], lengths[-2] + lengths[-1]]
    load = delayed(_load, pure=True)
    parts = [
        da.from_delayed(load(X, start, length, with_ones=with_ones), (length, d + with_ones), float)
        for start, length in zip(starts, lengths, strict=True)
    ]
    targets = [
        da.from_delayed(load(y, start, length, with_ones=False), (length,), float)
        for start, length in zip(starts, lengths, strict=True)
    ]
    return da.concatenate(parts), da.concatenate(targets)


def _load(path: str, start: int, length: int, *, with_ones: bool) -> Floats:
    part = np.load(path, mmap_mode="r")[start : start + length]
    return np.column_stack([part, np.ones(length)]) if with_ones else np.array(part)
