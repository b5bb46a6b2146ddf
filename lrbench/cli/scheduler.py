"""lrbench run --scheduler: the running Dask cluster that the Dask sides are to use."""

import importlib.util
import os
from collections.abc import Sequence

import click

from lrbench.registry import Problem

_TIMEOUT = "10s"


def join(address: str, problems: Sequence[Problem]) -> str:
    """Let the processes of this run use the scheduler at an address; return a remark on what it has.

    Errors: click.UsageError where no problem has a Dask side, Dask is missing, or nothing that answers is there.
    """
    if not any("distributed" in i.requires for problem in problems for i in problem.implementations):
        message = "--scheduler: none of the problems chosen runs on Dask. least_squares_out_of_core does."
        raise click.UsageError(message)
    if importlib.util.find_spec("distributed") is None:
        message = "--scheduler needs distributed: pip install 'lrbench[out-of-core]'"
        raise click.UsageError(message)
    from distributed import Client

    from lrbench.out_of_core.cluster import SCHEDULER

    try:
        with Client(address, timeout=_TIMEOUT, set_as_default=False) as client:
            workers = client.scheduler_info(n_workers=-1)["workers"].values()
    except (OSError, ValueError) as error:
        message = f"--scheduler {address}: no Dask scheduler answers there: {error}. Start one with: dask scheduler"
        raise click.UsageError(message) from None
    if not workers:
        message = f"--scheduler {address}: it has no workers. Start one with: dask worker {address} --nthreads 1"
        raise click.UsageError(message)
    os.environ[SCHEDULER] = address  # of the processes that measure
    threads = sum(worker["nthreads"] for worker in workers)
    return (
        f"The Dask sides ran on a cluster of {len(workers)} workers with {threads} threads in all, whatever the "
        "table's number of threads."
    )
