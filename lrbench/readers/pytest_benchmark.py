"""The JSON of pytest-benchmark. It times one test after another, so its times are never paired."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lrbench.readers.document import MOST_CASES, amount, ends, expect, number, text
from lrbench.results import BadRecord, Measurement, Side

SOURCE = "pytest-benchmark"

# What of extra_info is read as a number, and what it is called where it is none: other projects write there, too.
_NO_NUMBER = {"threads": "no number of threads", "digits": "no number"}

Place = tuple[str, str, int]  # problem, size, threads


def recognises(document: Any) -> bool:
    """Return whether a JSON document is one of pytest-benchmark."""
    return isinstance(document, dict) and "benchmarks" in document and "machine_info" in document


def read(path: Path, document: Mapping[str, Any]) -> tuple[list[Measurement], list[str]]:
    """Return one measurement for each problem and size; tests that name neither stand under their group."""
    sides: dict[Place, dict[str, Side]] = {}
    benchmarks = expect(document["benchmarks"], list, f"{path}: field 'benchmarks'")
    if len(benchmarks) > MOST_CASES:
        message = f"{path}: {len(benchmarks)} benchmarks; at most {MOST_CASES} are read of one file."
        raise BadRecord(message)
    met: Counter[tuple[Place, str]] = Counter()
    unknown: Counter[str] = Counter()
    for i, entry in enumerate(benchmarks):
        where = f"{path}: benchmarks[{i}]"
        benchmark = expect(entry, dict, where)
        place, side = _side(benchmark, unknown, where)
        found = sides.setdefault(place, {})
        name = _distinct(side.implementation, text(benchmark.get("fullname")), found, met, place)
        found[name] = replace(side, implementation=name)
    environment = _environment(document)
    started = text(document.get("datetime"))
    measurements = [
        Measurement(
            problem, size, threads, 0, tuple(found.values()), environment, source=SOURCE, paired=False, started=started
        )
        for (problem, size, threads), found in sides.items()
    ]
    return measurements, [_unknown_text(path, name, unknown[name]) for name in _NO_NUMBER if unknown[name]]


def _distinct(
    name: str, full_name: str, taken: Mapping[str, Side], met: Counter[tuple[Place, str]], place: Place
) -> str:
    """Return a name that is not taken: of tests of one name the second has its full name, the next a count."""
    if name not in taken:
        return name
    if full_name and full_name not in taken:
        return full_name
    while True:
        met[place, name] += 1
        counted = f"{name} ({met[place, name] + 1})"
        if counted not in taken:
            return counted


def _unknown_text(path: Path, name: str, count: int) -> str:
    were = f"{count} benchmark{'' if count == 1 else 's'} is {_NO_NUMBER[name]}"
    return f"{path}: extra_info '{name}' of {were}; it is left out."


def _notes(extra: Mapping[str, Any], unknown: Counter[str]) -> tuple[int, float | None]:
    """Return threads, 0 for unknown, and digits from extra_info; what is there and no such number is counted."""
    threads, digits = (amount(extra.get(name)) for name in _NO_NUMBER)
    threads = None if threads is not None and threads < 0 else threads
    unknown.update(
        name for name, found in zip(_NO_NUMBER, (threads, digits), strict=True) if found is None and name in extra
    )
    return int(threads or 0), digits


def _side(benchmark: Mapping[str, Any], unknown: Counter[str], where: str) -> tuple[Place, Side]:
    extra = expect(benchmark.get("extra_info", {}), dict, f"{where}: field 'extra_info'")
    name = text(benchmark.get("name")) or "unnamed"
    problem = text(extra.get("problem")) or text(benchmark.get("group")) or SOURCE
    threads, digits = _notes(extra, unknown)
    number_of_calls, times, stated = _times(benchmark, where)
    side = Side(
        implementation=text(extra.get("implementation")) or name,
        algorithm=text(extra.get("algorithm")),
        baseline="",
        status="ok" if times else "failed",
        reason="" if times else "no time was recorded",
        digits=digits,
        number=number_of_calls,
        epochs_s=tuple(time * number_of_calls for time in times),
        rounds=tuple(range(len(times))),
        **stated,
    )
    return (problem, text(extra.get("size")), threads), side


def _times(benchmark: Mapping[str, Any], where: str) -> tuple[int, list[float], dict[str, Any]]:
    """Return calls in a round, the seconds of a call in each, and what is stated where no data were saved.

    Without them the median is all that there is of the times.
    """
    stats = expect(benchmark.get("stats", {}), dict, f"{where}: field 'stats'")
    calls = max(1, int(number(stats.get("iterations", 1), f"{where}: stats 'iterations'")))
    data = stats.get("data")
    if data is not None:
        found = expect(data, list, f"{where}: stats 'data'")
        return calls, [number(time, f"{where}: stats 'data'[{i}]") for i, time in enumerate(found)], {}
    if "median" in stats:
        median = number(stats["median"], f"{where}: stats 'median'")
        return calls, [median], _stated(stats, median)
    return calls, [], {}


def _stated(stats: Mapping[str, Any], median: float) -> dict[str, Any]:
    """Return the fields of a side that pytest-benchmark's own statistics fill; none where one round was timed."""
    if stats.get("rounds") == 1:
        return {}
    low = ends(stats.get("min"), median, around=median)
    quartiles = ends(stats.get("q1"), stats.get("q3"), around=median)
    return {"is_summary": True, "quartiles_s": quartiles, "min_s": low[0] if low else None}


def _environment(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of machine and commit, under lrbench's own names."""
    machine = document["machine_info"] if isinstance(document["machine_info"], dict) else {}
    cpu = machine.get("cpu")
    commit = document.get("commit_info")
    cpu, commit = (part if isinstance(part, dict) else {} for part in (cpu, commit))
    named = {
        "machine": machine.get("node"),
        "system": machine.get("system"),
        "cpu": cpu.get("brand_raw"),
        "python": " ".join(filter(None, (text(machine.get(f"python_{n}")) for n in ("implementation", "version")))),
        "commit": commit.get("id"),
    }
    is_dirty = commit.get("dirty")
    dirty = {"dirty": is_dirty} if isinstance(is_dirty, bool) else {}
    return {**{name: value for name, value in named.items() if text(value)}, **dirty}
