"""Mini-batch SGD followed from epoch to epoch: how far its loss is above the least one."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lrbench.problems import houses, trajectories
from lrbench.regression import closed_form

BOUND = 1e9  # an excess this many times the start's will not come back

Floats = NDArray[np.float64]
Orders = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Regression:
    """Data and their least-squares answer, to which iterates are compared."""

    X: Floats  # (n_samples, n_features), C order
    y: Floats  # (n_samples,)
    optimum: Floats  # (n_features + 1,): w, then b
    hessian: Floats  # of the mean half squared residual, by (w, b)
    least_loss: float  # at the optimum

    def excess(self, w: Floats, b: float) -> float:
        """Return (loss - least) / least, as the quadratic form it is: the losses' difference would cancel digits."""
        error = np.append(w, b) - self.optimum
        return float(error @ self.hessian @ error) / (2 * self.least_loss)


def solve(X: Floats, y: Floats) -> Regression:
    """Return the data with their answer by QR."""
    w, b = closed_form.qr(X, y)
    residual = X @ w + b - y
    return Regression(X, y, np.append(w, b), trajectories.hessian(X), float(residual @ residual) / (2 * len(y)))


def of_houses(size: str, seed: int) -> Regression:
    """Return the documents' houses, standardised, with noise of standard deviation 0.5 in their prices."""
    return solve(*houses.make_houses(size, seed))


def reordered(data: Regression, rows: NDArray[np.int64]) -> Regression:
    """Return the same samples stored in another order."""
    return replace(data, X=np.ascontiguousarray(data.X[rows]), y=data.y[rows])


def shuffled(n_samples: int, n_epochs: int, rng: np.random.Generator) -> Orders:
    """Return the samples in a new random order for each epoch, (n_epochs, n_samples)."""
    return np.stack([rng.permutation(n_samples) for _ in range(n_epochs)])


def follow(
    data: Regression, start: tuple[Floats, float], orders: Orders, *, batch_size: int, learning_rate: float
) -> Floats:
    """Return the relative excess loss at the start and after each epoch; infinite from where it leaves all bounds."""
    from lrbench.regression.numba_jit import sgd_fit

    w, b = start
    found = np.full(len(orders) + 1, np.inf)
    found[0] = data.excess(w, b)
    for epoch in range(len(orders)):
        w, b = sgd_fit(data.X, data.y, w, b, orders[epoch : epoch + 1], batch_size, learning_rate, 0.0, 1)
        if not np.max(np.abs(w)) < BOUND:  # before squares overflow; NaN compares as false
            break
        excess = data.excess(w, b)
        if excess > BOUND * found[0]:
            break
        found[epoch + 1] = excess
    return found
