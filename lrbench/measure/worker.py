"""One worker process: it makes one problem's inputs, passes every side through the gate, and times them.

Started as `python -m lrbench.measure.worker` with a job as one line of JSON on standard input; answers with lines
of JSON on what was standard output, and waits for the word "go" before it touches a clock. It never outlives
its parent.
"""

import contextlib
import ctypes
import dataclasses
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TextIO

from lrbench.measure import environment
from lrbench.measure.processes import PROTOCOL

_STARTED = time.time()  # before NumPy and numba are imported
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Do the job that standard input describes."""
    answers = _private_stdout()
    _die_with_parent()
    job = json.loads(sys.stdin.readline())
    if job["cpus"] and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, job["cpus"])

    def say(**message: Any) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    if job["mode"] == "ceilings":
        _find_ceilings(job["threads"], job["elements"], say)
        return
    if job["mode"] == "starts":
        _find_starts(job, say)
        return
    from lrbench.measure.sides import Sides  # imports NumPy, now that threads and processors are set

    sides = Sides(job, lambda name: say(event="preparing", implementation=name))
    sides.prepare(thorough=job["mode"] == "pilot")  # later processes follow a pilot
    say(event="ready", protocol=PROTOCOL)
    if sys.stdin.readline().strip() != "go":
        return
    if len(job["cpus"]) == 1 and len(job["allowed_cpus"]) > 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {environment.quieter_cpu(job["cpus"][0], job["allowed_cpus"])})
    if job["mode"] == "pilot":
        say(event="pilot", **sides.pilot(time.time() - _STARTED))
    else:
        say(event="measured", line=sides.measure())


def _find_ceilings(threads: int, elements: Sequence[int], say: Callable[..., None]) -> None:
    """Sweep all working sets once, or those of so many elements, when told to."""
    from lrbench.measure import ceilings

    say(event="ready", protocol=PROTOCOL)
    if sys.stdin.readline().strip() == "go":
        say(event="measured", ceilings=[dataclasses.asdict(found) for found in ceilings.sweep(threads, elements)])


def _find_starts(job: Mapping[str, Any], say: Callable[..., None]) -> None:
    """Find what beginning costs, when told to, from a process that has loaded nothing."""
    from lrbench.measure import starts

    say(event="ready", protocol=PROTOCOL)
    if sys.stdin.readline().strip() == "go":
        say(event="measured", line=starts.measure(job, lambda name: say(event="preparing", implementation=name)))


def _private_stdout() -> TextIO:
    """Return the pipe to the parent, and send whatever libraries print to standard error instead."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _die_with_parent() -> None:
    with contextlib.suppress(OSError, AttributeError):  # Linux alone has it
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
