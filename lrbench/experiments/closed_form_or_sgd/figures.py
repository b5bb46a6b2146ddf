"""The figures and tables of this question."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lrbench.experiments import charts
from lrbench.experiments.closed_form_or_sgd.limits import SOLVERS, Alike, Wide
from lrbench.experiments.closed_form_or_sgd.race import ALL, CONJUGATE, SAMPLE, SGD, SIDES, Contest, quicker_from_n
from lrbench.experiments.findings import Figure, Grid
from lrbench.experiments.numerals import rounded

_SHORT = {ALL: "closed form", SGD: "SGD", CONJUGATE: "conj. grad.", SAMPLE: "some rows"}
_NONE = "–"


def over_features(contests: Sequence[Contest], target: float) -> Figure:
    """Return the time to a target over d, for contests of one n."""
    drawn = []
    for look, side in enumerate(SIDES):
        there = [each for each in contests if (side, target) in each.times]
        times = [each.times[side, target] for each in there]
        if not there:
            continue
        spread = {
            "type": "data",
            "symmetric": False,
            "array": [t.high_s - t.median_s for t in times],
            "arrayminus": [t.median_s - t.low_s for t in times],
            "thickness": 1,
        }
        d, medians = [each.d for each in there], [t.median_s for t in times]
        drawn.append(charts.line(side, d, medians, look=look, marks=True, error_y=spread))
    n = contests[0].n
    return Figure(
        f"Time to come within {target:g}, relatively, of the least loss over {n} rows: medians, with the quartiles as "
        "bars where they are larger than the marks. The closed form's time grows with the square of the number of "
        "features, that of the others more slowly in the end; where their lines cross its own, it loses.",
        f"Lines of time over the number of features. At {contests[-1].d} features the quickest is "
        f"{contests[-1].winner(target)}, at {contests[0].d} it is {contests[0].winner(target)}.",
        charts.chart(drawn, x=charts.log("d, number of features"), y=charts.log("time (s)")),
    )


def territories(contests: Sequence[Contest], target: float) -> Figure:
    """Return who is first at every n and d, with the border between the closed form and the rest."""
    sizes, widths = sorted({each.n for each in contests}), sorted({each.d for each in contests})
    by_size = {(each.d, each.n): each for each in contests}
    cells = [[_cell(by_size.get((d, n)), target) for n in sizes] for d in widths]
    ticks = {"tickvals": [-1, 0, 1], "ticktext": ["10 times as quick", "as quick", "10 times as slow"]}
    drawn = charts.heat(
        [str(n) for n in sizes],
        [str(d) for d in widths],
        [[gain for gain, _ in row] for row in cells],
        text=[[text for _, text in row] for row in cells],
        zmin=-1.5,
        zmax=1.5,
        colorbar={**ticks, "title": {"text": "the closed form is"}},
    )
    lost = sum(each.winner(target) != ALL for each in contests)
    line = "The thick line is the crossover: on one side of it the closed form is first, on the other it is not."
    if lost in (0, len(contests)):
        line = f"The closed form on all rows is first {'nowhere' if lost else 'everywhere'}: there is no crossover."
    border = _border(by_size, sizes, widths, target)
    return Figure(
        f"Who is first to come within {target:g} of the least loss, and how many times as quick as the closed form on "
        "all rows (where that one is first, as the next best; ≈ where the middle halves of both sides' times touch). "
        f"{line} Empty: fewer than four rows a feature, or more than 128 MB.",
        f"A table of {len(sizes)} numbers of rows and {len(widths)} of features; the closed form on all rows loses "
        f"{lost} of {len(contests)} contests.",
        charts.chart(
            [drawn],
            x={"title": {"text": "n, number of rows"}, "type": "category"},
            y={"title": {"text": "d, number of features"}, "type": "category"},
            shapes=border,
        ),
    )


def _cell(contest: Contest | None, target: float) -> tuple[float | None, str]:
    """Return log10 of how many times as long as the best other the closed form takes, and who is first, in words."""
    if contest is None:
        return None, ""
    rivals = contest.rivals(target)
    mine = rivals.pop(ALL)
    best = min(rivals, key=lambda side: rivals[side].median_s)
    gain = mine.median_s / rivals[best].median_s
    mark = "" if mine.apart(rivals[best]) else "≈ "
    name, factor = (best, gain) if gain > 1.0 else (ALL, 1.0 / gain)
    return math.log10(gain), f"{mark}{_SHORT[name]}<br>{rounded(factor)}×"


def _border(
    by_size: Mapping[tuple[int, int], Contest], sizes: Sequence[int], widths: Sequence[int], target: float
) -> list[dict[str, Any]]:
    """Return the lines between cells of which one belongs to the closed form; axes count categories from 0."""

    def owned(i: int, j: int) -> bool | None:
        contest = by_size.get((widths[i], sizes[j])) if i < len(widths) and j < len(sizes) else None
        return None if contest is None else contest.winner(target) == ALL

    lines = []
    for i in range(len(widths)):
        for j in range(len(sizes)):
            if owned(i, j) is not None and owned(i, j + 1) not in (None, owned(i, j)):
                lines.append((j + 0.5, i - 0.5, j + 0.5, i + 0.5))
            if owned(i, j) is not None and owned(i + 1, j) not in (None, owned(i, j)):
                lines.append((j - 0.5, i + 0.5, j + 0.5, i + 0.5))
    look = {"type": "line", "line": {"color": charts.COLOURS[3], "width": 5}}
    return [{**look, "x0": x0, "y0": y0, "x1": x1, "y1": y1} for x0, y0, x1, y1 in lines]


def crossovers(contests: Sequence[Contest], targets: Sequence[float]) -> Grid:
    """Return from which n on each iteration is quicker than the closed form on all rows, by d."""
    lines = []
    for d in sorted({each.d for each in contests}):
        found = [quicker_from_n(contests, side, target, d) for target in targets for side in (SGD, CONJUGATE)]
        lines.append((str(d), *(_NONE if n is None else rounded(n) for n in found)))
    heads = [f"{side} to {target:g}" for target in targets for side in (SGD, CONJUGATE)]
    return Grid(
        "The crossover: from about how many rows on it is quicker than the closed form on all rows, as far as was "
        f"measured. {_NONE}: at no number of rows, or not at the largest.",
        ("d", *heads),
        tuple(lines),
    )


def needs(contests: Sequence[Contest], targets: Sequence[float]) -> Grid:
    """Return what each side needs, for contests of one n: counts, not times."""
    n = contests[0].n
    lines = []
    for each in contests:
        line = [str(each.d), rounded(each.truth)]
        for k in range(len(targets)):
            visits, rows = each.visits[k], each.rows[k]
            line += [_NONE if visits is None else rounded(visits / n), str(each.iterations[k])]
            line.append(_NONE if rows is None else str(rows))
        lines.append(tuple(line))
    heads = [f"{what} to {target:g}" for target in targets for what in ("SGD: passes", "CG: iterations", "rows")]
    return Grid(
        f"What each side needs, at {n} rows. A pass is {n} visits of SGD; CG are conjugate gradients; rows: how many, "
        f"from the first on, give the closed form a loss that good for all. {_NONE}: not reached, or only with all. "
        "The truth's excess is how far the loss of the weights that made the data is above the least.",
        ("d", "the truth's excess", *heads),
        tuple(lines),
    )


def digits(found: Sequence[Alike]) -> Figure:
    """Return the correct digits of the coefficients over the condition number."""
    k = [each.condition_number for each in found]
    grey = [
        charts.reference("16 − 2 log κ", k, [_expected(each, 2.0) for each in k]),
        charts.reference("16 − log κ", k, [_expected(each, 1.0) for each in k]),
    ]
    drawn = [
        charts.line(name, k, [each.coefficients[name] for each in found], look=look, marks=True)
        for look, name in enumerate(SOLVERS)
    ]
    return Figure(
        "Correct digits of the worst coefficient, against the exact rational solution, as the second column becomes a "
        "copy of the first (to the right). Three lines fall two digits for each factor of ten, two fall one, and one "
        "stays at the top until it refuses. A gap is a refusal.",
        f"Lines of digits over the condition number from {rounded(k[0])} to {rounded(k[-1])}; the three ways over the "
        "Gram matrix reach 0 in the middle, QR and SVD near the right end.",
        charts.chart(
            [*grey, *drawn],
            x=charts.log("κ, condition number of the columns"),
            y={"title": {"text": "correct decimal digits"}, "range": [-0.5, 16.5]},
        ),
    )


def _expected(condition_number: float, power: float) -> float | None:
    found = 16.0 - power * math.log10(condition_number)
    return found if found >= 0.0 else None


def alike_columns(found: Alike) -> Grid:
    """Return every solver's digits at one difference."""
    lines = [(name, _digits(found.coefficients[name]), _digits(found.predictions[name])) for name in SOLVERS]
    return Grid(
        f"Correct digits where the two area columns differ by {rounded(found.difference)} "
        f"(condition number {rounded(found.condition_number)})",
        ("solver", "worst coefficient", "worst prediction"),
        tuple(lines),
    )


