"""What a report is made of: rows, noise floors, tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lrbench.comparisons.across import Pair
from lrbench.comparisons.histories import History
from lrbench.results import Ceiling, Status

# Processors kept busy for each one allowed, above which a library does not heed its setting.
EXCEEDING = 1.15
# The ceilings that each kind of traffic is held against.
BANDWIDTHS: Mapping[str, tuple[str, ...]] = {"read": ("read",), "add": ("add", "add_streaming")}


@dataclass(frozen=True, slots=True)
class Row:
    """One implementation of one problem and size, over all processes; None is unknown."""

    problem: str
    size: str
    threads: int  # asked for; 0 where the source does not say
    threads_observed: float | None  # processor time over wall time
    implementation: str
    algorithm: str
    arithmetic: str
    status: Status
    reason: str
    processes: int  # in which it was timed
    median_s: float | None
    iqr_s: float | None
    min_s: float | None
    import_s: float | None
    first_call_s: float | None
    first_call_cached_s: float | None
    break_even_calls: float | None  # calls that pay for compiling
    baseline: str
    speedup: float | None  # how many times as fast as the baseline
    speedup_low: float | None
    speedup_high: float | None
    verdict: str
    of_limit: float | None  # least time that the machine allows, over the measured time
    digits: float | None  # of the worst process
    peak_memory_bytes: float | None
    steps: float | None = None  # to the target, where there is one
    median_low_s: float | None = None  # interval of the median: as the source states it, else 95 %
    median_high_s: float | None = None

    @property
    def exceeds_threads(self) -> bool:
        """Whether it kept clearly more processors busy than it was allowed; false where that is not known."""
        return bool(self.threads and self.threads_observed and self.threads_observed > EXCEEDING * self.threads)


@dataclass(frozen=True, slots=True)
class Floor:
    """An implementation compared with itself, under the procedure that compares it with others."""

    problem: str
    size: str
    threads: int
    implementation: str
    low: float
    high: float

    @property
    def factor(self) -> float:
        """The factor that identical code was found to differ by, at most; 1 or more."""
        return max(self.high, 1.0 / self.low)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one problem, size and thread count that may be compared with each other."""

    problem: str
    size: str
    threads: int
    conditions: str  # what tells it from other tables of the same problem and size; mostly empty
    rows: tuple[Row, ...]
    floors: tuple[Floor, ...] = ()
    flops: float | None = None  # least work of one call; None where it is not known, as of iterative problems
    size_bytes: float | None = None  # least bytes moved by one call
    traffic: str = "read"  # the ceilings that its bytes are held against: a key of BANDWIDTHS
    ceilings: tuple[Ceiling, ...] = ()  # found in its processes
    family: str = ""  # problems that differ in their target alone have one in common
    target: float | None = None  # the error that an answer of such a problem has to come within
    machine: str = ""
    commit: str = ""  # with a plus where files were changed; empty where it is not known
    date: str = ""  # UTC, ISO 8601: the commit's where it is known, else when the first process began

    @property
    def intensity(self) -> float | None:
        """Flops for each byte of the least work; None where that is not known."""
        return self.flops / self.size_bytes if self.flops and self.size_bytes else None

    @property
    def floor_factor(self) -> float:
        """The smallest factor between two sides that is called a difference; 1 where no floor was measured."""
        return max((floor.factor for floor in self.floors), default=1.0)

    def speedup_kind(self, row: Row) -> Literal["", "backend", "algorithm"]:
        """Return where a row's speedup comes from: the same algorithm in another backend, or another algorithm.

        Empty where there is no speedup, or where an algorithm is not known.
        """
        if row.speedup is None or row.implementation == row.baseline:
            return ""
        algorithms = [other.algorithm for other in self.rows if other.implementation == row.baseline]
        if not algorithms or not algorithms[0] or not row.algorithm:
            return ""
        return "backend" if row.algorithm == algorithms[0] else "algorithm"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a report shows, whatever its format."""

    tables: tuple[Table, ...]
    environment: Mapping[str, Any] = field(default_factory=dict)
    ceilings: tuple[Mapping[str, Any], ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)  # name -> the computation, for people
    remarks: tuple[str, ...] = ()  # what a reader should be told
    source: str = ""  # who measured, and how much
    across: tuple[Pair, ...] = ()  # cases in two runs, where there are several
    histories: tuple[History, ...] = ()  # cases over commits, where there are several
    experiments: tuple[Mapping[str, Any], ...] = ()  # answers of `lrbench experiment` that lay beside the measurements

    @property
    def noise_floor(self) -> tuple[Floor, ...]:
        """What identical code was found to differ by, table by table."""
        return tuple(floor for table in self.tables for floor in table.floors)

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, table by table."""
        return tuple(row for table in self.tables for row in table.rows)
