"""What house_prices says, for readers who know the straight line y = m x + c and the mean, and nothing more."""

from collections.abc import Mapping, Sequence
from typing import Any

from lrbench.experiments import houses
from lrbench.experiments.findings import Correction, Figure, Formula, Grid, Heading, Paragraph, Part
from lrbench.experiments.houses import Floats
from lrbench.experiments.wording import number

Numbers = Mapping[str, Any]
Fit = tuple[Floats, float]
Data = tuple[Floats, Floats]

N_LISTED = 5  # new houses


def answer(n: Numbers) -> str:
    """Return the answer in short."""
    known, new = n["rmse_known"], n["rmse_new"]
    return (
        f"It finds the line whose predictions are nearest to the known prices: here {n['slope']:.2f} thousand euros a "
        f"square metre and {n['intercept']:.0f} thousand to begin with. A formula gives that line at once; a computer "
        "can also start with any line and turn it a little, again and again, in the direction in which the misfit "
        f"falls. With more features the line becomes a plane, then a hyperplane: its typical miss falls from "
        f"{known[0]:.0f} thousand euros with the area alone to {known[-1]:.0f} with four features. For houses that "
        f"it has not seen the miss falls from {new[0]:.0f} to {new[-1]:.0f}."
    )


def parts(n: Numbers, known: Data, new: Data, fits: Sequence[Fit], drawn: Mapping[str, Figure]) -> tuple[Part, ...]:
    """Return text, figures and tables in order."""
    return (
        *_line(n, drawn["line"]),
        *_descent(n, drawn["steps"]),
        *_valley(n, drawn["rings"]),
        *_plane(n, fits, drawn["plane"]),
        *_new(n, known, new, fits, drawn["predictions"]),
    )


def _line(n: Numbers, drawn: Figure) -> tuple[Part, ...]:
    return (
        Heading("A line through points"),
        Paragraph(
            f"Here are {n['n_known']} houses, each with its area and its price. They are made up by a rule with some "
            "chance in it, so that in the end we can compare what was found with what is true. What would another "
            "house cost, whose area we know? Linear regression answers with a straight line:"
        ),
        Formula("ŷ = w · x + b"),
        Paragraph(
            "x is a house's area, and ŷ (say: y hat) the price that the line predicts for it. The slope w says by how "
            "much the predicted price rises with each square metre. The intercept b is where the line would meet an "
            "area of zero; there is no such house, but without b every line would have to pass through zero. At "
            "school the same line is y = m x + c."
        ),
        Paragraph(
            "No line passes through all points. For house number i, with area xᵢ and true price yᵢ, the line misses "
            "by the residual eᵢ, the prediction minus the price. To compare two lines we need one number that says "
            "how badly a line misses in all. It is called the loss, L:"
        ),
        Formula("eᵢ = w xᵢ + b − yᵢ\nL(w, b) = 1/n · Σ ½ eᵢ²"),
        Paragraph(
            "Σ means: add up over all houses; n is how many there are. So square each residual, halve it, and take "
            "the mean. The squares make misses above and below count alike, and large ones count more. The half is "
            "there only because it makes the formulas below shorter. Linear regression is: find the w and the b for "
            "which L is smallest."
        ),
        drawn,
        Paragraph(
            "For a line there is a formula, which follows from setting the derivatives of L to zero. With x̄ and ȳ "
            "for the mean area and the mean price:"
        ),
        Formula("w = Σ (xᵢ − x̄)(yᵢ − ȳ) / Σ (xᵢ − x̄)²          b = ȳ − w x̄"),
        Paragraph(
            f"It gives w = {n['slope']:.3f} thousand euros a square metre and b = {n['intercept']:.2f} thousand "
            "euros. The residuals of this line add up to zero: were their sum above zero, moving the whole line down "
            "a little would make the loss smaller. So do the residuals times their areas: else turning the line would "
            f"help. In this run the two sums are {number(n['residual_sum'], '.0e')} and "
            f"{number(n['area_residual_sum'], '.0e')}: zero, but for the rounding of the last digits."
        ),
    )


