"""No answer reaches a clock before it has been checked: prepare(case) returns a call that is known to be right.

An implementation is asked three times: the question, its mirror image (the same arrays, scaled in place by powers
of two and their negatives, whose answer is known exactly), and the question again. That exposes a stale buffer, a
remembered answer and a changed input as well as a wrong one. Iterative algorithms are also stopped early, at 1, 10,
100, ... steps, since a contraction forgets its first steps by its last.
"""

import contextlib
import functools
import hashlib
import json
import math
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import numpy as np

from lrbench import cache
from lrbench.registry import (
    TOO_SLOW_S,
    Case,
    Floats,
    Implementation,
    Inputs,
    Iteration,
    NoReference,
    Problem,
    Reference,
    missing_packages,
    worst_relative_error,
)
from lrbench.stored import StoredArray

MAX_DIGITS = 16.0
_BLOCK = 4096
_NO_MEMORY = "not enough memory for it. Choose a smaller size."
_LARGEST_STORED_BYTES = 2**25
_LAST_CHECKPOINT = 1000  # iterates beyond it are judged by the end alone: following them in double-double is slow


class WrongAnswer(Exception):
    """An implementation was refused; the message says why."""


class Unavailable(Exception):
    """A case cannot be run here; the message says why and what to do."""


class TooSlow(Unavailable):
    """A case would take longer than its figure tells; the message says how long."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Inputs laid out anew, as several implementations want them: arrays that none of them may change."""

    arguments: Inputs
    checksum: str


@dataclass(frozen=True, slots=True)
class Question:
    """One problem's inputs at one size, and the right answer."""

    problem: Problem
    size: str
    seed: int
    inputs: Inputs
    checksum: str  # of the inputs
    reference: Reference
    remake: Callable[[], Inputs]  # gives the same inputs in other arrays
    layouts: dict[tuple[str, str], Layout] = field(default_factory=dict)  # made once, by target and algorithm


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


def digits(error: float) -> float:
    """Return -log10 of an error, no less than 0 and no more than 16."""
    return min(MAX_DIGITS, max(0.0, -math.log10(error))) if error > 0.0 else MAX_DIGITS


def ask(
    problem: Problem,
    size: str,
    *,
    seed: int = 0,
    data: Callable[[], Inputs] | None = None,
    unchecked: bool = False,
) -> Question:
    """Return a problem's inputs of a size, with their reference (from the cache, where it has been made before).

    data: what gives the arrays of a user, in place of those that the problem makes.
    unchecked: no answer will be checked, so the reference is left out, unless the problem's arguments come from it.
    Errors: Unavailable where these inputs have no well-defined answer.
    """

    def remake() -> Inputs:
        return problem.make_inputs(data() if data else problem.make_data(size, seed), seed)

    inputs = remake()
    fingerprint = checksum(inputs)
    if unchecked and problem.arguments is None:
        return Question(problem, size, seed, inputs, fingerprint, Reference((), (), (), 0.0), remake)
    try:
        reference = reference_of(problem, inputs, fingerprint)
    except NoReference as error:
        raise Unavailable(str(error)) from None
    if problem.target is not None:
        reference = replace(reference, tolerance=problem.target)
    return Question(problem, size, seed, inputs, fingerprint, reference, remake)


def reference_of(problem: Problem, inputs: Inputs, fingerprint: str = "") -> Reference:
    """Return the right answer to some inputs, from the cache where it has been made before; NoReference."""
    name = f"{_shared_name(problem)}-{fingerprint or checksum(inputs)}"
    return _remember(name, functools.partial(problem.reference, inputs))


def _shared_name(problem: Problem) -> str:
    """Return the name under which a problem's references are remembered: problems of one family have the same."""
    return problem.family or problem.name


@functools.lru_cache(maxsize=1)
def last_question(problem_name: str, size: str, seed: int) -> Question:
    """Return the question of a problem and size; the last one is remembered."""
    from lrbench.problems import PROBLEMS

    return ask(next(p for p in PROBLEMS if p.name == problem_name), size, seed=seed)


