"""lrbench run: the main job, from problems to reports."""

import itertools
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from lrbench import results
from lrbench.cli import folder
from lrbench.cli.choice import LONGEST_S, PROCESSES, QUICK_PROCESSES, Choice, choose
from lrbench.cli.planning import (
    costs_of,
    is_missing,
    left_out_text,
    pilots_of,
    plan_of,
    rounds_text,
    scaled,
    tables_text,
    warn,
)
from lrbench.cli.progress import duration, progress
from lrbench.measure import environment
from lrbench.measure.plan import MIN_PROCESSES, Job, Key, Plan
from lrbench.measure.runner import Failure, Runner, side_by_side
from lrbench.results import STARTS

REPORTS = ("report.md", "report.json", "report.html")


@click.command()
@click.option("--quick", is_flag=True, help="The smallest size of each problem, one thread, six processes.")
@click.option("--problem", "problems", multiple=True, help="Only this problem; may be repeated.")
@click.option("--implementation", "implementations", multiple=True, help="Only this one; may be repeated.")
@click.option("--size", "sizes", multiple=True, help="Only this size, such as 10000 or 1000x2; may be repeated.")
@click.option("--threads", help="Thread counts, one table each, such as 1,2.  [default: 1,all; 1 with --quick]")
@click.option(
    "--processes",
    type=click.IntRange(min=MIN_PROCESSES),
    help=f"Processes for each problem and size.  [default: {PROCESSES}; {QUICK_PROCESSES} with --quick]",
)
@click.option(
    "--budget",
    "budget_s",
    type=click.FloatRange(min=1.0),
    help="Seconds that the run takes. Of a whole run (no --problem, --size, --data or --quick), tables that do not fit "
    f"are left to the same command's next run.  [default: what it needs, shortened if that is over {LONGEST_S:.0f}]",
)
@click.option("--baseline", help="Compare with this implementation, in place of each problem's own.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Of data and orders.")
@click.option("--data", type=click.Path(path_type=Path), help="Your own CSV or Parquet as the regression data.")
@click.option("--target", help="The column of --data to predict.")
@click.option("--one-hot", multiple=True, help="A column of --data to encode: k categories give k - 1 columns.")
@click.option("--drop", multiple=True, help="A column of --data to leave out; may be repeated.")
@click.option("--drop-missing", is_flag=True, help="Leave out the rows of --data that miss a value.")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="A running Dask scheduler for the Dask sides, such as tcp://10.0.0.1:8786.  [default: a local cluster]",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results"),
    show_default=True,
    help="The folder for measurements and reports.",
)
@click.option("--open", "opened", is_flag=True, help="Open the page in a browser at the end.")
@click.option("--fresh", is_flag=True, help="Start anew in place of going on with what the folder holds.")
@click.pass_context
def command(ctx: click.Context, /, *, output: Path, fresh: bool, opened: bool, **options: Any) -> None:
    r"""Measure side by side, print the tables, write the reports.

    Every answer is checked before it is timed. Each problem and size is measured in fresh processes, all its
    implementations in balanced rounds; a run that was cut short goes on where it stopped.

    \b
    Examples:
      lrbench run --quick
      lrbench run --problem vector_addition --output vectors
      lrbench run --problem least_squares --size 50000x20 --threads 1,all
      lrbench run --data houses.csv --target price --one-hot quarter --drop-missing
      lrbench run --problem least_squares_out_of_core --scheduler tcp://10.0.0.1:8786
      lrbench run --budget 300

    \b
    Exit codes: 0 done; 1 an implementation failed or was refused (its row says why);
    2 bad usage or data; 130 interrupted.
    """
    started = time.monotonic()
    with folder.taken(output):
        try:
            choice = choose(output, planned=None if fresh else folder.planned(output), **options)
            kept = folder.kept(output, choice, fresh=fresh, environment=environment.describe())
            left_out = _measure(choice, output, folder.keys(kept), started)
            code = _report(choice, output, left_out)
            if opened:
                _open(output / "report.html")
        except KeyboardInterrupt:
            click.echo("Interrupted. What was measured is kept; the same command goes on.", err=True)
            ctx.exit(130)
        except OSError as error:
            message = (
                f"{output}: {error.strerror or error}. What was measured before is kept; the same command goes on."
            )
            raise click.ClickException(message) from None
        ctx.exit(code)


