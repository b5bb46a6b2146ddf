"""What commands write into files and print as tables."""

import contextlib
import errno
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

_FOLDER = "Choose a folder that exists and can be written."
_SPACE = "Free some space there, or choose another place."
_ADVICE = {
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EROFS), _FOLDER),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), _SPACE),
    errno.EFBIG: "Raise the limit of a file's size (ulimit -f), or choose another place.",
}


def make_folder(folder: Path) -> None:
    """Make a folder before anything is measured that could not be written in the end; click.UsageError otherwise."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder}: {error.strerror}. Choose another --output."
        raise click.UsageError(message) from None


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system refuses while a path is written into a click.UsageError.

    It names the path as the user gave it: the system names a file that is moved there later, or none.
    """
    try:
        yield
    except OSError as error:
        message = f"{path}: {error.strerror or error}. {_ADVICE.get(error.errno or 0, 'Choose another place.')}"
        raise click.UsageError(message) from None


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all; click.UsageError if it cannot be."""
    from lrbench.results import write_whole

    with writing(path):
        write_whole(path, text)


def print_tables(parts: Iterable[Any], *, width: int) -> None:
    """Print what rich renders, in lines of so many columns where the output is no terminal."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=width)
    for part in parts:
        console.print(part)
