"""One process of a session: its doors, its trader, its feed, and whoever watches."""

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from runner.archive.directory import RunDirectory
from runner.duration import HOUR, nanoseconds
from runner.engine.arriving import Columns
from runner.errors import Fault, RunError
from runner.launch.timer import Timer
from runner.live.edge.clock import MachineChance
from runner.live.edge.feed_files import FeedFiles
from runner.live.edge.kill_watch import KillWatch
from runner.live.edge.signals import listen
from runner.live.feed.doors import Doors as FeedDoors
from runner.live.feed.feed import Feed
from runner.live.feed.messages import Channel
from runner.live.feed.plan import Plan
from runner.live.feed.recording import head
from runner.live.feed.sessions import Sessions
from runner.live.feeds.embedded import Embedded
from runner.live.trading.again import Collected, again
from runner.live.trading.arrivals import arrivals
from runner.live.trading.decisions import DecisionLog, read_decisions
from runner.live.trading.kept import KeptRows
from runner.live.trading.trader import Trader
from runner.market.load import MarketData
from runner.sessions.account import live_part
from runner.sessions.alarms import Alarms, webhook_of
from runner.sessions.dialects import dialect_of
from runner.sessions.doors import Doors
from runner.sessions.embedded import embedded_doors
from runner.sessions.hours import Hours, keep_hours
from runner.sessions.joined import joined_doors
from runner.sessions.joining import join
from runner.sessions.kept import Kept
from runner.sessions.onlooker import Onlooker
from runner.sessions.outside import outside_doors
from runner.sessions.recorded import FEED, Recorded, lives_of, rows_told
from runner.sessions.results import Ended
from runner.sessions.retold import warmed
from runner.sessions.sitting import Live, Sitting
from runner.sessions.watch import Watch
from runner.signal.push import PushedRow
from runner.spec.run import RunSpec

__all__ = ["Process", "plan_of"]

REFILL_NS = 10_000_000_000
"""How long a bar with a hole waits for history, by the machine's clock."""
BEGUN, AGAIN = "began", "went on where a process had ended"


