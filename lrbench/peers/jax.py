"""JAX, compiled by XLA for the processor: vector addition, least squares, the gradient by automatic differentiation.

Settings: float64, which has to be enabled before the first array is made; jax.jit around the whole computation; the
result awaited with block_until_ready, since calls return before they have finished. Arrays are put on the processor,
also where JAX finds a graphics card, so that all sides of a table run on the same machine. assume_a="pos" tells the
solver that a Gram matrix is positive definite. Least squares take the transpose of [X 1], a column in one piece: the
normal equations then took 0.4 to 0.9 of the time at 30 columns and more, and 1.1 to 1.4 times as long at 10.
Documentation: https://docs.jax.dev/en/latest/_autosummary/jax.numpy.linalg.lstsq.html
https://docs.jax.dev/en/latest/default_dtypes.html and https://docs.jax.dev/en/latest/benchmarking.html
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def transposed(inputs: tuple[Floats, Floats]) -> tuple[Any, ...]:
    """Return (A', y) as JAX's own; A in Fortran order makes A' one in C order, which is the only one that JAX has."""
    A, y = inputs
    return arrays((A.T, y))


def arrays(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return arrays and numbers as JAX's own on the processor; an array that begins at 64 bytes stays where it is."""
    jax.config.update("jax_enable_x64", True)  # noqa: FBT003  (JAX's own way)
    processor = jax.devices("cpu")[0]
    return tuple(jax.device_put(value, processor) for value in inputs)


def add(a: Any, b: Any) -> Any:
    """Return a + b as a new array, when it has been computed: without waiting, the call returns before.

    a, b: (n,).
    """
    return add_without_waiting(a, b).block_until_ready()


@jax.jit
def add_without_waiting(a: Any, b: Any) -> Any:
    """Return a + b as a new array, at once: it may not have been computed yet.

    a, b: (n,).
    """
    return a + b


def normal_equations(At: Any, y: Any) -> tuple[Floats, float]:
    """Return (w, b) by the normal equations A'A v = A'y.

    At: [X 1]', (n_features + 1, n_samples).   y: (n_samples,).
    """
    coefficients = np.asarray(_solve_normal_equations(At, y).block_until_ready())
    return coefficients[:-1], coefficients[-1]


@jax.jit
def _solve_normal_equations(At: Any, y: Any) -> Any:
    return jax.scipy.linalg.solve(At @ At.T, At @ y, assume_a="pos")


def lstsq(At: Any, y: Any) -> tuple[Floats, float]:
    """Return (w, b) by jax.numpy.linalg.lstsq, which takes a singular value decomposition.

    At: [X 1]', (n_features + 1, n_samples).   y: (n_samples,).
    """
    coefficients = np.asarray(_lstsq(At, y).block_until_ready())
    return coefficients[:-1], coefficients[-1]


@jax.jit
def _lstsq(At: Any, y: Any) -> Any:
    return jnp.linalg.lstsq(At.T, y)[0]


def gradient(X: Any, y: Any, w: Any, b: Any) -> tuple[Floats, Floats]:
    """Return the gradient of the mean half squared residual as (grad_w, grad_b), by jax.grad.

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    """
    grad_w, grad_b = jax.block_until_ready(_gradient(X, y, w, b))
    return np.asarray(grad_w), np.asarray(grad_b)


def _squared_loss(w: Any, b: Any, X: Any, y: Any) -> Any:
    return jnp.mean(jnp.square(X @ w + b - y)) / 2.0


@jax.jit
def _gradient(X: Any, y: Any, w: Any, b: Any) -> Any:
    return jax.grad(_squared_loss, argnums=(0, 1))(w, b, X, y)
