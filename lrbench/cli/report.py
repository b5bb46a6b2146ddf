"""lrbench report: tables and pages from what has been measured."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrbench.results import BadRecord

if TYPE_CHECKING:
    from lrbench.comparisons import Report


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
    from lrbench.comparisons import make_report
    from lrbench.readers import read
    from lrbench.report import UnknownFormat, write_report

    try:
        measurements, remarks = read(paths)
        report = make_report(measurements, remarks, baseline=baseline)
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


def show(report: "Report") -> None:
    """Print a report's tables."""
    from rich.console import Console

    from lrbench.report import terminal

    console = Console()
    for part in terminal.renderables(report):
        console.print(part)
