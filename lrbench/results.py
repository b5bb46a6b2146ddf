"""Records of what was measured, and the JSON-lines file that keeps them.

One line is one measurement: every side of one problem and size, timed in one process. A line is written
whole and flushed to disk before the next begins, so whatever stops a run leaves only whole lines and, at
worst, one cut at its end, which is not read.
"""

import dataclasses
import functools
import json
import os
import tempfile
import typing
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from lrbench import documents

_MOST_SIDES = 100_000  # of one file; each may become a row of every report
_LONGEST = 1000  # characters of a text in a record: a name, a reason; longer ones are shortened when they are read
_SIGNED = ("digits", "process")  # numbers that may be negative
FORMAT = "lrbench-measurement-1"

STARTS = -1  # in place of a process: the record of what beginning with each side costs, which holds no times

Status = Literal["ok", "wrong answer", "skipped", "not run", "failed"]


class BadRecord(ValueError):
    """A file is not what it should be; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Side:
    """One implementation within one measurement."""

    implementation: str
    algorithm: str
    baseline: str  # the implementation it is compared with
    arithmetic: str = "strict"
    status: Status = "ok"
    reason: str = ""  # why it was not timed; for a timed one, a remark
    digits: float | None = None
    number: int = 0  # calls in one epoch
    epochs_s: tuple[float, ...] = ()  # seconds of each epoch, in the order of the rounds
    interval_s: tuple[float, ...] = ()  # low and high of a call's median, as the source states them; or nothing
    # Of a source that keeps its samples for itself, and states a median of them, which then is the one epoch.
    is_summary: bool = False
    quartiles_s: tuple[float, ...] = ()  # low and high of a call, where they are stated
    min_s: float | None = None  # of a call, where it is stated
    rounds: tuple[int, ...] = ()  # the round that each epoch belongs to; epochs of one round are paired
    few_samples: bool = False  # too slow for a verdict
    import_s: float | None = None  # of its module, from the standard library alone
    first_call_s: float | None = None  # compiling included
    first_call_cached_s: float | None = None  # with compiled code at hand on disk
    cpu_s: float | None = None  # processor time of all epochs, all threads
    peak_memory_bytes: float | None = None  # of one call, beyond what the process held before it
    steps: int | None = None  # of an iteration, to its target

    @property
    def times_s(self) -> tuple[float, ...]:
        """Seconds of one call, epoch by epoch."""
        return tuple(epoch / self.number for epoch in self.epochs_s)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What the machine can do at most, in one respect."""

    kind: str  # "read", "add", "add_streaming" (bandwidths) or "flops"
    threads: int
    working_set_bytes: float | None  # of all arrays together; None for flops
    value: float  # bytes/s, or flop/s


@dataclass(frozen=True, slots=True)
class Measurement:
    """Every sample of one problem and size in one process, side by side."""

    problem: str
    size: str
    threads: int
    process: int  # which repetition, from 0; or STARTS
    sides: tuple[Side, ...]
    environment: Mapping[str, Any] = field(default_factory=dict)
    ceilings: tuple[Ceiling, ...] = ()  # found in the same process, at the same working set
    twins: tuple[Side, ...] = ()  # sides timed once more in the same rounds, to be compared with themselves
    title: str = ""  # the computation, for people
    source: str = "lrbench"  # "lrbench", "asv" or "pytest-benchmark": who timed it
    paired: bool = True  # whether its sides were timed in balanced rounds of one process
    seed: int | None = None
    version: str = ""  # of the problem's data
    data_checksum: str = ""
    flops: float | None = None  # least work of one call
    size_bytes: float | None = None  # least bytes moved by one call
    traffic: str = "read"  # the ceiling that its bytes are held against: "read" or "add"
    iterative: bool = False  # whether its least work is that of one step only
    family: str = ""  # problems that differ in their target alone have one in common
    target: float | None = None  # the error that an answer of such a problem has to come within
    started: str = ""  # UTC, ISO 8601
    origin: str = field(default="", compare=False)  # the file that it was read from, which does not say so itself

    @property
    def key(self) -> tuple[str, str, int, int]:
        """What makes the measurement one of a kind within a run."""
        return (self.problem, self.size, self.threads, self.process)


def to_json(measurement: Measurement) -> str:
    """Return a measurement as one line of strict JSON, without its end."""
    record = {"format": FORMAT, **dataclasses.asdict(measurement)}
    del record["origin"]
    return json.dumps(record, allow_nan=False, separators=(",", ":"))


def append(path: Path, measurement: Measurement) -> None:
    """Add one line to a file and see it on disk."""
    with path.open("a", encoding="utf-8") as file:
        file.write(to_json(measurement) + "\n")
        file.flush()
        os.fsync(file.fileno())


