"""Blocks from a user's own iterables and functions: what is no block, and what is no source of them, is named."""

import numpy as np
import pytest
from block_files import blocks, make

import lrbench


def test_what_an_iterator_raises_names_the_block():
    def broken():
        yield from blocks(*make())[:2]
        message = "the tape tore"
        raise RuntimeError(message)

    with pytest.raises(lrbench.BadBlock, match="block 2: the tape tore"):
        lrbench.fit(broken())


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (
            np.ones((3, 4)),
            r"block 1 is an object of type ndarray, where a pair \(X, y\) must be\.",
        ),
        (None, "block 1 is None, where a pair"),
        ("ab", "block 1 is an object of type str, where a pair"),
        ((np.ones((3, 4)), np.ones(3), 0), "block 1 is a tuple of 3, where a pair"),
        ((np.ones((3, 4)), None), r"block 1: y: None, where an array of numbers must be\."),
        (([[1.0, 2.0], [3.0]], np.ones(2)), r"block 1: X: a list that is no array .* Give rows of one length"),
        ((np.ones((3, 5)), np.ones(3)), "block 1: 5 columns where the blocks before have 4"),
        ((np.ones((3, 4)), np.ones(4)), r"block 1: X of shape \(3, 4\) and y of shape \(4,\)"),
        ((np.ones((3, 4), dtype=complex), np.ones(3)), "block 1: X: complex128 values"),
        ((np.ones(3), np.ones(3)), r"block 1: X of shape \(3,\)"),
    ],
)
def test_what_is_no_block_is_named(block, message):
    with pytest.raises(lrbench.BadBlock, match=message) as raised:
        lrbench.fit([blocks(*make())[0], block])
    assert raised.value.block == 1


def test_two_arrays_in_place_of_blocks_are_told_how_to_be_given():
    with pytest.raises(lrbench.BadBlock, match=r"block 0 is an object of type ndarray, .* is given as \[\(X, y\)\]\."):
        lrbench.fit(lambda: make(50))


def no_answer():
    """Return nothing, as a function does whose author forgot to yield."""


def number():
    return 3


def not_ready():
    message = "no tape"
    raise OSError(message)


def of_a_folder(folder):
    return [folder]


class Unready:
    def __iter__(self):
        return not_ready()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (no_answer, r"the function no_answer gives None, where an iterable .* Yield them or return them in a list\."),
        (number, "the function number gives an object of type int, where an iterable"),
        (not_ready, "the function not_ready fails before its first block: OSError: no tape. It is asked, without arg"),
        (of_a_folder, "the function of_a_folder fails before its first block: TypeError: .*missing 1 required"),
        (Unready(), "the Unready fails before its first block: OSError: no tape"),
    ],
)
def test_what_gives_no_blocks_is_named(source, message):
    with pytest.raises(lrbench.BadSource, match=message):
        lrbench.fit(source)


def test_a_function_and_y_are_one_too_many():
    with pytest.raises(lrbench.BadSource, match=r"y is given too\. Give X alone"):
        lrbench.fit(lambda: blocks(*make(50)), make(50)[1])


@pytest.mark.parametrize("source", [[], list, iter(())])
def test_no_blocks_are_no_data(source):
    with pytest.raises(lrbench.BadBlock, match="no blocks, so nothing to fit"):
        lrbench.fit(source)


def test_an_iterator_that_a_function_gives_again_is_found_exhausted():
    spent = iter(blocks(*make(50), 10))
    with pytest.raises(lrbench.BadSource, match=r"gives 0 rows in pass 2, where the first had 50\. Each pass must"):
        lrbench.fit(lambda: spent)


@pytest.mark.parametrize(
    ("later", "error", "message"),
    [
        (lambda X, y: blocks(X, y, 10)[:-1], lrbench.BadSource, "gives 40 rows in pass 2, where the first had 50"),
        (lambda X, y: blocks(X[:, :2], y, 10), lrbench.BadBlock, "block 0: 2 columns where the blocks before have 4"),
        (lambda _X, _y: None, lrbench.BadSource, "gives None"),
    ],
)
def test_a_pass_over_other_data_than_the_first_is_refused(later, error, message):
    X, y = make(50)
    calls = []

    def changing():
        calls.append(len(calls))
        return blocks(X, y, 10) if len(calls) == 1 else later(X, y)

    with pytest.raises(error, match=message):
        lrbench.fit(changing)


def test_passes_may_cut_the_same_rows_into_other_blocks():
    X, y = make(50)
    sizes = iter((10, 7, 25, 50))
    found = lrbench.fit(lambda: blocks(X, y, next(sizes)))
    assert found.coefficients.tolist() == pytest.approx(lrbench.fit(X, y).coefficients.tolist(), rel=1e-14)
