"""Handwritten digits, and least squares that reads them, judged on pictures that it has not seen."""

import numpy as np
from numpy.typing import NDArray

from lrbench.regression import closed_form

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

SIDE = 8  # pixels of a picture's side
WHITE_TO_BLACK = 16.0


def load(n_classes: int) -> tuple[Floats, Indices]:
    """Return (pictures, digits) of the digits below n_classes, as they ship with scikit-learn.

    pictures: (n_samples, 64), each pixel's ink from 0 (white) to 1 (black), row by row.   digits: (n_samples,).
    ImportError without scikit-learn.
    Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository.
    """
    from sklearn.datasets import load_digits

    pictures, digits = load_digits(return_X_y=True)
    kept = digits < n_classes
    return pictures[kept] / WHITE_TO_BLACK, digits[kept].astype(np.int64)


def folds(n_samples: int, n_folds: int, seed: int) -> Indices:
    """Return the number of the fold that each sample belongs to: at random, in equal shares."""
    return np.random.default_rng([seed, 2]).permutation(n_samples) % n_folds


def one_per_class(digits: Indices, n_classes: int) -> Floats:
    """Return what an output per class should say: 1 for its own digit, 0 for the others. (n_samples, n_classes)."""
    return np.equal.outer(digits, np.arange(n_classes)).astype(np.float64)


def held_out(features: Floats, targets: Floats, fold: Indices) -> Floats:
    """Return every sample's outputs by least squares that was fitted to the other folds.

    The singular value decomposition takes the shortest weights where many are equally good: pixels that are white in
    every picture leave theirs open.

    features: (n_samples, n_features).   targets: (n_samples, n_outputs).   fold: (n_samples,).
    """
    outputs = np.empty_like(targets)
    for k in np.unique(fold):
        seen, unseen = fold != k, fold == k
        for column in range(targets.shape[1]):
            w, b = closed_form.svd(features[seen], targets[seen, column])
            outputs[unseen, column] = features[unseen] @ w + b
    return outputs


def hidden_outputs(pictures: Floats, n_hidden: int, seed: int, *, bent: bool) -> Floats:
    """Return the outputs of a first layer with random weights, for a second one to be fitted to.

    bent: each output is max(0, sum); else the sum itself. The matrix of weights has orthogonal columns, so that
    without the bend the second layer's shortest weights give the very outputs of a single layer's shortest.

    pictures: (n_samples, n_pixels).   Result: (n_samples, n_hidden), with n_hidden at least n_pixels.
    """
    rng = np.random.default_rng([seed, 3])
    n_pixels = pictures.shape[1]
    orthonormal, _ = np.linalg.qr(rng.standard_normal((n_hidden, n_pixels)))
    sums = (pictures - 0.5) @ (orthonormal.T * np.sqrt(n_hidden / n_pixels)) + rng.uniform(-1.0, 1.0, n_hidden)
    return np.maximum(sums, 0.0) if bent else sums
