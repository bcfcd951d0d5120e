"""Batches of lanes on the cores of this machine.

Threads, not processes: the lanes' work is compiled code that doesn't hold up other threads, and the market is there once.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from runner.sweeps.results import Results
from runner.sweeps.work import Batch, Worker
from runner.trading.kernel.advance import compiled_advance

__all__ = ["Local"]


class Local:
    """Runs batches in some threads; a context."""

    def __init__(self, workers: int) -> None:
        """Begin.

        Args:
            workers: Threads.
        """
        compiled_advance()
        self.room = 2 * workers
        """Batches that it takes at once."""
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        for _ in range(workers):
            self._idle.put(Worker())
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="lanes")

    def submit(self, batch: Batch) -> "Future[Results]":
        """Take a batch; it is run when a thread is free."""
        return self._pool.submit(self._run, batch)

    def _run(self, batch: Batch) -> Results:
        worker = self._idle.get()
        try:
            return worker.run(batch)
        finally:
            self._idle.put(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
