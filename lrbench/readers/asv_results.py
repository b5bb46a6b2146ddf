"""A results folder of asv, file format 2: one file per machine, commit and environment.

`time_*`, `timeraw_*`, `track_digits*` and `peakmem_*` of one case are merged by the case's id. asv times one benchmark
after another, so its times are never paired. Benchmarks whose parameter is no case id stand under their own name.
Benchmarks of other kinds are counted in a remark.
"""

import ast
import itertools
import math
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lrbench.readers.document import MOST_CASES, amount, ends, expect, is_nan, number, text
from lrbench.results import BadRecord, Measurement, Side, shortened

SOURCE = "asv"
VERSION = 2
_NOT_RESULTS = ("machine.json", "benchmarks.json")
_KINDS = ("time_", "timeraw_", "track_digits", "peakmem_")
_MOST_AXES = 50
_LONGEST_LITERAL = 10_000  # characters; a longer parameter is shown as it is written
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS")

CaseId = tuple[str, str, str]  # problem, size, implementation


def recognises(document: Any) -> bool:
    """Return whether a JSON document is a result file of asv."""
    return isinstance(document, dict) and "result_columns" in document and "results" in document


def result_files(folder: Path) -> list[Path]:
    """Return the result files of a results folder, or of one machine's folder in it; an empty list for others."""
    one = folder / "machine.json"
    folders = [folder] if one.is_file() else [machine.parent for machine in sorted(folder.glob("*/machine.json"))]
    return [path for found in folders for path in sorted(found.glob("*.json")) if path.name not in _NOT_RESULTS]


def read(path: Path, document: Mapping[str, Any]) -> tuple[list[Measurement], list[str]]:
    """Return one measurement for each problem and size of a result file, and remarks."""
    if document.get("version") != VERSION:
        message = f"{path}: format {document.get('version')!r:.20} of asv's results; {VERSION} is what can be read."
        raise BadRecord(message)
    columns = expect(document["result_columns"], list, f"{path}: field 'result_columns'")
    results = expect(document["results"], dict, f"{path}: field 'results'")
    merged: dict[CaseId, dict[str, Any]] = {}
    others: list[str] = []
    unknown: list[str] = []
    left = MOST_CASES
    for name, values in results.items():
        where = f"{path}: results['{name:.80}']"
        kind = next((kind for kind in _KINDS if name.rpartition(".")[2].startswith(kind)), "")
        if not kind:
            others.append(name)
            continue
        named = dict(zip(map(str, columns), expect(values, list, where), strict=False))
        axes = _axes(named, where)
        left -= _count(named, axes, where, most=left)
        for case_id, fields in _cases(name, kind, named, axes, where):
            if None in fields.values():
                unknown.append(name)
                continue
            merged.setdefault(case_id, {}).update(fields)
    whole = [fields for fields in merged.values() if not _subtract_twin(fields)]
    remarks = [f"{SOURCE} records the peak memory of a whole process, not that of a call alone."] if whole else []
    if others:
        remarks.append(f"{SOURCE}: {len(others)} benchmarks that are no times are left out, such as {others[0]:.100}.")
    if unknown:
        remarks.append(
            f"{SOURCE}: {len(unknown)} digits or sizes of memory that are no possible numbers are left out, "
            f"such as one of {unknown[0]:.100}."
        )
    return _measurements(merged, _environment(document), _threads(document)), remarks


def _axes(named: Mapping[str, Any], where: str) -> list[list[str]]:
    """Return the values of each of a benchmark's parameters, as they are shown."""
    axes = expect(named.get("params") or [], list, f"{where}: params")
    if len(axes) > _MOST_AXES:
        message = f"{where}: {len(axes)} parameters; at most {_MOST_AXES} are read."
        raise BadRecord(message)
    return [[_literal(value) for value in expect(axis, list, f"{where}: params")] for axis in axes]


def _count(named: Mapping[str, Any], axes: Sequence[Sequence[str]], where: str, *, most: int) -> int:
    """Return of how many combinations of parameters a benchmark tells; BadRecord if its results are not as many."""
    count, result = math.prod(len(axis) for axis in axes), named.get("result")
    if count > most:
        message = f"{where}: a file of more than {MOST_CASES} combinations of parameters. Give a smaller one."
        raise BadRecord(message)
    if result is not None and len(expect(result, list, f"{where}: result")) != count:
        message = f"{where}: {len(result)} results stand for {count} combinations of parameters."
        raise BadRecord(message)
    return count


def _cases(
    name: str, kind: str, named: Mapping[str, Any], axes: Sequence[Sequence[str]], where: str
) -> Iterator[tuple[CaseId, dict[str, Any]]]:
    """Yield each case of one benchmark with what the benchmark says of it; None in place of a number is unknown."""
    result = named.get("result")
    for i, parameters in enumerate(itertools.product(*axes)):
        value = None if result is None else result[i]
        case_id = _case_id(name, parameters)
        if kind.startswith("time"):
            yield case_id, _timed(value, named, i, f"{where}: result[{i}]")
        elif value is not None and not is_nan(value):
            yield case_id, _tracked(name, kind, amount(value))


def _tracked(name: str, kind: str, value: float | None) -> dict[str, float | None]:
    """Return the field of a side that a benchmark's number is for; None in it where it is no possible number."""
    if kind == "track_digits":
        return {"digits": value}
    field = "idle_bytes" if name.endswith(".peakmem_nothing") else "peak_memory_bytes"
    return {field: None if value is not None and value < 0 else value}


