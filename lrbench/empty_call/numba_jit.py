"""The call that computes nothing, into compiled code: its argument is unpacked and its result packed again."""

from numba import njit


@njit(cache=True)
def identity(x: float) -> float:
    """Return x."""
    return x
