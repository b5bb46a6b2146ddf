"""Implementations that are wrong on purpose, each in one way that has happened somewhere. The gate must refuse all."""

import os
import time

import numpy as np

from lrbench.regression import iterations_numpy_vectorized as iterations
from lrbench.regression import numpy_vectorized as right

remembered = {}


def off_by_one(a, b):
    c = np.zeros_like(a)
    c[1:] = a[1:] + b[1:]
    return c


def float32_inside(X, w, b):
    return (X.astype(np.float32) @ w.astype(np.float32) + np.float32(b)).astype(np.float64)


def float32_outside(X, w, b):
    return right.predict(X, w, b).astype(np.float32)


def wrong_shape(X, w, b):
    return right.predict(X, w, b)[:, None]


def too_many_values(X, w, b):
    return right.predict(X, w, b), b


def not_a_number(X, w, b):
    predicted = right.predict(X, w, b)
    predicted[7] = np.nan
    return predicted


def mutated_input(a, b):
    a += b
    return a.copy()


def mutated_and_restored_badly(X, y, w, b):
    X *= 3.0
    X /= 3.0
    return right.gradient(X, y, w, b)


def sorted_input(X, y, w, b):
    grad = right.gradient(X, y, w, b)
    y.sort()
    return grad


def depends_on_last_call(a, b):
    c = a + b + remembered.get("carry", 0.0)
    remembered["carry"] = 1e-3
    return c


def ignores_n(X, y, w, b):
    return right.squared_loss(X, y, w, b) * len(y)


def ignores_the_last_samples(X, y, w, b):
    n = len(y) // 16 * 16
    return right.gradient(X[:n], y[:n], w, b)


def returns_its_input(a, b):
    return a


def wrong_sign_in_b(X, y, w, b):
    grad_w, grad_b = right.gradient(X, y, w, b)
    return grad_w, -grad_b


def stale_buffer(a, b):
    if "buffer" not in remembered:
        remembered["buffer"] = a + b
    return remembered["buffer"]


def stale_by_identity(X, y):
    if id(X) not in remembered:
        remembered[id(X)] = np.linalg.lstsq(np.column_stack([X, np.ones(len(y))]), y, rcond=None)[0]
    v = remembered[id(X)]
    return v[:-1], v[-1]


def unwritten_output(a, b, out):
    return out


def least_squares(X, y):
    v = np.linalg.lstsq(np.column_stack([X, np.ones(len(y))]), y, rcond=None)[0]
    return v[:-1], float(v[-1])


def slightly_off(X, y):
    w, b = least_squares(X, y)
    return w * (1.0 + 1e-6), b


def no_intercept(X, y):
    return least_squares(X, y)[0]


def not_finite(X, y):
    return np.full(X.shape[1], np.nan), 0.0


def raises_unless_first_is_smallest(X, y):
    if y[0] > y.min():
        message = "unsorted"
        raise ValueError(message)
    return least_squares(X, y)


def aborts(X, y):
    os.abort()


def exits(X, y):
    os._exit(3)


def hangs(X, y):
    time.sleep(600)


def raises(a, b):
    message = "no such thing"
    raise RuntimeError(message)


def returns_nothing(a, b):
    return None


def wrong_sample_order(X, y, w, b, order, batch_size, learning_rate):
    return right.sgd_epoch(X, y, w, b, np.sort(order), batch_size, learning_rate)


def skips_the_first_batch(X, y, w, b, order, batch_size, learning_rate):
    return right.sgd_epoch(X, y, w, b, order[batch_size:], batch_size, learning_rate)


def swaps_two_late_batches(X, y, w, b, order, batch_size, learning_rate):
    order = order.copy()
    late = slice(30 * batch_size, 32 * batch_size)
    order[late] = np.roll(order[late], batch_size)
    return right.sgd_epoch(X, y, w, b, order, batch_size, learning_rate)


def forgets_the_intercept_in_the_residual(X, y, w, b, order, batch_size, learning_rate):
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        residual = X[rows] @ w + b - y[rows]
        w, b = w - learning_rate * X[rows].T @ residual / len(rows), b - learning_rate * (X[rows] @ w - y[rows]).mean()
    return w, b


def steepest_in_place_of_conjugate(X, y, w, b, tolerance, max_iterations):
    for _ in range(max_iterations):
        w, b, *_ = iterations.conjugate_gradients(X, y, w, b, tolerance, 1)
    return w, b


def forgets_the_decay(X, y, w, b, orders, batch_size, learning_rate, decay, average_from):
    return right.sgd_fit(X, y, w, b, orders, batch_size, learning_rate, 0.0, average_from)


def squares_in_place_of_signs(X, y, w, b, orders, batch_size, learning_rate, decay, average_from):
    return right.sgd_fit(X, y, w, b, orders, batch_size, learning_rate, decay, average_from)


def least_squares_in_place_of_absolute(X, y):
    v = np.linalg.lstsq(np.column_stack([X, np.ones(len(y))]), y, rcond=None)[0]
    return v[:-1], v[-1]


def overwritten_layout(A, y):
    v = np.linalg.lstsq(A, y, rcond=None)[0]
    A *= 2.0
    return v[:-1], v[-1]


def batches_of_ten(X, y, w, b, order, batch_size, learning_rate):
    return right.sgd_epoch(X, y, w, b, order, 10, learning_rate)
