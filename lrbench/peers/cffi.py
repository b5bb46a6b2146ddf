"""Vector addition by a loop in C, called through cffi: what an extension module comes to.

Settings: the C compiler on PATH, or the one that CC names, with -O3 -march=native; compiled when this module is
imported, which takes a tenth of a second, and loaded as a shared library (cffi's ABI mode, which needs no headers of
Python's). The arrays' addresses are taken before the clock.
Documentation: https://cffi.readthedocs.io/en/stable/overview.html
"""

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import cffi
import numpy as np

DECLARATION = "void add(const double *a, const double *b, double *c, ptrdiff_t n);"
SOURCE = """
#include <stddef.h>

void add(const double *restrict a, const double *restrict b, double *restrict c, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        c[i] = a[i] + b[i];
}
"""
FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")

_ffi = cffi.FFI()
_ffi.cdef(DECLARATION)


def compiler() -> list[str]:
    """Return the command that compiles C; ImportError where there is none."""
    command = shlex.split(os.environ.get("CC", "")) or ["cc"]
    if shutil.which(command[0]) is None:
        message = f"no C compiler '{command[0]}' on PATH. Install one (Debian: gcc), or name yours in CC."
        raise ImportError(message)
    return command


def _compiled() -> Any:
    """Return the loaded library; a file that has been loaded need not stay."""
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder) / "add.c", Path(folder) / "add.so"
        source.write_text(SOURCE, encoding="ascii")
        command = [*compiler(), *FLAGS, "-o", str(library), str(source)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (the user's own compiler)
        if done.returncode:
            message = f"{shlex.join(command)} ended with {done.returncode}: {done.stderr.strip()[-200:]}"
            raise ImportError(message)
        return _ffi.dlopen(str(library))


_library = _compiled()


def pointers_with_output(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the addresses of a, b and an output of NaN, the number of elements, and the output."""
    a, b = inputs
    out = np.full_like(a, np.nan)
    return *(_ffi.from_buffer("double[]", array) for array in (a, b, out)), len(a), out


def add_into(a: Any, b: Any, c: Any, n: int, out: Any) -> Any:
    """Write a + b into c, the memory of out, and return out.

    a, b, c: addresses of n doubles.
    """
    _library.add(a, b, c, n)
    return out
