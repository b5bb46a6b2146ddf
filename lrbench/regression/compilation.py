"""How the solvers of one pass are compiled: what rounding and the compiler may do."""

from numba import njit

compiled = njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})  # sums in any order
strict = njit(cache=True, nogil=True, error_model="numpy")  # every operation as it is written
parallel = njit(cache=True, nogil=True, error_model="numpy", parallel=True)  # strict
inlined = njit(inline="always")  # strict; a callee would be compiled by itself and again with every caller
