"""scikit-learn: LinearRegression, and SGDRegressor for an epoch of SGD.

Settings of LinearRegression: the defaults, since the user's guide recommends no others for dense data, and once more
with tol=0. Since version 1.9 the default tol=1e-6 is the cut-off for singular values, relative to the largest, so that
ill-conditioned data lose digits or directions to it; tol=0 keeps them all. X comes in Fortran order, which its LAPACK
routine (gelsd) works on. copy_X stays on: off, it would overwrite its input.

Settings of SGDRegressor: squared error, no penalty, a constant rate, one epoch without a stopping rule. It takes one
sample a step and has no mini-batches: an algorithm of its own. With shuffle=True, the default, it reads rows in a
random order that it draws itself, within the clock, from random_state; they are laid out so that this order is the
given one. With shuffle=False rows lie in the order of the visit, which spares it the drawing and the random access.
Documentation: https://scikit-learn.org/stable/modules/generated/sklearn.linear_model.LinearRegression.html
https://scikit-learn.org/stable/modules/generated/sklearn.linear_model.SGDRegressor.html
"""

import functools

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression, SGDRegressor

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Epoch = tuple[Floats, Floats, Floats, float, Indices, int, float]  # X, y, w, b, order, batch_size, learning_rate

_RANDOM_STATE = 0
_LOW_32_BITS = 2**32 - 1


def linear_regression(X: Floats, y: Floats) -> tuple[Floats, float]:
    """Return (w, b) by the singular value decomposition of the centred data, as documented.

    X: (n_samples, n_features), Fortran order.   y: (n_samples,).
    """
    model = LinearRegression().fit(X, y)
    return model.coef_, model.intercept_


def linear_regression_tol_0(X: Floats, y: Floats) -> tuple[Floats, float]:
    """Return (w, b) as linear_regression does, with no cut-off for small singular values.

    X: (n_samples, n_features), Fortran order.   y: (n_samples,).
    """
    model = LinearRegression(tol=0.0).fit(X, y)
    return model.coef_, model.intercept_


def in_order(inputs: Epoch) -> tuple[Floats, Floats, Floats, float, float]:
    """Return what an epoch in the order of the rows reads: X and y as they are to be visited, w, b, and the rate.

    inputs: those of an epoch with batches of one sample.
    """
    X, y, w, b, order, _, learning_rate = inputs
    return X[order], y[order], w, b, learning_rate


def shuffled(inputs: Epoch) -> tuple[Floats, Floats, Floats, float, float]:
    """Return what a shuffled epoch reads: X and y so that its own shuffling visits them in the given order, and so on.

    inputs: those of an epoch with batches of one sample.
    """
    X, y, w, b, order, _, learning_rate = inputs
    source = np.empty_like(order)
    source[_drawn_order(len(order))] = order
    return X[source], y[source], w, b, learning_rate


@functools.lru_cache(maxsize=1)
def _drawn_order(n_samples: int) -> list[int]:
    """Return the order that SGDRegressor draws: Fisher and Yates over a 32-bit xorshift.

    It is private to scikit-learn (utils/_seq_dataset, utils/_random); were it changed, the epoch's iterates would
    differ from the reference's from the first sample on, and the implementation be refused.
    """
    state = int(np.random.RandomState(_RANDOM_STATE).randint(0, 2**31 - 1))
    order = list(range(n_samples))
    for i in range(n_samples - 1):
        state ^= state << 13 & _LOW_32_BITS
        state ^= state >> 17
        state ^= state << 5 & _LOW_32_BITS
        j = i + state % 2**31 % (n_samples - i)
        order[i], order[j] = order[j], order[i]
    return order


def sgd_epoch_in_order(X: Floats, y: Floats, w: Floats, b: float, learning_rate: float) -> tuple[Floats, float]:
    """Return (w, b) after one update for each sample, in the order of the rows.

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    Source: scikit-learn's user guide, "Stochastic Gradient Descent", section "Mathematical formulation".
    """
    return _epoch(X, y, w, b, learning_rate, shuffle=False)


def sgd_epoch_shuffled(X: Floats, y: Floats, w: Floats, b: float, learning_rate: float) -> tuple[Floats, float]:
    """Return (w, b) after one update for each sample, in the order that random_state draws.

    X: (n_samples, n_features), C order.   y: (n_samples,).   w: (n_features,).
    """
    return _epoch(X, y, w, b, learning_rate, shuffle=True)


def _epoch(X: Floats, y: Floats, w: Floats, b: float, learning_rate: float, *, shuffle: bool) -> tuple[Floats, float]:
    model = SGDRegressor(
        penalty=None,
        learning_rate="constant",
        eta0=learning_rate,
        max_iter=1,
        tol=None,
        shuffle=shuffle,
        random_state=_RANDOM_STATE,
    )
    model.fit(X, y, coef_init=w.copy(), intercept_init=b)  # it updates coef_init in place
    return model.coef_, model.intercept_[0]
