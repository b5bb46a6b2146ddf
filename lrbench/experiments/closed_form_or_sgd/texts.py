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
    quicker_from_n,
)
from lrbench.experiments.findings import Correction, Formula, Heading, Paragraph, Part

_MIDDLE_N = 16_000  # the rows that are looked at closely; in a quick run, the most


def answer(numbers: Mapping[str, Any], contests: Sequence[Contest]) -> str:
    """Return a few sentences."""
    coarse, fine = TARGETS
    widest = _one_size(contests)[-1]
    lost = {name: numbers[f"digits_lost_a_decade_{name}"] for name in ("cholesky", "qr", "refined")}
    return (
        f"The closed form loses where a rough answer to a wide table will do: with {widest.n} rows and {widest.d} "
        f"features, {_against(widest, CONJUGATE, coarse)}, and {_against(widest, SGD, coarse)}. "
        f"Where little is asked of SGD it need not even see all rows; {_first(contests, coarse, SGD)}. "
        f"Within {fine:g} {_first(contests, fine, SGD)}. "
        f"The closed form breaks as columns become alike: for each factor of ten of the condition number the normal "
        f"equations lose {lost['cholesky']:.1f} digits, a QR {lost['qr']:.1f}, and the refined solver "
        f"{lost['refined']:.1f} until it refuses. "
        "With more coefficients than observations there is no one answer; the SVD finds the shortest, and so does "
        "descent that begins at zero."
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


def _first(contests: Sequence[Contest], target: float, side: str) -> str:
    """Return how many contests a side wins against the closed form on all rows, in words."""
    there = [each for each in contests if (side, target) in each.times]
    won = sum(each.times[side, target].median_s < each.times[ALL, target].median_s for each in there)
    return f"it is quicker than the closed form in {won} of {len(contests)} sizes"


def _crossovers(contests: Sequence[Contest]) -> str:
    """Return from which sizes each side is quicker than the closed form on all rows, in words."""
    sentences = []
    n = _one_size(contests)[0].n
    for target in TARGETS:
        found = quicker_from_d(contests, CONJUGATE, target, n)
        where = "at no d that was measured" if found is None else f"from about {found:.2g} features on"
        sentences.append(
            f"Within {target:g}, conjugate gradients on {n} rows are quicker than the closed form {where}."
        )
        for d in sorted({each.d for each in contests}):
            found = quicker_from_n(contests, SGD, target, d)
            where = "at no n that was measured" if found is None else f"from about {found:.2g} rows on"
            sentences.append(f"SGD with {d} features is so {where}.")
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
            "intercept b last, below one another: that is v. Then A v holds all predictions, and A v − y their errors. "
            "Aᵀ is A with rows and columns exchanged, and |·|² adds up squares."
        ),
        Formula(
            "L(v) = 1/(2n) · |A v − y|²          the loss: the mean of half the squared errors\n"
            "∇L(v) = 1/n · Aᵀ (A v − y)          its gradient: the slope by each element of v\n"
            "∇L(v) = 0   where   Aᵀ A v = Aᵀ y,   so   v = (Aᵀ A)⁻¹ Aᵀ y          the closed form"
        ),
        Paragraph(
            "The loss is a bowl, so where its slope vanishes it is least; if no column of A is a combination of "
            "others, there is one such place. Checked on 40 houses with 3 features: the gradient in this form differs "
            f"from the one added up house by house by {numbers['gradient_error_by_loops']:.0e} of its largest element, "
            f"from differences of the loss itself by {numbers['gradient_error_by_differences']:.0e}; at the closed "
            f"form's v its largest element is {numbers['gradient_at_closed_form']:.0e}."
        ),
        Correction(
            "Dive into Deep Learning prints SGD's update of b with errors that lack b: w·x − y in place of "
            "w·x + b − y. The printed derivative by b is then off by b itself, always: here by "
            f"{numbers['printed_error_by_b']:.4f}, where b is {numbers['b']:.4f}. As it does not depend on b, it never "
            "stops pushing it."
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
            f"({coarse:g}) of the least one; and, in a second race, within {TARGETS[1]:g}. The closed form is as exact "
            "as rounding lets it, and has one price. The others iterate. SGD looks at 10 houses at a time, drawn at "
            "random, and takes a step after each; its answer is the mean of the later half of its steps. Conjugate "
            "gradients look at all houses for each step, and choose steps that do not undo one another."
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
        Paragraph(_crossovers(contests)),
        figures.needs(middle, TARGETS),
        Paragraph(
            "SGD is quick at the coarse target because its visits depend on d and hardly on n: it stops before it has "
            "seen all rows. But then the closed form need not see them either"
            + (f" (within {coarse:g}: {sampled})." if sampled else ".")
            + " That is the fair comparison, and it is drawn as well: on few columns it wins. What noise does to the "
            "answer sets a limit to all of this: the least loss over n rows is itself about d / n, relatively, below "
            "what the true weights would give, so a target far below d / n buys nothing for new houses."
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
            "different. As the difference shrinks, AᵀA comes closer to a matrix that has no inverse. How close is told "
            "by the condition number κ: by how much a small relative error can grow on the way to the answer; 10 means "
            "one digit. AᵀA has the square of A's, so whoever forms it loses twice the digits. Numbers have 16."
        ),
        figures.digits(alike),
        Paragraph(
            "inverse, solve and cholesky form AᵀA; inverse is the textbook's formula as it stands. qr and svd take A "
            "apart instead. refined begins with AᵀA, and then corrects with errors computed in twice the precision; "
            "where the columns are the same up to rounding, it says so, and refuses."
        ),
        figures.alike_columns(nearly),
        Paragraph(
            "A prediction keeps more digits than the coefficients: what one gets wrong the other makes good. Nor is "
            f"the exact answer worth much. The exact weights of both areas are {numbers['alike_exact_w1']:.0f} and "
            f"{numbers['alike_exact_w2']:.0f}, and the noise in the prices alone makes them vary by "
            f"{numbers['alike_noise_of_w1']:.0e} (one standard deviation), which no solver mends. SGD does not get "
            "there: along the direction in which both columns differ the bowl is almost flat, so that a thousand "
            f"passes leave it at {numbers['alike_sgd_w1']:.3f} and {numbers['alike_sgd_w2']:.3f}, and its loss is only "
            f"{100 * numbers['alike_sgd_excess']:.2f} % above the least. Here that is the more sensible answer."
        ),
        Heading("Observations alike"),
        Paragraph(
            "Nearly equal rows are another matter. They do no harm as long as there are enough different ones: a house "
            "counted five times weighs five times as much. But three houses, however often they are measured, do not "
            "determine four coefficients; then all that tells the columns apart is the errors of measuring."
        ),
        figures.alike_observations(observations),
    )


def _wide(numbers: Mapping[str, Any], wide: Sequence[Wide]) -> tuple[Part, ...]:
    elsewhere = numbers["wide_from_shortest_gradient_descent_from_elsewhere"]
    return (
        Heading("More columns than observations"),
        Paragraph(
            "With more coefficients than observations many v fit all of them exactly, AᵀA has no inverse, and the "
            "question is which of them one gets, if any."
        ),
        figures.more_columns(wide),
        Formula("the shortest of them: v = Aᵀ (A Aᵀ)⁻¹ y"),
        Paragraph(
            "inverse and solve do not notice: what rounding has left of a zero, they divide by. cholesky and qr stop; "
            "refined says what is missing. The SVD drops the directions about which nothing is known, which makes its "
            "answer the shortest. Descent does the same without being told: each gradient is a combination of rows of "
            "A, so it never moves in a direction that no observation tells anything about. From 0 it ends at the "
            "shortest answer, and SGD too. Begun elsewhere, it keeps what it began with in those directions and "
            f"ends at a distance of {elsewhere:.2f}, with residuals just as small."
        ),
    )
