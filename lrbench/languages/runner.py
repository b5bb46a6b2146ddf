"""Every program, method and size in processes of its own, in rounds while there is time."""

import contextlib
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lrbench.languages.inputs import expected_checksum
from lrbench.languages.judging import SHORTEST_SAMPLE_S, Answer, Asked, Refused, TooShort, judge
from lrbench.languages.processes import Ended, run
from lrbench.languages.programs import BuildFailed, Method, Missing, Program
from lrbench.languages.rows import Job, Row, make_row
from lrbench.measure import environment
from lrbench.measure.processes import WorkerFailed
from lrbench.measure.runner import find_ceilings
from lrbench.results import Ceiling

SIZES = (10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
ROUNDS = 5
BUDGET_S = 140.0
LIMIT_S = 30.0  # for starting, warming up and short samples
_LIMIT_FACTOR = 5.0  # over what the inputs and the calls are expected to take
# Samples of one process by how long a call is expected to take, in seconds.
_SAMPLES = ((0.05, 9), (1.0, 3), (float("inf"), 2))
_TRIES = 3  # of a process whose samples were too short: something had interrupted the looks for their length
_ONCE_ROUNDS = 3  # at least, of what a process calls only once
_SMALLEST_CEILING = 1_000  # elements; a shorter loop is bound by its call
_LOOK_S = 0.03
_PAGE_BYTES = 4096
# NumPy asks for pages of 2 MB by itself; so do all that allocate through glibc, with this. At 10^7 elements a C loop
# took 1.2 ns an element without and 0.85 with it, and into a new output 7 and 1.3.
_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}

Advance = Callable[[float, str], None]  # (share of the work that is done, what comes next)


def measure(
    programs: Iterable[Program],
    sizes: Sequence[int],
    *,
    advance: Advance,
    rounds: int = ROUNDS,
    budget_s: float = BUDGET_S,
    limit_s: float = LIMIT_S,
) -> tuple[list[Row], list[Ceiling]]:
    """Return a row for each program, method and size, in that order, and the ceilings found between the rounds.

    rounds: processes of one job at most. The first round takes all jobs, small sizes first; further ones take the
    cheapest, in random order, as many as there is time for.
    limit_s: for one process, beyond what its inputs and calls are expected to take.
    """
    start = time.monotonic()
    advance(0.0, "building")
    jobs = [job for program in programs for job in _jobs(program, sizes)]
    groups = _groups(job for job in jobs if job.status == "ok")
    waiting = [job for group in groups for job in group]
    elements = sorted({max(_SMALLEST_CEILING, job.n) for job in waiting})
    counts = sorted({_threads(job.method) for job in waiting})
    ceilings = _ceilings(counts, elements)
    for done, group in enumerate(groups):
        advance(0.5 * done / len(groups), group[0].name)
        _run_group(group, 0, limit_s, waiting)
    for number in range(1, rounds):
        left_s = start + budget_s - time.monotonic()
        again = _affordable(groups, number, left_s)
        if not again:
            break
        ceilings += _ceilings(counts, elements)
        for done, group in enumerate(again):
            advance(0.5 + 0.5 * (number - 1 + done / len(again)) / (rounds - 1), group[0].name)
            _run_group(group, number, limit_s, waiting)
    return [make_row(job, _threads(job.method), _most(ceilings, _threads(job.method))) for job in jobs], ceilings


def _groups(jobs: Iterable[Job]) -> list[list[Job]]:
    """Return the jobs of each process, small sizes first: one, or those of a method whose program takes several."""
    found: dict[tuple[object, ...], list[Job]] = {}
    for job in sorted(jobs, key=lambda job: job.n):
        each = (_repetitions(job),) if job.program.many_sizes else (job.n,)
        found.setdefault((id(job.program), job.method.name, *each), []).append(job)
    return list(found.values())


def _affordable(groups: Iterable[list[Job]], number: int, left_s: float) -> list[list[Job]]:
    """Return the groups of one more round, in random order: the cheapest, as many as there is time for.

    What is called once in a process is too far from reliable to have one process alone.
    """
    chosen = []
    left = [[job for job in group if job.status == "ok"] for group in groups]
    for group in sorted(filter(None, left), key=lambda group: group[0].took_s):
        left_s -= sum(job.took_s for job in group)
        if left_s > 0.0 or (group[0].method.one_shot and number < _ONCE_ROUNDS):
            chosen.append(group)
    random.Random(number).shuffle(chosen)  # noqa: S311  (an order, no secret)
    return chosen


def _jobs(program: Program, sizes: Sequence[int]) -> list[Job]:
    """Return the jobs of a program; those that cannot be measured say why already."""
    command: tuple[str, ...] = ()
    status, reason = "ok", ""
    try:
        command = program.prepare(program.path)
    except Missing as error:
        status, reason = "skipped", str(error)
    except BuildFailed as error:
        status, reason = "failed", str(error)
    jobs = [
        Job(program, method, n, command, status, reason)
        for method in program.methods
        for n in sizes
        if not method.sizes or n in method.sizes or tuple(sizes) != SIZES
    ]
    free_bytes = environment.available_memory_bytes()
    for job in jobs:
        if job.status == "ok" and (refusal := program.refusal(job.method, job.n, free_bytes)):
            job.stop("not run", refusal)
    return jobs


