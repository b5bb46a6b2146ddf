"""Digits measured: each implementation, alone in a process, solves each data set in several orders of its rows."""

import contextlib
import dataclasses
import multiprocessing
import os
import statistics
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from lrbench import gate
from lrbench.accuracy import theory
from lrbench.accuracy.datasets import BadDataset, Dataset
from lrbench.accuracy.rational import as_reference, solve_exactly
from lrbench.measure.environment import THREAD_VARIABLES
from lrbench.problems import least_squares
from lrbench.registry import Case, Floats, Implementation, Inputs, NoReference, Reference, missing_packages

N_ORDERS = 20
LIMIT_S = 120.0  # for one data set; compiling for the first time may take half of it


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


def measure(
    implementation: Implementation, questions: Sequence[Question], *, n_orders: int = N_ORDERS, seed: int = 0
) -> Iterator[Row]:
    """Yield one row for each data set and reference; what goes wrong is a row as well.

    The process is a fresh one of one thread: libraries that cannot share one with others do not meet, and neither a
    crash nor a hang takes more with it than the rows still to come.
    """
    places = [(question, kind) for question in questions for kind in question.references]
    if reason := missing_packages(implementation):
        yield from (_row(implementation, *place, status="skipped", reason=reason) for place in places)
        return
    with _process(implementation, questions, n_orders, seed) as (process, results):
        for done in range(len(places)):
            try:
                answered = results.poll(LIMIT_S)
                if answered:
                    yield results.recv()
            except EOFError:
                process.join()
                answered = False
            if not answered:
                yield from _lost(implementation, places[done:], process.exitcode)
                return


def _lost(
    implementation: Implementation, places: Sequence[tuple[Question, str]], exit_code: int | None
) -> Iterator[Row]:
    """Yield the rows that a process did not live to send."""
    hung = f"no answer within {LIMIT_S:.0f} s; its process was ended"
    reason = hung if exit_code is None else f"its process ended with {_ending(exit_code)}"
    yield _row(implementation, *places[0], status="failed", reason=reason)
    for place in places[1:]:
        yield _row(implementation, *place, status="not run", reason=f"on {places[0][0].dataset.name}, {reason}")


def _ending(exit_code: int) -> str:
    return f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"


@contextlib.contextmanager
def _process(
    implementation: Implementation, questions: Sequence[Question], n_orders: int, seed: int
) -> Iterator[tuple[Any, Connection]]:
    """Run _answer in a process of one thread, ended with the context; give it and the connection to its rows."""
    context = multiprocessing.get_context("spawn")
    results, sender = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(sender, implementation, questions, n_orders, seed), daemon=True)
    with _one_thread():
        process.start()
    sender.close()
    try:
        yield process, results
    finally:
        process.kill()
        process.join()
        results.close()


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Set the variables that libraries read when they are loaded, for processes started within the context."""
    before = dict(os.environ)
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _answer(
    sender: Connection, implementation: Implementation, questions: Sequence[Question], n_orders: int, seed: int
) -> None:
    """Send the rows of one implementation; the body of a process."""
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # what libraries print is no result, and the parent's progress is drawn there
        os.dup2(silence, stream)
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    for row in rows(implementation, questions, n_orders=n_orders, seed=seed):
        sender.send(row)


def rows(
    implementation: Implementation, questions: Sequence[Question], *, n_orders: int = N_ORDERS, seed: int = 0
) -> Iterator[Row]:
    """Yield the rows of one implementation, run in this process."""
    for question in questions:
        for kind, reference in question.references.items():
            if not question.dataset.intercept and not _can_do_without_intercept(implementation):
                reason = "takes no intercept=False"
                yield _row(implementation, question, kind, status="not run", reason=reason)
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
        return _row(implementation, question, kind, status="ok", digits_median=median, digits_worst=worst)
    status, reason = refused[0]
    if len(refused) == len(tried):
        return _row(implementation, question, kind, status=status, reason=reason)
    reason = f"in {len(refused)} of {len(tried)} row orders: {reason}"
    median = statistics.median(found)
    return _row(implementation, question, kind, status=status, reason=reason, digits_median=median, digits_worst=0.0)


def _row(implementation: Implementation, question: Question, kind: str, **outcome: Any) -> Row:
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
