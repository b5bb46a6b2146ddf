"""Vector addition and the gradient of the squared loss, timed over n, one thread."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

from lrbench import gate
from lrbench.experiments import timing
from lrbench.experiments.findings import Setting
from lrbench.experiments.vectorization.costs import Curve
from lrbench.problems import gradient, vector_addition
from lrbench.registry import Implementation, Inputs, Problem, worst_relative_error

N_FEATURES = 2  # the documents' area and age
_LARGEST, _QUICK_LARGEST = 10_000_000, 10_000  # elements of a vector
_SLOW_LARGEST = 30_000  # for those that take an element at a time
_MOST_ROWS = 10_000_000
_A_DECADE = 4  # sizes

LIST, ITEMS, NEW, OUT, COMPILED = (
    "Python list, loop",
    "NumPy array, loop",
    "NumPy, a + b",
    "NumPy, into a given array",
    "compiled loop, into a given array",
)
ADDITIONS = {
    LIST: "python_loop",
    ITEMS: "numpy_item_loop",
    NEW: "numpy_vectorized",
    OUT: "numpy_out",
    COMPILED: "numba_out",
}
ROWS, WHOLE, FUSED = "Python lists, loops", "NumPy, whole arrays", "compiled loops"
GRADIENTS = {ROWS: "python_loop", WHOLE: "numpy_vectorized", FUSED: "numba_jit"}
SLOW = (LIST, ITEMS, ROWS)


def sizes(largest: int) -> list[int]:
    """Return some sizes a decade from 1 to a power of ten, equally far apart but for rounding."""
    exponents = range(round(_A_DECADE * np.log10(largest)) + 1)
    return sorted({round(10 ** (k / _A_DECADE)) for k in exponents})


def additions(setting: Setting) -> tuple[list[Curve], float]:
    """Return the times of c = a + b, and the largest error of any answer, relative to |a| + |b|."""
    largest = _QUICK_LARGEST if setting.quick else _LARGEST
    data = vector_addition.PROBLEM.make_data(str(largest), setting.seed)
    return _curves(vector_addition.PROBLEM, ADDITIONS, data, setting, partial(_share, setting, 0.0, 0.6))


def gradients(setting: Setting) -> tuple[list[Curve], float]:
    """Return the times of the gradient, and the largest error of any answer, relative to its terms' magnitudes."""
    largest = _QUICK_LARGEST if setting.quick else _MOST_ROWS
    data = gradient.PROBLEM.make_data(f"{largest}x{N_FEATURES}", setting.seed)
    return _curves(gradient.PROBLEM, GRADIENTS, data, setting, partial(_share, setting, 0.6, 1.0))


def empty_call_s(setting: Setting) -> float:
    """Return what a call of a Python function that does nothing takes: the clock's loop is in it."""
    return timing.side_by_side({"empty": partial(lambda a, _b: a, 0, 0)}, seed=setting.seed)["empty"].median_s


def _share(setting: Setting, start: float, end: float, part: float, now: str) -> None:
    setting.advance(start + (end - start) * part, now)


def _curves(
    problem: Problem,
    chosen: Mapping[str, str],
    data: Inputs,
    setting: Setting,
    advance: Callable[[float, str], None],
) -> tuple[list[Curve], float]:
    """Return the times of all chosen ways for the first 1, 2, 3, 6, ... elements or rows of the data."""
    found: dict[str, list[tuple[int, timing.Times]]] = {name: [] for name in chosen}
    worst = 0.0
    rounds, limit_s = (3, 0.05) if setting.quick else (31, 0.4)
    lengths = sizes(len(data[0]))
    for k, n in enumerate(lengths):
        advance(k / len(lengths), f"{problem.name} of {n}")
        inputs = problem.make_inputs(tuple(part[:n] for part in data), setting.seed)
        calls = dict(_calls(problem, chosen, inputs, n))
        worst = max(worst, _worst_error(problem, inputs, calls))
        for name, times in timing.side_by_side(calls, seed=setting.seed, rounds=rounds, limit_s=limit_s).items():
            found[name].append((n, times))
    return [Curve(name, *zip(*pairs, strict=True)) for name, pairs in found.items()], worst


def _calls(
    problem: Problem, chosen: Mapping[str, str], inputs: Inputs, n: int
) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what is timed, its arguments converted beforehand."""
    for name, implementation in chosen.items():
        if name in SLOW and n > _SLOW_LARGEST:
            continue
        found: Implementation = problem.implementation(implementation)
        yield name, partial(gate.resolve(found.target), *gate.converted(found, inputs))


def _worst_error(problem: Problem, inputs: Inputs, calls: Mapping[str, Callable[[], object]]) -> float:
    """Return the largest relative error of all answers; WrongAnswer if it is beyond the problem's tolerance."""
    reference, worst = problem.reference(inputs), 0.0
    for name, call in calls.items():
        answer = call()
        parts = tuple(np.asarray(part) for part in (answer if isinstance(answer, tuple) else (answer,)))
        error = worst_relative_error(inputs, reference, parts)
        if not error <= reference.tolerance:
            message = f"{problem.name}: {name} errs by {error:.1e}, above the tolerance {reference.tolerance:.1e}"
            raise gate.WrongAnswer(message)
        worst = max(worst, error)
    return worst
