"""What lrbench scaling found, as text and as one page: passes beside reading, workers beside the model, forecasts."""

from collections.abc import Mapping, Sequence
from typing import Any

from lrbench.report import axes, palette, wording
from lrbench.report.markdown import escape
from lrbench.report.page import fill
from lrbench.report.sections import Drawn, placed

Document = Mapping[str, Any]
Grid = tuple[str, tuple[str, ...], list[tuple[str, ...]]]

_HOUR_S = 3600.0
LEGEND = (
    (
        "Each time is the median of five (of three from disk); of an implementation, of one call in a process of its "
        "own, after compiling. Workers: clusters of each number are there side by side, and take turns."
    ),
    (
        "Over reading: the time over that of reading the two files alone by one thread, in the same state of the page "
        "cache: the quickest of calls of 1 MiB, of 4 MiB, and of reading block by block."
    ),
    "With a full page cache, the first pass also maps the files, as in a new process.",
    "Anonymous memory: the most that one process held beyond the page cache.",
    (
        "Efficiency: the time of one worker, over that of several times their number; of the kernel alone: the same of "
        "processes that only compute, on blocks in memory, which is the most that workers can reach here."
    ),
    (
        "Model: fixed + max(tasks a worker x (rows x time a row + time a task), tasks x scheduling) + what travels: "
        "d^2 numbers a worker. Its numbers were measured apart from the passes, before and after them."
    ),
    (
        "Forecasts: the same, with workers like this machine's that read their own data as fast as from memory here, "
        "10 Gbit/s and 1 ms between them, blocks of 256 MiB, one scheduler; no worker fails."
    ),
)


def grids(document: Document) -> list[Grid]:
    """Return the tables: title, columns, lines of text."""
    found: list[Grid] = []
    if rows := document.get("passes"):
        found.append(
            (
                f"Passes over {document['size']}, {_gib(document['size_bytes'])}, in one process",
                ("page cache, pass", "time", "GB/s", "over reading", "anonymous memory"),
                [
                    (
                        wording.clean(f"{row['page_cache']}: {row['what']}"),
                        wording.time_text(row["time_s"]),
                        f"{document['size_bytes'] / row['time_s'] / 1e9:.2f}",
                        f"{row['over_reading']:.2f}",
                        _gib(row["anonymous_bytes"]),
                    )
                    for row in rows
                ],
            )
        )
    if rows := document.get("workers"):
        found.append(
            (
                f"The first pass over {document['size']} by local workers of one thread",
                ("workers, block", "time", "GB/s", "efficiency", "of the kernel alone", "model", "model / measured"),
                [
                    (
                        f"{row['workers']}, {row['block_bytes'] / 2**20:g} MiB",
                        wording.time_text(row["time_s"]),
                        f"{row['bytes_per_s'] / 1e9:.2f}",
                        "" if row.get("efficiency") is None else f"{row['efficiency']:.2f}",
                        f"{row['kernel_efficiency']:.2f}",
                        wording.time_text(row["model_s"]),
                        f"{row['model_over_measured']:.2f}",
                    )
                    for row in rows
                ],
            )
        )
        found.append(
            (
                "What the model says of clusters",
                ("samples x features, workers", "time", "compute", "scheduler", "travelling"),
                [
                    (
                        f"{row['n_samples']:.0e} x {row['n_features']}, {row['workers']}",
                        _long(row["time_s"]),
                        _long(row["compute_s"]),
                        _long(row["schedule_s"]),
                        _long(row["reduce_s"]),
                    )
                    for row in document["forecasts"]
                ],
            )
        )
    if rows := document.get("implementations"):
        found.append(
            (
                f"One call of each implementation on {document['size']}, {_gib(document['size_bytes'])}",
                ("implementation", "time", "digits", "anonymous memory", "reason"),
                [
                    (
                        wording.clean(row["implementation"]),
                        wording.time_text(row.get("time_s")) or row["status"],
                        "" if row.get("digits") is None else f"{row['digits']:.1f}",
                        "" if row.get("anonymous_bytes") is None else _gib(row["anonymous_bytes"]),
                        wording.clean(row["reason"]),
                    )
                    for row in rows
                ],
            )
        )
    return found


def _gib(size_bytes: float) -> str:
    return f"{size_bytes / 2**30:.2f} GiB"


def _long(time_s: float) -> str:
    return f"{time_s / _HOUR_S:.1f} h" if time_s >= _HOUR_S else wording.time_text(time_s)


def text(document: Document) -> str:
    """Return the tables as plain text."""
    lines = []
    for title, columns, rows in grids(document):
        widths = [max(len(row[k]) for row in (columns, *rows)) for k in range(len(columns))]
        lines += [title, ""]
        lines += [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (columns, *rows)
        ]
        lines.append("")
    return "\n".join(lines)


def markdown(document: Document) -> str:
    """Return the tables in Markdown."""
    lines = []
    for title, columns, rows in grids(document):
        rule = "|".join(["---", *("---" if column == "reason" else "--:" for column in columns[1:])])
        lines += [f"{title}:", ""]
        lines += ["| " + " | ".join(map(escape, row)) + " |" for row in (columns, *rows)]
        lines.insert(-len(rows), f"|{rule}|")
        lines.append("")
    return "\n".join(lines)


def page(document: Document) -> str:
    """Return the page; everything that came from a file passes through escaping, or through JSON without '<'."""
    drawn: Drawn = []
    workers = document.get("workers")
    caption = "Throughput of a pass by size of a block: measured, and what the model says"
    return fill(
        "scaling.html.jinja",
        drawn,
        picture=placed(_figure(workers), drawn, caption, caption) if workers else None,
        grids=grids(document),
        legend=LEGEND,
        environment=wording.environment_text(document["environment"]),
    )


def _figure(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return throughput against bytes a block, a colour for each number of workers, the model dotted."""
    traces = []
    for k, count in enumerate(dict.fromkeys(row["workers"] for row in rows)):
        own_rows = [row for row in rows if row["workers"] == count]
        colour = palette.COLOURS[k % len(palette.COLOURS)]
        blocks = [row["block_bytes"] / 2**20 for row in own_rows]
        name = f"{count} worker{'s' * (count > 1)}"
        traces.append(_line(name, blocks, [row["bytes_per_s"] / 1e9 for row in own_rows], own_rows, colour, "solid"))
        modelled = [row["bytes_per_s"] / row["model_over_measured"] / 1e9 for row in own_rows]
        traces.append(_line(f"{name}, model", blocks, modelled, own_rows, colour, "dot"))
    blocks = [row["block_bytes"] / 2**20 for row in rows]
    layout = {
        "xaxis": {"title": {"text": "MiB a block"}, **axes.axis(blocks, ((1.0, ""),))},
        "yaxis": {"title": {"text": "GB/s of X and y"}, "rangemode": "tozero"},
        "showlegend": True,
    }
    return {"data": traces, "layout": layout, "height": 460}


def _line(
    name: str, x: list[float], y: list[float], rows: Sequence[Mapping[str, Any]], colour: str, dash: str
) -> dict[str, Any]:
    efficiency = ["" if row.get("efficiency") is None else f", efficiency {row['efficiency']:.2f}" for row in rows]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": x,
        "y": [round(value, 3) for value in y],
        "text": [f"{name}, {a:g} MiB: {b:.2f} GB/s{c}" for a, b, c in zip(x, y, efficiency, strict=True)],
        "hoverinfo": "text",
        "line": {"color": colour, "dash": dash, "width": 1.75},
        "marker": {"size": 8},
    }
