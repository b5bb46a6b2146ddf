"""What loss_choice says, for readers who have read house_prices and know school mathematics."""

from collections.abc import Mapping, Sequence
from typing import Any

from lrbench.experiments.findings import Correction, Figure, Formula, Grid, Heading, Paragraph, Part
from lrbench.experiments.wording import number

Numbers = Mapping[str, Any]
NAMES = {"sum": "sum of squares", "mse": "MSE", "rmse": "RMSE", "mae": "MAE"}
UNITS = {"sum": "(100 000 €)²", "mse": "(100 000 €)²", "rmse": "100 000 €", "mae": "100 000 €"}


def answer(n: Numbers) -> str:
    """Return the answer in short."""
    slow, rate = n["exact_rmse_two_steps"], n["rate"]
    return (
        "Sum, mean and root of the mean of the squares have the same best line; they differ in the steps that lead "
        "there. The mean's gradient shrinks with the distance, so one fixed learning rate arrives, whatever the number "
        f"of houses; the sum's largest rate is 1 / n of it (measured for {n['counts'][-1]} houses: "
        f"{number(n['sum_limits'][-1], '.2g')} instead of {n['mse_limits'][-1]:.2g}). The root's gradient has the same "
        "direction, divided by 2 RMSE: where residuals can vanish it does not shrink, and a line at the rate "
        f"{rate:g} hops about the best one for ever (two successive distances add up to {slow[0]:.3g}, the rate). "
        "The absolute error hops too, but one wrong price moves its line by "
        f"{n['absolute_move']:.0f} thousand euros where it moves the others' by {n['squares_move']:.0f}. So: "
        "step on the mean of the squares, and report its root, which is in euros."
    )


def parts(n: Numbers, drawn: Mapping[str, Figure]) -> tuple[Part, ...]:
    """Return text, figures and tables in order."""
    return (
        *_four(n, drawn["losses"]),
        *_gradients(n),
        *_sizes(n, drawn["sizes"]),
        *_rate(n, drawn["descents"]),
        *_sum(n, drawn["limits"]),
        *_absolute(n),
    )


def _four(n: Numbers, drawn: Figure) -> tuple[Part, ...]:
    squares, absolute = n["least_squares_line"], n["least_absolute_line"]
    lowest = {name: absolute if name == "mae" else squares for name in NAMES}
    return (
        Heading("Four losses"),
        Paragraph(
            f"The {n['n_samples']} known houses of House prices again: each has an area and a price, and a line "
            "w · x + b predicts the price from the area. For house number i, with area xᵢ and price yᵢ, it misses by "
            "the residual eᵢ = w xᵢ + b − yᵢ. A loss makes one number of all n residuals (Σ means: add up over all "
            "houses; |eᵢ| is the size of eᵢ without its sign):"
        ),
        Formula(
            "sum of squares = Σ eᵢ²\n"
            "MSE, the mean squared error = 1/n · Σ eᵢ²\n"
            "RMSE, its root = √(1/n · Σ eᵢ²)\n"
            "MAE, the mean absolute error = 1/n · Σ |eᵢ|"
        ),
        Paragraph(
            "House prices halves the MSE, which makes its derivatives shorter; here it is whole, as most people define "
            "it. Prices are in hundreds of thousands of euros. Areas are standardised, that is, counted from their "
            "mean in units of their standard deviation (their typical distance from it): x = 1 is a house one such "
            "unit larger than the mean. That makes slope and intercept two numbers of the same kind, and the distance "
            "between two pairs (w, b) the typical difference of the two lines' predictions."
        ),
        drawn,
        Grid(
            "The four losses: each at the line w = {:g}, b = {:g}, and the line for which it is smallest".format(
                *n["place"]
            ),
            ("loss", "unit", "at that line", "best w", "best b"),
            tuple(
                (text, UNITS[name], f"{n[f'{name}_loss']:.4f}", f"{lowest[name][0]:.4f}", f"{lowest[name][1]:.4f}")
                for name, text in NAMES.items()
            ),
        ),
        Paragraph(
            "The first three have the same best line: what makes a sum of squares small makes its n-th part and that "
            "part's root small, too. The MAE has another, since it lets large residuals count less. The units show why "
            "people like to read the RMSE: it is in euros, the MSE in squared euros."
        ),
    )


