"""The loop of one process: instants of the feed in, decisions out, until the session is over.

At each instant, in this order and without another step of the loop in between:

1. What the venue did before it is told to the trader (`live` alone).
2. The trader decides on all rows of the instant. Every line is handed over to the disk before anything leaves.
3. The kernel's orders become wishes, and the session is asked to fulfil them: gate, journal, venue.

Then the loop waits until nothing is being sent any more, so that a venue that goes in step goes on only when the session has
its answers. Between instants what the venue does is told as it comes in.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from runner.collector import collected_seldom
from runner.engine.arriving import Columns, Report
from runner.errors import Fault, RunError, RunnerError
from runner.live.feed.feed import Feed
from runner.live.feed.instant import Instant
from runner.live.feed.verdict import FeedFailed
from runner.live.marking import mark
from runner.live.model import Instrument, SessionState
from runner.live.ports import Clock, Kill
from runner.live.session import EXIT_HALTED, EXIT_OK, Session
from runner.live.trading.decisions import DecisionLog
from runner.live.trading.kept import KeptRows
from runner.live.trading.router import Router
from runner.live.trading.trader import KernelLine, Trader
from runner.sessions.quotes import quotes_of
from runner.signal.push import PushedRow
from runner.trading.kernel import layout

__all__ = ["Counts", "Live", "Sitting"]

Found = TypeVar("Found")

MS = 1_000_000
PULSE_NS = 100 * MS
"""Between two looks at what the venue did, and at the kill switch."""
ANSWERS_NS = 10_000 * MS
"""How long the next instant waits for the answers to this one's orders."""
OPENING_NS = 20_000 * MS
"""How long a market that waits for us is kept waiting for the feed."""
LOOK_SECONDS = 0.1
MOST_AT_ONCE = 256
"""Instants that are decided on in one go, at most."""
AT_ONCE_NS = 10 * MS
"""How long that may take, going by the last time: what is in hand isn't superseded any more, and nobody else gets a turn."""


@dataclass(slots=True)
class Counts:
    """What happened so far."""

    instants: int = 0
    rows: int = 0
    missed: int = 0
    """Instants that history gave, as nobody was there when they went by."""
    gapped: int = 0
    """Instants at which something of a symbol was missing."""
    orders: int = 0
    fills: int = 0
    refusals: int = 0

    def count(self, sorts: Iterable[int]) -> None:
        """Count lines of the kernel by their sorts."""
        for sort in sorts:
            self.orders += sort == layout.ORDER_LINE
            self.fills += sort == layout.FILL_LINE
            self.refusals += sort == layout.REFUSAL_LINE


@dataclass(slots=True)
class Live:
    """What only a session with a broker has."""

    session: Session
    router: Router
    instruments: Mapping[str, Instrument]
    task: "asyncio.Task[int] | None" = None


