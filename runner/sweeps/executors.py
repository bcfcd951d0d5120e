"""Who runs the batches of a sweep, as its configuration asks for."""

from contextlib import AbstractContextManager

from runner.spec.sweep import Sweep
from runner.sweeps.local import Local
from runner.sweeps.running import Executor

__all__ = ["executor_of"]


def executor_of(sweep: Sweep, workers: int) -> AbstractContextManager[Executor]:
    """Start whoever runs batches.

    Args:
        sweep: Says who.
        workers: Threads, or processes.

    Raises:
        RunError: If a scheduler doesn't answer.
    """
    if sweep.executor == "local":
        return Local(workers)
    from runner.sweeps.dask_cluster import DaskCluster  # noqa: PLC0415 - an extra, and a second; only who asks for it pays

    return DaskCluster(workers, sweep.scheduler)
