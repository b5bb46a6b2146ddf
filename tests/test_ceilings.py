"""The loops behind the ceilings do what they claim; how fast is not tested but shown."""

import subprocess
import sys

import numpy as np
import pytest

from lrbench.comparisons import ceiling_rows, least_time_s
from lrbench.measure import bandwidth, ceilings
from lrbench.results import Ceiling, Measurement


@pytest.mark.parametrize("size", [8, 64, 1000])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_every_pass_reads_and_adds_everything(size, threads):
    a, b, c = (bandwidth.aligned(size) for _ in range(3))
    a[:] = np.arange(size)
    b[:] = 0.5
    assert bandwidth.read(a, threads, 3) == 3 * a.sum()
    for loop in (bandwidth.add, bandwidth.add_streaming):
        c[:] = np.nan
        loop(a, b, c, threads, 2)
        assert np.array_equal(c, a + b)


def test_arrays_begin_a_cache_line():
    assert all(bandwidth.aligned(size).ctypes.data % 64 == 0 for size in (8, 16, 1000, 4096))


def test_the_ceilings_of_a_case_are_of_its_working_set():
    found = {c.kind: c for c in ceilings.at_working_set(1, 240_000.0)}
    assert {kind: c.working_set_bytes for kind, c in found.items()} == {
        "read": 240_000.0,
        "add": 240_000.0,
        "add_streaming": 240_000.0,
        "flops": None,
    }
    assert all(c.value > 1e6 for c in found.values())


def test_what_one_thread_reaches_is_a_ceiling_of_several_too():
    found = [(c.kind, c.threads) for c in ceilings.at_working_set(2, 240_000.0)]
    kinds = ("read", "add", "add_streaming")
    assert found == [*((kind, 1) for kind in kinds), *((kind, 2) for kind in kinds), ("flops", 2)]


def measurement(*values, flops=100.0, size_bytes=1000.0, **fields):
    kinds = ("read", "add", "add_streaming", "flops")
    found = [Ceiling(kind, 1, None if kind == "flops" else 1e3, v) for kind, v in zip(kinds, values, strict=True)]
    return Measurement("p", "10", 1, 0, (), ceilings=tuple(found), flops=flops, size_bytes=size_bytes, **fields)


def test_the_least_time_is_that_of_the_narrower_limit():
    assert least_time_s([measurement(1e3, 1.0, 1.0, 1e6)]) == 1.0  # bytes over the read bandwidth
    assert least_time_s([measurement(1e6, 1.0, 1.0, 10.0)]) == 10.0  # flops over flop/s
    assert least_time_s([measurement(1.0, 1e3, 2e3, 1e6, traffic="add")]) == 0.5  # the better way to store


def test_what_one_process_found_the_machine_can_do():
    assert (
        least_time_s([measurement(1e3, 1, 1, 1e6), measurement(4e3, 1, 1, 1e6), Measurement("p", "10", 1, 2, ())])
        == 0.25
    )


def test_iterative_problems_and_runs_without_ceilings_have_no_least_time():
    assert least_time_s([measurement(1e3, 1.0, 1.0, 1e6, iterative=True)]) is None
    assert least_time_s([Measurement("p", "10", 1, 0, (), flops=1.0, size_bytes=1.0)]) is None


def test_ceilings_are_reported_once_with_their_spread():
    found = [Ceiling("read", 1, 800.0, value) for value in (3.0, 1.0, 2.0)] + [Ceiling("flops", 2, None, 5.0)]
    assert ceiling_rows(found) == (
        {"kind": "flops", "threads": 2, "working_set_bytes": None, "value": 5.0, "low": 5.0, "high": 5.0},
        {"kind": "read", "threads": 1, "working_set_bytes": 800.0, "value": 2.0, "low": 1.0, "high": 3.0},
    )


def test_the_sweep_runs_in_a_process_of_its_own():
    code = (
        "from lrbench.measure.runner import find_ceilings\n"
        "import sys\n"
        "found = find_ceilings(1)\n"
        "print(len(found), sorted({c.kind for c in found}), 'numba' in sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "22 ['add', 'add_streaming', 'flops', 'read'] False"


def test_for_additions_bytes_alone_tell_the_least_time_where_flops_were_not_measured():
    found = {"ceilings": (Ceiling("add", 1, 1e3, 2e3),), "flops": 100.0, "size_bytes": 1000.0}
    assert least_time_s([Measurement("p", "10", 1, 0, (), traffic="add", **found)]) == 0.5
    reading = {**found, "ceilings": (Ceiling("read", 1, 1e3, 2e3),)}
    assert least_time_s([Measurement("p", "10", 1, 0, (), **reading)]) is None