@dataclass(slots=True)
class Sitting:
    """One process of a session."""

    symbols: tuple[str, ...]
    columns: Columns
    trader: Trader
    log: DecisionLog
    kept: KeptRows
    clock: Clock
    kill: Kill
    feed: Feed
    begin: Callable[[], Awaitable[None]]
    """Called when everything is listened to and before the first instant is taken: joins history and stream, and lets a
    market begin that waits for us."""
    is_over: Callable[[], bool]
    """Whether the market has ended and everything was heard."""
    dates: Callable[[int], int]
    """UTC nanoseconds → session date."""
    live: Live | None = None
    until_ns: int | None = None
    """Market time at which it is over; None for when the feed is."""
    is_real_time: bool = False
    """Whether the market's time is this machine's, so that an instant which is late is as old as its prices are."""
    missed: Callable[[int], Iterable[tuple[int, Sequence[PushedRow]]]] | None = None
    """Gives what history knows of the instants before one, that weren't taken yet; None if nothing can be missing."""
    counts: Counts = field(default_factory=Counts)
    why: str = ""
    """Why it ended."""
    _marked_ns: int = -(2**62)
    _is_caught_up: bool = False
    _most: int = 1
    """Instants that are decided on in one go now."""
    _looks: int = 0
    """Times that was looked around while nothing came."""
    _has_taken: bool = False
    """Whether this process has dealt with an instant."""
    _ending: asyncio.Event = field(default_factory=asyncio.Event)
    _failure: Exception | None = None
    """What broke it."""

    def stop(self, why: str) -> None:
        """Ask for the end, in order; a second time in a hurry."""
        if self._ending.is_set() and self.live is not None:
            # One that was latched has not been asked to stop yet.
            self.live.session.stop(fast=not self._must_latch())
        self.why = self.why or why
        self._ending.set()

    def failed(self, failure: Exception) -> None:
        """End because something broke.

        With a broker it is latched, so that everything is cancelled until that is proved; in order, if it had not begun.
        """
        self._failure = self._failure or failure
        self.why = self.why or _words(failure)
        if self._must_latch():
            assert self.live is not None  # noqa: S101 - only then
            self.live.session.latch(self.why)
        self._ending.set()

    def _must_latch(self) -> bool:
        has_begun = self._has_taken or not isinstance(self._failure, FeedFailed | RunnerError)
        return self._failure is not None and has_begun and self._has_journal()

    async def _catch_up(self, feed: Feed) -> None:
        """Take the instants that went by while no process was there, up to the first one that the feed will give.

        On paper they are traded, as if somebody had been there. With a broker nothing is sent for them: what the kernel
        would have ordered is ended at once, and what it already had at work stays wanted. What the venue did meanwhile was
        told before, as of the last instant that was decided.
        """
        if self.missed is not None:
            first = await self._unless_ending(feed.begun())
            if not self._ending.is_set():
                self.take_missed(self.missed(self.clock.utc_ns() + 1 if first is None else first.known))
        self._is_caught_up = True

    def take_missed(self, instants: Iterable[tuple[int, Sequence[PushedRow]]]) -> None:
        """Take instants that went by unheard: on paper they are traded, with a broker nothing is sent for them."""
        for ts, rows in instants:
            # Weeks may have gone by; a loop that is busy with them isn't stuck.
            self.kill.beat()
            self.counts.missed += 1
            self.kept.add(rows)
            lines = self.trader.instant(ts, rows)
            self._answered(lines)
            if self.live is not None:
                for line in lines:
                    if line.sort == layout.ORDER_LINE:
                        report = Report(ts, self.dates(ts), line.symbol, line.order, how=layout.CANCELLED)
                        self._answered(self.trader.report(report))
        self.log.flush()

    async def run(self) -> int:
        """Sit until it is over; return the exit code.

        Raises:
            RunError: The feed was refused before anything was heard.
        """
        pulse = asyncio.create_task(self._pulse(), name="pulse of the sitting")
        try:
            try:
                if self.live is None or await self._is_live():
                    with collected_seldom():
                        await self._listen()
            except Exception as problem:  # noqa: BLE001 - raised again when nothing is left at the venue
                self.failed(problem)
            code = await self._ended()
        finally:
            pulse.cancel()
            await asyncio.gather(pulse, return_exceptions=True)
        self._expect_whole()
        self.log.flush()
        return code

    def _expect_whole(self) -> None:
        """Raise what broke the sitting; a feed that ended later on is an end like any other."""
        if isinstance(self._failure, FeedFailed) and self._has_taken:
            return
        if isinstance(self._failure, FeedFailed):
            fix = "Look at the feed's address, its key and the symbols."
            raise RunError(Fault("feed", "must be one that can be heard", str(self._failure), fix)) from self._failure
        if self._failure is not None:
            raise self._failure

    async def _is_live(self) -> bool:
        """Start the session and wait until it has recovered; return whether it may trade."""
        assert self.live is not None  # noqa: S101 - asked by whoever has one
        session = self.live.session
        session.on_news = self._report
        self.live.task = asyncio.create_task(session.run(), name="session")
        while not self.live.task.done() and not self._ending.is_set():
            if hasattr(session, "journal") and session.state.session in {SessionState.LIVE, SessionState.DEGRADED}:
                return True
            await self.clock.sleep(PULSE_NS // 10)
            if hasattr(session, "journal") and session.state.session is SessionState.HALTED:
                return False
        return False

    async def _listen(self) -> None:
        """Take instants until it is over."""
        async with self.feed as feed:
            await self._until_heard()
            await self._catch_up(feed)
            await self._unless_ending(self.begin())
            nudging = asyncio.create_task(self._nudge(feed), name="looks of the sitting")
            try:
                await self._take_all(feed)
            finally:
                nudging.cancel()
                await asyncio.gather(nudging, return_exceptions=True)

    async def _take_all(self, feed: Feed) -> None:
        """Take what comes until it is over."""
        while waiting := await self._came(feed):
            until = self.until_ns
            in_time = waiting if until is None else [each for each in waiting if each.ts <= until]
            if in_time:
                await self._take(in_time)
            if len(in_time) < len(waiting):
                self.why = "its time is over"
                return
            if feed.waiting:
                # Everybody else's turn, between what waits already.
                await asyncio.sleep(0)

    async def _nudge(self, feed: Feed) -> None:
        """Have the loop look around now and then while nothing comes."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self._looks += 1
            feed.nudge()

    def _goes_on(self) -> bool:
        """Return whether nobody has asked for the end, and the session hasn't ended."""
        is_over = self.live is not None and self.live.task is not None and self.live.task.done()
        return not (is_over or self._ending.is_set())

    async def _until_heard(self) -> None:
        """Wait until every symbol is listened to, or for so long that the market begins without."""
        until = self.clock.mono_ns() + OPENING_NS
        while self.clock.mono_ns() < until and not self._ending.is_set():
            symbols = self.feed.health().symbols
            if all(each.is_listening for each in symbols):
                return
            await self.clock.sleep(MS)

    async def _unless_ending(self, awaited: Awaitable[Found]) -> Found | None:
        """Wait for something; return None as soon as the end is asked for."""
        wanted, ending = asyncio.ensure_future(awaited), asyncio.ensure_future(self._ending.wait())
        try:
            await asyncio.wait({wanted, ending}, return_when=asyncio.FIRST_COMPLETED)
            return wanted.result() if wanted.done() else None
        finally:
            wanted.cancel()
            ending.cancel()
            await asyncio.gather(wanted, ending, return_exceptions=True)

    async def _came(self, feed: Feed) -> list[Instant]:
        """Wait for instants, and return those to deal with now; none when there will be none, or none is wanted."""
        # With a broker each is dealt with before the next: what the venue did meanwhile is told in between.
        most = self._most if self.live is None else 1
        over = False
        while self._goes_on():
            found = feed.at_hand(most)
            if found:
                return found
            looks = self._looks
            await feed.coming()
            if self._looks == looks or feed.waiting:
                continue
            if over:
                self.why = "the market is over"
                return []
            # What was heard at the very end may still be on its way through the feed.
            over = self.is_over()
        if not self._ending.is_set():
            self.why = self.why or "the session ended"
        return []

    async def _take(self, instants: Sequence[Instant]) -> None:
        """Deal with instants that nothing comes between; see the module."""
        self._has_taken = True
        rows = [row for instant in instants for row in instant.rows]
        self.counts.instants += len(instants)
        self.counts.rows += len(rows)
        self.counts.gapped += sum(1 for instant in instants if instant.gapped)
        self.kept.add(rows)
        if self.live is None:
            began = self.clock.mono_ns()
            self._answered(self.trader.instants(instants))
            self.log.flush()
            took = max(self.clock.mono_ns() - began, 1)
            self._most = min(max(len(instants) * AT_ONCE_NS // took, 1), MOST_AT_ONCE)
            return
        for instant in instants:
            await self._take_live(instant, self.live)

    async def _take_live(self, instant: Instant, live: Live) -> None:
        self._report()
        self._quote(instant, live)
        self._mark(live.session)
        live.router.begin_instant()
        lines = self.trader.instants([instant])
        self._answered(lines)
        self.log.flush(force=any(line.sort == layout.ORDER_LINE for line in lines))
        live.session.consult()
        self._report()
        await self._until_answered(live.session)

    def _answered(self, lines: list[KernelLine]) -> None:
        """Take what the kernel said."""
        self.counts.count(line.sort for line in lines)
        if self.live is not None:
            self.live.router.answered(lines, self.trader.arriving.position)

    def _last_ns(self) -> int:
        """Return the last instant that was decided; before the first one, the market's time."""
        return self.trader.ts if self.trader.ts > layout.LONG_AGO else self.clock.utc_ns()

    def _report(self) -> None:
        """Tell the trader what the venue did since it was last told."""
        # A trader that failed in the middle of an instant can't be told any more.
        is_sound = self._failure is None or isinstance(self._failure, FeedFailed)
        if self.live is None or not self._has_journal() or not is_sound:
            return
        now = max(self.clock.utc_ns(), self.trader.ts) if self._is_caught_up else self._last_ns()
        date = self.dates(now)
        reports = self.live.router.reports(self.live.session.state, self.trader.executions, now, date)
        for report, execution in reports:
            self._answered(self.trader.report(report, execution))

    def _quote(self, instant: Instant, live: Live) -> None:
        """Hand the session the best prices: those of the book, or a tick around the last trade where there is none.

        They are as old as the instant is late: what waited while this process stood still isn't the market's word of now.
        """
        late_ns = max(self.clock.utc_ns() - instant.ts, 0) if self.is_real_time else 0
        for quote in quotes_of(instant, self.symbols, live.instruments, self.clock.mono_ns() - late_ns):
            live.session.quotes[quote.symbol] = quote

    def _mark(self, session: Session) -> None:
        """Let the session value what it holds, so that its limits on losses know; at most once a second, but at first."""
        now = self.clock.mono_ns()
        is_due = session.state.day_open is None or now - self._marked_ns >= session.setup.mark_ns
        if is_due and session.venue_clock.is_known:
            self._marked_ns = now
            mark(session.doors, session.resolver.swept_to_ns)

    async def _until_answered(self, session: Session) -> None:
        """Wait until every order of the instant has its answer, or for so long that it won't come soon."""
        until = self.clock.mono_ns() + ANSWERS_NS
        while session.orders.sending and self.clock.mono_ns() < until:
            await self.clock.sleep(MS // 2)
        self._report()

    async def _pulse(self) -> None:
        """Between instants: tell what the venue did, and look at the kill switch."""
        try:
            while True:
                await self.clock.sleep(PULSE_NS)
                self.kill.beat()
                asked = self.kill.asked()
                if asked is not None and self.live is None:
                    self.stop(asked)
                self._report()
                self.log.flush()
        except Exception as problem:  # noqa: BLE001 - without a pulse the kill switch isn't looked at
            self.failed(problem)

    def _has_journal(self) -> bool:
        return self.live is not None and hasattr(self.live.session, "journal")

    async def _ended(self) -> int:
        """End the session and return its exit code."""
        if self.live is None or self.live.task is None:
            return EXIT_OK if self.kill.asked() is None and self._failure is None else EXIT_HALTED
        if not self._must_latch():
            self.live.session.stop()
        code = await self.live.task
        self._report()
        if self._has_journal():
            # A market goes on, and may be over, while one that was latched proves that nothing is left.
            self.why = self.live.session.state.killed or self.why or "the session ended"
        return code


def _words(failure: Exception) -> str:
    """Return what broke a sitting: of an error that nobody expected its kind alone, as its text may hold anything."""
    if isinstance(failure, FeedFailed):
        return f"the feed is over: {failure}"
    return str(failure) if isinstance(failure, RunnerError) else f"an error that nobody expected ({type(failure).__name__})"
