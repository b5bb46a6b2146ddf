"""The loops that find this machine's ceilings: read, add, add with streaming stores; compiled, one chunk a thread.

Each repeats its pass inside the thread, so that neither a call nor a barrier stands between two passes, and each
thread works on the same chunk throughout, as its share of a cache then is its own.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, prange, types
from numba.extending import intrinsic
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LANES = 8  # float64 in one cache line of 64 bytes: what a streaming store should fill at once
_LINE_BYTES = 64

serial = njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
parallel = njit(cache=True, nogil=True, parallel=True)


@intrinsic
def _add_line_streaming(_context: Any, a: Any, b: Any, c: Any, i: Any) -> Any:
    """Write a[i:i+8] + b[i:i+8] past the caches into c[i:i+8], which must begin a cache line."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        line = ir.VectorType(ir.DoubleType(), LANES)

        def pointer(k: int) -> Any:
            array = context.make_array(signature.args[k])(context, builder, arguments[k])
            return builder.bitcast(builder.gep(array.data, [arguments[3]]), line.as_pointer())

        total = builder.fadd(builder.load(pointer(0), align=8), builder.load(pointer(1), align=8))
        store = builder.store(total, pointer(2), align=_LINE_BYTES)
        store.set_metadata("nontemporal", builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)]))
        return context.get_dummy_value()

    return types.void(a, b, c, i), generate


@intrinsic
def _fence(_context: Any) -> Any:
    """Wait until streaming stores are seen by everyone."""

    def generate(context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), generate


@serial
def read_part(a: Floats, passes: int) -> float:
    """Return the sum of a, taken `passes` times, on this thread."""
    total = 0.0
    for _ in range(passes):
        for i in range(a.size):
            total += a[i]
    return total


@serial
def add_part(a: Floats, b: Floats, c: Floats, passes: int) -> None:
    """Write a + b into c, `passes` times, on this thread."""
    for _ in range(passes):
        for i in range(c.size):
            c[i] = a[i] + b[i]


@serial
def add_streaming_part(a: Floats, b: Floats, c: Floats, passes: int) -> None:
    """Write a + b past the caches into c, whole cache lines of it, `passes` times, on this thread."""
    for _ in range(passes):
        for i in range(0, c.size, LANES):
            _add_line_streaming(a, b, c, i)  # type: ignore[call-arg]  # the first argument is the compiler's
    _fence()  # type: ignore[call-arg]  # likewise


@parallel
def read(a: Floats, threads: int, passes: int) -> float:
    """Return the sum of a, taken `passes` times. 8 bytes an element and pass."""
    totals = np.zeros(threads)
    for thread in prange(threads):
        totals[thread] = read_part(a[thread * a.size // threads : (thread + 1) * a.size // threads], passes)
    return totals.sum()


@parallel
def add(a: Floats, b: Floats, c: Floats, threads: int, passes: int) -> None:
    """Write a + b into c, `passes` times, with ordinary stores. 24 bytes an element and pass."""
    for thread in prange(threads):
        start, end = thread * c.size // threads, (thread + 1) * c.size // threads
        add_part(a[start:end], b[start:end], c[start:end], passes)


@parallel
def add_streaming(a: Floats, b: Floats, c: Floats, threads: int, passes: int) -> None:
    """Write a + b into c, `passes` times, past the caches. The arrays hold whole cache lines, and c begins one."""
    lines = c.size // LANES
    for thread in prange(threads):
        start, end = thread * lines // threads * LANES, (thread + 1) * lines // threads * LANES
        add_streaming_part(a[start:end], b[start:end], c[start:end], passes)


def aligned(size: int) -> Floats:
    """Return an array of ones, touched, that begins a cache line."""
    raw = np.ones(size + LANES)
    offset = -(raw.ctypes.data // 8) % LANES
    return raw[offset : offset + size]
