"""Sums of products of all pairs of columns of [X y 1], shifted and scaled, over rows: the pass over X.

Rows are packed into panels that stay in cache, and `tiles` sums the products of a panel's columns in registers. While
it does, the next panel's rows are asked for, so that memory and arithmetic overlap. The sums are kept as blocks of
LANES x LANES of the lower triangle. Arithmetic: reassociated, as BLAS's; the shifts strict, as they cancel digits.
"""

import threading
from typing import Any

import numpy as np
from numba import prange

from lrbench.regression.compilation import inlined, parallel, strict
from lrbench.regression.few_features import add_few
from lrbench.regression.tiles import ROWS, VECTORS, add_tile, standardise_columns, standardise_rows
from lrbench.regression.triangle import (
    LINE,
    SQUARE,
    Floats,
    Samples,
    Strides,
    aligned,
    before_line,
    n_sums,
)
from lrbench.regression.vectors import LANES

Frames = tuple[Floats, Floats]  # shift and inverse scale, as long as whole vectors

MOST_HEIGHT, LEAST_HEIGHT = 128, 32  # rows of a panel: enough that reading and writing sums costs little
_KEPT = 2**21  # doubles of sums that a thread keeps, up to some 2000 features; beyond, fresh pages cost little
_PANEL_SIZE = 2**16  # doubles, half of a second-level cache of 1 MiB; few columns keep to the first level


class Memory(threading.local):
    """What a thread's last pass leaves to its next: touching fresh pages takes as long as a small block's products.

    C's library hands out what is larger than 128 KiB as fresh pages each time, where it is told to trim, as by Dask.
    """

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._sums, self._panels = np.empty((0, 0)), np.empty((0, 0))

    def of(self, threads: int, n_features: int) -> tuple[Floats, Floats]:
        """Return sums, all zero, and memory for panels: a row of each for each of so many threads."""
        sums, panels = self._sums, self._panels
        if sums.shape != (threads, n_sums(n_features)):
            sums, panels = (np.empty((threads, size)) for size in (n_sums(n_features), panel_size(n_features)))
        if sums.size <= _KEPT * threads:
            self._sums, self._panels = sums, panels
        sums.fill(0.0)
        return sums, panels


