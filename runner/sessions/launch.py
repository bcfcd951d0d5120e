"""A session from its prepared run to its directory, and again where a process ended.

1. The history is read: it warms the signals up; of the embedded venue the rest of it is played.
2. The run directory is created, with its inputs; of a session that goes on, its decisions are made again.
3. The doors are opened: market, account.
4. The sitting goes on until it is over (`sitting`).
5. Tables, report, certificate and gap are written (`results`).
"""

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runner.archive.directory import RunDirectory
from runner.archive.redact import Redactor, secret_faults
from runner.archive.run import Run, load
from runner.duration import nanoseconds
from runner.engine.arriving import Arriving, Columns
from runner.engine.clocks import columns_read
from runner.engine.surroundings import surroundings_of
from runner.errors import ConfigError, Fault, RunError, RunnerError
from runner.launch.how import Launch
from runner.launch.progress import Progress
from runner.launch.rebuild import kept_plugins, kept_spec, kept_values
from runner.launch.timer import Timer
from runner.launch.written import provenance_of, write_inputs
from runner.live.edge.clock import MachineChance
from runner.live.edge.feed_files import FeedFiles
from runner.live.edge.kill_watch import KillWatch
from runner.live.edge.lock import Lock
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
from runner.market.run_data import run_data
from runner.market.streams import Stream, columns_of
from runner.prepare import Prepared, prepare_spec
from runner.sessions.account import live_part
from runner.sessions.alarms import Alarms, webhook_of
from runner.sessions.dialects import dialect_of
from runner.sessions.doors import Doors
from runner.sessions.embedded import embedded_doors
from runner.sessions.history import History, history_until, split_at
from runner.sessions.joined import joined_doors
from runner.sessions.kept_history import keep_history, kept_history
from runner.sessions.lives import record_missing
from runner.sessions.outside import outside_doors
from runner.sessions.recorded import FEED, lives_of, recorded_rows, rows_told
from runner.sessions.results import write_session
from runner.sessions.sitting import Sitting
from runner.signal.push import PushedRow
from runner.spec.run import RunSpec

__all__ = ["Sat", "launch_session", "restart_session"]

MS = 1_000_000
SECOND = 1_000 * MS
LOCK = "session.lock"


@dataclass(frozen=True, slots=True)
class Sat:
    """A session that is over."""

    run: Run
    exit_code: int
    """See `runner.live.session`."""


def launch_session(prepared: Prepared, how: Launch) -> Sat:
    """Run a session to its end; see the steps of the module."""
    redact = Redactor(os.environ)
    spec = prepared.spec
    secrets = secret_faults(spec.model_dump(mode="json"), os.environ)
    if secrets:
        raise ConfigError(secrets)
    how.progress.stage("reading history")
    now = time.time_ns() if how.now is None else how.now
    timer = Timer()
    with timer("read"):
        market = run_data(spec, prepared.source, now=now)
    provenance, diff = provenance_of(prepared, how, market, redact, now)
    directory = RunDirectory.create(
        how.runs.expanduser(), name=spec.name, spec_hash=spec.hash, provenance=provenance, redact=redact
    )
    try:
        write_inputs(directory, prepared, how, diff)
        how.progress.stage(f"{spec.mode.kind} session")
        code = asyncio.run(_Session(prepared, directory, market, timer, now).run())
    except BaseException as error:
        _end_badly(directory, error)
        raise
    return Sat(load(directory.path), code)


def restart_session(folder: Path, progress: Progress) -> Sat:
    """Go on with a session whose process ended; its decisions are made again first.

    Raises:
        RunError: It isn't a session, or it is over, or its decisions come out differently.
    """
    before = load(folder)
    spec = kept_spec(folder, kept_values(folder))
    _expect_unfinished(before, spec)
    prepared = prepare_spec(spec, folders=kept_plugins(folder))
    redact, now = Redactor(os.environ), time.time_ns()
    progress.stage("reading history")
    timer = Timer()
    with timer("read"):
        market = run_data(spec, prepared.source, now=now)
    directory = RunDirectory.again(folder, before.manifest, redact)
    try:
        progress.stage(f"{spec.mode.kind} session, again")
        code = asyncio.run(_Session(prepared, directory, market, timer, now, is_again=True).run())
    except BaseException as error:
        _end_badly(directory, error)
        raise
    return Sat(load(folder), code)


