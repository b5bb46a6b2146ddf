"""Each implementation in a process of its own, of one thread, a few at a time.

Libraries that cannot share a process with others do not meet, and neither a crash nor a hang takes more with it than
the rows still to come.
"""

import contextlib
import multiprocessing
import os
import time
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing import connection

import numpy as np

from lrbench.accuracy.measuring import N_ORDERS, Question, Row, make_row, rows
from lrbench.measure.environment import THREAD_VARIABLES, allowed_cpus
from lrbench.registry import Implementation, missing_packages

LIMIT_S = 120.0  # for one data set; compiling for the first time may take half of it
_MAX_PROCESSES = 4  # some libraries take half a GB


def measure(
    implementations: Sequence[Implementation],
    questions: Sequence[Question],
    *,
    n_orders: int = N_ORDERS,
    seed: int = 0,
    limit_s: float = LIMIT_S,
) -> Iterator[Row]:
    """Yield a row for each implementation, data set and reference, as they come; what goes wrong is a row as well."""
    waiting, running = deque(implementations), list[_Side]()
    try:
        while waiting or running:
            while waiting and len(running) < min(len(allowed_cpus()), _MAX_PROCESSES):
                implementation = waiting.popleft()
                if reason := missing_packages(implementation):
                    yield from _everywhere(implementation, questions, "skipped", reason)
                else:
                    running.append(_Side(implementation, questions, n_orders, seed, limit_s))
            if running:
                connection.wait([side.results for side in running], timeout=1.0)
            for side in running:
                yield from side.rows()
            running = [side for side in running if not side.ended]
    finally:
        for side in running:
            side.end()


def _everywhere(
    implementation: Implementation, questions: Sequence[Question], status: str, reason: str
) -> Iterator[Row]:
    for question in questions:
        for kind in question.references:
            yield make_row(implementation, question, kind, status=status, reason=reason)


class _Side:
    """The process of one implementation: started, sending its rows, ended."""

    def __init__(
        self, implementation: Implementation, questions: Sequence[Question], n_orders: int, seed: int, limit_s: float
    ) -> None:
        self._implementation = implementation
        self._awaited = deque((question, kind) for question in questions for kind in question.references)
        self._limit_s = limit_s
        self._heard = time.monotonic()
        context = multiprocessing.get_context("spawn")
        self.results, sender = context.Pipe(duplex=False)
        arguments = sender, implementation, questions, n_orders, seed
        self._process = context.Process(target=_send_rows, args=arguments, daemon=True)
        with _one_thread():
            self._process.start()
        sender.close()
        self.ended = False

    def rows(self) -> Iterator[Row]:
        """Yield what has come, without waiting; and, where nothing more can come, the rows that are lost."""
        hung = True
        try:
            while self._awaited and self.results.poll():
                yield self.results.recv()
                self._awaited.popleft()
                self._heard = time.monotonic()
        except EOFError:
            hung = False
        if hung and self._awaited and time.monotonic() - self._heard < self._limit_s:
            return
        self.end()
        yield from self._lost(f"no answer within {self._limit_s:.0f} s" if hung else self._ending())

    def end(self) -> None:
        """End the process, whatever its state."""
        self.ended = True
        self._process.join(0.2)  # one that has ended by itself keeps its exit code
        self._process.kill()
        self._process.join()
        self.results.close()

    def _ending(self) -> str:
        code = self._process.exitcode or 0
        return f"its process ended with {f'signal {-code}' if code < 0 else f'exit code {code}'}"

    def _lost(self, reason: str) -> Iterator[Row]:
        status, first = "failed", self._awaited[0][0].dataset.name if self._awaited else ""
        for question, kind in self._awaited:
            yield make_row(self._implementation, question, kind, status=status, reason=reason)
            status, reason = "not run", reason if status == "not run" else f"on {first}: {reason}"


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Set the variables that libraries read when they are loaded, for a process that is started meanwhile."""
    before = dict(os.environ)
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _send_rows(
    sender: connection.Connection,
    implementation: Implementation,
    questions: Sequence[Question],
    n_orders: int,
    seed: int,
) -> None:
    """Send the rows of one implementation; the body of a process."""
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # what libraries print is no result, and the parent's progress is drawn there
        os.dup2(silence, stream)
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    for row in rows(implementation, questions, n_orders=n_orders, seed=seed):
        sender.send(row)
