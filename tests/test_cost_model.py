"""The cost model of passes on literal machines, and how blocks become tasks."""

import numpy as np
import pytest

from lrbench.out_of_core.cost_model import Machine, bytes_a_row, flops_a_row, predict
from lrbench.out_of_core.dask_engine import TASKS_A_THREAD, edges

MACHINE = Machine(
    flops_per_s=1e9,
    read_bytes_per_s=8e9,
    block_s=1e-4,
    task_s=1e-3,
    schedule_s=2e-3,
    fixed_s=0.01,
    network_bytes_per_s=1e9,
    latency_s=1e-3,
)


def test_one_worker_computes_all_blocks_in_turn():
    # 16 blocks of 1000 rows of 8 features: 110 flops a row; a task each, as there are few.
    cost = predict(MACHINE, n_samples=16_000, n_features=8, workers=1, block_bytes=8 * 8 * 1000)
    assert flops_a_row(8) == 110
    assert bytes_a_row(8) == 72
    assert cost.compute_s == pytest.approx(16 * (1e-3 + 1e-4) + 16_000 * (110e-9 + 72 / 8e9))
    assert cost.schedule_s == pytest.approx(16 * 2e-3)
    assert cost.reduce_s == 0
    assert cost.time_s == pytest.approx(0.01 + 16 * 2e-3)  # the scheduler is the slower of the two


def test_memory_limits_where_arithmetic_is_fast():
    fast = Machine(1e15, 8e9, 0.0, 0.0, 0.0, 0.0, 1e9, 0.0)
    cost = predict(fast, n_samples=10**6, n_features=9, workers=1, block_bytes=2**20)
    assert cost.time_s == pytest.approx(10**6 * (80 / 8e9 + 11 * 12 / 1e15))


def test_only_d_squared_numbers_travel_and_by_eights():
    cost = predict(MACHINE, n_samples=10**9, n_features=99, workers=512, block_bytes=2**25)
    assert cost.reduce_s == pytest.approx(3 * (1e-3 + 8 * 8 * 100**2 / 1e9))


def test_a_hundred_workers_take_a_hundredth_of_the_arithmetic():
    times = [
        predict(MACHINE, n_samples=10**9, n_features=100, workers=count, block_bytes=2**20).compute_s
        for count in (1, 100)
    ]
    assert times[0] / times[1] == pytest.approx(100, rel=0.1)


@pytest.mark.parametrize("n_blocks", [1, 15, 100, 12_345])
@pytest.mark.parametrize("threads", [1, 2, 64])
def test_tasks_keep_all_threads_busy_and_are_alike(n_blocks, threads):
    found = edges(n_blocks, threads)
    lengths = np.diff(found)
    assert (found[0], found[-1]) == (0, n_blocks)
    assert len(lengths) == min(n_blocks, TASKS_A_THREAD * threads)
    assert 1 <= lengths.min() <= lengths.max() <= lengths.min() + 1
