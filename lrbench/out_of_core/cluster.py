"""The Dask cluster of this process: the running one that was asked for, or a local one of its own."""

import atexit
import functools
import os
from typing import Any

SCHEDULER = "LRBENCH_SCHEDULER"  # the environment variable that holds a running scheduler's address
_TIMEOUT = "10s"
_CALM = {  # an idle cluster of two workers takes a fiftieth of a processor so, not an eighth
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.worker.memory.monitor-interval": "500ms",
}


@functools.cache
def client() -> Any:
    """Return the client of the scheduler in $LRBENCH_SCHEDULER; without one, of a local cluster, started now.

    The local cluster has a worker of one thread for each processor that this process may use, and ends with it. Each
    is a process, but for a single one: a thread of this process starts seconds sooner.
    It is Dask's default client from then on, so that peers compute with it too.
    Errors: OSError where no scheduler answers.
    """
    import distributed

    if address := os.environ.get(SCHEDULER):
        found = distributed.Client(address, timeout=_TIMEOUT)
        atexit.register(found.close)
        return found
    processors = _processors()
    return start_local(processors, processes=processors > 1)


def start_local(n_workers: int, *, processes: bool = True, **options: Any) -> Any:
    """Return the client of a new local cluster of so many workers of one thread, each a process unless said otherwise.

    Its dashboard takes any free port: the usual one may be another cluster's. Workers do not profile themselves, and
    seldom look at their memory, clocks and event loops: they share the processors with what they compute.
    """
    import dask
    import distributed  # before its settings, which it fills in

    with dask.config.set(_CALM):
        cluster = distributed.LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            processes=processes,
            dashboard_address="127.0.0.1:0",
            **options,
        )
    found = distributed.Client(cluster)
    atexit.register(stop, found)
    return found


def leave() -> None:
    """End what `client` has started or joined, in processes that run no exit handlers."""
    if client.cache_info().currsize:
        found = client()
        client.cache_clear()
        stop(found)


def stop(client: Any) -> None:
    """End a local cluster and its client."""
    cluster = client.cluster
    client.close()
    if cluster is not None:
        cluster.close()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
