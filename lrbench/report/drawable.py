"""Which charts of experiments can be drawn as files: none is written that would be wrong or empty.

The page hands them to plotly as they are; here each setting has to be one that images.draw obeys, and each value one
that it can place, since charts come from files.
"""

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from lrbench.comparisons import Report
from lrbench.report import experiments, images
from lrbench.report.wording import clean

_LAYOUT = {"xaxis", "yaxis", "showlegend", "legend", "margin"}
_AXIS = {"title", "type", "range", "dtick", "exponentformat", "tickmode", "tickvals", "ticktext", "showgrid"}
_TRACE = {
    *("type", "mode", "name", "x", "y", "xaxis", "yaxis", "line", "marker", "error_x", "error_y", "fill", "fillcolor"),
    *("text", "textposition", "showlegend", "legendgroup", "opacity", "hoverinfo", "hovertext", "hovertemplate"),
    *("customdata", "cliponaxis"),
}
_ERRORS = {"type", "symmetric", "array", "arrayminus", "thickness", "width", "color"}
_MOST = 1e100  # beyond it, the distances on an axis overflow
_MOST_TICKS = 200


class _Unknown(Exception):
    """What a chart holds that cannot be drawn."""


def drawings(report: Report) -> list[tuple[str, dict[str, Any]]]:
    """Return (caption, figure) of each chart of the experiments beside a report that can be drawn."""
    return [(caption, chart) for caption, chart in _charts(report) if not hindrance(chart)]


def left_out_text(report: Report) -> str:
    """Return 'Left to the page: 3 figures of experiments (2 with several pairs of axes, 1 ...).'; empty for none."""
    reasons = Counter(filter(None, (hindrance(chart) for _, chart in _charts(report))))
    if not reasons:
        return ""
    count = reasons.total()
    told = ", ".join(f"{number} with {reason}" for reason, number in reasons.most_common())
    return f"Left to the page: {count} figure{'s' * (count != 1)} of experiments ({told})."


def hindrance(chart: Mapping[str, Any]) -> str:
    """Return why a chart cannot be drawn, a few words after 'with'; empty where it can."""
    try:
        _check(chart["data"], chart["layout"])
    except _Unknown as reason:
        return str(reason)
    return ""


def _charts(report: Report) -> Iterator[tuple[str, dict[str, Any]]]:
    for experiment in report.experiments:
        for part in experiment["parts"]:
            if part["kind"] == "figure":
                yield clean(f"{experiments.title(experiment['name'])}: {part['caption']}"), part["chart"]


def _check(traces: list[dict[str, Any]], layout: Mapping[str, Any]) -> None:
    """Raise _Unknown unless images.draw draws these traces on these axes as plotly does."""
    axes = {name for name in layout if name[:5] in {"xaxis", "yaxis"}}
    is_one = all(trace.get(name, name[0]) == name[0] for trace in traces for name in ("xaxis", "yaxis"))
    _expect(is_one and axes <= {"xaxis", "yaxis"}, "several pairs of axes")
    _expect(all(trace.get("type") == "scatter" for trace in traces), "a heat map or another kind of marks")
    _expect(not any(layout.get(name) for name in ("shapes", "annotations")), "lines or words laid over them")
    _known(layout, _LAYOUT | {"shapes", "annotations"})
    for name in ("xaxis", "yaxis"):
        _check_axis(layout.get(name))
    logs = [layout[name].get("type") == "log" for name in ("xaxis", "yaxis")]
    _expect(any([_check_trace(trace, *logs) for trace in traces]), "nothing to draw")  # noqa: C419  (each is checked)


def _check_axis(axis: Any) -> None:
    _known(axis, _AXIS)
    _expect(axis.get("type", "linear") in ("linear", "log"))
    title = axis.get("title", {})
    _known(title, {"text"})
    _expect(_is_text(title.get("text", "")))
    if "range" in axis:
        ends = _numbers(axis["range"], 2)
        most = math.log10(_MOST) if axis.get("type") == "log" else _MOST
        _expect(None not in ends and ends[0] != ends[1] and max(map(abs, ends)) <= most)
    _expect("tickvals" in axis or not axis.keys() & {"ticktext", "tickmode"})
    if "tickvals" in axis:
        places = _numbers(axis["tickvals"])
        _expect(None not in places and len(places) <= _MOST_TICKS and axis.get("tickmode", "array") == "array")
        _expect("ticktext" not in axis or _are_texts(axis["ticktext"], len(places)))
        _expect(axis.get("type") != "log" or all(place > 0.0 for place in places))