def _subtract_twin(fields: dict[str, Any]) -> bool:
    """Make a process's peak memory that of the call, by a twin that does nothing; False where there is no twin."""
    idle = fields.pop("idle_bytes", None)
    if idle is None or "peak_memory_bytes" not in fields:
        return "peak_memory_bytes" not in fields
    fields["peak_memory_bytes"] = max(0.0, fields["peak_memory_bytes"] - idle)
    return True


def _literal(parameter: Any) -> str:
    """Return the parameter that a repr stands for, if it is a string's; else the text itself. Nothing is run."""
    shown = parameter if isinstance(parameter, str) else repr(parameter)[:300]
    if len(shown) <= _LONGEST_LITERAL and re.fullmatch(r"(?s)'.*'|\".*\"", shown):
        try:
            with warnings.catch_warnings():  # an unknown escape is worth none
                warnings.simplefilter("ignore")
                return shortened(str(ast.literal_eval(shown)))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            pass
    return shortened(shown)


def _case_id(name: str, parameters: Sequence[str]) -> CaseId:
    parts = parameters[0].split("/") if len(parameters) == 1 else []
    if len(parts) == 3 and all(parts):  # noqa: PLR2004  (problem, size, implementation)
        return parts[0], parts[1], parts[2]
    return shortened(name), "", shortened(", ".join(parameters) or name.rpartition(".")[2])


def _timed(value: Any, named: Mapping[str, Any], i: int, where: str) -> dict[str, Any]:
    """Return the fields of a side from one result of a time benchmark: its samples where they were recorded."""
    version = text(named.get("version"))
    if is_nan(value):
        return {"status": "skipped", "reason": "skipped by the benchmark", "version": version}
    if value is None:
        return {"status": "failed", "reason": "asv recorded no result", "version": version}
    if value in (math.inf, -math.inf):
        return {"status": "failed", "reason": "asv recorded no finite time", "version": version}
    median = number(value, where)
    calls = max(1, int(number(_entry(named, "stats_number", i, where) or 1, f"{where}: stats_number")))
    samples = _entry(named, "samples", i, where)
    times, repeats = [median], _entry(named, "stats_repeat", i, where)
    if samples:
        times = [number(sample, f"{where}: samples") for sample in expect(samples, list, f"{where}: samples")]
    return {
        "status": "ok",
        "number": calls,
        "epochs_s": tuple(time * calls for time in times),
        "rounds": tuple(range(len(times))),
        "interval_s": _ends(named, ("stats_ci_99_a", "stats_ci_99_b"), i, median, where),
        "version": version,
        # Without --record-samples a median and its quartiles are all that there is; of one sample it is that sample.
        "is_summary": not samples and repeats != 1,
        "quartiles_s": () if samples else _ends(named, ("stats_q_25", "stats_q_75"), i, median, where),
    }


def _ends(named: Mapping[str, Any], columns: tuple[str, str], i: int, median: float, where: str) -> tuple[float, ...]:
    """Return what asv states about its median: a 99 % interval, quartiles; nothing where it lacks an end."""
    low, high = (_entry(named, column, i, where) for column in columns)
    # asv's interval of few samples may reach below nothing, which no time does.
    below_nothing = isinstance(low, int | float) and -math.inf < low < 0
    return ends(0 if below_nothing else low, high, around=median)


def _entry(named: Mapping[str, Any], column: str, i: int, where: str) -> Any:
    """Return the i-th entry of a column; None where the column is absent, as asv writes an empty one."""
    values = named.get(column)
    if values is None:
        return None
    found = expect(values, list, f"{where}: {column}")
    return found[i] if i < len(found) else None


def _measurements(
    merged: Mapping[CaseId, dict[str, Any]], environment: Mapping[str, Any], threads: int
) -> list[Measurement]:
    places: dict[tuple[str, str, str], list[Side]] = {}
    for (problem, size, implementation), fields in merged.items():
        version = fields.pop("version", None)
        known = {"status": "not run", "reason": "asv has no time for it"} if version is None else {}
        side = Side(implementation, "", "", **{**known, **fields})
        places.setdefault((problem, size, version or ""), []).append(side)
    return [
        Measurement(problem, size, threads, 0, tuple(sides), environment, source=SOURCE, paired=False, version=version)
        for (problem, size, version), sides in places.items()
    ]


def _environment(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of machine, libraries and commit, under lrbench's own names."""
    params = document.get("params")
    requirements = document.get("requirements")
    params, requirements = (part if isinstance(part, dict) else {} for part in (params, requirements))
    named = {
        "machine": params.get("machine"),
        "system": params.get("os"),
        "cpu": params.get("cpu"),
        "cores": params.get("num_cpu"),
        "python": document.get("python"),
        "numpy": requirements.get("numpy"),
        "numba": requirements.get("numba"),
        "commit": document.get("commit_hash"),
        "commit_date": _date(document),
        "environment_name": document.get("env_name"),
    }
    return {name: value for name, value in named.items() if text(value)}


def _threads(document: Mapping[str, Any]) -> int:
    """Return the number of threads that asv's environment sets for the libraries; 0 where it sets none."""
    variables = document.get("env_vars")
    variables = variables if isinstance(variables, dict) else {}
    given = sorted({text(variables.get(name)) for name in _THREADS} - {""})
    return int(given[0]) if len(given) == 1 and re.fullmatch(r"[0-9]{1,4}", given[0]) else 0


def _date(document: Mapping[str, Any]) -> str | None:
    """Return the date of a result's commit, which asv keeps in milliseconds."""
    try:
        return datetime.fromtimestamp(document["date"] / 1000, UTC).isoformat()
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
