"""Two models of noise, the normal and the Laplace density: what they say of data, and houses that follow them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DENSITIES = ((0.0, 1.0), (0.0, 2.0), (3.0, 1.0))  # (mean, standard deviation), the document's
SLOPE = 2.5  # thousands of euros per square metre
INTERCEPT = 60.0  # thousands of euros
NOISE = 40.0  # standard deviation of either noise, in thousands of euros
SLOPES = (1.0, 4.0)  # within which the best one is sought
INTERCEPTS = (-500.0, 500.0)
GOLDEN = (5**0.5 - 1) / 2
SEARCH_STEPS = 60  # each leaves 0.618 of the interval: 3e-13 of it in the end

NegativeLog = Callable[[Floats], float]  # of the residuals


def normal_density(e: Floats, deviation: float, mean: float = 0.0) -> Floats:
    """Return exp(-(e - mean)^2 / (2 deviation^2)) / (deviation sqrt(2 pi))."""
    return np.exp(-((e - mean) ** 2) / (2 * deviation**2)) / (deviation * np.sqrt(2 * np.pi))


def laplace_density(e: Floats, scale: float) -> Floats:
    """Return exp(-|e| / scale) / (2 scale), of standard deviation sqrt(2) scale."""
    return np.exp(-np.abs(e) / scale) / (2 * scale)


def negative_log_normal(residual: Floats, deviation: float) -> float:
    """Return -log of the probability density of all residuals, were they normal around 0 and independent."""
    return float(len(residual) * np.log(deviation * np.sqrt(2 * np.pi)) + np.sum(residual**2) / (2 * deviation**2))


def negative_log_laplace(residual: Floats, scale: float) -> float:
    """Return -log of the probability density of all residuals, were they Laplace around 0 and independent."""
    return float(len(residual) * np.log(2 * scale) + np.sum(np.abs(residual)) / scale)


def areas(n: int, rng: np.random.Generator) -> Floats:
    """Return areas of houses in square metres, log-normal, (n, 1)."""
    return 100.0 * np.exp(0.3 * rng.standard_normal((n, 1)))


def noise(model: str, shape: int | tuple[int, int], rng: np.random.Generator) -> Floats:
    """Return noise of standard deviation NOISE by the model's name, 'normal' or 'Laplace'."""
    if model == "normal":
        return NOISE * rng.standard_normal(shape)
    return rng.laplace(scale=NOISE / np.sqrt(2), size=shape)


def prices(area: Floats, e: Floats) -> Floats:
    """Return prices in thousands of euros: linear in the area but for the noise e."""
    return SLOPE * area[:, 0] + INTERCEPT + e


def lowest(f: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """Return (x, f(x)) where f, which falls and then rises, is lowest, from values of f alone: golden-section search.

    Near a smooth minimum f is flat, and x is found to about half the digits of f.
    Source: J. Kiefer, "Sequential minimax search for a maximum" (1953).
    """
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    f_left, f_right = f(left), f(right)
    for _ in range(SEARCH_STEPS):
        if f_left <= f_right:
            high, right, f_right = right, left, f_left
            left = high - GOLDEN * (high - low)
            f_left = f(left)
        else:
            low, left, f_left = left, right, f_right
            right = low + GOLDEN * (high - low)
            f_right = f(right)
    return (left, f_left) if f_left <= f_right else (right, f_right)


def most_probable(area: Floats, y: Floats, negative_log: NegativeLog) -> tuple[float, float, float]:
    """Return the (w, b) with the least negative log-likelihood, and that, by nothing but values of it."""
    w, least = lowest(lambda slope: best_intercept(area, y, slope, negative_log)[1], *SLOPES)
    return w, best_intercept(area, y, w, negative_log)[0], least


def best_intercept(area: Floats, y: Floats, w: float, negative_log: NegativeLog) -> tuple[float, float]:
    """Return the b with the least negative log-likelihood for that w, and that."""
    rest = w * area[:, 0] - y
    return lowest(lambda b: negative_log(rest + b), *INTERCEPTS)
