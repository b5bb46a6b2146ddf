"""Vector addition by loops that numba compiles. Arithmetic: strict."""

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import njit, prange, types, vectorize
from numba.extending import intrinsic
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LINE = 8  # float64 in one cache line of 64 bytes: what a streaming store should fill at once

serial = njit(cache=True, nogil=True)
parallel = njit(cache=True, nogil=True, parallel=True)


@serial
def add(a: Floats, b: Floats) -> Floats:
    """Return a + b as a new array, by one loop that the compiler vectorises.

    a, b: (n,).
    Work: n flops, 24 bytes moved an element, and at large n the operating system's work for fresh memory.
    """
    c = np.empty_like(a)
    for i in range(len(a)):
        c[i] = a[i] + b[i]
    return c


@parallel
def add_parallel(a: Floats, b: Floats) -> Floats:
    """Return a + b as a new array, by a loop shared out over all of numba's threads.

    a, b: (n,).
    Work: n flops, 24 bytes moved an element, and microseconds to wake the threads and wait for the last.
    """
    c = np.empty_like(a)
    for i in prange(len(a)):
        c[i] = a[i] + b[i]
    return c


@vectorize(cache=True)  # type: ignore[no-untyped-call]  # numba is untyped
def add_vectorized(x: float, y: float) -> float:
    """Return a + b as a new array: numba makes a ufunc of the sum of two numbers.

    a, b: (n,).
    Work: as add.
    """
    return x + y


@serial
def _add_into(a: Floats, b: Floats, out: Floats) -> None:
    for i in range(len(out)):
        out[i] = a[i] + b[i]


def add_into(a: Floats, b: Floats, out: Floats) -> Floats:
    """Write a + b into out, by one loop that the compiler vectorises, and return out.

    The loop itself returns nothing: an array that compiled code returns is wrapped anew, which takes 0.2 us.

    a, b, out: (n,).
    Work: n flops, 24 bytes moved an element; beyond the caches 32, as an ordinary store reads the line it writes to.
    """
    _add_into(a, b, out)
    return out


@intrinsic
def _add_line_streaming(_context: Any, a: Any, b: Any, out: Any, i: Any) -> Any:
    """Write a[i:i+8] + b[i:i+8] past the caches into out[i:i+8], which must begin a cache line."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        line = ir.VectorType(ir.DoubleType(), LINE)

        def pointer(k: int) -> Any:
            array = context.make_array(signature.args[k])(context, builder, arguments[k])
            return builder.bitcast(builder.gep(array.data, [arguments[3]]), line.as_pointer())

        total = builder.fadd(builder.load(pointer(0), align=8), builder.load(pointer(1), align=8))
        store = builder.store(total, pointer(2), align=8 * LINE)
        store.set_metadata("nontemporal", builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)]))
        return context.get_dummy_value()

    return types.void(a, b, out, i), generate


@intrinsic
def _fence(_context: Any) -> Any:
    """Wait until streaming stores are seen by everyone."""

    def generate(context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), generate


@serial
def _add_streaming(a: Floats, b: Floats, out: Floats) -> None:
    n = len(out)
    head = min(n, -(out.ctypes.data // 8) % LINE)
    end = n - (n - head) % LINE
    for i in range(head):
        out[i] = a[i] + b[i]
    for i in range(head, end, LINE):
        _add_line_streaming(a, b, out, i)  # type: ignore[call-arg]  # the first argument is the compiler's
    for i in range(end, n):
        out[i] = a[i] + b[i]
    _fence()  # type: ignore[call-arg]  # likewise


def add_streaming(a: Floats, b: Floats, out: Floats) -> Floats:
    """Write a + b into out past the caches, and return out; the ends that fill no cache line are stored as usual.

    a, b, out: (n,), out at any multiple of 8 bytes.
    Work: n flops, 24 bytes moved an element. Worth it where out does not fit the caches: a reader of a shorter one
    then waits for memory.
    """
    _add_streaming(a, b, out)
    return out


@parallel
def _add_streaming_parallel(a: Floats, b: Floats, out: Floats, threads: int) -> None:
    for thread in prange(threads):
        start, end = thread * len(out) // threads, (thread + 1) * len(out) // threads
        _add_streaming(a[start:end], b[start:end], out[start:end])


def add_streaming_parallel(a: Floats, b: Floats, out: Floats) -> Floats:
    """Write a + b into out past the caches, in one piece for each of numba's threads, and return out.

    a, b, out: (n,), out at any multiple of 8 bytes.
    Work: as add_streaming, and microseconds to wake the threads and wait for the last.
    """
    _add_streaming_parallel(a, b, out, numba.get_num_threads())
    return out


@parallel
def _add_into_parallel(a: Floats, b: Floats, out: Floats) -> None:
    for i in prange(len(out)):
        out[i] = a[i] + b[i]


def add_into_parallel(a: Floats, b: Floats, out: Floats) -> Floats:
    """Write a + b into out, by a loop shared out over all of numba's threads, and return out.

    a, b, out: (n,).
    Work: as add_into, and microseconds to wake the threads and wait for the last.
    """
    _add_into_parallel(a, b, out)
    return out
