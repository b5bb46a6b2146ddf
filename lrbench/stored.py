"""Arrays in .npy files, made part by part: inputs of problems whose data are not to be in memory as a whole."""

import contextlib
import math
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lrbench import cache

Floats = NDArray[np.float64]

PART_ROWS = 2**17  # rows that are made or copied at a time


class NoRoom(OSError):
    """The files would not fit on the disk; nothing was written. The message says what they need and what is free."""


@dataclass(frozen=True, slots=True)
class StoredArray:
    """A float64 array in C order in a file that nothing changes. Times a number: another file beside it."""

    path: str

    def open(self) -> Floats:
        """Return the array, mapped from its file and read-only."""
        array: Floats = np.load(self.path, mmap_mode="r", allow_pickle=False)
        return array

    def __mul__(self, factor: float) -> "StoredArray":
        path = Path(self.path)
        scaled = path.with_name(f"{path.stem}.times{factor:g}.npy")
        if not scaled.exists():
            array = self.open()
            parts = (array[i : i + PART_ROWS] * factor for i in range(0, len(array), PART_ROWS))
            write((scaled,), (array.shape,), ((part,) for part in parts))
        return StoredArray(str(scaled))


def write(paths: Sequence[Path], shapes: Sequence[tuple[int, ...]], parts: Iterable[Sequence[Floats]]) -> None:
    """Write arrays to .npy files part after part, and give them their names when they are whole.

    Errors: NoRoom, before anything is written; OSError where the disk is full all the same.
    """
    _check_room(paths[0].parent, shapes)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=paths[0].parent, suffix=".part")))
        files = [stack.enter_context((folder / path.name).open("wb")) for path in paths]
        for file, shape in zip(files, shapes, strict=True):
            header = {"descr": "<f8", "fortran_order": False, "shape": tuple(shape)}
            np.lib.format.write_array_header_1_0(file, header)
        for part in parts:
            for file, array in zip(files, part, strict=True):
                np.ascontiguousarray(array, dtype="<f8").tofile(file)
        for path, file in zip(paths, files, strict=True):
            file.flush()
            os.replace(file.name, path)  # noqa: PTH105  (file.name is text)


def _check_room(folder: Path, shapes: Sequence[tuple[int, ...]], copies: int = 1) -> None:
    needed, free = 8 * copies * sum(map(math.prod, shapes)), shutil.disk_usage(folder).free
    if needed > free:
        message = (
            f"{folder}: {needed / 1e9:.3g} GB are to be written, and {free / 1e9:.3g} GB are free. Make room, choose a "
            "smaller size, or set LRBENCH_CACHE to a folder on a larger disk."
        )
        raise NoRoom(message)


def stored(
    name: str, shapes: Sequence[tuple[int, ...]], parts: Iterable[Sequence[Floats]], *, copies: int = 1
) -> tuple[StoredArray, StoredArray]:
    """Return X and y of a name, made from their parts if they are not there; they are kept in `cache`'s folder.

    copies: how many of the files there will be, with those that are multiplied afterwards.
    Errors: CacheUnwritableError; NoRoom for so many, before the first is written; OSError on a full disk.
    """
    folder = cache.folder("arrays", sources="problems/*.py") / name
    folder.mkdir(exist_ok=True)
    paths = folder / "X.npy", folder / "y.npy"
    if not all(path.exists() for path in paths):
        _check_room(folder, shapes, copies)
        write(paths, shapes, parts)
    return StoredArray(str(paths[0])), StoredArray(str(paths[1]))
