"""Peak memory of a call, where the arrays are large enough to tell it from the process's.

asv records the peak of the whole process, so each figure has a do-nothing twin: the same process, up to the same
inputs, without the call. Only their difference speaks of the implementation; it is zero for a call that needs no
more than what making the inputs has left free.
"""

from pkgutil import resolve_name
from typing import Any

from benchmarks import cases

PROBLEMS = ("gradient", "least_squares")
SIZES = ("1000000x10", "1000000x100")


class _PeakMemory:
    param_names = ("case",)
    timeout = 300

    def setup(self, case_id: str) -> None:
        """Make the inputs, and a call of the problem's smallest size, which imports and compiles what is needed."""
        case = cases.find(case_id)
        problem = case.problem
        cases.prepare(f"{problem.name}/{problem.quick_size}/{case.implementation.name}")
        inputs: tuple[Any, ...] = problem.make_inputs(problem.make_data(case.size, 0), 0)
        convert = case.implementation.convert  # none but peers, which are not here, has a layout too
        self.inputs = resolve_name(convert)(inputs) if convert else inputs
        self.function = resolve_name(case.implementation.target)

    def peakmem_call(self, _case_id: str) -> None:
        self.function(*self.inputs)

    def peakmem_nothing(self, _case_id: str) -> None:
        pass


for _name in PROBLEMS:
    _ids = [case["id"] for case in cases.CASES if case["problem"] == _name and case["size"] in SIZES]
    _attributes = {"params": _ids, "version": cases.version_of(_name)}
    globals()[cases.class_name(_name)] = type(cases.class_name(_name), (_PeakMemory,), _attributes)
