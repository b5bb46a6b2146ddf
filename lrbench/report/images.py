"""Each figure of the page as a file of its own, PNG or SVG, drawn by matplotlib from the page's own dictionaries.

Plotly's exporter drives a browser, which is not to be found everywhere that reports are made; matplotlib needs none
and nothing from the network. It is the extra `figures`.
"""

import html
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lrbench.comparisons import Report

KINDS = ("svg", "png")
_SYMBOLS = {
    "circle": "o",
    "square": "s",
    "diamond": "D",
    "triangle-up": "^",
    "cross": "P",
    "x": "X",
    "triangle-down": "v",
    "star": "*",
    "triangle-left": "<",
    "triangle-right": ">",
    "x-thin-open": "x",
}
DASHES = {
    "solid": "-",
    "dash": "--",
    "dot": ":",
    "dashdot": "-.",
    "longdash": (0, (8, 3)),
    "longdashdot": (0, (8, 3, 1.5, 3)),
    "5px,2px": (0, (2.5, 1.0)),
}
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_DPI = 144
_WIDTH = 1000  # pixels of the page that a figure's height belongs to
_PIXELS_PER_INCH = 96
_MOST_LEGEND = 40  # lines of a legend; more are drawn without


class NoMatplotlib(ImportError):
    """The library that draws is not installed; the message says how to install it."""


def check_matplotlib() -> None:
    """Raise NoMatplotlib where figures could not be drawn."""
    try:
        import matplotlib.figure  # noqa: F401  (whether it loads)
    except ImportError:
        message = "--figures needs matplotlib: pip install 'lrbench[figures]'"
        raise NoMatplotlib(message) from None


def write_figures(report: Report, folder: Path, kind: str = "svg") -> list[Path]:
    """Write every figure of a report's page into a folder, which is made if need be, and return the files.

    Of the figures of experiments those that can be drawn; drawable.left_out_text tells of the others.

    Errors: NoMatplotlib; OSError as the file system gives it.
    """
    from lrbench.report import drawable, sections

    check_matplotlib()
    import matplotlib as mpl
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    # Names from files are text: no dollar in them begins a formula. The salt makes equal figures equal files.
    with mpl.rc_context({"text.parse_math": False, "svg.hashsalt": "lrbench", "axes.unicode_minus": False}):
        for caption, figure in (*sections.drawings(report), *drawable.drawings(report)):
            size = (_WIDTH / _PIXELS_PER_INCH, figure.get("height", 420) / _PIXELS_PER_INCH)
            canvas = Figure(figsize=size, layout="constrained")
            draw(canvas.add_subplot(), figure, caption)
            path = folder / f"{_file_name(caption, written)}.{kind}"
            canvas.savefig(path, dpi=_DPI, metadata={"Date": None} if kind == "svg" else None)
            written.append(path)
    return written


def _file_name(caption: str, written: Sequence[Path]) -> str:
    """Return a file's name from a caption, unlike all that were written."""
    plain = re.sub(r"[^0-9A-Za-z]+", "_", caption).strip("_")[:80] or "figure"
    taken = {path.stem for path in written}
    return next(name for name in (plain, *(f"{plain}_{k}" for k in range(2, len(taken) + 3))) if name not in taken)


def draw(axes: Any, figure: Mapping[str, Any], caption: str) -> None:
    """Draw a figure of the page, of scatter traces on log, category or ticked axes, on matplotlib's axes."""
    layout = figure["layout"]
    places = {name: k for k, name in enumerate(layout["xaxis"].get("categoryarray", ()))}
    labelled = 0
    for trace in figure["data"]:
        if trace.get("type", "scatter") == "scatter":
            shown = layout.get("showlegend", True) and trace.get("showlegend", True)
            labelled += bool(shown)
            _trace(axes, trace, places, labelled=bool(shown))
    axes.set_title(caption, fontsize=10, loc="left", wrap=True)
    _axis(axes.xaxis, layout["xaxis"], axes.set_xscale, axes.set_xlim, places)
    _axis(axes.yaxis, layout["yaxis"], axes.set_yscale, axes.set_ylim, {})
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    if 0 < labelled <= _MOST_LEGEND:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8, frameon=False)