def prepare(case: Case, question: Question | None = None, *, seed: int = 0, thorough: bool = True) -> Prepared:
    """Return a case's call, checked. Without a question the inputs are made from the seed.

    thorough: false where the implementation has passed the whole gate in another process a moment ago, and only
    this process's own answer and inputs are left to be checked.
    Errors: Unavailable (a package is missing, or the data have no answer), WrongAnswer.
    """
    if reason := missing_packages(case.implementation):
        raise Unavailable(reason)
    asked = _own_question(case, question or last_question(case.problem.name, case.size, seed))
    function = _function(case.implementation)
    steps = _check_duration(case, _passed(case, asked, asked.inputs))
    arguments = arguments_of(case, asked)
    try:
        start = time.perf_counter()
        answer = _called(case, function, arguments)
        first_call_s = time.perf_counter() - start
        error = _examined(case, asked, function, arguments, answer, thorough=thorough)
    except WrongAnswer:
        _restore(case, asked)
        raise
    return Prepared(case, functools.partial(function, *arguments), error, first_call_s, steps)


def _examined(
    case: Case, asked: Question, function: Callable[..., Any], arguments: Inputs, answer: Any, *, thorough: bool
) -> float:
    """Return the worst error of an implementation's answers; WrongAnswer for any reason to refuse it."""
    iteration = case.problem.iterations.get(case.implementation.algorithm)
    if thorough and iteration:
        _check_steps(case, asked, function, iteration, answer)
    errors = [_check(case, asked, answer, "")]
    _check_unchanged(case, asked)
    if thorough:
        errors.append(_check_mirrored(case, asked, function))
        errors.append(_check(case, asked, _called(case, function, arguments), "called again after other inputs: "))
        _check_unchanged(case, asked)
    return max(errors)


def _own_question(case: Case, asked: Question) -> Question:
    """Return the question with the right answer of the case's algorithm, and its tolerance, where it has its own."""
    algorithm = case.implementation.algorithm
    if case.problem.tolerance:
        tolerance = case.problem.tolerance(asked.reference, algorithm)
        return replace(asked, reference=replace(asked.reference, tolerance=tolerance))
    if algorithm not in case.problem.references:
        return asked
    make = functools.partial(case.problem.references[algorithm], _passed(case, asked, asked.inputs))
    name = f"{case.problem.name}-{asked.checksum}-{algorithm.replace(' ', '-')}"
    return replace(asked, reference=_remember(name, make))


def _function(implementation: Implementation) -> Callable[..., Any]:
    """Return what an implementation calls; Unavailable where somebody else's package is there but cannot be loaded."""
    try:
        return resolve(implementation.target)
    except Exception as error:
        if not implementation.is_peer:
            raise
        message = f"cannot be imported here: {type(error).__name__}: {error}"
        raise Unavailable(message) from error


def _restore(case: Case, asked: Question) -> None:
    """Undo what a refused implementation has done to arrays that others share."""
    if checksum(asked.inputs) != asked.checksum:
        _copy_back(asked.inputs, asked.remake())
    layout = asked.layouts.get(_layout_key(case))
    if layout and checksum(layout.arguments) != layout.checksum:
        _copy_back(layout.arguments, resolve(case.implementation.layout)(_passed(case, asked, asked.inputs)))


def _copy_back(changed: Inputs, right: Inputs) -> None:
    for array, before in zip(changed, right, strict=True):
        if isinstance(array, np.ndarray):
            np.copyto(array, before)


def _check_duration(case: Case, arguments: Inputs) -> int | None:
    """Return the number of steps, if the data decide it; refuse, before the first call, what they make too slow."""
    iteration = case.problem.iterations.get(case.implementation.algorithm)
    if not iteration or not case.problem.iterative:
        return None
    estimate_s = case.step_s * (iteration.passes or iteration.count)(arguments)
    if estimate_s > TOO_SLOW_S:
        message = f"about {estimate_s:.2g} s a call"
        raise TooSlow(message)
    return iteration.count(arguments)


