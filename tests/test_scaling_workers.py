"""lrbench scaling's part `workers`: clusters take turns, and what they took stands beside the model."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from lrbench.cli.scaling import _workers
from lrbench.out_of_core import calibration, scaling
from lrbench.out_of_core.cost_model import Machine

MIB = 2**20
MACHINE = Machine(
    flops_per_s=1e9,
    read_bytes_per_s=1e9,
    block_s=1e-4,
    task_s=1e-3,
    schedule_s=1e-4,
    fixed_s=0.01,
    network_bytes_per_s=1e9,
    latency_s=1e-3,
)
MACHINES = {1: MACHINE, 2: replace(MACHINE, flops_per_s=0.75e9)}
TIMES = {(1, MIB): 2.0, (2, MIB): 1.25, (1, 4 * MIB): 1.5, (2, 4 * MIB): 0.75}


@pytest.fixture
def files(tmp_path):
    """Return paths of X and y of 100 samples."""
    rng = np.random.default_rng(0)
    for name, shape in (("X", (100, 3)), ("y", (100,))):
        np.save(tmp_path / f"{name}.npy", rng.normal(size=shape))
    return str(tmp_path / "X.npy"), str(tmp_path / "y.npy")


def test_every_pass_stands_beside_one_workers_and_the_model(monkeypatch):
    def calibrated(*arguments):
        X, y, workers, _ = arguments
        assert (X, y, list(workers)) == ("X", "y", [1, 2])  # each once, in order
        return MACHINES, TIMES

    monkeypatch.setattr(calibration, "calibrate", calibrated)
    found = _workers("X", "y", (1000, 3), [2, 1, 2], [1, 4])
    rows = {(row["workers"], row["block_bytes"]): row for row in found["workers"]}
    assert list(rows) == list(TIMES)
    assert {place: row["efficiency"] for place, row in rows.items()} == {
        (1, MIB): 1.0,
        (2, MIB): 0.8,
        (1, 4 * MIB): 1.0,
        (2, 4 * MIB): 1.0,
    }
    assert rows[2, MIB]["kernel_efficiency"] == 0.75
    assert rows[2, MIB]["bytes_per_s"] == 1000 * 4 * 8 / 1.25
    for place, row in rows.items():
        assert row["model_over_measured"] == pytest.approx(row["model_s"] / TIMES[place])
    assert rows[2, MIB]["model_s"] > rows[1, MIB]["model_s"]  # one block: nothing to share, a slower kernel, a network
    assert found["machine"]["flops_per_s"] == 0.75e9  # of most workers: what a cluster's are supposed to be


def test_without_one_worker_there_is_no_efficiency(monkeypatch):
    times = {place: time_s for place, time_s in TIMES.items() if place[0] == 2}
    monkeypatch.setattr(calibration, "calibrate", lambda *_: ({2: MACHINES[2]}, times))
    for row in _workers("X", "y", (1000, 3), [2], [1, 4])["workers"]:
        assert row["efficiency"] is None
        assert row["kernel_efficiency"] == 1.0


def test_rates_are_those_before_and_after_what_they_are_to_predict(monkeypatch):
    happened, rates = [], iter([(1.0, 10.0), (3.0, 30.0), (5.0, 70.0), (9.0, 90.0)])

    def rates_at_once(*arguments):
        happened.append(arguments[-1])
        return [next(rates)]

    monkeypatch.setattr(calibration, "_rates_at_once", rates_at_once)
    small = {1: (0.1, 0.2, 0.3), 2: (0.2, 0.4, 0.6), 4: (0.4, 0.8, 1.2)}
    monkeypatch.setattr(calibration, "_small_tasks", lambda *arguments: small[arguments[-1]])
    monkeypatch.setattr(calibration, "_between_processes", lambda: (0.5, 6.0))
    machines, answer = calibration.calibrate("X", "y", [2, 4], lambda: happened.append("between") or "found")
    assert happened == [2, 4, "between", 2, 4]
    assert answer == "found"
    assert machines[2] == Machine(
        flops_per_s=3.0,
        read_bytes_per_s=40.0,
        block_s=0.6,
        task_s=0.2,  # of one worker, whether or not one is measured
        schedule_s=0.4,
        fixed_s=0.1,
        network_bytes_per_s=6.0,
        latency_s=0.5,
    )
    assert machines[4].flops_per_s == 6.0


class _Clusters:
    """Clusters whose passes are only written down, and take as long as the list of times says."""

    def __init__(self, monkeypatch, times):
        self.started, self.stopped, self.passes = [], [], []
        monkeypatch.setattr(scaling.cluster, "start_local", self._start)
        monkeypatch.setattr(scaling.cluster, "stop", self.stopped.append)
        monkeypatch.setattr(scaling.dask_engine, "over_source", self._over)
        monkeypatch.setattr(scaling, "seconds", lambda call: call() or next(times))

    def _start(self, count):
        if count > 2:
            raise OSError(count)
        self.started.append(count)
        return count

    def _over(self, source, client):
        return lambda *_: self.passes.append((client, source.n_blocks))


def test_clusters_take_turns_and_the_first_turn_warms_up(files, monkeypatch):
    small, large = 10 * 3 * 8, 50 * 3 * 8  # ten blocks, and two
    rounds = [[100.0] * 4, *([float(k)] * 4 for k in (3, 1, 4, 1, 5))]
    clusters = _Clusters(monkeypatch, itertools.chain.from_iterable(rounds))
    found = scaling.passes_by_dask(*files, [1, 2], [small, large])
    assert found == dict.fromkeys([(1, small), (1, large), (2, small), (2, large)], 3.0)
    assert sorted(clusters.stopped) == clusters.started == [1, 2]
    turns = list(zip(clusters.passes[::2], clusters.passes[1::2], strict=True))
    assert all(first[1] == second[1] and first[0] != second[0] for first, second in turns)  # two clusters, one size
    assert {first[0] for first, _ in turns} == {1, 2}  # neither is always the first


def test_a_cluster_that_cannot_start_leaves_none_behind(files, monkeypatch):
    clusters = _Clusters(monkeypatch, iter(()))
    with pytest.raises(OSError, match="3"):
        scaling.passes_by_dask(*files, [1, 3], [240])
    assert clusters.stopped == [1]
