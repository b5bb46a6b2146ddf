"""What the drivers and the gate know of a benchmark: problems, implementations, cases.

Everything here is data. A problem names its implementations by import strings, so that reading
the registry loads no backend.
"""

import difflib
import importlib.util
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Inputs = tuple[Any, ...]


class UnknownCase(LookupError):
    """No case has the id that was asked for."""


@dataclass(frozen=True, slots=True)
class Work:
    """The least work that any implementation of a problem must do at one size."""

    flops: float  # additions and multiplications, each counted as one
    size_bytes: float  # bytes read and written once between memory and processor


@dataclass(frozen=True, slots=True)
class Implementation:
    """One named way to compute a problem: an algorithm in a backend."""

    name: str
    algorithm: str  # implementations of one algorithm take the same steps
    target: str  # "module:function", resolved when the case is prepared
    requires: tuple[str, ...] = ()  # importable packages without which it is skipped
    extra: str = ""  # the extra of lrbench that brings them
    layout: str = ""  # "module:function" that lays them out anew, before the clock, for all that name the same
    convert: str = ""  # "module:function" that turns the arguments into its own containers, before the clock
    threads: Literal["one", "all"] = "one"  # whether it uses more than one thread where it may
    arithmetic: Literal["strict", "reassociated"] = "strict"
    n_answers: int = 0  # how many of the returned values are the answer; 0: all of them
    ns_per_flop: float = 0.0  # declared cost per least flop; decides, unmeasured, what is too slow for a size
    ns_per_sample: float = 0.0  # and per sample, however many features it has

    @property
    def is_peer(self) -> bool:
        """Whether it stands for what a user would pick in place of lrbench's own code."""
        return self.target.startswith("lrbench.peers.")


@dataclass(frozen=True, slots=True)
class Reference:
    """The right answer to one set of inputs, in at least twice float64's precision.

    An answer is a tuple of arrays; each is held as an unevaluated sum, answers[k] + tails[k].
    """

    answers: tuple[Floats, ...]
    tails: tuple[Floats, ...]  # what float64 rounding left of each answer
    scales: tuple[Floats, ...]  # what the error of each element is measured against, above zero
    tolerance: float  # largest relative error that the gate lets pass
    facts: Mapping[str, float] = field(default_factory=dict)  # for example the number of iterations needed


class NoReference(ValueError):
    """These inputs have no well-defined answer (rank-deficient data, for example)."""


@dataclass(frozen=True, slots=True)
class Iteration:
    """How an iterative algorithm is followed step by step.

    `shorten(arguments, k)` gives the arguments that stop after k steps, and `reference(arguments)` the iterate
    that an implementation must then return.
    """

    step: str  # the word for one step: "mini-batch", "epoch", "iteration"
    count: Callable[[Inputs], int]
    shorten: Callable[[Inputs, int], Inputs]
    reference: Callable[[Inputs], Reference]
    passes: Callable[[Inputs], int] | None = None  # over the data, where a step is not one: what the time goes by


