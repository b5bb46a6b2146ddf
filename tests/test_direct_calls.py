"""A compiled function that the interpreter calls as one of its own."""

import inspect
import os
import pickle
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


@pytest.mark.parametrize(
    "arrays",
    [
        lambda: pickle.loads(pickle.dumps(np.ones(5))),  # noqa: S301  (our own, of this moment)
        lambda: np.ones(5, np.dtype(np.float64, metadata={"unit": "m"})),
        lambda: np.ones(5, "<f8"),
        lambda: np.frombuffer(np.ones(5).tobytes()),
        lambda: np.ones((2, 5))[1],
    ],
)
def test_float64_is_float64_wherever_it_comes_from(arrays):
    assert numba_direct.add_into(arrays(), arrays(), np.empty(5)).tolist() == [2.0] * 5


OUTLIVING = """
import gc, importlib, sys
import numpy as np
from lrbench import cache
cache.keep_numba_code_apart()
from lrbench.vector_addition import numba_direct
from lrbench.vector_addition.numba_direct import add_into

class Holder:
    def __init__(self):
        self.call, self.vectors = add_into, (np.ones(3), np.ones(3), np.empty(3))

    def __del__(self):
        self.call(*self.vectors)

sys.held = Holder()
add_into = None
for _ in range(3):
    importlib.reload(numba_direct)
    gc.collect()
    blocks = [bytes(size) for size in range(16, 96) for _ in range(50)]
    print(sys.held.call(*sys.held.vectors).tolist())
"""


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="PYTHONMALLOC is CPython's")
def test_the_function_outlives_its_module():
    run = subprocess.run(
        [sys.executable, "-c", OUTLIVING],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONMALLOC": "debug"},
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split("\n")[:3] == ["[2.0, 2.0, 2.0]"] * 3


OTHERS = {
    "another interpreter": (numba_direct.platform, "python_implementation", lambda: "PyPy"),
    "no lock": (numba_direct.sysconfig, "get_config_var", lambda _: 1),
    "32 bits": (numba_direct.sys, "maxsize", 2**31 - 1),
    "big-endian": (numba_direct.sys, "byteorder", "big"),
    "no compiler": (numba_direct.config, "DISABLE_JIT", True),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_what_is_unlike_is_refused_before_anything_is_read(monkeypatch, other):
    read = []
    monkeypatch.setattr(numba_direct.ctypes, "string_at", lambda *_: read.append(1) or bytes(72))
    monkeypatch.setattr(*other)
    with pytest.raises(NotImplementedError, match=r"CPython with its lock|NUMBA_DISABLE_JIT"):
        numba_direct.check_layout()
    assert not read


@pytest.mark.parametrize("field", ["_TYPE", "_DATA", "_N_AXES", "_SHAPE", "_DTYPE", "_KIND", "_NATIVE_DOUBLE"])
def test_arrays_of_another_layout_are_refused(monkeypatch, field):
    numba_direct.check_layout()
    monkeypatch.setattr(numba_direct, field, {"_NATIVE_DOUBLE": 11 << 32, "_DATA": 0}.get(field, 16))
    with pytest.raises(NotImplementedError, match="as NumPy's C API describes them"):
        numba_direct.check_layout()


def test_an_implementation_that_cannot_be_here_is_unavailable_but_a_missing_one_is_a_mistake(monkeypatch, tmp_path):
    (tmp_path / "elsewhere_only.py").write_text("raise NotImplementedError('it needs a Cray')\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(gate.Unavailable, match="cannot be imported here: NotImplementedError: it needs a Cray"):
        gate.prepare(Case(PROBLEM, "10", Implementation("cray", "addition", "elsewhere_only:add")))
    with pytest.raises(ModuleNotFoundError):
        gate.prepare(Case(PROBLEM, "10", Implementation("absent", "addition", "lrbench.no_such_module:add")))


def test_the_function_explains_itself():
    assert "TypeError otherwise" in (inspect.getdoc(numba_direct.add_into) or "")
    assert numba_direct.add_into.__module__ == "lrbench.vector_addition.numba_direct"
    assert isinstance(numba_direct.add_into, type(len))
