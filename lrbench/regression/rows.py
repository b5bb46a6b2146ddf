"""Products with a few whole rows of X at a time, in vector instructions written out: what mini-batch SGD consists of.

Vectors lie along a row. Its end seldom fills one, and a vector that reaches beyond the row would touch, and wait for, a
cache line that nobody has asked for. So the last vector of a row ends with the row and overlaps the one before; lanes
that were covered already are taken as zero. Coefficients are *packed* to match: n_vectors(d) vectors, of which the last
holds the rest, at its end.

Rows must be as long as a vector at least. Arithmetic: reassociated.
"""
# ruff: noqa: ARG001  (an intrinsic names its arguments, and takes their types and values all at once)

from typing import Any

from llvmlite import ir
from numba import types
from numba.core.errors import TypingError
from numba.extending import intrinsic

from lrbench.regression.vectors import (
    DOUBLE,
    INDEX,
    LANES,
    address_of,
    broadcast,
    constant,
    data_of,
    fused_multiply_add,
    last_lanes,
    load,
    loop,
    prefetch,
    repeat,
    shuffle,
    store,
    vector_at,
)

ROWS = 4  # worked on at once: their dot products hide each other's latency, and are summed together
_FOUR = ir.VectorType(DOUBLE, ROWS)


class _Rows:
    """Rows of X as LLVM sees them, divided into whole vectors and the last one."""

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Any) -> None:
        """Take the kernel's first five arguments: X, the rows at work, those to come and those nearby, the targets."""
        self._builder = builder
        X = context.make_array(signature.args[0])(context, builder, arguments[0])
        self._data, self._width = X.data, builder.extract_value(X.shape, 1)
        self._starts, self._asked, self._nearby = (
            [builder.mul(builder.extract_value(arguments[k], i), self._width) for i in range(len(signature.args[k]))]
            for k in (1, 2, 3)
        )
        targets = data_of(context, builder, signature, arguments, 4)
        for i in range(len(signature.args[2])):
            prefetch(builder, address_of(builder, targets, builder.extract_value(arguments[2], i)))
        self.n_whole = builder.udiv(builder.sub(self._width, INDEX(1)), INDEX(LANES))
        self.covered = builder.mul(self.n_whole, INDEX(LANES))
        self._new = last_lanes(builder, builder.sub(self._width, self.covered))

    def at(self, j: Any) -> list[Any]:
        """Return elements j to j + LANES of each row, and ask for their cache lines in the rows to come and nearby."""
        self._ask(j)
        return [load(self._builder, self._data, self._builder.add(start, j)) for start in self._starts]

    def last(self) -> list[Any]:
        """Return the last vector of each row, zero where `at` covers it; ask for the lines of those to come."""
        builder = self._builder
        self._ask(self.covered)
        self._ask(builder.sub(self._width, INDEX(1)))
        first = builder.sub(self._width, INDEX(LANES))
        found = [load(builder, self._data, builder.add(start, first)) for start in self._starts]
        return [builder.select(self._new, x, constant(0.0)) for x in found]

    def _ask(self, j: Any) -> None:
        builder = self._builder
        for level, starts in ((1, self._nearby), (2, self._asked)):
            for start in starts:
                prefetch(builder, address_of(builder, self._data, builder.add(start, j)), level)


def _check(X: Any, rows: Any) -> None:
    """Refuse what would be read wrongly: other numbers, another order, another number of rows."""
    if X.dtype != types.float64 or X.ndim != 2 or X.layout != "C" or len(rows) != ROWS:  # noqa: PLR2004  (a matrix)
        message = f"X is {X} with {len(rows)} rows at a time, where float64 in C order and {ROWS} rows must be."
        raise TypingError(message)


def _sums(builder: Any, vectors: list[Any]) -> Any:
    """Return the sums of the lanes of four vectors, as one vector of four."""

    def folded(a: Any, b: Any, block: int) -> Any:
        """Return neighbouring blocks of lanes added, those of a and b in turns."""
        first = [k + i for start in range(0, LANES, 2 * block) for k in (start, LANES + start) for i in range(block)]
        return builder.fadd(shuffle(builder, a, b, first), shuffle(builder, a, b, [lane + block for lane in first]))

    a, b, c, d = vectors
    total, width = folded(folded(a, b, 1), folded(c, d, 1), 2), LANES
    while width > ROWS:
        width //= 2
        halves = (shuffle(builder, total, total, list(range(start, start + width))) for start in (0, width))
        total = builder.fadd(*halves)
    return total


