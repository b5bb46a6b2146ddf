"""Vector addition by a loop that numba compiles and the interpreter calls as it calls its own built-in functions.

numba's dispatcher looks up the type of each argument and unpacks it: 0.3 us, as long as 1500 additions; NumPy's ufunc
takes 0.2. Here the compiled function is a method of CPython's kind METH_FASTCALL. It is handed objects, makes sure of
each that it is a vector of float64, and reads its address and its length from where NumPy's C API keeps them: 0.03 us.
The interpreter's lock is held throughout. Arithmetic: strict.

Source: NumPy's "NumPy C-API", section "PyArray_Type and PyArrayObject"; CPython's "C API", section "Common Object
Structures".
"""
# ruff: noqa: ARG001  (an intrinsic names its arguments, and takes their types and values all at once)
# mypy: disable-error-code="call-arg"
# (the first argument of an intrinsic is the compiler's)

import ctypes
import platform
import sys
import sysconfig
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import cfunc, config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.numpy_support import carray
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Where the fields of an array, and of its dtype, lie, in bytes from its beginning, on processors of 64 bits.
_TYPE, _DATA, _N_AXES, _SHAPE, _DTYPE, _FLAGS = 8, 16, 24, 32, 56, 64
_KIND = 24
_INT = 2**32 - 1  # fields of 4 bytes
_NATIVE_DOUBLE, _KIND_MASK = 12 << 32 | ord("=") << 16, _INT << 32 | 0xFF << 16  # type number and order of bytes
_CONTIGUOUS_AND_ALIGNED, _AND_WRITEABLE = 0x101, 0x501
_METH_FASTCALL = 0x80
_REFUSAL = "a, b and out must be vectors of float64 of one length, contiguous, and out writeable"


def check_layout() -> None:
    """Raise NotImplementedError unless this interpreter's and this NumPy's objects are as the offsets above say."""
    if config.DISABLE_JIT:  # type: ignore[attr-defined]  # numba fills it in
        message = "it is compiled code, and NUMBA_DISABLE_JIT is set"
        raise NotImplementedError(message)
    alike = (
        platform.python_implementation() == "CPython"
        and not sysconfig.get_config_var("Py_GIL_DISABLED")
        and sys.maxsize == 2**63 - 1
        and sys.byteorder == "little"
    )
    if not (alike and _is_as_described(np.zeros(3))):
        message = (
            "it needs CPython with its lock, on a little-endian processor of 64 bits, and NumPy's arrays as NumPy's C "
            "API describes them"
        )
        raise NotImplementedError(message)


def _is_as_described(array: Floats) -> bool:
    fields = ctypes.string_at(id(array), _FLAGS + 8)
    words = {at: int.from_bytes(fields[at : at + 8], "little") for at in range(0, len(fields), 8)}
    return (
        words[_TYPE] == id(np.ndarray)
        and words[_DATA] == array.ctypes.data
        and words[_N_AXES] & _INT == array.ndim
        and ctypes.c_ssize_t.from_address(words[_SHAPE]).value == array.size
        and words[_DTYPE] == id(array.dtype)
        and ctypes.c_int64.from_address(words[_DTYPE] + _KIND).value & _KIND_MASK == _NATIVE_DOUBLE
        and words[_FLAGS] & _AND_WRITEABLE == array.flags.num & _AND_WRITEABLE
    )


check_layout()  # before anything is compiled

inlined = njit(inline="always")  # a callee would be compiled by itself and again with every caller


@intrinsic
def _word(_context: Any, address: Any) -> Any:
    """Return the 8 bytes at an address."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.load(builder.inttoptr(arguments[0], ir.IntType(64).as_pointer()))

    return types.intp(types.intp), generate


@intrinsic
def _doubles(_context: Any, address: Any) -> Any:
    """Return an address as one of float64."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], ir.DoubleType().as_pointer())

    return types.CPointer(types.float64)(types.intp), generate  # type: ignore[no-untyped-call]  # numba is untyped


@intrinsic
def _shared(_context: Any, address: Any) -> Any:
    """Return an object once more: its references are counted."""

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        context.get_python_api(builder).incref(builder.inttoptr(arguments[0], cgutils.voidptr_t))
        return arguments[0]

    return types.intp(types.intp), generate


@intrinsic
def _refused(_context: Any) -> Any:
    """Raise TypeError, and return what tells the interpreter so."""

    def generate(context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
        context.get_python_api(builder).err_set_string("PyExc_TypeError", _REFUSAL)
        return ir.Constant(ir.IntType(64), 0)

    return types.intp(), generate


@inlined
def _is_vector(array: int, array_type: int, flags: int) -> bool:
    """Return whether an object is an array of one axis, of float64 and with these flags."""
    if _word(array + _TYPE) != array_type:
        return False
    is_double = _word(_word(array + _DTYPE) + _KIND) & _KIND_MASK == _NATIVE_DOUBLE
    return is_double and _word(array + _N_AXES) & _INT == 1 and _word(array + _FLAGS) & flags == flags


@inlined
def _length(vector: int) -> int:
    return _word(_word(vector + _SHAPE))


@inlined
def _elements(vector: int) -> Any:
    return carray(_doubles(_word(vector + _DATA)), _length(vector))


@cfunc(types.intp(types.intp, types.intp, types.intp), cache=True)
def _add_into(array_type: int, arguments: int, count: int) -> int:
    """Do as `add_into`, for addresses of objects. array_type: np.ndarray's."""
    if count != 3:  # noqa: PLR2004  (a, b and out)
        return _refused()
    a: int = _word(arguments)
    b: int = _word(arguments + 8)
    out: int = _word(arguments + 16)
    if not (
        _is_vector(a, array_type, _CONTIGUOUS_AND_ALIGNED)
        and _is_vector(b, array_type, _CONTIGUOUS_AND_ALIGNED)
        and _is_vector(out, array_type, _AND_WRITEABLE)
        and _length(a) == _length(out) == _length(b)
    ):
        return _refused()
    x, y, total = _elements(a), _elements(b), _elements(out)
    for i in range(len(total)):
        total[i] = x[i] + y[i]
    return _shared(out)


class _Method(ctypes.Structure):
    """CPython's PyMethodDef."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


def _built_in(method: _Method, bound: object) -> Callable[..., Any]:
    """Return the function that a method is, bound to an object; the interpreter reads the method at every call."""
    make = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.py_object)
    for kept in (method, _add_into):  # for ever, as nobody can tell who still holds the function
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))
    function: Callable[..., Any] = make(("PyCFunction_NewEx", ctypes.pythonapi))(
        ctypes.addressof(method), bound, __name__
    )
    return function


_DOC = b"""Write a + b into out and return out: no type is looked up, nothing is unpacked.

a, b, out: (n,), float64, contiguous; TypeError otherwise. out may be a or b.
Work: n flops, 24 bytes moved an element; beyond the caches 32, as an ordinary store reads the line it writes to.
"""
add_into = _built_in(_Method(b"add_into", _add_into.address, _METH_FASTCALL, _DOC), np.ndarray)
