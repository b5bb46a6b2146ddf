"""What a program printed, checked field by field: its samples, or why they are refused."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from lrbench.intervals import median
from lrbench.languages.processes import Ended

SHORTEST_SAMPLE_S = 5e-4  # programs aim at 1 ms or more; a faster processor minutes later is no offence
_FASTER_THAN_POSSIBLE = 4.0  # wider vectors than the ceiling's loop has may double it
_BYTES = 24  # for one element: two read, one written
_LONGEST_TEXT = 2_000
_TEXTS = ("method", "label", "dtype", "language", "version", "flags", "note")


class Refused(Exception):
    """A program's answer is none; the message says why."""


class TooShort(Refused):
    """The samples of an answer are too short; another try may have longer ones."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a program was called with, and what it must find."""

    method: str
    n: int
    repetitions: int
    checksum: float
    shortest_s: float = SHORTEST_SAMPLE_S


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of a program: one method at one size."""

    seconds_per_call: tuple[float, ...]
    calls_per_sample: int
    version: str
    flags: str
    label: str
    note: str
    dtype: str


def judge(ended: Ended, asked: Asked) -> Answer:
    """Return what a program was asked for; Refused, with the reason, for anything else."""
    if ended.failure:
        raise Refused(ended.failure)
    line = _only_line(ended.output)
    texts = {name: _text(line, name) for name in _TEXTS}
    for name, right in (("method", asked.method), ("n", asked.n)):
        if line.get(name) != right or isinstance(line[name], bool):
            _refuse(f"'{name}' is {_shown(line.get(name))}, where {right!r} was asked for")
    _check_sum(_number(line, "checksum"), asked.checksum)
    samples = _samples(line, asked)
    return Answer(
        samples, line["calls_per_sample"], *(texts[k] for k in ("version", "flags", "label", "note", "dtype"))
    )


def check_speed(median_s: float, n: int, add_ceiling: float) -> None:
    """Refuse a time that no processor of this machine reaches.

    add_ceiling: the most bytes/s of an addition of as many threads, at any working set.
    A compiler that drops calls makes them hundreds of times faster than that.
    """
    reached = _BYTES * n / median_s
    if reached > _FASTER_THAN_POSSIBLE * add_ceiling:
        most = f"where this machine's additions reach {add_ceiling / 1e9:.3g}"
        _refuse(f"{reached / 1e9:.3g} GB/s, {most}: calls were dropped")


def _only_line(output: bytes) -> Mapping[str, Any]:
    lines = [line for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    if not lines:
        _refuse("printed nothing")
    found = [_parse(line, k) for k, line in enumerate(lines, 1)]
    if len(found) > 1:
        _refuse(f"printed {len(found)} lines, where one was asked for")
    return found[0]


def _parse(line: str, number: int) -> Mapping[str, Any]:
    try:
        found = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        _refuse(f"line {number} of standard output is no JSON object: {_shown(line)}")
    return found


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _text(line: Mapping[str, Any], name: str) -> str:
    found = line.get(name)
    if not isinstance(found, str) or len(found) > _LONGEST_TEXT:
        _refuse(f"'{name}' is {_shown(found)}, where a text is expected")
    return found


def _number(line: Mapping[str, Any], name: str) -> float:
    found: Any = line.get(name)
    if not _is_number(found):
        _refuse(f"'{name}' is {_shown(found)}, where a number is expected")
    return float(found)


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # a whole number beyond any float
        return False


def _check_sum(found: float, expected: float) -> None:
    if found != expected:
        _refuse(f"wrong answer: checksum {found!r}, where {expected!r} is right")


def _samples(line: Mapping[str, Any], asked: Asked) -> tuple[float, ...]:
    samples, calls = line.get("seconds_per_call"), line.get("calls_per_sample")
    if not isinstance(samples, list) or not all(_is_number(value) and value > 0.0 for value in samples):
        _refuse(f"'seconds_per_call' is {_shown(samples)}, where times above 0 are expected")
    if len(samples) != asked.repetitions:
        _refuse(f"printed {len(samples)} samples, where {asked.repetitions} were asked for")
    if not isinstance(calls, int) or isinstance(calls, bool) or not 1 <= calls <= 1e15:  # noqa: PLR2004  (any number)
        _refuse(f"'calls_per_sample' is {_shown(calls)}, where a whole number from 1 on is expected")
    if (length_s := median(samples) * calls) < asked.shortest_s:
        message = f"a sample took {length_s * 1e3:.2g} ms: too short to be timed"
        raise TooShort(message)
    return tuple(map(float, samples))


def _shown(value: Any) -> str:
    return "missing" if value is None else f"{value!r:.80}"


def _refuse(reason: str) -> NoReturn:
    raise Refused(reason)
