"""What is said about it: every number from the run."""

from collections.abc import Mapping, Sequence
from typing import Any

from lrbench.experiments.findings import Correction, Formula, Heading, Paragraph, Part
from lrbench.experiments.numerals import rounded
from lrbench.experiments.vectorization import curves, figures
from lrbench.experiments.vectorization.costs import Curve

_NANO = 1e9


def answer(numbers: Mapping[str, Any]) -> str:
    """Return a few sentences."""
    reached = f" What limits it then is where the data lie: {found}." if (found := _reached(numbers)) else ""
    return (
        f"A loop in Python pays {_ns(numbers['addition_element_python_loop_s'])} for each element, a whole-array "
        f"operation {_ns(numbers['addition_element_numpy_vectorized_s'])}, but "
        f"{_ns(numbers['addition_call_numpy_vectorized_s'])} for each call. So it pays "
        f"{_from(numbers['numpy_over_list_from_n'])} for an addition, "
        f"{_from(numbers['gradient_numpy_over_list_from_n'], 'rows')} for the gradient of a regression with "
        f"{curves.N_FEATURES} features. At 10000 elements it is "
        f"{rounded(numbers['numpy_over_list_at_10000_speedup'])} times as quick as the loop over lists, and "
        f"{rounded(numbers['numpy_over_item_loop_at_10000_speedup'])} times as quick as a loop over the elements of "
        f"arrays. A compiled loop is {rounded(numbers['compiled_over_list_at_10000_speedup'])} times as quick as the "
        f"loop over lists; for the gradient it is {rounded(numbers['gradient_compiled_over_numpy_at_10000_speedup'])} "
        f"times as quick as NumPy, which makes several passes over the data.{reached}"
    )


def _ns(seconds: float) -> str:
    return f"{rounded(_NANO * seconds)} ns"


def _from(n: float | None, what: str = "elements") -> str:
    if n is None:
        return "at no length that was measured"
    return "at every length" if n <= 1.0 else f"from about {rounded(n)} {what} on"


def _reached(numbers: Mapping[str, Any]) -> str:
    """Return the best times of an addition from the caches and from memory, in words; empty where a size is unknown."""
    cached, far = numbers["cached_element_s"], numbers["memory_element_s"]
    return f"{_ns(cached)} an addition where the caches hold them, {_ns(far)} from memory" if cached and far else ""


def parts(
    numbers: Mapping[str, Any], additions: Sequence[Curve], gradients: Sequence[Curve], caches: Mapping[str, int]
) -> tuple[Part, ...]:
    """Return everything but question and answer."""
    return (
        *_addition(numbers, additions),
        *_memory(numbers, additions, caches),
        *_regression(numbers, additions, gradients, caches),
    )


def _addition(numbers: Mapping[str, Any], additions: Sequence[Curve]) -> tuple[Part, ...]:
    call, element = "addition_call", "addition_element"
    predicted = (numbers[f"{call}_numpy_vectorized_s"] - numbers[f"{call}_python_loop_s"]) / (
        numbers[f"{element}_python_loop_s"] - numbers[f"{element}_numpy_vectorized_s"]
    )
    return (
        Heading("Adding two vectors"),
        Paragraph(
            "Two vectors of n numbers each are added, element by element. A loop says how, one element after the "
            "other. A whole-array operation, a + b, says what, once, and leaves the loop to compiled code. All ways "
            "give the same sums: the largest error of any, relative to |a| + |b|, is "
            f"{rounded(numbers['addition_error'])}, the rounding of a single addition."
        ),
        Correction(
            "Dive into Deep Learning announces vectors of 1000 elements; its code adds 10000, which is the length "
            "that the answer above refers to. It times a + b once, and does not wait for a result that is still being "
            "computed beside the program; here every call has returned its sums before the clock stops."
        ),
        figures.calls(additions, numbers["numpy_over_list_from_n"]),
        Paragraph(
            f"Why is the loop slow? For each element Python carries out {numbers['bytecodes_an_element']} "
            "instructions of its own, each a few lines of compiled code that look up what kind of thing they have "
            "before them. The compiled loop knows that all are numbers of 8 bytes, and adds several with one "
            "instruction of the processor. A loop over the elements of an array is slower still than one over a list: "
            "each element is first wrapped into an object. The call, on the other hand, is dearer for an array: kinds "
            "and lengths are checked, and a result is allocated, once for all elements. An empty call takes "
            f"{_ns(numbers['empty_call_s'])}, which is in all times."
        ),
        Formula("time of a call = c + e · n,          so it pays from n = (c₂ − c₁) / (e₁ − e₂)"),
        figures.costs(numbers, "addition", curves.ADDITIONS, "element"),
        Paragraph(
            f"By this line, a + b should pay over the list's loop from n = {rounded(predicted)}; the measured curves "
            f"cross {_crossing(numbers['numpy_over_list_from_n'])}."
        ),
    )


