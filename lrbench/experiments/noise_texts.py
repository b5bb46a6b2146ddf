"""The texts of noise_and_likelihood."""

from collections.abc import Mapping, Sequence
from typing import Any

from lrbench.experiments.findings import Correction, Figure, Formula, Grid, Heading, Paragraph, Part
from lrbench.experiments.noise_models import DENSITIES, NOISE, SLOPE


def answer(numbers: Mapping[str, Any]) -> str:
    """Return the answer."""
    return (
        "If noise is normal, the most probable line is the one with the least sum of squares: a search over the "
        f"likelihood alone ends at w = {numbers['normal_likelihood_w']:.5f}, least squares at "
        f"{numbers['least_squares_w']:.5f}. The most probable variance is the sum of squares over n, "
        f"{numbers['likelihood_variance']:.1f} by search and {numbers['rss_over_n']:.1f} by the formula. Noise of "
        "another density has another loss: for exp(−|e|) / 2 it is the sum of absolute residuals "
        f"({numbers['laplace_likelihood_w']:.5f} by search, {numbers['least_deviations_w']:.5f} exactly)."
    )


def parts(numbers: Mapping[str, Any], figures: Sequence[Figure]) -> tuple[Part, ...]:
    """Return everything that is read, in order."""
    bells, houses, over_slope, over_deviation, two, laplace = figures
    return (
        *_normal(numbers, bells),
        *_line(numbers, houses, over_slope),
        *_variance(numbers, over_deviation),
        *_laplace(numbers, two, laplace),
    )


def _normal(numbers: Mapping[str, Any], bells: Figure) -> tuple[Part, ...]:
    columns = zip(*(numbers[f"density_{name}"] for name in _MEASURED), strict=True)
    return (
        Heading("The normal density"),
        Paragraph(
            "A measurement that is disturbed by many small causes, none of which outweighs the others, scatters around "
            "its mean in a known form, the normal distribution. Its density p(x) says how often values near x occur: "
            "the share of all values between two points is the area below the curve between them. It has two numbers, "
            "the mean μ, where its middle is, and the standard deviation σ, how wide it is. The variance is the mean "
            "squared distance from the mean, σ²."
        ),
        Formula("p(x) = 1 / (σ √(2π)) · exp(−(x − μ)² / (2σ²))"),
        bells,
        Grid(
            "Measured on the drawn curves, by sums over a fine grid",
            ("mean, standard deviation", "area below", "mean", "variance", "height", "area within one deviation"),
            tuple(
                (f"({mean:g}, {deviation:g})", *(f"{round(value, 4) + 0.0:.4f}" for value in row))
                for (mean, deviation), row in zip(DENSITIES, columns, strict=True)
            ),
        ),
        Correction(
            "The document's figure calls the second number of (0, 2) the variance. Its code passes it as the standard "
            f"deviation: the curve's variance is {numbers['density_variance'][1]:.4f}, not 2."
        ),
    )


_MEASURED = ("area", "mean", "variance", "height", "within_one_deviation")


def _line(numbers: Mapping[str, Any], houses: Figure, over_slope: Figure) -> tuple[Part, ...]:
    n = numbers["n_houses"]
    by_loss, by_differences = numbers["gradient_by_loss"], numbers["gradient_by_differences"]
    return (
        Heading("From the density to the sum of squares"),
        Paragraph(
            f"Take {n} houses. The price y of each is w times its area x, plus b, plus noise e; here w is {SLOPE:g} "
            f"thousand euros per square metre, and e normal with mean 0 and σ = {NOISE:g} thousand euros. The noise is "
            "what the line leaves over: e = y − w x − b."
        ),
        houses,
        Paragraph(
            "Turn the question round. The prices are known, w and b are not: under which w and b would just these "
            "prices have been most probable? Independent noises multiply their densities. The product as a function "
            "of w and b is called the likelihood, and the line at which it is largest the maximum-likelihood estimate."
        ),
        Formula("P(y | w, b) = p(y₁ − w x₁ − b) · p(y₂ − w x₂ − b) · … · p(yₙ − w xₙ − b)"),
        Paragraph(
            f"A product of {n} small numbers is tiny, about 10 to the power of {numbers['log10_of_the_product']:.0f} "
            f"here; multiplied out in double precision it is {numbers['product_of_densities']:g}. The logarithm turns "
            "it into a sum, and its minus sign a maximum into a minimum. What is left is the negative log-likelihood:"
        ),
        Formula("−log P(y | w, b) = n log(σ √(2π)) + 1/(2σ²) · Σ (yᵢ − w xᵢ − b)²"),
        Paragraph(
            "The first term knows nothing of w and b, and 1/(2σ²) is a positive factor. So the w and b that make the "
            "prices most probable are those with the least sum of squares, whatever σ is. Drawn over w, with the best "
            "b for each w:"
        ),
        over_slope,
        Grid(
            "The lowest point of −log P, by a search that looks at nothing but its values, and least squares' own line",
            ("", "w (thousands of euros per square metre)", "b (thousands of euros)"),
            (
                ("search", f"{numbers['normal_likelihood_w']:.6f}", f"{numbers['normal_likelihood_b']:.4f}"),
                ("least squares", f"{numbers['least_squares_w']:.6f}", f"{numbers['least_squares_b']:.4f}"),
            ),
        ),
        Paragraph(
            f"Gradients agree as well: that of −log P is n/σ² = {numbers['loss_factor']:g} times that of the mean of "
            "half the squared residuals, the loss that descent works with. At a line away from the best, differences "
            f"of −log P give {by_differences[0]:.3f} by w and {by_differences[1]:.4f} by b, and n/σ² times the loss's "
            f"gradient {by_loss[0]:.3f} and {by_loss[1]:.4f}. Descent on either takes the same path, at learning rates "
            "that differ by that factor."
        ),
    )