def _descent(n: Numbers, drawn: Figure) -> tuple[Part, ...]:
    rate, by_slope, by_intercept = (
        n["learning_rate"],
        n["start_derivative_by_slope"],
        n["start_derivative_by_intercept"],
    )
    losses, slopes, intercepts = n["shown_losses"], n["shown_slopes"], n["shown_intercepts"]
    lines = [
        (f"{k}", f"{w:.4f}", f"{b:.4f}", f"{loss:.5f}")
        for k, w, b, loss in zip(n["shown_steps"], slopes, intercepts, losses, strict=True)
    ]
    formula = n["slope"], n["intercept"] / houses.HUNDRED, n["smallest_loss"]
    lines.append(("formula", f"{formula[0]:.4f}", f"{formula[1]:.4f}", f"{formula[2]:.5f}"))
    return (
        Heading("The same line, step by step"),
        Paragraph(
            "Other models have no such formula, and with millions of unknowns it would take too long. There is a way "
            "that needs none, called gradient descent: take any line, find out in which direction the loss falls, "
            "change w and b a little in that direction, and repeat. It is like going down a hill in fog: you see "
            "only how the ground slopes under your feet."
        ),
        Paragraph(
            "So that all numbers stay near one, we now count areas in hundreds of square metres and prices in hundreds "
            "of thousands of euros. That leaves the slope as it is and makes the intercept a hundredth."
        ),
        Paragraph(
            "The derivative of L by w, written ∂L/∂w, says how fast the loss rises when w alone is made larger; ∂L/∂b "
            "says the same for b. The two together are called the gradient. By the chain rule, the derivative of ½ e² "
            "is e times the derivative of e; and w xᵢ + b − yᵢ changes by xᵢ for each unit of w, and by 1 for each "
            "unit of b. So:"
        ),
        Formula("∂L/∂w = 1/n · Σ xᵢ (w xᵢ + b − yᵢ)\n∂L/∂b = 1/n · Σ (w xᵢ + b − yᵢ)"),
        Paragraph(
            f"For the flat line w = 0, b = 0 these formulas give {number(by_slope, '.6f')} and "
            f"{number(by_intercept, '.6f')}. Anyone can check that without derivatives: change w by 0.001 up and down "
            "and see by how much the loss changes; that difference, divided by 0.002, is "
            f"{number(n['start_nudged_by_slope'], '.6f')}, and the same with b gives "
            f"{number(n['start_nudged_by_intercept'], '.6f')}. Both are negative: the loss falls when w and b are made "
            "larger. A step therefore goes against the gradient:"
        ),
        Formula("new w = w − η · ∂L/∂w\nnew b = b − η · ∂L/∂b"),
        Paragraph(
            f"η (say: eta) is called the learning rate: it says how long the steps are. Here it is {rate:g}. The first "
            f"step leads from w = 0 to 0 − {rate:g} · ({number(by_slope, '.3f')}) = {slopes[1]:.3f}, and from b = 0 to "
            f"0 − {rate:g} · ({number(by_intercept, '.3f')}) = {intercepts[1]:.3f}; the loss falls from "
            f"{losses[0]:.3f} to {losses[1]:.3f}. Then the derivatives are computed again, for the new line, and so on."
        ),
        Correction(
            "Dive into Deep Learning, where it writes the step out for linear regression, leaves b out of the "
            "residual in the second line: it has w xᵢ − yᵢ where w xᵢ + b − yᵢ belongs. With the line as printed, the "
            f"loss after {n['shown_steps'][4]} of our steps is {number(n['misprinted_loss'], '.3g')} and rising; with "
            f"the right one it is {losses[4]:.3g}."
        ),
        drawn,
        Grid(
            "The line after some of its steps, areas in hundreds of m² and prices in hundreds of thousands of euros",
            ("step", "slope w", "intercept b", "loss L"),
            tuple(lines),
        ),
        Paragraph(
            f"Steps must not be too long. With these houses every learning rate below "
            f"{n['largest_learning_rate']:.3f} arrives; above it each step jumps across the valley and lands higher "
            f"than it began. With {n['too_large_rate']:.3f} the loss after 50 steps is "
            f"{number(n['too_large_loss'], '.1e')}."
        ),
    )


def _valley(n: Numbers, drawn: Figure) -> tuple[Part, ...]:
    names = "m²", "hundreds of m²", "standardised"
    lines = [
        (name, f"{ratio:,.0f}", f"{steps:,}")
        for name, ratio, steps in zip(names, n["curvature_ratios"], n["steps_until_near"], strict=True)
    ]
    return (
        Heading("Why the last steps are so slow"),
        Paragraph(
            "Each pair of w and b is a line, and has a loss. Draw w to the right and b upwards, and connect the pairs "
            "that have the same loss, as a map connects the places of the same height: the result is rings around the "
            "best pair. Steps always go straight downhill, so at right angles to the ring on which they begin."
        ),
        drawn,
        Paragraph(
            "With the areas as they are, the rings are long and narrow: a valley. If the slope is a little too small "
            "and the intercept a little too large, the line still passes through the middle of the points, and the "
            "loss is nearly as small as it can be. A few steps reach the valley's floor; along the floor the "
            "ground is nearly level, and the steps are tiny."
        ),
        Paragraph(
            "This can be mended by counting areas from their mean, in units of their typical distance from it (the "
            "standard deviation, the root of the mean squared distance). Such areas are called standardised. Then "
            "turning the line no longer moves it up or down at its middle, the rings are circles, and the way leads "
            "straight to the centre. It is the same line in other units: its predictions are the same."
        ),
        Grid(
            "The same descent with the areas in three units: by what factor the loss is curved more across the valley "
            "than along it, and how many steps lead to within 1 % of the smallest loss (learning rate: 1 / the "
            "larger curvature; steps beyond a thousand are counted to a hundredth)",
            ("areas in", "ratio of the curvatures", "steps"),
            tuple(lines),
        ),
    )