def worst_relative_error(_inputs: Inputs, reference: Reference, answer: tuple[Floats, ...]) -> float:
    """Return the largest |answer - exact| / scale over all elements of an answer."""
    return max(
        float(np.max(np.abs((part - exact) - tail) / scale, initial=0.0))
        for part, exact, tail, scale in zip(answer, reference.answers, reference.tails, reference.scales, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """What is computed: its inputs, its right answer, the error of an answer, the least work.

    Every problem here is homogeneous: scaling input k by `mirror_inputs[k]` scales answer k by
    `mirror_answers[k]`, exactly, since the factors are powers of two and their negatives. The gate uses
    it to ask each implementation a second question whose answer is known.
    """

    name: str
    title: str  # the computation, as a formula, for people
    version: str  # raised when the data change
    sizes: tuple[str, ...]
    quick_size: str
    implementations: tuple[Implementation, ...]
    baseline: str  # the implementation that the others are compared with
    make_data: Callable[[str, int], Inputs]  # (size, seed) -> the arrays that a user could have brought
    make_inputs: Callable[[Inputs, int], Inputs]  # (data, seed) -> inputs
    reference: Callable[[Inputs], Reference]
    mirror_inputs: tuple[float, ...]
    mirror_answers: tuple[float, ...]
    least_work: Callable[[str], Work]
    baselines: Mapping[str, str] = field(default_factory=dict)  # by algorithm, where it differs from `baseline`
    error: Callable[[Inputs, Reference, tuple[Floats, ...]], float] = worst_relative_error
    arguments: Callable[[Inputs, Reference, str], Inputs] | None = None  # (.., algorithm) -> what is passed
    tolerance: Callable[[Reference, str], float] | None = None  # (.., algorithm) -> in place of the reference's
    references: Mapping[str, Callable[[Inputs], Reference]] = field(default_factory=dict)  # by algorithm whose right
    # answer is another than `reference`, made from what it is passed
    iterations: Mapping[str, Iteration] = field(default_factory=dict)  # by algorithm
    traffic: Literal["read", "add"] = "read"  # what its bytes are mostly: which bandwidth limits it
    iterative: bool = False  # whether the least work is that of one step, of a number that the data decide
    usual_steps: Mapping[str, int] = field(default_factory=dict)  # by algorithm, of an iterative problem: about
    sizes_are_free: bool = True  # whether a user may ask for others than `sizes`
    takes_table: bool = False  # whether a user's X and y can stand in for the made data
    family: str = ""  # problems that differ in their target alone; they share inputs and references
    target: float | None = None  # the error to come within, of one of a family: its tolerance
    quick: bool = True  # whether a quick run measures it

    def implementation(self, name: str) -> Implementation:
        """Return the implementation of that name; UnknownCase if there is none."""
        for implementation in self.implementations:
            if implementation.name == name:
                return implementation
        known = ", ".join(i.name for i in self.implementations)
        message = f"{self.name} has no implementation '{name}'. It has: {known}"
        raise UnknownCase(message)

    def baseline_of(self, implementation: Implementation) -> str:
        """Return the name of the baseline that an implementation is compared with."""
        return self.baselines.get(implementation.algorithm, self.baseline)


TOO_SLOW_S = 2.0  # one call longer than this costs a full run more than its figure tells


@dataclass(frozen=True, slots=True)
class Case:
    """A problem, a size and an implementation."""

    problem: Problem
    size: str
    implementation: Implementation

    @property
    def id(self) -> str:
        """The case's name everywhere, such as 'least_squares/1000000x10/cholesky'."""
        return f"{self.problem.name}/{self.size}/{self.implementation.name}"

    @property
    def step_s(self) -> float:
        """Declared duration of one pass over the data in seconds, from the least work; 0 where none is declared."""
        per_flop, per_sample = self.implementation.ns_per_flop, self.implementation.ns_per_sample
        return 1e-9 * (per_flop * self.problem.least_work(self.size).flops + per_sample * dimensions(self.size)[0])

    @property
    def estimate_s(self) -> float:
        """Declared duration of one call in seconds, with the steps that the made data usually need."""
        return self.step_s * self.problem.usual_steps.get(self.implementation.algorithm, 1)

    @property
    def too_slow(self) -> str:
        """Why the case is not run at all, or an empty string."""
        return f"about {self.estimate_s:.2g} s a call" if self.estimate_s > TOO_SLOW_S else ""


def missing_packages(implementation: Implementation) -> str:
    """Return why an implementation cannot run here, or an empty string. Imports nothing but parents."""
    absent = [name for name in implementation.requires if importlib.util.find_spec(name) is None]
    if not absent:
        return ""
    advice = f"pip install 'lrbench[{implementation.extra}]'" if implementation.extra else f"pip install {absent[0]}"
    return f"needs {', '.join(absent)}: {advice}"


def all_cases(problems: Iterable[Problem]) -> Iterator[Case]:
    """Yield every case in the order of the table."""
    for problem in problems:
        for size in problem.sizes:
            for implementation in problem.implementations:
                yield Case(problem, size, implementation)


def find_case(problems: Iterable[Problem], case_id: str) -> Case:
    """Return the case of that id; UnknownCase names the nearest if there is none."""
    cases = {case.id: case for case in all_cases(problems)}
    if case_id in cases:
        return cases[case_id]
    nearest = "".join(f" Nearest: '{name}'." for name in difflib.get_close_matches(case_id, cases, n=1, cutoff=0.0))
    message = f"No case '{case_id}'.{nearest} See them all with: lrbench list"
    raise UnknownCase(message)


def dimensions(size: str) -> tuple[int, ...]:
    """Return a size's numbers: (1000, 2) for '1000x2', (10,) for '10'."""
    return tuple(int(part) for part in size.split("x"))


def n_elements(size: str) -> int:
    """Return how many elements the largest array of a size has."""
    return math.prod(dimensions(size))
