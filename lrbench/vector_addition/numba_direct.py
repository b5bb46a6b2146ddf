"""Vector addition by a loop that numba compiles and the interpreter calls as it calls its own built-in functions.

numba's dispatcher looks up the type of each argument and unpacks it: 0.3 us, as long as 1500 additions; NumPy's ufunc
takes 0.2. Here the compiled function is a method of CPython's kind METH_FASTCALL. It is handed objects, makes sure of
each that it is a vector of float64, and reads its address and its length from where NumPy's C API keeps them: 0.03 us.
The interpreter's lock is held throughout. Arithmetic: strict.

Source: NumPy's "NumPy C-API", section "PyArray_Type and PyArrayObject"; CPython's "C API", section "Common Object
Structures".
"""
# ruff: noqa: ARG001  (an intrinsic names its arguments, and takes their types and values all at once)

import ctypes
import platform
import sysconfig
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import cfunc, njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.numpy_support import carray
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Where an array's fields lie, in bytes from its beginning, on processors of 64 bits.
_TYPE, _DATA, _N_AXES, _SHAPE, _DTYPE, _FLAGS = 8, 16, 24, 32, 56, 64
_INT = 2**32 - 1  # fields of 4 bytes
_CONTIGUOUS_AND_ALIGNED, _AND_WRITEABLE = 0x101, 0x501
_METH_FASTCALL = 0x80
_REFUSAL = "a, b and out must be vectors of float64 of one length, contiguous, and out writeable"

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
def _is_vector(array: int, known: int, flags: int) -> bool:
    """Return whether an object is an array of one axis, of float64 and with these flags."""
    if _word(array + _TYPE) != _word(known):  # type: ignore[call-arg]  # the first argument is the compiler's
        return False
    is_float64 = _word(array + _DTYPE) == _word(known + 8)
    has_one_axis = _word(array + _N_AXES) & _INT == 1
    return is_float64 and has_one_axis and _word(array + _FLAGS) & flags == flags


@inlined
def _length(vector: int) -> int:
    return _word(_word(vector + _SHAPE))  # type: ignore[call-arg]  # as above


@inlined
def _elements(vector: int) -> Any:
    return carray(_doubles(_word(vector + _DATA)), _length(vector))  # type: ignore[call-arg]  # as above


@cfunc(types.intp(types.intp, types.intp, types.intp), cache=True)
def _add_into(known: int, arguments: int, count: int) -> int:
    """Do as `add_into`, for addresses of objects. known: an array of what objects of the right types hold."""
    if count != 3:  # noqa: PLR2004  (a, b and out)
        return _refused()  # type: ignore[call-arg]  # as above
    types_known: int = _word(known + _DATA)  # type: ignore[call-arg]  # as above
    a, b, out = _word(arguments), _word(arguments + 8), _word(arguments + 16)
    if not (
        _is_vector(a, types_known, _CONTIGUOUS_AND_ALIGNED)
        and _is_vector(b, types_known, _CONTIGUOUS_AND_ALIGNED)
        and _is_vector(out, types_known, _AND_WRITEABLE)
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


def check_layout() -> None:
    """Raise ImportError unless this interpreter's and this NumPy's objects are as the offsets above say."""
    array = np.zeros(3)
    fields = ctypes.string_at(id(array), _FLAGS + 8) if platform.python_implementation() == "CPython" else b""
    words = {at: int.from_bytes(fields[at : at + 8], "little") for at in range(0, len(fields), 8)}
    if (
        sysconfig.get_config_var("Py_GIL_DISABLED")
        or words.get(_TYPE) != id(np.ndarray)
        or words[_DATA] != array.ctypes.data
        or words[_N_AXES] & _INT != array.ndim
        or ctypes.c_ssize_t.from_address(words[_SHAPE]).value != array.size
        or words[_DTYPE] != id(array.dtype)
        or words[_FLAGS] & _AND_WRITEABLE != array.flags.num & _AND_WRITEABLE
    ):
        message = "it needs CPython with its lock, on 64 bits, and NumPy's arrays as its C API describes them"
        raise ImportError(message)


def _built_in(method: _Method, known: Any) -> Callable[..., Any]:
    """Return the function that a method is, bound to an object. Both must live as long as it."""
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.py_object]
    function: Callable[..., Any] = make(ctypes.addressof(method), known, None)
    return function


check_layout()
_KNOWN = np.array([id(np.ndarray), id(np.dtype(np.float64))])
_DOC = b"""Write a + b into out and return out: no type is looked up, nothing is unpacked.

a, b, out: (n,), float64, contiguous; TypeError otherwise. out may be a or b.
Work: n flops, 24 bytes moved an element; beyond the caches 32, as an ordinary store reads the line it writes to.
"""
_METHOD = _Method(b"add_into", _add_into.address, _METH_FASTCALL, _DOC)
add_into = _built_in(_METHOD, _KNOWN)
