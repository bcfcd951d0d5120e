"""How many lanes of a sweep are known already, and how long the others will take.

The time is measured on a few of them, whose results aren't kept.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runner.sweeps.asking import Planned
from runner.sweeps.store import FOLDER, TrialStore
from runner.sweeps.survey import Known, Survey
from runner.sweeps.work import Batch, Worker
from runner.trading.kernel.advance import compiled_advance

__all__ = ["Forecast", "forecast"]

TRIED = 8
"""Lanes that are tried."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a sweep would do now."""

    known: int
    """Lanes whose results are there."""
    missing: int
    seconds: float
    """About how long the missing ones will take, compiling left out."""


def forecast(planned: Planned, survey: Survey, runs: Path, workers: int) -> Forecast:
    """Look into the trial store, without writing to it, and time a few lanes that it doesn't have.

    Raises:
        RunError: If the store's ledger isn't sound.
    """
    missing: list[Known] = []
    for key, market in survey.markets.all.items():
        own = [lane for lane in survey.lanes if lane.market == key]
        folder = runs / FOLDER / market.digest
        if folder.is_dir():
            is_known = TrialStore(folder).is_known([lane.trial for lane in own]).tolist()
            own = [lane for lane, known in zip(own, is_known, strict=True) if not known]
        missing += own
    if not missing:
        return Forecast(len(survey.lanes), 0, 0.0)
    each = _seconds_of(planned, survey, _spread(missing))
    return Forecast(len(survey.lanes) - len(missing), len(missing), each * len(missing) / workers)


def _spread(lanes: Sequence[Known]) -> list[Known]:
    """Return a few lanes from all over the grid."""
    count = min(TRIED, len(lanes))
    return [lanes[place * len(lanes) // count] for place in range(count)]


def _seconds_of(planned: Planned, survey: Survey, lanes: Sequence[Known]) -> float:
    """Return how long a lane takes, making it included; what is compiled or read for the first time doesn't count."""
    compiled_advance()
    worker = Worker()
    for _ in range(2):
        began = time.perf_counter()
        for lane in lanes:
            prepared = planned.lanes.spec(planned.lanes[lane.number]).prepared
            worker.run(Batch(survey.markets.all[lane.market], lane.clock, lane.every, [(lane, prepared)], lane.shares))
        took = time.perf_counter() - began
    return took / len(lanes)
