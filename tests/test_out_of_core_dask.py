"""Passes by Dask: the same answers, workers that die, blocks that fail, and kernels under its threads."""

import functools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import lrbench
from lrbench.out_of_core.blocks import Source
from lrbench.out_of_core.npy import open_npy
from lrbench.out_of_core.passes import solve
from lrbench.regression.gram import one_pass_gram

dask = pytest.importorskip("dask", reason="needs dask: pip install 'lrbench[out-of-core]'")
pytest.importorskip("distributed", reason="needs distributed: pip install 'lrbench[out-of-core]'")

from lrbench.out_of_core import cluster, dask_engine  # noqa: E402  (only where Dask is)

N, D, BLOCKS = 20_000, 5, 40
UNIT = 2.0**-53
UNDER_THREADS = """
import os
os.environ["NUMBA_THREADING_LAYER"] = "workqueue"
import dask, numpy as np, lrbench
from dask import delayed
rng = np.random.default_rng(0)
X, y = rng.standard_normal((300_000, 10)), rng.standard_normal(300_000)
want = lrbench.fit(X, y)
found = dask.compute(*[delayed(lrbench.fit)(X, y) for _ in range(8)], scheduler="threads", num_workers=4)
assert all(np.allclose(f.coefficients, want.coefficients, rtol=1e-15, atol=0) for f in found)
from lrbench.regression import gram
moments = dask.compute(*[delayed(gram.scatter)(X, y) for _ in range(8)], scheduler="threads", num_workers=4)
print(len(moments), gram.numba.threading_layer())
"""


@pytest.fixture(scope="module")
def client():
    found = cluster.start_local(2)
    yield found
    cluster.stop(found)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    rng = np.random.default_rng(1)
    X = 2.0 + rng.standard_normal((N, D))
    y = X @ np.arange(1.0, D + 1) + 3 + rng.standard_normal(N)
    np.save(folder / "X.npy", X)
    np.save(folder / "y.npy", y)
    return str(folder / "X.npy"), str(folder / "y.npy")


