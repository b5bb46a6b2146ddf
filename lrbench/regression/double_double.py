"""Arithmetic in twice float64's precision: values that are unevaluated sums of two float64.

high + low holds about 106 bits. A sum or product of float64 is split without error into its rounded value and the
rest; what is called a pair keeps both. Functions of numbers or arrays are NumPy's when called from Python, and compiled
into what is compiled, strictly: a reassociated double-double is a plain double.

Sources: T. J. Dekker, "A floating-point technique for extending the available precision" (1971); D. E. Knuth, "The Art
of Computer Programming", volume 2, theorem 4.2.2.C; T. Ogita, S. M. Rump and S. Oishi, "Accurate sum and dot product"
(2005), algorithms 3.1 to 3.5.
"""

from typing import Any, TypeAlias

import numpy as np
from numba import types
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic
from numpy.typing import NDArray

from lrbench.regression.compilation import compilable, strict

Floats: TypeAlias = NDArray[np.float64]
Pair: TypeAlias = tuple[Floats, Floats]  # high parts, low parts

UNIT = 2.0**-53  # the largest relative error of one rounding
SPLIT = 134217729.0  # 2^27 + 1 cuts a float64 into two halves of 26 bits (Dekker)
# How products are split: None, with a fused multiply-add; SPLIT where the processor has none, and LLVM would call a
# slow function instead.
SPLITTER = None if {"+fma", "+neon"} & set(get_host_cpu_features().split(",")) else SPLIT  # type: ignore[no-untyped-call]  # numba is untyped here


def _fused_multiply_add(_context: Any, a: Any, b: Any, c: Any) -> Any:
    """Return a b + c, rounded once."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return types.float64(a, b, c), generate


fused_multiply_add: Any = intrinsic(_fused_multiply_add)  # numba fills in the context


@compilable
def two_sum(a: Any, b: Any) -> Any:
    """Return a + b as its rounded value and the exact rest. Of numbers or of arrays (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


@compilable
def two_product(a: Any, b: Any) -> Any:
    """Return a b as its rounded value and the exact rest, by halves of a and b. Of numbers or of arrays (Dekker).

    Exact for |a|, |b| below 1e300 and |a b| between 1e-290 and 1e300, or 0.
    """
    product = a * b
    scaled = SPLIT * a
    a_high = scaled - (scaled - a)
    a_low = a - a_high
    scaled = SPLIT * b
    b_high = scaled - (scaled - b)
    b_low = b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


@compilable
def add(high: Any, low: Any, other_high: Any, other_low: Any) -> Any:
    """Return the sum of two pairs as a pair, with a relative error of a few UNIT^2 of the larger."""
    total, rest = two_sum(high, other_high)
    return two_sum(total, rest + (low + other_low))


@compilable
def multiply(high: Any, low: Any, factor: Any) -> Any:
    """Return a pair times a float64 as a pair, with a relative error of a few UNIT^2."""
    product, rest = two_product(high, factor)
    return two_sum(product, rest + low * factor)


def total(high: Floats, low: Floats) -> tuple[float, float]:
    """Return the sum of pairs as a pair, halving their number until one is left."""
    while len(high) > 1:
        half = len(high) // 2
        rest = high[2 * half :], low[2 * half :]
        high, low = add(high[:half], low[:half], high[half : 2 * half], low[half : 2 * half])
        high, low = np.append(high, rest[0]), np.append(low, rest[1])
    return (float(high[0]), float(low[0])) if len(high) else (0.0, 0.0)


@strict
def compiled_product(a: float, b: float, splitter: float | None) -> tuple[float, float]:
    """Return a b and the exact rest. `splitter` is a type to the compiler: only one of the branches is compiled."""
    if splitter is None:
        product = a * b
        return product, fused_multiply_add(a, b, -product)
    return two_product(a, b)
