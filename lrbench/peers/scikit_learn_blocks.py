"""scikit-learn: SGDRegressor.partial_fit, block after block, its documented way for data beyond memory.

Settings: squared error, no penalty, averaged iterates (average=True), which the user's guide recommends, and the
default rate, eta0 / t^0.25 with eta0 = 0.01. Blocks are as large as lrbench's own; two epochs, each in the order of the
file, rows shuffled within a block by itself.
Documentation: https://scikit-learn.org/stable/computing/scaling_strategies.html
https://scikit-learn.org/stable/modules/generated/sklearn.linear_model.SGDRegressor.html
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import SGDRegressor

Floats = NDArray[np.float64]

_BLOCK_BYTES, _LEAST_BLOCKS, _EPOCHS = 32 * 2**20, 8, 2


def partial_fit(X: str, y: str) -> tuple[Floats, float]:
    """Return (w, b) after two epochs, near the minimiser.

    X: the path of a .npy file, (n_samples, n_features), C order.   y: the path of one of (n_samples,).
    """
    features, target = np.load(X, mmap_mode="r"), np.load(y, mmap_mode="r")
    n_rows = max(1, min(_BLOCK_BYTES, features.nbytes // _LEAST_BLOCKS) // (8 * features.shape[1]))
    model = SGDRegressor(penalty=None, average=True, random_state=0)
    for _ in range(_EPOCHS):
        for i in range(0, len(target), n_rows):
            model.partial_fit(features[i : i + n_rows], target[i : i + n_rows])
    return model.coef_, float(model.intercept_[0])
