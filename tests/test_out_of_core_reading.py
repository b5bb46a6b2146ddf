"""Blocks side by side: in order, never more at a time than asked for, and ended with the iteration."""

import threading

import pytest

from lrbench.out_of_core.reading import in_order


def test_calls_run_side_by_side_and_come_in_order():
    both = threading.Barrier(2)  # passed only if two calls wait at it at once

    def call(k):
        both.wait(10)
        return k

    assert list(in_order(call, 8, 2)) == list(range(8))


def test_what_a_call_raises_comes_in_its_turn_and_ends_the_rest():
    begun = []

    def call(k):
        begun.append(k)
        if k == 5:
            message = "five"
            raise ValueError(message)
        return k

    found = in_order(call, 1000, 2)
    assert [next(found) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="five"):
        next(found)
    assert len(begun) < 20


def test_threads_end_with_the_iteration():
    before = threading.active_count()
    found = in_order(str, 1000, 3)
    assert next(found) == "0"
    found.close()
    assert threading.active_count() == before


def test_each_thread_holds_one_block_and_few_results_wait():
    held, most, lock = 0, 0, threading.Lock()

    class Value:
        def __init__(self, _k):
            nonlocal held, most
            with lock:
                held += 1
                most = max(most, held)

        def __del__(self):
            nonlocal held
            with lock:
                held -= 1

    def call(k):
        Value(k)  # a block, gone when its call is over

    for _ in in_order(call, 200, 3):
        pass
    assert most <= 3
    most = 0
    for value in in_order(Value, 200, 3):  # results, of which two for each thread wait
        assert value
        del value
    assert most <= 7