def alike_observations(found: Mapping[int, Sequence[Alike]]) -> Grid:
    """Return condition numbers and digits for houses that were observed again and again."""
    lines = [
        (
            f"{n_distinct}, differing by {rounded(each.difference, 1)}",
            rounded(each.condition_number),
            *(_digits(each.coefficients[name]) for name in ("cholesky", "qr", "refined")),
        )
        for n_distinct, all_of_them in found.items()
        for each in all_of_them
    ]
    return Grid(
        "Correct digits of the worst coefficient from 60 observations of few houses; four coefficients are wanted",
        ("houses", "condition number", "cholesky", "qr", "refined"),
        tuple(lines),
    )


def _digits(value: float | None) -> str:
    return "refused" if value is None else f"{value:.1f}"


def more_columns(found: Sequence[Wide]) -> Grid:
    """Return what every way finds where there are more coefficients than observations."""
    lines = [
        (each.name, each.refusal, _NONE, _NONE)
        if each.refusal
        else (each.name, rounded(each.residual), rounded(each.size, 3), rounded(each.from_shortest))
        for each in found
    ]
    return Grid(
        "20 observations of 30 features and a constant. An answer with residuals of 0 fits every observation; the "
        "last column says how far it is from the shortest of those.",
        ("way", "largest residual", "length of (w, b)", "from the shortest"),
        tuple(lines),
    )
