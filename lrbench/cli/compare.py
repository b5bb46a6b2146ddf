"""lrbench compare: the gate between two states of a program."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import click

from lrbench.cli.output import print_tables
from lrbench.cli.progress import duration, progress
from lrbench.regressions import NOTHING_TO_COMPARE, Run, Verdict, judge

Item = TypeVar("Item")

PROCESSES = 20  # unlike sides of one process, two interpreters do not share their memory layout
CODES = {0: "no regression", 1: "regression confirmed", 2: "a benchmark failed", 4: "too noisy to tell"}


class _BadUsage(click.UsageError):
    exit_code = NOTHING_TO_COMPARE


class _Command(click.Command):
    """A command whose bad usage has the exit code that it documents."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise _BadUsage(error.format_message(), ctx) from None


@click.command(cls=_Command)
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path))
@click.option("--python", "pythons", multiple=True, help="An interpreter that has lrbench; give two, OLD and NEW.")
@click.option("--threshold", default=5.0, show_default=True, type=click.FloatRange(min=0.0), help="Percent.")
@click.option("--problem", "problems", multiple=True, help="With --python: only this problem; may be repeated.")
@click.option("--implementation", "implementations", multiple=True, help="With --python: only this one.")
@click.option("--size", "sizes", multiple=True, help="With --python: only this size.  [default: the quick one]")
@click.option("--processes", type=click.IntRange(min=6), default=PROCESSES, show_default=True, help="With --python.")
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), help="With --python: keep measurements here."
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    folders: tuple[Path, ...],
    pythons: tuple[str, ...],
    threshold: float,
    problems: tuple[str, ...],
    implementations: tuple[str, ...],
    sizes: tuple[str, ...],
    processes: int,
    output: Path | None,
) -> None:
    r"""Say whether anything became slower from BASELINE to NEW, by exit code.

    FOLDERS are two: each a folder of lrbench run, or a folder that holds several such. Times of different runs are
    unpaired, so a regression is confirmed only by two runs on each side that agree. With --python two interpreters
    (two versions of NumPy, two commits of lrbench) are measured in interleaved processes of one run, which is fair.

    \b
    Examples:
      lrbench compare before after
      lrbench compare --python old/bin/python --python new/bin/python --problem least_squares

    \b
    Exit codes: 0 no regression; 1 regression confirmed; 2 a benchmark failed; 3 nothing to compare, or bad usage;
    4 too noisy to tell; 130 interrupted.
    """
    try:
        if pythons:
            if len(pythons) != 2 or folders:  # noqa: PLR2004  (old and new)
                _refuse("Give --python twice, OLD and NEW, and no folders.")
            baseline, new = _interleaved(pythons, problems, implementations, sizes, processes, output)
        else:
            if len(folders) != 2:  # noqa: PLR2004  (baseline and new)
                _refuse("Give two folders, BASELINE and NEW, or --python twice.")
            baseline, new = (_runs(folder) for folder in folders)
            click.echo("Times of different runs: unpaired.")
    except (click.UsageError, OSError) as error:
        message = error.format_message() if isinstance(error, click.UsageError) else str(error)
        click.echo(f"Error: {message}", err=True)
        ctx.exit(NOTHING_TO_COMPARE)
    except KeyboardInterrupt:
        ctx.exit(130)
    verdict = judge(baseline, new, threshold=threshold / 100.0, paired=bool(pythons))
    _show(verdict)
    ctx.exit(verdict.code)


def _refuse(message: str) -> None:
    raise click.UsageError(message)


def _runs(folder: Path) -> list[Run]:
    """Return the runs in a folder: its own, or those of the folders in it."""
    from lrbench.readers import read
    from lrbench.results import BadRecord

    inside = [p for p in sorted(folder.glob("*")) if (p / "measurements.jsonl").exists()] if folder.is_dir() else []
    try:
        return [read([path])[0] for path in inside or [folder]]
    except BadRecord as error:
        raise click.UsageError(str(error)) from None


def _interleaved(
    pythons: Sequence[str],
    problems: Sequence[str],
    implementations: Sequence[str],
    sizes: Sequence[str],
    processes: int,
    output: Path | None,
) -> tuple[list[Run], list[Run]]:
    """Measure two interpreters in turn and return the measurements of each as one run."""
    from lrbench import results
    from lrbench.cli import selection
    from lrbench.measure import environment
    from lrbench.measure.plan import Job, Pilot, Plan, schedule
    from lrbench.measure.runner import Failure, Runner, side_by_side

    chosen = selection.select_problems(problems, quick=True)
    selection.check_sizes(sizes, chosen)
    selection.check_implementations(implementations, chosen)
    jobs = [
        Job(problem.name, size, 1, names)
        for problem in chosen
        for size in selection.select_sizes(problem, sizes, chosen, quick=True)
        if (names := selection.select_implementations(problem, implementations))
    ]
    runners = [Runner(environment.load(), python=python) for python in pythons]
    together = side_by_side(jobs)
    pilots: list[Pilot] = []
    for folder in (output / "old", output / "new") if output else ():
        if (folder / "measurements.jsonl").exists():
            _refuse(f"{folder}: holds measurements already. Choose another --output.")
    for found in runners[0].pilots(jobs, together):
        if isinstance(found, Failure):
            click.echo(f"{found.job.problem}/{found.job.size}: {found.reason}", err=True)
        else:
            pilots.append(found)
    plan = Plan(tuple(schedule(pilot, sampling_s=0.4) for pilot in pilots), processes, together)
    click.echo(f"Plan: {len(jobs)} cases' tables, {processes} processes each way: about {duration(2 * plan.time_s)}.")
    runs: list[list[results.Measurement]] = [[], []]
    with progress("measuring") as advance:
        for which, answer in _in_turn([runner.measure(plan) for runner in runners]):
            if isinstance(answer, Failure):
                click.echo(f"{pythons[which]}: {answer.job.problem}/{answer.job.size}: {answer.reason}", err=True)
                continue
            runs[which].append(answer)
            if output:
                folder = output / ("old", "new")[which]
                folder.mkdir(parents=True, exist_ok=True)
                results.append(folder / "measurements.jsonl", answer)
            done = sum(map(len, runs)) / (2 * processes * max(1, len(plan.schedules)))
            advance(done, f"process {answer.process + 1} of {processes}: {answer.problem} {answer.size}")
    return [runs[0]], [runs[1]]


def _in_turn(streams: Sequence[Iterator[Item]]) -> Iterator[tuple[int, Item]]:
    """Yield (which, item) from several iterators until all have ended, in turn: first to last, then last to first."""
    going = dict(enumerate(streams))
    for turn in itertools.count():
        if not going:
            return
        for which in sorted(going, reverse=bool(turn % 2)):
            try:
                yield which, next(going[which])
            except StopIteration:
                del going[which]


def _show(verdict: Verdict) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table("case", "threads", "time, new over baseline", "limit", "verdict", box=None, pad_edge=False)
    for change in verdict.changes:
        problem, size, threads, implementation = change.key
        ratios = "; ".join(
            f"{ratio:.3f} [{low:.3f}, {high:.3f}]"
            for ratio, low, high in zip(change.ratios, change.lows, change.highs, strict=True)
        )
        case = f"{problem}/{size}/{implementation}"
        cells = case, str(threads), ratios, f"{change.limit:.3f}", change.verdict
        table.add_row(*map(Text, cells))  # names from files are shown, never obeyed as markup
    if verdict.changes:
        print_tables([table], width=130)
    for remark in verdict.remarks:
        click.echo(remark)
    click.echo(f"Verdict: {CODES.get(verdict.code, 'nothing to compare')}.")
