"""Products of few columns of [X y 1], all pairs of which are summed in registers: one loop over the rows.

Two vectors hold a row of [X y 1], and some twenty registers the sums over many rows. So nothing is packed but the row
at hand: it is shifted and put into a short ring in memory; one round later its columns are broadcast from there and
multiplied with its vectors. Of a block of columns with itself the first half needs the first half of the lanes only,
and products with the column of ones are additions.
"""
# ruff: noqa: ARG001  (an intrinsic names its arguments, and takes their types and values all at once)

from collections.abc import Iterator
from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.core.errors import TypingError
from numba.extending import intrinsic

from lrbench.regression.vectors import (
    HALF,
    INDEX,
    LANES,
    address_of,
    broadcast,
    constant,
    data_of,
    load,
    loop,
    prefetch,
    shuffle,
    store,
    vector_at,
)

MOST_COLUMNS = 2 * LANES  # of [X y 1]: their sums fill two thirds of the registers
LEAST_COLUMNS = 5
_ROWS = 8  # in the ring, a power of two
RING = _ROWS * MOST_COLUMNS  # doubles that it takes
_AHEAD = 4096  # bytes between the row at hand and the one that is asked for
_LINE_BYTES, _DOUBLE_BYTES = 64, 8
_CONTRACT = ("contract",)  # lets LLVM fuse where the processor can, and only there


class _Place(NamedTuple):
    """One vector of sums: a column of the row's block `row`, against the vector of its block `block`."""

    row: int
    column: int
    block: int
    lanes: int

    @property
    def sums(self) -> int:
        """Where the blocks of the lower triangle hold it."""
        return ((self.row * (self.row + 1) // 2 + self.block) * LANES + self.column) * LANES


def _places(n_columns: int) -> Iterator[_Place]:
    for j in range(n_columns):
        row, column = divmod(j, LANES)
        for block in range(row + 1):
            yield _Place(row, column, block, HALF if block == row and column < HALF else LANES)


def _head(builder: Any, vector: Any, lanes: int) -> Any:
    return vector if lanes == LANES else shuffle(builder, vector, vector, range(lanes))


class _Rows:
    """The rows of [X y 1], of which X has so many columns but two."""

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Any, n_columns: int) -> None:
        """Take the kernel's arguments."""
        self._builder, self._n_features = builder, n_columns - 2
        self._n_blocks = -(-n_columns // LANES)
        _, _, self._step, self._first, *_ = arguments
        self._element = signature.args[0].dtype
        self._x, self._y, shift, self._ring = (data_of(context, builder, signature, arguments, k) for k in (0, 1, 5, 6))
        self._shifts = [load(builder, shift, INDEX(block * LANES)) for block in range(self._n_blocks)]

    def put(self, i: Any) -> list[Any]:
        """Return the vectors of row i, shifted, and put them into the ring; ask for a row to come."""
        builder = self._builder
        row = builder.add(self._first, i)
        start = builder.mul(row, self._step)
        target = broadcast(builder, builder.load(builder.gep(self._y, [row])))
        found = []
        for block, shift in enumerate(self._shifts):
            x = load(builder, self._x, builder.add(start, INDEX(block * LANES)), self._element)
            mixed = builder.select(self._lanes(block, "=="), target, x)
            shifted = builder.select(self._lanes(block, ">"), constant(1.0), builder.fsub(mixed, shift))
            store(builder, shifted, self._ring, builder.add(self._slot(i), INDEX(block * LANES)))
            found.append(shifted)
        ahead = builder.add(address_of(builder, self._x, start), INDEX(_AHEAD))
        for distance in range(0, self._n_features * _DOUBLE_BYTES, _LINE_BYTES):
            prefetch(builder, builder.add(ahead, INDEX(distance)))
        return found

    def column(self, i: Any, j: int) -> Any:
        """Return a vector of column j of row i, from the ring."""
        builder = self._builder
        return broadcast(builder, builder.load(builder.gep(self._ring, [builder.add(self._slot(i), INDEX(j))])))

    def _slot(self, i: Any) -> Any:
        return self._builder.mul(self._builder.and_(i, INDEX(_ROWS - 1)), INDEX(MOST_COLUMNS))

    def _lanes(self, block: int, relation: str) -> Any:
        """Return the mask of a block's columns that are y (==), or behind it (>)."""
        columns = [block * LANES + lane for lane in range(LANES)]
        kept = [j == self._n_features if relation == "==" else j > self._n_features for j in columns]
        return ir.Constant(ir.VectorType(ir.IntType(1), LANES), kept)


def _emit(builder: Any, rows: _Rows, n_columns: int, height: Any, sums: Any) -> None:
    """Emit the loop over the rows of so many columns."""
    places = list(_places(n_columns))
    n_blocks = places[-1].row + 1

    def step(i: Any, values: list[Any]) -> list[Any]:
        vectors, totals = values[:n_blocks], values[n_blocks:]
        following = rows.put(builder.add(i, INDEX(1)))
        results = []
        for place, total in zip(places, totals, strict=True):
            term = _head(builder, vectors[place.block], place.lanes)
            j = place.row * LANES + place.column
            if j < n_columns - 1:  # otherwise it is the column of ones
                factor = _head(builder, rows.column(i, j), place.lanes)
                term = builder.fmul(factor, term, flags=_CONTRACT)
            results.append(builder.fadd(total, term, flags=_CONTRACT))
        return [*following, *results]

    starts = [*rows.put(INDEX(0)), *(constant(0.0, place.lanes) for place in places)]
    for place, total in zip(places, loop(builder, height, starts, step)[n_blocks:], strict=True):
        pointer = vector_at(builder, sums, INDEX(place.sums), total.type)
        builder.store(builder.fadd(builder.load(pointer, align=8), total), pointer, align=8)


@intrinsic
def add_narrow(
    _context: Any, x: Any, y: Any, step: Any, first: Any, height: Any, shift: Any, ring: Any, n_columns: Any, sums: Any
) -> Any:
    """Add to the blocks of the lower triangle the products of `height` rows of [z_X z_y 1], z = value - shift.

    sums: LEAST_COLUMNS <= n_columns <= MOST_COLUMNS of them, as `triangle` lays them out.   ring: RING doubles.
    Row i of X is x[(first + i) step:], and what lies behind it is read too: whole vectors, of one row more than are
    added. x of floats of 4 or 8 bytes.   shift: MOST_COLUMNS doubles.
    """
    if any(array.ndim != 1 or array.layout != "C" for array in (x, y, shift, ring, sums)) or y.dtype != types.float64:
        message = f"X's elements are {x}, y {y}: both must lie without gaps, y as float64."
        raise TypingError(message)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        height, n_columns = arguments[4], arguments[7]
        sums = data_of(context, builder, signature, arguments, 8)
        done = builder.append_basic_block("done")
        switch = builder.switch(n_columns, done)
        for count in range(LEAST_COLUMNS, MOST_COLUMNS + 1):
            case = builder.append_basic_block("columns")
            switch.add_case(INDEX(count), case)
            builder.position_at_end(case)
            _emit(builder, _Rows(context, builder, signature, arguments, count), count, height, sums)
            builder.branch(done)
        builder.position_at_end(done)
        return context.get_dummy_value()

    i = types.intp
    return types.void(x, y, i, i, i, shift, ring, i, sums), generate