def _check_trace(trace: dict[str, Any], is_log_x: bool, is_log_y: bool) -> bool:  # noqa: FBT001  (as axes come)
    """Return whether anything of a trace is seen; raise _Unknown for what cannot be drawn."""
    _known(trace, _TRACE)
    x = _numbers(trace.get("x"))
    y = _numbers(trace.get("y"), len(x))
    _expect(_is_text(trace.get("name", "")) and isinstance(trace.get("showlegend", True), bool))
    mode = trace.get("mode", "")  # without one, plotly chooses by the number of points
    _expect(_is_text(mode) and set(mode.split("+")) <= {"lines", "markers", "text"})
    for values, is_log, errors in ((x, is_log_x, "error_x"), (y, is_log_y, "error_y")):
        arms = _arms(trace[errors], len(values)) if errors in trace else [0.0] * len(values)
        lows = [value - (arm or 0.0) for value, arm in zip(values, arms, strict=True) if value is not None]
        _expect(not is_log or all(low > 0.0 for low in lows), "values that a logarithmic axis has no place for")
    _check_look(trace, mode, len(x))
    if trace.get("fill", "none") != "none":
        _expect(trace["fill"] == "toself" and None not in x and None not in y)
    seen = [a is not None and b is not None for a, b in zip(x, y, strict=True)]
    return any(seen) if mode != "lines" else any(both == (True, True) for both in itertools.pairwise(seen))


def _arms(errors: Any, count: int) -> list[float | None]:
    """Return the lower arms of error bars."""
    _known(errors, _ERRORS)
    _expect(errors.get("type", "data") == "data")
    upper = _numbers(errors.get("array"), count)
    lower = _numbers(errors.get("arrayminus", errors.get("array")), count)
    _expect(all(arm is None or arm >= 0.0 for arm in (*upper, *lower)))
    return lower


def _check_look(trace: dict[str, Any], mode: str, count: int) -> None:
    line, marker = trace.get("line", {}), trace.get("marker", {})
    _known(line, {"color", "dash", "width"})
    _known(marker, {"symbol", "size", "color", "opacity"})
    colours = [trace.get("fillcolor", ""), line.get("color", ""), marker.get("color", "")]
    _expect(all(images.is_colour(colour) for colour in colours))
    # Each trace is drawn in one colour, its own.
    _expect("markers" not in mode or not marker.get("color") or line.get("color", marker["color"]) == marker["color"])
    _expect(any(colours) or mode == "text")
    _expect(line.get("dash", "solid") in tuple(images.DASHES))
    _expect(images.is_symbol(marker.get("symbol", "circle")))
    for size in (line.get("width", 2), marker.get("size", 7)):
        _expect(_is_number(size) and 0.0 <= size <= 100.0)  # noqa: PLR2004  (pixels: larger ones hide the rest)
    if "text" in mode:
        _expect(_are_texts(trace.get("text"), count) and _is_text(trace.get("textposition", "")))


def _expect(is_so: bool, reason: str = "settings or values that only plotly draws") -> None:  # noqa: FBT001  (a condition)
    if not is_so:
        raise _Unknown(reason)


def _known(given: Any, names: set[str]) -> None:
    _expect(isinstance(given, dict) and given.keys() <= names)


def _numbers(values: Any, count: int | None = None) -> list[Any]:
    """Return a list of numbers and None, of a length where one is given."""
    _expect(isinstance(values, list) and (count is None or len(values) == count))
    _expect(all(value is None or (_is_number(value) and abs(value) <= _MOST) for value in values))
    return list(values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124  (NaN)


def _are_texts(values: Any, count: int) -> bool:
    return isinstance(values, list) and len(values) == count and all(map(_is_text, values))


def _is_text(value: Any) -> bool:
    """Return whether a value is a text whose characters a file of any kind may hold."""
    return isinstance(value, str) and value.isprintable()
