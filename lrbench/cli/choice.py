"""What the options of lrbench run ask for, checked against the registry, the machine and the user's data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from lrbench.cli import selection
from lrbench.cli.scheduler import join
from lrbench.gate import checksum
from lrbench.measure import environment
from lrbench.measure.plan import MIN_PROCESSES, Job
from lrbench.registry import Problem

PROCESSES, QUICK_PROCESSES = 10, MIN_PROCESSES
LONGEST_S = 1620.0  # that a run may take for which no --budget is given
SAMPLING_S, QUICK_SAMPLING_S = 0.4, 0.1  # seconds of timing in one process
CEILING_PROCESSES = (0, 3, 5)  # at the run's beginning and end, and between: on virtual machines they move


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run was scaled to: the same command goes on to the same end."""

    processes: int
    starts: Mapping[tuple[str, str, int], bool]  # of each job tried out, by problem, size and threads: are they found


@dataclass(frozen=True, slots=True)
class Choice:
    """What the options ask for."""

    problems: tuple[Problem, ...]
    jobs: tuple[Job, ...]
    processes: int
    processes_fixed: bool  # by the user, or by the run's beginning: no budget changes them
    sampling_s: float
    ceiling_processes: tuple[int, ...]  # the repetitions that find the machine's ceilings as well
    starts: frozenset[Job]  # the jobs of which it is found what beginning costs
    budget_s: float  # that the run may take
    fills_budget: bool  # with more rounds and processes where it needs less: the user gave it
    leaves_out: bool  # tables that the budget has no time for: none was named, and the same command goes on
    baseline: str | None
    seed: int
    data: Mapping[str, Any] | None  # about a user's table, for the record
    remarks: tuple[str, ...] = ()


def choose(output: Path, *, planned: Planned | None, **options: Any) -> Choice:
    """Return what the options mean; click.UsageError where they contradict the registry, the machine or the data.

    planned: what a run was scaled to of which the folder holds the beginning.
    """
    problems = selection.select_problems(options["problems"], quick=options["quick"])
    sizes: Sequence[str] = options["sizes"]
    data, path = None, ""
    remarks: tuple[str, ...] = ()
    if options["scheduler"]:
        remarks = (join(options["scheduler"], problems),)
    if options["data"]:
        if sizes:
            message = "--size and --data exclude each other: the size is that of the data."
            raise click.UsageError(message)
        data, path, size, made = _user_data(output, options)
        remarks += made
        problems, sizes = tuple(p for p in problems if p.takes_table), (size,)
        if not problems:
            message = "None of the problems chosen takes a table of features. See: lrbench list"
            raise click.UsageError(message)
    elif options["target"] or options["one_hot"] or options["drop"] or options["drop_missing"]:
        message = "--target, --one-hot, --drop and --drop-missing belong to --data FILE, which is not given."
        raise click.UsageError(message)
    selection.check_sizes(sizes, problems)
    selection.check_implementations(options["implementations"], problems)
    if options["baseline"]:
        selection.check_implementations([options["baseline"]], problems)
    quick, cores = options["quick"], len(environment.allowed_cpus())
    whole = not (options["problems"] or sizes or quick)
    jobs = [
        Job(problem.name, size, threads, names, options["seed"], path)
        for threads in selection.parse_threads(options["threads"] or ("1" if quick else "1,all"), cores)
        for problem in problems
        for size in selection.select_sizes(problem, sizes, problems, quick=quick)
        if (names := selection.select_implementations(problem, options["implementations"]))
    ]
    if not jobs:
        message = "Nothing to measure: no problem chosen has the size or the implementation chosen."
        raise click.UsageError(message)
    return Choice(
        problems=problems,
        jobs=tuple(jobs),
        processes=options["processes"] or (planned.processes if planned else QUICK_PROCESSES if quick else PROCESSES),
        processes_fixed=bool(options["processes"] or planned),
        sampling_s=QUICK_SAMPLING_S if quick else SAMPLING_S,
        ceiling_processes=(0,) if quick else CEILING_PROCESSES,
        starts=frozenset(job for job in jobs if _finds_start(job, planned, quick=quick)),
        budget_s=options["budget_s"] or LONGEST_S,
        fills_budget=bool(options["budget_s"]),
        leaves_out=whole,
        baseline=options["baseline"],
        seed=options["seed"],
        data=data,
        remarks=remarks,
    )


def _finds_start(job: Job, planned: Planned | None, *, quick: bool) -> bool:
    return planned.starts.get((job.problem, job.size, job.threads), not quick) if planned else not quick


def _user_data(output: Path, options: Mapping[str, Any]) -> tuple[dict[str, Any], str, str, tuple[str, ...]]:
    """Return a user's table: its description, the file that workers read, its size, and remarks."""
    import numpy as np

    from lrbench.tables import BadTable, read_table

    if not options["target"]:
        message = "--data needs --target COLUMN: lrbench never guesses which column to predict."
        raise click.UsageError(message)
    try:
        table = read_table(
            options["data"],
            options["target"],
            one_hot=options["one_hot"],
            drop=options["drop"],
            drop_missing=options["drop_missing"],
        )
    except BadTable as error:
        raise click.UsageError(str(error)) from None
    path = output / "data.npz"
    np.savez(path, X=table.X, y=table.y)
    for remark in table.remarks:
        click.echo(remark)
    data = {
        "file": options["data"].name,
        "checksum": checksum((table.X, table.y)),
        "target": table.target,
        "features": list(table.feature_names),
        "remarks": list(table.remarks),
    }
    return data, str(path.resolve()), "x".join(map(str, table.X.shape)), table.remarks
