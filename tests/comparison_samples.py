"""Literal measurements of additions, and their rows, that the tests of comparisons share."""

from lrbench.comparisons import make_tables
from lrbench.results import Measurement, Side

ENVIRONMENT = {"cpu": "one", "blas": "OpenBLAS", "load": [0.1, 0.2]}


def side(name, *times_s, algorithm="sum", baseline="base", **fields):
    given = {"number": 1, "epochs_s": times_s, "rounds": tuple(range(len(times_s)))}
    return Side(name, algorithm, baseline, **{**given, **fields})


def measurement(*sides, process=0, **fields):
    given = {"problem": "add", "size": "10", "threads": 1, "environment": ENVIRONMENT, "data_checksum": "c"}
    return Measurement(**{**given, "process": process, "sides": sides, **fields})


def runs(*sides, n=6, **fields):
    return [measurement(*sides, process=process, **fields) for process in range(n)]


def rows(measurements, baseline=None):
    tables, remarks = make_tables(measurements, baseline)
    return [row for table in tables for row in table.rows], remarks


def row_of(measurements, name, **options):
    found, _ = rows(measurements, **options)
    return next(row for row in found if row.implementation == name)
