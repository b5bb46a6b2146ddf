"""Literal tables of a gradient over `plain`, that the tests of figures and sentences share."""

from lrbench.comparisons import make_report
from lrbench.results import Ceiling, Measurement, Side


def side(name, time_s, *, algorithm="sum", baseline="plain", n_epochs=4, **fields):
    epochs = tuple(time_s for _ in range(n_epochs))
    return Side(name, algorithm, baseline, number=1, epochs_s=epochs, rounds=tuple(range(n_epochs)), **fields)


def measured(*sides, **fields):
    given = {"problem": "gradient", "size": "1000x2", "threads": 1}
    return [Measurement(**{**given, "process": process, "sides": sides, **fields}) for process in range(6)]


def table_of(*sides, **fields):
    (table,) = make_report(measured(*sides, **fields)).tables
    return table


CEILINGS = (Ceiling("read", 1, 24e4, 1e11), Ceiling("flops", 1, None, 5e10))
WORK = {"flops": 1e4, "size_bytes": 24e4, "ceilings": CEILINGS}
PLAIN, FAST = side("plain", 4e-6, digits=15.0), side("fast", 1e-6, digits=13.0)