def _trace(axes: Any, trace: Mapping[str, Any], places: Mapping[str, int], *, labelled: bool) -> None:
    x = [_number(places.get(value)) if places else _number(value) for value in trace["x"]]
    y = [_number(value) for value in trace["y"]]
    line, marker, mode = trace.get("line", {}), trace.get("marker", {}), trace.get("mode", "lines")
    if trace.get("fill") == "toself":
        name = _plain(trace.get("name", "")) if labelled else "_"
        axes.fill(x, y, color=_colour(trace.get("fillcolor", "")), linewidth=0, label=name)
        return
    colour = _colour(line.get("color") or marker.get("color") or "")
    axes.errorbar(
        x,
        y,
        xerr=_errors(trace.get("error_x")),
        yerr=_errors(trace.get("error_y")),
        color=colour,
        linestyle=DASHES.get(line.get("dash", "solid"), "-") if "lines" in mode else "none",
        linewidth=line.get("width", 1.5) if isinstance(line.get("width", 1.5), int | float) else 1.5,
        elinewidth=1,
        capsize=2,
        label=_plain(trace.get("name", "")) if labelled and "markers" not in mode else "_",
    )
    given = marker.get("symbol", "circle")
    symbols = [given] * len(x) if isinstance(given, str) else list(given)
    for symbol in dict.fromkeys(symbols if "markers" in mode else ()):
        chosen = [k for k, own in enumerate(symbols) if own == symbol]
        most = marker.get("maxdisplayed") or len(chosen)
        chosen = chosen[:: -(-len(chosen) // most)]
        axes.plot(
            [x[k] for k in chosen],
            [y[k] for k in chosen],
            linestyle="none",
            color=colour,
            marker=_SYMBOLS.get(symbol.removesuffix("-open"), _SYMBOLS.get(symbol, "o")),
            markersize=0.8 * marker.get("size", 7),
            markerfacecolor="none" if symbol.endswith("-open") else colour,
            label=_plain(trace.get("name", "")) if labelled and symbol == symbols[0] else "_",
        )
    if "text" in mode:
        given = trace.get("textposition", "")
        where = [given] * len(x) if isinstance(given, str) else given
        for at_x, at_y, words, place in zip(x, y, trace.get("text", ()), where, strict=False):
            if words:
                # A text to the right of a mark has its left end there, one above it its bottom.
                across = {"left": "right", "right": "left", "center": "center"}.get(place.rpartition(" ")[2], "right")
                along = {"middle": "center", "bottom": "top"}.get(place.partition(" ")[0], "bottom")
                axes.annotate(_plain(words), (at_x, at_y), ha=across, va=along, fontsize=8, color="#666666")


def is_colour(given: Any) -> bool:
    """Return whether a colour of a style sheet, or none, is drawn as it is there."""
    from matplotlib.colors import CSS4_COLORS, is_color_like

    if not isinstance(given, str) or not re.fullmatch(r"|#[0-9a-fA-F]+|[a-z]+|rgba?\([0-9., ]+\)", given):
        return False
    try:
        return not given or given in CSS4_COLORS or (not given.isalpha() and is_color_like(_colour(given)))
    except ValueError:  # a share such as 1.2.3
        return False


def is_symbol(given: Any) -> bool:
    """Return whether a mark has its own form here."""
    return isinstance(given, str) and (given in _SYMBOLS or given.removesuffix("-open") in _SYMBOLS)


def _colour(given: str) -> Any:
    """Return a colour of a style sheet as matplotlib takes it: '#3b7ddd', or shares of red, green, blue and cover."""
    parts = re.fullmatch(r"rgba?\(([0-9.]+), *([0-9.]+), *([0-9.]+)(?:, *([0-9.]+))?\)", given)
    if parts is None:
        return given or "#888888"
    red, green, blue, cover = (float(part or 1.0) for part in parts.groups())
    return red / 255.0, green / 255.0, blue / 255.0, cover


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _errors(given: Mapping[str, Any] | None) -> Any:
    if given is None:
        return None
    return [[_number(end) for end in ends] for ends in (given.get("arrayminus", given["array"]), given["array"])]


def _plain(text: str) -> str:
    """Return the text that plotly's markup shows."""
    return html.unescape(re.sub(r"<br>", "\n", re.sub(r"</?(b|i|sub|sup)>", "", text)))


def _power_text(value: float) -> str:
    """Return a tick of a logarithmic axis: '10⁻³', which is no formula."""
    if value <= 0.0:
        return ""
    return "10" + f"{math.log10(value):.0f}".translate(_RAISED)


def _axis(axis: Any, given: Mapping[str, Any], set_scale: Any, set_limits: Any, places: Mapping[str, int]) -> None:
    from matplotlib.ticker import LogFormatter

    ends = given.get("range")
    if given.get("type") == "log":
        set_scale("log")
        axis.set_major_formatter(lambda value, _: _power_text(value))
        axis.set_minor_formatter(LogFormatter())
        ends = None if ends is None else [10.0**end for end in ends]
    if ends is not None:
        set_limits(*ends)
    if places:
        every = max(1, -(-len(places) // 12))
        names = list(places)[::every]
        axis.set_ticks(list(places.values())[::every], labels=[_plain(name) for name in names], rotation=30, ha="right")
    elif "tickvals" in given:
        texts = given.get("ticktext") or [f"{place:g}" for place in given["tickvals"]]
        axis.set_ticks(given["tickvals"], labels=[_plain(text) for text in texts])
        axis.set_ticks([], minor=True)
    axis.set_label_text(_plain(given.get("title", {}).get("text", "")))
