"""lrbench report: tables and pages from what has been measured."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrbench.results import BadRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lrbench.comparisons import Report
    from lrbench.results import Measurement

_WIDTH = 130  # columns of a line in a file or a pipe


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file to write, its format by its ending: .html, .md, .csv or .json; may be repeated. "
    "Without it the tables are printed.",
)
@click.option("--baseline", help="Compare with this implementation, in place of each problem's own.")
def command(*, paths: tuple[Path, ...], outputs: tuple[Path, ...], baseline: str | None) -> None:
    r"""Make reports from any mix of results: folders of lrbench run, asv's results folders, pytest-benchmark JSON.

    \b
    Examples:
      lrbench report results
      lrbench report results .asv/results --output report.html --output report.md
      lrbench report benchmark.json --output rows.csv
    """
    from lrbench.advice import advise
    from lrbench.comparisons import make_report
    from lrbench.readers import read
    from lrbench.readers.answers import read_answers
    from lrbench.report import UnknownFormat, write_report

    try:
        measurements, remarks = read(paths)
        report = advise(make_report(in_order(measurements), remarks, baseline=baseline), measurements)
        report = replace(report, experiments=read_answers(paths))
        for output in outputs:
            write_report(report, output)
            click.echo(f"Written: {output}")
    except (BadRecord, UnknownFormat) as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        message = f"{error.filename}: {error.strerror}. Choose a folder that exists and can be written."
        raise click.UsageError(message) from None
    if not outputs:
        show(report)


def in_order(measurements: "Iterable[Measurement]") -> "list[Measurement]":
    """Return measurements in the order of the registry's table, which readers know, and not of their making."""
    from lrbench.problems import PROBLEMS

    problems = {problem.name: place for place, problem in enumerate(PROBLEMS)}
    sizes = {(problem.name, size): place for problem in PROBLEMS for place, size in enumerate(problem.sizes)}
    last = len(sizes)

    def place(measurement: "Measurement") -> tuple[int, int, int, int]:
        name = measurement.problem
        size = sizes.get((name, measurement.size), last)
        return problems.get(name, last), size, measurement.threads, measurement.process

    return sorted(measurements, key=place)


def show(report: "Report") -> None:
    """Print a report's tables; wide enough for them where the output is no terminal."""
    from rich.console import Console

    from lrbench.report import terminal

    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    for part in terminal.renderables(report):
        console.print(part)
