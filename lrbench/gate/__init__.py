"""No answer reaches a clock before it has been checked: prepare(case) returns a call that is known to be right.

An implementation is asked three times: the question, its mirror image (the same arrays, scaled in place by powers
of two and their negatives, whose answer is known exactly), and the question again. That exposes a stale buffer, a
remembered answer and a changed input as well as a wrong one. Iterative algorithms are also stopped early, at 1, 10,
100, ... steps, since a contraction forgets its first steps by its last.
"""

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lrbench.gate.answers import MAX_DIGITS, called, check, check_mirrored, check_unchanged, digits, restore
from lrbench.gate.questions import (
    Layout,
    Question,
    arguments_of,
    ask,
    checksum,
    converted,
    last_question,
    own_question,
    passed,
    reference_of,
    resolve,
    scaled,
    undo_scaling,
)
from lrbench.gate.refusals import TooSlow, Unavailable, WrongAnswer
from lrbench.gate.steps import check_duration, check_steps
from lrbench.registry import Case, Implementation, Inputs, missing_packages

__all__ = [
    "MAX_DIGITS",
    "Layout",
    "Prepared",
    "Question",
    "TooSlow",
    "Unavailable",
    "WrongAnswer",
    "arguments_of",
    "ask",
    "checksum",
    "converted",
    "digits",
    "last_question",
    "prepare",
    "reference_of",
    "resolve",
    "scaled",
    "undo_scaling",
]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case that has passed the gate."""

    case: Case
    call: Callable[[], Any]  # takes no argument; everything it needs was made before
    error: float  # the worst relative error of its answers
    first_call_s: float  # seconds of the first call, compilation included
    steps: int | None  # that it takes, where the data decide how many

    @property
    def digits(self) -> float:
        """Correct decimal digits, -log10(error), from 0 to 16."""
        return digits(self.error)


def prepare(case: Case, question: Question | None = None, *, seed: int = 0, thorough: bool = True) -> Prepared:
    """Return a case's call, checked. Without a question the inputs are made from the seed.

    thorough: false where the implementation has passed the whole gate in another process a moment ago, and only
    this process's own answer and inputs are left to be checked.
    Errors: Unavailable (a package is missing, or the data have no answer), WrongAnswer.
    """
    if reason := missing_packages(case.implementation):
        raise Unavailable(reason)
    asked = own_question(case, question or last_question(case.problem.name, case.size, seed))
    function = _function(case.implementation)
    steps = check_duration(case, passed(case, asked, asked.inputs))
    arguments = arguments_of(case, asked)
    try:
        start = time.perf_counter()
        answer = called(case, function, arguments)
        first_call_s = time.perf_counter() - start
        error = _examined(case, asked, function, arguments, answer, thorough=thorough)
    except WrongAnswer:
        restore(case, asked)
        raise
    return Prepared(case, functools.partial(function, *arguments), error, first_call_s, steps)


def _examined(
    case: Case, asked: Question, function: Callable[..., Any], arguments: Inputs, answer: Any, *, thorough: bool
) -> float:
    """Return the worst error of an implementation's answers; WrongAnswer for any reason to refuse it."""
    iteration = case.problem.iterations.get(case.implementation.algorithm)
    if thorough and iteration:
        check_steps(case, asked, function, iteration, answer)
    errors = [check(case, asked, answer, "")]
    check_unchanged(case, asked)
    if thorough:
        errors.append(check_mirrored(case, asked, function))
        errors.append(check(case, asked, called(case, function, arguments), "called again after other inputs: "))
        check_unchanged(case, asked)
    return max(errors)


def _function(implementation: Implementation) -> Callable[..., Any]:
    """Return what an implementation calls; Unavailable where somebody else's package is there but cannot be loaded.

    One of our own that cannot be on some machine or interpreter raises NotImplementedError as it is imported.
    """
    try:
        return resolve(implementation.target)
    except Exception as error:
        if not (implementation.is_peer or isinstance(error, NotImplementedError)):
            raise
        message = f"cannot be imported here: {type(error).__name__}: {error}"
        raise Unavailable(message) from error