def _crossing(n: float | None) -> str:
    return "nowhere" if n is None else f"at {rounded(n)}"


def _memory(numbers: Mapping[str, Any], additions: Sequence[Curve], caches: Mapping[str, int]) -> tuple[Part, ...]:
    levels = ", ".join(
        f"{level} {size // 1024} KiB ({numbers[f'additions_in_{level}']} additions)" for level, size in caches.items()
    )
    known = f" This processor's: {levels}." if levels else ""
    rates = f" The best into a given array: {reached}." if (reached := _reached(numbers)) else ""
    return (
        Heading("And then, memory"),
        Paragraph(
            f"Each addition reads two numbers and writes one, {numbers['bytes_an_addition']} bytes. Beyond some "
            "length the processor waits for them. Between it and memory lie caches, each larger and slower than the "
            f"one before.{known}{rates} The line of a + b lies above where the result is a new array: the operating "
            "system has to find fresh memory for a long one, and clear it."
        ),
        figures.elements(figures.addition_curves(additions), caches, numbers["bytes_an_addition"], "element"),
    )


def _regression(
    numbers: Mapping[str, Any], additions: Sequence[Curve], gradients: Sequence[Curve], caches: Mapping[str, int]
) -> tuple[Part, ...]:
    added, sloped = ({each.name: each for each in found} for found in (additions, gradients))
    pairs = {
        "addition, NumPy": (added[curves.LIST], added[curves.NEW]),
        "addition, compiled": (added[curves.LIST], added[curves.COMPILED]),
        "gradient, NumPy": (sloped[curves.ROWS], sloped[curves.WHOLE]),
        "gradient, compiled": (sloped[curves.ROWS], sloped[curves.FUSED]),
    }
    return (
        Heading("The core of a regression"),
        Paragraph(
            "The same for what descent computes at every step: the gradient of the loss over n rows of "
            f"{curves.N_FEATURES} features and a target, {numbers['bytes_a_row']} bytes a row. NumPy makes two "
            "products, one with the table and one with its transpose, and reads it twice; the compiled loops do both "
            "while a row is at hand. They add in different orders, so that last digits differ: the largest error of "
            f"any, relative to the sum of its terms' magnitudes, is {rounded(numbers['gradient_error'])}."
        ),
        figures.costs(numbers, "gradient", curves.GRADIENTS, "row"),
        Paragraph(
            f"NumPy pays over lists {_from(numbers['gradient_numpy_over_list_from_n'], 'rows')}, the compiled loops "
            f"{_from(numbers['gradient_compiled_over_list_from_n'], 'rows')}. A mini-batch of 10 rows is near the "
            "left end: there most of the time goes into calls, whoever computes."
        ),
        figures.gains(pairs),
        figures.elements(
            [each for each in gradients if each.name not in curves.SLOW], caches, numbers["bytes_a_row"], "row"
        ),
        Paragraph(
            "All on one thread; medians over rounds of one process, side by side in balanced order. Another process "
            "lays its arrays out differently, which moves such times by some percent."
        ),
    )
