"""What an implementation is asked: inputs, as its algorithm is passed them and as it wants them laid out."""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pkgutil import resolve_name
from typing import Any

import numpy as np

from lrbench import cache
from lrbench.gate.references import remember
from lrbench.gate.refusals import Unavailable
from lrbench.registry import Case, Implementation, Inputs, NoReference, Problem, Reference
from lrbench.stored import NoRoom, StoredArray

_BLOCK = 4096
NO_MEMORY = "not enough memory for it. Choose a smaller size."


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
    Errors: Unavailable where these inputs have no well-defined answer, or no room on the disk.
    """

    def remake() -> Inputs:
        return problem.make_inputs(data() if data else problem.make_data(size, seed), seed)

    try:
        inputs = remake()
    except NoRoom as error:
        raise Unavailable(str(error)) from None
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
    name = f"{shared_name(problem)}-{fingerprint or checksum(inputs)}"
    return remember(name, functools.partial(problem.reference, inputs))


def shared_name(problem: Problem) -> str:
    """Return the name under which a problem's references are remembered: problems of one family have the same."""
    return problem.family or problem.name


@functools.lru_cache(maxsize=1)
def last_question(problem_name: str, size: str, seed: int) -> Question:
    """Return the question of a problem and size; the last one is remembered."""
    from lrbench.problems import PROBLEMS

    return ask(next(p for p in PROBLEMS if p.name == problem_name), size, seed=seed)


def own_question(case: Case, asked: Question) -> Question:
    """Return the question with the right answer of the case's algorithm, and its tolerance, where it has its own."""
    algorithm = case.implementation.algorithm
    if case.problem.tolerance:
        tolerance = case.problem.tolerance(asked.reference, algorithm)
        return replace(asked, reference=replace(asked.reference, tolerance=tolerance))
    if algorithm not in case.problem.references:
        return asked
    make = functools.partial(case.problem.references[algorithm], passed(case, asked, asked.inputs))
    name = f"{case.problem.name}-{asked.checksum}-{algorithm.replace(' ', '-')}"
    return replace(asked, reference=remember(name, make))


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


def passed(case: Case, asked: Question, inputs: Inputs) -> Inputs:
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
    key, arguments = layout_key(case), passed(case, asked, asked.inputs)
    if not case.implementation.layout:
        return converted(case.implementation, arguments)
    if key not in asked.layouts:
        made = resolve(case.implementation.layout)(arguments)
        asked.layouts[key] = Layout(made, checksum(made))
    return converted(replace(case.implementation, layout=""), asked.layouts[key].arguments)


def layout_key(case: Case) -> tuple[str, str]:
    """Return what a layout depends on besides the inputs; an algorithm matters where it is passed something else."""
    return case.implementation.layout, case.implementation.algorithm if case.problem.arguments else ""


def converted(implementation: Implementation, arguments: Inputs) -> Inputs:
    """Return arguments as an implementation takes them: laid out anew, then in its own containers."""
    try:
        for conversion in filter(None, (implementation.layout, implementation.convert)):
            arguments = resolve(conversion)(arguments)
    except MemoryError:
        raise Unavailable(NO_MEMORY) from None
    return arguments


def scaled(inputs: Inputs, factors: tuple[float, ...]) -> Inputs:
    """Return inputs times powers of two, arrays in place: exact, and exactly undone by `undo_scaling`.

    What may fail, a copy of stored arrays on a full disk, comes before any array is changed.
    """
    pairs = list(zip(inputs, factors, strict=True))
    kept = [value if factor == 1.0 or isinstance(value, np.ndarray) else value * factor for value, factor in pairs]
    for value, factor in pairs:
        if factor != 1.0 and isinstance(value, np.ndarray):
            np.multiply(value, factor, out=value)
    return tuple(kept)


def undo_scaling(inputs: Inputs, factors: tuple[float, ...]) -> None:
    """Undo in arrays what `scaled` has done there; stored arrays and numbers it has left as they were."""
    for value, factor in zip(inputs, factors, strict=True):
        if factor != 1.0 and isinstance(value, np.ndarray):
            np.multiply(value, 1.0 / factor, out=value)
