"""PyTorch on the processor: vector addition, least squares, the gradient by autograd, nn.Linear trained by SGD.

Settings: float64; tensors are the memory of the arrays, without a copy; as many threads as OMP_NUM_THREADS says, which
PyTorch reads when it is loaded. lstsq takes the driver that the documentation names for matrices of full rank, gels.
Least squares know no intercept: a column of ones stands last. Matrices come in Fortran order, which LAPACK works on,
and in which the normal equations were measured three to five times as quick at 30 columns, and elsewhere about alike.
Documentation: https://docs.pytorch.org/docs/stable/generated/torch.linalg.lstsq.html
https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def tensors(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return arrays as tensors of the same memory, and everything else as it is."""
    return tuple(torch.from_numpy(value) if isinstance(value, np.ndarray) else value for value in inputs)


def tensors_with_output(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return (a, b) as tensors with a third, an output of NaN, so that an element never written is seen."""
    a, b = tensors(inputs)
    return a, b, torch.full_like(a, torch.nan)


def add_item_by_item(a: Any, b: Any) -> Any:
    """Return a + b as a new tensor, one element at a time from Python into a tensor of zeros.

    a, b: (n,).
    Source: Dive into Deep Learning, "Linear Regression", section "Vectorization for Speed", PyTorch's edition.
    """
    c = torch.zeros(len(a), dtype=torch.float64)
    for i in range(len(a)):
        c[i] = a[i] + b[i]
    return c


def add(a: Any, b: Any) -> Any:
    """Return a + b as a new tensor.

    a, b: (n,).
    Source: Dive into Deep Learning, "Linear Regression", section "Vectorization for Speed", PyTorch's edition.
    """
    return a + b


def add_into(a: Any, b: Any, out: Any) -> Any:
    """Write a + b into out, and return out.

    a, b, out: (n,).
    """
    return torch.add(a, b, out=out)


def lstsq(A: Any, y: Any) -> tuple[Floats, float]:
    """Return (w, b) by torch.linalg.lstsq with a QR.

    A: [X 1], (n_samples, n_features + 1), Fortran order.   y: (n_samples,).
    """
    coefficients = torch.linalg.lstsq(A, y.unsqueeze(1), driver="gels").solution.squeeze(1).numpy()
    return coefficients[:-1], coefficients[-1]


def normal_equations(A: Any, y: Any) -> tuple[Floats, float]:
    """Return (w, b) by the normal equations A'A v = A'y and their Cholesky factor.

    A: [X 1], (n_samples, n_features + 1), Fortran order.   y: (n_samples,).
    """
    factor = torch.linalg.cholesky(A.T @ A)
    coefficients = torch.cholesky_solve((A.T @ y).unsqueeze(1), factor).squeeze(1).numpy()
    return coefficients[:-1], coefficients[-1]


def gradient(X: Any, y: Any, w: Any, b: float) -> tuple[Floats, Floats]:
    """Return the gradient of the mean half squared residual as (grad_w, grad_b), by autograd.

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    """
    weight = w.detach().requires_grad_()
    bias = torch.tensor(b, dtype=torch.float64, requires_grad=True)
    loss = torch.nn.functional.mse_loss(torch.addmv(bias, X, weight), y) / 2.0
    grad_w, grad_b = torch.autograd.grad(loss, (weight, bias))
    return grad_w.numpy(), grad_b.numpy()


def sgd_epoch(
    X: Any, y: Any, w: Any, b: float, order: Any, batch_size: int, learning_rate: float
) -> tuple[Floats, Floats]:
    """Return (w, b) after one epoch of the documents' dense layer: nn.Linear, its loss, and the optimiser SGD.

    MSELoss is halved, since the loss of the formulas is half the squared residual. A batch is drawn by indexing, which
    is quicker than a DataLoader.

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).   order: indices of rows.
    Source: Dive into Deep Learning, "Concise Implementation of Linear Regression".
    """
    layer = torch.nn.Linear(X.shape[1], 1, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(w)
        layer.bias.fill_(b)
    loss = torch.nn.MSELoss()
    optimizer = torch.optim.SGD(layer.parameters(), lr=learning_rate)
    for batch in order.split(batch_size):
        optimizer.zero_grad()
        (loss(layer(X[batch]).squeeze(1), y[batch]) / 2.0).backward()
        optimizer.step()
    return layer.weight.detach().squeeze(0).numpy(), layer.bias.detach().squeeze(0).numpy()
