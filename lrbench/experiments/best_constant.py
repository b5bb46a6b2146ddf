"""Which single number is nearest to all prices at once? It depends on what counts as near.

Source: Dive into Deep Learning, "Linear Regression", exercise 1.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lrbench.experiments import charts
from lrbench.experiments.findings import Figure, Findings, Formula, Grid, Heading, Paragraph, Part, Setting

QUESTION = "Which constant b is nearest to all observations, and what has it to do with the normal distribution?"

N_SAMPLES = 101  # odd, so that the median is one of them
LEARNING_RATE = 0.3
N_STEPS = 60

Floats = NDArray[np.float64]


def prices(seed: int) -> Floats:
    """Return house prices in thousands of euros: log-normal, so that a few are far above the rest."""
    return np.round(280.0 * np.exp(0.5 * np.random.default_rng(seed).standard_normal(N_SAMPLES)), 1)


def squared_loss(y: Floats, b: float) -> float:
    """Return the mean of half the squared distances from b."""
    return float(np.mean((y - b) ** 2) / 2)


def absolute_loss(y: Floats, b: float) -> float:
    """Return the mean of the distances from b."""
    return float(np.mean(np.abs(y - b)))


def negative_log_likelihood(y: Floats, b: float, deviation: float) -> float:
    """Return -log of the density of all observations, were they normal around b with that standard deviation."""
    return float(len(y) * np.log(deviation * np.sqrt(2 * np.pi)) + np.sum((y - b) ** 2) / (2 * deviation**2))


def descent(y: Floats, start: float) -> Floats:
    """Return the iterates of gradient descent on the squared loss, whose gradient is b - mean(y)."""
    path = [start]
    for _ in range(N_STEPS):
        path.append(path[-1] - LEARNING_RATE * float(np.mean(path[-1] - y)))
    return np.array(path)


def run(setting: Setting) -> Findings:
    """Return mean and median as minimisers, found in closed form, by descent and by likelihood."""
    y = prices(setting.seed)
    mean, median = float(np.mean(y)), float(np.median(y))
    deviation = float(np.sqrt(np.mean((y - mean) ** 2)))
    setting.advance(0.3, "descent")
    path = descent(y, 0.0)
    errors = np.abs(path - mean)
    factor = float((errors[10] / errors[0]) ** (1 / 10))
    spoilt = y.copy()
    spoilt[0] *= 10.0
    setting.advance(0.6, "the losses over b")
    at = np.unique([*np.linspace(y.min(), y.max(), 201), mean, median])
    squared = np.array([squared_loss(y, b) for b in at])
    absolute = np.array([absolute_loss(y, b) for b in at])
    likelihood = np.array([negative_log_likelihood(y, b, deviation) for b in at])
    numbers = {
        "mean": mean,
        "median": median,
        "squared_loss_argmin": float(at[np.argmin(squared)]),
        "absolute_loss_argmin": float(at[np.argmin(absolute)]),
        "likelihood_argmin": float(at[np.argmin(likelihood)]),
        "standard_deviation": deviation,
        "descent_end": float(path[-1]),
        "descent_factor": factor,
        "learning_rate": LEARNING_RATE,
        "mean_moves": float(np.mean(spoilt)) - mean,
        "median_moves": float(np.median(spoilt)) - median,
        "spoilt_price": float(y[0]),
    }
    answer = (
        f"The sum of squares is smallest at the mean, {mean:.1f} thousand euros, which is also the maximum-likelihood "
        f"centre if the observations are normal; the sum of absolute errors at the median, {median:.1f}. One price "
        f"typed ten times too high moves the mean by {numbers['mean_moves']:.1f} and the median by "
        f"{numbers['median_moves']:.1f}."
    )
    drawn = _losses(at, squared, absolute, mean, median), _path(errors)
    return Findings(_parts(numbers, float(path[-1]), *drawn), answer, numbers)


def _parts(numbers: Mapping[str, float], end: float, losses: Figure, path: Figure) -> tuple[Part, ...]:
    mean, median, price = numbers["mean"], numbers["median"], numbers["spoilt_price"]
    mean_after, median_after = mean + numbers["mean_moves"], median + numbers["median_moves"]
    return (
        Paragraph(
            f"Suppose that of {N_SAMPLES} houses the prices are known and nothing else: no area, no age. The model "
            "that is left is a single number b, the same prediction for every house."
        ),
        Heading("What the losses say"),
        Formula("L(b) = 1/n · Σ ½ (yᵢ − b)²\nL′(b) = 1/n · Σ (b − yᵢ) = b − mean(y)"),
        Paragraph(
            "L is the loss, n the number of houses, yᵢ the price of the i-th; Σ adds up over all of them. The "
            "derivative L′ vanishes in one place only, the mean, and grows on both sides of it: the mean is the one "
            "minimum. For the sum of the absolute distances, each observation above b pulls up with the same force of "
            "one, however far it is, and each below pulls down: the forces are even where as many lie above as below, "
            "at the median."
        ),
        losses,
        Heading("By descent"),
        Paragraph(
            f"From b = 0, steps of the learning rate {LEARNING_RATE:g} times the derivative come nearer to the mean "
            f"by the same factor each time, 1 − {LEARNING_RATE:g} = {1 - LEARNING_RATE:g}; measured over ten steps: "
            f"{numbers['descent_factor']:.6f}. After {N_STEPS} steps b is {end:.6f}, the mean {mean:.6f}."
        ),
        path,
        Heading("The normal distribution"),
        Formula("−log P(y | b) = n log(σ √(2π)) + 1/(2σ²) · Σ (yᵢ − b)²"),
        Paragraph(
            "If the observations scatter around b as a normal distribution does, the b under which they are most "
            "probable is the one with the smallest sum of squares, whatever σ is: the mean is the normal "
            "distribution's maximum-likelihood estimate. Drawn over b, the negative log-likelihood is the parabola of "
            f"the squared loss, moved and stretched; its lowest point is at {numbers['likelihood_argmin']:.2f}."
        ),
        Paragraph(
            "The exercise writes the sum of squares without the half and the mean. Neither changes where the minimum "
            "is; they change the gradient's size, and with it the learning rates that work."
        ),
        Heading("One wrong number"),
        Grid(
            f"The first price, {price:.1f}, typed with one digit too many: {10 * price:.1f} (thousands of euros)",
            ("constant", "before", "after", "moved by"),
            (
                ("mean", f"{mean:.1f}", f"{mean_after:.1f}", f"{numbers['mean_moves']:.1f}"),
                ("median", f"{median:.1f}", f"{median_after:.1f}", f"{numbers['median_moves']:.1f}"),
            ),
        ),
    )


def _losses(at: Floats, squared: Floats, absolute: Floats, mean: float, median: float) -> Figure:
    s, a = squared / squared.min(), absolute / absolute.min()
    lowest = [charts.points("minimum: the mean", [mean], [1.0], look=0)]
    lowest.append(charts.points("minimum: the median", [median], [1.0], look=1))
    curves = [charts.line("squared loss", at, s, look=0), charts.line("absolute loss", at, a, look=1), *lowest]
    return Figure(
        "Both losses over b, each divided by its smallest value: a parabola with its lowest point at the mean, and a "
        "chain of straight pieces, one between each two neighbouring prices, with its lowest corner at the median.",
        f"Two curves over b. The squared loss is lowest at {mean:.0f}, the absolute loss at {median:.0f}.",
        charts.chart(
            curves,
            x="b (thousands of euros)",
            y={"title": {"text": "loss / smallest loss"}, "range": [0.9, 4.0]},
        ),
    )


def _path(errors: Floats) -> Figure:
    steps = np.arange(len(errors))
    measured = charts.line("descent", steps, errors, look=0, marks=True)
    theory = charts.reference(
        f"{1 - LEARNING_RATE:g} to the power of the step", steps, errors[0] * (1 - LEARNING_RATE) ** steps
    )
    return Figure(
        "Distance from the mean after each step. On this axis, where each line is ten times the one below, equal "
        "factors make a straight line, until the last digits of the numbers are reached.",
        "The distance falls along a straight line on a logarithmic axis, as theory says.",
        charts.chart([theory, measured], x="step", y=charts.log("|b − mean| (thousands of euros)")),
    )
