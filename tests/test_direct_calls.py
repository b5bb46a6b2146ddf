"""A compiled function that the interpreter calls as one of its own."""

import inspect
import os
import subprocess
import sys

import numpy as np
import pytest

from lrbench import cache, gate
from lrbench.problems.vector_addition import PROBLEM
from lrbench.registry import Case, Implementation

cache.keep_numba_code_apart()

from lrbench.vector_addition import numba_direct  # noqa: E402  (numba's folder is chosen first)

ONES, FEW = np.ones(5), np.ones(4)
REFUSED = {
    "too few": (ONES, ONES),
    "too many": (ONES, ONES, np.zeros(5), np.zeros(5)),
    "none": (),
    "a number": (1.0, ONES, np.zeros(5)),
    "nothing": (None, ONES, np.zeros(5)),
    "a list": ([1.0] * 5, ONES, np.zeros(5)),
    "a subclass": (np.ma.ones(5), ONES, np.zeros(5)),
    "shorter a": (FEW, ONES, np.zeros(5)),
    "shorter b": (ONES, FEW, np.zeros(5)),
    "shorter out": (ONES, ONES, np.zeros(4)),
    "float32": (ONES.astype(np.float32), ONES, np.zeros(5)),
    "int64": (ONES, ONES.astype(np.int64), np.zeros(5)),
    "bytes the other way round": (ONES, ONES, np.zeros(5, np.dtype(np.float64).newbyteorder())),
    "gaps": (np.ones(10)[::2], ONES, np.zeros(5)),
    "backwards": (ONES, ONES, np.zeros(5)[::-1]),
    "two axes": (ONES, ONES, np.zeros((1, 5))),
    "no axis": (np.array(1.0), np.array(1.0), np.zeros(())),
    "misaligned": (np.frombuffer(bytes(41), np.uint8)[1:].view(np.float64), ONES, np.zeros(5)),
    "read only": (ONES, ONES, np.broadcast_to(0.0, 5)),
}


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 1000])
def test_the_sum_is_written_into_out_and_out_is_returned(n):
    a, b = np.random.default_rng(n).standard_normal((2, n))
    out = np.full(n + 1, np.nan)
    part = out[:n]
    assert numba_direct.add_into(a, b, part) is part
    assert part.tolist() == (a + b).tolist()
    assert np.isnan(out[n])
    assert numba_direct.add_into(a, b, a) is a
    assert a.tolist() == part.tolist()


@pytest.mark.parametrize("arguments", REFUSED.values(), ids=REFUSED)
def test_what_is_no_vector_of_float64_is_refused(arguments):
    kept = [np.array(argument, copy=True) for argument in arguments]
    with pytest.raises(TypeError, match="vectors of float64 of one length"):
        numba_direct.add_into(*arguments)
    for argument, before in zip(arguments, kept, strict=True):
        assert np.array_equal(np.asarray(argument, before.dtype), before)


def test_objects_are_kept_and_let_go_as_by_any_function():
    a, b, out = np.ones(3), np.ones(3), np.empty(3)
    before = sys.getrefcount(a), sys.getrefcount(b), sys.getrefcount(out)
    for _ in range(100):
        numba_direct.add_into(a, b, out)
        with pytest.raises(TypeError):
            numba_direct.add_into(a, b, None)
    assert (sys.getrefcount(a), sys.getrefcount(b), sys.getrefcount(out)) == before
    held = numba_direct.add_into(a, b, out)
    assert held is out
    assert sys.getrefcount(out) == before[2] + 1


def test_what_another_process_compiled_knows_this_one_s_objects(tmp_path):
    # Addresses of types differ from process to process: none may be kept with the compiled code.
    program = """
import numpy as np
from lrbench import cache
cache.keep_numba_code_apart()
from lrbench.vector_addition.numba_direct import _add_into, add_into
print(add_into(np.ones(3), np.ones(3), np.empty(3)).tolist(), _add_into.cache_hits)
"""
    environment = os.environ | {"LRBENCH_CACHE": str(tmp_path)}
    found = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
        for _ in range(2)
    ]
    assert [run.stdout.split("]")[0] for run in found] == ["[2.0, 2.0, 2.0"] * 2
    assert [int(run.stdout.split()[-1]) for run in found] == [0, 1]


def test_other_interpreters_and_arrays_are_refused_before_anything_is_read(monkeypatch):
    monkeypatch.setattr(numba_direct.platform, "python_implementation", lambda: "PyPy")
    with pytest.raises(ImportError, match="CPython"):
        numba_direct.check_layout()
    monkeypatch.undo()
    numba_direct.check_layout()
    monkeypatch.setattr(numba_direct, "_DTYPE", 48)
    with pytest.raises(ImportError, match="as its C API describes them"):
        numba_direct.check_layout()


def test_an_implementation_that_cannot_be_loaded_here_is_unavailable():
    absent = Implementation("absent", "addition", "lrbench.no_such_module:add")
    with pytest.raises(gate.Unavailable, match=r"cannot be imported here: ModuleNotFoundError: .*no_such_module"):
        gate.prepare(Case(PROBLEM, "10", absent), seed=0)


def test_the_function_explains_itself():
    assert "TypeError otherwise" in (inspect.getdoc(numba_direct.add_into) or "")
    assert isinstance(numba_direct.add_into, type(len))
