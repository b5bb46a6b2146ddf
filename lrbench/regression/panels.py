"""Sums of products of all pairs of columns of [X y 1], shifted and scaled, over rows: the pass over X.

Rows are packed into panels that stay in cache, and `tiles` sums the products of a panel's columns in registers. While
it does, the next panel's rows are asked for, so that memory and arithmetic overlap. The sums are kept as blocks of
LANES x LANES of the lower triangle. Arithmetic: reassociated, as BLAS's; the shifts strict, as they cancel digits.
"""

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from lrbench.regression.tiles import ROWS, VECTORS, add_tile, standardise_columns, standardise_rows
from lrbench.regression.vectors import LANES

Floats = NDArray[np.float64]
Strides = tuple[int, int]  # elements from row to row, and from column to column
Frames = tuple[Floats, Floats]  # shift and inverse scale, as long as whole vectors

MOST_HEIGHT, LEAST_HEIGHT = 128, 32  # rows of a panel: enough that reading and writing sums costs little
_PANEL_SIZE = 2**16  # doubles, half of a second-level cache of 1 MiB; few columns keep to the first level
NARROW = 2  # features, up to which loops along the samples are faster than panels
_NARROW_HEIGHT = 4096  # rows that such a loop sums at a time, for the sake of rounding
_LINE = 8  # doubles in a cache line
_SQUARE = LANES * LANES

compiled = njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
strict = njit(cache=True, nogil=True, error_model="numpy")
inlined = njit(inline="always")  # strict; a callee would be compiled by itself and again with every caller
parallel = njit(cache=True, nogil=True, error_model="numpy", parallel=True)


def n_sums(n_features: int) -> int:
    """Return how many doubles the blocks of the lower triangle of [X y 1]'s Gram matrix take."""
    rows = (n_features + 1) // LANES + 1
    return rows * (rows + 1) // 2 * _SQUARE


