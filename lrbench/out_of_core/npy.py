"""NumPy's .npy files by memory map: nothing is copied, and the system's page cache is the buffer.

A page that cannot be read would end the process without a word (SIGBUS). So a block that is not in memory yet is
first read by calls, through a small buffer that stays in cache: that brings it into memory, and fails with an error.
"""

import ctypes
import functools
import mmap
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrbench.out_of_core.blocks import BLOCK_BYTES, BadSource, Block, Source, rows_text

_BUFFER = 2**20  # bytes of one reading call
_MATRIX = 2


def open_npy(features: str, target: str, *, block_bytes: int = BLOCK_BYTES) -> Source:
    """Return the source of X and y in two .npy files.

    features: (n_samples, n_features), C or Fortran order, any type of real number.   target: (n_samples,).
    Errors: BadSource.
    """
    X, y = _checked(features), _checked(target)
    if X.ndim != _MATRIX or y.ndim != 1 or len(X) != len(y) or not X.size:
        message = f"{features}: shape {X.shape}, {target}: shape {y.shape}, where rows and as many targets must be."
        raise BadSource(message)
    n_rows = max(1, block_bytes // (X.shape[1] * X.itemsize))
    n_blocks = -(-len(X) // n_rows)
    paths = os.path.abspath(features), os.path.abspath(target)  # noqa: PTH100  (workers have other folders)
    read = functools.partial(_read, *paths, n_rows)
    return Source(features, n_blocks, read, functools.partial(_where, features, n_rows, len(X)))


def _checked(path: str) -> NDArray[Any]:
    try:
        array = _mapped(path, *_stamp(path))
    except (OSError, ValueError) as error:
        message = f"{path}: cannot be read as .npy: {error}"
        raise BadSource(message) from error
    if array.dtype.kind not in "buif":
        message = f"{path}: {array.dtype} values. Convert them to float64, and say what each becomes."
        raise BadSource(message)
    return array


def _stamp(path: str) -> tuple[int, int]:
    found = os.stat(path)  # noqa: PTH116  (a path as text goes to workers)
    return found.st_mtime_ns, found.st_size


@functools.lru_cache(maxsize=4)
def _mapped(path: str, _mtime: int, _size: int) -> NDArray[Any]:
    """Return a file's array, mapped once in a process for all its blocks; anew if the file has changed."""
    # "c", private if written, and nothing writes: numba would compile all kernels again for arrays that are read-only.
    # A plain view: slices of a memmap cost several times as much. Its base keeps the mapping.
    return np.load(path, mmap_mode="c", allow_pickle=False).view(np.ndarray)


def bring(source: Source, k: int) -> None:
    """Read block k of a source of .npy files by calls, whether or not it is in memory; OSError if it cannot be read."""
    features, target, n_rows = source.read.args  # type: ignore[attr-defined]  # a partial of _read
    for path in (features, target):
        array = _mapped(path, *_stamp(path))
        part = array[k * n_rows : (k + 1) * n_rows]
        _bring(path, part.ctypes.data - array.ctypes.data + _offset(path, array), part.nbytes)


def unmap() -> None:
    """Let go of all files; what of them is in use stays mapped until it is not."""
    _mapped.cache_clear()


def _where(name: str, n_rows: int, n_samples: int, k: int) -> str:
    return rows_text(name, k, k * n_rows, min((k + 1) * n_rows, n_samples))


def _read(features: str, target: str, n_rows: int, k: int) -> Block:
    X, y = (_part(path, k * n_rows, (k + 1) * n_rows) for path in (features, target))
    return X, y


def _part(path: str, start: int, end: int) -> NDArray[Any]:
    """Return rows of a mapped array, in memory; OSError if they cannot be read."""
    array = _mapped(path, *_stamp(path))
    part = array[start:end]
    if part.flags.c_contiguous and not _is_resident(part):
        _bring(path, part.ctypes.data - array.ctypes.data + _offset(path, array), part.nbytes)
    return part


def _offset(path: str, array: NDArray[Any]) -> int:
    """Return where a file's array begins."""
    return _stamp(path)[1] - array.nbytes


def _bring(path: str, start: int, size: int) -> None:
    """Read bytes of a file into the page cache; OSError if they cannot be read."""
    buffer = memoryview(bytearray(min(_BUFFER, size)))
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.lseek(descriptor, start, os.SEEK_SET)
        left = size
        while left > 0:
            got = os.readv(descriptor, [buffer[: min(left, len(buffer))]])
            if not got:
                message = f"the file ends {left} bytes early"
                raise OSError(message)
            left -= got
    finally:
        os.close(descriptor)


def _is_resident(part: NDArray[Any]) -> bool:
    """Return whether the page cache holds all of a mapped array's pages; False where the system does not tell."""
    page = mmap.PAGESIZE
    first = part.ctypes.data // page * page
    length = part.ctypes.data + part.nbytes - first
    state = np.empty(-(-length // page), dtype=np.uint8)
    mincore = _mincore()
    if mincore is None or mincore(first, length, state.ctypes.data):
        return False
    return bool((state & 1).all())


@functools.cache
def _mincore() -> Any:
    """Return the system's call, or None where there is none (Windows)."""
    try:
        found = ctypes.CDLL(None, use_errno=True).mincore
    except (AttributeError, OSError, TypeError):
        return None
    found.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p
    return found
