"""Products of packed columns, in vector instructions written out: the innermost loop of the Gram matrix.

A panel holds some rows of several columns: blocks of LANES columns, and within a block row after row, so that LANES
neighbouring doubles are one row's share of it. A tile is up to LANES columns of one block against up to VECTORS blocks,
summed over the panel's rows in registers: each row's columns of the one block are broadcast in turn and multiplied
with the vectors of the others. That is the shape of BLAS's micro-kernels (Goto and van de Geijn, "Anatomy of
High-Performance Matrix Multiplication", 2008); numba's own loops do not come to it, so it is built from LLVM's
vectors, which LLVM itself splits where the processor's are shorter.
"""
# ruff: noqa: ARG001  (an intrinsic names its arguments, and takes their types and values all at once)

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import config, types
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic

_FEATURES = get_host_cpu_features() if config.CPU_FEATURES is None else config.CPU_FEATURES  # type: ignore[attr-defined, no-untyped-call]
LANES = 8 if "+avx512f" in _FEATURES else 4  # doubles in a vector: 32 registers of 8, or 16 of 4
ROWS = 4  # that share one reading of shift and scale while they are packed
VECTORS = 3  # LANES * VECTORS sums, VECTORS factors and a broadcast fill the registers
_LINE_BYTES = 64

_DOUBLE = ir.DoubleType()
_INDEX = ir.IntType(64)
_VECTOR = ir.VectorType(_DOUBLE, LANES)
_CONTRACT = ("contract",)  # lets LLVM fuse where the processor can, and only there


def _data(context: Any, builder: Any, signature: Any, arguments: Any, k: int) -> Any:
    """Return the pointer to the first element of argument k, an array."""
    return context.make_array(signature.args[k])(context, builder, arguments[k]).data


def _vector_at(builder: Any, data: Any, index: Any, vector: Any = _VECTOR) -> Any:
    return builder.bitcast(builder.gep(data, [index]), vector.as_pointer())


