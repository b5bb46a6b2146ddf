"""Why vectorize: what a loop and a whole-array operation cost, and from which length on the latter pays.

Source: Dive into Deep Learning, "Linear Regression", section "Vectorization for Speed".
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from lrbench import gate
from lrbench.experiments import timing
from lrbench.experiments.crossings import quicker_from
from lrbench.experiments.findings import Findings, Number, Setting
from lrbench.experiments.vectorization import costs, curves, texts
from lrbench.experiments.vectorization.costs import Curve

QUESTION = "Why vectorize, from which length on does it pay, and what limits it then?"

BYTES = 24  # of an addition: two numbers read, one written
ROW_BYTES = 8 * (curves.N_FEATURES + 1)  # of a row of X and y
_IN_CACHE = 1_000  # elements up to which everything stays in the first cache
_TYPICAL = 10_000  # the documents' length


def run(setting: Setting) -> Findings:
    """Return costs over n, crossovers and the caches' part in them."""
    from lrbench.measure import environment

    with timing.one_thread():
        empty_s = curves.empty_call_s(setting)
        additions, addition_error = curves.additions(setting)
        gradients, gradient_error = curves.gradients(setting)
    added, sloped = ({each.name: each for each in found} for found in (additions, gradients))
    caches = costs.sizes_bytes(environment.describe()["caches"])
    loop = gate.resolve("lrbench.vector_addition.python_loop:add_by_index")
    numbers: dict[str, Number | Sequence[Number]] = {
        "addition_error": addition_error,
        "gradient_error": gradient_error,
        "bytes_an_addition": BYTES,
        "bytes_a_row": ROW_BYTES,
        "bytecodes_an_element": costs.bytecodes_an_element(loop),
        "empty_call_s": empty_s,
        **{f"additions_in_{level}": size // BYTES for level, size in caches.items()},
        **_costs("addition", curves.ADDITIONS, added),
        **_costs("gradient", curves.GRADIENTS, sloped),
        **_crossovers(added, sloped),
        **levels(added[curves.OUT], caches),
    }
    skipped = () if caches else ("The caches' sizes: this system does not tell them, so that no figure shows them.",)
    parts = texts.parts(numbers, additions, gradients, caches)
    return Findings(parts, texts.answer(numbers), numbers, skipped)


def _costs(what: str, names: Mapping[str, str], found: Mapping[str, Curve]) -> dict[str, Number | Sequence[Number]]:
    """Return every side's times, and the part of them that a call costs and that an element does."""
    numbers: dict[str, Number | Sequence[Number]] = {}
    for name, short in names.items():
        curve = found[name]
        inside = curve.up_to(_IN_CACHE)
        call_s, element_s = costs.call_and_element(inside.n, inside.medians_s)
        numbers |= {f"{what}_n_{short}": list(curve.n), f"{what}_{short}_s": curve.medians_s}
        numbers |= {f"{what}_call_{short}_s": call_s, f"{what}_element_{short}_s": element_s}
    return numbers


def _crossovers(added: Mapping[str, Curve], sloped: Mapping[str, Curve]) -> dict[str, Any]:
    """Return from which n on whole-array operations, and compiled loops, are quicker; and by how much at 10 000."""
    pairs = {
        "numpy_over_list": (added[curves.LIST], added[curves.NEW]),
        "numpy_over_item_loop": (added[curves.ITEMS], added[curves.NEW]),
        "compiled_over_list": (added[curves.LIST], added[curves.COMPILED]),
        "numpy_over_compiled": (added[curves.COMPILED], added[curves.OUT]),
        "gradient_numpy_over_list": (sloped[curves.ROWS], sloped[curves.WHOLE]),
        "gradient_compiled_over_list": (sloped[curves.ROWS], sloped[curves.FUSED]),
        "gradient_compiled_over_numpy": (sloped[curves.WHOLE], sloped[curves.FUSED]),
    }
    found: dict[str, Any] = {}
    for name, (slow, quick) in pairs.items():
        n, slow_s, quick_s = slow.shared(quick)
        found[f"{name}_from_n"] = quicker_from(n, slow_s, quick_s)
        k = n.index(_TYPICAL)
        found[f"{name}_at_{_TYPICAL}_speedup"] = slow_s[k] / quick_s[k]
    return found


def levels(curve: Curve, caches: Mapping[str, int]) -> dict[str, float | None]:
    """Return the least seconds an element among lengths whose arrays fit each cache and no smaller one, and none."""
    limits: list[tuple[str, int | None]] = [("call", _IN_CACHE * BYTES // 10), *caches.items(), ("memory", None)]
    found: dict[str, float | None] = {}
    for (_, above), (level, limit) in pairwise(limits):
        inside = [
            time_s / n
            for n, time_s in zip(curve.n, curve.medians_s, strict=True)
            if n * BYTES > (above or 0) and (limit is None or n * BYTES <= limit)
        ]
        found[f"{level}_element_s"] = min(inside, default=None)
    cached = [time_s for level, time_s in found.items() if level != "memory_element_s" and time_s is not None]
    return {**found, "cached_element_s": min(cached, default=None)}
