"""The journal's disk: rows that survive, and commits that may not.

A commit is one transaction. While it takes its time the process may die; then its rows are all there or all gone, drawn by
chance. It may fail, with nothing kept (full) or with the rows kept although it said otherwise (an error of the device), and
it may be slow. Rows whose commit returned are never lost.

`watch` is called with every batch at the moment it becomes durable.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence

from runner.live.ports import DiskFailed, Row
from runner.venue.faults import Fault, FaultPlan, Phase
from runner.venue.process import Life
from runner.venue.world import MS, SECOND, World

__all__ = ["Platter", "SimDisk"]


class Platter:
    """What lies on the disk; it outlives every process."""

    def __init__(self, slowness: int = 2) -> None:
        """Begin empty and healthy."""
        self.head: dict[str, str] = {}
        self.rows: list[Row] = []
        self.intents: dict[str, Row] = {}
        """Client order id → its INTENT row."""
        self.owner: Life | None = None
        self.pending: list[Row] | None = None
        """The transaction under way."""
        self.slowness = slowness
        """Milliseconds that an ordinary commit takes at most."""
        self.is_broken = False
        """Whether a commit of this life has failed: the device stays as it is until the next life."""
        self.watch: Callable[[Sequence[Row]], None] = _look_away

    def keep(self, rows: Sequence[Row]) -> None:
        """Make rows durable."""
        self.rows.extend(rows)
        for row in rows:
            if row.kind == "INTENT" and row.coid is not None:
                self.intents.setdefault(row.coid, row)
        self.watch(rows)

    def crash(self, plan: FaultPlan) -> None:
        """Decide what became of the transaction under way, and let go of the lock."""
        rows, self.pending = self.pending, None
        if rows and not plan.strikes(Fault.LOST_COMMIT):
            self.keep(rows)
        self.owner = None
        self.is_broken = False


class SimDisk:
    """The disk port of one life."""

    def __init__(self, world: World, life: Life, platter: Platter, plan: FaultPlan) -> None:
        """Take the lock; raise `DiskFailed` while another process holds it."""
        if platter.owner is not None and platter.owner.alive:
            raise DiskFailed("the journal is locked")
        platter.owner = life
        platter.is_broken = False
        self._world = world
        self._life = life
        self._platter = platter
        self._plan = plan
        self._pace = world.chance("disk")

    def head(self) -> dict[str, str]:
        """Return the head of the journal."""
        self._life.check()
        return dict(self._platter.head)

    async def found(self, head: dict[str, str]) -> None:
        """Write the head."""
        self._life.check()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._life.later(self._duration(), future, lambda: future.set_result(None))
        await future
        self._platter.head = dict(head)

    def rows(self, after: int = 0) -> Iterator[Row]:
        """Yield the durable rows after a number."""
        self._life.check()
        yield from self._platter.rows[after:]

    def anchor(self) -> int:
        """Return the number of the last durable snapshot."""
        self._life.check()
        return next((row.seq for row in reversed(self._platter.rows) if row.kind == "SNAPSHOT"), 0)

    async def commit(self, rows: Sequence[Row]) -> None:
        """Make rows durable, or raise `DiskFailed`."""
        self._life.check()
        platter, plan = self._platter, self._plan
        if platter.pending is not None:
            raise RuntimeError("two commits at once: the rows of the second could become durable before those of the first")
        if platter.is_broken:
            raise DiskFailed("the disk failed before")
        platter.pending = list(rows)
        if any(row.kind == "INTENT" for row in rows):
            plan.reach(Phase.INTENT_COMMITTING)
            self._life.check()
        full, broken = plan.strikes(Fault.DISK_FULL), plan.strikes(Fault.DISK_ERROR)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._world.after(self._duration(), lambda: self._land(future, full=full, broken=broken))
        await future

    def _land(self, future: "asyncio.Future[None]", *, full: bool, broken: bool) -> None:
        """End the transaction, whoever still waits for it: a write goes on when its caller has turned away."""
        platter = self._platter
        if not self._life.alive or platter.pending is None:
            return
        rows, platter.pending = platter.pending, None
        if full or broken:
            platter.is_broken = True
        if not full and (not broken or self._pace.random() < 0.5):
            platter.keep(rows)
        if not future.done() and platter.is_broken:
            future.set_exception(DiskFailed("no space left on device" if full else "input/output error"))
        elif not future.done():
            future.set_result(None)

    def close(self) -> None:
        """Let go of the lock; a dead process has let go already."""
        if self._life.alive and self._platter.owner is self._life:
            self._platter.owner = None

    def _duration(self) -> int:
        if self._plan.strikes(Fault.SLOW_SYNC):
            return int((0.5 + self._pace.random() * 3) * SECOND)
        return int((0.1 + self._pace.random() * self._platter.slowness) * MS)


def _look_away(rows: Sequence[Row]) -> None:
    """Check nothing."""
