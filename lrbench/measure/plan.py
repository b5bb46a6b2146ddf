"""What a run does, fixed before it begins: jobs, inner counts, rounds, and the time it takes."""

import itertools
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lrbench.measure.clock import EPOCH_S, LONG_CALL_S
from lrbench.registry import TOO_SLOW_S
from lrbench.results import STARTS

SHARED_FACTOR = 4.0  # sides within this factor of each other share one inner count
SLOW_FACTOR = 20.0  # a side this much slower than the fastest gets three samples
SLOW_CALL_S = 1.0  # so does one whose call takes longer
FEW_SAMPLES = 3  # one in each of three processes
MIN_ROUNDS, MAX_ROUNDS = 3, 300  # on a virtual machine the median over 60 rounds still moves by 0.7 %, over 20 by 1.4
LEAST_SAMPLING_S = 0.08  # of timing in one process, where a budget is short; the fewest rounds take longer for some
MIN_PROCESSES = 6
QUIET_S = 0.02  # of the wait before an epoch of several threads, about
MOST_WAITING = 4.0  # times the sampling time: what epochs that wait may take altogether
CEILINGS_S = 0.6  # what one process takes to find the machine's ceilings
START_S, COMPILE_S = 1.5, 4.0  # of one implementation's three fresh processes; more for one that compiles
STARTS_SHARE = 0.25  # of a limited time; a run that is short of it finds fewer starts

Key = tuple[str, str, int, int]  # problem, size, threads, process: what makes a measurement one of a kind in a run


@dataclass(frozen=True, slots=True)
class Job:
    """One problem and size at one thread count."""

    problem: str
    size: str
    threads: int
    implementations: tuple[str, ...]
    seed: int = 0
    data_path: str = ""  # a user's arrays, in place of the problem's own

    def key(self, process: int) -> Key:
        """Return the key of the measurement that a process of the job makes."""
        return (self.problem, self.size, self.threads, process)


@dataclass(frozen=True, slots=True)
class Pilot:
    """What a first, unrecorded process of a job found."""

    job: Job
    call_s: Mapping[str, float]  # one call of each implementation that passed the gate
    refused: Mapping[str, tuple[str, str]]  # status and reason of each other one
    gate_s: Mapping[str, float]  # what preparing each took, part of setup_s
    setup_s: float  # until a later process of the job would be ready to measure all that the pilot tried
    baselines: frozenset[str] = frozenset()  # implementations that others are compared with
    compiled: frozenset[str] = frozenset()  # implementations that compile before their first call

    @property
    def overhead_s(self) -> float:
        """Seconds of the wait for quiet before one epoch; a single processor needs none."""
        return 0.0 if self.job.threads == 1 else QUIET_S


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a job's processes time their sides."""

    job: Job
    numbers: Mapping[str, int]  # calls in one epoch, by implementation
    calls_s: Mapping[str, float]  # what the pilot found
    few: frozenset[str]  # slow sides, timed once in each of three processes, and no verdict
    twins: tuple[str, ...]  # timed once more in every round, against themselves: the noise floor
    refused: Mapping[str, tuple[str, str]]  # status and reason of those that are not timed
    rounds: int
    round_s: float  # of the sides that take part in every round
    waiting: float  # by how much its sampling time is longer than that of sides that need not wait for quiet
    few_s: float  # of one sample of each slow side
    setup_s: float  # until a process is ready to measure
    few_setup_s: float  # what of it the slow sides take
    compiled: frozenset[str] = frozenset()  # sides that compile before their first call

    @property
    def start_s(self) -> float:
        """Seconds to find what beginning with each side costs: imports, compiling, and three calls of each."""
        each_s = START_S + 2.0 * self.setup_s  # two processes make their inputs
        fixed_s = self.setup_s + each_s * len(self.numbers) + COMPILE_S * len(self.compiled)
        return fixed_s + 3.0 * math.fsum(self.calls_s[name] for name in self.numbers)

    def process_s(self, *, with_few: bool) -> tuple[float, float]:
        """Return the seconds until a process is ready, and those that it measures."""
        sampling_s = self.rounds * self.round_s
        return (self.setup_s, sampling_s + self.few_s) if with_few else (self.setup_s - self.few_setup_s, sampling_s)


