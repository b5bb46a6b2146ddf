"""lrbench machine: what the measurements depend on."""

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: environment, ceilings.")
def command(*, as_json: bool) -> None:
    r"""Show this machine, and the libraries that measurements depend on.

    \b
    Examples:
      lrbench machine
      lrbench machine --json
    """
    from lrbench.measure import environment

    found = environment.describe()
    if as_json:
        click.echo(json.dumps({"environment": found, "ceilings": []}, indent=2, allow_nan=False))
        return
    width = max(len(name) for name in found)
    for name, value in found.items():
        click.echo(f"{name.replace('_', ' '):<{width}}  {'unknown' if value is None else value}")
