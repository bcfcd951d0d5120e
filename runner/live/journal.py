"""The journal: what happened, in order, in a chain of hashes, durable before anything relies on it.

    append  →  fold into the state  →  wait in line  →  one commit for all that wait  →  durable

1. `append` stamps an event, chains it to the one before, folds it into the state and puts it in line, all at once and
   without waiting. An event that can't follow raises `Broken` before any of that.
2. `run` commits what is in line: at once if an urgent event is among it, else after `GROUP_NS`, so that acknowledgements
   and fills share a sync.
3. `durable` waits until a line is safe. Intents, cancels, latches and closings are waited for before anything is sent.
4. `restore` reads it all back: every hash of the chain is computed anew, and the state is folded from the last snapshot on.

A disk that fails is never tried again: what its pages hold after a failed sync is unknown. The session goes on in memory to
cancel what is out, and every wait ends in `DiskFailed`.
"""

import asyncio
import gc
from collections.abc import Mapping
from hashlib import sha256

from runner.live.events import Event, Snapshot, canonical, event_of, json_of
from runner.live.fold import apply
from runner.live.invariant import Broken, invariant
from runner.live.model import Instrument, State
from runner.live.ports import Clock, Disk, DiskFailed, Row
from runner.live.profile import MS
from runner.live.snapshot import parse, text

__all__ = ["GROUP_NS", "Journal", "Quarantined", "head_hash", "restore", "row_hash"]

GROUP_NS = 5 * MS
"""How long lines that aren't urgent wait for company."""


class Quarantined(Exception):  # noqa: N818 - it says what is done with the journal
    """The journal isn't what was written: nothing may be traded on it, and nothing is written to it."""

    def __init__(self, seq: int, why: str) -> None:
        """Keep the first line that is wrong."""
        self.seq = seq
        self.why = why
        super().__init__(f"line {seq}: {why}")


def head_hash(head: Mapping[str, str]) -> bytes:
    """Return what the first line's chain begins with."""
    return sha256(canonical(dict(head)).encode()).digest()


def row_hash(row: Row) -> bytes:
    """Return the hash of a line: of the hash before it and everything in it."""
    kind, coid, execution = row.kind, row.coid or "", row.exec_id or ""
    # Lengths before texts, so that no two lines have one form.
    head = f"{row.seq}|{row.utc_ns}|{row.mono_ns}|{len(kind)}|{len(coid)}|{len(execution)}|{kind}{coid}{execution}"
    return sha256(row.prev + head.encode() + row.body.encode()).digest()


def restore(disk: Disk, instruments: dict[str, Instrument], *, is_full: bool = False) -> tuple[State, int, bytes]:
    """Return the state of a journal, the number of its last line and that line's hash.

    Args:
        disk: where it lies.
        instruments: those of its head.
        is_full: fold every line, and hold each snapshot to what the lines before it say.

    Raises:
        Quarantined: a line is missing, altered, out of order, unreadable, or can't follow those before it.
    """
    was_collecting = gc.isenabled()
    # Millions of values are made here and none is let go of: looking for garbage among them would take most of the time.
    gc.disable()
    try:
        return _restored(disk, State(instruments), 0 if is_full else disk.anchor())
    finally:
        if was_collecting:
            gc.enable()


def _restored(disk: Disk, state: State, anchor: int) -> tuple[State, int, bytes]:
    seq, last = 0, head_hash(disk.head())
    for row in disk.rows():
        seq += 1
        if row.seq != seq:
            raise Quarantined(seq, f"found line {row.seq} in its place")
        if row.prev != last or row_hash(row) != row.hash:
            raise Quarantined(seq, "its hash is not that of its contents")
        last = row.hash
        if seq >= anchor:
            state = _folded(state, row, is_anchor=seq == anchor)
    if anchor > seq:
        raise Quarantined(anchor, "the snapshot is beyond the end")
    return state, seq, last