def source_of(files, read=None):
    source = open_npy(*files, block_bytes=8 * D * (N // BLOCKS))
    assert source.n_blocks == BLOCKS
    return source if read is None else Source(source.name, BLOCKS, functools.partial(read, source), source.where)


def slowly(source, k):
    time.sleep(0.05)
    return source.read(k)


def with_nan(source, k):
    X, y = source.read(k)
    if k == 31:
        X = X.copy()
        X[7, 2] = np.nan
    return X, y


def unreadable(source, k):
    if k == 17:
        message = "Input/output error"
        raise OSError(5, message)
    return source.read(k)


def assert_right(solution, files):
    want = lrbench.fit(np.load(files[0]), np.load(files[1]))
    np.testing.assert_allclose(solution.w, want.coefficients, rtol=2 * UNIT)
    assert solution.b == pytest.approx(want.intercept, rel=2 * UNIT)


def test_the_same_answer_on_a_cluster(client, files):
    assert_right(solve(dask_engine.over_source(source_of(files), client), intercept=True), files)


def maps_the_file(path):
    return path in Path("/proc/self/maps").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc, which tells what is mapped")
def test_workers_keep_no_file_mapped(client, files):
    # Dask counts mapped pages as a worker's memory: of files larger than its limit it would wait for ever.
    held = np.load(files[0], mmap_mode="r")
    assert maps_the_file(files[0])
    del held
    solve(dask_engine.over_source(source_of(files), client), intercept=True)
    assert client.run(maps_the_file, files[0]) == dict.fromkeys(client.nthreads(), False)


@pytest.mark.parametrize(("processors", "own_processes"), [(1, 0), (2, 2)])
def test_a_single_worker_is_a_thread_of_this_process(files, monkeypatch, processors, own_processes):
    monkeypatch.delenv(cluster.SCHEDULER, raising=False)
    monkeypatch.setattr(cluster, "_processors", lambda: processors)
    cluster.client.cache_clear()
    try:
        client = cluster.client()
        pids = set(client.run(os.getpid).values())
        assert (len(pids - {os.getpid()}), len(client.nthreads())) == (own_processes, processors)
        assert_right(solve(dask_engine.over_source(source_of(files), client), intercept=True), files)
    finally:
        cluster.leave()


def test_and_of_dask_arrays_on_a_cluster(client, files):
    import dask.array as da

    with client.as_current():
        X, y = (
            da.from_array(np.load(path), chunks=[N // 7, *rest]) for path, rest in zip(files, ([2], []), strict=True)
        )
        found = lrbench.fit(X, y)
    want = lrbench.fit(np.load(files[0]), np.load(files[1]))
    np.testing.assert_allclose(found.coefficients, want.coefficients, rtol=2 * UNIT)


def test_chunks_of_unknown_lengths(files):
    import dask.array as da

    X, y = np.load(files[0]), np.load(files[1])
    kept = da.from_array(X[:, 0], chunks=N // 4) > 2.0
    found = lrbench.fit(da.from_array(X, chunks=(N // 4, -1))[kept], da.from_array(y, chunks=N // 4)[kept])
    want = lrbench.fit(X[X[:, 0] > 2.0], y[X[:, 0] > 2.0])
    np.testing.assert_allclose(found.coefficients, want.coefficients, rtol=2 * UNIT)


@pytest.mark.parametrize("seed", range(2))
def test_a_worker_killed_in_mid_run_changes_nothing(files, seed):
    client = cluster.start_local(2)
    chance = random.Random(seed)
    killed = []

    def kill():
        time.sleep(chance.uniform(0.1, 0.8))
        pid = chance.choice(list(client.run(os.getpid).values()))
        os.kill(pid, signal.SIGKILL)
        killed.append(pid)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        solution = solve(dask_engine.over_source(source_of(files, slowly), client), intercept=True)
        was_running = bool(killed)
        killer.join()
    finally:
        cluster.stop(client)
    assert was_running
    assert_right(solution, files)


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (with_nan, r"block 31 of .*X\.npy \(rows 15500 to 15999\): column 2 of X is nan in its row 7"),
        (unreadable, r"block 17 of .*X\.npy \(rows 8500 to 8999\): .*Input/output error"),
    ],
)
def test_a_block_that_fails_on_a_worker_is_named(client, files, read, message):
    with pytest.raises(lrbench.BadBlock, match=message) as raised:
        solve(dask_engine.over_source(source_of(files, read), client), intercept=True)
    assert raised.value.block in (31, 17)


def test_arrays_that_do_not_fit_are_refused():
    import dask.array as da

    X, y = da.ones((10, 2), chunks=(5, 2)), da.ones(11, chunks=5)
    for arguments, message in [
        ((X, np.ones(10)), "y must be one of one axis"),
        ((X, y), "11 targets for the 10 samples"),
        ((X, X), "y must be one of one axis"),
    ]:
        with pytest.raises(lrbench.BadSource, match=message):
            lrbench.fit(*arguments)


def test_kernels_run_under_dasks_threads_whatever_the_threading_layer():
    """Without care the workqueue layer ends the process: two callers at a time."""
    environment = {**os.environ, "NUMBA_NUM_THREADS": "2"}
    run = subprocess.run(
        [sys.executable, "-c", UNDER_THREADS], capture_output=True, text=True, check=False, env=environment
    )
    assert (run.returncode, run.stdout.split()) == (0, ["8", "workqueue"]), run.stderr


def test_one_thread_outside_the_main_one():
    from lrbench.regression.gram import available_threads

    found = []
    other = threading.Thread(
        target=lambda: found.append((available_threads(), one_pass_gram(np.eye(5)[:, :2], np.ones(5))))
    )
    other.start()
    other.join()
    assert found[0][0] == 1
