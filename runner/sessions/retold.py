"""The trader of a session, made anew from what the session kept: it is told again what the first one was told."""

from dataclasses import dataclass
from pathlib import Path

from runner.engine.arriving import Arriving, Warmth
from runner.errors import Fault, RunError
from runner.live.trading.again import Collected, Passed, again
from runner.live.trading.arrivals import arrivals
from runner.live.trading.decisions import DECISIONS, Line, read_decisions
from runner.live.trading.kept import KeptRows
from runner.live.trading.trader import KERNEL, Lines, Trader
from runner.sessions.dialects import dialect_of
from runner.sessions.kept import Kept
from runner.sessions.recorded import Recorded, lives_of, rows_told
from runner.sessions.sitting import Counts

__all__ = ["Retold", "certificate", "engine_of", "lines_of", "retold", "warmed"]


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


def lines_of(folder: Path) -> list[Line]:
    """Return the lines of a session.

    Raises:
        RunError: They are gone, or aren't what a session writes.
    """
    try:
        return list(read_decisions(folder))
    except (OSError, ValueError) as problem:
        fix = "Put it back from a copy."
        raise RunError(Fault(str(folder / DECISIONS), "must hold the session's decisions", str(problem), fix)) from None


@dataclass(frozen=True, slots=True)
class Retold:
    """What the processes before came to."""

    trader: Trader
    """Knows all of it; its lines go nowhere yet."""
    kept: KeptRows
    """The rows it was handed."""
    counts: Counts
    """What happened; of how many instants something was missing nobody knows any more."""
    left: tuple[Line, ...]
    """Answers to the last line that don't stand there, as the process died before it wrote them."""


def retold(made_from: Kept, folder: Path) -> Retold:
    """Make the decisions of a session again, as the processes before made them.

    Raises:
        RunError: They come out differently, or can't be read.
    """
    spec, out = made_from.prepared.spec, Collected()
    trader = warmed(made_from, out, signals=spec.report.signals)
    kept, counts = KeptRows(tuple(spec.universe.symbols), made_from.columns, folder), Counts()
    lines, recorded = lines_of(folder), Recorded(folder, dialect_of(spec))
    passed = again(lines, trader, out, recorded)
    if passed.divergence is not None:
        was = f"line {passed.divergence.line}: {passed.divergence.what}"
        fix = "Look whether Runner, its own files or the directory were changed since; runner replay shows more."
        raise RunError(Fault(str(folder), "must come to the decisions it made before", was, fix))
    for life, line in lives_of(lines):
        rows = rows_told(line, life, recorded)
        kept.add(rows)
        if line[1]:
            counts.instants += 1
            counts.rows += len(rows)
        else:
            counts.missed += 1
    counts.count(line[1] for line in (*lines, *passed.left) if line[0] == KERNEL)
    return Retold(trader, kept, counts, passed.left)


def certificate(made_from: Kept, folder: Path) -> tuple[Passed, Warmth]:
    """Make the decisions of a run directory again; return what that came to, and how warm the signals were before it."""
    out = Collected()
    recorded = Recorded(folder, dialect_of(made_from.prepared.spec))
    trader = warmed(made_from, out)
    warmth = trader.arriving.warmth()
    return again(read_decisions(folder), trader, out, recorded), warmth
