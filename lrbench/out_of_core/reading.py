"""Reading ahead: the next block is read while the last one is computed with."""

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar("T")

_LOOK_S = 0.1  # how often a reader with nobody left to read for looks up


def read_ahead(values: Iterator[T]) -> Iterator[T]:  # noqa: C901  (a thread's two functions)
    """Yield the values, each taken from the iterator while the one before is in use, in a thread of its own.

    Three values exist at a time: in use, waiting, being read. What the iterator raises is raised here. The thread ends
    with the iteration, however that ends.
    """
    waiting: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(maxsize=1)
    abandoned = threading.Event()

    def put(item: tuple[T | None, BaseException | None]) -> None:
        while not abandoned.is_set():
            try:
                waiting.put(item, timeout=_LOOK_S)
            except queue.Full:
                continue
            return

    def read() -> None:
        try:
            for value in values:
                put((value, None))
                if abandoned.is_set():
                    return
            put((None, StopIteration()))
        except BaseException as error:  # noqa: BLE001  (whatever it is, it belongs to who asked for the value)
            put((None, error))

    reader = threading.Thread(target=read, name="lrbench-reader", daemon=True)
    reader.start()
    try:
        while True:
            value, error = waiting.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield value  # type: ignore[misc]  # of T where there is no error
            del value
    finally:
        abandoned.set()
        reader.join()
