"""The answers of `lrbench experiment` that lie beside a run: experiments.json, checked as far as a page obeys it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lrbench.readers.document import expect, is_there, load, resolved, text

FILE = "experiments.json"
_TEXTS = ("heading", "paragraph", "formula", "correction")
_HEIGHTS = (100.0, 2000.0)  # pixels


def read_answers(paths: Iterable[Path]) -> tuple[Mapping[str, Any], ...]:
    """Return the experiments of every folder of `paths` that holds some; BadRecord for a damaged file."""
    files = dict.fromkeys(resolved(file) for path in paths if is_there(file := Path(path) / FILE))
    return tuple(found for file in files for found in _experiments(file))


def _experiments(file: Path) -> list[dict[str, Any]]:
    document = expect(load(file), dict, f"{file}: the document")
    experiments = expect(document.get("experiments"), list, f"{file}: 'experiments'")
    return [_experiment(each, f"{file}: experiment {i + 1}") for i, each in enumerate(experiments)]


def _experiment(value: Any, where: str) -> dict[str, Any]:
    given = expect(value, dict, where)
    parts = expect(given.get("parts", []), list, f"{where}, 'parts'")
    return {
        "name": expect(given.get("name"), str, f"{where}, 'name'"),
        "skipped": _texts(given.get("skipped", []), f"{where}, 'skipped'"),
        "parts": [_part(part, f"{where}, part {i + 1}") for i, part in enumerate(parts)],
        **{name: text(given.get(name)) for name in ("question", "status", "reason", "answer")},
    }


def _part(value: Any, where: str) -> dict[str, Any]:
    given = expect(value, dict, where)
    kind = expect(given.get("kind"), str, f"{where}, 'kind'")
    if kind == "figure":
        chart = _chart(given.get("chart"), f"{where}, 'chart'")
        return {
            "kind": kind,
            "chart": chart,
            "caption": text(given.get("caption")),
            "alternative": text(given.get("alternative")),
        }
    if kind == "grid":
        lines = expect(given.get("lines"), list, f"{where}, 'lines'")
        return {
            "kind": kind,
            "caption": text(given.get("caption")),
            "columns": _texts(given.get("columns"), f"{where}, 'columns'"),
            "lines": [_texts(line, f"{where}, line {i + 1}") for i, line in enumerate(lines)],
        }
    return {"kind": kind if kind in _TEXTS else "paragraph", "text": text(given.get("text"))}


def _chart(value: Any, where: str) -> dict[str, Any]:
    chart = expect(value, dict, where)
    traces = expect(chart.get("data"), list, f"{where}, 'data'")
    layout = expect(chart.get("layout"), dict, f"{where}, 'layout'")
    for name in layout:
        if name[:5] in ("xaxis", "yaxis"):  # the page colours each, and would stop at one that is none
            expect(layout[name], dict, f"{where}, layout '{name:.60}'")
    height = chart.get("height")
    low, high = _HEIGHTS
    return {
        "data": [expect(trace, dict, f"{where}, trace {i + 1}") for i, trace in enumerate(traces)],
        "layout": layout,
        "height": min(max(height, low), high) if isinstance(height, int | float) and height == height else low,  # noqa: PLR0124  (false for NaN)
    }


def _texts(value: Any, where: str) -> list[str]:
    return [expect(part, str, f"{where}, entry {i + 1}") for i, part in enumerate(expect(value, list, where))]
