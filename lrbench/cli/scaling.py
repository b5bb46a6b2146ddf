"""lrbench scaling: passes over files larger than memory, beside reading alone and by workers, and a forecast."""

import importlib.util
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from lrbench.cli.output import make_folder, write
from lrbench.cli.progress import progress

PROBLEM = "least_squares_out_of_core"
FORECASTS = ((10**9, 100, 100), (10**12, 100, 10_000))  # samples, features, workers
_NETWORK_BYTES_PER_S, _LATENCY_S = 1.25e9, 1e-3  # of the forecasts: 10 Gbit/s, and a message through Dask
_FORECAST_BLOCK = 256 * 2**20
_MIB, _GIB = 2**20, 2**30
_MOST_DIGITS = 6  # of a number of workers, or of MiB
_STATES = ("full", "empty")
_PARTS = ("passes", "workers", "implementations")


@click.command()
@click.option("--size", default="1600000x300", show_default=True, help="Of the data: samples x features.")
@click.option("--part", "parts", multiple=True, type=click.Choice(_PARTS), help="Only this; may be repeated.")
@click.option(
    "--page-cache", "states", multiple=True, type=click.Choice(_STATES), help="Passes only in this state of it."
)
@click.option("--workers", default="1,2", show_default=True, help="Numbers of local workers, each of one thread.")
@click.option("--block-mib", default="4,16,64", show_default=True, help="Sizes of a block of X, in MiB.")
@click.option("--implementation", "names", multiple=True, help="Only this implementation; may be repeated.")
@click.option(
    "--memory-gib", default=8.0, show_default=True, type=click.FloatRange(min=0.1), help="That one of them may take."
)
@click.option(
    "--limit", "limit_s", default=300.0, show_default=True, type=click.FloatRange(min=1.0), help="Seconds, likewise."
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0))
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("scaling"),
    show_default=True,
    help="The folder for scaling.json and scaling.html; parts measured before are kept there.",
)
def command(
    *,
    size: str,
    parts: tuple[str, ...],
    states: tuple[str, ...],
    workers: str,
    block_mib: str,
    names: tuple[str, ...],
    memory_gib: float,
    limit_s: float,
    seed: int,
    output: Path,
) -> None:
    r"""Measure least squares on files that nobody reads as a whole, and hold a cost model against it.

    The files are made once, in the cache's folder ($LRBENCH_CACHE), and stay there: 10 GiB and more on request. Three
    parts: each pass of `refined` beside reading the files alone, with the page cache full and empty; one pass by local
    Dask workers, against the model; and one call of every implementation, with its digits and its memory.

    \b
    Examples:
      lrbench scaling                                                               3.6 GiB
      lrbench scaling --part passes --part implementations --size 134217728x10      10 GiB
      lrbench scaling --part workers --workers 1,2,4 --block-mib 1,4,16,64
    """
    from lrbench import cache
    from lrbench.cli.selection import check_implementations
    from lrbench.measure import environment
    from lrbench.problems import least_squares_out_of_core as problem
    from lrbench.registry import dimensions

    n, d = _checked(size)
    counts, sizes_mib = _numbers(workers), _numbers(block_mib)
    check_implementations(names, [problem.PROBLEM])
    chosen = [part for part in _PARTS if part in parts or not parts]
    if "workers" in chosen and importlib.util.find_spec("distributed") is None:
        reason = "The part 'workers' needs distributed: pip install 'lrbench[out-of-core]'."
        if "workers" in parts:
            message = f"{reason} Or choose another --part."
            raise click.UsageError(message)
        chosen.remove("workers")
        click.echo(f"Skipped: {reason}", err=True)
    make_folder(output)
    document = _before(output / "scaling.json", size)
    cache.keep_numba_code_apart()
    with progress("scaling") as advance:
        advance(0.0, "making the files")
        X, y = _made(size, seed)
        for k, part in enumerate(chosen):
            advance((k + 0.5) / (len(chosen) + 1), part)
            if part == "passes":
                kept = [row for row in document.get(part, ()) if states and row["page_cache"] not in states]
                document[part] = [*kept, *_passes(X.path, y.path, states or _STATES)]
            elif part == "workers":
                document.update(_workers(X.path, y.path, dimensions(size), counts, sizes_mib))
            else:
                rows = {row["implementation"]: row for row in document.get(part, ()) if names}
                rows |= {row["implementation"]: row for row in _implementations((X, y), names, memory_gib, limit_s)}
                document[part] = list(rows.values())
            document |= {"size": size, "size_bytes": 8.0 * n * (d + 1), "environment": environment.describe()}
            # A part that fails takes none of those before it along.
            write(output / "scaling.json", json.dumps(document, indent=1, allow_nan=False))
    _show(document, output)


