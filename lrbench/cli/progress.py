"""Progress of long work on standard error: a bar on a terminal, plain lines elsewhere."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

_LINE_EVERY_S = 15.0

Advance = Callable[[float, str], None]  # (share of the work that is done now, what comes next)


@contextlib.contextmanager
def progress(title: str) -> Iterator[Advance]:
    """Show how far work has come; the context's value is called with the share done and what is at hand."""
    from rich.console import Console

    console = Console(stderr=True)
    with _bar(console, title) if console.is_terminal else _lines(title) as advance:
        yield advance


@contextlib.contextmanager
def _bar(console: "Console", title: str) -> Iterator[Advance]:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, TextColumn("[dim]{task.fields[now]}"), console=console, transient=True) as bar:
        task = bar.add_task(title, total=1.0, now="")

        def advance(share: float, now: str) -> None:
            bar.update(task, completed=min(share, 1.0), now=now)

        yield advance


@contextlib.contextmanager
def _lines(title: str) -> Iterator[Advance]:
    start = last = time.monotonic()

    def advance(share: float, now: str) -> None:
        nonlocal last
        passed = time.monotonic() - start
        if time.monotonic() - last >= _LINE_EVERY_S and share > 0.0:
            last = time.monotonic()
            left = duration(passed / share * max(0.0, 1.0 - share))
            click.echo(f"{title}: {100 * share:.0f} %, about {left} to go; {now}", err=True)

    yield advance


def duration(seconds: float) -> str:
    """Return a duration for people: 8 s, 1 min 20 s, 12 min."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if minutes < 10 and rest else f"{minutes + (rest >= 30)} min"  # noqa: PLR2004  (style)
