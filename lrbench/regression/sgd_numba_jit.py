"""Mini-batch SGD by loops that numba compiles: the rows to come are asked for while those of a batch are worked on.

Arithmetic: reassociated, as in numba_jit.

A row that the hardware does not expect costs a wait for memory, several times its arithmetic; a row asked for in time
costs its share of the bandwidth. How it is asked for was tuned on an AMD EPYC (Zen 4), in nanoseconds a sample at 10
and 100 features, where a uniform order takes 49 and 145 without asking:

- into the second cache: the first one keeps fewer requests open at once (43 and 140, against 18 and 78);
- a few lines at a time, throughout: requests beyond what the second cache keeps open are dropped without a word. So
  two rows are asked for in the pass for the residuals and two in the pass for the update, line by line as the vectors
  of the present rows are loaded: 32 against 41 for 100 features in sequence;
- every line that a row touches, and a load that touches no other: a vector that reached beyond its row made a uniform
  order cost 37 where it costs 13, and one line of a row left out made 100 features in sequence cost 67;
- 32 rows ahead: 20 make 10 features in sequence cost a fifth more, 48 are no better;
- from 64 features on once more, 8 rows ahead into the first cache, in the pass for the update: shuffled blocks cost 36
  for 41 at 100 features, as the second cache alone delivers too slowly for the residuals. Shorter rows lose by it.

Rows that are shorter than a vector are worked on in pairs, by plain loops. The parts of an epoch are compiled into its
loop: called, with all their arrays, they cost a narrow row a quarter more.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from lrbench.regression.rows import ROWS, subtract_rows, write_steps
from lrbench.regression.vectors import LANES, address_of, data_of, prefetch

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

AHEAD, NEARBY = 32, 8  # rows that are asked for in the second cache, and from there in the first
WIDE = 64  # features from which on the latter pays
SMALL = 2**17  # float64 in the second cache: data this small are there after one epoch

compiled = njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
inlined = njit(inline="always")  # a callee would be compiled by itself and again with every caller


@intrinsic
def _prefetch(_context: Any, a: Any, i: Any) -> Any:
    """Ask for the cache line of element i of an array in C order in the second cache, and go on. i is not checked."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = data_of(context, builder, signature, arguments, 0)
        prefetch(builder, address_of(builder, data, arguments[1]))
        return context.get_dummy_value()

    return types.void(a, i), generate


@inlined
def _ask_for_row(X: Floats, y: Floats, i: int) -> None:
    """Prefetch y[i] and the one or two lines of row i, shorter than a line."""
    _prefetch(y, i)  # type: ignore[call-arg]  # the first argument is the compiler's
    _prefetch(X, i * X.shape[1])
    _prefetch(X, (i + 1) * X.shape[1] - 1)


@inlined
def _descend_narrow(
    X: Floats, y: Floats, w: Floats, b: float, order: Indices, start: int, stop: int, steps: Floats, rate: float
) -> float:
    """Subtract rate * residual * (x, 1) of order[start:stop] from w, in place, and from b; return the new b.

    The rows are shorter than a vector; steps is for passing on what the update needs.
    """
    d, last, asking = len(w), len(order) - 1, X.size > SMALL
    paired = stop - (stop - start) % 2
    for k in range(start, paired, 2):
        if asking:
            _ask_for_row(X, y, order[min(k + AHEAD, last)])
            _ask_for_row(X, y, order[min(k + 1 + AHEAD, last)])
        i_0, i_1 = order[k], order[k + 1]
        x_0, x_1 = X[i_0], X[i_1]
        r_0, r_1 = b - y[i_0], b - y[i_1]
        for j in range(d):
            r_0 += x_0[j] * w[j]
            r_1 += x_1[j] * w[j]
        steps[k - start], steps[k + 1 - start] = rate * r_0, rate * r_1
    for k in range(paired, stop):
        x_0 = X[order[k]]
        r_0 = b - y[order[k]]
        for j in range(d):
            r_0 += x_0[j] * w[j]
        steps[k - start] = rate * r_0
    for k in range(start, paired, 2):
        x_0, x_1 = X[order[k]], X[order[k + 1]]
        s_0, s_1 = steps[k - start], steps[k + 1 - start]
        for j in range(d):
            w[j] -= s_0 * x_0[j] + s_1 * x_1[j]
        b -= s_0 + s_1
    for k in range(paired, stop):
        x_0 = X[order[k]]
        s_0 = steps[k - start]
        for j in range(d):
            w[j] -= s_0 * x_0[j]
        b -= s_0
    return b


