"""One thread for the whole test process, and benchmarking only where it is asked for."""

import os

# Before NumPy is imported: every library reads its variable once, when it is loaded.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_variable] = "1"

from lrbench import cache  # noqa: E402  (the variables come first)

cache.keep_numba_code_apart()  # before any test imports numba

BENCHMARKING = ("only", "enable", "json", "save", "autosave", "compare", "compare_fail", "histogram")


def pytest_addoption(parser):
    parser.addoption("--large", action="store_true", help="run the benchmarks of more than a million elements too")


def pytest_configure(config):
    config.addinivalue_line("markers", "large: runs only with --large")
    if not any(config.getoption(f"benchmark_{name}") for name in BENCHMARKING):
        config.option.benchmark_disable = True  # each is called once; pytest-benchmark reads this after us


def pytest_collection_modifyitems(config, items):
    def is_asked_for(item):
        if config.getoption("benchmark_only") and "benchmark" not in item.fixturenames:
            return False  # pytest-benchmark would list each as skipped
        return config.getoption("large") or not item.get_closest_marker("large")

    config.hook.pytest_deselected(items=[item for item in items if not is_asked_for(item)])
    items[:] = filter(is_asked_for, items)


def pytest_benchmark_update_machine_info(machine_info):
    for name in ("hz_actual", "hz_actual_friendly"):  # another one at every reading, and compared like a fact
        machine_info.get("cpu", {}).pop(name, None)