@intrinsic
def write_steps(
    _context: Any,
    X: Any,
    rows: Any,
    asked: Any,
    nearby: Any,
    y: Any,
    w: Any,
    b: Any,
    rate: Any,
    count: Any,
    steps: Any,
    at: Any,
) -> Any:
    """Write rate (w.x + b - y) of the first `count` of ROWS rows, and zero for the others, into steps[at:at + ROWS].

    rows: as many indices; those beyond the count may be any.   asked: indices of rows to be asked for meanwhile in
    the second cache, with their targets.   nearby: likewise in the first, without.   w: packed.
    """
    _check(X, rows)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, indices, _, _, _, _, b, rate, count, _, at = arguments
        targets, factors, steps = (data_of(context, builder, signature, arguments, k) for k in (4, 5, 9))
        part = _Rows(context, builder, signature, arguments)
        last = load(builder, factors, part.covered)
        starts = [builder.fmul(x, last) for x in part.last()]

        def add(v: Any, sums: list[Any]) -> list[Any]:
            j = builder.mul(v, INDEX(LANES))
            factor = load(builder, factors, j)
            return [fused_multiply_add(builder, x, factor, total) for x, total in zip(part.at(j), sums, strict=True)]

        products = _sums(builder, loop(builder, part.n_whole, starts, add))
        wanted = ir.Constant(_FOUR, ir.Undefined)
        for k in range(ROWS):
            target = builder.load(builder.gep(targets, [builder.extract_value(indices, k)]))
            wanted = builder.insert_element(wanted, target, INDEX(k))
        residuals = builder.fadd(products, builder.fsub(repeat(builder, b, ROWS), wanted))
        found = builder.fmul(residuals, repeat(builder, rate, ROWS))
        lanes = ir.Constant(ir.VectorType(INDEX, ROWS), list(range(ROWS)))
        within = builder.icmp_signed("<", lanes, repeat(builder, count, ROWS))
        found = builder.select(within, found, ir.Constant(_FOUR, [0.0] * ROWS))
        builder.store(found, vector_at(builder, steps, at, _FOUR), align=8)
        return context.get_dummy_value()

    scalars = types.float64, types.float64, types.intp
    return types.void(X, rows, asked, nearby, y, w, *scalars, steps, types.intp), generate


@intrinsic
def subtract_rows(
    _context: Any, X: Any, rows: Any, asked: Any, nearby: Any, y: Any, steps: Any, at: Any, w: Any
) -> Any:
    """Subtract from packed w the sum of ROWS rows of X times steps[at:at + ROWS]; return the sum of those steps.

    rows: as many indices.   asked, nearby: as in write_steps, with the targets in y.
    """
    _check(X, rows)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        at = arguments[6]
        steps, w = (data_of(context, builder, signature, arguments, k) for k in (5, 7))
        part = _Rows(context, builder, signature, arguments)
        own = [builder.load(builder.gep(steps, [builder.add(at, INDEX(k))])) for k in range(ROWS)]
        factors = [broadcast(builder, step) for step in own]

        def subtract(j: Any, xs: list[Any]) -> None:
            first, second = (  # w itself is added last: the next rows wait for it
                fused_multiply_add(builder, xs[k + 1], factors[k + 1], builder.fmul(xs[k], factors[k])) for k in (0, 2)
            )
            store(builder, builder.fsub(load(builder, w, j), builder.fadd(first, second)), w, j)

        def round_of(v: Any, _: list[Any]) -> list[Any]:
            j = builder.mul(v, INDEX(LANES))
            subtract(j, part.at(j))
            return []

        subtract(part.covered, part.last())
        loop(builder, part.n_whole, [], round_of)
        return builder.fadd(builder.fadd(own[0], own[1]), builder.fadd(own[2], own[3]))

    return types.float64(X, rows, asked, nearby, y, steps, types.intp, w), generate
