"""What commands write into files and print as tables."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click


def make_folder(folder: Path) -> None:
    """Make a folder before anything is measured that could not be written in the end; click.UsageError otherwise."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder}: {error.strerror}. Choose another --output."
        raise click.UsageError(message) from None


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all; click.UsageError if it cannot be."""
    from lrbench.results import write_whole

    try:
        write_whole(path, text)
    except OSError as error:
        message = f"{error.filename}: {error.strerror}. Choose a folder that exists and can be written."
        raise click.UsageError(message) from None


def print_tables(parts: Iterable[Any], *, width: int) -> None:
    """Print what rich renders, in lines of so many columns where the output is no terminal."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=width)
    for part in parts:
        console.print(part)
