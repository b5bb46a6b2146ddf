"""The tables on languages: loop over vector, the documents' protocol, what a call costs, and all times."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrbench.report.languages_lookup import (
    DOCUMENTS_SIZE,
    Document,
    Name,
    Row,
    add_ceiling,
    bandwidth,
    decades,
    fits,
    methods,
    near,
    ratio,
    sides,
    timed,
)
from lrbench.report.wording import UNKNOWN, clean, three_digits, time_text

_LARGE = 1_000_000
_NOTHING_S = 1e-14  # less than this is what rounding leaves of nothing
_RESOLVED = 1e3  # a wider interval, high over low, says nothing
_IN_MEMORY = 10_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: what it is called, and its cells."""

    names: tuple[str, ...]
    cells: tuple[str, ...]
    note: str = ""  # what a reader of this line has to know


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: columns of names, then columns of numbers."""

    title: str
    names: tuple[str, ...]
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    lead: str = ""  # what to see in it


def grids(document: Document) -> list[Grid]:
    """Return the tables that have lines."""
    found = (_pairs(document), _protocols(document), _fits(document), _times(document))
    return [grid for grid in found if grid.lines]


def elements(size: int) -> str:
    """Return a number of elements such as '10 000'."""
    return f"{size:,}".replace(",", " ")


def _pairs(document: Document) -> Grid:
    times = timed(document)
    sizes = decades(document, DOCUMENTS_SIZE, _LARGE)
    lines = []
    for pair in document["pairs"]:
        loop, whole = sides(pair, times)
        each = [_per_element(rows.get(DOCUMENTS_SIZE)) for rows in (loop, whole)]
        ratios = [three_digits(value) if (value := ratio(pair, times, size)) else UNKNOWN for size in sizes]
        names = (pair["language"], pair["loop"], pair["whole"] or "none")
        lines.append(Line(tuple(map(clean, names)), (*each, *ratios, _from_n(pair))))
    at = elements(DOCUMENTS_SIZE)
    return Grid(
        "Loop over vector, by language",
        ("language", "coordinate by coordinate", "at once"),
        (
            f"loop, ns an element at {at}",
            f"at once, ns at {at}",
            *(f"loop over vector at {elements(size)}" for size in sizes),
            "at once is quicker from n =",
        ),
        tuple(lines),
        "A ratio near 1 does not mean that vectorising is useless: the compiler has made vector code of the loop.",
    )


def _from_n(pair: Mapping[str, Any]) -> str:
    if pair["quicker"] != "from_n":
        return {"always": "1", "never": "never"}.get(pair["quicker"], UNKNOWN)
    n, low, high = crossing_text(pair)
    resolved = pair["from_n_high"] <= _RESOLVED * max(1.0, pair["from_n_low"])
    return f"{n} [{low}, {high}]" if resolved else "not resolved"


def crossing_text(pair: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return from which n on the vector is quicker, and the ends of the interval, with two digits each."""
    n, low, high = (f"{max(1.0, float(f'{pair[name]:.2g}')):g}" for name in ("from_n", "from_n_low", "from_n_high"))
    return n, low, high


def _per_element(row: Row | None) -> str:
    return UNKNOWN if row is None else three_digits(row["seconds_per_element"] * 1e9)


def _protocols(document: Document) -> Grid:
    """Return what the documents' protocol prints, beside what repeated and awaited calls take."""
    times = timed(document)
    once = {name: rows for name, rows in times.items() if next(iter(rows.values()))["kind"] == "protocol"}
    size = near({size for rows in once.values() for size in rows}, DOCUMENTS_SIZE)
    lines = []
    for (language, _method), rows in once.items():
        if size not in rows:
            continue
        row = rows[size]
        honest = _honest(row, times, size)
        cells = (
            time_text(row["median_s"]),
            time_text(honest["median_s"]) if honest else UNKNOWN,
            three_digits(row["median_s"] / honest["median_s"]) if honest else UNKNOWN,
        )
        lines.append(Line((clean(language), method_text(row)), cells, clean(row["note"])))
    return Grid(
        f"The documents' protocol at {elements(size or DOCUMENTS_SIZE)}, beside repeated calls that are waited for",
        ("language", "method"),
        ("as documented", "repeated, finished and checked", "one over the other"),
        tuple(lines),
        "One call between two looks at the clock, nothing checked and nothing waited for. It can say too little, where "
        "a library returns before it has computed, and too much: a first call also loads, looks up and allocates.",
    )


