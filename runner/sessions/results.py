"""What a session leaves: the tables and the report of any run, and beside them its certificate and its gap.

session.json       why it ended, what it was handed and decided, what the feed had to put up with
certificate.json   whether its decisions come out again from what it was told, to the bit
gap.json           its profit against the backtest of the same hours, and where the difference comes from

It is written when nothing of the session moves any more, because the seal of the directory is over every byte of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from runner.archive.directory import RunDirectory
from runner.engine.arriving import Warmth
from runner.engine.onward import Sessions
from runner.launch.outcome import Outcome
from runner.launch.timer import Timer
from runner.launch.written import write_results
from runner.live.trading.again import Passed
from runner.live.trading.arrivals import arrivals
from runner.live.trading.gap import gap_between
from runner.live.trading.kept import KeptRows
from runner.live.trading.trader import Trader
from runner.market.load import MarketData
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.report.session_end import SessionEnd
from runner.sessions.ended import Ended
from runner.sessions.kept import Kept
from runner.sessions.retold import certificate, engine_of
from runner.signal.push import PushedRow
from runner.tables import Tables

__all__ = ["Over", "write_session"]

Instants = Iterable[tuple[int, Sequence[PushedRow]]]


@dataclass(frozen=True, slots=True)
class Over:
    """A session that is over, with all that its results are made of."""

    ended: Ended
    trader: Trader
    """Who has been told everything."""
    kept: KeptRows
    """The rows that it was handed."""


def write_session(directory: RunDirectory, made_from: Kept, market: MarketData, over: Over, timer: Timer) -> None:
    """Write the results of a session that is over, and seal its directory.

    Args:
        directory: The run's.
        made_from: What the session is made from.
        market: What the data source gave, the rest of the embedded venue's tape among it.
        over: The session.
        timer: Is told how long everything took.
    """
    ended, prepared = over.ended, made_from.prepared
    tables, tapes = over.trader.tables(), over.kept.tapes()
    quality = _quality(tapes, ended.feed_counts, ended.counts.gapped)
    directory.write_json("quality.json", quality)
    with timer("certificate"):
        passed, warmth = certificate(made_from, directory.path)
    simulated = _simulated(made_from, warmth, arrivals(tapes))
    deciding = next(tape for stream, tape in tapes.items() if stream == prepared.pipeline.clock)
    history = _simulated(made_from, warmth, _same_hours(made_from, market, tapes)) if ended.is_whole else None
    gap = gap_between(history, simulated, tables, deciding)
    end = SessionEnd(_told(ended, prepared.spec.mode.kind), _certificate(passed), gap.as_json(), ended.status)
    directory.write_json("certificate.json", end.certificate)
    directory.write_json("gap.json", end.gap)
    directory.write_json("session.json", end.told)
    sessions = Sessions.of(deciding).at(np.asarray(tables.equity["ts"], np.int64))
    handed = MarketData(tapes, quality, market.digests, made_from.calendars, made_from.events)
    outcome = Outcome(handed, tables, sessions, {}, None, None, session=end)
    write_results(directory, prepared, outcome, timer)


def _told(ended: Ended, mode: str) -> dict[str, Any]:
    return {
        "mode": mode,
        "venue": ended.venue,
        "ended": ended.why,
        "exit_code": ended.code,
        "processes": ended.processes,
        "counts": asdict(ended.counts),
        "refused_at_the_gate": dict(ended.refused),
        "feed": {"openings": ended.openings, "counts": dict(ended.feed_counts), "failure": ended.feed_failure},
        "venue_counts": None if ended.truth is None else dict(ended.truth),
    }


def _same_hours(made_from: Kept, market: MarketData, handed: Mapping[Stream, Tape]) -> Instants:
    """Return the market's instants from the end of the history to the last one that the session was handed."""
    until = made_from.history.until_ns
    last = max((int(tape.ts.max()) for tape in handed.values() if tape.rows), default=until)
    return ((ts, rows) for ts, rows in arrivals(market.tapes, last + 1) if ts > until)


def _simulated(made_from: Kept, warmth: Warmth, instants: Instants) -> Tables:
    """Return what the run's own fills, costs and scenario make of some instants after the history."""
    engine = engine_of(made_from, reported=False)
    engine.warm_as(warmth)
    for _, rows in instants:
        engine.over(rows)
    return engine.tables()


def _quality(tapes: Mapping[Stream, Tape], counts: Mapping[str, int], gapped: int) -> dict[str, Any]:
    """Return what is known of the rows that the session was handed."""
    notes = [f"{name}: {count:,}" for name, count in counts.items() if count]
    return {
        stream: {
            "rows_read": tape.rows,
            "rows_kept": tape.rows,
            "checks": {"gapped": {"policy": "keep", "count": gapped, "symbols": {}, "first": []}},
            "symbols": {symbol: _ends(tape, number) for number, symbol in enumerate(tape.symbols)},
            "left_out": {},
            "notes": notes,
        }
        for stream, tape in tapes.items()
    }


def _ends(tape: Tape, number: int) -> dict[str, Any]:
    ts = tape.ts[int(tape.offsets[number]) : int(tape.offsets[number + 1])]
    first, last = (f"{np.datetime64(int(ts[each]), 's')}Z" if ts.size else None for each in (0, -1))
    return {"rows": int(ts.size), "first": first, "last": last}


def _certificate(passed: Passed) -> dict[str, Any]:
    return {"equal": passed.divergence is None, **asdict(passed)}
