"""Where results that outlive a process are kept: references, and numba's compiled code.

Each folder is named by a hash of the sources that made its contents. numba itself looks only at the file that
holds a compiled function, so that an edited callee in another file would leave a stale caller; and a reference
outlives its own mending.
"""

import contextlib
import functools
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_UNUSED_AFTER_S = 30 * 86400.0
_PACKAGE = Path(__file__).parent


class CacheUnwritableError(OSError):
    """No folder can be written in which results could be kept."""


def roots() -> Iterator[Path]:
    """Yield where to keep results, best first: $LRBENCH_CACHE, the user's cache folder, the system's temporary one."""
    if chosen := os.environ.get("LRBENCH_CACHE"):
        yield Path(chosen)
        return
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111  (Path.home may raise)
    yield Path(base) / "lrbench"
    yield Path(tempfile.gettempdir()) / f"lrbench-{os.getuid() if hasattr(os, 'getuid') else 'cache'}"


@functools.cache
def fingerprint(sources: str = "**/*.py") -> str:
    """Return a hash of the package's sources that match a pattern, as they are when it is first asked for."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.glob(sources)):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def folder(kind: str, *, sources: str) -> Path:
    """Return an existing folder for one kind of result, made by the sources that match a pattern of the package.

    Errors: CacheUnwritableError.
    """
    name = fingerprint(sources)
    for root in roots():
        found = root / kind / name
        with contextlib.suppress(OSError):
            if not found.is_dir():
                _forget_unused(found.parent)
                found.mkdir(parents=True, exist_ok=True)
            os.utime(found)
            if os.access(found, os.W_OK):
                return found
    message = f"{root}: cannot be written. Set LRBENCH_CACHE to a folder that can."
    raise CacheUnwritableError(message)


def keep_numba_code_apart() -> None:
    """Point numba at a folder of its own for exactly these sources; must precede numba's import."""
    if "numba" not in sys.modules:
        os.environ["NUMBA_CACHE_DIR"] = str(folder("numba", sources="**/*.py"))


def _forget_unused(parent: Path) -> None:
    for old in parent.glob("*"):
        with contextlib.suppress(OSError):  # another process may have been faster
            if time.time() - old.stat().st_mtime > _UNUSED_AFTER_S:
                shutil.rmtree(old, ignore_errors=True)
