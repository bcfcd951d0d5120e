"""What the engine makes of a pipeline and its market: the tables, and what they depend on."""

from collections.abc import Callable
from contextlib import nullcontext

from runner.engine.native import backtest, evaluated, named_nodes, replay
from runner.engine.sensitivity import alternatives, fill_kinds
from runner.kinds import FolderKinds
from runner.launch.progress import Progress, telling
from runner.launch.rows import deciding, sessions_of
from runner.market.load import MarketData
from runner.prepare import Prepared
from runner.report.breakdown import breakdown_of
from runner.report.cross_check import Figures
from runner.report.regimes import market_of
from runner.report.sensitivity import Sensitivity, sensitivity
from runner.signal.evaluate import Evaluated
from runner.signal.sheet import Surroundings
from runner.tables import Tables
from runner.trading.fill import Fill
from runner.trading.kernel.advance import compiled_advance

__all__ = ["computed", "dependence"]


def computed(
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
        found = evaluated(pipeline, market.tapes, around, named_nodes(pipeline, signals=signals))
        tables = backtest(pipeline, market.tapes, around, signals=signals, on_progress=on_progress, every=every, found=found)
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


def dependence(prepared: Prepared, market: MarketData, found: Evaluated, tables: Tables, progress: Progress) -> Sensitivity:
    """Return what the result depends on: other fill clocks and costs, years, markets, symbols."""
    spec, pipeline = prepared.spec, prepared.pipeline
    tape = deciding(prepared, market)
    sessions, year = sessions_of(prepared, market, tables), spec.timezone.sessions_per_year
    kinds, left_out = fill_kinds(pipeline, market.tapes, _known_fills())
    breakdown = breakdown_of(tables, tape, market_of(tape), capital=spec.capital, sessions_per_year=year, sessions=sessions)
    progress.stage("other fill clocks and costs")
    with telling(progress) as on_progress:
        others = alternatives(pipeline, market.tapes, found, kinds, on_progress=on_progress, every=spec.report.equity_every)
        return sensitivity(
            others, breakdown, left_out=left_out, capital=spec.capital, sessions_per_year=year, sessions=sessions
        )


def _known_fills() -> list[Fill]:
    """Return every fill kind that can be had without parameters."""
    kinds = FolderKinds()
    found = (kinds.find("fill", name) for name in kinds.names("fill"))
    bare = [kind for kind in found if kind and not any(field.is_required() for field in kind.model_fields.values())]
    return [fill for kind in bare if isinstance(fill := kind.model_validate({}), Fill)]
