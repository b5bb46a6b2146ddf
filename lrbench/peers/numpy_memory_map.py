"""NumPy over the memory map: what works on arrays works on files, as far as memory allows.

The normal equations read X where it lies, block by block in BLAS. lstsq copies it, twice, and needs that memory.
Documentation: https://numpy.org/doc/stable/reference/generated/numpy.memmap.html
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def normal_equations(X: str, y: str) -> tuple[Floats, float]:
    """Return (w, b) by the normal equations of [X 1], without centring, which would copy X.

    X: the path of a .npy file, (n_samples, n_features), C order.   y: the path of one of (n_samples,).
    """
    features, target = np.load(X, mmap_mode="r"), np.load(y, mmap_mode="r")
    n, d = features.shape
    gram, right = np.empty((d + 1, d + 1)), np.empty(d + 1)
    gram[:d, :d] = features.T @ features
    gram[d, :d] = gram[:d, d] = np.ones(n) @ features
    gram[d, d] = n
    right[:d], right[d] = target @ features, target.sum()
    v = np.linalg.solve(gram, right)
    return np.array(v[:d]), float(v[d])


def lstsq(X: str, y: str) -> tuple[Floats, float]:
    """Return (w, b) by numpy.linalg.lstsq, a singular value decomposition, of [X 1] in memory.

    X and y: as in `normal_equations`.
    """
    features, target = np.load(X, mmap_mode="r"), np.load(y, mmap_mode="r")
    A = np.empty((len(target), features.shape[1] + 1), order="F")
    A[:, :-1], A[:, -1] = features, 1.0
    v = np.asarray(np.linalg.lstsq(A, target, rcond=None)[0], dtype=np.float64)
    return v[:-1], float(v[-1])
