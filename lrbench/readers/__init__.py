"""Files that lrbench, asv or pytest-benchmark wrote, read as measurements: one file per format.

What is read is data from anywhere: nothing in it is run, and damage is a BadRecord that names file and place.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from lrbench.readers import asv_results, languages, lrbench_lines, pytest_benchmark
from lrbench.readers.document import is_there, load, resolved, text, unreadable
from lrbench.results import BadRecord, Measurement

LINES = "measurements.jsonl"
LANGUAGES = "languages.json"


def read(paths: Iterable[Path]) -> tuple[list[Measurement], list[str]]:
    """Return the measurements in some files and folders, and what a reader should be told about them.

    A path is a folder of lrbench, its measurements.jsonl or languages.json, a results folder of asv or one file in it,
    or the JSON of pytest-benchmark. A path given twice is read once.
    Errors: BadRecord for what is missing, damaged, or of no known format.
    """
    measurements: list[Measurement] = []
    remarks: list[str] = []
    seen: set[Path] = set()
    for path in paths:
        files = [file for file in _files(Path(path)) if resolved(file) not in seen]
        seen |= {resolved(file) for file in files}
        found = [_of_file(file) for file in files]
        remarks += [f"{file}: holds no measurement." for file, (here, _) in zip(files, found, strict=True) if not here]
        # asv names its files by commit, which is no order; the date is in the file.
        found.sort(key=lambda pair: text(pair[0][0].environment.get("commit_date")) if pair[0] else "")
        measurements += [measurement for here, _ in found for measurement in here]
        remarks += [remark for _, told in found for remark in told]
    return measurements, list(dict.fromkeys(remarks))


def _files(path: Path) -> list[Path]:
    """Return the files that a path stands for; BadRecord where the system does not tell what is there."""
    try:
        return _found(path)
    except OSError as error:
        raise unreadable(path, error) from None


def _found(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    if own := [path / name for name in (LINES, LANGUAGES) if is_there(path / name)]:
        return own
    for folder in (path, path / "results"):  # asv's .asv folder is as good as the results in it
        files = asv_results.result_files(folder)
        if files:
            return files
    message = f"{path}: has neither {LINES} nor results of asv. Give the folder that `lrbench run` wrote to."
    raise BadRecord(message)


def _of_file(path: Path) -> tuple[list[Measurement], list[str]]:
    """Return the measurements in a file, which tell of which they are, and what is to be told of it."""
    measurements, remarks = _read_file(path)
    origin = str(resolved(path))
    return [replace(measurement, origin=origin) for measurement in measurements], remarks


def _read_file(path: Path) -> tuple[list[Measurement], list[str]]:
    if path.suffix == ".jsonl":
        return lrbench_lines.read(path)
    document = load(path)
    if pytest_benchmark.recognises(document):
        return pytest_benchmark.read(path, document)
    if languages.recognises(document):
        return languages.read(path, document)
    if asv_results.recognises(document):
        return asv_results.read(path, document)
    message = (
        f"{path}: neither a result file of asv nor the JSON of pytest-benchmark or of lrbench languages. "
        f"Give one of them, a folder with {LINES}, or a results folder of asv."
    )
    raise BadRecord(message)