class Process:
    """The parts of one process; `run` it once."""

    def __init__(  # noqa: PLR0913 - what a process is made of
        self,
        made_from: Kept,
        directory: RunDirectory,
        market: MarketData,
        read_at: int,
        timer: Timer,
        onlooker: Onlooker,
        *,
        is_again: bool = False,
    ) -> None:
        """Take everything a process needs; nothing is opened yet.

        Args:
            made_from: What the session is made from.
            directory: Its run directory.
            market: What the data source knows now: what the embedded venue plays, or what was missed.
            read_at: UTC nanoseconds by which it knows everything.
            timer: Is told how long it took.
            onlooker: Is shown the session once a second.
            is_again: Whether a process before it ended.
        """
        self.made_from = made_from
        self.spec = made_from.prepared.spec
        self.directory = directory
        self.market = market
        self.read_at = read_at
        self.timer = timer
        self.onlooker = onlooker
        self.is_again = is_again
        if self.spec.session is None or self.spec.feed is None:
            raise TypeError("a session needs the sections feed and session")
        self.session = self.spec.session
        self.feed = self.spec.feed
        self.symbols = tuple(self.spec.universe.symbols)

    async def run(self) -> Ended:
        """Open the doors, sit until it is over, close them again."""
        folder = self.directory.path
        terminal = None if self.onlooker.shows_alarms else sys.stderr
        alarm = Alarms(folder, webhook_of(self.session.alert_url, os.environ), terminal)
        kill = KillWatch(folder)
        log = DecisionLog(folder)
        try:
            trader = warmed(self.made_from, log, signals=self.spec.report.signals)
            kept = KeptRows(self.symbols, self.made_from.columns, folder)
            if self.is_again:
                self._go_on(trader, kept, log)
            doors = await self._doors(max(self.made_from.history.until_ns, trader.ts))
            try:
                return await self._sit(doors, alarm, kill, trader, kept, log)
            finally:
                await doors.close()
        finally:
            log.close()
            kill.stop()
            alarm.stop()

    def _go_on(self, trader: Trader, kept: KeptRows, log: DecisionLog) -> None:
        """Make the decisions of the processes before again."""
        folder, out = self.directory.path, Collected()
        lines = list(read_decisions(folder))
        recorded = Recorded(folder, dialect_of(self.spec))
        trader.lines = out
        passed = again(lines, trader, out, recorded)
        if passed.divergence is not None:
            was = f"line {passed.divergence.line}: {passed.divergence.what}"
            fix = "Look whether Runner, its own files or the directory were changed since; runner replay shows more."
            raise RunError(Fault(str(folder), "must come to the decisions it made before", was, fix))
        trader.lines = log
        for line in passed.left:
            log.add(line)
        for life, line in lives_of(lines):
            kept.add(rows_told(line, life, recorded))

    async def _doors(self, until_ns: int) -> Doors:
        if isinstance(self.feed, Embedded) and self.feed.base_url is not None:
            return await joined_doors(self.spec, self.feed, os.environ)
        if isinstance(self.feed, Embedded):
            return await embedded_doors(self.spec, self.feed, self.market.tapes, until_ns)
        return outside_doors(self.spec, os.environ)

    async def _sit(
        self, doors: Doors, alarm: Alarms, kill: KillWatch, trader: Trader, kept: KeptRows, log: DecisionLog
    ) -> Ended:
        folder, spec = self.directory.path, self.spec
        live = await self._live(doors, alarm, kill)
        trader.begin()
        if live is not None:
            live.router.go_on(trader.arriving.working(), trader.arriving.position)
        log.flush()
        dates = Sessions(spec.timezone)
        sitting = Sitting(
            symbols=self.symbols,
            columns=self.made_from.columns,
            trader=trader,
            log=log,
            kept=kept,
            clock=doors.clock,
            kill=kill,
            feed=self._feed(doors, alarm, folder, trader.lives),
            begin=lambda: self._join(doors, sitting),
            is_over=doors.is_over,
            dates=lambda ts: dates.around(ts).date_at(ts),
            live=live,
            until_ns=None if self.session.until is None else doors.clock.utc_ns() + nanoseconds(self.session.until),
        )
        if isinstance(self.feed, Embedded) and self.feed.base_url is not None:
            sitting.missed = lambda before: self._between(max(trader.ts, self.made_from.history.until_ns), before)
        watch = Watch(self.directory, self.made_from.prepared, doors.venue, sitting, alarm, self.onlooker)
        trader.lines = watch.hearing(log)
        listen(asyncio.get_running_loop(), lambda: sitting.stop("asked to stop"), kill.ask)
        watch.say(AGAIN if self.is_again else BEGUN)
        with self.timer("session"):
            code = await watch.over(self._in_hours(sitting, Hours(dates, doors.clock), doors))
        truth = None if doors.truth is None else doors.truth()
        return Ended(sitting, code, doors.venue, sitting.feed.health(), watch.closed(), truth, doors.is_in_step)

    def _between(self, after: int, before: int) -> Iterator[tuple[int, Sequence[PushedRow]]]:
        """Yield the instants that the venue's own tape has between two others."""
        return ((ts, rows) for ts, rows in arrivals(self.market.tapes, before) if ts > after)

    async def _in_hours(self, sitting: Sitting, hours: Hours, doors: Doors) -> int:
        """Sit, and send nothing outside of the market's hours."""
        if doors.is_in_step:
            return await sitting.run()
        if sitting.live is not None:
            sitting.live.router.is_open = hours.is_open
        keeping = asyncio.create_task(keep_hours(sitting, hours, doors.clock), name="hours of the market")
        try:
            return await sitting.run()
        finally:
            keeping.cancel()
            (ended,) = await asyncio.gather(keeping, return_exceptions=True)
            if isinstance(ended, Exception):
                raise ended

    async def _join(self, doors: Doors, sitting: Sitting) -> None:
        """Join history and stream: what lies between them is asked for, and a market that waits for us may begin."""
        if not isinstance(self.feed, Embedded):
            await join(self.made_from, self.market, self.read_at, doors.clock, sitting, is_again=self.is_again)
        doors.begin()

    async def _live(self, doors: Doors, alarm: Alarms, kill: KillWatch) -> Live | None:
        if doors.account is None:
            return None
        prepared, folder = self.made_from.prepared, self.directory.path
        return await live_part(prepared, self.session, doors.account, folder, alarm, kill)

    def _feed(self, doors: Doors, alarm: Alarms, folder: Path, life: int) -> Feed:
        plan = plan_of(self.spec, self.made_from.columns, doors)
        recorder = FeedFiles(folder / FEED, lambda part: head(plan, part, life))
        ways = FeedDoors(
            doors.sockets, doors.clock, MachineChance(), alarm, recorder, history=doors.history, books=doors.books
        )
        return Feed(plan, doors.dialect, ways)


def plan_of(spec: RunSpec, columns: Columns, doors: Doors) -> Plan:
    """Return what the feed is asked for."""
    session = spec.session
    if session is None:
        raise TypeError("a session needs the section session")
    depth = columns.get("depth", ())
    bars = spec.timezone if "bars" in columns else None
    return Plan(
        symbols=tuple(spec.universe.symbols),
        streams=tuple(columns),
        bars=bars,
        events=None if bars is not None else spec.timezone,
        levels=len(depth) // 4,
        touch=Channel.DEPTH if "depth" in columns else doors.touch,
        lateness_ns=doors.lateness_ns if session.lateness is None else nanoseconds(session.lateness),
        patience_ns=nanoseconds(session.patience),
        refill_ns=0 if doors.history is None else REFILL_NS,
        # Where nobody waits for us, books and trades are decided on as they come; with bars, in the order of their stamps.
        together=doors.is_in_step or bars is not None,
        ahead_ns=None if doors.is_in_step else HOUR,
        eager=doors.is_in_step,
        waiting=100_000,
    )
