"""Vectors of LANES doubles in LLVM's terms: the building blocks of the kernels that numba's own loops do not come to.

LLVM splits a vector where the processor's are shorter.
"""

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.core.codegen import get_host_cpu_features

_FEATURES = get_host_cpu_features() if config.CPU_FEATURES is None else config.CPU_FEATURES  # type: ignore[attr-defined, no-untyped-call]  # set at import
LANES = 8 if "+avx512f" in _FEATURES else 4  # doubles in a vector: 32 registers of 8, or 16 of 4
HALF = 4 if LANES == 8 else LANES  # noqa: PLR2004  (a vector of 2 takes as long as one of 4)

DOUBLE = ir.DoubleType()
INDEX = ir.IntType(64)
VECTOR = ir.VectorType(DOUBLE, LANES)
_WORD = ir.IntType(32)


def constant(value: float, count: int = LANES) -> Any:
    """Return a vector of equal numbers."""
    return ir.Constant(ir.VectorType(DOUBLE, count), [value] * count)


def data_of(context: Any, builder: Any, signature: Any, arguments: Any, k: int) -> Any:
    """Return the pointer to the first element of argument k, an array."""
    return context.make_array(signature.args[k])(context, builder, arguments[k]).data


def vector_at(builder: Any, data: Any, index: Any, vector: Any = VECTOR) -> Any:
    """Return a pointer to the vector that begins with an element of an array."""
    return builder.bitcast(builder.gep(data, [index]), vector.as_pointer())


def load(builder: Any, data: Any, index: Any, element: Any = types.float64) -> Any:
    """Return LANES elements of an array of floats of 4 or 8 bytes from an index on, as doubles."""
    single = element == types.float32
    own = ir.VectorType(ir.FloatType() if single else DOUBLE, LANES)
    value = builder.load(vector_at(builder, data, index, own), align=4 if single else 8)
    return builder.fpext(value, VECTOR) if single else value


def store(builder: Any, value: Any, data: Any, index: Any) -> None:
    """Write LANES elements of an array from an index on."""
    builder.store(value, vector_at(builder, data, index), align=8)


def shuffle(builder: Any, a: Any, b: Any, lanes: Sequence[int]) -> Any:
    """Return the vector of some lanes of a, counted from 0, and of b, counted on from there."""
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(_WORD, len(lanes)), list(lanes)))


def repeat(builder: Any, value: Any, count: int) -> Any:
    """Return a vector of one number, of any type, count times."""
    nothing = ir.Constant(ir.VectorType(value.type, count), ir.Undefined)
    single = builder.insert_element(nothing, value, ir.Constant(_WORD, 0))
    return shuffle(builder, single, nothing, [0] * count)


def broadcast(builder: Any, value: Any) -> Any:
    """Return a vector of one double."""
    return repeat(builder, value, LANES)


def last_lanes(builder: Any, count: Any) -> Any:
    """Return the mask that is true in the last `count` lanes."""
    after = ir.Constant(ir.VectorType(INDEX, LANES), list(reversed(range(LANES))))
    return builder.icmp_signed("<", after, repeat(builder, count, LANES))


def fused_multiply_add(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """Return a b + c, rounded once."""
    kind = ir.FunctionType(VECTOR, [VECTOR] * 3)
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{LANES}f64")  # type: ignore[no-untyped-call]  # numba is untyped here
    return builder.call(function, [a, b, c])


def address_of(builder: Any, data: Any, index: Any) -> Any:
    """Return the address of an element of an array, as a number."""
    return builder.ptrtoint(builder.gep(data, [index]), INDEX)


def prefetch(builder: Any, address: Any, level: int = 2) -> None:
    """Ask for the cache line at an address in the first or second level's cache; any address may be asked for."""
    pointer = ir.IntType(8).as_pointer()
    function = builder.module.declare_intrinsic(
        "llvm.prefetch", [pointer], ir.FunctionType(ir.VoidType(), [pointer, _WORD, _WORD, _WORD])
    )
    read, locality, data = (ir.Constant(_WORD, value) for value in (0, 4 - level, 1))
    builder.call(function, [builder.inttoptr(address, pointer), read, locality, data])


def loop(builder: Any, count: Any, starts: Sequence[Any], step: Callable[[Any, list[Any]], list[Any]]) -> list[Any]:
    """Emit a loop of count >= 0 rounds over values that each round replaces; return the last ones."""
    before = builder.block
    body, after = builder.append_basic_block("rows"), builder.append_basic_block("summed")
    builder.cbranch(builder.icmp_signed(">", count, INDEX(0)), body, after)
    builder.position_at_end(body)
    i = builder.phi(INDEX)
    i.add_incoming(INDEX(0), before)
    values = [builder.phi(start.type) for start in starts]
    for value, start in zip(values, starts, strict=True):
        value.add_incoming(start, before)
    results = step(i, values)
    following = builder.add(i, INDEX(1))
    i.add_incoming(following, builder.block)
    for value, result in zip(values, results, strict=True):
        value.add_incoming(result, builder.block)
    end = builder.block
    builder.cbranch(builder.icmp_signed("<", following, count), body, after)
    builder.position_at_end(after)
    found = [builder.phi(start.type) for start in starts]
    for value, start, result in zip(found, starts, results, strict=True):
        value.add_incoming(start, before)
        value.add_incoming(result, end)
    return found


def transposed(builder: Any, rows: list[Any]) -> list[Any]:
    """Return the columns of LANES vectors as vectors, by exchanging halves, quarters, ... of pairs of them."""
    distance = LANES // 2
    while distance:
        for k in (k for k in range(LANES) if not k & distance):
            upper, lower = rows[k], rows[k + distance]
            low = [lane if not lane & distance else LANES + lane - distance for lane in range(LANES)]
            high = [lane + distance if not lane & distance else LANES + lane for lane in range(LANES)]
            rows[k], rows[k + distance] = (shuffle(builder, upper, lower, lanes) for lanes in (low, high))
        distance //= 2
    return rows