def _gradients(n: Numbers) -> tuple[Part, ...]:
    def line(text: str, values: Sequence[float], others: Sequence[float]) -> tuple[str, ...]:
        return text, *(number(each, ".6f") for pair in zip(values, others, strict=True) for each in pair)

    mse, rmse = n["mse_nudged"], n["rmse_nudged"]
    slips = (
        ("MSE with w in place of xᵢ", n["slip_slope_for_area"], mse),
        ("MSE without 1/n", n["slip_no_mean"], mse),
        ("RMSE without 1/n under the root", n["slip_rmse_no_mean"], rmse),
        ("RMSE, each eᵢ without its sign", n["slip_no_sign"], rmse),
        ("RMSE without the division by the common root", n["slip_no_root"], rmse),
    )
    return (
        Heading("Their gradients"),
        Paragraph(
            "The derivative by w says how fast a loss rises when only the slope is made larger, the derivative by b "
            "the same for the intercept; the pair of both is the gradient. Steps go against it, and are the longer the "
            "longer it is. For each house, eᵢ rises by xᵢ for each unit of w and by 1 for each unit of b. With that, "
            "the chain rule gives, by w (by b, write 1 in place of xᵢ):"
        ),
        Formula(
            "sum of squares: 2 Σ xᵢ eᵢ\n"
            "MSE: 2/n · Σ xᵢ eᵢ\n"
            "RMSE: 1 / (2 RMSE) · the MSE's = 1/n · Σ xᵢ eᵢ / RMSE\n"
            "MAE: 1/n · Σ xᵢ sign(eᵢ)          sign(e) is 1 above zero, −1 below, 0 at zero"
        ),
        Paragraph(
            "The RMSE's comes from the derivative of a root, (√u)′ = u′ / (2 √u). To check the four without any "
            "derivative, nudge w, and then b, up and down by a ten-thousandth, and divide the difference of the two "
            "losses by two ten-thousandths:"
        ),
        Grid(
            "The gradients at the same line, by formula and by nudging",
            ("loss", "by w: formula", "nudged", "by b: formula", "nudged"),
            tuple(line(text, n[f"{name}_gradient"], n[f"{name}_nudged"]) for name, text in NAMES.items()),
        ),
        Paragraph(
            f"MSE and RMSE point in the same direction (the cosine of the angle between their gradients is "
            f"{n['rmse_direction_cosine']:.12f}); dividing the one by the other gives "
            f"{n['mse_over_rmse_gradient'][0]:.6f} in both places, which is 2 RMSE, {2 * n['rmse_loss']:.6f}."
        ),
        Correction(
            "A blog among the documents prints these gradients otherwise. In its MSE's, β₁, the slope (our w), stands "
            "where the area xᵢ belongs, and 1/n is lost; its RMSE lacks 1/n, and in the RMSE's gradient the "
            "residuals have lost their signs, and the root that all of them share is gone. The formulas above agree "
            "with nudging; here is what each slip alone makes of them."
        ),
        Grid(
            "The same gradients with one slip each, and what nudging says",
            ("slip", "by w: with it", "nudged", "by b: with it", "nudged"),
            tuple(line(*slip) for slip in slips),
        ),
        Paragraph(
            "Not all slips are equally bad. A factor such as n or √n only makes another learning rate the right one. "
            "Without signs the derivative by b is never negative, so that the intercept can only fall; and with w in "
            "place of xᵢ the derivative by w is just w times that by b: it vanishes together with it, wherever the "
            "slope happens to be, and from w = 0 the slope never moves. From w = {:g}, b = {:g}, descent with that "
            "slip ends at w = {:.2f}, b = {:.4f}; the best line has w = {:.4f} and that b.".format(
                *n["slip_starts_at"], *n["slip_ends_at"], n["least_squares_line"][0]
            )
        ),
    )


def _sizes(n: Numbers, drawn: Figure) -> tuple[Part, ...]:
    mse, rmse, mae = (n[f"exact_{name}_sizes"] for name in ("mse", "rmse", "mae"))
    return (
        Heading("Gradients that shrink and gradients that do not"),
        Paragraph(
            "A good step is long far from the best line, and short near it. Whether the learning rate can stay the "
            "same throughout depends on whether the gradient shrinks by itself. To see it most clearly, move each "
            "price onto the best line, so that there all residuals are zero, and walk straight to that line:"
        ),
        drawn,
        Paragraph(
            "When all residuals are halved, so is the mean of their products with xᵢ, and with it the MSE's gradient: "
            f"from {mse[0]:.3g} at the start to {number(mse[-1], '.3g')} at a {2 ** (len(mse) - 1)}th of the distance. "
            f"The RMSE's gradient is divided by the RMSE, which is halved as well: it is {rmse[0]:.6f} at the start "
            f"and {rmse[-1]:.6f} at the end. The MAE's knows only the signs of the residuals, which do not change on "
            f"the way: {mae[0]:.6f} and {mae[-1]:.6f}. With the houses' own prices, the RMSE cannot fall below "
            f"{100 * n['smallest_rmse']:.1f} thousand euros; once it is near that, dividing by it is dividing by a "
            "constant, and the gradient shrinks after all."
        ),
    )