def resolve(target: str) -> Callable[..., Any]:
    """Return the function that a registry's target names, importing its module."""
    cache.keep_numba_code_apart()
    found: Callable[..., Any] = resolve_name(target)
    return found


def checksum(inputs: Inputs) -> str:
    """Return a fingerprint of arrays and numbers, the same on every machine.

    Blocks of 64-bit words are reduced by odd weights modulo 2^64, so that changing any one word changes it, and
    hashed then: it reads at about the speed of memory.
    """
    digest = hashlib.sha256()
    for given in inputs:
        value = given.open() if isinstance(given, StoredArray) else given
        if not isinstance(value, np.ndarray):
            digest.update(repr(value).encode())
            continue
        digest.update(f"{value.dtype.str}{value.shape}".encode())
        in_memory = value.T if value.flags.f_contiguous else value  # either way without a copy
        words = np.ascontiguousarray(in_memory).reshape(-1).view(np.uint64)
        whole = words.size - words.size % _BLOCK
        weights = np.arange(1, 2 * _BLOCK, 2, dtype=np.uint64)
        digest.update(np.einsum("ij,j->i", words[:whole].reshape(-1, _BLOCK), weights).tobytes())
        digest.update(words[whole:].tobytes())
    return digest.hexdigest()[:16]


def _passed(case: Case, asked: Question, inputs: Inputs) -> Inputs:
    """Return what the implementation's algorithm is passed, as plain arrays and numbers."""
    make = case.problem.arguments
    try:
        return make(inputs, asked.reference, case.implementation.algorithm) if make else inputs
    except NoReference as error:
        raise Unavailable(str(error)) from None


def arguments_of(case: Case, asked: Question) -> Inputs:
    """Return what the implementation is called with; a layout is made once, for all that name it.

    Errors: Unavailable.
    """
    key, arguments = _layout_key(case), _passed(case, asked, asked.inputs)
    if not case.implementation.layout:
        return converted(case.implementation, arguments)
    if key not in asked.layouts:
        made = resolve(case.implementation.layout)(arguments)
        asked.layouts[key] = Layout(made, checksum(made))
    return converted(replace(case.implementation, layout=""), asked.layouts[key].arguments)


def _layout_key(case: Case) -> tuple[str, str]:
    """Return what a layout depends on besides the inputs; an algorithm matters where it is passed something else."""
    return case.implementation.layout, case.implementation.algorithm if case.problem.arguments else ""


def converted(implementation: Implementation, arguments: Inputs) -> Inputs:
    """Return arguments as an implementation takes them: laid out anew, then in its own containers."""
    try:
        for conversion in filter(None, (implementation.layout, implementation.convert)):
            arguments = resolve(conversion)(arguments)
    except MemoryError:
        raise Unavailable(_NO_MEMORY) from None
    return arguments


def _called(case: Case, function: Callable[..., Any], arguments: Inputs) -> Any:
    try:
        return function(*arguments)
    except MemoryError:
        raise Unavailable(_NO_MEMORY) from None
    except Exception as error:
        message = f"{case.id}: raised {type(error).__name__}: {error}"
        raise WrongAnswer(message) from error


def _parts(case: Case, answer: Any, expected: tuple[Floats, ...], when: str) -> tuple[Floats, ...]:
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


def _check(case: Case, asked: Question, answer: Any, when: str, factors: tuple[float, ...] = ()) -> float:
    """Return the error of an answer, divided by known factors first; WrongAnswer above the tolerance."""
    parts = _parts(case, answer, asked.reference.answers, when)
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


def _check_unchanged(case: Case, asked: Question) -> None:
    layout = asked.layouts.get(_layout_key(case))
    if checksum(asked.inputs) != asked.checksum or (layout and checksum(layout.arguments) != layout.checksum):
        message = f"{case.id}: changed its inputs. Work on a copy, or return a new array."
        raise WrongAnswer(message)


