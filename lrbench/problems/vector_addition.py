"""c = a + b: the documents' experiment, one coordinate at a time or at once."""

from typing import Literal

import numpy as np

from lrbench.problems import peers
from lrbench.registry import Implementation, Inputs, Problem, Reference, Work, dimensions

LISTS = "lrbench.vector_addition.python_loop:as_lists"
ARRAYS = "lrbench.vector_addition.python_loop:as_arrays"
OUTPUT = "lrbench.vector_addition.numpy_vectorized:with_output"


def make_vectors(size: str, seed: int) -> Inputs:
    """Return two vectors of normal random numbers; the documents add ones, which any constant would answer."""
    (n,) = dimensions(size)
    rng = np.random.default_rng(seed)
    return rng.standard_normal(n), rng.standard_normal(n)


def reference(inputs: Inputs) -> Reference:
    """Return the rounded sum and what rounding left of it, by Knuth's error-free transformation.

    Tolerance: none. An addition is correctly rounded, so its error against the exact sum is the tail, at most one
    unit roundoff of |a| + |b|.
    """
    a, b = inputs
    total = a + b
    part = total - a
    tail = (a - (total - part)) + (b - part)
    scale = np.maximum(np.abs(a) + np.abs(b), np.finfo(np.float64).tiny)
    return Reference((total,), (tail,), (scale,), tolerance=2.0**-53)


def least_work(size: str) -> Work:
    """One addition an element; two read, one written, 8 bytes each."""
    (n,) = dimensions(size)
    return Work(flops=n, size_bytes=24 * n)


def _python(name: str, function: str, *, convert: str = LISTS, ns_per_flop: float) -> Implementation:
    target = f"lrbench.vector_addition.python_loop:{function}"
    return Implementation(name, "addition", target, convert=convert, ns_per_flop=ns_per_flop)


def _compiled(name: str, function: str, *, convert: str = "", threads: Literal["one", "all"] = "one") -> Implementation:
    target = f"lrbench.vector_addition.numba_jit:{function}"
    return Implementation(name, "addition", target, requires=("numba",), convert=convert, threads=threads)


PROBLEM = Problem(
    name="vector_addition",
    title="c = a + b",
    version="1",
    sizes=("10", "100", "1000", "10000", "100000", "1000000", "10000000"),
    quick_size="10000",
    baseline="numpy_vectorized",
    make_data=make_vectors,
    make_inputs=lambda data, _seed: data,
    reference=reference,
    mirror_inputs=(-2.0, -2.0),
    mirror_answers=(-2.0,),
    least_work=least_work,
    traffic="add",
    implementations=(
        _python("python_loop", "add_by_index", ns_per_flop=40),
        _python("python_comprehension", "add_by_comprehension", ns_per_flop=30),
        _python("python_map", "add_by_map", ns_per_flop=40),
        _python("python_array_loop", "add_arrays_by_index", convert=ARRAYS, ns_per_flop=50),
        Implementation(
            "numpy_item_loop",
            "addition",
            "lrbench.vector_addition.numpy_vectorized:add_item_by_item",
            ns_per_flop=150,
        ),
        Implementation("numpy_vectorized", "addition", "lrbench.vector_addition.numpy_vectorized:add"),
        Implementation(
            "numpy_out",
            "addition",
            "lrbench.vector_addition.numpy_vectorized:add_into",
            convert=OUTPUT,
        ),
        _compiled("numba_jit", "add"),
        _compiled("numba_vectorize", "add_vectorized"),
        _compiled("numba_out", "add_into", convert=OUTPUT),
        Implementation(
            "numba_direct",
            "addition",
            "lrbench.vector_addition.numba_direct:add_into",
            requires=("numba",),
            convert=OUTPUT,
        ),
        _compiled("numba_streaming", "add_streaming", convert=OUTPUT),
        _compiled("numba_parallel", "add_parallel", threads="all"),
        _compiled("numba_out_parallel", "add_into_parallel", convert=OUTPUT, threads="all"),
        _compiled("numba_streaming_parallel", "add_streaming_parallel", convert=OUTPUT, threads="all"),
        *peers.VECTOR_ADDITION,
    ),
)
