"""A session from its prepared run to its directory, and again where a process ended.

1. The history is read: it warms the signals up; of the embedded venue the rest of it is played.
2. The run directory is created, with its inputs and what the session is made from; of a session that goes on, its decisions
   are made again.
3. The process opens its doors and sits until it is over (`process`).
4. Tables, report, certificate and gap are written, and the directory is sealed (`results`).

A process may die at any of these. Before 2 there is nothing; after 3 only 4 is left to be done (`ended`); in between the
session goes on.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from runner.archive.directory import RunDirectory
from runner.archive.redact import Redactor, secret_faults
from runner.archive.run import Run, load
from runner.engine.arriving import Columns
from runner.engine.clocks import columns_read
from runner.errors import ConfigError, Fault, RunError
from runner.launch.ending import finish_badly
from runner.launch.how import Launch
from runner.launch.rebuild import kept_plugins, kept_spec, kept_values
from runner.launch.timer import Timer
from runner.launch.written import provenance_of, write_inputs
from runner.live.edge.lock import Lock
from runner.live.feeds.embedded import Embedded
from runner.live.session import EXIT_HALTED, EXIT_LEFT
from runner.market.load import MarketData
from runner.market.run_data import run_data
from runner.market.streams import Stream, columns_of
from runner.prepare import Prepared, prepare_spec
from runner.sessions.calendars import calendars_ahead
from runner.sessions.ended import is_ended, kept_ended
from runner.sessions.history import History, history_until, split_at
from runner.sessions.kept import Kept, keep, kept
from runner.sessions.onlooker import Nobody, Onlooker, Spared
from runner.sessions.preflight import expect_ready
from runner.sessions.process import Process
from runner.sessions.results import Over, write_session
from runner.sessions.retold import retold
from runner.spec.run import RunSpec

__all__ = ["Sat", "launch_session", "restart_session"]

LOCK = "session.lock"
DONE = "DONE"
WRITING = "writing results"


@dataclass(frozen=True, slots=True)
class Sat:
    """A session that is over."""

    run: Run
    exit_code: int
    """See `runner.live.session`."""


def launch_session(prepared: Prepared, how: Launch, onlooker: Onlooker | None = None) -> Sat:
    """Run a session to its end; see the steps of the module."""
    redact = Redactor(os.environ)
    spec = prepared.spec
    secrets = secret_faults(spec.model_dump(mode="json"), os.environ)
    if secrets:
        raise ConfigError(secrets)
    expect_ready(spec, os.environ)
    looking = Spared(onlooker or Nobody())
    looking.stage("reading history")
    now = time.time_ns() if how.now is None else how.now
    timer = Timer()
    with timer("read"):
        market = run_data(spec, prepared.source, now=now)
    provenance, diff = provenance_of(prepared, how, market, redact, now)
    directory = RunDirectory.create(
        how.runs.expanduser(), name=spec.name, spec_hash=spec.hash, provenance=provenance, redact=redact
    )
    with _told_badly(directory), _locked(directory.path):
        write_inputs(directory, prepared, how, diff)
        made_from = _made_from(prepared, market, now)
        keep(directory, made_from)
        looking.stage(f"{spec.mode.kind} session")
        over = asyncio.run(Process(made_from, directory, market, now, timer, looking).run())
        looking.stage(WRITING)
        write_session(directory, made_from, market, over, timer)
    return Sat(load(directory.path), over.ended.code)


def restart_session(folder: Path, onlooker: Onlooker) -> Sat:
    """Go on with a session whose process ended; its decisions are made again first.

    One that was over already, but not all of its results were written, gets those and nothing else.

    Raises:
        RunError: It isn't a session, or it is over, or its decisions come out differently, or another process has it.
    """
    looking = Spared(onlooker)
    _expect_unfinished(load(folder))
    with _locked(folder):
        # Whoever had it until now may have ended it.
        run, spec = load(folder), kept_spec(folder, kept_values(folder))
        _expect_unfinished(run)
        needs_results_alone = run.status != DONE and is_ended(folder)
        if not needs_results_alone:
            _expect_venue(folder, spec)
            expect_ready(spec, os.environ)
        # What it missed, and what the embedded venue has yet to play, only the data source knows.
        prepared = prepare_spec(spec, folders=kept_plugins(folder))
        redact, now = Redactor(os.environ), time.time_ns()
        looking.stage("reading history")
        timer = Timer()
        with timer("read"):
            market = run_data(spec, prepared.source, now=now)
        directory = RunDirectory.again(folder, run.manifest, redact)
        with _told_badly(directory):
            made_from = kept(folder)
            if needs_results_alone:
                before = retold(made_from, folder)
                over = Over(kept_ended(folder), before.trader, before.kept)
            else:
                looking.stage(f"{spec.mode.kind} session, again")
                over = asyncio.run(Process(made_from, directory, market, now, timer, looking, is_again=True).run())
            looking.stage(WRITING)
            write_session(directory, made_from, market, over, timer)
    return Sat(load(folder), over.ended.code)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Have a run directory for this process alone."""
    lock = Lock(folder / LOCK, "a run directory")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _told_badly(directory: RunDirectory) -> Iterator[None]:
    """Write into the manifest how it ended, if it ends by an error."""
    try:
        yield
    except BaseException as error:
        finish_badly(directory, error)
        raise


def _made_from(prepared: Prepared, market: MarketData, now: int) -> Kept:
    """Return what a session is made from, given what its data source told."""
    spec = prepared.spec
    if spec.session is None or spec.feed is None:
        raise TypeError("a session needs the sections feed and session")
    columns = columns_of_session(prepared, market)
    if isinstance(spec.feed, Embedded):
        found = split_at(spec, spec.session, market, prepared.pipeline)
        calendars = market.calendars
    else:
        found = history_until(market.tapes, now)
        calendars = calendars_ahead(market, spec.timezone, spec.universe.symbols, tuple(columns), now)
    history = History(found.until_ns, {stream: found.tapes[stream] for stream in columns})
    return Kept(prepared, history, columns, calendars, market.events)


def _expect_unfinished(before: Run) -> None:
    """Refuse what is no session, and one that is over.

    One with a broker that was halted, or left orders behind, may go on: its operator has looked into it.
    """
    mode = str(before.manifest.get("mode"))
    if mode not in {"paper", "live"}:
        fix = "A backtest is run again by runner rerun."
        raise RunError(Fault(str(before.path), "must be the run directory of a session", mode, fix))
    if before.status == DONE and not (mode == "live" and _is_left_halted(before.path)):
        fix = "Begin another session."
        raise RunError(Fault(str(before.path), "must be a session that isn't over", before.status, fix))


def _is_left_halted(folder: Path) -> bool:
    return is_ended(folder) and kept_ended(folder).code in {EXIT_LEFT, EXIT_HALTED}


def _expect_venue(folder: Path, spec: RunSpec) -> None:
    if isinstance(spec.feed, Embedded) and spec.feed.base_url is None and spec.mode.kind == "live":
        fix = "Run the venue by itself (runner venue --stay), and write its address as feed.base_url and broker.base_url."
        must = "must have a venue that outlives the session"
        raise RunError(Fault(str(folder), must, "the embedded one, which ended with it", fix))


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