def _check_mirrored(case: Case, asked: Question, function: Callable[..., Any]) -> float:
    """Ask the mirrored question in the same arrays, undo the mirroring, and return the answer's error."""
    factors = case.problem.mirror_inputs
    mirrored = scaled(asked.inputs, factors)
    try:
        arguments = converted(case.implementation, _passed(case, asked, mirrored))
        answer = _called(case, function, arguments)
        answer = tuple(np.array(p) for p in answer) if isinstance(answer, tuple) else np.array(answer)
    finally:
        scaled(asked.inputs, tuple(1.0 / factor for factor in factors))
    return _check(case, asked, answer, "with mirrored inputs: ", case.problem.mirror_answers)


def scaled(inputs: Inputs, factors: tuple[float, ...]) -> Inputs:
    """Return inputs times powers of two, arrays in place: exact, and exactly undone by the inverse factors."""
    scaled = []
    for value, factor in zip(inputs, factors, strict=True):
        if factor == 1.0:
            scaled.append(value)
        elif isinstance(value, np.ndarray):
            scaled.append(np.multiply(value, factor, out=value))
        else:
            scaled.append(value * factor)
    return tuple(scaled)


def _check_steps(case: Case, asked: Question, function: Callable[..., Any], iteration: Iteration, answer: Any) -> None:
    """Compare iterates after 1, 10, 100, ... and all steps; WrongAnswer names the first step that differs.

    answer: what the implementation returned after all of them.
    """
    algorithm = case.implementation.algorithm
    arguments = _passed(case, asked, asked.inputs)
    count = iteration.count(arguments)
    reference = case.problem.references.get(algorithm, case.problem.reference)

    def error_after(steps: int) -> float:
        if steps == count and iteration.reference is reference:
            parts = _parts(case, answer, asked.reference.answers, "")
            return worst_relative_error(asked.inputs, asked.reference, parts) / asked.reference.tolerance
        shortened = iteration.shorten(arguments, steps)
        name = f"{_shared_name(case.problem)}-{asked.checksum}-{algorithm.replace(' ', '-')}-{steps}"
        iterate = _remember(name, functools.partial(iteration.reference, shortened))
        answered = _called(case, function, converted(case.implementation, shortened))
        parts = _parts(case, answered, iterate.answers, "")
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


def _remember(name: str, make: Callable[[], Reference]) -> Reference:
    """Return a reference from the cache, or make it and keep it."""
    cache.keep_numba_code_apart()
    path = cache.folder("references", sources="problems/*.py") / f"{name}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return _unpack(stored)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):  # absent, or damaged: made anew
        reference = make()
        with contextlib.suppress(OSError):  # a full disk costs time and nothing else
            _store(path, reference)
        return reference


def _unpack(stored: Any) -> Reference:
    count = int(stored["count"])
    parts = [tuple(stored[f"{kind}{k}"] for k in range(count)) for kind in ("answer", "tail", "scale")]
    facts = json.loads(str(stored["facts"]))
    return Reference(parts[0], parts[1], parts[2], float(stored["tolerance"]), facts)


def _store(path: Path, reference: Reference) -> None:
    """Write a reference under a temporary name and rename it, so that no reader sees half of it.

    One that is large beyond any other is that of a vector addition, which takes as long to read as to make.
    """
    if sum(part.nbytes for part in reference.answers) > _LARGEST_STORED_BYTES:
        return
    arrays: dict[str, Any] = {"count": len(reference.answers), "tolerance": reference.tolerance}
    arrays["facts"] = json.dumps(dict(reference.facts))
    for kind, parts in (("answer", reference.answers), ("tail", reference.tails), ("scale", reference.scales)):
        arrays.update({f"{kind}{k}": part for k, part in enumerate(parts)})
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        try:
            np.savez(file, **arrays)
        except OSError:
            Path(file.name).unlink()
            raise
    Path(file.name).replace(path)