def _expect_unfinished(before: Run, spec: RunSpec) -> None:
    if spec.mode.kind not in {"paper", "live"}:
        fix = "A backtest is run again by runner rerun."
        raise RunError(Fault(str(before.path), "must be the run directory of a session", spec.mode.kind, fix))
    if before.status == "DONE":
        fix = "Begin another session."
        raise RunError(Fault(str(before.path), "must be a session that isn't over", before.status, fix))
    if isinstance(spec.feed, Embedded) and spec.feed.base_url is None and spec.mode.kind == "live":
        fix = "Run the venue by itself (runner venue), and write its address as feed.base_url and broker.base_url."
        must = "must have a venue that outlives the session"
        raise RunError(Fault(str(before.path), must, "the embedded one, which ended with it", fix))


class _Session:
    """The parts of one process."""

    def __init__(
        self,
        prepared: Prepared,
        directory: RunDirectory,
        market: MarketData,
        timer: Timer,
        now: int,
        *,
        is_again: bool = False,
    ) -> None:
        self.prepared = prepared
        self.spec = prepared.spec
        self.directory = directory
        self.market = market
        self.timer = timer
        self.now = now
        self.is_again = is_again
        if self.spec.session is None or self.spec.feed is None:
            raise TypeError("a session needs the sections feed and session")
        self.session = self.spec.session
        self.feed = self.spec.feed
        self.columns = columns_of_session(prepared, market)
        self.symbols = tuple(self.spec.universe.symbols)

    async def run(self) -> int:
        """Open the doors, sit, write the results; return the exit code."""
        folder = self.directory.path
        lock = Lock(folder / LOCK, "a run directory")
        alarm = Alarms(folder, webhook_of(self.session.alert_url, os.environ))
        kill = KillWatch(folder)
        try:
            history = self._history()
            log = DecisionLog(folder)
            trader, kept = self._trader(log), KeptRows(self.symbols, self.columns)
            trader.warm(arrivals(history.tapes))
            if self.is_again:
                self._go_on(trader, kept, log)
            doors = await self._doors(max(history.until_ns, trader.ts))
            try:
                return await self._sit(history, doors, alarm, kill, trader, kept, log)
            finally:
                await doors.close()
        finally:
            kill.stop()
            alarm.stop()
            lock.release()

    def _history(self) -> History:
        """Return what warms the signals up: of a session that goes on, what warmed them up at first."""
        if self.is_again:
            return kept_history(self.directory.path, self.symbols, self.columns)
        is_embedded = isinstance(self.feed, Embedded)
        found = (
            split_at(self.spec, self.session, self.market, self.prepared.pipeline)
            if is_embedded
            else history_until(self.market.tapes, self.now)
        )
        keep_history(self.directory, found, self.columns)
        return found

    def _trader(self, log: DecisionLog) -> Trader:
        arriving = Arriving(
            self.prepared.pipeline,
            self.symbols,
            self.columns,
            surroundings_of(self.spec, self.market),
            reported=self.spec.mode.kind == "live",
            signals=self.spec.report.signals,
            every=self.spec.report.equity_every,
        )
        return Trader(arriving, log)

    def _go_on(self, trader: Trader, kept: KeptRows, log: DecisionLog) -> None:
        """Make the decisions again, and take the instants since that history knows of."""
        folder, out = self.directory.path, Collected()
        lines = list(read_decisions(folder))
        recorded = recorded_rows(folder, dialect_of(self.spec))
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

    def _between(self, after: int, before: int) -> Iterator[tuple[int, list[PushedRow]]]:
        """Yield the instants that history knows between two others."""
        return ((ts, rows) for ts, rows in arrivals(self.market.tapes) if after < ts < before)

    async def _doors(self, until_ns: int) -> Doors:
        if isinstance(self.feed, Embedded):
            if self.feed.base_url is not None:
                return await joined_doors(self.spec, self.feed, os.environ)
            return await embedded_doors(self.spec, self.feed, self.market.tapes, until_ns)
        return outside_doors(self.spec, os.environ)

    async def _sit(  # noqa: PLR0913, PLR0917 - what a session is made of
        self,
        history: History,
        doors: Doors,
        alarm: Alarms,
        kill: KillWatch,
        trader: Trader,
        kept: KeptRows,
        log: DecisionLog,
    ) -> int:
        folder, spec, account = self.directory.path, self.spec, doors.account
        live = None if account is None else await live_part(self.prepared, self.session, account, folder, alarm, kill)
        plan = plan_of(spec, self.columns, self.session.lateness, self.session.patience, doors)
        record_missing(folder / FEED, trader.lives, lambda part: head(plan, part))
        trader.begin()
        if live is not None:
            live.router.go_on(trader.arriving.working(), trader.arriving.position)
        log.flush()
        recorder = FeedFiles(folder / FEED, lambda part: head(plan, part))
        feed = Feed(plan, doors.dialect, FeedDoors(doors.sockets, doors.clock, MachineChance(), alarm, recorder))
        dates = Sessions(spec.timezone)
        sitting = Sitting(
            symbols=self.symbols,
            columns=self.columns,
            trader=trader,
            log=log,
            kept=kept,
            clock=doors.clock,
            kill=kill,
            feed=feed,
            begin=doors.begin,
            is_over=doors.is_over,
            dates=lambda ts: dates.around(ts).date_at(ts),
            live=live,
            until_ns=None if self.session.until is None else doors.clock.utc_ns() + nanoseconds(self.session.until),
        )
        if not isinstance(self.feed, Embedded) or self.feed.base_url is not None:
            sitting.missed = lambda before: self._between(max(trader.ts, history.until_ns), before)
        loop = asyncio.get_running_loop()
        listen(loop, lambda: sitting.stop("asked to stop"), kill.ask)
        with self.timer("session"):
            code = await sitting.run()
        log.close()
        write_session(self.prepared, self.directory, self.market, history, sitting, doors, self.timer, code)
        return code


