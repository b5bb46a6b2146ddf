"""Why squares? Because noise is often normal: the most probable line is then that of least squares.

Source: Dive into Deep Learning, "Linear Regression", section "The Normal Distribution and Squared Loss", exercise 3.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from lrbench.experiments import noise_figures, noise_texts
from lrbench.experiments.findings import Findings, Number, Setting
from lrbench.experiments.noise_models import (
    DENSITIES,
    NOISE,
    SLOPE,
    Floats,
    areas,
    lowest,
    most_probable,
    negative_log_laplace,
    negative_log_normal,
    noise,
    normal_density,
    prices,
)
from lrbench.regression.absolute_numpy_vectorized import vertex_descent
from lrbench.regression.closed_form import qr
from lrbench.regression.numpy_vectorized import gradient

QUESTION = "What has the normal distribution to do with squared loss?"

N_HOUSES = 200
FEW = 8  # houses, of which a line takes two unknowns
ASIDE = (2.0, 100.0)  # a slope and an intercept at which gradients are compared, away from the best
Measured = dict[str, Number | Sequence[Number]]


def run(setting: Setting) -> Findings:
    """Return most probable lines, found by search alone, beside those of least squares and of least deviations."""
    area, normal_prices, laplace_prices = houses(setting.seed)
    numbers = {**densities(), **normal_claims(area, normal_prices)}
    setting.advance(0.2, "another density")
    numbers |= laplace_claims(area, laplace_prices)
    setting.advance(0.3, "many samples of houses")
    rng = np.random.default_rng([setting.seed, 1])
    numbers |= few_houses(4000 if setting.quick else 20000, rng)
    numbers |= repeated(area, 300 if setting.quick else 2000, rng, setting)
    setting.advance(0.9, "the figures")
    drawn = (
        noise_figures.densities(),
        noise_figures.houses(area, normal_prices, numbers),
        noise_figures.likelihood_over_slope(area, normal_prices, numbers),
        noise_figures.likelihood_over_deviation(area, normal_prices, numbers),
        noise_figures.two_densities(),
        noise_figures.likelihood_of_laplace(area, laplace_prices, numbers),
    )
    return Findings(noise_texts.parts(numbers, drawn), noise_texts.answer(numbers), numbers)


def houses(seed: int) -> tuple[Floats, Floats, Floats]:
    """Return areas, and prices with normal and with Laplace noise."""
    rng = np.random.default_rng(seed)
    area = areas(N_HOUSES, rng)
    normal, laplace = noise("normal", N_HOUSES, rng), noise("Laplace", N_HOUSES, rng)
    return area, prices(area, normal), prices(area, laplace)


def densities() -> Measured:
    """Return mean, variance, area and height of each density of the document, by sums over a fine grid."""
    at = np.linspace(-25.0, 25.0, 50001)
    step = at[1] - at[0]
    rows = []
    for mean, deviation in DENSITIES:
        p = normal_density(at, deviation, mean)
        total, centre = step * np.sum(p), step * np.sum(at * p)
        near = np.linspace(mean - deviation, mean + deviation, 2001)
        inside = np.trapezoid(normal_density(near, deviation, mean), near)
        rows.append((total, centre, step * np.sum((at - centre) ** 2 * p), p.max(), inside))
    names = ("area", "mean", "variance", "height", "within_one_deviation")
    return {
        f"density_{name}": [float(v) for v in column]
        for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }


def normal_claims(area: Floats, y: Floats) -> Measured:
    """Return the line of least squares, the most probable one under normal noise, and the most probable deviation."""
    w, b = qr(area, y)
    residual = w[0] * area[:, 0] + b - y
    found_w, found_b, _ = most_probable(area, y, partial(negative_log_normal, deviation=NOISE))
    deviation, least = lowest(partial(negative_log_normal, residual), 1.0, 300.0)
    density = normal_density(residual, deviation)
    slope, intercept = gradient(area, y, np.array(ASIDE[:1]), ASIDE[1])
    factor = N_HOUSES / NOISE**2
    return {
        "n_houses": N_HOUSES,
        "least_squares_w": float(w[0]),
        "least_squares_b": b,
        "normal_likelihood_w": found_w,
        "normal_likelihood_b": found_b,
        "rss_over_n": float(np.mean(residual**2)),
        "likelihood_variance": deviation**2,
        "least_negative_log": least,
        "product_of_densities": float(np.prod(density)),
        "log10_of_the_product": float(np.sum(np.log10(density))),
        "loss_factor": factor,
        "gradient_by_loss": [factor * float(slope[0]), factor * float(intercept)],
        "gradient_by_differences": list(_differences(area, y)),
    }


def _differences(area: Floats, y: Floats) -> tuple[float, float]:
    """Return the negative log-likelihood's derivatives by w and b at ASIDE, by central differences."""

    def at(w: float, b: float) -> float:
        return negative_log_normal(w * area[:, 0] + b - y, NOISE)

    (w, b), h = ASIDE, 1e-3
    return (at(w + h, b) - at(w - h, b)) / (2 * h), (at(w, b + h) - at(w, b - h)) / (2 * h)


def laplace_claims(area: Floats, y: Floats) -> Measured:
    """Return the line of least absolute deviations, and the most probable one under noise of the Laplace density."""
    w, b = vertex_descent(area, y)
    residual = w[0] * area[:, 0] + b - y
    found_w, found_b, _ = most_probable(area, y, partial(negative_log_laplace, scale=NOISE / np.sqrt(2)))
    scale, _ = lowest(partial(negative_log_laplace, residual), 1.0, 300.0)
    squares_w, squares_b = qr(area, y)
    return {
        "least_deviations_w": float(w[0]),
        "least_deviations_b": b,
        "laplace_likelihood_w": found_w,
        "laplace_likelihood_b": found_b,
        "mean_absolute_residual": float(np.mean(np.abs(residual))),
        "likelihood_scale": scale,
        "laplace_least_squares_w": float(squares_w[0]),
        "laplace_least_squares_b": squares_b,
    }


def few_houses(n_samples: int, rng: np.random.Generator) -> Measured:
    """Return the mean of RSS / n over the true variance, for many samples of few houses with the same areas."""
    basis, _ = np.linalg.qr(np.column_stack([areas(FEW, rng), np.ones(FEW)]))
    e = noise("normal", (n_samples, FEW), rng)
    residual = e - (e @ basis) @ basis.T
    share = float(np.mean(np.sum(residual**2, axis=1))) / FEW / NOISE**2
    return {"few_houses": FEW, "few_houses_samples": n_samples, "few_houses_variance_ratio": share}


def repeated(area: Floats, n_samples: int, rng: np.random.Generator, setting: Setting) -> Measured:
    """Return the root mean square error of the slope, by each method under each noise, over samples of the noise."""
    found: Measured = {"repeated_samples": n_samples}
    for half, model in enumerate(("normal", "Laplace")):
        errors = np.empty((n_samples, 2))
        for k in range(n_samples):
            if k % 100 == 0:
                setting.advance(0.3 + 0.3 * (half + k / n_samples), f"{model} noise")
            y = prices(area, noise(model, N_HOUSES, rng))
            errors[k] = qr(area, y)[0][0], vertex_descent(area, y)[0][0]
        squares, deviations = np.sqrt(np.mean((errors - SLOPE) ** 2, axis=0))
        found[f"error_{model.lower()}_least_squares"] = float(squares)
        found[f"error_{model.lower()}_least_deviations"] = float(deviations)
    return found
