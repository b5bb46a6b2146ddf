"""The documents' houses: the data, the backends and the tolerances that the regression problems share."""

import math
from dataclasses import replace

import numpy as np

from lrbench.registry import Floats, Implementation, Inputs, dimensions

UNIT_ROUNDOFF = 2.0**-53
PASS_SIZES = ("1000x1", "1000x2", "100000x10", "1000000x10", "100000x100", "1000000x100")

# Every operation of a sum of k terms rounds by at most one unit roundoff u. Treated as independent of mean zero,
# the roundings of a sum, in any order, add up to at most LAMBDA sqrt(k) u with a probability of failure below
# 2 exp(-LAMBDA^2 / 2), one in 1e54. (N. J. Higham and T. Mary, "A new approach to probabilistic rounding error
# analysis", 2019.) Float32 anywhere inside rounds by 2^-24, five hundred million times u.
LAMBDA = 16.0


def sum_tolerance(n_terms: int) -> float:
    """Return the relative error within which a float64 sum of n_terms products must stay."""
    return LAMBDA * math.sqrt(n_terms + 4) * UNIT_ROUNDOFF  # 4: the products' own roundings


def backends(
    function: str,
    algorithm: str,
    *,
    loop_ns: float,
    vector_ns: float = 0.0,
    reassociated: bool = True,
    module: str = "",
) -> tuple[Implementation, ...]:
    """Return the three backends of one function of the core, with the declared ns per least flop of the slow ones.

    module: what the names of the backends' files begin with.
    """
    return (
        Implementation(
            "python_loop",
            algorithm,
            f"lrbench.regression.{module}python_loop:{function}",
            convert="lrbench.regression.python_loop:as_lists",
            ns_per_flop=loop_ns,
        ),
        Implementation(
            "numpy_vectorized",
            algorithm,
            f"lrbench.regression.{module}numpy_vectorized:{function}",
            threads="all",
            arithmetic="reassociated",  # BLAS
            ns_per_flop=vector_ns,
        ),
        Implementation(
            "numba_jit",
            algorithm,
            f"lrbench.regression.{module}numba_jit:{function}",
            requires=("numba",),
            arithmetic="reassociated" if reassociated else "strict",
        ),
    )


def three(
    name: str,
    algorithm: str,
    function: str,
    *,
    loop_ns: float,
    vector_ns: float = 0.0,
    module: str = "",
    n_answers: int = 0,
) -> tuple[Implementation, ...]:
    """Return the three backends under the names name_python, name_numpy, name_numba."""
    found = backends(function, algorithm, loop_ns=loop_ns, vector_ns=vector_ns, module=module)
    return tuple(
        replace(implementation, name=f"{name}_{backend}", n_answers=n_answers)
        for implementation, backend in zip(found, ("python", "numpy", "numba"), strict=True)
    )


def parallel(function: str, algorithm: str) -> Implementation:
    """Return one function of the core over all of numba's threads."""
    return Implementation(
        "numba_parallel",
        algorithm,
        f"lrbench.regression.numba_parallel:{function}",
        requires=("numba",),
        threads="all",
        arithmetic="reassociated",
    )


def make_houses(size: str, seed: int) -> Inputs:
    """Return (X, y): standardised features of houses, and their prices with normal noise of standard deviation 0.5."""
    rng = np.random.default_rng(seed)
    X, prices = exact_houses(size, rng)
    return X, prices + 0.5 * rng.standard_normal(len(prices))


def exact_houses(size: str, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return (X, y): standardised features of houses, and their prices without noise.

    The first feature is the area in square metres (log-normal), the second the age in years (uniform, 0 to 100);
    older houses are smaller, and every further feature goes partly with age, as real columns do. Each is shifted
    and scaled to mean 0 and standard deviation 1. The price, in units of 100 000, is linear in them with
    coefficients of both signs, none near zero.

    X: (n_samples, n_features), C order.   y: (n_samples,).
    Source: Dive into Deep Learning, "Linear Regression".
    """
    n, d = dimensions(size)
    X = raw_features(n, d, rng)
    X -= X.mean(axis=0)
    X /= np.sqrt(np.einsum("ij,ij->j", X, X) / n)
    j = np.arange(d)
    w = np.where(j % 2 == 0, 1.0, -1.0) * (0.5 + 1.0 / (1.0 + j))
    # einsum and not a BLAS product: the same data on any number of threads
    return X, np.einsum("ij,j->i", X, w) + 3.0


def raw_features(n: int, d: int, rng: np.random.Generator) -> Floats:
    """Return the features of `exact_houses` before they are standardised."""
    X = rng.random((n, d))
    X[:, 0] = 100.0 * np.exp(0.3 * rng.standard_normal(n))
    if d > 1:
        X[:, 0] *= np.exp(0.4 - 0.8 * X[:, 1])
        X[:, 2:] += 0.5 * X[:, 1:2]
        X[:, 1] *= 100.0
    return X


def random_start(n_features: int, seed: int) -> tuple[Floats, float]:
    """Return the random (w, b) from which an iteration starts: normal, of standard deviation 0.1.

    The documents draw it with 0.01; a larger one keeps its contribution visible in every digit.
    """
    rng = np.random.default_rng([seed, 1])
    return 0.1 * rng.standard_normal(n_features), float(0.1 * rng.standard_normal())


def safe_learning_rate(X: Floats) -> float:
    """Return 1 / max_i (|x_i|^2 + 1), at most 0.03, the documents' own.

    With it no mini-batch, of any size, can enlarge a difference between two iterates, so rounding errors add up
    and never grow.
    """
    return min(0.03, 1.0 / (float(np.einsum("ij,ij->i", X, X).max()) + 1.0))
