"""One class of benchmarks for each problem of cases.json, its parameters the ids of the problem's cases.

asv hands its worker the position of a parameter. So the ids come from cases.json, which is always the working tree's;
were they the registry of the measured commit, an insertion there would store one case's time under another's name.
The worker looks its id up in the measured commit, and what is unknown there, unavailable or too slow is skipped.

How a call is timed: asv times whatever has a `setup` call by call, and calibrates whatever has none on its first,
compiling call, which --quick even keeps as the result. Here `setup` sends the case through the gate, which warms it,
and finds how many calls fill a sample; `time_call` makes that many; and `timer`, which asv lets a class choose, counts
seconds per call. Every sample, also the only one of --quick, is then a loop of warm calls.

asv takes a setting that a class lacks from its module: no name here may be `repeat`, `number`, `rounds` and so on.
"""

import functools
import itertools
import json
import time
import timeit
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SAMPLE_S = 0.005  # a sample lasts between this and twice this, or one call
CASES = json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))["cases"]
PROBLEMS: tuple[Any, ...] = ()

if find_spec("lrbench.gate"):  # else the measured commit is older than what is measured
    from lrbench import gate, registry
    from lrbench.problems import PROBLEMS

    if find_spec("numba"):
        gate.resolve("numba:njit")  # asv forks its workers from a process that has imported this: half a second each


def find(case_id: str) -> Any:
    """Return the measured commit's case of that id. NotImplementedError, asv's word for a skip, says why not."""
    if not PROBLEMS:
        message = "this commit has no lrbench.gate"
        raise NotImplementedError(message)
    try:
        case = registry.find_case(PROBLEMS, case_id)
    except registry.UnknownCase as error:
        raise NotImplementedError(*error.args) from None
    if case.too_slow:
        raise NotImplementedError(case.too_slow)
    return case


@functools.cache  # asv repeats `setup` before every sample
def prepare(case_id: str) -> tuple[Callable[[], Any], float, int]:
    """Return a case's call, checked and warm, the digits of its answer, and how many calls make a sample."""
    case = find(case_id)
    try:
        prepared = gate.prepare(case)
    except gate.Unavailable as error:
        raise NotImplementedError(*error.args) from None
    calls = 1
    while timeit.timeit(prepared.call, timer=time.perf_counter, number=calls) < SAMPLE_S:
        calls *= 2
    return prepared.call, prepared.digits, calls


def ids_of(problem: str) -> list[str]:
    """Return the ids of a problem's cases, in the order of the table."""
    return [case["id"] for case in CASES if case["problem"] == problem]


def version_of(problem: str) -> str:
    """Return what a problem's figures depend on besides the code: the version of its data."""
    return next((found.version for found in PROBLEMS if found.name == problem), "0")


class _Problem:
    param_names = ("case",)
    timeout = 300

    def setup(self, case_id: str) -> None:
        self.call, self.digits, self.calls = prepare(case_id)

    def timer(self) -> float:
        return time.perf_counter() / self.calls

    def time_call(self, _case_id: str) -> None:
        call = self.call
        for _ in itertools.repeat(None, self.calls):
            call()

    def track_digits(self, _case_id: str) -> float:
        return self.digits

    track_digits.unit = "digits"  # type: ignore[attr-defined]  # where asv looks for it


def class_name(problem: str) -> str:
    """Return the name of a problem's class: LeastSquares for least_squares, Fit1E2 for fit_1e-2."""
    return "".join(filter(str.isalnum, problem.title()))


for _name in dict.fromkeys(case["problem"] for case in CASES):
    _attributes = {"params": ids_of(_name), "version": version_of(_name)}
    globals()[class_name(_name)] = type(class_name(_name), (_Problem,), _attributes)
