"""The folder of one run: its measurements, whose turn it is, and whether a new run may go on with them."""

import contextlib
import fcntl
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from lrbench import documents, results
from lrbench.cli.choice import Choice, Planned
from lrbench.measure.environment import identity
from lrbench.measure.plan import MIN_PROCESSES, Key, Plan
from lrbench.results import Measurement

MEASUREMENTS = "measurements.jsonl"
PLAN = "plan.json"
_MOST_PROCESSES = 10_000  # more were never planned: the file is damaged


@contextlib.contextmanager
def taken(folder: Path) -> Iterator[None]:
    """Hold a folder, made if need be, against every other run for as long as the context lasts."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("a")
    except OSError as error:
        message = f"{folder}: {error.strerror or error}. Choose another --output."
        raise click.UsageError(message) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            message = f"{folder}: another run is writing there. Wait for it, or choose another --output."
            raise click.UsageError(message) from None
        yield


def kept(folder: Path, choice: Choice, *, fresh: bool, environment: Mapping[str, Any]) -> list[Measurement]:
    """Return the measurements that a run goes on from; none after --fresh, which forgets what was planned too.

    A line that was cut at the end is taken out of the file, and so is a measurement that failed altogether: it is
    made again.
    """
    path = folder / MEASUREMENTS
    if fresh:
        path.unlink(missing_ok=True)
        (folder / PLAN).unlink(missing_ok=True)
    if not path.exists():
        return []
    try:
        found, remarks = results.load(path)
    except results.BadRecord as error:
        raise click.UsageError(str(error)) from None
    for remark in remarks:
        click.echo(remark, err=True)
    whole = [measurement for measurement in found if measurement.key in keys(found)]
    if remarks or len(whole) < len(found):
        results.write_whole(path, "".join(f"{results.to_json(measurement)}\n" for measurement in whole))
    for measurement in whole:
        _same(folder, "seed", measurement.seed, choice.seed)
        _same(folder, "data", measurement.environment.get("data"), choice.data)
        _same(folder, "environment", dict(identity(measurement.environment)), dict(identity(environment)))
    for job in choice.jobs:
        place = (job.problem, job.size, job.threads)
        there = [m for m in whole if m.key[:3] == place and m.process != results.STARTS]
        names = {side.implementation for measurement in there for side in measurement.sides}
        if names:
            what = f"choice of implementations for {job.problem} at {job.size}"
            _same(folder, what, sorted(names), sorted(job.implementations))
    return whole


def planned(folder: Path) -> Planned | None:
    """Return what a run was scaled to whose measurements the folder holds; None if there is none."""
    try:
        found = documents.parse(documents.read(folder / PLAN), finite=True)
        starts = {(str(p), str(s), int(t)): bool(are_found) for p, s, t, are_found in found["starts"]}
        plan = Planned(found["processes"], starts)
    except (documents.BadDocument, ValueError, KeyError, TypeError, OverflowError):
        return None
    return plan if isinstance(plan.processes, int) and MIN_PROCESSES <= plan.processes <= _MOST_PROCESSES else None


def remember(folder: Path, plan: Plan) -> None:
    """Write down what a run is scaled to, beside what the folder knows of tables that this one does not measure."""
    before = planned(folder)
    starts = dict(before.starts) if before else {}
    starts |= {(s.job.problem, s.job.size, s.job.threads): s.job in plan.starts for s in plan.schedules}
    places = [[*place, are_found] for place, are_found in sorted(starts.items())]
    text = json.dumps({"processes": plan.processes, "starts": places})
    results.write_whole(folder / PLAN, text + "\n")


def _same(folder: Path, what: str, before: Any, now: Any) -> None:
    if before == now:
        return
    if isinstance(before, dict) and isinstance(now, dict):
        names = [name for name in now if before.get(name) != now[name]]
        what = f"{what} ({', '.join(names)})"
        before, now = [before.get(name) for name in names], [now[name] for name in names]
    message = (
        f"{folder} holds measurements of another {what}: {before}, now {now}. They would never be compared. "
        "Choose another --output, or start anew with --fresh."
    )
    raise click.UsageError(message)


def keys(measurements: Sequence[Measurement]) -> frozenset[Key]:
    """Return what has been measured already. Where everything failed, another try may do better."""
    return frozenset(m.key for m in measurements if any(side.status != "failed" for side in m.sides))
