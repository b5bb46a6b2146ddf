"""What is said about it: every number from the run."""

from collections.abc import Mapping, Sequence
from typing import Any

from lrbench.experiments.closed_form_or_sgd import figures
from lrbench.experiments.closed_form_or_sgd.limits import Alike, Wide
from lrbench.experiments.closed_form_or_sgd.race import (
    ALL,
    CONJUGATE,
    SAMPLE,
    SGD,
    TARGETS,
    Contest,
    quicker_from_d,
)
from lrbench.experiments.findings import Correction, Formula, Heading, Paragraph, Part
from lrbench.experiments.numerals import rounded

_MIDDLE_N = 16_000  # the rows that are looked at closely; in a quick run, the most


def answer(numbers: Mapping[str, Any], contests: Sequence[Contest]) -> str:
    """Return a few sentences."""
    coarse, fine = TARGETS
    widest = _one_size(contests)[-1]
    lost = {name: numbers[f"digits_lost_a_decade_{name}"] for name in ("cholesky", "qr", "refined")}
    lead = "The closed form is first even in the widest table that was tried"
    if widest.winner(coarse) != ALL:
        lead = "The closed form loses where a rough answer to a wide table will do"
    return (
        f"{lead}: with {widest.n} rows and {widest.d} features, {_against(widest, CONJUGATE, coarse)}, and "
        f"{_against(widest, SGD, coarse)}. SGD is quicker than the closed form in {_won(contests, coarse, SGD)} to "
        f"within {coarse:g}, where it need not even see all rows, and in {_won(contests, fine, SGD)} to within "
        f"{fine:g}. The closed form breaks as columns become alike: for each factor of ten of the condition number "
        f"the normal equations lose {lost['cholesky']:.1f} digits, a QR {lost['qr']:.1f}, and the refined solver "
        f"{lost['refined']:.1f} until it refuses. With more coefficients than observations there is no one answer; "
        "the SVD finds the shortest, and so does descent that begins at zero."
    )


def _one_size(contests: Sequence[Contest]) -> list[Contest]:
    """Return the contests of the n that is looked at closely, by d."""
    sizes = {each.n for each in contests}
    n = _MIDDLE_N if _MIDDLE_N in sizes else max(sizes)
    return [each for each in contests if each.n == n]


def _against(contest: Contest, side: str, target: float) -> str:
    """Return how long the closed form takes beside a side, in words."""
    if (side, target) not in contest.times:
        return f"{side} does not come within {target:g} as far as it was followed"
    ratio = contest.times[ALL, target].median_s / contest.times[side, target].median_s
    if ratio >= 1.0:
        return f"it takes {ratio:.1f} times as long as {side} to within {target:g} of the least loss"
    return f"{side} take{'' if side == CONJUGATE else 's'} {1.0 / ratio:.1f} times as long as it to within {target:g}"


def _won(contests: Sequence[Contest], target: float, side: str) -> str:
    """Return in how many contests a side is quicker than the closed form on all rows, in words."""
    there = [each for each in contests if (side, target) in each.times]
    won = sum(each.times[side, target].median_s < each.times[ALL, target].median_s for each in there)
    return f"{won} of {len(contests)} sizes"


def _sampled_won(contests: Sequence[Contest], target: float) -> str:
    """Return in how many contests the closed form on some rows is quicker than SGD, and up to which d, in words."""
    there = [each for each in contests if {(SAMPLE, target), (SGD, target)} <= each.times.keys()]
    won = [each for each in there if each.times[SAMPLE, target].median_s < each.times[SGD, target].median_s]
    widest = f", none of more than {max(each.d for each in won)} features" if won else ""
    return f"{len(won)} of {len(there)} sizes{widest}"


def _crossovers(contests: Sequence[Contest]) -> str:
    """Return from how many features on conjugate gradients are quicker than the closed form on all rows, in words."""
    n, sentences = _one_size(contests)[0].n, []
    for target in TARGETS:
        found = quicker_from_d(contests, CONJUGATE, target, n)
        where = "at no number of features that was measured" if found is None else f"from {rounded(found)} features on"
        sentences.append(
            f"Within {target:g}, conjugate gradients on {n} rows are quicker than the closed form {where}."
        )
    return " ".join(sentences)


