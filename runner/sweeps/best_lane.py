"""The best lane by itself: what its result depends on, and its session returns where these weren't kept."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from runner.engine.native import backtest, evaluated
from runner.engine.onward import Sessions
from runner.launch.by_whole import dependence
from runner.launch.progress import Progress
from runner.prepare import Prepared
from runner.report.sensitivity import Sensitivity
from runner.sweeps.markets import Market
from runner.sweeps.survey import Known

__all__ = ["dependence_of", "session_instants"]


def dependence_of(known: Known, prepared: Prepared, market: Market, progress: Progress) -> Sensitivity | None:
    """Return what a lane's result depends on, as `sensitivity.json` of the run alone has it; None where nobody asked.

    Args:
        known: The lane.
        prepared: The run that it is.
        market: What it reads.
        progress: Is told how far it is.
    """
    if not prepared.spec.report.sensitivity or not known.shares:
        return None
    alone = replace(prepared, pipeline=replace(prepared.pipeline, not_before=known.start))
    tapes = market.data.tapes
    found = evaluated(alone.pipeline, tapes, market.around, [])
    tables = backtest(
        alone.pipeline, tapes, market.around, signals=False, on_progress=_silent, every=known.every, found=found
    )
    instants = np.asarray(tables.equity["ts"], dtype=np.int64)
    sessions = Sessions.of(market.ground(known.clock).tape).at(instants)
    return dependence(alone, market.data, found, tables, sessions, progress)


def session_instants(known: Known, market: Market) -> NDArray[np.int64]:
    """Return the last instant of each session that lanes are measured over, in UTC nanoseconds."""
    tape = market.ground(known.clock).tape
    instants = np.unique(tape.ts[tape.ts >= known.start])
    sessions = Sessions.of(tape).at(instants)
    last = np.flatnonzero(np.append(np.diff(sessions) != 0, [True] * (sessions.size > 0)))
    found: NDArray[np.int64] = instants[last]
    return found


def _silent(_: float) -> None:
    """Tell nobody how far it is."""
