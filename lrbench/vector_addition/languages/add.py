"""c = a + b in Python: by loops over lists and arrays, and at once by the packages that this interpreter has.

Usage: python add.py N[,N ...] REPETITIONS SEED [METHOD]; the protocol is described in lrbench/languages/__init__.py.

The functions are those that `lrbench run` measures, by the same names; here they get the inputs and the clock that all
languages have. What ends in _once follows the documents instead: one call, the wall clock read before and after it.
"""

import functools
import json
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from itertools import repeat
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import numpy as np

Call = Callable[[], Any]
Timed = tuple[list[float], int, Any]  # seconds of a call in each sample, the calls of a sample, the last call's output

LOOP = "for i in range(n): c[i] = a[i] + b[i]"
NEW, GIVEN = "output allocated in each call", "output given"
JIT = "; compiled before the clock"
ONCE = "one call, by the wall clock"


@dataclass(frozen=True, slots=True)
class How:
    """How a method adds: functions are named as "module:function", within lrbench."""

    package: str  # whose version matters; empty for Python alone
    target: str
    convert: str  # makes its arguments of (a, b); empty where these are they
    label: str
    note: str
    before: str = ""  # of one that is called once: what runs before the clock


PYTHON, NUMPY, NUMBA = (f"vector_addition.{name}" for name in ("python_loop", "numpy_vectorized", "numba_jit"))
LISTS, ARRAYS, OUTPUT = f"{PYTHON}:as_lists", f"{PYTHON}:as_arrays", f"{NUMPY}:with_output"
TENSORS, JAX_ARRAYS = "peers.torch:tensors", "peers.jax:arrays"
PAIRS = "[x + y for x, y in zip(a, b, strict=True)]"

METHODS: Mapping[str, How] = {
    "python_loop": How("", f"{PYTHON}:add_by_index", LISTS, LOOP, NEW),
    "python_comprehension": How("", f"{PYTHON}:add_by_comprehension", LISTS, PAIRS, NEW),
    "python_map": How("", f"{PYTHON}:add_by_map", LISTS, "list(map(operator.add, a, b))", NEW),
    "python_array_loop": How("", f"{PYTHON}:add_arrays_by_index", ARRAYS, LOOP, NEW),
    "numpy_item_loop": How("numpy", f"{NUMPY}:add_item_by_item", "", LOOP, NEW),
    "numpy_vectorized": How("numpy", f"{NUMPY}:add", "", "a + b", NEW),
    "numpy_out": How("numpy", f"{NUMPY}:add_into", OUTPUT, "numpy.add(a, b, c)", GIVEN),
    "numpy_item_loop_once": How("numpy", f"{NUMPY}:add_item_by_item", "", LOOP, ONCE),
    "numpy_vectorized_once": How(
        "numpy", f"{NUMPY}:add", "", "a + b", f"{ONCE}, after the loop", f"{NUMPY}:add_item_by_item"
    ),
    "numba_jit": How("numba", f"{NUMBA}:add", "", f"njit: {LOOP}", NEW + JIT),
    "numba_out": How("numba", f"{NUMBA}:add_into", OUTPUT, f"njit: {LOOP}", GIVEN + JIT),
    "numba_parallel": How("numba", f"{NUMBA}:add_parallel", "", "njit(parallel=True), prange", NEW + JIT),
    "numba_vectorize": How("numba", f"{NUMBA}:add_vectorized", "", "vectorize: x + y", NEW + JIT),
    "numexpr": How("numexpr", "peers.numexpr:add", "peers.numexpr:named", "numexpr.evaluate('a + b')", NEW),
    "torch_item_loop": How("torch", "peers.torch:add_item_by_item", TENSORS, LOOP, NEW),
    "torch": How("torch", "peers.torch:add", TENSORS, "a + b", NEW),
    "torch_out": How("torch", "peers.torch:add_into", f"{TENSORS}_with_output", "torch.add(a, b, out=c)", GIVEN),
    "jax_jit": How("jax", "peers.jax:add", JAX_ARRAYS, "jit(add)(a, b).block_until_ready()", NEW + JIT),
    "jax_jit_once": How(
        "jax",
        "peers.jax:add_without_waiting",
        JAX_ARRAYS,
        "jit(add)(a, b)",
        f"{ONCE}{JIT}; its end is not waited for",
        "peers.jax:add",
    ),
    "c_cffi": How("cffi", "peers.cffi:add_into", "peers.cffi:pointers_with_output", "c[i] = a[i] + b[i] in C", GIVEN),
    "polars": How("polars", "peers.polars:add", "peers.polars:series", "a + b", NEW),
    "pyarrow": How("pyarrow", "peers.pyarrow:add", "peers.pyarrow:arrays", "pyarrow.compute.add(a, b)", NEW),
}


