"""Where results that outlive a process are kept: references, and numba's compiled code.

Each folder is named by a hash of the sources that made its contents. numba itself looks only at the file that
holds a compiled function, so that an edited callee in another file would leave a stale caller; and a reference
outlives its own mending.
"""

import hashlib
import os
import shutil
import sys
import time
from pathlib import Path

_UNUSED_AFTER_S = 30 * 86400.0


def root() -> Path:
    """Return $LRBENCH_CACHE, else the user's cache folder for lrbench."""
    if chosen := os.environ.get("LRBENCH_CACHE"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "lrbench"


def folder(kind: str, *, sources: str) -> Path:
    """Return an existing folder for one kind of result, made by the sources that match a pattern of the package."""
    package = Path(__file__).parent
    digest = hashlib.sha256(str(package).encode())
    for path in sorted(package.glob(sources)):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    found = root() / kind / digest.hexdigest()[:16]
    if not found.is_dir():
        _forget_unused(found.parent)
        found.mkdir(parents=True, exist_ok=True)
    os.utime(found)
    return found


def keep_numba_code_apart() -> None:
    """Point numba at a folder of its own for exactly these sources; must precede numba's import."""
    if "numba" not in sys.modules:
        os.environ["NUMBA_CACHE_DIR"] = str(folder("numba", sources="**/*.py"))


def _forget_unused(parent: Path) -> None:
    for old in parent.glob("*"):
        if time.time() - old.stat().st_mtime > _UNUSED_AFTER_S:
            shutil.rmtree(old, ignore_errors=True)
