"""pytest-benchmark's view of the registry: one test, one parameter for each case.

    pytest                            calls each case of up to a million elements once
    pytest --benchmark-only           times them; with --large, the larger ones too
    pytest --benchmark-only -k sgd    times some

Rounds, and calls per round, follow from what a case declares and never from a measurement: two runs do the same.
"""

import os

import pytest

from lrbench import gate
from lrbench.problems import PROBLEMS
from lrbench.registry import Case, all_cases, find_case, n_elements

LARGE = 1_000_000  # elements of the largest array, times the passes over it
ROUNDS, FEW_ROUNDS = 20, 3
ROUND_S = 1e-3
CASE_S = 1.0  # a case that would take longer gets fewer rounds
# Where an implementation declares nothing, roughly: an empty call, one flop, and steps of what is iterative.
CALL_S, FLOP_S, STEPS = 5e-7, 2e-10, 20


def as_parameter(case: Case):
    marks = [pytest.mark.skip(reason=f"not run: {case.too_slow}")] if case.too_slow else []
    passes = STEPS if case.problem.iterative else 1
    if case.too_slow or n_elements(case.size) * passes > LARGE:
        marks.append(pytest.mark.large)
    return pytest.param(case.id, id=case.id, marks=marks)


def rounds_and_calls(case: Case) -> tuple[int, int]:
    """Return the number of rounds, and of calls in each."""
    flops = case.problem.least_work(case.size).flops * (STEPS if case.problem.iterative else 1)
    call_s = case.estimate_s or CALL_S + FLOP_S * flops
    rounds = max(FEW_ROUNDS, min(ROUNDS, int(CASE_S / call_s)))
    return rounds, max(1, int(ROUND_S / call_s))


@pytest.mark.benchmark(disable_gc=True)
@pytest.mark.parametrize("case_id", [as_parameter(case) for case in all_cases(PROBLEMS)])
def test_speed(benchmark, case_id):
    case = find_case(PROBLEMS, case_id)
    try:
        prepared = gate.prepare(case)
    except gate.Unavailable as reason:
        pytest.skip(str(reason))
    benchmark.group = f"{case.problem.name}/{case.size}"
    benchmark.extra_info.update(
        problem=case.problem.name,
        size=case.size,
        implementation=case.implementation.name,
        algorithm=case.implementation.algorithm,
        digits=round(prepared.digits, 2),
        threads=int(os.environ["OMP_NUM_THREADS"]),
    )
    rounds, calls = rounds_and_calls(case)
    benchmark.pedantic(prepared.call, rounds=rounds, iterations=calls)
