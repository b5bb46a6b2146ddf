"""The loss in matrix form, its gradient and where it vanishes, each held against another way to the same."""

import numpy as np

from lrbench import gate
from lrbench.problems import houses
from lrbench.registry import Floats

_STEP = 0.5  # of the differences: any will do, since a parabola's central differences are its derivatives


def matrix_gradient(A: Floats, y: Floats, v: Floats) -> Floats:
    """Return A'(A v - y) / n, the gradient of |A v - y|^2 / (2 n)."""
    return np.asarray(A.T @ (A @ v - y) / len(y))


def checked(seed: int) -> dict[str, float]:
    """Return how far the formulas are from loops, from differences of the loss and from each other.

    Errors of gradients are relative to the largest element. `printed_error_by_b` is the derivative by b as one document
    prints it, with residuals that lack b, less that by differences of the loss.
    """
    X, y = houses.make_houses("40x3", seed)
    w, b = houses.random_start(3, seed)
    w, b = 10.0 * w, 10.0 * b
    v, A = np.append(w, b), np.column_stack([X, np.ones(len(y))])
    gradient = matrix_gradient(A, y, v)
    by_loops = np.append(
        *gate.resolve("lrbench.regression.python_loop:gradient")(X.tolist(), y.tolist(), w.tolist(), b)
    )
    differences = _differences(X, y, v)
    inverse = np.append(*gate.resolve("lrbench.regression.closed_form:inverse")(X, y))
    qr = np.append(*gate.resolve("lrbench.regression.closed_form:qr")(X, y))
    largest = float(np.max(np.abs(gradient)))
    return {
        "gradient_error_by_loops": float(np.max(np.abs(gradient - by_loops))) / largest,
        "gradient_error_by_differences": float(np.max(np.abs(gradient - differences))) / largest,
        "gradient_at_closed_form": float(np.max(np.abs(matrix_gradient(A, y, inverse)))),
        "textbook_less_qr": float(np.max(np.abs(inverse - qr))),
        "b": float(b),
        "printed_error_by_b": float(np.mean(X @ w - y)) - float(differences[-1]),
    }


def _differences(X: Floats, y: Floats, v: Floats) -> Floats:
    """Return the central differences of the loss by each element of v = (w, b)."""
    loss = gate.resolve("lrbench.regression.python_loop:squared_loss")
    rows, targets = X.tolist(), y.tolist()

    def at(u: Floats) -> float:
        return float(loss(rows, targets, u[:-1].tolist(), float(u[-1])))

    return np.array([(at(v + step) - at(v - step)) / (2 * _STEP) for step in _STEP * np.eye(len(v))])
