"""What theory says of mini-batch SGD at a constant learning rate, from the second moments of its error.

With e the distance of (w, b) from the optimum, z = (x, 1) a sample and r its residual at the optimum, a step is

    e <- e - rate * mean over the batch of z (z.e + r).

If every batch is drawn anew, S = E[e e'] follows a linear recursion (H the Hessian, K(S) = mean of z z'S z z', and
c = 1/m with replacement, (n - m) / (m (n - 1)) without, for batches of m of n samples):

    S <- S - rate (H S + S H) + rate^2 (H S H + c (K(S) - H S H)) + rate^2 c G,    G = mean of r^2 z z'

In the coordinates of H's eigenvectors H S + S H is a diagonal map, so the largest rate at which S stays bounded is one
eigenvalue, and the S at which it stands still one linear system.
Source: the textbook's least-mean-squares analysis (S. Haykin, "Adaptive Filter Theory"), with exact fourth moments.
"""

from dataclasses import dataclass

import numpy as np

from lrbench.experiments.sgd_paths import Floats, Regression


@dataclass(frozen=True, slots=True)
class Moments:
    """The recursion's parts, on symmetric matrices as vectors: the upper triangle, off the diagonal times sqrt(2)."""

    n_samples: int
    sums: Floats  # of each pair of curvatures: H S + S H
    products: Floats  # of each pair of curvatures: H S H
    fourth: Floats  # the matrix of K
    noise: Floats  # G
    curvatures: Floats  # diagonal entries' curvature, zero elsewhere: the loss is half their product with S
    mean_square: float  # of the residuals at the optimum


def moments(data: Regression) -> Moments:
    """Return the moments of the samples, in the coordinates of the Hessian's eigenvectors."""
    curvatures, axes = np.linalg.eigh(data.hessian)
    A = np.column_stack([data.X, np.ones(len(data.y))])
    residual, Z = A @ data.optimum - data.y, A @ axes
    i, j = np.triu_indices(len(curvatures))
    pairs = Z[:, i] * Z[:, j] * np.where(i == j, 1.0, np.sqrt(2.0))
    return Moments(
        n_samples=len(Z),
        sums=curvatures[i] + curvatures[j],
        products=curvatures[i] * curvatures[j],
        fourth=pairs.T @ pairs / len(Z),
        noise=residual**2 @ pairs / len(Z),
        curvatures=np.where(i == j, curvatures[i], 0.0),
        mean_square=float(residual @ residual) / len(Z),
    )


def descent_limit(data: Regression) -> float:
    """Return 2 / largest curvature: the largest learning rate of full-batch descent, and of SGD's mean iterate."""
    return 2.0 / float(np.linalg.eigvalsh(data.hessian)[-1])


def certain_limit(data: Regression) -> float:
    """Return 2 / max(|x|^2 + 1): up to it no batch, of any size, enlarges any error."""
    return 2.0 / (float(np.einsum("ij,ij->i", data.X, data.X).max()) + 1.0)


def mean_square_limit(found: Moments, batch_size: int) -> float:
    """Return the learning rate below which the mean squared error stays bounded, batches being drawn anew."""
    square = _square(found, (found.n_samples - batch_size) / (batch_size * (found.n_samples - 1)))
    scale = 1.0 / np.sqrt(found.sums)
    return 1.0 / float(np.linalg.eigvalsh(scale[:, None] * square * scale)[-1])


def floor(found: Moments, batch_size: int, learning_rate: float) -> float:
    """Return the mean relative excess loss around which SGD hops in the end, samples drawn with replacement."""
    square = _square(found, 1.0 / batch_size)
    still = np.diag(found.sums) - learning_rate * square
    covariance = np.linalg.solve(still, learning_rate / batch_size * found.noise)
    return float(found.curvatures @ covariance) / found.mean_square


def _square(found: Moments, share: float) -> Floats:
    """Return the matrix of S -> H S H + share (K(S) - H S H)."""
    product: Floats = np.diag((1.0 - share) * found.products) + share * found.fourth
    return product