def _honest(row: Row, times: Mapping[Name, Mapping[int, Row]], size: int) -> Row | None:
    """Return the repeated row of the same program that adds in the same way: the one whose name begins alike."""
    begin = row["method"].partition(", the documents'")[0]
    own = [
        rows[size]
        for (language, method), rows in times.items()
        if language == row["language"]
        and size in rows
        and rows[size]["kind"] != "protocol"
        and method.startswith(begin)
    ]
    return next((found for found in own if found["program"] == row["program"]), None)


def _fits(document: Document) -> Grid:
    times, known = timed(document), fits(document)
    large = near({size for rows in times.values() for size in rows if size >= _LARGE}, _IN_MEMORY)
    lines = []
    for name, fit in known.items():
        row = times[name].get(large or 0)
        lines.append(
            Line(
                (clean(name[0]), method_text(next(iter(times[name].values())))),
                (
                    _interval(fit, "overhead", "_s"),
                    _interval(fit, "seconds_per_element", ""),
                    _per_element(row),
                    _share(row, document),
                ),
            )
        )
    at = elements(large) if large else ""
    return Grid(
        "What a call costs, and an element: time = a + b n",
        ("language", "method"),
        ("a, a call", "b, an element in cache", f"ns an element at {at}", f"share of the add ceiling at {at}")
        if large
        else ("a, a call", "b, an element in cache", "ns an element in memory", "share of the add ceiling"),
        tuple(lines),
        "Fitted by weighted least squares to the sizes whose three vectors fit into the second cache; in brackets 95 % "
        "intervals. The add ceiling is what additions by one thread into a given output were seen to reach at most, in "
        "the same run; a new output also waits for fresh pages of memory.",
    )


def _interval(fit: Mapping[str, Any], name: str, unit: str) -> str:
    value, low, high = (fit[f"{name}{end}{unit}"] for end in ("", "_low", "_high"))
    return f"below {_small(high)}" if value < _NOTHING_S else f"{_small(value)} [{_small(low)}, {_small(high)}]"


def _small(seconds: float) -> str:
    """Return a time; in nanoseconds below one, too."""
    if seconds < _NOTHING_S:
        return "0"
    return f"{three_digits(seconds * 1e9)} ns" if seconds < 1e-9 else time_text(seconds)  # noqa: PLR2004  (a nanosecond)


def _share(row: Row | None, document: Document) -> str:
    ceiling = add_ceiling(document, row["size"], row["threads"]) if row else None
    return UNKNOWN if row is None or ceiling is None else f"{bandwidth(row) / ceiling:.2f}"


def _times(document: Document) -> Grid:
    rows = [row for row in document["rows"] if row["status"] != "skipped"]
    sizes = sorted({row["size"] for row in rows})
    lines = [
        Line(
            (clean(language), method_text(next(iter(at.values())))),
            tuple(_cell(at.get(size)) for size in sizes),
            _told(at.values()),
        )
        for (language, _), at in methods(rows).items()
    ]
    return Grid(
        "Nanoseconds per element of c = a + b: medians",
        ("language", "method"),
        tuple(f"n = {elements(size)}" for size in sizes),
        tuple(lines),
    )


def _cell(row: Row | None) -> str:
    if row is None:
        return ""
    return (
        clean(row["status"]) if row["seconds_per_element"] is None else three_digits(row["seconds_per_element"] * 1e9)
    )


def _told(rows: Sequence[Row] | Any) -> str:
    """Return version, flags and note of a method, from the first of its rows that has them."""
    row = next((row for row in rows if row["version"]), None)
    return "" if row is None else clean("; ".join(filter(None, (row["version"], row["flags"], row["note"]))))


def method_text(row: Row) -> str:
    """Return a method's name, with what sets it apart from most: several threads, another type of numbers."""
    apart = [f"{row['threads']} threads"] if row["threads"] > 1 else []
    apart += [row["dtype"]] if row["dtype"] not in {"float64", ""} else []
    return clean(f"{row['method']} ({', '.join(apart)})" if apart else row["method"])


def notes(document: Document) -> Iterator[str]:
    """Yield why methods have no time: once for each language and reason."""
    told: dict[tuple[str, str], list[Row]] = {}
    for row in document["rows"]:
        if row["status"] != "ok":
            told.setdefault((row["language"], f"{row['status']}: {row['reason']}"), []).append(row)
    for (language, reason), rows in told.items():
        places = [
            f"{method} at {', '.join(elements(size) for size in at)}" if rows[0]["status"] != "skipped" else method
            for (_, method), at in methods(rows).items()
        ]
        yield clean(f"{language}: {'; '.join(places)}: {reason}")
