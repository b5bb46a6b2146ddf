"""The closed form and its gradient: when it is better than SGD, and when it breaks.

Source: Dive into Deep Learning, "Linear Regression", exercise 2.
"""

from collections.abc import Sequence

from lrbench.experiments.closed_form_or_sgd import formulas, limits, race, texts
from lrbench.experiments.findings import Findings, Number, Setting

QUESTION = "What is the closed form, when is it better than stochastic gradient descent, and when does it break?"

_NEARLY_ALIKE = 1e-6  # the difference of columns that is shown in full
_OBSERVATIONS = (1.0, 1e-2, 1e-4, 1e-6, 1e-8)  # differences of observations


def run(setting: Setting) -> Findings:
    """Return formulas checked, times to equal accuracy with their crossover, and what breaks each solver."""
    checks = formulas.checked(setting.seed)
    contests = race.run(Setting(setting.seed, setting.quick, lambda share, now: setting.advance(0.8 * share, now)))
    setting.advance(0.8, "columns alike")
    differences = [10.0**-k for k in limits.EXPONENTS]
    alike = [limits.measured(*limits.columns_alike(setting.seed, each), each) for each in differences]
    nearly = alike[differences.index(_NEARLY_ALIKE)]
    observations = {
        n_distinct: [limits.measured(*limits.observations_alike(setting.seed, e, n_distinct), e) for e in _OBSERVATIONS]
        for n_distinct in limits.DISTINCT
    }
    setting.advance(0.9, "more columns than observations")
    wide = limits.wide(setting.seed)
    numbers: dict[str, Number | Sequence[Number]] = {**checks, **_race_numbers(contests), **_wide_numbers(wide)}
    numbers |= limits.compared_with_sgd(nearly, setting.seed)
    numbers["condition_numbers"] = [each.condition_number for each in alike]
    for name in limits.SOLVERS:
        numbers[f"digits_{name}"] = [each.coefficients[name] for each in alike]
        numbers[f"digits_lost_a_decade_{name}"] = limits.digits_lost_a_decade(alike, name)
    for n_distinct, found in observations.items():
        numbers[f"condition_numbers_{n_distinct}_houses"] = [each.condition_number for each in found]
        for name in ("cholesky", "qr", "refined"):
            numbers[f"digits_{name}_{n_distinct}_houses"] = [each.coefficients[name] for each in found]
    parts = texts.parts(numbers, contests, alike, nearly, observations, wide)
    return Findings(parts, texts.answer(numbers, contests), numbers)


def _race_numbers(contests: Sequence[race.Contest]) -> dict[str, Number | Sequence[Number]]:
    """Return sizes, counts and times, contest by contest; and crossovers, width by width."""
    found: dict[str, Number | Sequence[Number]] = {
        "race_n": [each.n for each in contests],
        "race_d": [each.d for each in contests],
        "race_truth_excess": [each.truth for each in contests],
        "race_widths": list(dict.fromkeys(each.d for each in contests)),
    }
    for k, target in enumerate(race.TARGETS):
        found[f"sgd_visits_{target:g}"] = [each.visits[k] for each in contests]
        found[f"conjugate_iterations_{target:g}"] = [each.iterations[k] for each in contests]
        found[f"closed_form_rows_{target:g}"] = [each.rows[k] for each in contests]
        for side in race.SIDES:
            name = side.replace(",", "").replace(" ", "_").lower()
            found[f"{name}_excess_{target:g}"] = [each.excess.get((side, target)) for each in contests]
            found[f"{name}_{target:g}_s"] = [
                each.times[side, target].median_s if (side, target) in each.times else None for each in contests
            ]
            if side != race.ALL:
                found[f"{name}_{target:g}_from_n"] = [
                    race.quicker_from_n(contests, side, target, d) for d in dict.fromkeys(each.d for each in contests)
                ]
    return found


def _wide_numbers(wide: Sequence[limits.Wide]) -> dict[str, Number]:
    found: dict[str, Number] = {}
    for each in wide:
        name = each.name.replace(" ", "_")
        found[f"wide_refused_{name}"] = bool(each.refusal)
        found |= {f"wide_size_{name}": each.size, f"wide_residual_{name}": each.residual}
        found |= {f"wide_from_shortest_{name}": each.from_shortest, f"wide_moved_{name}": each.moved}
    return found