def columns_of_session(prepared: Prepared, market: MarketData) -> Columns:
    """Return the streams that a session listens to, with their columns: what is read, and what orders fill at."""
    spec, pipeline = prepared.spec, prepared.pipeline
    read = set(columns_read(pipeline, named=spec.report.signals))
    clock = next(stream for stream in market.tapes if stream == pipeline.clock)
    if spec.mode.kind == "paper":
        fills = pipeline.fill.streams(clock)
        read.add(next(stream for stream in fills if stream in market.tapes))
    found: dict[Stream, tuple[str, ...]] = {}
    for stream, tape in market.tapes.items():
        if stream in read or stream == clock:
            levels = sum(name.startswith("bid_price_") for name in tape.columns)
            found[stream] = columns_of(stream, levels)
    return found


def plan_of(spec: RunSpec, columns: Columns, lateness: str | None, patience: str, doors: Doors) -> Plan:
    """Return what the feed is asked for."""
    depth = columns.get("depth", ())
    bars = spec.timezone if "bars" in columns else None
    return Plan(
        symbols=tuple(spec.universe.symbols),
        streams=tuple(columns),
        bars=bars,
        events=None if bars is not None else spec.timezone,
        levels=len(depth) // 4,
        touch=Channel.DEPTH if "depth" in columns else None,
        lateness_ns=doors.lateness_ns if lateness is None else nanoseconds(lateness),
        patience_ns=nanoseconds(patience),
        # Where nobody waits for us, books and trades are decided on as they come; with bars, in the order of their stamps.
        together=doors.is_in_step or bars is not None,
        ahead_ns=None if doors.is_in_step else 3_600 * SECOND,
        eager=doors.is_in_step,
        waiting=100_000,
    )


def _end_badly(directory: RunDirectory, error: BaseException) -> None:
    """Write into the manifest how the session ended; the error itself goes on to the caller."""
    if directory.is_finished:
        return
    status = "INTERRUPTED" if isinstance(error, KeyboardInterrupt) else "FAILED"
    text = str(error) if isinstance(error, RunnerError | KeyboardInterrupt) else f"{type(error).__name__}: {error}"
    try:
        directory.finish(status, error=text or "interrupted")
    except OSError as second:
        error.add_note(f"The manifest of {directory.path} could not be written either: {second}")
