"""A feed: holds its connections, and hands on one instant after the other.

    async with Feed(plan, dialect, doors) as feed:
        async for instant in feed:
            ...

Whatever happens becomes an input: it is stamped, recorded, dealt with by the machine, and what it completes is put in line
(`deal`), all in one go, so that the recording has the order in which things were dealt with. The tasks:

- one per connection, which opens it again when it ends, within the venue's budget and with waits that grow (`patience`);
- one that looks by the clock, for bars that time alone completes, and for data that have become stale;
- one for each book or bar that is asked for beside the stream.

It ends by itself only where going on would be wrong: what `verdict` calls final, a recording that can't be written, an error
that nobody expected. Then whoever takes instants gets `FeedFailed` once the line is empty, and the alarm rings.
"""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Coroutine, Sequence
from types import TracebackType
from typing import Any, Self

from runner.live.feed.bars import Want
from runner.live.feed.connection import Connection, Shard
from runner.live.feed.dialect import Dialect
from runner.live.feed.doors import Doors
from runner.live.feed.grid import Cell
from runner.live.feed.health import ConnectionHealth, Health, SymbolHealth
from runner.live.feed.inputs import DROPPED, FILLED, HEARD, SNAPSHOT, TICK, Input, packed, packed_texts
from runner.live.feed.instant import Instant, Touch
from runner.live.feed.machine import Machine
from runner.live.feed.messages import Channel, Message, Spent
from runner.live.feed.outbox import Outbox
from runner.live.feed.patience import Backoff, Budget
from runner.live.feed.plan import Plan
from runner.live.feed.staleness import Staleness
from runner.live.feed.verdict import FeedFailed, verdict
from runner.live.ports import DiskFailed, NoAnswer

__all__ = ["Feed"]

SECOND = 1_000_000_000
LOOK_NS = 50_000_000
"""Between two looks by the clock."""
MOST_LEFT_OUT = 100
"""Numbers of instants left out that one record holds."""
SILENT = 3
"""How many times the silence that makes data stale a connection without any data may last."""
MOST_DOUBLINGS = 6
AGAIN_NS = SECOND
"""Until a bar that history doesn't have yet is asked for again."""


