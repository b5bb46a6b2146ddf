"""How the solvers of one pass are compiled: what rounding and the compiler may do.

numba lets a function without `fastmath` of its own take that of the caller which it is first compiled for, and keeps
this for all others: what must be strict says so.
"""

from numba import njit
from numba.extending import register_jitable

compiled = njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})  # sums in any order
strict = njit(cache=True, nogil=True, error_model="numpy", fastmath=False)  # every operation as it is written
parallel = njit(cache=True, nogil=True, error_model="numpy", fastmath=False, parallel=True)
compilable = register_jitable(fastmath=False)  # strict when compiled, and NumPy's when called from Python
inlined = njit(inline="always")  # as its caller is; a callee would be compiled by itself and again with every caller
