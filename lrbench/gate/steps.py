"""Iterates, followed step by step: implementations of one algorithm take the same ones."""

import functools
from collections.abc import Callable
from typing import Any

from lrbench.gate.answers import called, parts_of
from lrbench.gate.questions import Question, converted, passed, shared_name
from lrbench.gate.references import remember
from lrbench.gate.refusals import TooSlow, WrongAnswer
from lrbench.registry import TOO_SLOW_S, Case, Inputs, Iteration, worst_relative_error

_LAST_CHECKPOINT = 1000  # iterates beyond it are judged by the end alone: following them in double-double is slow


def check_duration(case: Case, arguments: Inputs) -> int | None:
    """Return the number of steps, if the data decide it; refuse, before the first call, what they make too slow."""
    iteration = case.problem.iterations.get(case.implementation.algorithm)
    if not iteration or not case.problem.iterative:
        return None
    estimate_s = case.step_s * (iteration.passes or iteration.count)(arguments)
    if estimate_s > TOO_SLOW_S:
        message = f"about {estimate_s:.2g} s a call"
        raise TooSlow(message)
    return iteration.count(arguments)


def check_steps(case: Case, asked: Question, function: Callable[..., Any], iteration: Iteration, answer: Any) -> None:
    """Compare iterates after 1, 10, 100, ... and all steps; WrongAnswer names the first step that differs.

    answer: what the implementation returned after all of them.
    """
    algorithm = case.implementation.algorithm
    arguments = passed(case, asked, asked.inputs)
    count = iteration.count(arguments)
    reference = case.problem.references.get(algorithm, case.problem.reference)

    def error_after(steps: int) -> float:
        if steps == count and iteration.reference is reference:
            parts = parts_of(case, answer, asked.reference.answers, "")
            return worst_relative_error(asked.inputs, asked.reference, parts) / asked.reference.tolerance
        shortened = iteration.shorten(arguments, steps)
        name = f"{shared_name(case.problem)}-{asked.checksum}-{algorithm.replace(' ', '-')}-{steps}"
        iterate = remember(name, functools.partial(iteration.reference, shortened))
        answered = called(case, function, converted(case.implementation, shortened))
        parts = parts_of(case, answered, iterate.answers, "")
        return worst_relative_error(asked.inputs, iterate, parts) / iterate.tolerance

    right, wrong = 0, 0
    checkpoints = [10**k for k in range(20) if 10**k < min(count, _LAST_CHECKPOINT)]
    if iteration.reference is reference or count <= _LAST_CHECKPOINT:
        checkpoints.append(count)
    for steps in checkpoints:
        if not error_after(steps) <= 1.0:
            wrong = steps
            break
        right = steps
    if not wrong:
        return
    while wrong - right > 1:
        middle = (right + wrong) // 2
        right, wrong = (middle, wrong) if error_after(middle) <= 1.0 else (right, middle)
    message = (
        f"{case.id}: the iterates of '{algorithm}' differ first after {iteration.step} {wrong}. "
        "Implementations of one algorithm take the same steps over the same order of samples."
    )
    raise WrongAnswer(message)
