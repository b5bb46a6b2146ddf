"""NumPy's .npy files by memory map: nothing is copied, and the system's page cache is the buffer.

A page that cannot be read would end the process without a word (SIGBUS). So a block that is not in memory yet is
first read by calls, through a small buffer that stays in cache: that brings it into memory, in pages as large as the
system has, and fails with an error. A block that is in memory is mapped at once, by a call too, the first time: to ask
after each of its pages takes twice as long while they are not mapped, and next to nothing once they are.
"""

import ctypes
import functools
import mmap
import os
import sys
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.lib.format import MAGIC_PREFIX
from numpy.typing import NDArray

from lrbench.out_of_core.blocks import BLOCK_BYTES, BadSource, Block, Source, regular_file, rows_text, shape_flaw

_BUFFER = 2**20  # bytes of one reading call
_POPULATE_READ = 22  # MADV_POPULATE_READ, of Linux 5.14: maps pages; fails where to touch them would end the process
_LOOKS = 16  # pages of a block that are looked for before


@dataclass(frozen=True, slots=True)
class _Form:
    """What a file's header tells."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    order: Literal["C", "F"]
    offset: int  # bytes before the array


@dataclass(frozen=True, slots=True)
class _File:
    """A file that is mapped."""

    array: NDArray[Any]
    seen: set[int] = field(default_factory=set)  # first rows of the blocks that this process has had


def open_npy(features: str, target: str, *, block_bytes: int = BLOCK_BYTES) -> Source:
    """Return the source of X and y in two .npy files.

    features: (n_samples, n_features), C or Fortran order, any type of real number.   target: (n_samples,).
    Errors: BadSource.
    """
    X, y = _checked(features), _checked(target)
    if flaw := shape_flaw(X.shape, y.shape) or ("" if len(X) else "no rows, so nothing to fit."):
        message = f"{features} and {target}: {flaw}"
        raise BadSource(message)
    most_rows = max(1, block_bytes // (X.shape[1] * X.itemsize))
    n_blocks = -(-len(X) // most_rows)
    n_rows = -(-len(X) // n_blocks)  # blocks alike, so that no worker waits for another's last one
    paths = os.path.abspath(features), os.path.abspath(target)  # noqa: PTH100  (workers have other folders)
    read = functools.partial(_read, *paths, n_rows)
    return Source(features, n_blocks, read, functools.partial(_where, features, n_rows, len(X)))


def _checked(path: str) -> NDArray[Any]:
    with open(regular_file(path), "rb") as file:  # noqa: PTH123  (a path as text goes to workers)
        head = file.read(len(MAGIC_PREFIX))
    if head != MAGIC_PREFIX:
        message = f"{path}: begins with {head!r}, where .npy begins with {MAGIC_PREFIX!r}. Write it with numpy.save."
        raise BadSource(message)
    try:
        array = _mapped(path, *_stamp(path)).array
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
def _mapped(path: str, mtime: int, size: int) -> _File:
    """Return a file, mapped once in a process for all its blocks; anew if it has changed."""
    form = _form(path, mtime, size)
    with open(path, "rb") as file:  # noqa: PTH123  (a path as text goes to workers)
        # Private if written, and nothing writes: numba would compile all kernels again for arrays that are read-only.
        pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    return _File(np.ndarray(form.shape, form.dtype, pages, form.offset, order=form.order))


@functools.lru_cache(maxsize=16)
def _form(path: str, _mtime: int, _size: int) -> _Form:
    """Return what a file's header tells, which outlives its mapping; ValueError if the file is shorter than that."""
    found = np.load(path, mmap_mode="r", allow_pickle=False)
    return _Form(found.shape, found.dtype, "C" if found.flags.c_contiguous else "F", found.offset)


def bring(source: Source, k: int) -> None:
    """Read block k of a source of .npy files by calls, whether or not it is in memory; OSError if it cannot be read."""
    features, target, n_rows = source.read.args  # type: ignore[attr-defined]  # a partial of _read
    for path in (features, target):
        array = _mapped(path, *_stamp(path)).array
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
    file = _mapped(path, *_stamp(path))
    part = file.array[start:end]
    are_there = _are_resident if start in file.seen else _are_mapped
    if part.flags.c_contiguous and not are_there(*_pages(part)):
        _bring(path, part.ctypes.data - file.array.ctypes.data + _offset(path, file.array), part.nbytes)
    file.seen.add(start)
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


def _pages(part: NDArray[Any]) -> tuple[int, int]:
    """Return the address and the number of the pages that hold a part."""
    first = part.ctypes.data // mmap.PAGESIZE * mmap.PAGESIZE
    return first, -(-(part.ctypes.data + part.nbytes - first) // mmap.PAGESIZE)


def _are_resident(first: int, pages: int) -> bool:
    """Return whether the page cache holds mapped pages from an address on; False where the system does not tell."""
    state = np.empty(pages, dtype=np.uint8)
    mincore = _call("mincore")
    if mincore is None or mincore(first, pages * mmap.PAGESIZE, state.ctypes.data):
        return False
    return bool((state & 1).all())


def _is_resident(address: int) -> bool:
    """Return whether the page cache holds a mapped page."""
    state = ctypes.c_ubyte()
    return not _call("mincore")(address, mmap.PAGESIZE, ctypes.addressof(state)) and bool(state.value & 1)


def _are_mapped(first: int, pages: int) -> bool:
    """Map pages from an address on if the page cache holds them; return whether that is done.

    A few are looked for first: to map what must be read from disk would read it in small pages.
    """
    if sys.platform != "linux":
        return _are_resident(first, pages)
    if not all(map(_is_resident, range(first, first + pages * mmap.PAGESIZE, max(1, pages // _LOOKS) * mmap.PAGESIZE))):
        return False
    return not _call("madvise")(first, pages * mmap.PAGESIZE, _POPULATE_READ)


@functools.cache
def _call(name: str) -> Any:
    """Return a system call of (address, length, number or address), or None where there is none (Windows)."""
    try:
        found = getattr(ctypes.CDLL(None, use_errno=True), name)
    except (AttributeError, OSError, TypeError):
        return None
    found.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p
    return found
