"""The way of a run whose data are read whole: market, tables, and what they depend on."""

from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
from numpy.typing import NDArray

from runner.archive.directory import RunDirectory
from runner.engine.clocks import check_columns
from runner.engine.idle import idle_rules
from runner.engine.native import named_nodes, replay
from runner.engine.onward import Sessions
from runner.engine.results import measured_from, tables_of
from runner.engine.sensitivity import alternatives, fill_kinds
from runner.engine.side_by_side import side_by_side
from runner.engine.surroundings import first_decisions, surroundings_of
from runner.engine.undefined import undefined_rules
from runner.launch.known_fills import known_fills
from runner.launch.outcome import Outcome
from runner.launch.progress import Progress, telling
from runner.launch.rows import deciding
from runner.launch.timer import Timer
from runner.launch.too_short import too_short
from runner.launch.written import write_market
from runner.market.load import MarketData
from runner.market.run_data import run_data
from runner.prepare import Prepared
from runner.report.breakdown import breakdown_of
from runner.report.cross_check import Figures
from runner.report.idle import is_idle
from runner.report.regimes import market_of
from runner.report.sensitivity import Sensitivity, sensitivity
from runner.signal.evaluate import Evaluated
from runner.signal.sheet import Surroundings
from runner.tables import Tables
from runner.trading.kernel.advance import compiled_advance

__all__ = ["by_whole", "dependence", "whole_data"]


def whole_data(prepared: Prepared, now: int) -> MarketData:
    """Read the data whole, and hold them against what the pipeline needs.

    Raises:
        DataError: The data break a policy, lack a column, or end before the warm-up does.
    """
    market = run_data(prepared.spec, prepared.source, now=now)
    check_columns(prepared.pipeline, market.tapes)
    start = measured_from(
        *first_decisions(prepared.pipeline, market.tapes, surroundings_of(prepared.spec, market)),
        prepared.pipeline.not_before,
    )
    # A strategy has a warm-up of its own.
    if start is None and prepared.strategy is None:
        raise too_short(prepared, int(np.diff(market.tape.offsets).max()))
    return market


def by_whole(directory: RunDirectory, prepared: Prepared, market: MarketData, progress: Progress, timer: Timer) -> Outcome:
    """Compute a run on data that were read whole."""
    spec, pipeline, has_rules = prepared.spec, prepared.pipeline, prepared.strategy is None
    write_market(directory, market, {stream: tape.rows for stream, tape in market.tapes.items()})
    around = surroundings_of(spec, market)
    with timer("engine"):
        tables, found, second = _computed(prepared, market, around, progress)
    sessions = Sessions.of(deciding(prepared, market)).at(np.asarray(tables.equity["ts"], dtype=np.int64))
    with timer("sensitivity"):
        depends = None if found is None else dependence(prepared, market, found, tables, sessions, progress)
    undefined = undefined_rules(pipeline, spec, market, tables) if has_rules else {}
    idle = idle_rules(pipeline, spec, market) if has_rules and is_idle(tables) else None
    return Outcome(market, tables, sessions, undefined, idle, depends, second)


def _computed(
    prepared: Prepared, market: MarketData, around: Surroundings, progress: Progress
) -> tuple[Tables, Evaluated | None, Figures | None]:
    """Return the tables, the rules' values where they are to be traded on otherwise, and another engine's figures."""
    spec, pipeline, signals = prepared.spec, prepared.pipeline, prepared.spec.report.signals
    what, every = f"{spec.mode.kind} of {market.tape.rows:,} {market.tape.stream}", spec.report.equity_every
    if spec.engine.kind == "backtrader":
        progress.stage(what)
        with telling(progress) as on_progress:
            return _through_backtrader(prepared, market, around, on_progress)
    progress.stage("compiling the engine, once per version")
    compiled_advance()
    progress.stage(what)
    with telling(progress) as on_progress:
        if spec.mode.kind == "replay":
            again = replay(pipeline, market.tapes, around, signals=signals, on_progress=on_progress, every=every)
            return again, None, None
        named = named_nodes(pipeline, signals=signals)
        found, driver = side_by_side(pipeline, market.tapes, around, named, on_progress=on_progress, every=every)
        tables = tables_of(pipeline, driver, {node: found.values[node] for node in named})
        return tables, found if spec.report.sensitivity else None, None


def _through_backtrader(
    prepared: Prepared, market: MarketData, around: Surroundings, on_progress: Callable[[float], None]
) -> tuple[Tables, None, Figures]:
    """Run through Backtrader, which takes half a second to load and may not be there."""
    from runner.engine.backtrader import run as second  # noqa: PLC0415 - only who asks for it pays

    spec, own = prepared.spec, prepared.strategy
    with nullcontext() if own is None else own.told():
        outcome = second.backtest(
            prepared.pipeline,
            market.tapes,
            around,
            signals=spec.report.signals,
            on_progress=on_progress,
            how=second.How(
                None if own is None else second.Own(own.made, spec.engine.params), spec.timezone.sessions_per_year
            ),
        )
    return outcome.tables, None, outcome.figures


def dependence(
    prepared: Prepared,
    market: MarketData,
    found: Evaluated,
    tables: Tables,
    sessions: NDArray[np.int32],
    progress: Progress,
) -> Sensitivity:
    """Return what the result depends on: other fill clocks and costs, years, markets, symbols."""
    spec, pipeline = prepared.spec, prepared.pipeline
    tape = deciding(prepared, market)
    year = spec.timezone.sessions_per_year
    kinds, left_out = fill_kinds(pipeline, market.tapes, known_fills())
    breakdown = breakdown_of(tables, tape, market_of(tape), capital=spec.capital, sessions_per_year=year, sessions=sessions)
    progress.stage("other fill clocks and costs")
    with telling(progress) as on_progress:
        others = alternatives(pipeline, market.tapes, found, kinds, on_progress=on_progress, every=spec.report.equity_every)
        return sensitivity(
            others, breakdown, left_out=left_out, capital=spec.capital, sessions_per_year=year, sessions=sessions
        )