def _made(size: str, seed: int) -> Any:
    """Return the files of a size; click.ClickException where there is no room for them."""
    from lrbench.problems import least_squares_out_of_core as problem
    from lrbench.stored import NoRoom

    try:
        return problem.make_files(size, seed)
    except NoRoom as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        message = (
            f"The files of size {size} cannot be made: {error.strerror or error}. Make room, choose a smaller --size, "
            "or name another folder for them by LRBENCH_CACHE."
        )
        raise click.ClickException(message) from None


def _checked(size: str) -> tuple[int, int]:
    parts = size.split("x")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and 0 < len(part) < 14 for part in parts):  # noqa: PLR2004  (whole, below 10^13)
        message = f"Size '{size:.40}' is not samples x features. Write it like 200000x300."
        raise click.UsageError(message)
    n, d = map(int, parts)
    if n < d + 2 or not d:
        message = f"Size '{size}' has fewer samples than its {d} coefficients, an intercept and one more need."
        raise click.UsageError(message)
    return n, d


def _numbers(text: str) -> list[int]:
    words = [word.strip() for word in text.split(",")]
    found = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) <= _MOST_DIGITS]
    if len(found) < len(words) or 0 in found:
        message = f"'{text:.40}' is not whole numbers from 1 to {10**_MOST_DIGITS - 1}. Write them like 1,2."
        raise click.UsageError(message)
    return found


def _before(path: Path, size: str) -> dict[str, Any]:
    """Return what the folder holds, which a part measured now joins; click.UsageError if it cannot be joined."""
    from lrbench.readers import scaling
    from lrbench.results import BadRecord

    if not path.exists():
        return {}
    try:
        found = scaling.read(path)
    except BadRecord as error:
        message = f"{error} Move it away, or choose another --output."
        raise click.UsageError(message) from None
    if found["size"] != size:
        message = f"{path}: holds results of size {found['size']!r:.40}, not of {size}. Choose another --output."
        raise click.UsageError(message)
    return found


def _passes(X: str, y: str, states: Sequence[str]) -> Iterator[dict[str, Any]]:
    from lrbench.out_of_core import usage

    for state in states:
        try:
            found = usage.alone(_passes_of, X, y, state == "empty")
        except (OSError, AttributeError, usage.Ended) as error:  # no system call to empty the cache, or no memory
            click.echo(f"Page cache {state}: not measured: {error}", err=True)
            continue
        reading_s = found["reading alone"].time_s
        for name, took in found.items():
            yield {
                "page_cache": state,
                "what": name,
                "time_s": took.time_s,
                "over_reading": took.time_s / reading_s,
                "anonymous_bytes": took.anonymous_bytes,
            }


def _passes_of(X: str, y: str, cold: bool) -> Any:  # noqa: FBT001  (sent by position)
    from lrbench.out_of_core import scaling

    return scaling.passes_beside_reading(X, y, cold=cold)


