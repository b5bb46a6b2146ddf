"""Products of packed columns, in vector instructions written out: the innermost loop of the Gram matrix.

A panel holds some rows of several columns: blocks of LANES columns, and within a block row after row, so that LANES
neighbouring doubles are one row's share of it. A tile is up to LANES columns of one block against up to VECTORS blocks,
summed over the panel's rows in registers: each row's columns of the one block are broadcast in turn and multiplied
with the vectors of the others. That is the shape of BLAS's micro-kernels (Goto and van de Geijn, "Anatomy of
High-Performance Matrix Multiplication", 2008); numba's own loops do not come to it.
"""
# ruff: noqa: ARG001  (an intrinsic names its arguments, and takes their types and values all at once)

import functools
import itertools
from typing import Any

from numba import types
from numba.extending import intrinsic

from lrbench.regression.vectors import (
    HALF,
    INDEX,
    LANES,
    broadcast,
    constant,
    data_of,
    load,
    loop,
    prefetch,
    shuffle,
    store,
    transposed,
    vector_at,
)

ROWS = 4  # that share one reading of shift and scale while they are packed
VECTORS = 3  # LANES * VECTORS sums, VECTORS factors and a broadcast fill the registers
_LINE_BYTES = 64
_BASE = VECTORS + 1  # of the number of a tile's shape

_CONTRACT = ("contract",)  # lets LLVM fuse where the processor can, and only there


def _tile(builder: Any, shape: tuple[int, int, bool], panel: Any, places: Any, sums: Any) -> None:
    """Emit the tile of one shape: (columns of the left block, blocks on the right, whether the last is the left one).

    Of a block with itself the first half of the columns needs the first half of the lanes only, the lower triangle's.
    """
    left, right, stride, height, at, ahead = places
    n_columns, n_blocks, diagonal = shape

    def width(k: int, v: int) -> int:
        return HALF if diagonal and v == n_blocks - 1 and k < HALF else LANES

    def head(vector: Any, lanes: int) -> Any:
        return vector if lanes == LANES else shuffle(builder, vector, vector, range(lanes))

    def step(i: Any, totals: list[Any]) -> list[Any]:
        row = builder.mul(i, INDEX(LANES))
        first = builder.add(right, row)
        factors = [load(builder, panel, builder.add(first, builder.mul(stride, INDEX(v)))) for v in range(n_blocks)]
        results = []
        for k in range(n_columns):
            value = builder.load(builder.gep(panel, [builder.add(builder.add(left, row), INDEX(k))]))
            single = broadcast(builder, value)
            for v, factor in enumerate(factors):
                product = builder.fmul(head(single, width(k, v)), head(factor, width(k, v)), flags=_CONTRACT)
                results.append(builder.fadd(totals[k * n_blocks + v], product, flags=_CONTRACT))
        prefetch(builder, builder.add(ahead, builder.mul(i, INDEX(_LINE_BYTES))))
        return results

    places_of = [(k, v) for k in range(n_columns) for v in range(n_blocks)]
    totals = loop(builder, height, [constant(0.0, width(k, v)) for k, v in places_of], step)
    for (k, v), total in zip(places_of, totals, strict=True):
        pointer = vector_at(builder, sums, builder.add(at, INDEX((v * LANES + k) * LANES)), total.type)
        builder.store(builder.fadd(builder.load(pointer, align=8), total), pointer, align=8)


