"""Every program, method and size in a process of its own, in rounds while there is time."""

import contextlib
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from lrbench.languages.inputs import expected_checksum
from lrbench.languages.judging import SHORTEST_SAMPLE_S, Asked, Refused, judge
from lrbench.languages.processes import Ended, run
from lrbench.languages.programs import BuildFailed, Method, Missing, Program
from lrbench.languages.rows import Job, Row, make_row
from lrbench.measure import environment
from lrbench.measure.processes import WorkerFailed
from lrbench.measure.runner import find_ceilings
from lrbench.results import Ceiling

SIZES = (10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
ROUNDS = 5
BUDGET_S = 150.0
LIMIT_S = 30.0  # for starting, warming up and short samples
_LIMIT_FACTOR = 5.0  # over what the inputs and the calls are expected to take
# Samples of one process by how long a call is expected to take, in seconds.
_SAMPLES = ((0.05, 9), (1.0, 3), (float("inf"), 2))
_QUICK_PROCESS_S = 1.5  # a slower one has one round alone
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

    rounds: processes of one job at most. The first round takes all jobs, small sizes first; further ones take those
    that are quick, in random order, as many as fit into the budget.
    limit_s: for one process, beyond what its inputs and calls are expected to take.
    """
    start = time.monotonic()
    advance(0.0, "building")
    jobs = [job for program in programs for job in _jobs(program, sizes)]
    waiting = sorted((job for job in jobs if job.status == "ok"), key=lambda job: job.n)
    elements = sorted({max(_SMALLEST_CEILING, job.n) for job in waiting})
    counts = sorted({_threads(job.method) for job in waiting})
    ceilings = _ceilings(counts, elements)
    for done, job in enumerate(waiting):
        advance(0.5 * done / len(waiting), job.name)
        if job.status == "ok" and _run(job, 0, limit_s):
            _skip_larger(job, waiting)
    quick = [job for job in waiting if job.status == "ok" and job.took_s < _QUICK_PROCESS_S]
    cost_s = sum(job.took_s for job in quick)
    more = min(rounds - 1, int((start + budget_s - time.monotonic()) / cost_s)) if quick else 0
    for number in range(1, more + 1):
        ceilings += _ceilings(counts, elements)
        chance = random.Random(number)  # noqa: S311  (an order, no secret)
        for done, job in enumerate(chance.sample(quick, len(quick))):
            advance(0.5 + 0.5 * (number - 1 + done / len(quick)) / more, job.name)
            if job.status == "ok":
                _run(job, number, limit_s)
    return [make_row(job, _threads(job.method), _most(ceilings, _threads(job.method))) for job in jobs], ceilings


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
    jobs = [Job(program, method, n, command, status, reason) for method in program.methods for n in sizes]
    free_bytes = environment.available_memory_bytes()
    for job in jobs:
        if job.status == "ok" and (refusal := program.refusal(job.method, job.n, free_bytes)):
            job.stop("not run", refusal)
    return jobs


def _run(job: Job, number: int, limit_s: float) -> bool:
    """Run a job's process of one round and judge what it prints; return whether it had to be ended."""
    method, n, seed = job.method, job.n, number + 1
    call_s = method.ns_per_element * n * 1e-9
    repetitions = 1 if method.one_shot else next(count for limit, count in _SAMPLES if call_s <= limit)
    shortest_s = 0.0 if method.one_shot else SHORTEST_SAMPLE_S
    limit_s += _LIMIT_FACTOR * job.program.process_s(method, n)
    command = (*job.command, *map(str, (n, repetitions, seed)), method.name)
    try:
        ended = _start(command, _threads(method), limit_s, padding=f"{job.name} {number}")
    except OSError as error:
        job.stop("failed", f"cannot be started: {error.strerror or error}")
        return False
    job.took_s = ended.wall_s
    try:
        asked = Asked(method.name, n, repetitions, expected_checksum(n, seed), shortest_s)
        job.answers.append(judge(ended, asked))
    except Refused as error:
        job.stop("failed", str(error))
    return bool(ended.stopped)


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