class Feed:
    """One session's market data."""

    def __init__(self, plan: Plan, dialect: Dialect, doors: Doors) -> None:
        """Prepare; nothing is opened yet."""
        self.is_eager = plan.eager
        self.openings = 0
        """Connections made so far."""
        self._plan = plan
        self._dialect = dialect
        self._doors = doors
        self._clock = doors.clock
        self._machine = Machine(plan, dialect)
        self._outbox = Outbox(plan.waiting, plan.behind_ns)
        self._staleness = Staleness(plan)
        self._reads_books = Channel.DEPTH in plan.channels
        if self._reads_books:
            # What reads them is compiled now rather than at the first book, when everything would wait for it.
            dialect.books((), 1)
        self._stale: tuple[int, ...] = ()
        self._left_out: list[int] = []
        self._late = 0
        self._budget = Budget(dialect.manners, doors.clock, self._budget_is_used_up)
        self._connections: dict[int, Connection] = {}
        self._asking: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._failure: BaseException | None = None
        self._is_closed = False

    async def __aenter__(self) -> Self:
        most = self._dialect.manners.symbols_per_connection
        symbols = range(len(self._plan.symbols))
        for index, at in enumerate(range(0, len(symbols), most)):
            shard = Shard(tuple(symbols[at : at + most]), self._plan.channels)
            self._start(self._hold(index, shard), f"feed connection {index}")
        self._start(self._look(), "feed clock")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection and the recording. A second time does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        tasks = [*self._tasks, *self._asking]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._arrived.set()
        self._record_left_out()
        self._doors.recorder.close()

    # --- handing on ---------------------------------------------------------------------------------------------------

    def __aiter__(self) -> AsyncIterator[Instant]:
        return self

    async def __anext__(self) -> Instant:
        """Return the next instant; raises FeedFailed when there will be none, StopAsyncIteration after `close`."""
        while True:
            found = self.at_hand(1)
            if found:
                return found[0]
            if self._is_closed and self._failure is None:
                raise StopAsyncIteration
            await self.coming()

    def at_hand(self, most: int) -> list[Instant]:
        """Return so many of the instants that wait, in their order; raises FeedFailed if they can't be kept."""
        found = self._outbox.take(most)
        if found:
            self._keep()
        return found

    @property
    def waiting(self) -> int:
        """How many instants wait."""
        return len(self._outbox)

    def nudge(self) -> None:
        """Let whoever waits for instants go on without one."""
        self._arrived.set()

    async def coming(self) -> None:
        """Wait until an instant waits, none will come, or somebody nudges; raises FeedFailed if none can come any more."""
        if len(self._outbox):
            return
        if self._failure is not None or self._is_closed:
            raise self._failure or FeedFailed("the feed was closed")
        self._arrived.clear()
        self._idle.set()
        try:
            await self._arrived.wait()
        finally:
            self._idle.clear()

    async def dealt(self) -> None:
        """Return when everything that came has been taken and decided on, and nothing is asked for beside the stream."""
        # One turn for whoever was just woken to take what came.
        await asyncio.sleep(0)
        while len(self._outbox) or self._asking or not self._idle.is_set():
            if self._asking:
                await asyncio.wait(self._asking, return_when=asyncio.FIRST_COMPLETED)
            else:
                await self._idle.wait()
                if len(self._outbox):
                    await asyncio.sleep(0)

    async def begun(self) -> Cell | None:
        """Return the first bar that comes from here, once a connection has been open; None where there are no bars.

        Raises FeedFailed if none ever will be.
        """
        while self._machine.bars is not None and self._machine.bars.first is None and self._failure is None:
            await self._clock.sleep(LOOK_NS)
        if self._failure is not None:
            raise self._failure
        return None if self._machine.bars is None else self._machine.bars.first

    def touch(self, symbol: int) -> Touch:
        """Return the best prices of a symbol as they are now, ahead of the instants that wait."""
        return self._machine.touches.now[symbol]

    def heard(self) -> Sequence[int | None]:
        """Return per symbol the market time at which data last came."""
        return self._machine.heard_at

    @property
    def reached(self) -> int | None:
        """Market time up to which everything has been heard on every connection; None: nobody knows."""
        return self._machine.lines.heard

    def stale(self) -> tuple[int, ...]:
        """Return the symbols whose data are stale now, ascending."""
        return self._staleness.stale(self._machine.heard_at, self._clock.utc_ns())

    # --- dealing with inputs ------------------------------------------------------------------------------------------

    def deal(self, kind: str, connection: int, body: bytes) -> list[Message]:
        """Stamp an input, record it, let the machine deal with it, and put what it completes in line."""
        mono = self._clock.mono_ns()
        each = Input(kind, connection, mono, self._clock.utc_ns(), body)
        self._doors.recorder.put(packed(each))
        self._line_up(self._machine.take(each), mono)
        return self._machine.said

    def deal_texts(self, connection: int, texts: Sequence[bytes]) -> list[tuple[int, Message]]:
        """Deal with messages that were there at once; return what they said of the connection, with the place of each."""
        mono, utc = self._clock.mono_ns(), self._clock.utc_ns()
        self._doors.recorder.put(packed_texts(connection, mono, utc, texts))
        machine, found = self._machine, []
        books = self._dialect.books(texts, max(self._plan.levels, 1)) if self._reads_books else None
        place = 0
        while place < len(texts):
            if books is not None and (end := books.end(place)) > place:
                self._line_up(machine.take_books(connection, books, range(place, end), mono, utc), mono)
                place = end
                continue
            self._line_up(machine.take(Input(HEARD, connection, mono, utc, texts[place])), mono)
            found += [(place, said) for said in machine.said]
            place += 1
        return found

    def _line_up(self, made: Sequence[Instant], mono: int) -> None:
        """Put instants in line, and ask for what they wait for."""
        if made:
            for instant in made:
                self._outbox.put(instant, mono, self._dropped)
            self._idle.clear()
            self._arrived.set()
        if self._machine.wants or (self._machine.bars is not None and self._machine.bars.wants):
            self._ask()

    def _dropped(self, serial: int) -> None:
        """Know the number of an instant that isn't handed on; where in a recording it stands makes no difference."""
        self._left_out.append(serial)
        if len(self._left_out) >= MOST_LEFT_OUT:
            self._record_left_out()

    def _record_left_out(self) -> None:
        if self._left_out:
            numbers = json.dumps(self._left_out).encode()
            self._left_out.clear()
            self._doors.recorder.put(packed(Input(DROPPED, 0, self._clock.mono_ns(), self._clock.utc_ns(), numbers)))

    def _keep(self) -> None:
        """Keep what led to an instant before anybody decides on it."""
        try:
            self._record_left_out()
            self._doors.recorder.flush()
        except DiskFailed as error:
            self._fail(error)
            assert self._failure is not None  # noqa: S101 - just set
            raise self._failure from error

    # --- connections --------------------------------------------------------------------------------------------------

    async def _hold(self, index: int, shard: Shard) -> None:
        """Hold one connection: open it again whenever it ends."""
        backoff = Backoff(self._doors.chance)
        silent = 0
        while True:
            await self._budget.turn()
            self.openings += 1
            connection = Connection(self.openings, shard, self._dialect, self._clock, self, silent)
            self._connections[index] = connection
            ended = await connection.live(self._doors.sockets)
            found = verdict(ended.ending, self._dialect)
            if found.is_final:
                raise FeedFailed(found.words)
            silent = 0 if ended.had_data else silent + 1
            if ended.is_healthy or found.is_planned:
                backoff.after_success()
            if not found.is_planned:
                self._doors.alarm.ring("FEED", f"{found.words}; connecting again")
                await self._clock.sleep(backoff.after_failure(found.wait_ns))

    def are_silent(self, symbols: Sequence[int], failures: int, since: int) -> bool:
        """Tell whether all of some symbols have said nothing for so long that another connection is worth a try."""
        times = SILENT << min(failures, MOST_DOUBLINGS)
        stale = self._staleness.stale(self._machine.heard_at, self._clock.utc_ns(), times=times, since=since)
        return bool(stale) and set(symbols) <= set(stale)

    def _budget_is_used_up(self) -> None:
        self._doors.alarm.ring("CONNECTS", "the feed was opened as often as the venue allows")

    # --- the clock ----------------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        while True:
            await self._clock.sleep(LOOK_NS)
            if self._machine.is_waiting(self._clock.utc_ns(), self._clock.mono_ns()):
                self.deal(TICK, 0, b"")
            self._record_left_out()
            self._doors.recorder.flush()
            stale = self.stale()
            if set(stale) - set(self._stale):
                names = ", ".join(self._plan.symbols[symbol] for symbol in stale[:10])
                self._doors.alarm.ring("STALE", f"no data of {len(stale)} symbols: {names}")
            self._stale = stale
            self._tell_late()

    def _tell_late(self) -> None:
        late = 0 if self._machine.bars is None else self._machine.bars.late
        if late > self._late:
            self._doors.alarm.ring("LATE", f"{late - self._late} prices came after their bars had been decided")
            self._late = late

    # --- beside the stream --------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        books, self._machine.wants = self._machine.wants, []
        for want in books:
            self._start_asking(self._ask_book(want.symbol), f"book {want.symbol}")
        bars = self._machine.bars
        if bars is not None:
            wanted, bars.wants = bars.wants, []
            for each in wanted:
                self._start_asking(self._ask_bar(each), f"bar {each.symbol} {each.known}")

    async def _ask_book(self, symbol: int) -> None:
        body = b""
        if self._doors.books is not None:
            try:
                body = await self._doors.books.book(symbol)
            except NoAnswer:
                # Not at once again: whoever doesn't answer is busy.
                await self._clock.sleep(AGAIN_NS)
        for said in self.deal(SNAPSHOT, 0, b"%d %b" % (symbol, body)):
            if isinstance(said, Spent):
                for connection in self._connections.values():
                    if symbol in connection.shard.symbols:
                        connection.wear_out(said.reason)

    async def _ask_bar(self, want: Want) -> None:
        """Ask history for a bar until it has it, or it isn't waited for any more."""
        while self._doors.history is not None and self._is_wanted(want):
            try:
                found = await self._doors.history.bars(want.symbol, want.opened + 1, want.known)
            except NoAnswer:
                await self._clock.sleep(AGAIN_NS)
                continue
            if found.until >= want.known:
                bars = [[known, *(None if math.isnan(value) else value for value in built)] for known, built in found.bars]
                told = {"symbol": want.symbol, "first": want.opened + 1, "last": want.known, "bars": bars}
                self.deal(FILLED, 0, json.dumps(told, separators=(",", ":"), allow_nan=False).encode())
                return
            await self._clock.sleep(AGAIN_NS)

    def _is_wanted(self, want: Want) -> bool:
        bars = self._machine.bars
        return bars is not None and bars.next is not None and bars.next.known <= want.known

    # --- tasks --------------------------------------------------------------------------------------------------------

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.append(task)
        task.add_done_callback(self._done)

    def _start_asking(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        """End the feed for good."""
        if self._failure is not None:
            return
        words = _words(error)
        self._failure = error if isinstance(error, FeedFailed) else FeedFailed(words)
        self._failure.__cause__ = None if error is self._failure else error
        self._doors.alarm.ring("FEED OVER", words)
        for task in self._tasks:
            task.cancel()
        self._arrived.set()

    # --- for a page ---------------------------------------------------------------------------------------------------

    def health(self) -> Health:
        """Return how everything is now."""
        machine, now, stale = self._machine, self._clock.mono_ns(), set(self.stale())
        reached = {number: line.reached for number, line in machine.lines.open.items()}
        connections = tuple(
            ConnectionHealth(
                each.number,
                each.state,
                len(each.shard.symbols),
                now - each.since,
                None if each.pong_at is None else now - each.pong_at,
                reached.get(each.number),
            )
            for _, each in sorted(self._connections.items())
        )
        symbols = tuple(
            SymbolHealth(name, symbol in stale, machine.holes[symbol].is_listening, machine.heard_at[symbol], touch.fault)
            for symbol, (name, touch) in enumerate(zip(self._plan.symbols, machine.touches.now, strict=True))
        )
        failure = "" if self._failure is None else _words(self._failure)
        return Health(connections, symbols, len(self._outbox), self.openings, self._counts(), failure)

    def _counts(self) -> dict[str, int]:
        machine, bars = self._machine, self._machine.bars
        counts = dict(machine.counts) | {f"book {fault}": count for fault, count in machine.touches.faults.items()}
        counts |= {"instants superseded": self._outbox.superseded, "instants overrun": self._outbox.overrun}
        if bars is not None:
            counts |= {"prices late": bars.late, "prices out of session": bars.outside, "bars refilled": bars.refilled}
        return dict(sorted(counts.items()))


def _words(error: BaseException) -> str:
    """Return what an error means to the operator; of one that nobody expected its kind alone."""
    if isinstance(error, FeedFailed):
        return str(error)
    if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        return _words(error.exceptions[0])
    if isinstance(error, DiskFailed):
        return f"the recording can't be written: {error}"
    return f"an error that nobody expected ({type(error).__name__})"