def _workers(
    X: str, y: str, shape: tuple[int, ...], workers: Sequence[int], block_mib: Sequence[int]
) -> dict[str, Any]:
    """Return the machine's numbers, the measured passes with what the model says of them, and its forecasts."""
    import dataclasses
    import functools

    from lrbench.out_of_core import calibration, scaling, usage
    from lrbench.out_of_core.cost_model import predict

    n, d = shape
    counts, sizes = sorted(set(workers)), [mib * _MIB for mib in block_mib]
    machines, found = calibration.calibrate(
        X, y, counts, functools.partial(usage.alone, scaling.passes_by_dask, X, y, counts, sizes)
    )
    rows = []
    for (count, size), time_s in found.items():
        machine = machines[count]
        cost = predict(machine, n_samples=n, n_features=d, workers=count, block_bytes=size)
        rows.append(
            {
                "workers": count,
                "block_bytes": size,
                "time_s": time_s,
                "bytes_per_s": 8.0 * n * (d + 1) / time_s,
                "efficiency": found[1, size] / (count * time_s) if 1 in counts else None,
                "kernel_efficiency": machine.flops_per_s / machines[counts[0]].flops_per_s,
                "model_s": cost.time_s,
                "model_over_measured": cost.time_s / time_s,
            }
        )
    machine = machines[counts[-1]]
    cluster = dataclasses.replace(machine, network_bytes_per_s=_NETWORK_BYTES_PER_S, latency_s=_LATENCY_S)
    forecasts = []
    for samples, features, count in FORECASTS:
        cost = predict(cluster, n_samples=samples, n_features=features, workers=count, block_bytes=_FORECAST_BLOCK)
        forecasts.append(
            {"n_samples": samples, "n_features": features, "workers": count, "time_s": cost.time_s}
            | dataclasses.asdict(cost)
        )
    return {"machine": dataclasses.asdict(machine), "workers": rows, "forecasts": forecasts}


def _implementations(inputs: Any, names: Sequence[str], memory_gib: float, limit_s: float) -> Iterator[dict[str, Any]]:
    """Yield one call of each implementation of the problem, in a process of its own."""
    import numpy as np

    from lrbench import gate
    from lrbench.out_of_core import scaling, usage
    from lrbench.problems import PROBLEMS
    from lrbench.registry import missing_packages, worst_relative_error

    limits = usage.Limits(memory_gib * _GIB, limit_s)
    problem = next(p for p in PROBLEMS if p.name == PROBLEM)
    reference = gate.reference_of(problem, inputs)
    for made in problem.implementations:
        if names and made.name not in names:
            continue
        row: dict[str, Any] = {"implementation": made.name, "algorithm": made.algorithm, "status": "ok", "reason": ""}
        if reason := missing_packages(made):
            yield row | {"status": "skipped", "reason": reason}
            continue
        try:
            on_cluster = made.convert.endswith("cluster")
            files = inputs[0].path, inputs[1].path
            took = usage.alone(scaling.implementation, made.target, *files, on_cluster, limits)
        except usage.Ended as ended:
            allowed = f"{limits.anonymous_bytes / _GIB:g} GiB, {limits.time_s:g} s"
            yield row | {"status": "failed", "reason": f"{ended} ({allowed})"}
            continue
        except Exception as error:  # noqa: BLE001  (whatever stops it is its row's reason)
            yield row | {"status": "failed", "reason": f"{type(error).__name__}: {error}"[:300]}
            continue
        answer = tuple(np.asarray(part) for part in took.answer)
        error_of = worst_relative_error(inputs, reference, answer)
        yield row | {
            "time_s": took.time_s,
            "anonymous_bytes": took.anonymous_bytes,
            "digits": gate.digits(error_of),
        }


def _show(document: dict[str, Any], output: Path) -> None:
    from lrbench.report import scaling

    write(output / "scaling.html", scaling.page(document))
    click.echo(scaling.text(document))
    click.echo(f"Page: {(output / 'scaling.html').resolve()}")
