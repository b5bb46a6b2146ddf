"""What a call takes in a process of its own: time, and the peak of its anonymous memory.

Anonymous memory is what a process holds beyond the page cache, which the system gives back when others want it.
"""

import contextlib
import math
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LOOK_S = 0.02
_TOO_MUCH, _TOO_LONG = 97, 98
_REASONS = {_TOO_MUCH: "took more memory than allowed", _TOO_LONG: "took longer than allowed"}


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call took."""

    time_s: float
    anonymous_bytes: float  # the most that the process, or the largest of its children, held at a time
    answer: Any = None


class Ended(Exception):
    """A process was ended before it answered; the message says why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a call may take before its process is ended."""

    anonymous_bytes: float = math.inf  # of the process and all below it together
    time_s: float = math.inf


def alone(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return function(*arguments), called in a fresh process; Ended if that ends without an answer."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(there, function, arguments))
    process.start()
    there.close()
    try:
        answer, error = here.recv()
    except EOFError:
        process.join()
        reason = _REASONS.get(process.exitcode or 0, f"its process ended with exit code {process.exitcode}")
        raise Ended(reason) from None
    finally:
        here.close()
    process.join()
    if error is not None:
        raise error
    return answer


def _answer(there: Any, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    found: tuple[Any, Exception | None]
    try:
        found = function(*arguments), None
    except Exception as error:  # noqa: BLE001  (it is raised where the answer is awaited)
        found = None, error
    there.send(found)


def used(call: Callable[[], Any], limits: Limits | None = None) -> Usage:
    """Return what a call took, with the peak of the anonymous memory of this process and of each below it.

    Beyond the limits the process ends at once.
    """
    most, ended, allowed = max(_anonymous_bytes()), threading.Event(), limits or Limits()
    start = time.perf_counter()

    def watch() -> None:
        nonlocal most
        while not ended.wait(_LOOK_S):
            held = _anonymous_bytes()
            most = max(most, *held)
            if sum(held) > allowed.anonymous_bytes:
                os._exit(_TOO_MUCH)
            if time.perf_counter() - start > allowed.time_s:
                os._exit(_TOO_LONG)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        start = time.perf_counter()
        answer = call()
        time_s = time.perf_counter() - start
    finally:
        ended.set()
        watcher.join()
    return Usage(time_s, max(most, *_anonymous_bytes()), answer)


def _anonymous_bytes() -> list[float]:
    """Return the anonymous memory of this process and of its descendants, 0 where it is not told."""
    return [0.0, *(_of_process(pid) for pid in _family(os.getpid()))]


def _of_process(pid: int) -> float:
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("RssAnon:"):
                return 1024.0 * float(line.split()[1])
    return 0.0


def _family(pid: int) -> Iterator[int]:
    yield pid
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError, ValueError):
            for child in path.read_text(encoding="ascii").split():
                yield from _family(int(child))
