"""What a session leaves: the tables and the report of any run, and beside them its certificate and its gap.

session.json       why it ended, what it was handed and decided, what the feed had to put up with
certificate.json   whether its decisions come out again from what it was told, to the bit
gap.json           its profit against the backtest of the same hours, and where the difference comes from
"""

from dataclasses import asdict
from typing import Any

import numpy as np

from runner.archive.directory import RunDirectory
from runner.engine.arriving import Arriving
from runner.engine.onward import Sessions
from runner.engine.surroundings import surroundings_of
from runner.launch.outcome import Outcome
from runner.launch.timer import Timer
from runner.launch.written import write_results
from runner.live.trading.again import Collected, Passed, again
from runner.live.trading.arrivals import arrivals
from runner.live.trading.decisions import read_decisions
from runner.live.trading.gap import gap_between
from runner.live.trading.trader import Trader
from runner.market.load import MarketData
from runner.prepare import Prepared
from runner.sessions.dialects import dialect_of
from runner.sessions.doors import Doors
from runner.sessions.history import History
from runner.sessions.recorded import recorded_rows
from runner.sessions.sitting import Sitting
from runner.tables import Tables

__all__ = ["certificate_of", "write_session"]


def write_session(  # noqa: PLR0913, PLR0917 - what a session is made of
    prepared: Prepared,
    directory: RunDirectory,
    market: MarketData,
    history: History,
    sitting: Sitting,
    doors: Doors,
    timer: Timer,
    code: int,
) -> None:
    """Write the results of a session that is over, and seal its directory."""
    tables, kept = sitting.trader.tables(), sitting.kept.tapes()
    health = sitting.feed.health()
    quality = _quality(prepared, kept, dict(health.counts), sitting)
    session_market = MarketData(kept, quality, market.digests, market.calendars, market.events)
    directory.write_json("quality.json", quality)
    with timer("certificate"):
        passed = certificate_of(prepared, directory, market, history, sitting)
    simulated = _simulated(prepared, market, history, sitting, arrivals(kept))
    whole = None if not doors.is_in_step else _simulated(prepared, market, history, sitting, _rest_of(market, history))
    deciding = next(tape for stream, tape in kept.items() if stream == prepared.pipeline.clock)
    gap = gap_between(whole, simulated, tables, deciding)
    directory.write_json("certificate.json", _certificate(passed))
    directory.write_json("gap.json", gap.as_json())
    directory.write_json(
        "session.json",
        {
            "mode": prepared.spec.mode.kind,
            "venue": doors.venue,
            "ended": sitting.why,
            "exit_code": code,
            "processes": sitting.trader.lives,
            "counts": asdict(sitting.counts),
            "refused_at_the_gate": {} if sitting.live is None else dict(sitting.live.router.refused),
            "feed": {"openings": health.openings, "counts": dict(health.counts), "failure": health.failure},
            "venue_counts": None if doors.truth is None else _counted(doors.truth()),
        },
    )
    sessions = Sessions.of(deciding).at(np.asarray(tables.equity["ts"], np.int64))
    outcome = Outcome(session_market, tables, sessions, {}, None, None)
    write_results(directory, prepared, outcome, timer)


def certificate_of(
    prepared: Prepared, directory: RunDirectory, market: MarketData, history: History, sitting: Sitting
) -> Passed:
    """Make the decisions of a run directory again and return what that came to."""
    out = Collected()
    trader = Trader(_engine(prepared, market, sitting, reported=sitting.live is not None), out)
    trader.warm(arrivals(history.tapes))
    return again(read_decisions(directory.path), trader, out, recorded_rows(directory.path, dialect_of(prepared.spec)))


def _simulated(prepared: Prepared, market: MarketData, history: History, sitting: Sitting, instants: Any) -> Tables:
    """Return what the run's own fills, costs and scenario make of some instants after the history."""
    engine = _engine(prepared, market, sitting, reported=False)
    for _, rows in arrivals(history.tapes):
        engine.warm(rows)
    for _, rows in instants:
        engine.over(rows)
    return engine.tables()


def _engine(prepared: Prepared, market: MarketData, sitting: Sitting, *, reported: bool) -> Arriving:
    return Arriving(
        prepared.pipeline,
        sitting.symbols,
        sitting.columns,
        surroundings_of(prepared.spec, market),
        reported=reported,
        every=prepared.spec.report.equity_every,
    )


def _rest_of(market: MarketData, history: History) -> Any:
    """Yield the instants of a tape behind a history, as they stand there."""
    return ((ts, rows) for ts, rows in arrivals(market.tapes) if ts > history.until_ns)


def _quality(prepared: Prepared, kept: Any, counts: dict[str, int], sitting: Sitting) -> dict[str, Any]:
    """Return what is known of the rows that the session was handed."""
    found: dict[str, Any] = {}
    for stream, tape in kept.items():
        symbols = {}
        for number, symbol in enumerate(tape.symbols):
            rows = slice(int(tape.offsets[number]), int(tape.offsets[number + 1]))
            ts = tape.ts[rows]
            ends = (f"{np.datetime64(int(ts[0]), 's')}Z", f"{np.datetime64(int(ts[-1]), 's')}Z") if ts.size else (None, None)
            symbols[symbol] = {"rows": int(ts.size), "first": ends[0], "last": ends[1]}
        notes = [f"{name}: {count:,}" for name, count in counts.items() if count]
        found[stream] = {
            "rows_read": tape.rows,
            "rows_kept": tape.rows,
            "checks": {
                "gapped": {"policy": "keep", "count": sitting.counts.gapped, "symbols": {}, "first": []},
            },
            "symbols": symbols,
            "left_out": {},
            "notes": notes,
        }
    del prepared
    return found


def _certificate(passed: Passed) -> dict[str, Any]:
    found = asdict(passed)
    return {"equal": passed.divergence is None, **found}


def _counted(truth: dict[str, Any]) -> dict[str, Any]:
    """Return what is worth keeping of what the venue itself counts."""
    return {name: truth[name] for name in ("cash", "currency", "positions", "instants", "faults") if name in truth}