@compiled
def position(j: int, k: int) -> int:
    """Return where the blocks hold the product of columns j and k <= j."""
    row, column = j // LANES, k // LANES
    return (row * (row + 1) // 2 + column) * _SQUARE + j % LANES * LANES + k % LANES


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
def _pack(
    x: Any,
    y: Floats,
    strides: Strides,
    rows: tuple[int, int],
    shift: Floats,
    scale: Floats,
    frames: Frames,
    panel: Floats,
    stride: int,
) -> None:
    """Write rows of [X y], shifted and scaled, into the blocks of a panel."""
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
            at = (row * (row + 1) // 2 + column) * _SQUARE
            own = 1 if column + blocks > row else 0
            add_tile(panel, row * stride, column * stride, stride, height, columns, blocks, own, sums, at, ahead)  # type: ignore[call-arg]  # likewise
            ahead = min(ahead + 64 * height, end)


@strict
def _aligned(size: int, value: float) -> Floats:
    """Return an array that begins a cache line, so that no vector in it lies across two."""
    raw = np.full(size + _LINE, value)
    start = -(raw.ctypes.data // 8) % _LINE
    return raw[start : start + size]


@strict
def _frames(shift: Floats, scale: Floats) -> Frames:
    """Return X's shifts and inverse scales by whole vectors, 0 behind its columns: those become 1."""
    d = len(shift) - 1
    width = (d + LANES - 1) // LANES * LANES
    shifts, inverse_scales = _aligned(width, 0.0), _aligned(width, 0.0)
    for j in range(d):
        shifts[j], inverse_scales[j] = shift[j], 1.0 / scale[j]
    return shifts, inverse_scales


@compiled
def _add_one_feature(x: Any, y: Floats, shift: Floats, scale: Floats, sums: Floats) -> None:
    """Add the products of [z_x z_y 1] of contiguous samples of one feature."""
    shift_0, shift_y, factor_0, factor_y = shift[0], shift[1], 1.0 / scale[0], 1.0 / scale[1]
    s_00 = s_y0 = s_yy = s_10 = s_1y = 0.0
    for i in range(len(y)):
        z_0, z_y = (x[i] - shift_0) * factor_0, (y[i] - shift_y) * factor_y
        s_00 += z_0 * z_0
        s_y0 += z_y * z_0
        s_yy += z_y * z_y
        s_10 += z_0
        s_1y += z_y
    sums[position(0, 0)] += s_00
    sums[position(1, 0)] += s_y0
    sums[position(1, 1)] += s_yy
    sums[position(2, 0)] += s_10
    sums[position(2, 1)] += s_1y


@compiled
def _add_two_features(x: Any, y: Floats, shift: Floats, scale: Floats, sums: Floats) -> None:
    """Add the products of [z_x z_y 1] of contiguous samples of two features."""
    shift_0, shift_1, shift_y = shift[0], shift[1], shift[2]
    factor_0, factor_1, factor_y = 1.0 / scale[0], 1.0 / scale[1], 1.0 / scale[2]
    s_00 = s_10 = s_11 = s_y0 = s_y1 = s_yy = s_0 = s_1 = s_y = 0.0
    for i in range(len(y)):
        z_0, z_1 = (x[2 * i] - shift_0) * factor_0, (x[2 * i + 1] - shift_1) * factor_1
        z_y = (y[i] - shift_y) * factor_y
        s_00 += z_0 * z_0
        s_10 += z_1 * z_0
        s_11 += z_1 * z_1
        s_y0 += z_y * z_0
        s_y1 += z_y * z_1
        s_yy += z_y * z_y
        s_0 += z_0
        s_1 += z_1
        s_y += z_y
    sums[position(0, 0)] += s_00
    sums[position(1, 0)] += s_10
    sums[position(1, 1)] += s_11
    sums[position(2, 0)] += s_y0
    sums[position(2, 1)] += s_y1
    sums[position(2, 2)] += s_yy
    sums[position(3, 0)] += s_0
    sums[position(3, 1)] += s_1
    sums[position(3, 2)] += s_y


@inlined
def _add_panels(
    x: Any, y: Floats, strides: Strides, rows: tuple[int, int], shift: Floats, scale: Floats, sums: Floats
) -> None:
    """Add the products of rows[0] to rows[1] by panels, for any number of features."""
    d = len(shift) - 1
    n_blocks = (d + 1) // LANES + 1
    tallest = max(LEAST_HEIGHT, min(MOST_HEIGHT, _PANEL_SIZE // (n_blocks * LANES) // LANES * LANES))
    stride = (tallest + 1) * LANES  # one row more, or all blocks would meet in one set of the cache
    frames = _frames(shift, scale)
    panel = _aligned(n_blocks * stride, 1.0)
    for start in range(rows[0], rows[1], tallest):
        end = min(start + tallest, rows[1])
        _pack(x, y, strides, (start, end), shift, scale, frames, panel, stride)
        row_bytes = strides[0] * x.itemsize
        _multiply(panel, stride, end - start, d + 2, sums, x.ctypes.data + end * row_bytes, tallest * row_bytes)


@strict
def add_rows(
    x: Any, y: Floats, strides: Strides, rows: tuple[int, int], shift: Floats, scale: Floats, sums: Floats
) -> None:
    """Add the products of rows[0] to rows[1] of [z_X z_y 1] to the blocks of the lower triangle.

    Serial, and holding no lock: a driver may call it from as many threads as it has sums.
    """
    d = len(shift) - 1
    if d <= NARROW and strides == (d, 1):
        for start in range(rows[0], rows[1], _NARROW_HEIGHT):
            end = min(start + _NARROW_HEIGHT, rows[1])
            if d == 1:
                _add_one_feature(x[start:end], y[start:end], shift, scale, sums)
            else:
                _add_two_features(x[2 * start : 2 * end], y[start:end], shift, scale, sums)
    else:
        _add_panels(x, y, strides, rows, shift, scale, sums)


@parallel
def add_rows_parallel(
    x: Any, y: Floats, strides: Strides, threads: int, shift: Floats, scale: Floats, sums: Floats
) -> None:
    """Do as `add_rows` for all rows, a share of them to each thread and its own row of sums."""
    n = len(y)
    for thread in prange(threads):
        start, end = n * thread // threads, n * (thread + 1) // threads
        add_rows(x, y, strides, (start, end), shift, scale, sums[thread])
