"""Batches of lanes on a Dask cluster: processes of this machine, or those of a scheduler that is running somewhere.

1. Every process gets a `Bench` when it joins, also one that is started in the place of another (`_Benches`).
2. The rows of a market go to each process once (`_rows_of`); batches travel as parcels, which are small.
3. A batch whose process died is run again by another: Dask does so by itself, and where it gives up, `_again` does.

Dask moves what travels in its own way between processes that trust one another; nothing of it is read from files.
"""

import asyncio
import logging
import signal
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from threading import RLock
from types import TracebackType
from typing import Any, Self

from distributed import Client, KilledWorker, LocalCluster, Worker, WorkerPlugin, get_worker
from distributed import Future as Promise

from runner.errors import Fault, RunError, RunnerError
from runner.market.load import MarketData
from runner.sweeps.parcel import Bench, Parcel, Place, parcelled, place_of
from runner.sweeps.results import Results
from runner.sweeps.work import Batch
from runner.trading.kernel.advance import compiled_advance

__all__ = ["DaskCluster"]

DEATHS = 5
"""Processes that may die over a batch before Dask gives it up."""
TRIES = 3
"""Times that a batch is handed to Dask."""
PATIENCE = 30.0
"""Seconds that a scheduler may take to answer, and to have a worker."""
LOST = (KilledWorker, CancelledError, asyncio.CancelledError, OSError, TimeoutError)
"""What Dask raises where processes, or the rows they had, are gone."""


class _Benches(WorkerPlugin):
    """Gives every process of a cluster its bench."""

    def __init__(self, name: str, origin: Place, *, is_ours: bool) -> None:
        self.name = name
        self.origin = origin
        self.is_ours = is_ours

    def setup(self, worker: Worker) -> None:
        """Make the bench of a process that joins."""
        if self.is_ours:  # Ctrl-C reaches all processes of a terminal; whoever runs the sweep ends the others
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.bench = Bench(self.origin, worker.address)


@dataclass(slots=True)
class _Sent:
    """A batch that is on its way."""

    parcel: Parcel
    rows: MarketData
    came: "Future[Results]"
    tries: int = 0
    promise: Any = None
    """What Dask holds of it; while it is held, Dask goes on with it."""


@dataclass(slots=True)
class _Guarded:
    """What the thread that runs the sweep and the one that Dask tells of ends have in common."""

    lock: RLock = field(default_factory=RLock)
    sent: dict[int, _Sent] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)
    """Market → Dask's hold of its rows."""
    is_closed: bool = False


class DaskCluster:
    """Runs batches on a cluster; a context."""

    def __init__(self, workers: int, scheduler: str | None = None) -> None:
        """Begin.

        Args:
            workers: Processes of a cluster of this machine, which ends with the context.
            scheduler: Address of a scheduler that runs already, `tcp://host:8786`; None starts the cluster.

        Raises:
            RunError: If the scheduler doesn't answer, or has no workers.
        """
        compiled_advance()  # other processes find it in the cache
        self._open = ExitStack()
        try:
            self._client = self._started(workers) if scheduler is None else self._joined(scheduler)
            self._name = f"runner-{self._client.id}"
            self._client.register_plugin(_Benches(self._name, place_of(), is_ours=scheduler is None))
        except BaseException:
            self._open.close()
            raise
        self._state = _Guarded()
        self.room = 2 * max(sum(self._client.nthreads().values()), 1)
        """Batches that it takes at once."""

    def submit(self, batch: Batch) -> "Future[Results]":
        """Take a batch; it is run when a process is free."""
        sent = _Sent(parcelled(batch), batch.market.data, Future())
        self._send(sent)
        return sent.came

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        state = self._state
        with state.lock:
            state.is_closed = True
            held = [sent.promise for sent in state.sent.values()]
            state.sent.clear()
            state.rows.clear()
        try:
            self._client.cancel(held)
            self._client.unregister_worker_plugin(self._name)
        except LOST:
            logging.getLogger(__name__).debug("the cluster was gone before it was left", exc_info=True)
        self._open.close()

    def _started(self, workers: int) -> Client:
        folder = self._open.enter_context(TemporaryDirectory(prefix="runner-dask-"))
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            memory_limit=0,  # no process writes what it holds to disk
            local_directory=folder,
            silence_logs=logging.CRITICAL,
            # Without a dashboard it would still answer on Dask's usual port, which another cluster may have.
            scheduler_kwargs={"allowed_failures": DEATHS, "dashboard": False, "dashboard_address": "127.0.0.1:0"},
        )
        self._open.enter_context(cluster)
        return self._open.enter_context(Client(cluster, set_as_default=False))

    def _joined(self, scheduler: str) -> Client:
        try:
            client = self._open.enter_context(Client(scheduler, timeout=PATIENCE, set_as_default=False))
            client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            must = "must be the address of a Dask scheduler that answers and has workers"
            write = "Start them, e.g. with dask scheduler and dask worker, or write sweep.scheduler=null for this machine."
            raise RunError(Fault("sweep.scheduler", must, scheduler, write)) from error
        return client

    def _send(self, sent: _Sent) -> None:
        sent.tries += 1
        state = self._state
        try:
            rows = self._rows_of(sent)
            promise = self._client.submit(_run, self._name, sent.parcel, rows, pure=False)
        except LOST as error:
            _fail(sent, _gone(error))
            return
        with state.lock:
            sent.promise = promise
            state.sent[id(sent)] = sent
        promise.add_done_callback(lambda ended: self._ended(sent, ended))

    def _rows_of(self, sent: _Sent) -> Any:
        """Return Dask's hold of a market's rows, handed to every process when it is first asked for, and when it is lost."""
        state, name = self._state, sent.parcel.market
        with state.lock:
            found = state.rows.get(name)
            if found is None or found.status != "finished":
                found = state.rows[name] = self._client.scatter(sent.rows, broadcast=True, hash=False)
        return found

    def _ended(self, sent: _Sent, promise: Promise) -> None:
        """Hand on what became of a batch; Dask calls it in a thread of its own."""
        state = self._state
        with state.lock:
            state.sent.pop(id(sent), None)
            if state.is_closed:
                return
        try:
            found = promise.result()
        except LOST as error:
            self._again(sent, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where the batch is waited for
            _fail(sent, error)
        else:
            if not isinstance(found, Results):
                _fail(sent, RunError(found))
            elif sent.came.set_running_or_notify_cancel():
                sent.came.set_result(found)

    def _again(self, sent: _Sent, error: BaseException) -> None:
        if sent.tries < TRIES and not self._state.is_closed:
            self._send(sent)
        else:
            _fail(sent, _gone(error))


def _run(name: str, parcel: Parcel, rows: MarketData) -> Results | tuple[Fault, ...]:
    """Run a batch in a process of the cluster; what the user can mend is returned in words."""
    bench: Bench = get_worker().plugins[name].bench
    try:
        return bench.run(parcel, rows)
    except RunnerError as error:
        return error.faults


def _gone(error: BaseException) -> RunError:
    must, fix = "must keep its processes alive", "Look at the cluster's logs, and start the sweep again: it goes on."
    return RunError(Fault("sweep.executor", must, " ".join(str(error).split()) or type(error).__name__, fix))


def _fail(sent: _Sent, error: Exception) -> None:
    if sent.came.set_running_or_notify_cancel():
        sent.came.set_exception(error)
