"""Worker processes as their parent sees them: started with threads set, told to go, listened to, ended."""

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from typing import Any

from lrbench.measure.environment import THREAD_VARIABLES

PROTOCOL = 2  # raised when jobs or answers change, so that two versions of lrbench do not misread each other

# OpenBLAS's threads spin for 2^26 passes of a loop, 100 ms here, after each product, through everybody else's epochs.
# With 2^22, 2 ms, products in a row are as fast as ever (400 x 400: 1.36 ms either way), and quiet comes soon.
SETTLING = {"OPENBLAS_THREAD_TIMEOUT": "22"}

# How long the texts in a process's environment are decides where its arrays lie within a page: between two copies of
# one program, in folders with names of 5 and 2 letters, NumPy's gradient at 30000x10 differed by 7 % in every process.
# With a text of random length in each, every process draws its own layout; process k of two runs draws the same.
_PAGE_BYTES = 4096


def _padding(job: Mapping[str, Any]) -> int:
    drawn_from = [job.get(name) for name in ("seed", "process", "problem", "size")]
    return random.Random(repr(drawn_from)).randrange(_PAGE_BYTES)  # noqa: S311  (a length, no secret)


class WorkerFailed(Exception):
    """A worker crashed or hung; says how, and which implementation it was running."""

    def __init__(self, reason: str, implementation: str | None) -> None:
        super().__init__(reason)
        self.implementation = implementation


class Worker:
    """One worker process. Its life: started, ready, told to go, answered, gone."""

    def __init__(self, job: Mapping[str, Any], *, limit_s: float, python: str = sys.executable) -> None:
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115  (closed in end)
        self._running: str | None = None  # the implementation that is being run
        self._limit_s = limit_s
        self._hung = False
        self._is_ready = False
        self.ended = False
        try:
            self._process = subprocess.Popen(  # noqa: S603  (the interpreter that the user chose)
                [python, "-P", "-m", "lrbench.measure.worker"],  # -P: never what lies in the current folder
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
                encoding="utf-8",
                env={
                    **SETTLING,
                    **os.environ,
                    **dict.fromkeys(THREAD_VARIABLES, str(job["threads"])),
                    "LRBENCH_PADDING": "x" * _padding(job),
                },
            )
        except OSError:
            self._errors.close()
            raise
        self._say(json.dumps(job))

    def ready(self) -> None:
        """Return when the worker has prepared everything."""
        if not self._is_ready:
            spoken = self._wait_for("ready").get("protocol")
            if spoken != PROTOCOL:
                reason = f"its lrbench speaks another protocol ({spoken}, here {PROTOCOL})"
                raise WorkerFailed(reason, None)
            self._is_ready = True

    def go(self) -> Mapping[str, Any]:
        """Let the worker measure, alone, and return its answer."""
        self._say("go")
        return self._wait_for("pilot", "measured")

    def end(self) -> None:
        """End the process, whatever its state, and free what it held."""
        self.ended = True
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe and not pipe.closed:
                pipe.close()

    def _say(self, line: str) -> None:
        if not self._process.stdin:  # pragma: no cover  (it was asked for above)
            return
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # the process is gone; the next wait says how

    def _wait_for(self, *events: str) -> Mapping[str, Any]:
        timer = threading.Timer(self._limit_s, self._give_up)
        timer.start()
        try:
            for line in self._process.stdout or ():
                message: Mapping[str, Any] = json.loads(line)
                if message["event"] == "preparing":
                    self._running = message["implementation"]
                elif message["event"] in events:
                    self._running = None
                    return message
        finally:
            timer.cancel()
        raise WorkerFailed(self._death(), self._running)

    def _give_up(self) -> None:
        self._hung = True
        self._process.kill()

    def _death(self) -> str:
        """Return how the process ended, with the last line that it wrote."""
        code = self._process.wait()
        if self._hung:
            return f"no answer within {self._limit_s:.0f} s; its process was ended"
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors if line.strip()]
        last = f": {lines[-1]}" if lines else ""
        return f"its process ended with {f'signal {-code}' if code < 0 else f'exit code {code}'}{last}"
