"""Every way to add two vectors gives each sum correctly rounded, and changes nothing else."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrbench.vector_addition import numba_jit, numpy_vectorized, python_loop

IMPLEMENTATIONS = {
    "add_by_index": (python_loop.add_by_index, python_loop.as_lists),
    "add_by_comprehension": (python_loop.add_by_comprehension, python_loop.as_lists),
    "add_by_map": (python_loop.add_by_map, python_loop.as_lists),
    "add_arrays_by_index": (python_loop.add_arrays_by_index, python_loop.as_arrays),
    "add_item_by_item": (numpy_vectorized.add_item_by_item, tuple),
    "add": (numpy_vectorized.add, tuple),
    "add_into": (numpy_vectorized.add_into, numpy_vectorized.with_output),
    "numba add": (numba_jit.add, tuple),
    "numba add_parallel": (numba_jit.add_parallel, tuple),
    "numba add_vectorized": (numba_jit.add_vectorized, tuple),
    "numba add_into": (numba_jit.add_into, numpy_vectorized.with_output),
    "numba add_into_parallel": (numba_jit.add_into_parallel, numpy_vectorized.with_output),
    "numba add_streaming": (numba_jit.add_streaming, numpy_vectorized.with_output),
    "numba add_streaming_parallel": (numba_jit.add_streaming_parallel, numpy_vectorized.with_output),
}
INTO_A_GIVEN_OUTPUT = sorted(
    name for name, (_, convert) in IMPLEMENTATIONS.items() if convert is numpy_vectorized.with_output
)
FLOATS = st.floats(-1e300, 1e300)  # a sum stays below overflow


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
@given(pairs=st.lists(st.tuples(FLOATS, FLOATS), max_size=40))
@settings(deadline=None, max_examples=40)
def test_each_sum_is_the_exact_one_rounded_once(name, pairs):
    add, convert = IMPLEMENTATIONS[name]
    a, b = np.array(pairs).reshape(-1, 2).T.copy()
    answer = np.asarray(add(*convert((a, b))))
    assert answer.shape == a.shape
    # Converting a fraction to a float rounds to nearest, ties to even, as IEEE 754 addition does.
    assert answer.tolist() == [float(Fraction(x) + Fraction(y)) for x, y in pairs]


@pytest.mark.parametrize("n", [0, 1, 7, 10_001])
@pytest.mark.parametrize("name", IMPLEMENTATIONS)
def test_every_element_is_written_and_no_argument_is_changed(name, n):
    add, convert = IMPLEMENTATIONS[name]
    a, b = np.arange(n, dtype=np.float64), np.full(n, 0.5)
    arguments = convert((a, b))
    answer = add(*arguments)
    # Halves of whole numbers this small are exact.
    assert np.asarray(answer).tolist() == [i + 0.5 for i in range(n)]
    assert list(arguments[0]) == list(range(n))
    assert list(arguments[1]) == [0.5] * n
    assert answer is not arguments[0]
    assert answer is not arguments[1]


@pytest.mark.parametrize("name", sorted(set(IMPLEMENTATIONS) - set(INTO_A_GIVEN_OUTPUT)))
def test_a_second_call_returns_a_second_array(name):
    add, convert = IMPLEMENTATIONS[name]
    arguments = convert((np.ones(3), np.ones(3)))
    first = add(*arguments)
    assert add(*arguments) is not first


@pytest.mark.parametrize("name", INTO_A_GIVEN_OUTPUT)
def test_the_given_output_is_what_returns(name):
    add, convert = IMPLEMENTATIONS[name]
    arguments = convert((np.ones(3), np.ones(3)))
    assert np.shares_memory(add(*arguments), arguments[2])


@pytest.mark.parametrize("n", [1, 7, 8, 9, 40])
@pytest.mark.parametrize("offset", range(9))
@pytest.mark.parametrize("name", INTO_A_GIVEN_OUTPUT)
def test_an_output_may_begin_anywhere_in_a_cache_line_and_nothing_beside_it_is_written(name, offset, n):
    a, b, around = np.arange(n, dtype=np.float64), np.full(n, 0.5), np.full(n + 20, -1.0)
    IMPLEMENTATIONS[name][0](a, b, around[offset : offset + n])
    assert around[offset : offset + n].tolist() == [i + 0.5 for i in range(n)]
    assert around[:offset].tolist() + around[offset + n :].tolist() == [-1.0] * 20


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("n", [0, 1, 2, 50])
def test_the_parts_of_threads_make_the_whole(monkeypatch, n, threads):
    monkeypatch.setattr(numba_jit.numba, "get_num_threads", lambda: threads)
    a, b, out = numpy_vectorized.with_output((np.arange(n, dtype=np.float64), np.full(n, 0.5)))
    assert numba_jit.add_streaming_parallel(a, b, out).tolist() == [i + 0.5 for i in range(n)]


def test_an_output_starts_as_nan():
    a, b, out = numpy_vectorized.with_output((np.ones(3), np.ones(3)))
    assert np.isnan(out).all()
    assert a.tolist() == b.tolist() == [1.0] * 3
