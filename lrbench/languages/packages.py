"""The packages of Python: a program each, all of one source, run by the interpreter that runs lrbench."""

import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lrbench import cache
from lrbench.languages import mxnet
from lrbench.languages.programs import Method, Missing, Program
from lrbench.problems import vector_addition
from lrbench.registry import missing_packages

ONCE = "the documents' protocol"
SLOW_SIZES = (10, 100, 1_000, 10_000, 100_000, 1_000_000)  # an interpreter's loops cost the same beyond, and seconds
ONCE_SIZES = (10_000, 1_000_000)  # that of the documents' vectors, and one at which waiting or not cannot be overlooked


@dataclass(frozen=True, slots=True)
class Packages:
    """Runs a source with this interpreter, where an implementation of vector_addition has its packages."""

    implementation: str
    compiler: bool = False  # whether one for C has to be on PATH, too

    def __call__(self, source: Path) -> tuple[str, ...]:
        """Return the command that runs a source; Missing if something that it needs is not here."""
        if reason := missing_packages(vector_addition.PROBLEM.implementation(self.implementation)):
            raise Missing(reason)
        compiler = (shlex.split(os.environ.get("CC", "")) or ["cc"])[0]
        if self.compiler and shutil.which(compiler) is None:
            message = f"no {compiler} on PATH. On Debian: apt install gcc"
            raise Missing(message)
        cache.keep_numba_code_apart()  # a process that is started has the variable that this sets
        return (sys.executable, str(source))


def _once(name: str, title: str, ns_per_element: float, *, threads: Literal["one", "all"] = "one") -> Method:
    return Method(name, title, "protocol", "new", ns_per_element, threads=threads, one_shot=True, sizes=ONCE_SIZES)


def _python(name: str, *methods: Method, lists: bool = False, compiler: bool = False) -> Program:
    """Return the program of one package; the first method is an implementation that needs all that the others do."""
    return Program(
        name=name,
        language="Python",
        source="add.py",
        prepare=Packages(methods[0].name, compiler=compiler),
        setup_ns=150.0 if lists else 60.0,
        bytes_per_element=150.0 if lists else 60.0,
        methods=methods,
        many_sizes=True,
    )


PROGRAMS: tuple[Program, ...] = (
    _python(
        "lists",
        Method("python_loop", "list, index loop", "loop", "new", 50.0, sizes=SLOW_SIZES),
        Method("python_comprehension", "list, comprehension", "loop", "new", 45.0, sizes=SLOW_SIZES),
        Method("python_map", "list, map(operator.add)", "loop", "new", 45.0, sizes=SLOW_SIZES),
        Method("python_array_loop", "array.array, index loop", "loop", "new", 90.0, sizes=SLOW_SIZES),
        lists=True,
    ),
    _python(
        "numpy",
        Method("numpy_item_loop", "NumPy, item by item", "loop", "new", 150.0, sizes=SLOW_SIZES),
        Method("numpy_vectorized", "NumPy, a + b", "whole", "new", 2.0),
        Method("numpy_out", "NumPy, out=", "whole", "given", 1.0),
        _once("numpy_item_loop_once", f"NumPy, item by item, {ONCE}", 150.0),
        _once("numpy_vectorized_once", f"NumPy, a + b, {ONCE}", 30.0),
    ),
    _python(
        "numba",
        Method("numba_jit", "numba, loop", "loop", "new", 2.0),
        Method("numba_out", "numba, loop, out=", "loop", "given", 1.0),
        Method("numba_parallel", "numba, parallel loop", "loop", "new", 2.0, threads="all"),
        Method("numba_vectorize", "numba, vectorize", "whole", "new", 2.0),
    ),
    _python("numexpr", Method("numexpr", "numexpr", "whole", "new", 2.0)),
    _python(
        "pytorch",
        Method("torch_item_loop", "PyTorch, item by item", "loop", "new", 4500.0, sizes=SLOW_SIZES[:-2]),
        Method("torch", "PyTorch, a + b", "whole", "new", 2.0),
        Method("torch_out", "PyTorch, out=", "whole", "given", 1.0),
    ),
    _python(
        "jax",
        Method("jax_jit", "JAX, jitted and waited for", "whole", "new", 2.0),
        _once("jax_jit_once", f"JAX, jitted, {ONCE}", 2.0),
    ),
    _python("cffi", Method("c_cffi", "C through cffi", "loop", "given", 1.0), compiler=True),
    _python("polars", Method("polars", "polars, a + b", "whole", "new", 2.0)),
    _python("pyarrow", Method("pyarrow", "pyarrow, compute.add", "whole", "new", 2.0)),
    Program(
        name="mxnet",
        language="Python",
        source="add_mxnet.py",
        prepare=mxnet.prepare,
        install=mxnet.install,
        many_sizes=True,
        setup_ns=100.0,
        bytes_per_element=80.0,
        methods=(
            Method(
                "loop",
                "MXNet, item by item, waited for",
                "loop",
                "given",
                150_000.0,
                threads="all",
                sizes=SLOW_SIZES[:-2],
            ),
            Method("whole", "MXNet, a + b, waited for", "whole", "new", 3.0, threads="all"),
            _once("loop_once", f"MXNet, item by item, {ONCE}", 150_000.0, threads="all"),
            _once("whole_once", f"MXNet, a + b, {ONCE}", 3.0, threads="all"),
            _once("whole_once_waited", f"MXNet, a + b, {ONCE} but waited for", 3.0, threads="all"),
        ),
    ),
)
