"""Blocks that a user's own iterable or function gives, one after the other, in every pass the same."""

import functools
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lrbench.out_of_core.blocks import BadBlock, BadSource, Block, apply, named
from lrbench.out_of_core.passes import Pass, Progress, counted, whole

Floats = NDArray[np.float64]
T = TypeVar("T")


@dataclass(slots=True)
class _Seen:
    """What a pass has seen so far."""

    n_rows: int = 0
    n_features: int | None = None


def over_blocks(blocks: Any, *, progress: Progress | None = None) -> Pass:
    """Return the pass over an iterable of blocks, or over one that a function gives at each call.

    A block may lie in the buffer of the one before.
    Errors, of each pass: BadSource where nothing can be iterated, or another number of rows comes than in the first
    pass; BadBlock.
    """
    passes: list[_Seen] = []

    def run(each: Callable[[NDArray[Any], Floats], T], merge: Callable[[T, T], T]) -> T:
        passes.append(_Seen(n_features=passes[0].n_features if passes else None))
        return whole(counted(_each_of(blocks, each, passes), progress, None), merge)

    return run


def _each_of(blocks: Any, each: Callable[[NDArray[Any], Floats], T], passes: list[_Seen]) -> Iterator[T]:
    first, seen = passes[0], passes[-1]

    def check(X: NDArray[Any], y: Floats) -> T:
        if X.shape[1] != (seen.n_features or X.shape[1]):
            message = f"{X.shape[1]} columns where the blocks before have {seen.n_features}"
            raise BadBlock(message)
        seen.n_features = X.shape[1]
        seen.n_rows += len(y)
        return each(X, y)

    for k, block in enumerate(_pairs(_begun(blocks))):
        yield apply(check, _where(k), k, block)
    if seen.n_rows != first.n_rows:
        message = (
            f"{_name(blocks)} gives {seen.n_rows} rows in pass {len(passes)}, where the first had {first.n_rows}. Each "
            "pass must begin anew; give what can be read once only as an iterator itself."
        )
        raise BadSource(message)


def _begun(blocks: Any) -> Iterator[Any]:
    """Return the iterator of a pass; BadSource where there is none."""
    try:
        found = blocks() if callable(blocks) else blocks
        if hasattr(found, "__iter__") or hasattr(found, "__getitem__"):
            return iter(found)
    except Exception as error:
        message = (
            f"{_name(blocks)} fails before its first block: {type(error).__name__}: {error}. It is asked, without "
            "arguments, for an iterable of blocks (X, y)."
        )
        raise BadSource(message) from error
    message = (
        f"{_name(blocks)} gives {_kind(found)}, where an iterable of blocks (X, y) must be. Yield them or return them "
        "in a list."
    )
    raise BadSource(message)


def _name(blocks: Any) -> str:
    name = getattr(blocks, "__qualname__", type(blocks).__name__)
    return f"the function {name}" if callable(blocks) else f"the {name}"


def _kind(value: Any) -> str:
    """Return what a value is: 'None', 'a list of 3', 'an object of type ndarray'."""
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return "None" if value is None else f"an object of type {type(value).__name__}"


def _where(k: int) -> Callable[[], str]:
    return functools.partial("block {}".format, k)


def _pairs(found: Iterator[Any]) -> Iterator[Block]:
    for k in itertools.count():
        try:
            block = next(found)
        except StopIteration:
            return
        except Exception as error:
            raise named(error, _where(k), k) from error
        if not isinstance(block, tuple | list) or len(block) != 2:  # noqa: PLR2004  (X and y)
            message = f"block {k} is {_kind(block)}, where a pair (X, y) must be. One block alone is given as [(X, y)]."
            raise BadBlock(message, k)
        yield block[0], block[1]
