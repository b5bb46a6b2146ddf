"""The command line: one file a command, each read only when it is asked for.

Here and nowhere else in lrbench are arguments read and results printed.
"""

from importlib import import_module

import click

from lrbench import __version__

_FILES = {"list": "cases"}  # where a command's name cannot name its file: it would hide the builtin
_COMMANDS = {
    "run": "Measure side by side, print the tables, write the reports.",
    "report": "Make reports from any mix of results: lrbench, asv, pytest-benchmark.",
    "compare": "Say whether anything became slower, by exit code.",
    "list": "List problems, implementations and cases, and why one would be skipped.",
    "machine": "Show this machine, the libraries that measurements depend on, and its ceilings.",
    "experiment": "Answer the documents' questions about linear regression by measurement.",
    "scaling": "Measure least squares on files beyond memory: passes, workers, and a cost model.",
    "accuracy": "Count the correct digits of every closed form, on certified and generated data.",
    "languages": "Add two vectors in every language that is found here, by loops and at once.",
}


def _with_lines(command: click.Command) -> click.Command:
    """Return a command whose help keeps its lines where click's mark for that is spelt out, as in a raw docstring."""
    command.help = (command.help or "").replace("\\b\n", "\b\n")
    return command


class _Commands(click.Group):
    """A group that knows its commands by the names of their files, and describes them without reading those."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002  (click's signature)
        if name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"lrbench.cli.{_FILES.get(name, name)}").command
        return _with_lines(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  (likewise)
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="lrbench")
def main() -> None:
    r"""Benchmark linear regression and vector addition: checked first, then timed side by side.

    \b
    Examples:
      lrbench run --quick                 the smallest size of every problem, in a minute or two
      lrbench run --problem least_squares --threads 1,2
      lrbench run --data houses.csv --target price
      lrbench report results --output report.html
      lrbench COMMAND --help              options and examples of one command

    \b
    Exit codes: 0 done; 1 an implementation failed or was refused; 2 bad usage or input;
    130 interrupted (what was measured is kept, and the same command goes on).
    """


_with_lines(main)
