"""Reports of what was measured: one file per format, each a pure function of a Report."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from lrbench.comparisons import Report
from lrbench.results import write_whole

_FORMATS = {".html": "html", ".md": "markdown", ".csv": "csv", ".json": "json"}


class UnknownFormat(ValueError):
    """No report has the format that a file's name asks for."""


def write_report(report: Report, path: Path) -> None:
    """Write a report in the format that the path's suffix names: .html, .md, .csv or .json.

    The file appears whole or not at all.
    Errors: UnknownFormat for any other suffix; OSError as the file system gives it.
    """
    write_whole(path, _renderer(path)(report))


def _renderer(path: Path) -> Callable[[Report], str]:
    """Return the function that makes the text; its module, and what that needs, is imported only here."""
    check_format(path)
    renderer: Callable[[Report], str] = import_module(f"{__name__}.{_FORMATS[path.suffix.lower()]}").render
    return renderer


def check_format(path: Path) -> None:
    """Raise UnknownFormat for a path whose suffix names no format of a report."""
    if path.suffix.lower() not in _FORMATS:
        known = ", ".join(_FORMATS)
        message = f"{path}: no report has the format '{path.suffix}'. Name the file with one of: {known}"
        raise UnknownFormat(message)
