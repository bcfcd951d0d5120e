"""Runs a pipeline, or a strategy of the user's own, through Backtrader's Cerebro over a tape of bars."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.engine.backtrader.analyzers import added_to, figures_of
from runner.engine.backtrader.broker import Broker
from runner.engine.backtrader.costs import Costs
from runner.engine.backtrader.feed import Feed
from runner.engine.backtrader.follower import Follower, Plan
from runner.engine.backtrader.ledger import Ledger
from runner.engine.backtrader.library import bt
from runner.engine.backtrader.sizer import Sizer
from runner.engine.backtrader.tick_broker import TickBroker
from runner.engine.backtrader.ticks import Ticks, bars_of, last_known, ticks_of
from runner.engine.backtrader.valued import Valued
from runner.engine.clocks import fill_clock
from runner.engine.native import evaluated
from runner.engine.pipeline import Pipeline
from runner.engine.results import measured_from, signals_of
from runner.errors import DataError, Fault
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.signal.evaluate import Evaluated
from runner.signal.sheet import Surroundings
from runner.tables import Tables

__all__ = ["How", "Outcome", "Own", "backtest"]

Values = NDArray[np.float64]

EVERY = 1000
"""Rows after which progress is told."""


@dataclass(frozen=True, slots=True)
class Own:
    """A Backtrader strategy of the user's."""

    strategy: type[Any]
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class How:
    """How a run goes through Backtrader."""

    own: Own | None = None
    """A strategy of the user's, which decides instead of the pipeline's rules."""
    sessions_per_year: float = 252.0
    """For the yearly figures of the analyzers."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run."""

    tables: Tables
    figures: Mapping[str, float | int | None]
    """What Backtrader's analyzers say, by the names of Runner's metrics."""


def backtest(
    pipeline: Pipeline,
    tapes: Mapping[Stream, Tape],
    around: Surroundings,
    *,
    signals: bool,
    on_progress: Callable[[float], None],
    how: How = How(),
) -> Outcome:
    """Run through Backtrader.

    Args:
        pipeline: What decides, and what sizes and costs are.
        tapes: Stream → its tape.
        around: What the signal reads besides the market.
        signals: Whether to keep every named node's values.
        on_progress: Told the share of the work that is done, 0 to 1.
        how: Who decides.
    """
    tape = next(tape for stream, tape in tapes.items() if stream == pipeline.clock)
    fill_clock(pipeline, tapes)  # refuses bars that overlap
    named = sorted(set(pipeline.graph.shown.values())) if signals else []
    found = evaluated(pipeline, tapes, around, named)
    kept = signals_of(pipeline, tape, {node: found.values[node] for node in named})
    ledger, progress = Ledger(tape.symbols), _Progress(tape.rows, on_progress)
    extras = _extras(pipeline, tape, found)
    venue = {"costs": Costs(pipeline, tape, extras), "ledger": ledger, "opened": tape.opened, "known": tape.ts}
    cerebro = bt.Cerebro(stdstats=False)
    if how.own is None:
        exits = {"exits": pipeline.exits, "through": pipeline.order.through}
        plan = _plan(pipeline, tape, found, extras)
        _furnish(cerebro, _made(TickBroker, **venue, **exits), ticks_of(tape))
        cerebro.addstrategy(Follower, plan=plan)
    else:
        _furnish(cerebro, _made(Broker, **venue), bars_of(tape))
        cerebro.addstrategy(how.own.strategy, **how.own.params)
    cerebro.broker.setcash(pipeline.capital)
    cerebro.addanalyzer(Valued, progress=progress, _name="valued")
    added_to(cerebro, how.sessions_per_year)
    # Computed ahead, indicators longer than the data would reach beyond them; what a user writes is computed bar by bar.
    (strategy,) = cerebro.run(runonce=how.own is None)
    start = measured_from(tape, plan.ready, pipeline.not_before) if how.own is None else _started(strategy, ledger)
    return Outcome(ledger.tables(start, kept), figures_of(strategy, capital=pipeline.capital))


def _started(strategy: Any, ledger: Ledger) -> int:
    """Return the instant from which a user's strategy decides: its indicators are warm, or it sent an order before."""
    warm: int | None = strategy.analyzers.valued.started
    found = [*([] if warm is None else [warm]), *(order.ts for order in ledger.orders[:1])]
    if found:
        return min(found)
    must = "must get past the warm-up of its indicators, for every symbol"
    write = "Widen window.start and window.end, shorten the indicators, or let prenext decide for the symbols that trade."
    raise DataError(Fault("engine.strategy", must, type(strategy).__name__, write))


class _Progress:
    """Tells now and then which share of the rows is done."""

    def __init__(self, rows: int, tell: Callable[[float], None]) -> None:
        self._rows, self._tell, self._done, self._told = rows, tell, 0, 0

    def __call__(self, more: int) -> None:
        self._done += more
        if self._done - self._told >= EVERY or self._done == self._rows:
            self._told = self._done
            self._tell(self._done / self._rows)


def _extras(pipeline: Pipeline, tape: Tape, found: Evaluated) -> Values:
    extras = np.empty((tape.rows, len(pipeline.extras)))
    for column, node in enumerate(pipeline.extras):
        extras[:, column] = found.values[node]
    return extras


def _plan(pipeline: Pipeline, tape: Tape, found: Evaluated, extras: Values) -> Plan:
    ready = np.max([found.ready[root] for root in pipeline.roots], axis=0)
    rules = {rule: found.values[node] for rule, node in pipeline.signals.nodes.items()}
    return Plan(pipeline, tape, ready, rules, extras, last_known(tape))


def _made(broker: Any, **params: Any) -> Any:
    """Make a broker; Backtrader takes parameters that no signature says."""
    return broker(**params)


def _furnish(cerebro: Any, broker: Any, ticks: list[Ticks]) -> None:
    """Give Cerebro its broker, the symbols' feeds, and the run's sizing for orders that name no size."""
    cerebro.broker = broker
    for each in ticks:
        cerebro.adddata(Feed(ticks=each), name=broker.ledger.symbols[each.place])
    cerebro.addsizer(Sizer)
