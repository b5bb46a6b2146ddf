"""One foreign program run to its end: a process group of its own, with limits on its time and on what it prints."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MOST_BYTES = 1_000_000  # of standard output
_KEPT_BYTES = 4_000  # of standard error: its end
_CHUNK_BYTES = 65_536
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended and what it printed."""

    output: bytes
    errors: str  # the end of standard error
    wall_s: float
    code: int = 0  # of its exit; minus the number of the signal that killed it
    stopped: str = ""  # why it was ended from here

    @property
    def failure(self) -> str:
        """Say how it failed, with the last line of standard error; empty if it ended by itself with exit code 0."""
        if self.stopped:
            return self.stopped
        if self.code == 0:
            return ""
        lines = [line.strip() for line in self.errors.splitlines() if line.strip()]
        last = f": {lines[-1]:.300}" if lines else ""
        return f"its process ended with {_signal_text(-self.code) if self.code < 0 else f'exit code {self.code}'}{last}"


def run(
    command: Sequence[str],
    *,
    limit_s: float,
    folder: Path,
    variables: Mapping[str, str] | None = None,
    cpus: Collection[int] = (),
) -> Ended:
    """Run a command in a folder and return how it ended; its whole process group is gone then.

    cpus: the processors that it may use; all that this process has if empty.
    Errors: OSError if it cannot be started.
    """
    start = time.monotonic()
    with _confined_to(cpus):
        process = subprocess.Popen(  # noqa: S603  (commands are of the table of programs)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**os.environ, **(variables or {})},
            start_new_session=True,
        )
    output, errors = bytearray(), bytearray()
    try:
        stopped = _listen(process, output, errors, start + limit_s)
        if not stopped:
            try:
                process.wait(max(0.0, start + limit_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                stopped = "hung"
        wall_s = time.monotonic() - start
    finally:
        _end(process)
    if stopped == "hung":
        stopped = f"no answer within {limit_s:.3g} s; its process group was ended"
    return Ended(bytes(output), errors.decode("utf-8", "replace"), wall_s, process.returncode, stopped)


def _listen(process: subprocess.Popen[bytes], output: bytearray, errors: bytearray, deadline: float) -> str:
    """Collect what a process prints until it is gone or closes both streams; return why it has to be ended, if so.

    A child that it leaves behind may hold the streams open: what the process itself printed is there when it is gone.
    """
    with selectors.DefaultSelector() as selector:
        for stream, kept in ((process.stdout, output), (process.stderr, errors)):
            selector.register(_opened(stream), selectors.EVENT_READ, kept)
        while selector.get_map():
            left_s = deadline - time.monotonic()
            if left_s <= 0.0:
                return "hung"
            gone = process.poll() is not None  # asked before looking: whatever it printed is in the pipes by then
            ready = selector.select(0.0 if gone else min(left_s, _LOOK_S))
            if gone and not ready:
                return ""
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK_BYTES)
                if not chunk:
                    selector.unregister(key.fileobj)
                key.data.extend(chunk)
            del errors[:-_KEPT_BYTES]
            if len(output) > MOST_BYTES:
                return f"more than {MOST_BYTES / 1e6:g} MB on standard output; its process group was ended"
    return ""


def _opened(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:  # pragma: no cover  (it was asked for)
        raise AssertionError
    return stream


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a process group, and free what its leader held."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left; macOS says so in its own way
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


@contextlib.contextmanager
def _confined_to(cpus: Collection[int]) -> Iterator[None]:
    """Confine this thread, and thereby the processes that it starts, to some processors."""
    if not cpus or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cpus)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _signal_text(number: int) -> str:
    try:
        return f"signal {number} ({signal.Signals(number).name})"
    except ValueError:
        return f"signal {number}"
