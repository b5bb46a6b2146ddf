"""Residuals and sums of products along samples, in vector instructions written out, by biased sums.

A panel holds some rows of X, transposed: column after column, `pitch` doubles apart, so that a vector is a column's
share of LANES neighbouring samples. What a biased sum is, and when one may be used, stands in `corrections`; here every
product is added by a fused multiply-add, and the rest of that addition by a second one. Strict: none is reassociated.
"""
# ruff: noqa: ARG001  (an intrinsic names its arguments, and takes their types and values all at once)

from typing import Any

from numba import types
from numba.extending import intrinsic

from lrbench.regression.vectors import (
    INDEX,
    LANES,
    broadcast,
    data_of,
    fused_multiply_add,
    load,
    loop,
    prefetch,
    store,
    transposed,
)

VECTORS = 4  # whose sums run side by side: an addition waits for the one before, not for its neighbours
GROUP = VECTORS * LANES  # samples that they hold


def _add_product(builder: Any, x: Any, high: Any, low: Any, sums: tuple[Any, Any]) -> tuple[Any, Any]:
    """Return a biased sum and its rest after x (high + low) has been added."""
    before, rest = sums
    total = fused_multiply_add(builder, x, high, before)
    lost = fused_multiply_add(builder, x, high, builder.fsub(before, total))
    return total, builder.fadd(fused_multiply_add(builder, x, low, rest), lost)


@intrinsic
def transpose_rows(
    _context: Any,
    x: Any,
    source: Any,
    step: Any,
    factor: Any,
    first: Any,
    panel: Any,
    target: Any,
    pitch: Any,
    n_columns: Any,
) -> Any:
    """Write neighbouring elements of each of LANES rows of x, times factors, into as many columns of a panel.

    panel[target + l pitch + r] = x[source + r step + l] factor[first + l]   for l < n_columns at least, l < LANES

    x of floats of 4 or 8 bytes; its elements are counted as they lie in memory, whatever its dimensions.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, source, step, _, first, _, target, pitch, n_columns = arguments
        x_data, factors, panel = (data_of(context, builder, signature, arguments, k) for k in (0, 3, 5))
        factor = load(builder, factors, first)
        places = [builder.add(source, builder.mul(step, INDEX(k))) for k in range(LANES)]
        rows = [builder.fmul(load(builder, x_data, at, signature.args[0].dtype), factor) for at in places]
        whole, done = builder.append_basic_block("whole"), builder.append_basic_block("done")
        switch = builder.switch(n_columns, whole)
        for most in (2, LANES):
            case = builder.append_basic_block("few") if most < LANES else whole
            for count in range(most - 1, most + 1) if most < LANES else ():
                switch.add_case(INDEX(count), case)
            builder.position_at_end(case)
            for k, column in enumerate(transposed(builder, list(rows))[:most]):
                store(builder, column, panel, builder.add(target, builder.mul(pitch, INDEX(k))))
            builder.branch(done)
        builder.position_at_end(done)
        return context.get_dummy_value()

    i = types.intp
    return types.void(x, i, i, factor, i, panel, i, i, i), generate


@intrinsic
def subtract_products(
    _context: Any, panel: Any, at: Any, pitch: Any, n_columns: Any, v_high: Any, v_low: Any, high: Any, low: Any
) -> Any:
    """Subtract from GROUP biased sums the products of n_columns >= 1 columns of a panel with coefficients.

    (high + low)[at + i] -= sum_j panel[j pitch + at + i] (v_high + v_low)[j]   for i < GROUP
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, at, pitch, n_columns, *_ = arguments
        panel, v_high, v_low, high, low = (data_of(context, builder, signature, arguments, k) for k in (0, 4, 5, 6, 7))
        places = [builder.add(at, INDEX(v * LANES)) for v in range(VECTORS)]

        def step(j: Any, sums: list[Any]) -> list[Any]:
            first = builder.mul(j, pitch)
            factor, rest = (
                broadcast(builder, builder.fneg(builder.load(builder.gep(part, [j])))) for part in (v_high, v_low)
            )
            results: list[Any] = []
            for v, place in enumerate(places):
                x = load(builder, panel, builder.add(first, place))
                results += _add_product(builder, x, factor, rest, (sums[2 * v], sums[2 * v + 1]))
            return results

        starts = [load(builder, data, place) for place in places for data in (high, low)]
        sums = loop(builder, n_columns, starts, step)
        for v, place in enumerate(places):
            store(builder, sums[2 * v], high, place)
            store(builder, sums[2 * v + 1], low, place)
        return context.get_dummy_value()

    i = types.intp
    return types.void(panel, i, i, i, v_high, v_low, high, low), generate


@intrinsic
def add_products(
    _context: Any,
    panel: Any,
    source: Any,
    n_groups: Any,
    high: Any,
    low: Any,
    sums: Any,
    rests: Any,
    at: Any,
    ahead: Any,
) -> Any:
    """Add to GROUP biased sums the products of n_groups >= 1 groups of a panel's column with residuals.

    (sums + rests)[at + i] += sum_g panel[source + g GROUP + i] (high + low)[g GROUP + i]   for i < GROUP

    Meanwhile the cache is asked for as many bytes, from the address `ahead` on, as of the column are read.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, source, n_groups, _, _, _, _, at, ahead = arguments
        panel, high, low, sums, rests = (data_of(context, builder, signature, arguments, k) for k in (0, 3, 4, 5, 6))
        places = [builder.add(at, INDEX(v * LANES)) for v in range(VECTORS)]

        def step(g: Any, parts: list[Any]) -> list[Any]:
            first = builder.mul(g, INDEX(GROUP))
            results: list[Any] = []
            for v in range(VECTORS):
                place = builder.add(first, INDEX(v * LANES))
                x = load(builder, panel, builder.add(source, place))
                residual, rest = load(builder, high, place), load(builder, low, place)
                results += _add_product(builder, x, residual, rest, (parts[2 * v], parts[2 * v + 1]))
                prefetch(builder, builder.add(ahead, builder.mul(place, INDEX(8))))
            return results

        starts = [load(builder, data, place) for place in places for data in (sums, rests)]
        parts = loop(builder, n_groups, starts, step)
        for v, place in enumerate(places):
            store(builder, parts[2 * v], sums, place)
            store(builder, parts[2 * v + 1], rests, place)
        return context.get_dummy_value()

    i = types.intp
    return types.void(panel, i, i, high, low, sums, rests, i, i), generate
