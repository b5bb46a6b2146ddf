"""Literal measurements of commits, which the tests of histories and of runs beside each other share."""

from lrbench.results import Measurement, Side


def side(time_s, name="qr", **fields):
    return Side(name, "qr", "qr", number=1, epochs_s=(time_s,) * 3, rounds=(0, 1, 2), **fields)


def measurement(commit, day, *sides, process=0, **fields):
    environment = {"machine": "desk", "cpu": "one", "commit": commit, **fields.pop("environment", {})}
    started = f"2025-01-{day:02}T10:00:00+00:00"
    return Measurement("p", "10", 1, process, sides, environment, started=started, source="lrbench", **fields)


SERIES = [measurement(f"{k:040x}", k, side(1.0 if k < 5 else 0.5)) for k in range(1, 9)]
