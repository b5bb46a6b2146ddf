"""Sums of products of all pairs of columns of [X y 1], of rows that lie one after the other and have few features."""

from typing import Any

from lrbench.regression.compilation import compiled, inlined
from lrbench.regression.narrow import LEAST_COLUMNS, MOST_COLUMNS, RING, add_narrow
from lrbench.regression.triangle import SQUARE, Floats, Samples, aligned, position

_FEWEST = 2  # features, up to which loops along the samples are the fastest
_TALL, _HEIGHT = 4096, 128  # rows that such a loop, and that the narrow one, sums at a time, for the sake of rounding
_MODERATE = 2.0**100  # scales up to it, and down to its inverse, may as well be applied to the sums
_PART = 64 * _HEIGHT  # rows whose sums are added up before they join all others', for the same reason


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
def _are_moderate(scale: Floats) -> bool:
    """Return whether unscaled products come near the ends of float64's range only where scaled ones do."""
    moderate = True
    for value in scale:
        moderate &= 1.0 / _MODERATE <= value <= _MODERATE
    return moderate


@inlined
def _add_narrow(samples: Samples, rows: tuple[int, int], sums: Floats, ring: Floats) -> int:
    """Add the products of rows from rows[0] on; return the first that is left. The scales are applied to the sums."""
    x, y, strides, shift, scale = samples
    step, d = strides[0], len(shift) - 1
    shifts, part = aligned(MOST_COLUMNS, 0.0), aligned(3 * SQUARE, 0.0)
    for j in range(d + 1):
        shifts[j] = shift[j]
    end = min(rows[1], (x.size - MOST_COLUMNS) // step)  # one row more is read than is added, and whole vectors of it
    for first in range(rows[0], end, _PART):
        for i in range(len(part)):
            part[i] = 0.0
        last = min(first + _PART, end)
        for start in range(first, last, _HEIGHT):
            height = min(_HEIGHT, last - start)
            add_narrow(x, y, step, start, height, shifts, ring, d + 2, part)  # type: ignore[call-arg]  # the first argument is the compiler's
        for j in range(d + 2):
            for k in range(j + 1):
                factor = (1.0 / scale[j] if j <= d else 1.0) * (1.0 / scale[k] if k <= d else 1.0)
                sums[position(j, k)] += part[position(j, k)] * factor
    return max(rows[0], end)


@inlined
def add_few(samples: Samples, rows: tuple[int, int], sums: Floats, memory: Floats) -> int:
    """Add the products of rows[0] to rows[1], unless they are of many features; return the first row that is left.

    memory: RING doubles at least.
    """
    x, y, strides, shift, scale = samples
    d, done = len(shift) - 1, rows[0]
    if d <= _FEWEST and strides == (d, 1):
        for start in range(rows[0], rows[1], _TALL):
            done = min(start + _TALL, rows[1])
            if d == 1:
                _add_one_feature(x[start:done], y[start:done], shift, scale, sums)
            else:
                _add_two_features(x[2 * start : 2 * done], y[start:done], shift, scale, sums)
    elif LEAST_COLUMNS <= d + 2 <= MOST_COLUMNS and strides[1] == 1 and _are_moderate(scale):
        done = _add_narrow(samples, rows, sums, memory[:RING])
    return done
