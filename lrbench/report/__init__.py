"""Reports of what was measured: one file per format, each a pure function of a Report."""

import os
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from lrbench.comparisons import Report

_FORMATS = {".html": "html", ".md": "markdown", ".csv": "csv", ".json": "json"}


class UnknownFormat(ValueError):
    """No report has the format that a file's name asks for."""


def write_report(report: Report, path: Path) -> None:
    """Write a report in the format that the path's suffix names: .html, .md, .csv or .json.

    Errors: UnknownFormat for any other suffix; OSError as the file system gives it.
    """
    write_text(_renderer(path)(report), path)


def write_text(text: str, path: Path) -> None:
    """Write a file that appears whole or not at all: it is written beside its place and then moved there.

    Errors: OSError as the file system gives it.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:50]}.", dir=path.parent)
    try:
        # Lone surrogates stand for bytes that were no UTF-8 in what was read.
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o666 & ~_umask())  # mkstemp's own mode lets nobody else read
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _renderer(path: Path) -> Callable[[Report], str]:
    """Return the function that makes the text; its module, and what that needs, is imported only here."""
    if path.suffix.lower() not in _FORMATS:
        known = ", ".join(_FORMATS)
        message = f"{path}: no report has the format '{path.suffix}'. Name the file with one of: {known}"
        raise UnknownFormat(message)
    renderer: Callable[[Report], str] = import_module(f"{__name__}.{_FORMATS[path.suffix.lower()]}").render
    return renderer


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