def _rate(n: Numbers, drawn: Figure) -> tuple[Part, ...]:
    rate, steps = n["rate"], n["n_steps"]
    mse, rmse = n["mse_shares_left"], n["rmse_shares_left"]
    return (
        Heading("What a fixed learning rate then does"),
        Paragraph(
            f"Start with the flat line w = 0, b = 0, {n['start_distance']:.0f} thousand euros away from the best, and "
            f"take {steps} steps, each the learning rate η times the gradient."
        ),
        drawn,
        Paragraph(
            f"On the MSE, each step at η = {rate:g} leaves {1 - 2 * rate:g} of the distance, 1 − 2 η, until no digit "
            "can change any more. On the RMSE with prices on the line, each step is exactly η long, whether the best "
            "line is far or near: once it is less than a step away, the line jumps over it, jumps back, and so on. Two "
            f"successive distances then add up to η: {n['exact_rmse_two_steps'][0]:.6f} for η = {rate:g}, and "
            f"{n['exact_rmse_two_steps'][1]:.6f} for η = {rate / 10:g} (hundreds of thousands of euros). The MAE hops "
            f"as well: over the last steps it is on average {n['exact_mae_mean']:.2g} thousand euros away at "
            f"η = {rate:g}, {n['exact_mae_slow_mean']:.2g} at η = {rate / 10:g}. With the houses' own prices it still "
            f"does: {n['noisy_mae_mean']:.2g} and {n['noisy_mae_slow_mean']:.2g}."
        ),
        Paragraph(
            "With their own prices the RMSE does arrive, but only at rates below twice its smallest value, here "
            f"{n['rmse_largest_rate']:.3f}. At {n['rmse_too_large_rate']:.3f} it ends by jumping to and fro between "
            f"two lines {n['noisy_rmse_other_mean']:.1f} thousand euros away. So the better a line fits the prices, "
            "the smaller must be the rate: exactly what one does not know beforehand. The MSE's largest rate depends "
            "on the areas alone."
        ),
        Paragraph(
            "It depends not even on the unit of money. In hundreds of thousands of euros and in thousands, "
            f"{n['few_steps']} steps on the MSE at η = {rate:g} leave the same share of the distance, "
            f"{number(mse[0], '.1e')} and {number(mse[1], '.1e')}. On the RMSE they leave {number(rmse[0], '.1e')} and "
            f"{number(rmse[1], '.2g')}: its steps are at most η long in whatever unit the price has, and the way is "
            "a hundred times as long in thousands."
        ),
    )


def _sum(n: Numbers, drawn: Figure) -> tuple[Part, ...]:
    return (
        Heading("Why not the sum?"),
        Paragraph(
            "The sum's gradient is n times the mean's. With twice as many houses, each step is twice as long, though "
            "nothing about the best line has changed; a learning rate that worked may now jump too far, and the steps "
            "run away. Here is the largest rate that does not, found by trying rates and halving the gap between one "
            "that works and one that does not:"
        ),
        drawn,
        Grid(
            "The largest learning rate",
            ("houses", "MSE", "sum of squares", "sum's rate times n"),
            tuple(
                (f"{count}", f"{mean:.6f}", number(total, ".6f"), f"{total * count:.6f}")
                for count, mean, total in zip(n["counts"], n["mse_limits"], n["sum_limits"], strict=True)
            ),
        ),
        Paragraph(
            "With standardised areas theory says: 1 for the mean, since a step leaves 1 − 2 η of the distance, which "
            "must be larger than −1; and 1 / n for the sum. It matters most for mini-batches, steps on a few houses "
            "at a time: with the mean, the last, smaller batch needs no other rate."
        ),
    )


def _absolute(n: Numbers) -> tuple[Part, ...]:
    price = n["spoilt_price"]
    return (
        Heading("Why not the absolute error?"),
        Paragraph(
            "Where a residual is zero, its absolute value has a kink and no derivative, and the best line has to pass "
            f"through such places: this one passes through {n['houses_on_the_absolute_line']} of the houses. There is "
            "no formula for it, a fixed learning rate does not arrive, and near the best line the gradient does not "
            "tell how near. But it has a virtue. Suppose that one price is typed with one digit too many, "
            f"{10 * price:.1f} instead of {price:.1f} thousand euros:"
        ),
        Grid(
            "How far one wrong price moves the best line (typical change of its predictions, thousands of euros)",
            ("best by", "moves by"),
            (("squares", f"{n['squares_move']:.1f}"), ("absolute values", f"{n['absolute_move']:.1f}")),
        ),
        Paragraph(
            "Squares let the one large residual outweigh many small ones; absolute values give it one voice among "
            "many. Where wrong values are likely, that can be worth more than an easy descent."
        ),
    )
