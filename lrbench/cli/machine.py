"""lrbench machine: what the measurements depend on, and the most that can be had."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from lrbench.results import Ceiling

SWEEPS = 3  # processes for each thread count: on virtual machines the ceilings move


@click.command()
@click.option("--threads", help="Thread counts, such as 1,2.  [default: 1 and all]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: environment, ceilings.")
def command(*, threads: str | None, as_json: bool) -> None:
    r"""Show this machine, the libraries that measurements depend on, and its ceilings.

    A ceiling is the most that the machine was seen to do: bytes/s when reading, when adding with ordinary stores
    (24 bytes an element) and with streaming ones, at working sets from the first cache to memory, and flop/s of a
    large matrix product.

    \b
    Examples:
      lrbench machine
      lrbench machine --threads 1 --json
    """
    from lrbench.cli.progress import progress
    from lrbench.cli.selection import parse_threads
    from lrbench.comparisons import ceiling_rows
    from lrbench.measure import environment
    from lrbench.measure.processes import WorkerFailed
    from lrbench.measure.runner import find_ceilings

    cores = len(environment.allowed_cpus())
    counts = parse_threads(threads or "1,all", cores)
    found: list[Ceiling] = []
    with progress("ceilings") as advance:
        for sweep in range(SWEEPS):
            for place, count in enumerate(counts):
                advance((sweep * len(counts) + place) / (SWEEPS * len(counts)), f"{count} threads")
                try:
                    found += find_ceilings(count)
                except WorkerFailed as error:
                    raise click.ClickException(str(error)) from None
    ceilings, described = ceiling_rows(found), environment.describe()
    if as_json:
        click.echo(json.dumps({"environment": described, "ceilings": ceilings}, indent=1, allow_nan=False))
        return
    width = max(len(name) for name in described)
    for name, value in described.items():
        click.echo(f"{name.replace('_', ' '):<{width}}  {'unknown' if value is None else value}")
    _show(ceilings)


def _show(ceilings: tuple[Mapping[str, Any], ...]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for name in ("ceiling", "threads", "working set", "median", "lowest", "highest", "unit"):
        table.add_column(name, justify="left" if name in ("ceiling", "unit") else "right")
    for row in ceilings:
        working_set = f"{row['working_set_bytes'] / 1e6:g} MB" if row["working_set_bytes"] else ""
        values = [f"{row[name] / 1e9:.1f}" for name in ("value", "low", "high")]
        unit = "Gflop/s" if row["kind"] == "flops" else "GB/s"
        table.add_row(row["kind"].replace("_", " "), str(row["threads"]), working_set, *values, unit)
    click.echo()
    Console().print(table)
