"""What it costs to begin: import, the first call cold and with compiled code at hand, and the memory of a call.

Each figure is found in a process of its own, forked from one that has loaded only the standard library: what a
library does when it finds itself forked (OpenBLAS starts its threads again, 4 ms) is no part of beginning with it.
"""

import contextlib
import ctypes
import functools
import gc
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from lrbench import results

LIMIT_S = 120.0  # of one import or first call


@dataclass(frozen=True, slots=True)
class Start:
    """What the first calls of an implementation cost; None is unknown: its process crashed, hung, or cannot tell."""

    first_call_s: float | None = None  # compiling included
    first_call_cached_s: float | None = None  # compiled code at hand on disk, where there is any
    peak_memory_bytes: float | None = None  # of a later call, beyond what the process held before it, answer included


def import_seconds(target: str) -> float | None:
    """Return the seconds to import what a target names, in a process that has only the standard library."""
    return _apart(lambda: _seconds(lambda: resolve_name(target)))


def first_calls(target: str, arguments: Callable[[], tuple[Any, ...]]) -> Start:
    """Return what the first calls of a target cost: in one process from nothing, in another with what that one kept.

    arguments: gives what it is called with, before the clock starts.
    """
    with tempfile.TemporaryDirectory(prefix="lrbench-") as folder:

        def first(*, then_memory: bool) -> tuple[float, float | None]:
            given = arguments()
            if "numba" in sys.modules:
                message = "what made the arguments has loaded numba, which reads its cache's place only then"
                raise RuntimeError(message)
            os.environ["NUMBA_CACHE_DIR"] = folder
            function = resolve_name(target)
            call_s = _seconds(lambda: function(*given))
            return call_s, peak_memory_bytes(lambda: function(*given)) if then_memory else None

        cold = _apart(lambda: first(then_memory=False))
        cached = _apart(lambda: first(then_memory=True))
    return Start(
        first_call_s=cold[0] if cold else None,
        first_call_cached_s=cached[0] if cached else None,
        peak_memory_bytes=cached[1] if cached else None,
    )


def peak_memory_bytes(call: Callable[[], Any]) -> float | None:
    """Return how far the process's resident memory rises during a call, its answer included; None off Linux.

    The system counts pages in batches for each processor, so that the figure is off by up to about 0.3 MB. Memory
    that earlier calls have freed is given back first, or the call would take it unseen.
    """
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # glibc alone has it
        ctypes.CDLL(None).malloc_trim(0)
    try:
        before = _resident_bytes("VmRSS")
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
        answer = call()
        peak = _resident_bytes("VmHWM")
    except (OSError, StopIteration):
        return None
    del answer  # held until here, since it belongs to the call
    return max(0.0, peak - before)


def _resident_bytes(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(1024.0 * float(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _apart(work: Callable[[], Any]) -> Any:
    """Return what some work returns in a forked process; None if it raised, crashed, or took longer than LIMIT_S."""
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe(duplex=False)
    process = fork.Process(target=_answer, args=(work, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        return ours.recv() if ours.poll(LIMIT_S) else None
    except EOFError:
        return None
    finally:
        process.kill()
        process.join()
        ours.close()


def _answer(work: Callable[[], Any], pipe: Connection) -> None:
    with contextlib.suppress(Exception):  # told apart from an answer by its absence
        pipe.send(work())


def measure(job: Mapping[str, Any], announce: Callable[[str], None]) -> str:
    """Return what beginning with each of a job's implementations costs, as one measurement without times."""
    started = datetime.now(UTC).isoformat(timespec="seconds")
    found = {}
    for name, target in job["targets"].items():
        announce(name)
        import_s = import_seconds(target)
        start = first_calls(target, functools.partial(_arguments, job, name))
        found[name] = {**asdict(start), "import_s": import_s}
    from lrbench.measure import environment
    from lrbench.measure.sides import Sides  # imports NumPy, now that nothing is forked any more

    sides = Sides(job, announce)
    sides.ask(unchecked=True)
    records = [replace(sides.untimed(name), **told) for name, told in found.items()]
    return results.to_json(sides.measurement(records, (), environment.describe(), started))


def _arguments(job: Mapping[str, Any], name: str) -> tuple[Any, ...]:
    from lrbench import gate
    from lrbench.measure.sides import Sides

    sides = Sides(job, lambda _: None)
    return gate.arguments_of(sides.case(name), sides.ask(unchecked=True))
