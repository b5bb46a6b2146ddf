"""What a pass over blocks costs on many workers: a model of a few numbers, to be held against measurements.

    time = fixed + max(compute, schedule) + reduce
    compute  = ceil(tasks / workers) (rows_a_task row_s + blocks_a_task block_s + task_s)
    row_s    = flops_a_row / flops_per_s + bytes_a_row / read_bytes_per_s
    schedule = tasks schedule_s
    reduce   = ceil(log8(workers)) (latency_s + 8 * 8 (d + 1)^2 / network_bytes_per_s)

flops_a_row = (d + 2) (d + 3), the lower half of the products of [X y 1]; bytes_a_row = 8 (d + 1). Tasks are merged by
eights, first on the worker that has them: only d^2 numbers a worker travel. A worker of one thread reads a block, then
computes with it. Assumed: all workers are alike and read their own blocks at full speed, whatever the others do; no
worker fails; the scheduler is one process.
"""

import math
from dataclasses import dataclass

from lrbench.out_of_core.dask_engine import edges

_FAN_IN = 8
FLOAT_BYTES = 8


@dataclass(frozen=True, slots=True)
class Machine:
    """What one worker (one thread), its scheduler and the network between them can do."""

    flops_per_s: float  # of the Gram kernel, at the number of features in question
    read_bytes_per_s: float  # at which one worker gets blocks from where they are stored
    block_s: float  # of a worker, for each block beside its rows' own work
    task_s: float  # of a worker, for each run of blocks that is a task
    schedule_s: float  # of the scheduler, for one task
    fixed_s: float  # of a pass, however small
    network_bytes_per_s: float
    latency_s: float  # of one result sent


@dataclass(frozen=True, slots=True)
class Cost:
    """The model's parts of one pass, in seconds."""

    compute_s: float
    schedule_s: float
    reduce_s: float
    fixed_s: float

    @property
    def time_s(self) -> float:
        """Seconds of the pass."""
        return self.fixed_s + max(self.compute_s, self.schedule_s) + self.reduce_s


def flops_a_row(n_features: int) -> float:
    """Return the flops that one row adds to the Gram matrix of [X y 1]."""
    return (n_features + 2.0) * (n_features + 3.0)


def bytes_a_row(n_features: int) -> float:
    """Return the bytes of one row of [X y]."""
    return FLOAT_BYTES * (n_features + 1.0)


def predict(machine: Machine, *, n_samples: int, n_features: int, workers: int, block_bytes: float) -> Cost:
    """Return what the first pass costs; a correction is one more, of about 22 n_features flops a row."""
    rows = max(1, int(block_bytes / (FLOAT_BYTES * n_features)))
    rows = min(rows, n_samples)
    blocks = math.ceil(n_samples / rows)
    row_s = flops_a_row(n_features) / machine.flops_per_s + bytes_a_row(n_features) / machine.read_bytes_per_s
    tasks = len(edges(blocks, workers)) - 1
    in_turn = math.ceil(tasks / workers)
    blocks_in_turn = math.ceil(in_turn * blocks / tasks)
    compute_s = (
        in_turn * machine.task_s + blocks_in_turn * machine.block_s + min(blocks_in_turn * rows, n_samples) * row_s
    )
    levels = math.ceil(math.log(workers, _FAN_IN)) if workers > 1 else 0
    moved = _FAN_IN * FLOAT_BYTES * (n_features + 1.0) ** 2
    reduce_s = levels * (machine.latency_s + moved / machine.network_bytes_per_s)
    return Cost(compute_s, tasks * machine.schedule_s, reduce_s, machine.fixed_s)
