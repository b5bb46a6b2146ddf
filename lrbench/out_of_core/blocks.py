"""Blocks of rows: how they are named when they fail, and what they must hold."""

import functools
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from lrbench.regression.fitting import numbers

Block: TypeAlias = tuple[NDArray[Any], NDArray[np.float64]]  # X (n_rows, n_features) and y (n_rows,)
T = TypeVar("T")

BLOCK_BYTES = 32 * 2**20  # of X: its time hides the tens of microseconds that a block costs; each thread holds one
_MATRIX = 2


class BadBlock(ValueError):
    """A block cannot be read, or holds what is no number; the message names it, `block` is its position from 0."""

    def __init__(self, message: str, block: int | None = None) -> None:
        super().__init__(message)
        self.block = block


class BadSource(ValueError):
    """Data cannot be used as they are; the message says what, which value, and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """Blocks that can be read in any order, by any process that finds the file under the same path."""

    name: str
    n_blocks: int
    read: Callable[[int], Block]  # a partial of a module's function, so that it can be sent
    where: Callable[[int], str]  # what a block is called: "block 7 of X.npy (rows 70000 to 79999)"


def rows_text(name: str, block: int, start: int, end: int) -> str:
    """Return what a block of rows is called; rows count from 0, the last included."""
    return f"block {block} of {name} (rows {start} to {end - 1})"


def shape_flaw(X: tuple[int, ...], y: tuple[int, ...]) -> str:
    """Return why shapes are not those of rows and as many targets, and what to do; empty where they are."""
    if len(X) != _MATRIX:
        return (
            f"X of shape {X}, where rows of columns must be.{' A single column is X[:, None].' if len(X) == 1 else ''}"
        )
    if len(y) != 1:
        return f"y of shape {y}, where one target a row must be. Try y.ravel()."
    if X[0] != y[0]:
        return f"X of shape {X} and y of shape {y}: as many targets as rows must be."
    return "" if X[1] else f"X of shape {X} has no columns, so nothing to fit."


def regular_file(path: str) -> str:
    """Return the path of a file that can be read at any place; BadSource if it is not there, or something else."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116  (a path as text goes to workers)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        message = f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}. Check the path."
        raise BadSource(message) from error
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        message = f"{path}: is {what}, where one file must be."
        raise BadSource(message)
    return path


def as_block(X: Any, y: Any) -> Block:
    """Return a block as the kernels take it; BadBlock where it is none.

    X: (n_rows, n_features) of numbers; float32 and float64 stay as they are.   y: (n_rows,).
    """
    features, target = numbers(X, "X"), np.ascontiguousarray(numbers(y, "y"), dtype=np.float64)
    if flaw := shape_flaw(features.shape, target.shape):
        raise BadBlock(flaw)
    if not (features.flags.c_contiguous or features.flags.f_contiguous):
        features = np.ascontiguousarray(features)
    return features, target


def apply(each: Callable[[NDArray[Any], NDArray[np.float64]], T], where: Callable[[], str], k: int, block: Block) -> T:
    """Return each(X, y) of a block; whatever goes wrong becomes a BadBlock that names it."""
    try:
        return each(*as_block(*block))
    except Exception as error:
        raise named(error, where, k) from error


def named(error: Exception, where: Callable[[], str], k: int) -> BadBlock:
    """Return the complaint about block k; one that names its block already stays as it is."""
    if isinstance(error, BadBlock) and error.block is not None:
        return error
    return BadBlock(f"{where()}: {error or type(error).__name__}", k)


def read_and_apply(source: Source, each: Callable[[NDArray[Any], NDArray[np.float64]], T], k: int) -> T:
    """Return each(X, y) of block k of a source."""
    where = functools.partial(source.where, k)
    return apply(each, where, k, _read(source, k))


def _read(source: Source, k: int) -> Block:
    try:
        return source.read(k)
    except Exception as error:
        raise named(error, functools.partial(source.where, k), k) from error


def find_not_finite(X: NDArray[Any], y: NDArray[np.float64]) -> BadBlock | None:
    """Return the complaint about values that are not finite, or None."""
    for name, values in (("X", X), ("y", y[:, None])):
        bad = ~np.isfinite(values)
        if bad.any():
            row, column = (int(i) for i in np.argwhere(bad)[0])
            what = f"column {column} of X" if name == "X" else "y"
            return BadBlock(f"{what} is {values[row, column]} in its row {row}. Drop or fill what is missing.")
    return None
