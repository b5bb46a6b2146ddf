"""lrbench languages: vector addition in every language that is found here."""

import difflib
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrbench.cli.output import make_folder, print_tables, write

if TYPE_CHECKING:
    from lrbench.cli.progress import Advance
    from lrbench.languages.document import Document
    from lrbench.languages.programs import Program

_WIDTH = 150  # columns of a line in a file or a pipe
_LARGEST = 1_000_000_000


@click.command()
@click.option("--only", "names", multiple=True, metavar="NAME", help="Only this one, such as fortran; may be repeated.")
@click.option(
    "--size", "sizes", multiple=True, type=int, metavar="N", help="Elements; may be repeated.  [default: 10 to 10^7]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: environment, ceilings, rows, fits.")
@click.option(
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file to write, its format by its ending (.html, .md, .json), or a folder for all of them; may be repeated.",
)
def command(*, names: tuple[str, ...], sizes: tuple[int, ...], as_json: bool, outputs: tuple[Path, ...]) -> None:
    r"""Add two vectors in every language that is found here: coordinate by coordinate, and at once.

    Each is a small program, built here where it has to be, started anew for each method and size, and checked: a sum
    that is wrong, a crash or a hang is a failed row. What is not installed is skipped, with the package to install.

    \b
    Examples:
      lrbench languages
      lrbench languages --only c --only fortran --size 10000 --json
      lrbench languages --output results

    \b
    Exit codes: 0 done, whatever was skipped; 1 a program failed; 2 bad usage or input.
    """
    from lrbench.languages.runner import SIZES

    chosen = _chosen(names)
    _check_sizes(sizes)
    files = [file for output in outputs for file in _files(output)]
    document = _measure(chosen, sorted(set(sizes)) or SIZES, asked={name.casefold() for name in names})
    for file in files:
        write(file, _renderers()[file.suffix.lower()](document))
        click.echo(f"Written: {file}", err=True)
    if as_json:
        click.echo(_renderers()[".json"](document), nl=False)
    elif not outputs:
        from lrbench.report.languages import renderables

        print_tables(renderables(document), width=_WIDTH)
    if any(row["status"] == "failed" for row in document["rows"]):
        raise SystemExit(1)


def _chosen(names: Sequence[str]) -> "list[Program]":
    from lrbench.languages.known import PROGRAMS

    known = {name.casefold(): program.name for program in PROGRAMS for name in (program.name, program.language)}
    for name in names:
        if name.casefold() not in known:
            nearest = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.0)[0]
            listed = ", ".join(dict.fromkeys(program.name for program in PROGRAMS))
            message = f"No language '{name}'. Nearest: '{nearest}'. All: {listed}"
            raise click.UsageError(message)
    asked = {name.casefold() for name in names}
    return [p for p in PROGRAMS if not names or asked & {p.name.casefold(), p.language.casefold()}]


def _check_sizes(sizes: Sequence[int]) -> None:
    for size in sizes:
        if not 1 <= size <= _LARGEST:
            message = f"--size {size} lies outside 1 to {_LARGEST}."
            raise click.UsageError(message)


def _files(output: Path) -> list[Path]:
    """Return the files that an output means, before anything is measured; a folder is made if need be."""
    if output.suffix and not output.is_dir():
        if output.suffix.lower() not in _renderers():
            known = ", ".join(_renderers())
            message = f"{output}: no format has the ending '{output.suffix}'. Name the file with one of: {known}"
            raise click.UsageError(message)
        if not output.parent.is_dir():
            message = f"{output.parent}: no such folder. Make it, or choose another --output."
            raise click.UsageError(message)
        return [output]
    make_folder(output)
    return [output / f"languages{suffix}" for suffix in _renderers()]


def _renderers() -> "Mapping[str, Callable[[Document], str]]":
    from lrbench.languages.document import dumps
    from lrbench.report import languages, languages_page

    return {".html": languages_page.render, ".md": languages.markdown, ".json": dumps}


def _measure(programs: "Sequence[Program]", sizes: Sequence[int], *, asked: Collection[str]) -> "Document":
    """Return what a run finds. asked: the names of programs that may be installed for it."""
    from lrbench.cli.progress import progress
    from lrbench.comparisons import ceiling_rows
    from lrbench.languages.document import make_document
    from lrbench.languages.runner import measure
    from lrbench.measure import environment

    with progress("languages") as advance:
        _install([program for program in programs if program.name in asked], advance)
        rows, ceilings = measure(programs, sizes, advance=advance)
    return make_document(environment.describe(), ceiling_rows(ceilings), rows)


def _install(programs: "Sequence[Program]", advance: "Advance") -> None:
    """Get what programs need that were asked for by name; click.ClickException, with the reason, where it cannot."""
    from lrbench.languages.programs import Missing

    for program in programs:
        if program.install:
            advance(0.0, f"installing {program.name}")
            try:
                program.install()
            except Missing as error:
                raise click.ClickException(str(error)) from None