def write_whole(path: Path, text: str) -> None:
    """Write a file that appears whole or not at all: beside its place first, on disk, and then moved there.

    Lone surrogates, which stand for bytes that were no UTF-8 in what was read, are written as escapes.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:50]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o666 & ~_umask())  # mkstemp's own mode lets nobody else read
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def from_json(text: str, where: str) -> Measurement:
    """Return the measurement in one line; BadRecord, naming `where`, for anything else."""
    try:
        record = documents.parse(text, finite=True)
    except documents.BadDocument as error:
        message = f"{where}: not a line of lrbench: {error}. Remove the line, or measure again with --fresh."
        raise BadRecord(message) from None
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        found = record.get("format") if isinstance(record, dict) else type(record).__name__
        message = f"{where}: format {found!r:.60}, where '{FORMAT}' is expected. Was it written by another version?"
        raise BadRecord(message)
    try:
        parts = {name: _records(kind, record, name) for name, kind in _PARTS.items()}
        return _record(Measurement, {**record, **parts})
    except (TypeError, ValueError, OverflowError) as error:
        message = f"{where}: {error}"
        raise BadRecord(message) from None


def load(path: Path) -> tuple[list[Measurement], list[str]]:
    """Return a file's measurements, and what a reader should be told about it.

    A last line without its end was cut while it was written and is left out, with a remark.
    """
    try:
        text = documents.read(path).decode("utf-8", errors="surrogateescape")
    except documents.BadDocument as error:
        message = f"{path}: {error}."
        raise BadRecord(message) from None
    lines = text.split("\n")
    remarks = []
    if lines.pop():
        remarks.append(f"{path}: line {len(lines) + 1} was cut while it was written; it is left out.")
    found = [from_json(line, f"{path}: line {i}") for i, line in enumerate(lines, 1) if line.strip()]
    if (count := sum(len(measurement.sides) for measurement in found)) > _MOST_SIDES:
        message = f"{path}: {count} sides; at most {_MOST_SIDES} are read of one file."
        raise BadRecord(message)
    return found, remarks


_PARTS: Mapping[str, type] = {"sides": Side, "twins": Side, "ceilings": Ceiling}  # records within a measurement


def shortened(text: str) -> str:
    """Return a text of at most _LONGEST characters and a checksum, by which two long ones stay distinct."""
    if len(text) <= _LONGEST:
        return text
    checksum = zlib.crc32(text.encode("utf-8", errors="surrogatepass"))
    return f"{text[:_LONGEST]}… ({len(text)} characters, {checksum:08x})"


def _shortened(value: Any) -> Any:
    """Return a value from JSON with each text in it shortened."""
    if isinstance(value, str):
        return shortened(value)
    if isinstance(value, dict):
        return {shortened(name): _shortened(part) for name, part in value.items()}
    return [_shortened(part) for part in value] if isinstance(value, list) else value


def _records(kind: type, record: Mapping[str, Any], name: str) -> tuple[Any, ...]:
    found = record.get(name, None if name == "sides" else [])
    if not isinstance(found, list):
        message = f"field '{name}' is missing, or is no list"
        raise TypeError(message)
    return tuple(_record(kind, part) for part in found)


# What JSON may hold for a field of each annotated type; bool is no number here.
_KINDS: Mapping[Any, tuple[type, ...]] = {
    str: (str,),
    int: (int,),
    float: (int, float),
    bool: (bool,),
    float | None: (int, float, type(None)),
    int | None: (int, type(None)),
    Status: (str,),
    Mapping[str, Any]: (dict,),
    tuple[Side, ...]: (tuple,),
    tuple[Ceiling, ...]: (tuple,),
    tuple[float, ...]: (list,),
    tuple[int, ...]: (list,),
}


def _record(kind: type, fields: Any) -> Any:
    """Return a record from a JSON object, each field of the type that the record declares."""
    if not isinstance(fields, dict):
        message = f"a {kind.__name__.lower()} must be an object, not {type(fields).__name__}"
        raise TypeError(message)
    values = {}
    for declared in dataclasses.fields(kind):
        if declared.name not in fields:
            continue  # older files lack newer fields; a required one is missed by the constructor
        value = fields[declared.name]
        allowed = _KINDS[declared.type]
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
            message = f"field '{declared.name}' is {value!r:.60}, which is no {declared.type}"
            raise TypeError(message)
        is_bounded = isinstance(value, int | float) and bool not in allowed and declared.name != "seed"
        if is_bounded and not _is_possible(declared.name, value):
            message = f"field '{declared.name}' is {value!r:.60}, which is no possible value"
            raise ValueError(message)
        values[declared.name] = _numbers(declared.name, value) if isinstance(value, list) else _shortened(value)
    _check_values(values)
    return kind(**values)


def _is_possible(name: str, value: Any) -> bool:
    """Return whether a value is a number that a field of that name can hold."""
    return documents.is_amount(value) and (value >= 0 or name in _SIGNED)


def _numbers(name: str, values: list[Any]) -> tuple[float, ...]:
    if not all(map(functools.partial(_is_possible, name), values)):
        message = (
            f"field '{name}' holds something that is no number from {documents.LEAST:g} to {documents.MOST:g}, or 0"
        )
        raise ValueError(message)
    return tuple(values)


def _check_values(values: Mapping[str, Any]) -> None:
    """Refuse what the types allow and the meaning does not."""
    if values.get("status", "ok") not in typing.get_args(Status):
        message = f"field 'status' is {values['status']!r:.60}; known: {', '.join(typing.get_args(Status))}"
        raise ValueError(message)
    if values.get("epochs_s") and values.get("number", 0) < 1:
        message = f"field 'number' is {values.get('number', 0)}, where epochs of at least one call are recorded"
        raise ValueError(message)
    for name in ("interval_s", "quartiles_s"):
        pair = values.get(name, ())
        if pair and not (len(pair) == 2 and pair[0] <= pair[1]):  # noqa: PLR2004  (a pair)
            message = f"field '{name}' is no pair of a low and a high time"
            raise ValueError(message)
    if values.get("is_summary") and len(values.get("epochs_s", ())) > 1:
        message = f"a side has {len(values['epochs_s'])} epochs, where its source states a median alone"
        raise ValueError(message)
    if len(values.get("epochs_s", ())) != len(values.get("rounds", ())):
        message = "fields 'epochs_s' and 'rounds' differ in length"
        raise ValueError(message)
