"""The paired runner: pilots, then every job in fresh processes, one measuring at a time."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lrbench.measure import environment
from lrbench.measure.plan import Job, Pilot, Plan, Schedule
from lrbench.measure.processes import Worker, WorkerFailed
from lrbench.problems import PROBLEMS
from lrbench.registry import Problem, n_elements
from lrbench.results import STARTS, Ceiling, Measurement, Side, from_json

_LIMIT_S = 600.0  # compiling, references and the gate at the largest size take a tenth of it
_FOUND_BY_PILOT = ("call_s", "refused", "gate_s", "setup_s")
_BYTES_PER_ELEMENT = 64  # inputs, their copies and conversions, references


@dataclass(frozen=True, slots=True)
class Failure:
    """An implementation that crashed or hung, and is left out from then on; or a whole job, where none is named."""

    job: Job
    implementation: str | None
    reason: str


def problem_of(job: Job) -> Problem:
    """Return the registry's entry of a job's problem."""
    return next(problem for problem in PROBLEMS if problem.name == job.problem)


def side_by_side(jobs: Sequence[Job]) -> int:
    """Return how many processes may get ready at the same time: one a core, as far as memory allows."""
    largest = max((n_elements(job.size) for job in jobs), default=1)
    fitting = environment.available_memory_bytes() / 2 / (largest * _BYTES_PER_ELEMENT)
    return max(1, min(len(environment.allowed_cpus()), int(min(fitting, 64.0))))


def find_ceilings(threads: int, elements: Sequence[int] = ()) -> tuple[Ceiling, ...]:
    """Return the most that so many threads can do, found in a fresh process; WorkerFailed if that fails.

    elements: of one array; where some are given, the bandwidths at these alone.
    """
    cpus = sorted(environment.allowed_cpus())[:threads]
    job = {"mode": "ceilings", "threads": threads, "cpus": cpus, "elements": list(elements)}
    worker = Worker(job, limit_s=_LIMIT_S)
    try:
        worker.ready()
        return tuple(Ceiling(**found) for found in worker.go()["ceilings"])
    finally:
        worker.end()


def _compiled(job: Job) -> frozenset[str]:
    problem = problem_of(job)
    return frozenset(name for name in job.implementations if "numba" in problem.implementation(name).requires)


def _weight(job: Job) -> tuple[int, int]:
    return n_elements(job.size), len(job.implementations)


def _quick_and_small_first(job: Job) -> tuple[int, ...]:
    is_quick = job.size == problem_of(job).quick_size
    n, implementations = _weight(job)
    return not is_quick, job.threads * is_quick, n, job.threads, implementations


@dataclass(slots=True)
class Runner:
    """Runs jobs in worker processes and remembers what failed in them."""

    load_before: float | None = None  # of the machine, before the run added its own
    data: Mapping[str, Any] | None = None  # about the user's table that stands in for the problems' own data
    python: str = sys.executable  # the interpreter, with an lrbench of its own, whose processes measure
    failed: dict[Job, dict[str, str]] = field(default_factory=dict)  # reasons, by implementation

    def pilots(
        self, jobs: Sequence[Job], together: int, has_time: Callable[[], bool] | None = None
    ) -> Iterator[Pilot | Failure]:
        """Try every job out in a process of its own; yield what each found, and every failure.

        has_time: asked before each batch but the first; the jobs from the first False on are left out. Those of a quick
        run come first then, and the largest last.
        """
        # Alike ones together, as a batch waits for its last.
        alike = sorted(jobs, key=_quick_and_small_first) if has_time else sorted(jobs, key=_weight, reverse=True)
        for start in range(0, len(jobs), together):
            if start and has_time and not has_time():
                return
            requests = [self._pilot_request(job) for job in alike[start : start + together]]
            for job, answer in self._batch(requests):
                if isinstance(answer, Failure):
                    yield answer
                    if not answer.implementation:
                        yield Pilot(job, {}, {}, {}, 0.0)
                    continue
                found = {name: answer[name] for name in _FOUND_BY_PILOT}
                yield Pilot(job, **found, baselines=frozenset(answer["baselines"]), compiled=_compiled(job))

    def measure(self, plan: Plan) -> Iterator[Measurement | Failure]:
        """Carry out a plan, but for what is done already; yield every measurement and every failure."""
        for process in range(plan.processes):
            for group in plan.batches(process):
                wanted = list(group)
                for hopeless in [s for s in wanted if set(s.job.implementations) <= self.failed.get(s.job, {}).keys()]:
                    wanted.remove(hopeless)
                    yield self._failed_measurement(hopeless.job, process)
                requests = [self._request(s, plan, process) for s in wanted]
                for job, answer in self._batch(requests):
                    if isinstance(answer, Failure):
                        yield answer
                        if not answer.implementation:  # then no second try is made
                            yield self._failed_measurement(job, process)
                    else:
                        yield from_json(answer["line"], f"worker of {job.problem}/{job.size}")

    def starts(self, plan: Plan) -> Iterator[Measurement | Failure]:
        """Find what beginning costs, job by job, each in processes of its own that do nothing else."""
        for schedule in plan.missing_starts:
            job = schedule.job
            worker = self._start(self._start_request(schedule), min(environment.allowed_cpus()))
            try:
                worker.ready()
                yield from_json(worker.go()["line"], f"worker of {job.problem}/{job.size}")
            except WorkerFailed as failure:  # its times are there all the same
                yield Failure(job, failure.implementation, f"what beginning costs is not known: {failure}")
            finally:
                worker.end()

    def _start_request(self, schedule: Schedule) -> dict[str, Any]:
        problem = problem_of(schedule.job)
        without = self.failed.get(schedule.job, {})
        names = [name for name in schedule.job.implementations if name in schedule.numbers and name not in without]
        targets = {name: problem.implementation(name).target for name in names}
        return {"job": schedule.job, "mode": "starts", "process": STARTS, "implementations": names, "targets": targets}

    def _pilot_request(self, job: Job) -> dict[str, Any]:
        return {"job": job, "mode": "pilot", "implementations": job.implementations, "refused": {}}

    def _request(self, schedule: Schedule, plan: Plan, process: int) -> dict[str, Any]:
        names = schedule.job.implementations
        if process not in plan.few_processes:
            names = tuple(name for name in names if name not in schedule.few) or names
        return {
            "job": schedule.job,
            "mode": "measure",
            "implementations": names,
            "process": process,
            "numbers": schedule.numbers,
            "calls_s": schedule.calls_s,
            "rounds": schedule.rounds,
            "few": sorted(schedule.few),
            "twins": schedule.twins,
            "ceilings": process in plan.ceiling_processes,
            "refused": schedule.refused,
        }

    def _batch(self, requests: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Job, Mapping[str, Any] | Failure]]:
        """Let workers get ready together, then measure one after the other, the rest asleep.

        A worker that fails begins again without the implementation that it failed in.
        """
        cpus = sorted(environment.allowed_cpus())
        slots = [cpus[slot % len(cpus)] for slot in range(len(requests))]
        workers = [self._start(request, cpu) for request, cpu in zip(requests, slots, strict=True)]
        try:
            for go in (False, True):  # all are ready before the first is told to go
                for k, request in enumerate(requests):
                    while not workers[k].ended:
                        try:
                            workers[k].ready()
                            if go:
                                yield request["job"], workers[k].go()
                                workers[k].end()
                            break
                        except WorkerFailed as failure:
                            workers[k].end()
                            yield request["job"], self._note(request["job"], failure)
                            if failure.implementation:
                                workers[k] = self._start(request, slots[k])
        finally:
            for worker in workers:
                worker.end()

    def _start(self, request: Mapping[str, Any], cpu: int) -> Worker:
        job: Job = request["job"]
        chosen = [cpu] if job.threads == 1 else sorted(environment.allowed_cpus())[: job.threads]
        return Worker(
            {
                **request,
                "job": None,
                "problem": job.problem,
                "size": job.size,
                "threads": job.threads,
                "seed": job.seed,
                "data_path": job.data_path,
                "data": self.data,
                "load_before": self.load_before,
                "cpus": chosen,  # enforced, since some libraries listen to no variable
                "allowed_cpus": sorted(environment.allowed_cpus()),  # one thread may move to a quieter one
                "failed": self.failed.get(job, {}),
            },
            limit_s=_LIMIT_S,
            python=self.python,
        )

    def _note(self, job: Job, failure: WorkerFailed) -> Failure:
        names = [failure.implementation] if failure.implementation else job.implementations
        self.failed.setdefault(job, {}).update(dict.fromkeys(names, str(failure)))
        return Failure(job, failure.implementation, str(failure))

    def _failed_measurement(self, job: Job, process: int) -> Measurement:
        """Return a measurement that says of every side why there is none."""
        problem = problem_of(job)
        reasons = self.failed[job]
        sides = []
        for name in job.implementations:
            implementation = problem.implementation(name)
            sides.append(
                Side(
                    name,
                    implementation.algorithm,
                    problem.baseline_of(implementation),
                    status="failed",
                    reason=reasons.get(name, "its process failed"),
                )
            )
        return Measurement(
            problem=job.problem,
            size=job.size,
            threads=job.threads,
            process=process,
            sides=tuple(sides),
            environment={**environment.describe(), "data": self.data, "load_before": self.load_before},
            title=problem.title,
            seed=job.seed,
            version=problem.version,
            family=problem.family,
            target=problem.target,
            started=datetime.now(UTC).isoformat(timespec="seconds"),
        )
