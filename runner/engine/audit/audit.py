"""All checks of a run, one after another; see the package."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from numpy.random import Generator

from runner.engine.audit.adjusted import is_adjusted, leaks_of_adjusting
from runner.engine.audit.cuts import instants
from runner.engine.audit.data import leaks_of_data, session_days
from runner.engine.audit.future import leaks_of_future, nodes_of
from runner.engine.audit.leak import Leak
from runner.engine.audit.live import leaks_of_pushing, stretch
from runner.engine.audit.operators import leaks_of_operators, operators_of
from runner.engine.pipeline import Pipeline
from runner.market.load import MarketData
from runner.signal.sheet import Surroundings

__all__ = ["CUTS", "Audit", "Outcome", "audit"]

CUTS = 50
"""Instants at which the future is cut off, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check came to."""

    check: str
    did: str
    """What was tried, with numbers."""
    leaks: tuple[Leak, ...] = ()
    notes: tuple[str, ...] = ()
    """What couldn't be tried, and why."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What there is to audit."""

    pipeline: Pipeline
    market: MarketData
    around: Surroundings
    reload: Callable[[str], MarketData]
    """Reads the data up to a session date, written YYYY-MM-DD."""
    generator: Generator
    """Where chance comes from: cuts, histories, sessions."""
    cuts: int = CUTS


def audit(asked: Audit, stage: Callable[[str], None], on_progress: Callable[[float], None]) -> Iterator[Outcome]:
    """Yield what each check came to, as soon as it is known.

    Args:
        asked: What there is to audit.
        stage: Told the name of each check when it begins.
        on_progress: Told the share of it that is done.
    """
    pipeline, market, around = asked.pipeline, asked.market, asked.around
    tapes = market.tapes
    deciding = next(tape for stream, tape in tapes.items() if stream == pipeline.clock)

    stage("operators")
    leaks = leaks_of_operators(pipeline.graph, asked.generator, on_progress)
    count = len(operators_of(pipeline.graph))
    yield Outcome("operators", f"the laws over {_counted(count, 'operator')}, on drawn histories", tuple(leaks))

    stage("data")
    days = session_days(market, asked.generator)
    leaks, notes = leaks_of_data(market, days, asked.reload, on_progress)
    tried = len(days) - len(notes)
    yield Outcome("data", f"read again up to {_counted(tried, 'session')}", tuple(leaks), tuple(notes))

    cuts = instants(deciding, asked.cuts, asked.generator)
    stage("values and trades")
    values, trades = leaks_of_future(pipeline, tapes, around, cuts, on_progress)
    nodes = _counted(len(nodes_of(pipeline)), "node")
    yield Outcome("values", f"{nodes} at {_counted(len(cuts), 'cut')}, up to the cut", tuple(values))
    yield Outcome("trades", f"orders, fills and equity at {_counted(len(cuts), 'cut')}, up to the cut", tuple(trades))

    if is_adjusted(tapes):
        stage("adjusted prices")
        leaks = leaks_of_adjusting(pipeline, tapes, around, cuts, on_progress)
        did = f"rules at prices adjusted as they stood, at {_counted(len(cuts), 'cut')}"
        yield Outcome("adjusted prices", did, tuple(leaks))

    stage("live")
    part, near, rows = stretch(pipeline, tapes, around)
    yield Outcome(
        "live", f"{rows:,} rows pushed one instant at a time", tuple(leaks_of_pushing(pipeline, part, near, on_progress))
    )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' if number != 1 else ''}"