def _plane(n: Numbers, fits: Sequence[Fit], drawn: Figure) -> tuple[Part, ...]:
    names = [f"{name} ({unit})" if unit else name for name, unit in zip(houses.FEATURES, houses.UNITS, strict=True)]
    lines = [
        (name, *(number(w[j], ".2f") if j < len(w) else "" for w, _ in fits), number(houses.RULE[j]))
        for j, name in enumerate(names)
    ]
    lines.append(("intercept", *(f"{b:.1f}" for _, b in fits), f"{houses.BASE:g}"))
    lines.append(("typical miss", *(f"{each:.1f}" for each in n["rmse_known"]), f"{houses.NOISE:g}"))
    return (
        Heading("Two features: a plane"),
        Paragraph(
            "Two houses of the same area can have different prices because one is older. What is known of a house is "
            "called its features. With a second feature, the age, the prediction has a slope for each:"
        ),
        Formula("predicted price = w₁ · area + w₂ · age + b"),
        Paragraph(
            "Over area and age, such predictions lie on a plane. The loss is what it was, the mean of half the squared "
            "residuals, and again there is one best plane. Its residuals are typically "
            f"{n['rmse_known'][1]:.1f} thousand euros, those of the line {n['rmse_known'][0]:.1f}."
        ),
        drawn,
        Heading("Four features: a hyperplane"),
        Paragraph("Nothing stops at two. With the distance from the city's centre and the number of rooms:"),
        Formula("predicted price = w₁ · area + w₂ · age + w₃ · distance + w₄ · rooms + b"),
        Paragraph(
            "Area and price needed two directions to be drawn, area, age and price three; this would need five. Nobody "
            "can draw that, and the name for it is hyperplane. The arithmetic does not mind: a residual is still the "
            "prediction minus the price, the loss is still the mean of half the squares, and each slope has its "
            "derivative, with that slope's feature in place of xᵢ. Descent on standardised features and the formula "
            "(now a matrix formula) give coefficients that differ by at most "
            f"{number(n['hyperplane_by_descent_differs'], '.0e')}."
        ),
        Grid(
            "Thousands of euros for one more of each, found from one, two and four features, and what the rule that "
            "made the prices has",
            ("feature", "line", "plane", "hyperplane", "rule"),
            tuple(lines),
        ),
        Paragraph(
            "The typical miss is the root of the mean squared residual, in thousands of euros; for the rule it is the "
            "strength of the chance, which no feature explains. Compare the slopes of the area: in the line it also "
            "collects what comes with area, since larger houses have more rooms; once the rooms are features "
            f"themselves, a square metre is worth {fits[2][0][0]:.2f} instead of {fits[0][0][0]:.2f}. A slope says "
            "what goes with a feature while the other features stay the same, and only those that the model knows."
        ),
    )


def _new(n: Numbers, known: Data, new: Data, fits: Sequence[Fit], drawn: Figure) -> tuple[Part, ...]:
    X, y = new
    lines = [
        (
            f"{X[i, 0]:.0f} m², {X[i, 1]:.0f} years, {X[i, 2]:.1f} km, {X[i, 3]:.0f} rooms",
            f"{y[i]:.1f}",
            *(f"{float(X[i, : len(w)] @ w) + b:.1f}" for w, b in fits),
        )
        for i in range(N_LISTED)
    ]
    w, b = fits[2]
    terms = " + ".join(f"{w[j]:.2f} · {X[0, j]:g}" for j in range(len(w))).replace("+ -", "− ").replace("-", "−")
    return (
        Heading("Houses that it has not seen"),
        Paragraph(
            f"To predict is the purpose. Another {n['n_new']} houses, made by the same rule, took no part in finding "
            f"the slopes. For the first of them the hyperplane's prediction is {terms} + {b:.2f} = "
            f"{float(X[0] @ w) + b:.1f} thousand euros."
        ),
        Grid(
            "The first new houses: prices, and predictions from the area, from area and age, and from all four "
            "(thousands of euros)",
            ("house", "price", "line", "plane", "hyperplane"),
            tuple(lines),
        ),
        drawn,
        Grid(
            "Typical miss (thousands of euros)",
            ("houses", "line", "plane", "hyperplane"),
            (
                (f"the {len(known[1])} known", *(f"{each:.1f}" for each in n["rmse_known"])),
                (f"the {len(y)} new", *(f"{each:.1f}" for each in n["rmse_new"])),
            ),
        ),
        Paragraph(
            "On the known houses another feature can never make the fit worse: a slope of zero would leave it as it "
            "was. On new houses it can, if it only fits the chance in the known ones; that is why a model is judged "
            f"on houses that it has not seen. And the largest known house has {n['largest_area']:.0f} m²: for a castle "
            "the line names a price too, but nothing here vouches for it."
        ),
    )