@intrinsic
def add_tile(
    _context: Any,
    panel: Any,
    left: Any,
    right: Any,
    stride: Any,
    height: Any,
    n_columns: Any,
    n_blocks: Any,
    diagonal: Any,
    sums: Any,
    at: Any,
    ahead: Any,
) -> Any:
    """Add to sums[at:] the products, summed over `height` >= 1 rows, of columns of one block with n_blocks blocks.

    sums[at + (v LANES + k) LANES + l] += sum_i panel[left + i LANES + k] panel[right + v stride + i LANES + l]

    for k < n_columns <= LANES, an even number, v < n_blocks <= VECTORS, l < LANES. diagonal: 1 if the last of the
    blocks is the columns' own, of whose sums those with l > k may be left out; otherwise 0, and there are VECTORS
    blocks. Meanwhile the cache is asked for `height` lines of 64 bytes from the address `ahead` on.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, left, right, stride, height, n_columns, n_blocks, diagonal, _, at, ahead = arguments
        panel, sums = (data_of(context, builder, signature, arguments, k) for k in (0, 8))
        done = builder.append_basic_block("done")
        number = functools.reduce(
            builder.add,
            (builder.mul(n_columns, INDEX(2 * _BASE)), builder.mul(diagonal, INDEX(_BASE)), n_blocks),
        )
        switch = builder.switch(number, done)
        kinds = [(False, VECTORS), *((True, blocks) for blocks in range(1, VECTORS + 1))]
        for columns, (own, blocks) in itertools.product(range(2, LANES + 1, 2), kinds):
            case = builder.append_basic_block("tile")
            switch.add_case(INDEX(columns * 2 * _BASE + own * _BASE + blocks), case)
            builder.position_at_end(case)
            _tile(builder, (columns, blocks, own), panel, (left, right, stride, height, at, ahead), sums)
            builder.branch(done)
        builder.position_at_end(done)
        return context.get_dummy_value()

    i = types.intp
    return types.void(panel, i, i, i, i, i, i, i, sums, i, i), generate


def _store_standardised(builder: Any, rows: list[Any], frames: tuple[Any, Any], first: Any, place: Any) -> None:
    """Write (row - shift) inverse_scale one below the other; 1 where the inverse scale is 0."""
    panel, target = place
    offset, factor = (load(builder, data, first) for data in frames)
    nothing = builder.fcmp_ordered("==", factor, constant(0.0))
    for k, row in enumerate(rows):
        scaled = builder.fmul(builder.fsub(row, offset), factor)
        result = builder.select(nothing, constant(1.0), scaled)
        store(builder, result, panel, builder.add(target, INDEX(k * LANES)))


@intrinsic
def standardise_rows(
    _context: Any, x: Any, source: Any, step: Any, shift: Any, inverse_scale: Any, first: Any, panel: Any, target: Any
) -> Any:
    """Write LANES neighbouring elements of each of ROWS rows of x, shifted and scaled, to panel[target:].

    panel[target + r LANES + l] = (x[source + r step + l] - shift[first + l]) inverse_scale[first + l]

    and 1 where the inverse scale is 0. x of floats of 4 or 8 bytes. Strict: rounding a shift's product would undo it.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, source, step, _, _, first, _, target = arguments
        x_data, shift, inverse, panel = (data_of(context, builder, signature, arguments, k) for k in (0, 3, 4, 6))
        places = [builder.add(source, builder.mul(step, INDEX(k))) for k in range(ROWS)]
        rows = [load(builder, x_data, place, signature.args[0].dtype) for place in places]
        _store_standardised(builder, rows, (shift, inverse), first, (panel, target))
        return context.get_dummy_value()

    i = types.intp
    return types.void(x, i, i, shift, inverse_scale, i, panel, i), generate


@intrinsic
def standardise_columns(
    _context: Any,
    x: Any,
    source: Any,
    step: Any,
    last: Any,
    shift: Any,
    inverse_scale: Any,
    first: Any,
    panel: Any,
    target: Any,
) -> Any:
    """Do as `standardise_rows` for LANES rows, each element of which lies `step` after the one before.

    panel[target + r LANES + l] = (x[source + r + min(l, last) step] - shift[first + l]) inverse_scale[first + l]

    last: the last of these columns that x has.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, source, step, last, _, _, first, _, target = arguments
        x_data, shift, inverse, panel = (data_of(context, builder, signature, arguments, k) for k in (0, 4, 5, 7))
        columns = []
        for k in range(LANES):
            there = builder.icmp_signed("<", INDEX(k), last)
            place = builder.add(source, builder.mul(step, builder.select(there, INDEX(k), last)))
            columns.append(load(builder, x_data, place, signature.args[0].dtype))
        _store_standardised(builder, transposed(builder, columns), (shift, inverse), first, (panel, target))
        return context.get_dummy_value()

    i = types.intp
    return types.void(x, i, i, i, shift, inverse_scale, i, panel, i), generate