def _variance(numbers: Mapping[str, Any], over_deviation: Figure) -> tuple[Part, ...]:
    few = numbers["few_houses"]
    return (
        Heading("How large is the noise?"),
        Paragraph(
            "The likelihood also has an opinion on σ. With RSS for the residual sum of squares of the best line, the "
            "derivative of −log P by σ is n/σ − RSS/σ³, which is zero at σ² = RSS / n: the mean squared residual. By "
            f"search, σ² = {numbers['likelihood_variance']:.3f}; RSS / n = {numbers['rss_over_n']:.3f}; the noise was "
            f"drawn with {NOISE**2:g} (thousand euros, squared)."
        ),
        over_deviation,
        Paragraph(
            "This estimate is too small on average, because the line has been fitted to the same houses and lies "
            f"nearer to them than the true one. With only {few} houses, the mean of RSS / n over "
            f"{numbers['few_houses_samples']} samples is {numbers['few_houses_variance_ratio']:.3f} of the true "
            f"variance; theory says (n − 2) / n = {(few - 2) / few:g}, 2 for the two numbers w and b. Dividing RSS by "
            "n − 2 mends it. With many houses it hardly matters."
        ),
    )


def _laplace(numbers: Mapping[str, Any], two: Figure, over_slope: Figure) -> tuple[Part, ...]:
    n = numbers["n_houses"]
    return (
        Heading("Another noise, another loss"),
        Paragraph(
            "The third exercise replaces the bell by a density with a peak and heavier tails: large deviations are "
            "rarer than small ones, but far from as rare as under the bell. With a scale s:"
        ),
        Formula("p(e) = 1/(2s) · exp(−|e| / s)          with s = 1 the exercise's ½ exp(−|e|)"),
        Correction(
            "The exercise calls this density exponential. The exponential distribution has no negative values; this "
            "one, which mirrors it to both sides, is the Laplace (or double exponential) density."
        ),
        two,
        Formula("−log P(y | w, b) = n log(2s) + 1/s · Σ |yᵢ − w xᵢ − b|"),
        Paragraph(
            "Now the most probable line is the one with the least sum of absolute residuals, whatever s is. The same "
            f"search over the likelihood, on {n} houses with such noise, ends at w = "
            f"{numbers['laplace_likelihood_w']:.6f}, b = {numbers['laplace_likelihood_b']:.4f}; the exact line "
            f"of least absolute deviations has w = {numbers['least_deviations_w']:.6f}, b = "
            f"{numbers['least_deviations_b']:.4f}. The most probable scale is the mean absolute residual: "
            f"{numbers['likelihood_scale']:.3f} by search, {numbers['mean_absolute_residual']:.3f} by the formula."
        ),
        over_slope,
        Heading("Does it matter which?"),
        Paragraph(
            f"Over {numbers['repeated_samples']} samples of noise of either kind, the same houses and the same "
            f"standard deviation of {NOISE:g} thousand euros, each method is the better one under the noise that it "
            "is the likelihood of."
        ),
        Grid(
            "Root mean square error of w (euros per square metre)",
            ("noise", "least squares", "least absolute deviations"),
            tuple(
                (
                    model,
                    f"{1000 * numbers[f'error_{model.lower()}_least_squares']:.1f}",
                    f"{1000 * numbers[f'error_{model.lower()}_least_deviations']:.1f}",
                )
                for model in ("normal", "Laplace")
            ),
        ),
    )
