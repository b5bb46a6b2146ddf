"""What an implementation answers: whether it is right, and whether the question is still what it was."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lrbench.gate.questions import (
    NO_MEMORY,
    Question,
    checksum,
    converted,
    layout_key,
    passed,
    resolve,
    scaled,
    undo_scaling,
)
from lrbench.gate.refusals import Unavailable, WrongAnswer
from lrbench.registry import Case, Floats, Inputs
from lrbench.stored import NoRoom

MAX_DIGITS = 16.0


def digits(error: float) -> float:
    """Return -log10 of an error, no less than 0 and no more than 16."""
    return min(MAX_DIGITS, max(0.0, -math.log10(error))) if error > 0.0 else MAX_DIGITS


def called(case: Case, function: Callable[..., Any], arguments: Inputs) -> Any:
    """Return what an implementation returns; WrongAnswer for what it raises, Unavailable where memory is short."""
    try:
        return function(*arguments)
    except MemoryError:
        raise Unavailable(NO_MEMORY) from None
    except Exception as error:
        message = f"{case.id}: raised {type(error).__name__}: {error}"
        raise WrongAnswer(message) from error


def parts_of(case: Case, answer: Any, expected: tuple[Floats, ...], when: str) -> tuple[Floats, ...]:
    """Return an answer's arrays; WrongAnswer unless they are float64 of the expected shapes and finite."""
    values = answer if isinstance(answer, tuple) else (answer,)
    if case.implementation.n_answers:
        values = values[: case.implementation.n_answers]
    if len(values) != len(expected):
        message = f"{case.id}: {when}returned {len(values)} values where {len(expected)} are expected"
        raise WrongAnswer(message)
    try:
        parts = tuple(np.asarray(value) for value in values)
    except ValueError as error:
        message = f"{case.id}: {when}returned what is no array: {error}"
        raise WrongAnswer(message) from None
    for part, wanted in zip(parts, expected, strict=True):
        if part.shape != wanted.shape:
            message = f"{case.id}: {when}wrong shape {part.shape} where {wanted.shape} is expected"
            raise WrongAnswer(message)
        if part.dtype != np.float64:
            message = f"{case.id}: {when}wrong dtype {part.dtype} where float64 is expected"
            raise WrongAnswer(message)
        if not np.isfinite(part).all():
            where = np.argwhere(~np.isfinite(np.atleast_1d(part)))[0].tolist()
            message = f"{case.id}: {when}non-finite value {np.atleast_1d(part)[tuple(where)]} at {where}"
            raise WrongAnswer(message)
    return parts


def check(case: Case, asked: Question, answer: Any, when: str, factors: tuple[float, ...] = ()) -> float:
    """Return the error of an answer, divided by known factors first; WrongAnswer above the tolerance."""
    parts = parts_of(case, answer, asked.reference.answers, when)
    if factors:
        parts = tuple(part / factor for part, factor in zip(parts, factors, strict=True))
    error = case.problem.error(asked.inputs, asked.reference, parts)
    if not error <= asked.reference.tolerance:
        message = (
            f"{case.id}: {when}relative error {error:.1e} is above the tolerance {asked.reference.tolerance:.1e}. "
            "Fix the implementation, or raise the problem's tolerance and say why there."
        )
        raise WrongAnswer(message)
    return error


def check_unchanged(case: Case, asked: Question) -> None:
    """Refuse an implementation that has written into its inputs."""
    layout = asked.layouts.get(layout_key(case))
    if checksum(asked.inputs) != asked.checksum or (layout and checksum(layout.arguments) != layout.checksum):
        message = f"{case.id}: changed its inputs. Work on a copy, or return a new array."
        raise WrongAnswer(message)


def check_mirrored(case: Case, asked: Question, function: Callable[..., Any]) -> float:
    """Ask the mirrored question in the same arrays, undo the mirroring, and return the answer's error."""
    factors = case.problem.mirror_inputs
    try:
        mirrored = scaled(asked.inputs, factors)
    except NoRoom as error:
        raise Unavailable(str(error)) from None
    try:
        arguments = converted(case.implementation, passed(case, asked, mirrored))
        answer = called(case, function, arguments)
        parts = answer if isinstance(answer, tuple) else (answer,)
        answer = tuple(np.array(np.asarray(part)) for part in parts)  # at once, one of PyTorch makes NumPy warn
    finally:
        undo_scaling(asked.inputs, factors)
    return check(case, asked, answer, "with mirrored inputs: ", case.problem.mirror_answers)


def restore(case: Case, asked: Question) -> None:
    """Undo what a refused implementation has done to arrays that others share."""
    if checksum(asked.inputs) != asked.checksum:
        _copy_back(asked.inputs, asked.remake())
    layout = asked.layouts.get(layout_key(case))
    if layout and checksum(layout.arguments) != layout.checksum:
        _copy_back(layout.arguments, resolve(case.implementation.layout)(passed(case, asked, asked.inputs)))


def _copy_back(changed: Inputs, right: Inputs) -> None:
    for array, before in zip(changed, right, strict=True):
        if isinstance(array, np.ndarray):
            np.copyto(array, before)