def parts(
    numbers: Mapping[str, Any],
    contests: Sequence[Contest],
    alike: Sequence[Alike],
    nearly: Alike,
    observations: Mapping[int, Sequence[Alike]],
    wide: Sequence[Wide],
) -> tuple[Part, ...]:
    """Return everything but question and answer."""
    return (*_formulas(numbers), *_race(contests), *_alike(numbers, alike, nearly, observations), *_wide(numbers, wide))


def _formulas(numbers: Mapping[str, Any]) -> tuple[Part, ...]:
    return (
        Heading("The formula"),
        Paragraph(
            "n houses are known, each with d features and a price. Write the features as a table with n rows, and add "
            "a column of ones: that is A. Write the prices below one another: that is y. Write the d weights, and the "
            "intercept b last, below one another: that is v. Then A v holds all predictions, and A v − y their "
            "errors. Aᵀ is A with rows and columns exchanged, and |·|² adds up squares."
        ),
        Formula(
            "L(v) = 1/(2n) · |A v − y|²          the loss: the mean of half the squared errors\n"
            "∇L(v) = 1/n · Aᵀ (A v − y)          its gradient: the slope by each element of v\n"
            "∇L(v) = 0   where   Aᵀ A v = Aᵀ y,   so   v = (Aᵀ A)⁻¹ Aᵀ y          the closed form"
        ),
        Paragraph(
            "The loss is a bowl, so where its slope vanishes it is least; if no column of A is a combination of "
            "others, there is one such place. Checked on 40 houses with 3 features: the gradient in this form differs "
            f"from the one added up house by house by {rounded(numbers['gradient_error_by_loops'], 1)} of its largest "
            f"element, from differences of the loss itself by {rounded(numbers['gradient_error_by_differences'], 1)}; "
            f"at the closed form's v its largest element is {rounded(numbers['gradient_at_closed_form'], 1)}."
        ),
        Correction(
            "Dive into Deep Learning prints SGD's update of b with errors that lack b: w·x − y in place of w·x + b − "
            "y. What is printed misses the derivative by b, always, by −b: here by "
            f"{rounded(numbers['printed_error_by_b'], 4)}, where b is {rounded(numbers['b'], 4)}. As it does not "
            "depend on b, it never stops pushing it."
        ),
    )


def _race(contests: Sequence[Contest]) -> tuple[Part, ...]:
    middle, coarse = _one_size(contests), TARGETS[0]
    samples = [each for each in middle if (SAMPLE, coarse) in each.times and each.rows[0] is not None]
    sampled = "".join(f" {each.rows[0]} rows for {each.d} features," for each in samples).strip(" ,")
    drawn: list[Part] = [figures.over_features(middle, coarse)]
    drawn += [figures.territories(contests, target) for target in TARGETS]
    return (
        Heading("The race to equal accuracy"),
        Paragraph(
            "Who is first depends on how good an answer has to be. Here it is good enough once its loss is within 1 % "
            f"({coarse:g}) of the least one; and, in a second race, within {TARGETS[1]:g}. The closed form is as "
            "exact as rounding lets it, and has one price. The others iterate. SGD looks at 10 houses at a time, "
            "drawn at random, and takes a step after each; its answer is the mean of the later half of its steps. "
            "Conjugate gradients look at all houses for each step, and choose steps that do not undo one another."
        ),
        Formula(
            "closed form: about n d² additions and multiplications, once\n"
            "conjugate gradients: about 4 n d for each iteration\n"
            "SGD: about 4 d for each house that it looks at"
        ),
        Paragraph(
            "SGD's learning rate is the best of three, and the number of steps is the least that suffices; both were "
            "found before the clock started, which flatters it. All run on one thread and begin with v = 0. Times are "
            "medians over rounds in one process, side by side."
        ),
        *drawn,
        figures.crossovers(contests, TARGETS),
        Paragraph(_crossovers(contests)),
        figures.needs(middle, TARGETS),
        Paragraph(
            "SGD is quick at the coarse target because its visits depend on d and, with many rows a feature, hardly "
            "on n: it may stop before it has seen all rows. But then the closed form need not see them either"
            + (f" (within {coarse:g}: {sampled})." if sampled else ".")
            + f" That is the fair comparison, and it is drawn as well: the closed form on some rows is quicker than "
            f"SGD in {_sampled_won(contests, coarse)}. What noise does to the answer sets a limit to all of this: the "
            "weights that made the data do not have the least loss over these n rows; they are about d / n, "
            "relatively, above it (the column of the truth's excess). A target far below that buys nothing for new "
            "houses."
        ),
    )


