"""lrbench accuracy: how many digits of each closed form are right."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrbench.cli.output import print_tables, write

if TYPE_CHECKING:
    from lrbench.accuracy.datasets import Dataset
    from lrbench.accuracy.document import Document
    from lrbench.accuracy.measuring import Row
    from lrbench.registry import Implementation

_WIDTH = 130  # columns of a line in a file or a pipe
_FORMATS = ".html, .md, .json"


@click.command()
@click.option(
    "--strd",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder of linear-regression .dat files of NIST's StRD, to be solved as well.",
)
@click.option("--implementation", "names", multiple=True, help="Only this implementation; may be repeated.")
@click.option("--seed", default=0, show_default=True, help="Of the generated data and of the orders of rows.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: environment, datasets, rows.")
@click.option(
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file to write, its format by its ending: .html (with figures), .md or .json; may be repeated.",
)
@click.option(
    "--from",
    "stored",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Show what was written to this .json file, and measure nothing.",
)
def command(
    *,
    strd: Path | None,
    names: tuple[str, ...],
    seed: int,
    as_json: bool,
    outputs: tuple[Path, ...],
    stored: Path | None,
) -> None:
    r"""Count the correct digits of every closed form, lrbench's and others', on one thread.

    The data sets: Longley, Norris and Wampler1 to 5 of NIST's Statistical Reference Datasets, the same divided by
    three, and generated ones with condition numbers from 1 to 1e14 and small and large residuals, each in 20 orders of
    its rows. The answers are held against the certified values, where there are some, and against the exact solution
    of the float64 problem; beside them stand the digits that theory expects.

    \b
    Examples:
      lrbench accuracy
      lrbench accuracy --implementation qr --implementation svd --json
      lrbench accuracy --strd nist/ --output accuracy.html --output accuracy.json
      lrbench accuracy --from accuracy.json --output accuracy.md

    \b
    Exit codes: 0 done, whatever the digits are; 2 bad usage or input.
    """
    from lrbench.accuracy.datasets import BadDataset

    _check_formats(outputs)
    if stored and (strd or names or as_json):
        message = "--from shows a stored result: --strd, --implementation and --json belong to a new one."
        raise click.UsageError(message)
    try:
        document = _read(stored) if stored else _measure(_chosen(names), strd, seed)
    except BadDataset as error:
        raise click.UsageError(str(error)) from None
    for output in outputs:
        write(output, _renderers()[output.suffix.lower()](document))
        click.echo(f"Written: {output}", err=True)
    if as_json:
        click.echo(_renderers()[".json"](document), nl=False)
    elif not outputs:
        from lrbench.report.accuracy import renderables

        print_tables(renderables(document), width=_WIDTH)


def _check_formats(outputs: Sequence[Path]) -> None:
    """Refuse, before anything is measured, what could not be written in the end."""
    for output in outputs:
        if output.suffix.lower() not in _renderers():
            message = f"{output}: no format has the ending '{output.suffix}'. Name the file with one of: {_FORMATS}"
            raise click.UsageError(message)
        if not output.parent.is_dir():
            message = f"{output.parent}: no such folder. Make it, or choose another --output."
            raise click.UsageError(message)


def _renderers() -> "Mapping[str, Callable[[Document], str]]":
    from lrbench.accuracy.document import dumps
    from lrbench.report import accuracy, accuracy_page

    return {".html": accuracy_page.render, ".md": accuracy.markdown, ".json": dumps}


def _chosen(names: Sequence[str]) -> "list[Implementation]":
    from lrbench.cli.selection import check_implementations, select_implementations
    from lrbench.problems import least_squares

    problem = least_squares.PROBLEM
    check_implementations(names, [problem])
    return [problem.implementation(name) for name in select_implementations(problem, names)]


def _measure(implementations: "Sequence[Implementation]", strd: Path | None, seed: int) -> "Document":
    from lrbench.accuracy.document import make_document
    from lrbench.accuracy.measuring import ask
    from lrbench.accuracy.processes import measure
    from lrbench.cli.progress import progress
    from lrbench.measure import environment

    questions = [ask(dataset) for dataset in _datasets(strd, seed)]
    n_rows = len(implementations) * sum(len(question.references) for question in questions)
    rows: list[Row] = []
    with progress("accuracy") as advance:
        for row in measure(implementations, questions, seed=seed):
            rows.append(row)
            advance(len(rows) / n_rows, f"{row.implementation} on {row.dataset}")
    place = {implementation.name: k for k, implementation in enumerate(implementations)}
    rows.sort(key=lambda row: place[row.implementation])  # they come as they are ready
    return make_document(environment.describe(), questions, rows)


def _datasets(strd: Path | None, seed: int) -> "list[Dataset]":
    """Return all data sets; those of files take the place of built-in ones of the same name."""
    from lrbench.accuracy.datasets import BadDataset, built_in, thirds
    from lrbench.accuracy.generated import sweep
    from lrbench.accuracy.strd import read_folder

    certified = {dataset.name.lower(): dataset for dataset in built_in()}
    read = read_folder(strd) if strd else ()
    for dataset in read:
        if sum(other.name.lower() == dataset.name.lower() for other in read) > 1:
            message = f"{strd}: two files have the data set name '{dataset.name}'. Take one out."
            raise BadDataset(message)
        certified[dataset.name.lower()] = dataset
    return [*certified.values(), *thirds(certified.values()), *sweep(seed)]


def _read(path: Path) -> "Document":
    """Return a document that was written before; click.UsageError if it is none."""
    from lrbench import documents
    from lrbench.accuracy.document import BadDocument, loads

    try:
        return loads(documents.read(path))
    except documents.BadDocument as error:
        reason = f"{path}: {error}."
    except BadDocument as error:
        reason = f"{path}: is no result of lrbench accuracy: {error}."
    message = f"{reason} Name a file that lrbench accuracy --output FILE.json has written."
    raise click.UsageError(message)
