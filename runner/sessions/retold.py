"""The trader of a session, made anew from what the session kept: it is told again what the first one was told."""

from pathlib import Path

from runner.engine.arriving import Arriving, Warmth
from runner.live.trading.again import Collected, Passed, again
from runner.live.trading.arrivals import arrivals
from runner.live.trading.decisions import read_decisions
from runner.live.trading.trader import Lines, Trader
from runner.sessions.dialects import dialect_of
from runner.sessions.kept import Kept
from runner.sessions.recorded import Recorded

__all__ = ["certificate", "engine_of", "warmed"]


def engine_of(made_from: Kept, *, reported: bool, signals: bool = False) -> Arriving:
    """Return a fresh engine for a session.

    Args:
        made_from: What the session is made from.
        reported: Whether a venue fills its orders, and tells of it.
        signals: Whether to keep every named node's values.
    """
    spec = made_from.prepared.spec
    return Arriving(
        made_from.prepared.pipeline,
        tuple(spec.universe.symbols),
        made_from.columns,
        made_from.around,
        reported=reported,
        signals=signals,
        every=spec.report.equity_every,
    )


def warmed(made_from: Kept, lines: Lines, *, signals: bool = False) -> Trader:
    """Return a trader that knows the history and nothing of the session."""
    trader = Trader(engine_of(made_from, reported=made_from.prepared.spec.mode.kind == "live", signals=signals), lines)
    trader.warm(arrivals(made_from.history.tapes))
    return trader


def certificate(made_from: Kept, folder: Path) -> tuple[Passed, Warmth]:
    """Make the decisions of a run directory again; return what that came to, and how warm the signals were before it."""
    out = Collected()
    recorded = Recorded(folder, dialect_of(made_from.prepared.spec))
    trader = warmed(made_from, out)
    warmth = trader.arriving.warmth()
    return again(read_decisions(folder), trader, out, recorded), warmth