def _alike(
    numbers: Mapping[str, Any],
    alike: Sequence[Alike],
    nearly: Alike,
    observations: Mapping[int, Sequence[Alike]],
) -> tuple[Part, ...]:
    return (
        Heading("Columns alike"),
        Paragraph(
            "Now the area stands in the table twice, the second time as another surveyor measured it: a little "
            "different. As the difference shrinks, AᵀA comes closer to a matrix that has no inverse. How close is "
            "told by the condition number κ: by how much a small relative error can grow on the way to the answer; 10 "
            "means one digit. AᵀA has the square of A's, so whoever forms it loses twice the digits. Numbers have 16."
        ),
        figures.digits(alike),
        Paragraph(
            "inverse, solve and cholesky form AᵀA; inverse is the textbook's formula as it stands. qr and svd take A "
            "apart instead. refined begins with AᵀA, and then corrects with errors computed in twice the precision; "
            "where the columns are the same up to rounding, it says so, and refuses."
        ),
        figures.alike_columns(nearly),
        Paragraph(
            "Where weights are wrong, predictions are less so: what one weight gets wrong the other makes good. "
            "(Those of refined are right to their last digit, but so large that rounding them is felt in the "
            "predictions.) Nor is the exact answer worth much. The weights of the two areas are "
            f"{rounded(numbers['alike_exact_w1'], 5)} and {rounded(numbers['alike_exact_w2'], 5)}, and the noise in "
            f"the prices alone makes them vary by {rounded(numbers['alike_noise_of_w1'])} (one standard deviation), "
            "which no solver mends. SGD does not get there: along the direction in which both columns differ the bowl "
            f"is almost flat, so that a thousand passes leave it at {numbers['alike_sgd_w1']:.3f} and "
            f"{numbers['alike_sgd_w2']:.3f}, and its loss is only {100 * numbers['alike_sgd_excess']:.2f} % above the "
            "least. Here that is the more sensible answer."
        ),
        Heading("Observations alike"),
        Paragraph(
            "Nearly equal rows are another matter. They do no harm as long as there are enough different ones: a "
            "house counted five times weighs five times as much. But three houses, however often they are measured, "
            "do not determine four coefficients; then all that tells the columns apart is the errors of measuring."
        ),
        figures.alike_observations(observations),
    )


def _wide(numbers: Mapping[str, Any], wide: Sequence[Wide]) -> tuple[Part, ...]:
    elsewhere = numbers["wide_from_shortest_gradient_descent_from_elsewhere"]
    unaware = [name for name in ("inverse", "solve", "cholesky") if not numbers[f"wide_refused_{name}"]]
    stopped = [name for name in ("inverse", "solve", "cholesky", "qr") if numbers[f"wide_refused_{name}"]]
    return (
        Heading("More columns than observations"),
        Paragraph(
            "With more coefficients than observations many v fit all of them exactly, AᵀA has no inverse, and the "
            "question is which of them one gets, if any."
        ),
        figures.more_columns(wide),
        Formula("the shortest of them: v = Aᵀ (A Aᵀ)⁻¹ y"),
        Paragraph(
            f"Not noticed by: {_listed(unaware)}; what rounding has left of a zero, they divide by. Stopped by it: "
            f"{_listed(stopped)}; refined says what is missing. The SVD drops the directions about which nothing is "
            "known, which makes its answer the shortest. Descent does the same without being told: each gradient is a "
            "combination of rows of A, so it never moves in a direction that no observation tells anything about. "
            "From 0 it ends at the shortest answer, and SGD too. Begun elsewhere, it keeps what it began with in "
            f"those directions and ends at a distance of {elsewhere:.2f}, with residuals just as small."
        ),
    )


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]])) or "none"