@inlined
def _four(order: Indices, k: int, last: int) -> tuple[int, int, int, int]:
    """Return order[k:k + 4], the last one again where there are fewer up to `last`."""
    return order[min(k, last)], order[min(k + 1, last)], order[min(k + 2, last)], order[min(k + 3, last)]


@inlined
def _two(order: Indices, k: int, last: int) -> tuple[int, int]:
    """Return order[k:k + 2], likewise."""
    return order[min(k, last)], order[min(k + 1, last)]


@inlined
def _none(_order: Indices, _k: int, _last: int) -> tuple[()]:
    """Return no indices: nothing is asked for."""
    return ()


def _descent(in_residuals: Any, in_update: Any, skipped: int, nearby: Any = _none) -> Callable[..., float]:
    """Return the function that does as `_descend_narrow` for rows that are no shorter than a vector, and packed w.

    in_residuals, in_update: take the rows to ask for, AHEAD of those at work, in either pass; the second one's first
    `skipped` have been asked for in the first.   nearby: takes those to ask for once more, in the second pass.
    """

    def descend(
        X: Floats, y: Floats, w: Floats, b: float, order: Indices, start: int, stop: int, steps: Floats, rate: float
    ) -> float:
        last = len(order) - 1
        for k in range(start, stop, ROWS):
            rows, asked = _four(order, k, stop - 1), in_residuals(order, k + AHEAD, last)
            write_steps(X, rows, asked, (), y, w, b, rate, stop - k, steps, k - start)  # type: ignore[call-arg]  # as above
        for k in range(start, stop, ROWS):
            rows, asked = _four(order, k, stop - 1), in_update(order, k + skipped + AHEAD, last)
            near = nearby(order, k + NEARBY, last)
            b -= subtract_rows(X, rows, asked, near, y, steps, k - start, w)  # type: ignore[call-arg]  # as above
        return b

    return inlined(descend)


def _epoch(descend: Any) -> Callable[..., tuple[float, float, int]]:
    """Return the function that descends by each mini-batch of an order of samples."""

    def epoch(
        X: Floats, y: Floats, w: Floats, b: float, order: Indices, batch_size: int, rate: float, sum_w: Floats
    ) -> tuple[float, float, int]:
        """Change w in place, and return b, the sum of b after each update, and their number; add w to sum_w.

        sum_w: of w's shape, or empty, for no sums.
        """
        steps = np.empty(min(batch_size, len(order)) + ROWS)
        sum_b, n_updates = 0.0, 0
        for start in range(0, len(order), batch_size):
            stop = min(start + batch_size, len(order))
            b = descend(X, y, w, b, order, start, stop, steps, rate / (stop - start))
            if len(sum_w):
                for j in range(len(w)):
                    sum_w[j] += w[j]
                sum_b += b
                n_updates += 1
        return b, sum_b, n_updates

    return inlined(epoch)


_epoch_narrow = _epoch(_descend_narrow)
_epoch_small = _epoch(_descent(_none, _none, 0))
_epoch_far = _epoch(_descent(_two, _two, 2))
_epoch_wide = _epoch(_descent(_two, _two, 2, nearby=_four))
_epoch_long = _epoch(_descent(_four, _none, 0))  # batches whose later rows are due before the update's pass begins


