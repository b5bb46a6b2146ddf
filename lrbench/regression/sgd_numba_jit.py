"""Mini-batch SGD by loops that numba compiles: the rows to come are asked for while those of a batch are worked on.

Arithmetic: reassociated, as in numba_jit.

A row that the hardware does not expect costs a wait for memory, several times its arithmetic; a row asked for in time
costs its share of the bandwidth. How it is asked for was tuned on an AMD EPYC (Zen 4), in nanoseconds a sample at 10
and 100 features, where a uniform order takes 49 and 145 without asking:

- into the second cache: the first one keeps fewer requests open at once (43 and 140, against 18 and 78);
- a few lines at a time, throughout: requests beyond what the second cache keeps open are dropped without a word. So
  of a wide row one half is asked for in the pass for the residuals and the other in the pass for the update: 36
  against 49 for 100 features in sequence, where the hardware alone manages 55;
- 20 rows ahead; from 16 to 60 no other distance is better.

Two rows are worked on at once: enough to hide the latency of short dot products, with few left over by a batch. The
parts of an epoch are compiled into its loop: called, with all their arrays, they cost a narrow row a quarter more (and
so does one level more of functions between).
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

AHEAD = 20  # rows
LINE = 8  # float64 in one cache line of 64 bytes
NARROW = 32  # features up to which a row is asked for at once
NEAR = 2**17  # float64 in the second cache: data this small are there after one epoch

compiled = njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
inlined = njit(cache=True, nogil=True, fastmath={"reassoc", "contract"}, forceinline=True)


@intrinsic
def _prefetch(_context: Any, a: Any, i: Any) -> Any:
    """Ask for the cache line of element i of an array in C order in the second cache, and go on. i is not checked."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        number = ir.IntType(32)
        pointer = builder.bitcast(builder.gep(array.data, [arguments[1]]), ir.IntType(8).as_pointer())
        kinds = ir.FunctionType(ir.VoidType(), [pointer.type, number, number, number])
        ask = builder.module.declare_intrinsic("llvm.prefetch", (pointer.type,), kinds)
        builder.call(ask, [pointer, number(0), number(2), number(1)])  # to read, into the second cache, data
        return context.get_dummy_value()

    return types.void(a, i), generate


@inlined
def _ask_for_lines(X: Floats, i: int, first: int, end: int) -> None:
    """Prefetch features first to end of row i, from the first on one of each line."""
    row = i * X.shape[1]
    for j in range(row + first, row + end, LINE):
        _prefetch(X, j)  # type: ignore[call-arg]  # the first argument is the compiler's


@inlined
def _ask_for_head(X: Floats, y: Floats, i: int, head: int) -> None:
    """Prefetch y[i], the first `head` features of row i, and its last: with it the line that the row ends in."""
    _prefetch(y, i)  # type: ignore[call-arg]  # the first argument is the compiler's
    _ask_for_lines(X, i, 0, head)
    _prefetch(X, (i + 1) * X.shape[1] - 1)


@inlined
def _residuals(
    X: Floats, y: Floats, w: Floats, b: float, order: Indices, start: int, stop: int, residual: Floats, head: int
) -> None:
    """Write the residuals w.x_i + b - y_i of order[start:stop] into the head of a buffer.

    head: how many features of the rows to come are asked for meanwhile; below 0, nothing is.
    """
    d, last, asking = len(w), len(order) - 1, head >= 0
    paired = stop - (stop - start) % 2
    for k in range(start, paired, 2):
        if asking:
            _ask_for_head(X, y, order[min(k + AHEAD, last)], head)
            _ask_for_head(X, y, order[min(k + 1 + AHEAD, last)], head)
        i_0, i_1 = order[k], order[k + 1]
        x_0, x_1 = X[i_0], X[i_1]
        r_0, r_1 = b - y[i_0], b - y[i_1]
        for j in range(d):
            r_0 += x_0[j] * w[j]
            r_1 += x_1[j] * w[j]
        residual[k - start], residual[k + 1 - start] = r_0, r_1
    for k in range(paired, stop):
        x_0 = X[order[k]]
        r_0 = b - y[order[k]]
        for j in range(d):
            r_0 += x_0[j] * w[j]
        residual[k - start] = r_0


@inlined
def _descend(
    X: Floats, w: Floats, b: float, order: Indices, start: int, stop: int, residual: Floats, step: float, head: int
) -> float:
    """Subtract step * residual * (x, 1) of order[start:stop] from w, in place, and from b; return the new b."""
    d, last, asking = len(w), len(order) - 1, 0 <= head < len(w)
    paired = stop - (stop - start) % 2
    for k in range(start, paired, 2):
        if asking:
            _ask_for_lines(X, order[min(k + AHEAD, last)], head, d)
            _ask_for_lines(X, order[min(k + 1 + AHEAD, last)], head, d)
        x_0, x_1 = X[order[k]], X[order[k + 1]]
        s_0, s_1 = step * residual[k - start], step * residual[k + 1 - start]
        for j in range(d):
            w[j] -= s_0 * x_0[j] + s_1 * x_1[j]
        b -= s_0 + s_1
    for k in range(paired, stop):
        x_0 = X[order[k]]
        s_0 = step * residual[k - start]
        for j in range(d):
            w[j] -= s_0 * x_0[j]
        b -= s_0
    return b


@inlined
def _head(X: Floats, batch_size: int) -> int:
    """Return how many features of a row are asked for in the pass for the residuals; below 0 if nothing is to be.

    A batch that is longer than the way ahead needs whole rows: its later ones before the update's pass begins.
    """
    d = X.shape[1]
    if X.size <= NEAR:
        return -1
    if d <= NARROW or batch_size > AHEAD:
        return d
    return d // 2 // LINE * LINE


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
    w = w.copy()
    residual, head = np.empty(min(batch_size, len(order))), _head(X, batch_size)
    for start in range(0, len(order), batch_size):
        stop = min(start + batch_size, len(order))
        _residuals(X, y, w, b, order, start, stop, residual, head)
        b = _descend(X, w, b, order, start, stop, residual, learning_rate / (stop - start), head)
    return w, b


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
    n_epochs, n_visits = orders.shape
    w = w.copy()
    residual, head = np.empty(min(batch_size, n_visits)), _head(X, batch_size)
    sum_w, sum_b, n_updates = np.zeros_like(w), 0.0, 0
    for epoch in range(n_epochs):
        rate = learning_rate / (1 + decay * epoch)
        for start in range(0, n_visits, batch_size):
            stop = min(start + batch_size, n_visits)
            _residuals(X, y, w, b, orders[epoch], start, stop, residual, head)
            b = _descend(X, w, b, orders[epoch], start, stop, residual, rate / (stop - start), head)
            if epoch >= average_from:
                sum_w += w
                sum_b += b
                n_updates += 1
    if n_updates:
        return sum_w / n_updates, sum_b / n_updates
    return w, b