@dataclass(frozen=True, slots=True)
class Plan:
    """All schedules of a run, how often each is repeated, and what of it is there already."""

    schedules: tuple[Schedule, ...]
    processes: int
    side_by_side: int  # how many processes get ready at the same time; one measures at a time
    seed: int = 0
    ceiling_processes: tuple[int, ...] = ()  # the repetitions that find the machine's ceilings as well
    starts: frozenset[Job] = frozenset()  # those of which it is found, once, what beginning costs
    done: frozenset[Key] = frozenset()  # measured by an earlier run: takes no time, and is not measured again

    def batches(self, process: int) -> list[tuple[Schedule, ...]]:
        """Return what a repetition is to measure in groups that get ready together, each time in another order."""
        missing = [s for s in self.schedules if s.job.key(process) not in self.done]
        alike = sorted(missing, key=lambda s: s.setup_s)
        groups = [tuple(alike[i : i + self.side_by_side]) for i in range(0, len(alike), self.side_by_side)]
        return random.Random(f"{self.seed} {process}").sample(groups, len(groups))  # noqa: S311  (an order, no secret)

    @property
    def few_processes(self) -> tuple[int, ...]:
        """The repetitions in which slow sides take part: the first, one in the middle, the last."""
        return (0, self.processes // 2, self.processes - 1)

    @property
    def time_s(self) -> float:
        """Seconds that the plan takes from here on."""
        return self.starts_s + sum(self._repetition_s(process) for process in range(self.processes))

    @property
    def missing_starts(self) -> list[Schedule]:
        """The schedules of which it is yet to be found what beginning costs."""
        return [s for s in self.schedules if s.job in self.starts and s.job.key(STARTS) not in self.done]

    @property
    def starts_s(self) -> float:
        """Seconds that finding what beginning costs takes, about."""
        return math.fsum(s.start_s for s in self.missing_starts)

    def _repetition_s(self, process: int) -> float:
        total = 0.0
        for group in self.batches(process):
            times = [schedule.process_s(with_few=process in self.few_processes) for schedule in group]
            total += max(ready for ready, _ in times) + sum(measuring for _, measuring in times)
            total += CEILINGS_S * len(group) if process in self.ceiling_processes else 0.0
        return total


def schedule(pilot: Pilot, *, sampling_s: float) -> Schedule:
    """Return how a job is timed: inner counts for epochs of a millisecond, rounds to fill about sampling_s seconds."""
    calls = {name: s for name, s in pilot.call_s.items() if s <= TOO_SLOW_S}
    slow = {name: ("not run", f"about {s:.2g} s a call") for name, s in pilot.call_s.items() if s > TOO_SLOW_S}
    refused = {**pilot.refused, **slow}
    fastest = min(calls.values(), default=1.0)
    few = frozenset(
        name
        for name, s in calls.items()
        if s > SLOW_CALL_S or (s > SLOW_FACTOR * fastest and name not in pilot.baselines)
    )
    numbers = _inner_counts(calls)
    epochs = {name: calls[name] * (numbers[name] + (calls[name] < LONG_CALL_S)) + pilot.overhead_s for name in calls}
    twins = _twins({name: s for name, s in calls.items() if name not in few}, pilot.baselines)
    waiting = MOST_WAITING if pilot.overhead_s else 1.0
    setup_s = max(0.0, pilot.setup_s - sum(pilot.gate_s.get(name, 0.0) for name in refused))
    round_s = sum(s for name, s in epochs.items() if name not in few) + sum(epochs[name] for name in twins)
    return Schedule(
        pilot.job,
        numbers,
        calls,
        few,
        twins,
        refused,
        rounds=_rounds(round_s, sampling_s * waiting),
        round_s=round_s,
        waiting=waiting,
        few_s=sum(epochs[name] for name in few),
        setup_s=setup_s,
        few_setup_s=min(setup_s, sum(pilot.gate_s.get(name, 0.0) for name in few)),
        compiled=pilot.compiled & numbers.keys(),
    )


def _rounds(round_s: float, sampling_s: float) -> int:
    """Return the rounds that fill about so many seconds: at least 3, at most 300."""
    return int(min(max(sampling_s / round_s, MIN_ROUNDS), MAX_ROUNDS)) if round_s else MIN_ROUNDS


def _twins(calls: Mapping[str, float], baselines: frozenset[str]) -> tuple[str, ...]:
    """Return the fastest side and the fastest baseline: what every claim is made of."""
    chosen = [min(calls, key=calls.__getitem__)] if calls else []
    chosen += [min(baselines & calls.keys(), key=calls.__getitem__)] if baselines & calls.keys() else []
    return tuple(dict.fromkeys(chosen))


def _inner_counts(calls: Mapping[str, float]) -> dict[str, int]:
    """Return calls per epoch: each at least EPOCH_S long, one count for sides within SHARED_FACTOR of each other."""
    numbers: dict[str, int] = {}
    leader_s, count = 0.0, 0
    for name, call_s in sorted(calls.items(), key=lambda item: item[1]):
        if not leader_s or call_s > SHARED_FACTOR * leader_s:
            leader_s, count = call_s, max(1, math.ceil(EPOCH_S / call_s))
        numbers[name] = count
    return numbers


def least_budget_s(plan: Plan, *, processes_fixed: bool = False) -> float:
    """Return the least seconds of a budget that a plan can be fitted to, with its share for starts."""
    processes = plan.processes if processes_fixed else MIN_PROCESSES
    time_s = _with_sampling(replace(plan, processes=processes, starts=frozenset()), LEAST_SAMPLING_S).time_s
    return time_s / (1.0 - STARTS_SHARE) if plan.missing_starts else time_s


def fit_to_budget(plan: Plan, budget_s: float, *, processes_fixed: bool = False) -> Plan:
    """Return the plan with its rounds, and if need be its processes, scaled so that it takes budget_s seconds more.

    All tables get the same time for sampling in each process; where that does not suffice there are fewer processes,
    though never under 6, and where more rounds are of no use there are more of them, unless their number is fixed.
    """
    if not plan.time_s:
        return plan
    plan = replace(plan, starts=_affordable_starts(plan, STARTS_SHARE * budget_s))
    least, most = _with_sampling(plan, LEAST_SAMPLING_S), _with_sampling(plan, math.inf)
    processes = plan.processes
    if processes_fixed:
        pass
    elif least.time_s > budget_s:
        processes = max(MIN_PROCESSES, int(processes * budget_s / least.time_s))
    elif most.time_s < budget_s:
        processes = int(processes * budget_s / most.time_s)
    plan = replace(plan, processes=processes)
    low, high = LEAST_SAMPLING_S, 1e3
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if _with_sampling(plan, middle).time_s <= budget_s else (low, middle)
    return _with_sampling(plan, low)


def _affordable_starts(plan: Plan, limit_s: float) -> frozenset[Job]:
    """Return the jobs of which starts are found in so much time: all, or one of each problem, quickest first.

    Of a problem it is the quickest with the fewest threads. What is found already stays.
    """
    if plan.starts_s <= limit_s:
        return plan.starts
    missing = plan.missing_starts
    one: dict[str, Schedule] = {}
    for schedule in sorted(missing, key=lambda s: (s.job.threads, s.start_s)):
        one.setdefault(schedule.job.problem, schedule)
    quickest = sorted(one.values(), key=lambda s: s.start_s)
    passed_s = itertools.accumulate(s.start_s for s in quickest)
    affordable = {s.job for s, end_s in zip(quickest, passed_s, strict=True) if end_s <= limit_s}
    return plan.starts - {s.job for s in missing} | affordable


def _with_sampling(plan: Plan, sampling_s: float) -> Plan:
    return replace(
        plan, schedules=tuple(replace(s, rounds=_rounds(s.round_s, sampling_s * s.waiting)) for s in plan.schedules)
    )