def _broadcast(builder: Any, value: Any) -> Any:
    single = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(
        single, ir.Constant(_VECTOR, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    )


def _prefetch(builder: Any, address: Any) -> None:
    """Ask for the cache line at an address, to be read soon; any address may be asked for."""
    pointer = ir.IntType(8).as_pointer()
    word = ir.IntType(32)
    function = builder.module.declare_intrinsic(
        "llvm.prefetch", [pointer], ir.FunctionType(ir.VoidType(), [pointer, word, word, word])
    )
    read, to_second_level, data = (ir.Constant(word, value) for value in (0, 2, 1))
    builder.call(function, [builder.inttoptr(address, pointer), read, to_second_level, data])


def _loop(builder: Any, count: Any, starts: list[Any], step: Callable[[Any, list[Any]], list[Any]]) -> list[Any]:
    """Emit a loop of count >= 1 rounds over values that each round replaces; return the last ones."""
    before = builder.block
    body, after = builder.append_basic_block("rows"), builder.append_basic_block("summed")
    builder.branch(body)
    builder.position_at_end(body)
    i = builder.phi(_INDEX)
    i.add_incoming(_INDEX(0), before)
    values = [builder.phi(start.type) for start in starts]
    for value, start in zip(values, starts, strict=True):
        value.add_incoming(start, before)
    results = step(i, values)
    following = builder.add(i, _INDEX(1))
    i.add_incoming(following, body)
    for value, result in zip(values, results, strict=True):
        value.add_incoming(result, body)
    builder.cbranch(builder.icmp_signed("<", following, count), body, after)
    builder.position_at_end(after)
    return results


def _tile(builder: Any, shape: tuple[int, int], panel: Any, places: Any, sums: Any) -> None:
    """Emit the tile of one shape: (columns of the left block, blocks on the right)."""
    left, right, stride, height, at, ahead = places
    n_columns, n_blocks = shape

    def step(i: Any, totals: list[Any]) -> list[Any]:
        row = builder.mul(i, _INDEX(LANES))
        first = builder.add(right, row)
        factors = [
            builder.load(_vector_at(builder, panel, builder.add(first, builder.mul(stride, _INDEX(v)))), align=8)
            for v in range(n_blocks)
        ]
        results = []
        for k in range(n_columns):
            value = builder.load(builder.gep(panel, [builder.add(builder.add(left, row), _INDEX(k))]))
            single = _broadcast(builder, value)
            for v, factor in enumerate(factors):
                product = builder.fmul(single, factor, flags=_CONTRACT)
                results.append(builder.fadd(totals[k * n_blocks + v], product, flags=_CONTRACT))
        _prefetch(builder, builder.add(ahead, builder.mul(i, _INDEX(_LINE_BYTES))))
        return results

    zero = ir.Constant(_VECTOR, [0.0] * LANES)
    totals = _loop(builder, height, [zero] * (n_columns * n_blocks), step)
    for k in range(n_columns):
        for v in range(n_blocks):
            place = _vector_at(builder, sums, builder.add(at, _INDEX((v * LANES + k) * LANES)))
            old = builder.load(place, align=8)
            builder.store(builder.fadd(old, totals[k * n_blocks + v]), place, align=8)


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
    sums: Any,
    at: Any,
    ahead: Any,
) -> Any:
    """Add to sums[at:] the products, summed over `height` >= 1 rows, of columns of one block with n_blocks blocks.

    sums[at + (v LANES + k) LANES + l] += sum_i panel[left + i LANES + k] panel[right + v stride + i LANES + l]

    for k < n_columns <= LANES, an even number, v < n_blocks <= VECTORS, l < LANES. Meanwhile the cache is asked for
    `height` lines of 64 bytes from the address `ahead` on.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, left, right, stride, height, n_columns, n_blocks, _, at, ahead = arguments
        panel, sums = (_data(context, builder, signature, arguments, k) for k in (0, 7))
        done = builder.append_basic_block("done")
        shape = builder.add(builder.mul(n_columns, _INDEX(VECTORS + 1)), n_blocks)
        switch = builder.switch(shape, done)
        for columns in range(2, LANES + 1, 2):
            for blocks in range(1, VECTORS + 1):
                case = builder.append_basic_block("tile")
                switch.add_case(_INDEX(columns * (VECTORS + 1) + blocks), case)
                builder.position_at_end(case)
                _tile(builder, (columns, blocks), panel, (left, right, stride, height, at, ahead), sums)
                builder.branch(done)
        builder.position_at_end(done)
        return context.get_dummy_value()

    i = types.intp
    return types.void(panel, i, i, i, i, i, i, sums, i, i), generate


def _transposed(builder: Any, rows: list[Any]) -> list[Any]:
    """Return the columns of LANES vectors as vectors, by exchanging halves, quarters, ... of pairs of them."""
    distance = LANES // 2
    while distance:
        for k in (k for k in range(LANES) if not k & distance):
            upper, lower = rows[k], rows[k + distance]
            low = [lane if not lane & distance else LANES + lane - distance for lane in range(LANES)]
            high = [lane + distance if not lane & distance else LANES + lane for lane in range(LANES)]
            rows[k], rows[k + distance] = (
                builder.shuffle_vector(upper, lower, ir.Constant(ir.VectorType(ir.IntType(32), LANES), lanes))
                for lanes in (low, high)
            )
        distance //= 2
    return rows


def _load(builder: Any, x_data: Any, index: Any, element: Any) -> Any:
    """Return LANES elements of x from an index on, as doubles."""
    single = element == types.float32
    own = ir.VectorType(ir.FloatType() if single else _DOUBLE, LANES)
    value = builder.load(_vector_at(builder, x_data, index, own), align=4 if single else 8)
    return builder.fpext(value, _VECTOR) if single else value


def _store_standardised(builder: Any, rows: list[Any], frames: tuple[Any, Any], first: Any, place: Any) -> None:
    """Write (row - shift) inverse_scale one below the other; 1 where the inverse scale is 0."""
    panel, target = place
    offset, factor = (builder.load(_vector_at(builder, data, first), align=8) for data in frames)
    nothing = builder.fcmp_ordered("==", factor, ir.Constant(_VECTOR, [0.0] * LANES))
    for k, row in enumerate(rows):
        scaled = builder.fmul(builder.fsub(row, offset), factor)
        result = builder.select(nothing, ir.Constant(_VECTOR, [1.0] * LANES), scaled)
        builder.store(result, _vector_at(builder, panel, builder.add(target, _INDEX(k * LANES))), align=8)


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
        x_data, shift, inverse, panel = (_data(context, builder, signature, arguments, k) for k in (0, 3, 4, 6))
        places = [builder.add(source, builder.mul(step, _INDEX(k))) for k in range(ROWS)]
        rows = [_load(builder, x_data, place, signature.args[0].dtype) for place in places]
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
        x_data, shift, inverse, panel = (_data(context, builder, signature, arguments, k) for k in (0, 4, 5, 7))
        columns = []
        for k in range(LANES):
            there = builder.icmp_signed("<", _INDEX(k), last)
            place = builder.add(source, builder.mul(step, builder.select(there, _INDEX(k), last)))
            columns.append(_load(builder, x_data, place, signature.args[0].dtype))
        _store_standardised(builder, _transposed(builder, columns), (shift, inverse), first, (panel, target))
        return context.get_dummy_value()

    i = types.intp
    return types.void(x, i, i, i, shift, inverse_scale, i, panel, i), generate
