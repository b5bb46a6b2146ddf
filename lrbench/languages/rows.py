"""The records that a run makes: jobs while it lasts, rows at its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lrbench.intervals import interquartile_range, median
from lrbench.languages.judging import Answer, Refused, check_speed
from lrbench.languages.programs import Method, Program


@dataclass(frozen=True, slots=True)
class Row:
    """One method of one language at one size."""

    language: str
    method: str
    version: str
    size: int
    status: str  # ok, failed, skipped, not run
    reason: str
    median_s: float | None  # of one call, over the samples of all processes
    iqr_s: float | None
    seconds_per_element: float | None
    program: str  # what --only takes
    kind: str  # loop, whole, protocol
    output: str  # given, new
    threads: int
    dtype: str
    label: str
    flags: str
    note: str
    processes: int
    calls_per_sample: int | None  # of the first process
    samples_s: tuple[tuple[float, ...], ...]  # seconds of a call, process by process


@dataclass(slots=True)
class Job:
    """One method at one size: how it is started, and what has been found so far."""

    program: Program
    method: Method
    n: int
    command: tuple[str, ...] = ()  # what comes before N
    status: str = "ok"
    reason: str = ""
    answers: list[Answer] = field(default_factory=list)
    took_s: float = 0.0  # its last process, or its share of one
    hung: bool = False  # whether that had to be ended

    @property
    def name(self) -> str:
        """What progress calls it."""
        return f"{self.program.language}, {self.method.title}, at {self.n}"

    def stop(self, status: str, reason: str) -> None:
        """Take note of why it is not measured, or no longer."""
        self.status, self.reason = status, reason


def make_row(job: Job, threads: int, add_ceiling: float | None) -> Row:
    """Return what became of a job. A time that no processor reaches is a failure, too.

    add_ceiling: the most bytes/s of an addition with so many threads; None if it is not known.
    """
    samples = tuple(answer.seconds_per_call for answer in job.answers)
    pooled = [sample for process in samples for sample in process]
    median_s = median(pooled) if job.status == "ok" else None
    if median_s is not None and add_ceiling is not None and not job.method.one_shot:
        try:
            check_speed(median_s, job.n, add_ceiling)
        except Refused as error:
            job.stop("failed", str(error))
            median_s = None
    told = job.answers[0] if job.answers else None
    return Row(
        language=job.program.language,
        method=job.method.title,
        size=job.n,
        status=job.status,
        reason=job.reason,
        median_s=median_s,
        iqr_s=None if median_s is None else interquartile_range(pooled),
        seconds_per_element=None if median_s is None else median_s / job.n,
        program=job.program.name,
        kind=job.method.kind,
        output=job.method.output,
        threads=threads,
        processes=len(job.answers),
        calls_per_sample=told.calls_per_sample if told else None,
        samples_s=() if median_s is None else samples,
        **_texts(told),
    )


def _texts(told: Answer | None) -> Mapping[str, str]:
    names = ("version", "dtype", "label", "flags", "note")
    return {name: getattr(told, name) if told else "" for name in names}
