"""Right answers that are made once and kept on disk, by the checksum of what was asked."""

import contextlib
import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lrbench import cache
from lrbench.registry import Reference

_LARGEST_STORED_BYTES = 2**25


def remember(name: str, make: Callable[[], Reference]) -> Reference:
    """Return a reference from the cache, or make it and keep it."""
    cache.keep_numba_code_apart()
    path = cache.folder("references", sources="problems/*.py") / f"{name}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return _unpack(stored)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):  # absent, or damaged: made anew
        reference = make()
        with contextlib.suppress(OSError):  # a full disk costs time and nothing else
            _store(path, reference)
        return reference


def _unpack(stored: Any) -> Reference:
    count = int(stored["count"])
    parts = [tuple(stored[f"{kind}{k}"] for k in range(count)) for kind in ("answer", "tail", "scale")]
    facts = json.loads(str(stored["facts"]))
    return Reference(parts[0], parts[1], parts[2], float(stored["tolerance"]), facts)


def _store(path: Path, reference: Reference) -> None:
    """Write a reference under a temporary name and rename it, so that no reader sees half of it.

    One that is large beyond any other is that of a vector addition, which takes as long to read as to make.
    """
    if sum(part.nbytes for part in reference.answers) > _LARGEST_STORED_BYTES:
        return
    arrays: dict[str, Any] = {"count": len(reference.answers), "tolerance": reference.tolerance}
    arrays["facts"] = json.dumps(dict(reference.facts))
    for kind, parts in (("answer", reference.answers), ("tail", reference.tails), ("scale", reference.scales)):
        arrays.update({f"{kind}{k}": part for k, part in enumerate(parts)})
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        try:
            np.savez(file, **arrays)
        except OSError:
            Path(file.name).unlink()
            raise
    Path(file.name).replace(path)
