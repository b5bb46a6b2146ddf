"""Made-up houses in everyday units, and the rule that made their prices: what the experiments learn from.

Source: the documents' running example, a house's price from its area and age, in one of them also from its location
and its number of rooms. Location is a number here: the distance from the city's centre.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEATURES = ("area", "age", "distance", "rooms")
UNITS = ("m²", "years", "km", "")
RULE = (2.0, -1.0, -5.0, 10.0)  # thousands of euros for one more of each unit
BASE = 150.0  # thousands of euros
NOISE = 15.0  # standard deviation of what the rule does not know, in thousands of euros
HUNDRED = 100.0  # m², and thousands of euros: the units in which slope and intercept are near one


def make(seed: int, n: int) -> tuple[Floats, Floats]:
    """Return (X, y) of n houses: a column of X for each of FEATURES, prices in thousands of euros.

    The rule and normal noise make the prices. Large houses have more rooms, as real ones do. The first houses of many
    are the same as those of few.
    """
    sizes, furnishing, noise = np.random.default_rng([seed, 0]).standard_normal((n, 3)).T
    ages, places = np.random.default_rng([seed, 1]).random((n, 2)).T
    area = np.round(np.clip(110.0 * np.exp(0.33 * sizes), 40.0, 260.0))
    rooms = np.maximum(1.0, np.round(area / 25.0 + 0.9 * furnishing))
    X = np.column_stack((area, np.round(80.0 * ages), np.round(0.5 + 11.5 * places, 1), rooms))
    return X, np.round(BASE + X @ np.array(RULE) + NOISE * noise, 1)


def in_hundreds(X: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return (X, y) with the area alone, in hundreds of m², and prices in hundreds of thousands of euros."""
    return X[:, :1] / HUNDRED, y / HUNDRED


def standardised(X: Floats) -> tuple[Floats, Floats, Floats]:
    """Return X with columns of mean 0 and standard deviation 1, and the means and deviations that they had."""
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    return (X - mean) / deviation, mean, deviation


def curvature(X: Floats) -> Floats:
    """Return the matrix of second derivatives of the mean half squared residual by (w, b): A'A / n with A = [X 1].

    Its eigenvalues are the loss's curvatures along the axes of its contours, in ascending order from eigvalsh.
    """
    A = np.column_stack((X, np.ones(len(X))))
    return A.T @ A / len(X)
