"""lrbench experiment: the documents' questions, answered by measurement."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lrbench.cli.output import make_folder, print_tables, write

if TYPE_CHECKING:
    from lrbench.cli.progress import Advance
    from lrbench.experiments.document import Document
    from lrbench.experiments.findings import Setting

_WIDTH = 100  # columns of a line in a file or a pipe
_STEM = "experiments"


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "every", is_flag=True, help="All of them, in order; under 6 minutes.")
@click.option("--quick", is_flag=True, help="Fewer repetitions and smaller data: for a look.")
@click.option("--seed", default=0, show_default=True, help="Of all data, orders and starting points.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write experiments.html (with figures), experiments.md and experiments.json there.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: environment, seed, experiments.")
@click.option("--list", "listed", is_flag=True, help="List names and questions, and run nothing.")
def command(
    *, names: tuple[str, ...], every: bool, quick: bool, seed: int, output: Path | None, as_json: bool, listed: bool
) -> None:
    r"""Answer a question about linear regression by measurement, with figures.

    \b
    Examples:
      lrbench experiment --list
      lrbench experiment loss_choice --output answers
      lrbench experiment --all --seed 7 --output answers
      lrbench experiment best_constant absolute_noise --json

    \b
    Exit codes: 0 done; 1 an experiment failed (the others are there all the same); 2 bad usage;
    130 interrupted.
    """
    from lrbench.experiments import EXPERIMENTS, load

    if listed:
        for name in EXPERIMENTS:
            click.echo(f"{name:30} {load(name).QUESTION}")
        return
    chosen = _chosen(names, every=every)
    if seed < 0:
        message = f"--seed is {seed}. Give 0 or more."
        raise click.UsageError(message)
    if output:
        make_folder(output)
    document = _run(chosen, seed, quick=quick)
    if output:
        _write(document, output)
    if as_json:
        from lrbench.experiments.document import dumps

        click.echo(dumps(document), nl=False)
    else:
        from lrbench.report.experiments import renderables

        print_tables(renderables(document), width=_WIDTH)
    if output:
        click.echo(f"Written: {output / f'{_STEM}.html'}", err=as_json)
    if any(experiment["status"] != "ok" for experiment in document["experiments"]):
        raise SystemExit(1)


def _chosen(names: Sequence[str], *, every: bool) -> tuple[str, ...]:
    import difflib

    from lrbench.experiments import EXPERIMENTS

    if every == bool(names):
        message = "Name one experiment or more, or give --all, not both. See them with: lrbench experiment --list"
        raise click.UsageError(message)
    for name in names:
        if name not in EXPERIMENTS:
            nearest = difflib.get_close_matches(name, EXPERIMENTS, n=1, cutoff=0.0)[0]
            message = f"No experiment '{name}'. Nearest: '{nearest}'. See them with: lrbench experiment --list"
            raise click.UsageError(message)
    return EXPERIMENTS if every else tuple(dict.fromkeys(names))


def _run(names: Sequence[str], seed: int, *, quick: bool) -> "Document":
    from lrbench.cli.progress import progress
    from lrbench.experiments.document import make_document
    from lrbench.experiments.findings import Setting
    from lrbench.measure import environment

    entries = []
    with progress("experiments") as advance:
        for k, name in enumerate(names):
            entries.append(_run_one(name, Setting(seed, quick, _part(advance, k, len(names), name))))
    return make_document(environment.describe(), seed, entries)


def _part(advance: "Advance", k: int, count: int, name: str) -> "Advance":
    """Return what one experiment of many tells its progress to."""
    return lambda share, now: advance((k + min(share, 1.0)) / count, f"{name}: {now}")


def _run_one(name: str, setting: "Setting") -> dict[str, Any]:
    """Return an experiment's entry; whatever it raises becomes its reason, and the others go on."""
    from lrbench.experiments import load
    from lrbench.experiments.document import entry, failure

    module = load(name)
    setting.advance(0.0, "begins")
    start = time.monotonic()
    try:
        found = module.run(setting)
    except Exception as error:  # noqa: BLE001  (an experiment may fail in any way)
        reason = f"{type(error).__name__}: {error}"
        return failure(name, module.QUESTION, reason, seconds=round(time.monotonic() - start, 1))
    return entry(name, module.QUESTION, found, seconds=time.monotonic() - start)


def _write(document: "Document", folder: Path) -> None:
    from lrbench.experiments.document import dumps
    from lrbench.report import experiments, experiments_page

    texts: Mapping[str, str] = {
        ".json": dumps(document),
        ".md": experiments.markdown(document),
        ".html": experiments_page.render(document),
    }
    for ending, text in texts.items():
        write(folder / f"{_STEM}{ending}", text)
