"""What a measurement depends on beside the code: machine, libraries, threads, load, commit."""

import contextlib
import os
import platform
import subprocess
import time
from collections.abc import Collection, Mapping
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
PEERS = (
    "scipy",
    "scikit-learn",
    "scikit-learn-intelex",
    "statsmodels",
    "polars",
    "polars-ols",
    "jax",
    "torch",
    "numexpr",
    "cffi",
    "pyarrow",
)
CLUSTER = ("dask", "distributed", "dask-ml", "zarr")

_CONTAINER = Path("/sys/fs/cgroup")  # where one that limits memory says so

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
        "caches": _caches(),
        "virtual_machine": _is_virtual(),
        "container": _container(),
        "clock_resolution_s": time.get_clock_info("perf_counter").resolution,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        **{package.replace("-", "_"): _version(package) for package in (*PACKAGES, *PEERS, *CLUSTER)},
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


def quieter_cpu(current: int, allowed: Collection[int], look_s: float = 0.06) -> int:
    """Return the processor to measure on: the current one, unless another has clearly less to do.

    Looks for some ticks of the scheduler, while this process sleeps; where nothing tells, the current one it is.
    """
    before = _busy_ticks()
    time.sleep(look_s)
    after = _busy_ticks()
    busy = {cpu: after[cpu] - ticks for cpu, ticks in before.items() if cpu in allowed and cpu in after}
    quietest = min(busy, key=busy.__getitem__, default=current)
    tick_s = 1.0 / os.sysconf("SC_CLK_TCK") if busy else 1.0
    return quietest if current in busy and (busy[current] - busy[quietest]) * tick_s > look_s / 3.0 else current


def _busy_ticks() -> dict[int, int]:
    """Return how many ticks each processor has been busy so far, whoever kept it so; empty where that is not told."""
    try:
        lines = Path("/proc/stat").read_text(encoding="ascii").splitlines()
    except OSError:
        return {}
    ticks = {}
    for name, *numbers in (line.split() for line in lines):
        if name[:3] == "cpu" and name[3:].isdigit():
            user, nice, system, _idle, _waiting, *others = map(int, numbers[:8])
            ticks[int(name[3:])] = user + nice + system + sum(others)
    return ticks


def available_memory_bytes() -> float:
    """Return the memory that can still be taken without swapping; infinite where it cannot be read.

    A container may be allowed less than what the machine has.
    """
    free = float("inf")
    with contextlib.suppress(OSError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next((float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")), free)
    with contextlib.suppress(OSError, ValueError):  # absent, or "max": no limit
        limit, taken = (
            float((_CONTAINER / name).read_text(encoding="ascii")) for name in ("memory.max", "memory.current")
        )
        free = min(free, max(0.0, limit - taken))
    return free


def shortage(n_elements: int) -> str:
    """Return why arrays of so many elements cannot be worked on here; empty where they can.

    Inputs, a layout or copy of them, and what a solver makes of one take three times their size.
    """
    needed, available = 3.0 * 8.0 * n_elements, available_memory_bytes()
    return f"needs about {needed / 1e9:.2g} GB, and {available / 1e9:.2g} are free" if needed > available else ""


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


def _caches() -> Mapping[str, str] | None:
    """Return the first processor's caches, such as {'L2': '1024K', 'L3': '32768K shared by 0-1'}; None if unknown."""
    found = {}
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = (_first_line(str(folder / name)) for name in ("level", "type", "size"))
        shared = _first_line(str(folder / "shared_cpu_list"))
        if level and size and kind != "Instruction":
            found[f"L{level}"] = size if shared in (None, "0") else f"{size} shared by {shared}"
    return found or None


def _container() -> str | None:
    """Return what seems to confine this process; None where nothing does, or nothing tells."""
    for path, name in (("/.dockerenv", "docker"), ("/run/.containerenv", "podman")):
        if Path(path).exists():
            return name
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        return "kubernetes"
    lines = (_first_line("/proc/1/cgroup") or "").casefold()
    return next((name for name in ("docker", "kubepods", "lxc", "containerd") if name in lines), None)


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