def panel_size(n_features: int) -> int:
    """Return how many doubles a thread's panel takes."""
    columns = ((n_features + 1) // LANES + 1) * LANES
    height = max(LEAST_HEIGHT, min(MOST_HEIGHT, _PANEL_SIZE // columns // LANES * LANES))
    return columns * (height + 1) + LINE  # a row more, or all blocks would meet in one set of the cache


@inlined
def _pack_rows(x: Any, step: int, rows: tuple[int, int], frames: Frames, panel: Floats, stride: int) -> int:
    """Write rows of X that lie `step` apart into a panel, by whole vectors; return how many that were.

    A row's last vector reads on into the next row: what lies there comes into columns that are not X's. X's own last
    rows have nothing behind them, and are left out.
    """
    shift, inverse_scale = frames
    width = len(shift)
    height = max(0, min(rows[1], (x.size - width) // step + 1) - rows[0]) // ROWS * ROWS
    for i in range(0, height, ROWS):
        source, target = (rows[0] + i) * step, i * LANES
        for first in range(0, width, LANES):
            standardise_rows(x, source + first, step, shift, inverse_scale, first, panel, target)  # type: ignore[call-arg]  # the first argument is the compiler's
            target += stride
    return height


@inlined
def _pack_columns(
    x: Any, step: int, rows: tuple[int, int], n_features: int, frames: Frames, panel: Floats, stride: int
) -> int:
    """Write rows of X whose columns lie `step` apart into a panel, by whole vectors; return how many that were."""
    shift, inverse_scale = frames
    height = (rows[1] - rows[0]) // LANES * LANES
    for first in range(0, n_features, LANES):
        last = min(LANES, n_features - first) - 1
        source, target = rows[0] + first * step, first // LANES * stride
        for i in range(0, height, LANES):
            standardise_columns(  # type: ignore[call-arg]  # likewise
                x, source + i, step, last, shift, inverse_scale, first, panel, target + i * LANES
            )
    return height


@inlined
def _pack(samples: Samples, rows: tuple[int, int], frames: Frames, panel: Floats, stride: int) -> None:
    """Write rows of [X y], shifted and scaled, into the blocks of a panel."""
    x, y, strides, shift, scale = samples
    start, height, d = rows[0], rows[1] - rows[0], len(shift) - 1
    if strides[1] == 1:
        done = _pack_rows(x, strides[0], rows, frames, panel, stride)
    else:
        done = _pack_columns(x, strides[1], rows, d, frames, panel, stride)
    for j in range(d if done < height else 0):
        target = j // LANES * stride + j % LANES
        column = start * strides[0] + j * strides[1]
        for i in range(done, height):
            panel[target + i * LANES] = (x[column + i * strides[0]] - shift[j]) / scale[j]
    target = d // LANES * stride + d % LANES
    factor = 1.0 / scale[d]
    for i in range(height):
        panel[target + i * LANES] = (y[start + i] - shift[d]) * factor


@inlined
def _multiply(
    panel: Floats, stride: int, height: int, n_columns: int, sums: Floats, ahead: int, size_bytes: int
) -> None:
    """Add the products of all pairs of a panel's columns to the blocks of the lower triangle.

    Meanwhile ask for the size_bytes from the address `ahead` on: the rows of the next panel.
    """
    end = ahead + size_bytes
    for row in range((n_columns - 1) // LANES + 1):
        columns = min(LANES, (n_columns - row * LANES + 1) // 2 * 2)
        for column in range(0, row + 1, VECTORS):
            blocks = min(VECTORS, row + 1 - column)
            at = (row * (row + 1) // 2 + column) * SQUARE
            own = 1 if column + blocks > row else 0
            add_tile(panel, row * stride, column * stride, stride, height, columns, blocks, own, sums, at, ahead)  # type: ignore[call-arg]  # likewise
            ahead = min(ahead + 64 * height, end)


@strict
def _frames(shift: Floats, scale: Floats) -> Frames:
    """Return X's shifts and inverse scales by whole vectors, 0 behind its columns: those become 1."""
    d = len(shift) - 1
    width = (d + LANES - 1) // LANES * LANES
    shifts, inverse_scales = aligned(width, 0.0), aligned(width, 0.0)
    for j in range(d):
        shifts[j], inverse_scales[j] = shift[j], 1.0 / scale[j]
    return shifts, inverse_scales


@inlined
def _add_panels(samples: Samples, rows: tuple[int, int], sums: Floats, memory: Floats) -> None:
    """Add the products of rows[0] to rows[1] by panels, for any number of features."""
    d = len(samples.shift) - 1
    n_blocks = (d + 1) // LANES + 1
    stride = (len(memory) - LINE) // n_blocks
    tallest = stride // LANES - 1
    frames = _frames(samples.shift, samples.scale)
    panel = memory[before_line(memory) :]
    for i in range(d // LANES * stride, n_blocks * stride):  # the last columns of all: 1
        panel[i] = 1.0
    row_bytes = samples.strides[0] * samples.x.itemsize
    for start in range(rows[0], rows[1], tallest):
        end = min(start + tallest, rows[1])
        _pack(samples, (start, end), frames, panel, stride)
        ahead = samples.x.ctypes.data + end * row_bytes
        _multiply(panel, stride, end - start, d + 2, sums, ahead, tallest * row_bytes)


@strict
def add_rows(
    x: Any,
    y: Floats,
    strides: Strides,
    shift: Floats,
    scale: Floats,
    rows: tuple[int, int],
    sums: Floats,
    panel: Floats,
) -> None:
    """Add the products of rows[0] to rows[1] of [z_X z_y 1] to the blocks of the lower triangle.

    The first five are a `Samples`, one by one: a call from Python unpacks a named tuple in a microsecond, and numba's
    threads take none.   panel: memory of panel_size(n_features) doubles, overwritten.
    Serial, and holding no lock: a driver may call it from as many threads as it has sums.
    """
    samples = Samples(x, y, strides, shift, scale)
    start = add_few(samples, rows, sums, panel)
    if start < rows[1]:
        _add_panels(samples, (start, rows[1]), sums, panel)


@parallel
def add_rows_parallel(
    x: Any, y: Floats, strides: Strides, shift: Floats, scale: Floats, threads: int, sums: Floats, panels: Floats
) -> None:
    """Do as `add_rows` for all rows, a share of them to each thread, and its own row of sums and of panels."""
    n = len(y)
    for thread in prange(threads):
        start, end = n * thread // threads, n * (thread + 1) // threads
        add_rows(x, y, strides, shift, scale, (start, end), sums[thread], panels[thread])