def inputs(n: int, seed: int) -> tuple[Any, Any]:
    """Return a and b, (n,) each."""
    u = (np.arange(n, dtype=np.int64) * 31337 + seed) % 65521
    s = u * u % 65521
    t = s * u % 65521
    return (2 * s + 1) / 65536.0, (2 * t + 1) / 32768.0


def checksum(c: Any) -> float:
    """Return sum_i (1 + i mod 7) c_i."""
    from_elsewhere = hasattr(c, "__dlpack__") and not isinstance(c, np.ndarray)
    values = np.from_dlpack(c) if from_elsewhere else np.asarray(c)
    return float(((1 + np.arange(len(values)) % 7) * values).sum(dtype=np.float64))


def repeated(make: Callable[[], Call], repetitions: int) -> Timed:
    """Return the samples of a call that is first warmed up.

    make: returns the call; the second time, where an output is given, with one in which nothing is left of the first.
    """
    call = make()
    call()  # compiles, and loads what is loaded late
    calls = 1
    while not takes_a_millisecond(call, calls):
        calls *= 2
    del call
    call, output, samples = make(), None, []
    for _ in range(repetitions):
        output = None  # nobody holds it, as nobody holds that of any call before the last
        passed, output = seconds(call, calls)
        samples.append(passed / calls)
    return samples, calls, output


def takes_a_millisecond(call: Call, calls: int) -> bool:
    """Return whether so many calls take a millisecond or more in five looks, or 50 in one."""
    for _ in range(5):
        passed, _ = seconds(call, calls)
        if passed < 1e-3:  # noqa: PLR2004  (the protocol's)
            return False
        if passed > 50e-3:  # noqa: PLR2004  (likewise)
            break
    return True


def seconds(call: Call, calls: int) -> tuple[float, Any]:
    """Return how long so many calls take, and what the last one returns."""
    start = time.perf_counter()
    for _ in repeat(None, calls - 1):
        call()
    output = call()
    return time.perf_counter() - start, output


def once(call: Call) -> Timed:
    """Return the one sample that the documents' protocol has."""
    start = time.time()
    output = call()
    return [time.time() - start], 1, output


def show(method: str, n: int, timed: Timed, **told: Any) -> None:
    """Print a line of the protocol."""
    samples, calls, output = timed
    found = {"seconds_per_call": samples, "calls_per_sample": calls, "checksum": checksum(output)}
    fields = {"method": method, "n": n, "dtype": "float64", "language": "Python", "flags": "", **found, **told}
    print(json.dumps(fields, allow_nan=False), flush=True)  # noqa: T201  (the protocol)


def versions(package: str) -> str:
    """Return the version of a package, if one matters, and of the interpreter."""
    own = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{package} {version(package)}, {own}" if package else own


def measure(method: str, n: int, repetitions: int, seed: int) -> None:
    """Time one method and print its line."""
    how = METHODS[method]
    add, vectors = _resolve(how.target), inputs(n, seed)

    def arguments() -> tuple[Any, ...]:
        return tuple(_resolve(how.convert)(vectors) if how.convert else vectors)

    def make() -> Call:
        return functools.partial(add, *arguments())

    if how.before:
        _resolve(how.before)(*arguments())
    timed = once(make()) if method.endswith("_once") else repeated(make, repetitions)
    show(method, n, timed, label=how.label, note=how.note, version=versions(how.package))


def _resolve(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = resolve_name(f"lrbench.{name}")
    return found


def main(arguments: Sequence[str], methods: Mapping[str, Any], measure: Callable[[str, int, int, int], None]) -> None:
    """Do what the command line asks for: a method, or all."""
    if len(arguments) < 3 or set(arguments[3:]) - set(methods):  # noqa: PLR2004  (N REPETITIONS SEED)
        told = f"no method '{arguments[3]}'" if len(arguments) > 3 else "too few arguments"  # noqa: PLR2004  (likewise)
        print(f"{told}; usage: N[,N ...] REPETITIONS SEED [METHOD], one of {', '.join(methods)}", file=sys.stderr)  # noqa: T201  (a command's answer)
        sys.exit(2)
    for method in arguments[3:] or methods:
        for n in arguments[0].split(","):
            measure(method, int(n), int(arguments[1]), int(arguments[2]))


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[3])  # where lrbench is, in place of this folder
    main(sys.argv[1:], {name: how for name, how in METHODS.items() if find_spec(how.package or "sys")}, measure)
