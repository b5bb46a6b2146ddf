"""A dense layer of a neural network, in NumPy and in PyTorch, and the paths of its parameters under SGD.

A path: (n_steps + 1, n_inputs + 1), the weights and the bias before the first step and after each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrbench.regression import numpy_vectorized

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Dense:
    """A layer whose every output is joined to every input."""

    W: Floats  # (n_outputs, n_inputs)
    b: Floats  # (n_outputs,)


def forward(layer: Dense, inputs: Floats) -> Floats:
    """Return the outputs, inputs W' + b.

    inputs: (n_samples, n_inputs).   Result: (n_samples, n_outputs).
    """
    return inputs @ layer.W.T + layer.b


def backward(inputs: Floats, upstream: Floats) -> Dense:
    """Return the loss's gradient by W and b, in the shape of a layer, from its gradient by the outputs.

    By the chain rule, an output's gradient passes to a weight times that weight's input, and to the bias as it is.

    inputs: (n_samples, n_inputs).   upstream: (n_samples, n_outputs).
    Source: Dive into Deep Learning, "Forward Propagation, Backward Propagation, and Computational Graphs".
    """
    return Dense(upstream.T @ inputs, upstream.sum(axis=0))


def layer_path(X: Floats, y: Floats, w: Floats, b: float, batches: Sequence[Indices], learning_rate: float) -> Floats:
    """Return the path of a layer of one output, trained on half the squared error.

    X: (n_samples, n_inputs).   y: (n_samples,).   batches: the rows of X that each step sees.
    """
    layer = Dense(w[np.newaxis].copy(), np.array([b]))
    path = [np.append(layer.W, layer.b)]
    for batch in batches:
        upstream = (forward(layer, X[batch]) - y[batch, np.newaxis]) / len(batch)
        grad = backward(X[batch], upstream)
        layer = Dense(layer.W - learning_rate * grad.W, layer.b - learning_rate * grad.b)
        path.append(np.append(layer.W, layer.b))
    return np.array(path)


def regression_path(
    X: Floats, y: Floats, w: Floats, b: float, batches: Sequence[Indices], learning_rate: float
) -> Floats:
    """Return the path of linear regression's own minibatch SGD over the same batches."""
    path = [np.append(w, b)]
    for batch in batches:
        w, b = numpy_vectorized.sgd_epoch(X, y, w, b, batch, len(batch), learning_rate)
        path.append(np.append(w, b))
    return np.array(path)


def torch_path(
    X: Floats, y: Floats, w: Floats, b: float, batches: Sequence[Indices], learning_rate: float, *, precision: str
) -> Floats:
    """Return the path of PyTorch's nn.Linear, its gradients by automatic differentiation.

    precision: "float64" or "float32", PyTorch's default.   ImportError without PyTorch.
    Source: Dive into Deep Learning, "Concise Implementation of Linear Regression".
    """
    import torch

    dtype = getattr(torch, precision)
    inputs, wanted = torch.tensor(X, dtype=dtype), torch.tensor(y, dtype=dtype).unsqueeze(1)
    layer = torch.nn.Linear(X.shape[1], 1, dtype=dtype)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(w))
        layer.bias.fill_(b)
    loss, optimizer = torch.nn.MSELoss(), torch.optim.SGD(layer.parameters(), lr=learning_rate)
    path = [_parameters(layer)]
    for batch in batches:
        optimizer.zero_grad()
        (loss(layer(inputs[batch]), wanted[batch]) / 2).backward()  # MSELoss has no half
        optimizer.step()
        path.append(_parameters(layer))
    return np.array(path)


def _parameters(layer: Any) -> Floats:
    return np.append(layer.weight.detach().numpy(), layer.bias.detach().numpy()).astype(np.float64)


def misprinted_path(
    X: Floats, y: Floats, w: Floats, b: float, batches: Sequence[Indices], learning_rate: float
) -> Floats:
    """Return the path with the update of b as a document prints it: its residual lacks b."""
    path = [np.append(w, b)]
    for batch in batches:
        rows, wanted = X[batch], y[batch]
        residual = rows @ w + b - wanted
        b -= learning_rate * float(np.mean(rows @ w - wanted))
        w = w - learning_rate * residual @ rows / len(batch)
        path.append(np.append(w, b))
    return np.array(path)


def differences(path: Floats, other: Floats) -> Floats:
    """Return, before the first step and after each, the largest difference of a parameter over the largest one."""
    return np.abs(path - other).max(axis=1) / np.abs(other).max(axis=1)
