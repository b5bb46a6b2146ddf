"""What a measurement depends on beside the code: machine, libraries, threads, load, commit."""

import os
import platform
import subprocess
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lrbench import cache

# Every library reads its own variable, once, when it is loaded.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
)

PACKAGES = ("numpy", "numba", "llvmlite", "lrbench")
PEERS = ("scipy", "scikit-learn", "scikit-learn-intelex", "statsmodels", "polars", "polars-ols", "jax", "torch")

# Measurements that differ in one of these are not of one run.
IDENTITY = ("machine", "cpu", "python", "numpy", "numba", "blas", "blas_kernel", "source")


def describe() -> Mapping[str, Any]:
    """Return the environment of this process, after the libraries have been loaded; values fit JSON."""
    return {
        "machine": platform.node(),
        "system": platform.platform(),
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "affinity": sorted(allowed_cpus()),
        "memory_bytes": _memory_bytes(),
        "governor": _first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "boost": _first_line("/sys/devices/system/cpu/cpufreq/boost"),
        "virtual_machine": _is_virtual(),
        "clock_resolution_s": time.get_clock_info("perf_counter").resolution,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        **{package.replace("-", "_"): _version(package) for package in (*PACKAGES, *PEERS)},
        "source": cache.fingerprint(),
        **_blas(),
        **_commit(),
    }


def identity(environment: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of an environment that all measurements of a run share."""
    return {name: environment.get(name) for name in IDENTITY}


def allowed_cpus() -> set[int]:
    """Return the processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def available_memory_bytes() -> float:
    """Return the memory that can still be taken without swapping; infinite where it cannot be read."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return float("inf")
    return next((float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")), float("inf"))


def load() -> float | None:
    """Return how many processes wanted to run over the last minute; None where it cannot be read."""
    try:
        return os.getloadavg()[0]
    except (OSError, AttributeError):
        return None


def _first_line(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return None


def _is_virtual() -> bool | None:
    """Return whether the processor says that a hypervisor runs it; None where it says nothing."""
    try:
        return "hypervisor" in Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return None


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _blas() -> Mapping[str, str | None]:
    """Return the BLAS that NumPy has loaded, with its version and the kernel it chose for this processor.

    SciPy's wheel brings one of its own, which may be listed first: NumPy's lies in NumPy's folder or in numpy.libs.
    """
    import numpy as np
    from threadpoolctl import threadpool_info

    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    numpy = str(Path(np.__file__).parent)
    for pool in sorted(pools, key=lambda pool: not pool["filepath"].startswith((numpy + os.sep, numpy + "."))):
        return {"blas": f"{pool['internal_api']} {pool['version']}", "blas_kernel": pool.get("architecture")}
    built = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {"blas": f"{built.get('name')} {built.get('version')}", "blas_kernel": None}


def _commit() -> Mapping[str, Any]:
    """Return the commit that lrbench runs from and whether files differ from it; nothing for an installed wheel."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return {"commit": None, "dirty": None}
    try:
        commit = _git(root, "rev-parse", "HEAD")
        return {"commit": commit, "dirty": bool(_git(root, "status", "--porcelain", "--untracked-files=no"))}
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "dirty": None}


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603  (fixed words)
