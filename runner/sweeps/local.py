"""Batches of lanes on the cores of this machine.

Threads, not processes: the lanes' work is compiled code that doesn't hold up other threads, and the market is there once.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from queue import SimpleQueue

from runner.sweeps.results import Results
from runner.sweeps.work import Batch, Worker

__all__ = ["run_local"]

AHEAD = 2
"""Batches that are made ready per thread."""


def run_local(batches: Iterable[Batch], workers: int) -> Iterator[Results]:
    """Run batches in so many threads, and yield their results in the order in which they end."""
    idle: SimpleQueue[Worker] = SimpleQueue()
    for _ in range(workers):
        idle.put(Worker())

    def run(batch: Batch) -> Results:
        worker = idle.get()
        try:
            return worker.run(batch)
        finally:
            idle.put(worker)

    left = iter(batches)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="lanes")
    try:
        running: set[Future[Results]] = {pool.submit(run, batch) for batch in islice(left, AHEAD * workers)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            running |= {pool.submit(run, batch) for batch in islice(left, len(done))}
            for each in done:
                yield each.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
