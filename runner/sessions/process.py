"""One process of a session: its doors, its trader, its feed, and whoever watches."""

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from runner.archive.directory import RunDirectory
from runner.duration import HOUR, nanoseconds
from runner.engine.arriving import Columns
from runner.launch.timer import Timer
from runner.live.edge.clock import MachineChance
from runner.live.edge.feed_files import FeedFiles
from runner.live.edge.kill_watch import KillWatch
from runner.live.edge.signals import listening
from runner.live.feed.doors import Doors as FeedDoors
from runner.live.feed.feed import Feed
from runner.live.feed.messages import Channel
from runner.live.feed.plan import Plan
from runner.live.feed.recording import head
from runner.live.feed.sessions import Sessions
from runner.live.feeds.embedded import Embedded
from runner.live.trading.arrivals import arrivals
from runner.live.trading.decisions import DecisionLog
from runner.live.trading.kept import KeptRows
from runner.market.load import MarketData
from runner.sessions.account import live_part
from runner.sessions.alarms import Alarms, webhook_of
from runner.sessions.doors import Doors
from runner.sessions.embedded import embedded_doors
from runner.sessions.ended import Ended, keep_ended, let_go
from runner.sessions.hours import Hours, keep_hours
from runner.sessions.joined import joined_doors
from runner.sessions.joining import join
from runner.sessions.kept import Kept
from runner.sessions.onlooker import Onlooker
from runner.sessions.outside import outside_doors
from runner.sessions.recorded import FEED
from runner.sessions.results import Over
from runner.sessions.retold import Retold, retold, warmed
from runner.sessions.sitting import Counts, Live, Sitting
from runner.sessions.watch import Watch
from runner.signal.push import PushedRow
from runner.spec.run import RunSpec

__all__ = ["Process", "plan_of"]

REFILL_NS = 10_000_000_000
"""How long a bar with a hole waits for history, by the machine's clock."""
TOLD = frozenset({"cash", "currency", "positions", "instants", "faults"})
"""What is worth keeping of what the venue itself counts."""
UNTIL = "until_ns"
"""In the manifest: market time at which the session is over."""
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
        self._main: asyncio.Task[object] | None = None
        self._sitting: Sitting | None = None
        self._is_interrupted = False

    async def run(self) -> Over:
        """Open the doors, sit until it is over, close them again.

        Raises:
            KeyboardInterrupt: It was asked to stop before it sat.
        """
        self._main = asyncio.current_task()
        try:
            return await self._opened()
        except asyncio.CancelledError:
            if not self._is_interrupted:
                raise
            raise KeyboardInterrupt("interrupted before the session began") from None

    async def _opened(self) -> Over:
        folder = self.directory.path
        terminal = None if self.onlooker.shows_alarms else sys.stderr
        with ExitStack() as doing:
            alarm = Alarms(folder, webhook_of(self.session.alert_url, os.environ), terminal)
            doing.callback(alarm.stop)
            kill = KillWatch(folder)
            doing.callback(kill.stop)
            # From here on, as an interrupt that an exception stands for may be lost while something is compiled.
            doing.enter_context(listening(asyncio.get_running_loop(), self._stop, kill.ask))
            log = DecisionLog(folder)
            doing.callback(log.close)
            before = self._before(log)
            doors = await self._doors(max(self.made_from.history.until_ns, before.trader.ts))
            try:
                return await self._sit(doors, alarm, kill, before, log)
            finally:
                await doors.close()

    def _stop(self) -> None:
        """End in order; what doesn't sit yet has nothing to bring in order."""
        if self._sitting is not None:
            self._sitting.stop("asked to stop")
        elif self._main is not None:
            self._is_interrupted = True
            self._main.cancel()

    def _before(self, log: DecisionLog) -> Retold:
        """Return what the processes before came to, made again; of the first one, a trader that knows the history."""
        if not self.is_again:
            trader = warmed(self.made_from, log, signals=self.spec.report.signals)
            return Retold(trader, KeptRows(self.symbols, self.made_from.columns, self.directory.path), Counts(), ())
        before = retold(self.made_from, self.directory.path)
        before.trader.lines = log
        for line in before.left:
            log.add(line)
        return before

    async def _doors(self, until_ns: int) -> Doors:
        if isinstance(self.feed, Embedded) and self.feed.base_url is not None:
            return await joined_doors(self.spec, self.feed, os.environ)
        if isinstance(self.feed, Embedded):
            return await embedded_doors(self.spec, self.feed, self.market.tapes, until_ns)
        return outside_doors(self.spec, os.environ)

    async def _sit(self, doors: Doors, alarm: Alarms, kill: KillWatch, before: Retold, log: DecisionLog) -> Over:
        folder, spec, trader = self.directory.path, self.spec, before.trader
        live = await self._live(doors, alarm, kill)
        let_go(folder)
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
            kept=before.kept,
            clock=doors.clock,
            kill=kill,
            feed=self._feed(doors, alarm, folder, trader.lives),
            begin=lambda: self._join(doors, sitting),
            is_over=doors.is_over,
            dates=lambda ts: dates.around(ts).date_at(ts),
            live=live,
            until_ns=self._until(doors),
            is_real_time=doors.is_real_time,
            counts=before.counts,
        )
        if isinstance(self.feed, Embedded) and self.feed.base_url is not None:
            sitting.missed = lambda before: self._between(max(trader.ts, self.made_from.history.until_ns), before)
        watch = Watch(self.directory, self.made_from.prepared, doors.venue, sitting, alarm, self.onlooker)
        trader.lines = watch.hearing(log)
        self._sitting = sitting
        watch.say(AGAIN if self.is_again else BEGUN)
        with self.timer("session"):
            code = await watch.over(self._in_hours(sitting, Hours(dates, doors.clock), doors))
        over = Over(_ended(sitting, code, doors, watch), trader, before.kept)
        keep_ended(self.directory, over.ended)
        return over

    def _until(self, doors: Doors) -> int | None:
        """Return when it is over by the market's clock, as the first of its processes wrote it down; None: nobody said."""
        if self.session.until is None:
            return None
        if UNTIL not in self.directory.manifest:
            self.directory.update(**{UNTIL: doors.clock.utc_ns() + nanoseconds(self.session.until)})
        return int(self.directory.manifest[UNTIL])

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
            await asyncio.gather(keeping, return_exceptions=True)

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


def _ended(sitting: Sitting, code: int, doors: Doors, watch: Watch) -> Ended:
    """Return what is known of a sitting that is over."""
    health, live = sitting.feed.health(), sitting.live
    return Ended(
        code=code,
        why=sitting.why,
        venue=doors.venue,
        processes=sitting.trader.lives,
        counts=sitting.counts,
        refused={} if live is None else dict(live.router.refused),
        openings=health.openings,
        feed_counts=dict(health.counts),
        feed_failure=health.failure,
        status=watch.closed(),
        truth=None if doors.truth is None else {name: value for name, value in doors.truth().items() if name in TOLD},
        is_whole=doors.is_in_step,
    )


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
