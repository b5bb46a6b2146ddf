"""f(x) = x: what one call costs that computes nothing, with the driver that times it. No figure can be below it."""

import numpy as np

from lrbench.registry import Implementation, Inputs, Problem, Reference, Work


def make_number(_size: str, seed: int) -> Inputs:
    """Return one random number, which no remembered answer would be."""
    return (float(np.random.default_rng(seed).standard_normal()),)


def reference(inputs: Inputs) -> Reference:
    """Return the number itself. Tolerance: none, nothing is computed."""
    (x,) = inputs
    return Reference((np.array(x),), (np.array(0.0),), (np.array(abs(x)),), tolerance=0.0)


PROBLEM = Problem(
    name="empty_call",
    title="f(x) = x: what a call costs, and the loop that times it",
    version="1",
    sizes=("1",),
    quick_size="1",
    sizes_are_free=False,
    baseline="python",
    make_data=make_number,
    make_inputs=lambda data, _seed: data,
    reference=reference,
    mirror_inputs=(-2.0,),
    mirror_answers=(-2.0,),
    least_work=lambda _size: Work(flops=0.0, size_bytes=0.0),
    implementations=(
        Implementation("python", "nothing", "lrbench.empty_call.python:identity"),
        Implementation("numba_jit", "nothing", "lrbench.empty_call.numba_jit:identity", requires=("numba",)),
    ),
)