def _folded(state: State, row: Row, *, is_anchor: bool) -> State:
    """Return the state after a line; a snapshot that isn't the anchor has to say what the fold says."""
    try:
        event = event_of(row.kind, row.body)
        if is_anchor and isinstance(event, Snapshot):
            return parse(event.state, state.instruments)
        invariant(not isinstance(event, Snapshot) or event.state == text(state), "a snapshot is what came before it")
        apply(state, event)
    except (Broken, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Quarantined(row.seq, f"it can't follow those before it: {problem}") from problem
    return state


class Journal:
    """The journal of one session, from its restored state on."""

    def __init__(self, disk: Disk, clock: Clock, restored: tuple[State, int, bytes]) -> None:
        """Go on where `restore` ended."""
        self.state, self.appended, self._hash = restored
        self.committed = self.appended
        self.failure: DiskFailed | None = None
        """Why nothing is kept any more; None while the disk works."""
        self._disk = disk
        self._clock = clock
        self._line: list[Row] = []
        self._committing_since: int | None = None
        self._go = asyncio.Event()
        self._moved = asyncio.Event()
        self._timer: asyncio.Task[None] | None = None
        self._is_over = False

    def append(self, event: Event) -> int:
        """Fold an event into the state and put it in line; return its number.

        Raises:
            Broken: the event can't follow; state and line are as they were.
        """
        row = self.stamped(event)
        if self.failure is None:
            self._line.append(row)
            if event.is_urgent:
                self._go.set()
            elif self._timer is None and not self._is_over:
                self._timer = asyncio.create_task(self._ring_later(), name="group commit")
        return row.seq

    def stamped(self, event: Event) -> Row:
        """Fold an event into the state and return its line, for whoever sees to its commit.

        Raises:
            Broken: the event can't follow; the state is as it was.
        """
        apply(self.state, event)
        row = Row(
            seq=self.appended + 1,
            utc_ns=self._clock.utc_ns(),
            mono_ns=self._clock.mono_ns(),
            kind=event.kind,
            coid=getattr(event, "coid", None),
            exec_id=getattr(event, "exec_id", None),
            body=json_of(event),
            prev=self._hash,
            hash=b"",
        )
        row = row._replace(hash=row_hash(row))
        self.appended, self._hash = row.seq, row.hash
        return row

    async def durable(self, seq: int) -> None:
        """Return once a line and all before it are safe; raise `DiskFailed` if they never will be."""
        invariant(seq <= self.appended, f"line {seq} was appended")
        while self.committed < seq:
            if self.failure is not None:
                raise DiskFailed(str(self.failure))
            self._moved.clear()
            await self._moved.wait()

    async def flush(self) -> None:
        """Return once everything appended so far is safe; raise `DiskFailed` if it never will be."""
        self._go.set()
        await self.durable(self.appended)

    async def run(self) -> None:
        """Commit what is in line, until cancelled or the disk fails."""
        try:
            while self.failure is None:
                await self._go.wait()
                self._go.clear()
                if self._line:
                    await self._commit()
        finally:
            self._is_over = True
            if self.failure is None:
                self._fail(DiskFailed("the journal's writer has ended"))
            if self._timer is not None:
                self._timer.cancel()
                await asyncio.gather(self._timer, return_exceptions=True)

    def stalled_ns(self) -> int:
        """Return how long the commit that is under way has taken, 0 if none is."""
        return 0 if self._committing_since is None else self._clock.mono_ns() - self._committing_since

    def snapshot(self) -> int:
        """Append the whole state as the anchor of the next restart."""
        return self.append(Snapshot(text(self.state)))

    async def _commit(self) -> None:
        rows, self._line = self._line, []
        self._committing_since = self._clock.mono_ns()
        try:
            await self._disk.commit(rows)
        except DiskFailed as failure:
            self._fail(failure)
        except BaseException:
            # Cancelled, or a bug of the disk's: nobody knows what became of the rows, so nobody may rely on them.
            self._fail(DiskFailed("the journal's writer was stopped in the middle"))
            raise
        else:
            self.committed = rows[-1].seq
        finally:
            self._committing_since = None
            self._moved.set()

    def _fail(self, failure: DiskFailed) -> None:
        self.failure = failure
        self._line.clear()
        self._moved.set()

    async def _ring_later(self) -> None:
        await self._clock.sleep(GROUP_NS)
        self._timer = None
        self._go.set()
