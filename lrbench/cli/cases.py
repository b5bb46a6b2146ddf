"""lrbench list: what there is to measure."""

import json

import click

from lrbench.cli.output import print_tables
from lrbench.registry import Case, all_cases, missing_packages


@click.command()
@click.option("--problem", "problems", multiple=True, help="Only this problem; may be repeated.")
@click.option("--histories", is_flag=True, help="Only what asv keeps histories of: no peers, no further targets.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: cases.")
def command(*, problems: tuple[str, ...], histories: bool, as_json: bool) -> None:
    r"""List problems, implementations and cases, and why one would be skipped.

    \b
    Examples:
      lrbench list
      lrbench list --problem least_squares
      lrbench list --json
      lrbench list --json --histories > benchmarks/cases.json      after a change of the registry
    """
    from lrbench.cli.selection import select_problems

    chosen = all_cases(select_problems(problems))
    cases = [_described(case) for case in chosen if not histories or _has_history(case)]
    if as_json:
        lines = ",\n  ".join(json.dumps(case) for case in cases)
        click.echo(f'{{"cases": [\n  {lines}\n]}}')
        return
    _show(cases)


def _has_history(case: Case) -> bool:
    """Return whether a case tells of this project's commits, and nothing that another tells as well."""
    return case.problem.quick and not case.implementation.is_peer


def _described(case: Case) -> dict[str, str | bool]:
    missing = missing_packages(case.implementation)
    reason = missing or (f"not run: {case.too_slow}" if case.too_slow else "")
    return {
        "id": case.id,
        "problem": case.problem.name,
        "size": case.size,
        "implementation": case.implementation.name,
        "algorithm": case.implementation.algorithm,
        "available": not reason,
        "reason": reason,
    }


def _show(cases: list[dict[str, str | bool]]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table("case", "algorithm", "skipped because", box=None, pad_edge=False)
    for case in cases:
        table.add_row(*(Text(str(case[key])) for key in ("id", "algorithm", "reason")))  # [peers] is no markup
    print_tables([table], width=200)