@compiled
def _run(
    X: Floats, y: Floats, w: Floats, b: float, order: Indices, batch_size: int, rate: float, sum_w: Floats
) -> tuple[float, float, int]:
    """Do as `epoch` in `_epoch`, in the way that suits the data; w is packed."""
    if X.shape[1] < LANES:
        return _epoch_narrow(X, y, w, b, order, batch_size, rate, sum_w)
    if X.size <= SMALL:
        return _epoch_small(X, y, w, b, order, batch_size, rate, sum_w)
    if batch_size > AHEAD:
        return _epoch_long(X, y, w, b, order, batch_size, rate, sum_w)
    if X.shape[1] < WIDE:
        return _epoch_far(X, y, w, b, order, batch_size, rate, sum_w)
    return _epoch_wide(X, y, w, b, order, batch_size, rate, sum_w)


@compiled
def _packed(w: Floats) -> Floats:
    """Return coefficients in whole vectors, the rest at the end of the last; as they are if shorter than a vector."""
    d = len(w)
    if d < LANES:
        return w.copy()
    covered = (d - 1) // LANES * LANES
    packed = np.zeros(covered + LANES)
    for j in range(d):  # by a loop: a slice's text for its errors takes seconds to compile
        packed[j if j < covered else j + len(packed) - d] = w[j]
    return packed


@compiled
def _unpacked(packed: Floats, d: int) -> Floats:
    """Return the d coefficients of which these are the packed ones."""
    w = np.empty(d)
    covered = (d - 1) // LANES * LANES
    for j in range(d):
        w[j] = packed[j if j < covered else j + len(packed) - d]
    return w


@compiled
def sgd_epoch(
    X: Floats, y: Floats, w: Floats, b: float, order: Indices, batch_size: int, learning_rate: float
) -> tuple[Floats, float]:
    """Return (w, b) after one update for each mini-batch, the consecutive slices of an order of samples.

    w <- w - (rate/m) sum_i x_i (w.x_i + b - y_i),   b <- b - (rate/m) sum_i (w.x_i + b - y_i)

    over the m samples of a batch; the last batch may be smaller, and averages over its own size. The source's
    written-out update of b loses the residual's `+ b`; here both updates share the whole residual.

    Nothing is assumed of the order. It decides what an epoch costs and how fast epochs converge: a uniformly drawn one
    makes each batch a fair sample, however the data are sorted; one of shuffled blocks reads memory in sequence, and
    assumes that neighbours are no more alike than other samples.

    X: (n_samples, n_features), C order.   order: indices of rows, int64, from 0; an empty one changes nothing.
    Work: 4 len(order) n_features flops; each visited row is read once from memory, ahead of time, and once from cache.
    Source: Dive into Deep Learning, "Linear Regression", section "Minibatch Stochastic Gradient Descent".
    """
    v = _packed(w)
    b, _, _ = _run(X, y, v, b, order, batch_size, learning_rate, np.empty(0))
    return _unpacked(v, len(w)), b


@compiled
def sgd_fit(
    X: Floats,
    y: Floats,
    w: Floats,
    b: float,
    orders: Indices,
    batch_size: int,
    learning_rate: float,
    decay: float,
    average_from: int,
) -> tuple[Floats, float]:
    """Return (w, b) after one epoch of mini-batch SGD for each order of samples.

    Epoch k = 0, 1, ... learns at learning_rate / (1 + decay k). The result is the mean of the iterates
    after each update of the epochs from `average_from` on (Polyak and Ruppert); where that leaves none, the last one.

    X: (n_samples, n_features), C order.   orders: (n_epochs, n_visits), int64.
    Work: 4 n_features flops a visit.
    Source: Dive into Deep Learning, "Linear Regression" and "Stochastic Gradient Descent" (the decaying rate).
    """
    v = _packed(w)
    sum_v, sum_b, n_averaged = np.zeros_like(v), 0.0, 0
    for epoch in range(len(orders)):
        sums = sum_v if epoch >= average_from else sum_v[:0]
        rate = learning_rate / (1 + decay * epoch)
        b, more, n_updates = _run(X, y, v, b, orders[epoch], batch_size, rate, sums)
        sum_b += more
        n_averaged += n_updates
    if n_averaged:
        return _unpacked(sum_v / n_averaged, len(w)), sum_b / n_averaged
    return _unpacked(v, len(w)), b