def _measure(choice: Choice, output: Path, done: frozenset[Key], started: float) -> list[Job]:
    """Pilot, plan, measure: everything that the folder does not hold yet. Return what there is no time for."""
    wanted = [job for job in choice.jobs if is_missing(job, choice, done)]
    if not wanted:
        click.echo(f"{output} holds everything that is asked for. Start anew with --fresh.")
        return []
    runner = Runner(environment.load(), choice.data)
    together = side_by_side(wanted)
    pilots = pilots_of(runner, wanted, together, choice, done=done, started=started)
    tried = frozenset(pilot.job for pilot in pilots)
    spent_s = time.monotonic() - started
    plan = scaled(plan_of(pilots, choice, together, done), choice, choice.budget_s - spent_s)
    folder.remember(output, plan)
    cost = costs_of(plan)
    total_s, passed_s = sum(cost.values()), sum(cost.get(key, 0.0) for key in done)
    _state(plan, choice, spent_s=spent_s, share=passed_s / total_s if total_s else 0.0)
    with progress("measuring") as advance:
        for found in itertools.chain(runner.measure(plan), runner.starts(plan)):
            if isinstance(found, Failure):
                warn(found)
                continue
            results.append(output / folder.MEASUREMENTS, found)
            passed_s += cost[found.key]
            what = "starts" if found.process == STARTS else f"process {found.process + 1} of {plan.processes}"
            advance(passed_s / total_s if total_s else 1.0, f"{what}: {found.problem} {found.size}")
    return [job for job in wanted if choice.leaves_out and job not in tried]


def _state(plan: Plan, choice: Choice, *, spent_s: float, share: float) -> None:
    """Print what a run is going to do, and what its time does not suffice for.

    spent_s: seconds since it began.   share: of the plan's work that is there already.
    """
    resumed = f" {100 * share:.0f} % of it is there already." if share else ""
    click.echo(
        f"Plan: {tables_text(len(plan.schedules))}, {plan.processes} processes each, {rounds_text(plan)} rounds: "
        f"about {duration(plan.time_s)} to go, {duration(spent_s + plan.time_s)} in all.{resumed}"
    )
    if plan.starts < choice.starts & frozenset(s.job for s in plan.schedules):
        click.echo(
            f"Import, first call and memory of a call are found in {len(plan.starts)} of {len(plan.schedules)} tables, "
            "for want of time. A larger --budget, or fewer problems or sizes, find more."
        )
    if spent_s + plan.time_s > 1.2 * choice.budget_s:
        fewer = "problems, sizes or processes" if plan.processes > MIN_PROCESSES else "problems or sizes"
        click.echo(
            f"This is more than {duration(choice.budget_s)}: {plan.processes} processes of the fewest rounds take as "
            f"long. Choose fewer {fewer}.",
            err=True,
        )


def _open(page: Path) -> None:
    """Show a page to the user; a machine without a browser is told, and is no failure."""
    import webbrowser

    if not webbrowser.open(page.resolve().as_uri()):
        click.echo(f"No browser was found. Open {page.resolve()} yourself.", err=True)


def _report(choice: Choice, output: Path, left_out: Sequence[Job]) -> int:
    """Write the reports of what the folder holds, print the tables, and return the exit code."""
    from lrbench.advice import advise
    from lrbench.cli.report import in_order, show
    from lrbench.comparisons import make_report
    from lrbench.readers import read
    from lrbench.readers.answers import read_answers
    from lrbench.report import write_report

    measurements, remarks = read([output])
    told = [*choice.remarks, *([left_out_text(left_out, choice)] if left_out else []), *remarks]
    report = make_report(in_order(measurements), told, baseline=choice.baseline)
    report = replace(advise(report, measurements), experiments=read_answers([output]))
    for name in REPORTS:
        write_report(report, output / name)
    show(report)
    click.echo(f"Report: {(output / 'report.html').resolve()}")
    bad = [row for row in report.rows if row.status in ("failed", "wrong answer")]
    return 1 if bad else 0
