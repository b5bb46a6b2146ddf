"""The texts of absolute_noise."""

from collections.abc import Mapping, Sequence
from typing import Any

from lrbench.experiments.findings import Correction, Figure, Formula, Grid, Heading, Paragraph, Part


def answer(numbers: Mapping[str, Any]) -> str:
    """Return the answer."""
    rates = numbers["rates"]
    return (
        "Each house pulls with the same force however near its price is, so the steps do not shrink near the "
        "stationary point, and the line hops around it for ever. With all houses in each step it hops at a distance "
        f"that goes with the learning rate to the power of {numbers['full_batch_exponent']:.2f}, with mini-batches to "
        f"the power of {numbers['mini_batch_exponent']:.2f}: {numbers['mini_batch_distance'][0]:.2f} at a rate of "
        f"{rates[0]:g}, {numbers['mini_batch_distance'][-1]:.2f} at {rates[-1]:g}. Averaging mends most of it and a "
        f"rate that decays the rest: after {numbers['epochs'][-1]} epochs the loss exceeds its least by "
        f"{_percent(numbers['constant_excess'][-1])} at a constant rate, {_percent(numbers['averaged_excess'][-1])} "
        f"averaged, {_percent(numbers['decayed_excess'][-1])} with decay, and {_percent(numbers['both_excess'][-1])} "
        "with both."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"


def parts(numbers: Mapping[str, Any], figures: Sequence[Figure]) -> tuple[Part, ...]:
    """Return everything that is read, in order."""
    stairs, approach, hops, distances, mended = figures
    return (
        *_likelihood(numbers),
        *_stationary_point(numbers, stairs, approach),
        *_mini_batches(numbers, hops, distances),
        *_mends(numbers, mended),
    )


def _likelihood(numbers: Mapping[str, Any]) -> tuple[Part, ...]:
    w = numbers["exact_w"]
    program = numbers["program_distance"]
    same = (
        f" A linear program, solved by another method, gives the same line: it is {program:.0e} away."
        if program is not None
        else ""
    )
    return (
        Heading("The negative log-likelihood"),
        Paragraph(
            "A thousand houses; the price y of each is w₁ times its area plus w₂ times its age plus b, plus noise e. "
            "Area and age are measured from their means in units of their standard deviations, prices in units of the "
            "noise's scale. The noise has this density:"
        ),
        Formula("p(e) = ½ exp(−|e|)"),
        Correction(
            "The exercise calls this the exponential distribution, which has no negative values. The one meant is the "
            "Laplace distribution, which has the same form on both sides of zero."
        ),
        Paragraph(
            "Noises are independent, so the densities of all n houses multiply, and minus the logarithm of the product "
            "is a sum:"
        ),
        Formula("−log P(y | w, b) = n log 2 + Σ |yᵢ − w·xᵢ − b|"),
        Paragraph(
            "Its minimum has no closed form. Where a derivative exists it is a sum of terms +xᵢ and −xᵢ, and setting "
            "that to zero gives no equation that could be solved for w. It is a problem of linear programming, whose "
            f"answer passes exactly through as many houses as there are unknowns, {numbers['houses_on_the_plane']} "
            f"here: w = ({w[0]:.5f}, {w[1]:.5f}), b = {numbers['exact_b']:.5f}, with a mean absolute residual of "
            f"{numbers['least_loss']:.5f}. Going from one such plane to a better one finds it exactly.{same} All that "
            "follows is measured against it."
        ),
    )


def _stationary_point(numbers: Mapping[str, Any], stairs: Figure, approach: Figure) -> tuple[Part, ...]:
    step, differences = numbers["gradient_by_step"], numbers["gradient_by_differences"]
    return (
        Heading("Descent, and what goes wrong"),
        Paragraph(
            "The derivative of |r| by r is the sign of r: −1, or 1, or anything between where r = 0; there we take 0. "
            "So a step of descent over a batch of m houses, at the learning rate η, is"
        ),
        Formula("w ← w − η/m · Σ xᵢ sign(w·xᵢ + b − yᵢ)\nb ← b − η/m · Σ sign(w·xᵢ + b − yᵢ)"),
        Paragraph(
            "At a point away from the minimum the sums over all houses are "
            f"({', '.join(f'{value:.6f}' for value in step)}); differences of −log P / n give "
            f"({', '.join(f'{value:.6f}' for value in differences)})."
        ),
        stairs,
        Paragraph(
            "The squared loss's gradient shrinks with the distance from the minimum, so its steps grow small by "
            "themselves. A sign does not shrink. With many houses the treads of the stairs are narrow, and near the "
            "minimum the pulls of houses above and below nearly cancel, but never quite: the steps keep a length that "
            "the learning rate sets, and go over the minimum and back again."
        ),
        approach,
        Paragraph(
            f"Over {numbers['full_batch_samples']} samples of houses and rates from {numbers['rates'][-1]:g} to "
            f"{numbers['rates'][0]:g}, this distance goes with the rate to the power of "
            f"{numbers['full_batch_exponent']:.2f}. The squared loss ends within "
            f"{numbers['full_batch_squared_distance']:.0e} at any of these rates."
        ),
    )


def _mini_batches(numbers: Mapping[str, Any], hops: Figure, distances: Figure) -> tuple[Part, ...]:
    m = numbers["batch_size"]
    both = zip(numbers["mini_batch_squared_distance"], numbers["mini_batch_distance"], strict=True)
    ratios = [squared / absolute for squared, absolute in both]
    lines = zip(
        numbers["rates"],
        numbers["mini_batch_distance"],
        numbers["mini_batch_theory"],
        numbers["mini_batch_squared_distance"],
        numbers["mini_batch_excess"],
        numbers["full_batch_distance"],
        strict=True,
    )
    return (
        Heading("With mini-batches"),
        Paragraph(
            f"SGD takes its steps on a few houses drawn at random, here m = {m}. Even where the gradient over all "
            "houses is zero, that over ten is not, and pushes the line about."
        ),
        hops,
        distances,
        Grid(
            "Distance from the minimiser once the start is forgotten (root mean square; with all houses the "
            "median), by learning rate η; the excess loss is relative to the least",
            (
                "η",
                f"absolute, batches of {m}",
                "theory, √(3η / (2m))",
                f"squared, batches of {m}",
                "excess loss (absolute)",
                "absolute, all houses",
            ),
            tuple(
                (f"{rate:g}", *(f"{value:.3f}" for value in three), _percent(excess), f"{full:.5f}")
                for rate, *three, excess, full in lines
            ),
        ),
        Paragraph(
            "For small rates theory says how far. The push of a batch has 1/m of the variance of a single sign. The "
            "pull back towards the minimum is, near it, the distance times twice the noise's density at zero, 2 · ½ = "
            "1. Where push and pull are even, each of the three unknowns hops with the variance η / (2m), and the "
            "distance is √(3η / (2m)). The excess loss is a quadratic function of the distance, so it goes with η: "
            f"measured, to the power of {numbers['mini_batch_excess_exponent']:.2f}. Only the few houses nearest to "
            "the plane decide how strong the pull is in this sample; where they happen to lie thinner or thicker than "
            "the density says, the distance is some tenths off."
        ),
        Paragraph(
            "With mini-batches, then, not only the absolute loss hops. The squared loss hops too, and further: "
            "its pushes have the noise's variance, which for this density is 2, and a sign's square is never more than "
            f"1, which makes a factor of √2 in theory and {min(ratios):.2f} to {max(ratios):.2f} here. What is "
            "peculiar to the absolute loss is that larger batches do not end it."
        ),
    )


def _mends(numbers: Mapping[str, Any], mended: Figure) -> tuple[Part, ...]:
    names = {
        "constant": "constant rate, last line",
        "decayed": "decaying rate, last line",
        "averaged": "constant rate, averaged",
        "both": "decaying rate, averaged",
    }
    rates, hop = numbers["rates"], numbers["mini_batch_distance"]
    near = min(range(len(rates)), key=lambda k: abs(rates[k] - numbers["mend_rate"]))
    return (
        Heading("Mending it"),
        Paragraph(
            "A smaller constant rate hops less and takes longer to arrive. Better is a rate that falls, here "
            f"{numbers['mend_rate']:g} / (1 + k) in epoch k = 0, 1, 2 and so on: long steps while the line is far off, "
            "short ones later. Or the answer is not the last line but the mean of all lines of the later half of the "
            "run: the hops go to all sides and mostly cancel. Or both."
        ),
        mended,
        Grid(
            f"Relative excess loss after {numbers['epochs'][-1]} epochs, the mean of {numbers['mend_runs']} runs, and "
            "the power of the number of epochs that it goes with",
            ("", "excess loss", "power"),
            tuple(
                (text, _percent(numbers[f"{name}_excess"][-1]), f"{numbers[f'{name}_exponent']:.2f}")
                for name, text in names.items()
            ),
        ),
        Paragraph(
            "Averaging alone does not get all the way. Over its hops the gradient is zero on average, which is not "
            "the same as being zero at their mean. After 2000 epochs at the rate "
            f"{numbers['mend_rate']:g} the mean is still {numbers['mean_of_hops_distance']:.4f} from the minimiser, "
            f"though much nearer than the hops themselves ({hop[near]:.3f} at the rate {rates[near]:g}). Where the "
            "rate decays the hops become small, and the excess goes on falling. Nothing of this ends at the exact "
            "answer; who wants that takes linear programming, or goes from plane to plane as above."
        ),
    )
