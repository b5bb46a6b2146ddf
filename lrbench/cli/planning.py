"""From what is wanted to the plan of a run: every table tried out once, as far as a budget allows, and its costs."""

import time
from collections.abc import Sequence
from dataclasses import replace

import click

from lrbench.cli.choice import Choice
from lrbench.cli.progress import duration, progress
from lrbench.measure.plan import Job, Key, Pilot, Plan, fit_to_budget, least_budget_s, schedule
from lrbench.measure.runner import Failure, Runner
from lrbench.results import STARTS


def pilots_of(
    runner: Runner, jobs: Sequence[Job], together: int, choice: Choice, *, done: frozenset[Key], started: float
) -> list[Pilot]:
    """Try every job out once: compile, make references, learn what a call costs.

    Of a whole run, only as many as its budget leaves time to measure, but for what is done already.
    """
    pilots: list[Pilot] = []
    budget_s, batch = choice.budget_s, started

    def measured_s() -> float:
        return least_budget_s(plan_of(pilots, choice, together, done), processes_fixed=choice.processes_fixed)

    def has_time() -> bool:
        """Return whether the next batch can be tried out and measured too, if it takes as long as those before."""
        nonlocal batch
        last_s, batch = time.monotonic() - batch, time.monotonic()
        return batch - started + last_s + (1.0 + together / max(1, len(pilots))) * measured_s() < budget_s

    limit = f", or as many as can be measured within {duration(budget_s)}" if choice.leaves_out else ""
    click.echo(f"Pilot: {tables_text(len(jobs))} to check and to try out{limit}.")
    with progress("pilot") as advance:
        for found in runner.pilots(jobs, together, has_time if choice.leaves_out else None):
            if isinstance(found, Failure):
                warn(found)
                continue
            baselines = found.baselines | ({choice.baseline} if choice.baseline else set())
            pilots.append(replace(found, baselines=baselines))
            share = (time.monotonic() - started + measured_s()) / budget_s if choice.leaves_out else 0.0
            advance(max(len(pilots) / len(jobs), share), f"{found.job.problem} {found.job.size}")
    return pilots


def warn(failure: Failure) -> None:
    """Tell a user at once of what failed, which the report tells again."""
    where = f"{failure.job.problem}/{failure.job.size}/{failure.implementation or '*'}"
    click.echo(f"{where}: {failure.reason}. The run goes on without it.", err=True)


def plan_of(pilots: Sequence[Pilot], choice: Choice, together: int, done: frozenset[Key]) -> Plan:
    """Return the plan of what was tried out, before it is fitted to a time."""
    return Plan(
        tuple(schedule(pilot, sampling_s=choice.sampling_s) for pilot in pilots),
        choice.processes,
        together,
        choice.seed,
        choice.ceiling_processes,
        choice.starts & frozenset(pilot.job for pilot in pilots),
        done,
    )


def scaled(plan: Plan, choice: Choice, left_s: float) -> Plan:
    """Return a plan as the budget has it, of which so much is left.

    What is missing is shortened if it takes longer. A budget that the user gave is filled, as it was when the run
    began: by the whole plan, what is done included.
    """
    whole = replace(plan, done=frozenset())
    if choice.fills_budget and whole.time_s < left_s:
        return replace(fit_to_budget(whole, left_s, processes_fixed=choice.processes_fixed), done=plan.done)
    return fit_to_budget(plan, left_s, processes_fixed=choice.processes_fixed) if plan.time_s > left_s else plan


def left_out_text(jobs: Sequence[Job], choice: Choice) -> str:
    """Return which tables a whole run's budget left no time for, in words."""
    sizes: dict[str, dict[str, None]] = {}
    for job in jobs:
        sizes.setdefault(job.problem, {})[job.size] = None
    places = "; ".join(f"{problem} at {', '.join(found)}" for problem, found in sizes.items())
    return (
        f"{len(jobs)} of {tables_text(len(choice.jobs))} found no time in {duration(choice.budget_s)}: {places}. "
        "The same command goes on with them; a longer --budget measures more at once."
    )


def costs_of(plan: Plan) -> dict[Key, float]:
    """Return about how many seconds each measurement of a plan takes."""
    cost = {}
    for planned in plan.schedules:
        for process in range(plan.processes):
            cost[planned.job.key(process)] = sum(planned.process_s(with_few=False))
        if planned.job in plan.starts:
            cost[planned.job.key(STARTS)] = planned.start_s
    return cost


def is_missing(job: Job, choice: Choice, done: frozenset[Key]) -> bool:
    """Return whether anything of a job is yet to be measured."""
    processes = [*range(choice.processes), *([STARTS] if job in choice.starts else [])]
    return any(job.key(process) not in done for process in processes)


def tables_text(count: int) -> str:
    """Return '1 table', '2 tables'."""
    return f"{count} table{'s' * (count != 1)}"


def rounds_text(plan: Plan) -> str:
    """Return the numbers of rounds in a plan: '20', '3 to 60'."""
    counts = sorted({s.rounds for s in plan.schedules})
    return str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