def _run_group(group: Sequence[Job], number: int, limit_s: float, waiting: Sequence[Job]) -> None:
    """Run the jobs of one process; if it fails, each by itself, so that only those fail that have to."""
    jobs = [job for job in group if job.status == "ok"]
    if len(jobs) > 1 and _run(jobs, number, limit_s):
        return
    for job in jobs:
        if job.status == "ok" and not _run([job], number, limit_s) and job.hung:
            _skip_larger(job, waiting)


def _run(jobs: Sequence[Job], number: int, limit_s: float) -> bool:
    """Run one process and judge what it prints; return whether all jobs have their answers.

    One job alone is stopped if it has none, with the reason; several are left for another try.
    """
    for _ in range(_TRIES):
        try:
            answers = _answers(jobs, number, limit_s)
        except TooShort as error:
            reason = str(error)
            continue
        except Refused as error:
            reason = str(error)
            break
        for job, answer in zip(jobs, answers, strict=True):
            job.answers.append(answer)
        return True
    if len(jobs) == 1:
        jobs[0].stop("failed", reason)
    return False


def _answers(jobs: Sequence[Job], number: int, limit_s: float) -> list[Answer]:
    """Start a process for some sizes of a method, and return its answers.

    Errors: Refused.
    """
    first, seed, repetitions = jobs[0], number + 1, _repetitions(jobs[0])
    method, sizes = first.method, ",".join(str(job.n) for job in jobs)
    limit_s += _LIMIT_FACTOR * sum(job.program.process_s(method, job.n) for job in jobs)
    command = (*first.command, sizes, str(repetitions), str(seed), method.name)
    try:
        ended = _start(command, _threads(method), limit_s, padding=f"{first.name} {number}")
    except OSError as error:
        message = f"cannot be started: {error.strerror or error}"
        raise Refused(message) from None
    for job in jobs:
        job.took_s = ended.wall_s / len(jobs)
        job.hung = bool(ended.stopped)
    lines = [line for line in ended.output.splitlines() if line.strip()]
    if len(jobs) == 1 or ended.failure:
        lines = [ended.output] * len(jobs)
    elif len(lines) != len(jobs):
        message = f"printed {len(lines)} lines, where {len(jobs)} were asked for"
        raise Refused(message)
    shortest_s = 0.0 if method.one_shot else SHORTEST_SAMPLE_S
    return [
        judge(
            replace(ended, output=line),
            Asked(method.name, job.n, repetitions, expected_checksum(job.n, seed), shortest_s),
        )
        for job, line in zip(jobs, lines, strict=True)
    ]


def _repetitions(job: Job) -> int:
    """Return how many samples a process takes."""
    call_s = job.method.ns_per_element * job.n * 1e-9
    return 1 if job.method.one_shot else next(count for limit, count in _SAMPLES if call_s <= limit)


def _start(command: Sequence[str], threads: int, limit_s: float, *, padding: str) -> Ended:
    """Run a command in an empty folder, where no settings lie that it would pick up."""
    allowed = environment.allowed_cpus()
    cpus = {environment.quieter_cpu(min(allowed), allowed, _LOOK_S)} if threads == 1 else allowed
    with tempfile.TemporaryDirectory(prefix="lrbench-", ignore_cleanup_errors=True) as folder:
        variables = _variables(threads, padding)
        return run(command, limit_s=limit_s, folder=Path(folder), variables=variables, cpus=cpus)


def _variables(threads: int, padding: str) -> Mapping[str, str]:
    """Return what is set for a program: threads, pages, numbers with points, its own draw of a memory layout."""
    length = random.Random(padding).randrange(_PAGE_BYTES)  # noqa: S311  (a length, no secret)
    set_threads = dict.fromkeys(environment.THREAD_VARIABLES, str(threads))
    return {**set_threads, **_PAGES, "LC_ALL": "C", "LRBENCH_PADDING": "x" * length}


def _skip_larger(hung: Job, jobs: Sequence[Job]) -> None:
    """Leave out the larger sizes of what had to be ended: they would wait as long, each."""
    for job in jobs:
        if job.program is hung.program and job.method is hung.method and job.n > hung.n and job.status == "ok":
            job.stop("not run", f"failed at {hung.n}: {hung.reason}")


def _ceilings(counts: Sequence[int], elements: Sequence[int]) -> list[Ceiling]:
    """Return the machine's ceilings at some working sets; none where they cannot be found."""
    found: list[Ceiling] = []
    for count in counts:
        with contextlib.suppress(WorkerFailed):
            found += find_ceilings(count, elements=elements)
    return found


def _most(ceilings: Iterable[Ceiling], threads: int) -> float | None:
    return max((c.value for c in ceilings if c.kind == "add" and c.threads == threads), default=None)


def _threads(method: Method) -> int:
    return 1 if method.threads == "one" else len(environment.allowed_cpus())
