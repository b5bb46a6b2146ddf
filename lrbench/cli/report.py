"""lrbench report: tables and pages from what has been measured."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrbench.cli.output import print_tables, writing
from lrbench.results import BadRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lrbench.comparisons import Report
    from lrbench.results import Measurement

_WIDTH = 130  # columns of a line in a file or a pipe


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file to write, its format by its ending: .html, .md, .csv or .json; may be repeated. "
    "Without it the tables are printed.",
)
@click.option(
    "--figures",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write each figure of the page into this folder, too. Needs matplotlib: pip install 'lrbench[figures]'.",
)
@click.option("--figure-type", type=click.Choice(["svg", "png"]), default="svg", show_default=True)
@click.option("--columns", is_flag=True, help="List the columns of .csv, and read nothing.")
@click.option("--baseline", help="Compare with this implementation, in place of each problem's own.")
def command(
    *,
    paths: tuple[Path, ...],
    outputs: tuple[Path, ...],
    folder: Path | None,
    figure_type: str,
    columns: bool,
    baseline: str | None,
) -> None:
    r"""Make reports from any mix of results: lrbench run, lrbench languages, asv's folders, pytest-benchmark JSON.

    \b
    Examples:
      lrbench report results
      lrbench report results .asv/results --output report.html --output report.md
      lrbench report benchmark.json --output rows.csv
      lrbench report .asv/results --output history.html --figures pictures --figure-type png

    Several commits of asv, or several folders of lrbench run, become histories; of a long history the tables hold the
    newest commit alone. Runs of several tools, machines or dates are set beside each other, and what of them cannot be
    compared is listed with the reason.
    """
    from lrbench.advice import advise
    from lrbench.comparisons import make_report
    from lrbench.readers import read
    from lrbench.readers.answers import read_answers
    from lrbench.report import csv, write_report
    from lrbench.report.drawable import left_out_text
    from lrbench.report.images import write_figures

    if columns:
        for name, meaning in csv.COLUMNS.items():
            click.echo(f"{name:22} {meaning}")
        return
    if not paths:
        message = "Missing argument 'PATHS...': a folder of lrbench run or asv, or a JSON file of pytest-benchmark."
        raise click.UsageError(message)
    _check_outputs(outputs, folder)
    try:
        measurements, remarks = read(paths)
        report = advise(make_report(in_order(measurements), remarks, baseline=baseline), measurements)
        report = replace(report, experiments=read_answers(paths))
    except BadRecord as error:
        raise click.UsageError(str(error)) from None
    for output in outputs:
        with writing(output):
            write_report(report, output)
        click.echo(f"Written: {output}")
    if folder:
        with writing(folder):
            written = write_figures(report, folder, figure_type)
        click.echo(f"Written: {len(written)} figures in {folder}")
        if told := left_out_text(report):
            click.echo(told)
    if not outputs and not folder:
        show(report)


def _check_outputs(outputs: "Iterable[Path]", folder: Path | None) -> None:
    """Refuse, before anything is read or written, what could not be written in the end."""
    from lrbench.report import UnknownFormat, check_format
    from lrbench.report.images import NoMatplotlib, check_matplotlib

    try:
        for output in outputs:
            check_format(output)
        if folder:
            check_matplotlib()
    except (NoMatplotlib, UnknownFormat) as error:
        raise click.UsageError(str(error)) from None


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
    from lrbench.report import terminal

    print_tables(terminal.renderables(report), width=_WIDTH)
