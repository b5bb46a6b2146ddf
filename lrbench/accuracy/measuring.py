"""Digits measured: an implementation solves each data set in several orders of its rows, through the gate."""

import dataclasses
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrbench import gate
from lrbench.accuracy import theory
from lrbench.accuracy.datasets import BadDataset, Dataset
from lrbench.accuracy.rational import as_reference, solve_exactly
from lrbench.problems import least_squares
from lrbench.registry import Case, Floats, Implementation, Inputs, NoReference, Reference

N_ORDERS = 20


@dataclass(frozen=True, slots=True)
class Question:
    """A data set with what is known about it."""

    dataset: Dataset
    condition_number: float  # of [X 1] with columns of norm 1
    references: Mapping[str, Reference]  # "certified", "exact"
    expected: Mapping[str, float]  # digits by method

    def describe(self) -> dict[str, Any]:
        """Return what a table or a figure says of the data set, in JSON's types."""
        return {
            "name": self.dataset.name,
            "group": self.dataset.group,
            "n_samples": len(self.dataset.y),
            "n_features": self.dataset.X.shape[1],
            "intercept": self.dataset.intercept,
            "condition_number": self.condition_number,
            "nominal_condition_number": self.dataset.nominal_condition_number,
            "digits_expected": dict(self.expected),
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One implementation on one data set, against one reference."""

    dataset: str
    group: str
    condition_number: float  # column-equilibrated
    implementation: str
    reference: str  # exact, certified
    status: str  # ok, wrong answer, skipped, not run, failed
    reason: str = ""
    digits_median: float | None = None  # over the orders of the rows; a refused answer has none right
    digits_worst: float | None = None
    method: str = ""  # whose digits theory can tell
    digits_expected: float | None = None


def ask(dataset: Dataset) -> Question:
    """Return a data set with its exact solution, condition number and expected digits; BadDataset if it has none."""
    try:
        solution = solve_exactly(dataset.X, dataset.y, intercept=dataset.intercept)
    except NoReference as error:
        message = f"{dataset.name}: {error}. Take it out."
        raise BadDataset(message) from None
    exact = as_reference(solution, dataset.X)
    references = {"exact": exact}
    if dataset.certified is not None:
        references = {"certified": as_reference(dataset.certified, dataset.X), **references}
    return Question(dataset, theory.condition_number(dataset), references, theory.expected_digits(dataset, exact))


def rows(
    implementation: Implementation, questions: Sequence[Question], *, n_orders: int = N_ORDERS, seed: int = 0
) -> Iterator[Row]:
    """Yield the rows of one implementation, run in this process."""
    for question in questions:
        for kind, reference in question.references.items():
            if not question.dataset.intercept and not _can_do_without_intercept(implementation):
                reason = "takes no intercept=False"
                yield make_row(implementation, question, kind, status="not run", reason=reason)
                continue
            tried = [_try(implementation, data, reference) for data in _orders(question.dataset, n_orders, seed)]
            yield _summary(implementation, question, kind, tried)


def _orders(dataset: Dataset, n_orders: int, seed: int) -> Iterator[Dataset]:
    """Yield a data set with its rows as they are, and then in random orders."""
    rng = np.random.default_rng(seed)
    order = np.arange(len(dataset.y))
    for _ in range(n_orders):
        yield dataclasses.replace(dataset, X=dataset.X[order], y=dataset.y[order])
        order = rng.permutation(len(dataset.y))


def _can_do_without_intercept(implementation: Implementation) -> bool:
    """Tell whether an implementation takes X and y as they are, and `intercept` after them."""
    import inspect

    if implementation.convert:  # made for [X 1], or for containers of its own
        return False
    try:
        return "intercept" in inspect.signature(gate.resolve(implementation.target)).parameters
    except (TypeError, ValueError):  # a compiled function may not tell
        return False


def _try(implementation: Implementation, dataset: Dataset, reference: Reference) -> tuple[float, str, str]:
    """Return (digits, status, reason) of one answer, through the gate: any error passes, what is no answer does not."""
    problem = least_squares.PROBLEM
    if not dataset.intercept:
        problem = dataclasses.replace(problem, arguments=_without_intercept)
    inputs = (dataset.X, dataset.y)
    case = Case(problem, "x".join(map(str, dataset.X.shape)), implementation)
    question = gate.Question(problem, case.size, 0, inputs, gate.checksum(inputs), reference, lambda: _copies(inputs))
    try:
        return gate.prepare(case, question, thorough=False).digits, "ok", ""
    except gate.WrongAnswer as error:
        status = "failed" if error.__cause__ else "wrong answer"
        return 0.0, status, str(error).removeprefix(f"{case.id}: ")
    except gate.Unavailable as error:
        return 0.0, "skipped", str(error)


def _copies(inputs: tuple[Floats, Floats]) -> Inputs:
    return tuple(part.copy() for part in inputs)


def _without_intercept(inputs: Inputs, _reference: Reference, _algorithm: str) -> Inputs:
    return (*inputs, False)


def _summary(
    implementation: Implementation, question: Question, kind: str, tried: Sequence[tuple[float, str, str]]
) -> Row:
    """Return the row of all orders; one refused answer refuses them all, and says how many there were."""
    refused = [(status, reason) for _, status, reason in tried if status != "ok"]
    found = [digits for digits, _, _ in tried]
    if not refused:
        median, worst = statistics.median(found), min(found)
        return make_row(implementation, question, kind, status="ok", digits_median=median, digits_worst=worst)
    status, reason = refused[0]
    if len(refused) == len(tried):
        return make_row(implementation, question, kind, status=status, reason=reason)
    reason = f"in {len(refused)} of {len(tried)} row orders: {reason}"
    median = statistics.median(found)
    return make_row(
        implementation, question, kind, status=status, reason=reason, digits_median=median, digits_worst=0.0
    )


def make_row(implementation: Implementation, question: Question, kind: str, **outcome: Any) -> Row:
    """Return a row with what is known before anything is measured, and its outcome."""
    method = theory.METHODS.get(implementation.name, "")
    return Row(
        dataset=question.dataset.name,
        group=question.dataset.group,
        condition_number=question.condition_number,
        implementation=implementation.name,
        reference=kind,
        method=method,
        digits_expected=question.expected.get(method),
        **outcome,
    )
