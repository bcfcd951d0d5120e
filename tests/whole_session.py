"""A whole session in virtual time: feed, trader, router, gate, journal and account, each the real one, at a market and a venue
that do what the test says.

The market is that of `feed_bench`, the account's venue that of `live_bench`; they share one world. Market orders fill at once
at their limits, as the venue's rules are not what is tested here.
"""

import asyncio
import json
from dataclasses import replace
from itertools import pairwise

from markets import pipeline_of, tape_of

from runner.engine.arriving import Arriving
from runner.live.brokers.plain import PlainContract
from runner.live.feed.dialects.tickdb import TickDb
from runner.live.feed.doors import Doors
from runner.live.feed.feed import Feed
from runner.live.feed.messages import Channel
from runner.live.feed.recording import replayed
from runner.live.ports import Ports
from runner.live.session import Session
from runner.live.trading.again import Collected, again
from runner.live.trading.decisions import DecisionLog, read_decisions
from runner.live.trading.kept import KeptRows
from runner.live.trading.router import Router
from runner.live.trading.trader import Trader
from runner.sessions.sitting import Live, Sitting
from runner.signal.sheet import Surroundings
from runner.trading.sizing.units import Units
from runner.venue.loop import SimLoop
from tests import feed_bench, live_bench
from tests.live_bench import FREE, INSTRUMENTS, SECOND, NoChance

SYMBOLS = ("XYZ", "ABC")
DAY = 86_400 * SECOND
NONE = dict.fromkeys(SYMBOLS, ())
OF_BARS = {"long": {"enter": "close > open", "exit": "close < open"}}
OF_BOOKS = {"nodes": {"pressure": "pressure_ratio(2)"}, "long": {"enter": "pressure > 1.5", "exit": "pressure < 0.7"}}


class Exchange(live_bench.BenchVenue):
    """Fills what is sent at once or never in one piece, and keeps what rests."""

    def accept(self, fields):
        order = super().accept(fields)
        if fields["time_in_force"] == "ioc":
            self.fill(order, order.quantity)
        return order


class Whole:
    """One session; `play` it once."""

    def __init__(self, folder, stream, *, plan=None, limits=None, is_real_time=True, **told):
        """Make the parts; nothing runs yet."""
        self.bench = live_bench.Bench(limits=limits or replace(FREE, max_age_ns=60 * SECOND), **told)
        self.bench.venue = self.venue = Exchange(self.bench.world, self.bench.stream)
        self.world = self.bench.world
        self.stream = stream
        self.plan = plan or (feed_bench.plan if stream == "bars" else feed_bench.books)(
            symbols=SYMBOLS, touch=Channel.DEPTH, waiting=200
        )
        self.market = feed_bench.BenchVenue(self.world)
        self.alarm = feed_bench.BenchAlarm()
        self.recorder = feed_bench.BenchRecorder(self.plan)
        self.clock = feed_bench.BenchClock(self.world)
        self.dialect = TickDb(SYMBOLS)
        levels = 0 if stream == "bars" else 2
        self.tapes = {stream: tape_of(stream, NONE, levels)}
        self.columns = {stream: tuple(self.tapes[stream].columns)}
        signal = OF_BARS if stream == "bars" else OF_BOOKS
        self.pipeline = pipeline_of(self.tapes, capital=1e6, signal=signal, sizing=Units(units=4.0, lot=1.0))
        self.folder = folder
        self.log = DecisionLog(folder)
        self.trader = Trader(self.engine(), self.log)
        self.is_real_time = is_real_time
        self.sitting = None
        self.code = None

    def engine(self):
        return Arriving(self.pipeline, SYMBOLS, self.columns, Surroundings(), reported=True)

    @property
    def state(self):
        return self.bench.session.state

    def play(self, during, seconds=0.0):
        """Sit while `during(self)` goes on, and so many seconds more; then stop in order. Return the exit code."""
        loop = SimLoop(self.world, in_order=True, step_cost=0)
        try:
            self.code = loop.run_process(self._play(during, seconds))
        finally:
            loop.close()
        self.log.close()
        assert loop.unobserved == []
        return self.code

    def _beat(self):
        """Send a heartbeat on the private stream, once a second."""
        self.bench.stream.tell({"type": "heartbeat"})
        self.world.after(SECOND, self._beat)

    async def _play(self, during, seconds):
        self._beat()
        self._sit()
        sitting = asyncio.create_task(self.sitting.run())
        try:
            for _ in range(3_000):
                if self._trades() or sitting.done():
                    break
                await asyncio.sleep(0.01)
            playing = asyncio.create_task(self._during(during, seconds))
            await asyncio.wait((sitting, playing), return_when=asyncio.FIRST_COMPLETED)
            if playing.done():
                playing.result()
            self.sitting.stop("the test is over")
            return await sitting
        finally:
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

    async def _during(self, during, seconds):
        await during(self)
        await asyncio.sleep(seconds)

    def _trades(self):
        return all(each.is_listening for each in self.sitting.feed.health().symbols)

    def _sit(self):
        bench = self.bench
        ports = Ports(bench.clock, NoChance(), self.venue, bench.stream, bench.disk, bench.bells, bench.switch)
        router = Router(SYMBOLS, INSTRUMENTS, reach=0.05)
        session = bench.session = Session(ports, live_bench.setup(**bench.told), PlainContract(INSTRUMENTS), router)
        doors = Doors(self.market, self.clock, feed_bench.BenchChance(self.world), self.alarm, self.recorder)
        self.trader.begin()
        self.sitting = Sitting(
            symbols=SYMBOLS,
            columns=self.columns,
            trader=self.trader,
            log=self.log,
            kept=KeptRows(SYMBOLS, self.columns),
            clock=self.clock,
            kill=bench.switch,
            feed=Feed(self.plan, self.dialect, doors),
            begin=_begin,
            is_over=lambda: False,
            dates=lambda ts: ts // DAY,
            live=Live(session, router, INSTRUMENTS),
            is_real_time=self.is_real_time,
        )

    # --- what is true -------------------------------------------------------------------------------------------------

    def executions(self):
        """Return what venue, journal and trader know of executions, by their ids."""
        told = [line[10] for line in read_decisions(self.folder) if line[0] == "r" and line[5]]
        return sorted(fill["exec_id"] for _, fill in self.venue.fills), sorted(self.state.executions), sorted(told)

    def positions(self):
        """Return what venue, journal and trader hold, in units."""
        lots = {symbol: INSTRUMENTS[symbol].lot for symbol in SYMBOLS}
        return (
            {symbol: float(self.venue.positions[symbol] * lots[symbol]) for symbol in SYMBOLS},
            {symbol: float(self.state.position(symbol) * lots[symbol]) for symbol in SYMBOLS},
            {symbol: self.trader.arriving.position(number) for number, symbol in enumerate(SYMBOLS)},
        )

    def retold(self):
        """Make the decisions again from what was recorded; return what that came to."""
        out = Collected()
        made = {each.serial: each for each in replayed(self.recorder.recording(), self.plan, self.dialect)}
        lines = read_decisions(self.folder)
        return again(lines, Trader(self.engine(), out), out, lambda _, serial: made[serial].rows if serial in made else None)

    def intents(self):
        return [json.loads(row.body) for row in self.bench.disk.kept if row.kind == "INTENT"]


async def _begin():
    """Join at once: the market goes its own way."""


def agree(values):
    """Return whether all values are the same."""
    return all(one == other for one, other in pairwise(values))
