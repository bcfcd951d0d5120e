"""A batch of lanes on one market, run and measured by one thread.

Lanes of the native engine share what they can (`engine.lanes`). Those that another engine computes, or that are replayed
instant by instant, are run one after another as they would be alone, and measured from the tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from runner.archive.column import Cell
from runner.engine.driver import Driver
from runner.engine.lanes import Track, batches
from runner.engine.native import replay
from runner.errors import RunnerError
from runner.prepare import Prepared
from runner.report.lane_digest import digest_of_tables
from runner.report.metrics import Metrics, metrics, worded
from runner.report.window import measured_window
from runner.sweeps.lane_room import LaneRoom, Scale
from runner.sweeps.markets import Market
from runner.sweeps.results import Results
from runner.sweeps.survey import Known, one_line
from runner.tables import Tables

__all__ = ["Batch", "Worker"]

Values = NDArray[np.float64]
LINES = 4_096
"""Lines of a lane that there is room for at first."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Lanes that decide on one clock of one market."""

    market: Market
    clock: str
    every: str | None
    """Length of time whose instants share a line of equity."""
    lanes: Sequence[tuple[Known, Prepared]]
    shares: bool
    """Whether its lanes can share what they have in common."""


@dataclass(slots=True)
class _Lane:
    """What became of one lane."""

    digest: str = ""
    figures: Metrics | None = None
    returns: Values | None = None
    error: str = ""


class Worker:
    """Runs batches one after another; one thread's."""

    def __init__(self) -> None:
        """Begin without buffers."""
        self._tracks: dict[tuple[int, str, str | None], Track] = {}
        self._room: LaneRoom | None = None

    def run(self, batch: Batch) -> Results:
        """Run a batch of lanes; what fails is a result as well."""
        done = self._shared(batch) if batch.shares else [_alone(batch, *lane) for lane in batch.lanes]
        return _results([known for known, _ in batch.lanes], done)

    def _shared(self, batch: Batch) -> list[_Lane]:
        key = id(batch.market), batch.clock, batch.every
        track = self._tracks.get(key)
        if track is None:
            self._tracks.clear()
            track = self._tracks[key] = Track(batch.market.ground(batch.clock), every=batch.every)
        found = [_Lane() for _ in batch.lanes]

        def measure(place: int, came: Driver | RunnerError) -> None:
            known, prepared = batch.lanes[place]
            found[place] = (
                _Lane(error=one_line(came))
                if isinstance(came, RunnerError)
                else self._measured(came, batch, known, prepared)
            )

        pipelines = [prepared.pipeline for _, prepared in batch.lanes]
        for laid in batches(pipelines, batch.market.ground(batch.clock).tape.rows):
            track.run(laid, measure)
        return found

    def _measured(self, driver: Driver, batch: Batch, known: Known, prepared: Prepared) -> _Lane:
        instants, _ = driver.written.equity()
        symbols = len(driver.tape.symbols)
        self._room = self._room or LaneRoom(LINES, instants.size, symbols)
        sessions = batch.market.sessions(batch.clock, instants)
        scale = Scale(known.start, prepared.spec.capital, prepared.spec.timezone.sessions_per_year, symbols, sessions)
        digest = self._room.measure(driver.written, scale)
        return _Lane(digest, worded(self._room.figures), self._room.returns())


def _alone(batch: Batch, known: Known, prepared: Prepared) -> _Lane:
    """Run a lane as it would be run alone."""
    try:
        tables = _tables(batch, known, prepared)
    except RunnerError as error:
        return _Lane(error=one_line(error))
    spec, pipeline = prepared.spec, prepared.pipeline
    sessions = batch.market.sessions(batch.clock, np.asarray(tables.equity["ts"], dtype=np.int64))
    figures = metrics(tables, capital=spec.capital, sessions_per_year=spec.timezone.sessions_per_year, sessions=sessions)
    digest = digest_of_tables(tables, symbols=spec.universe.symbols, rules=[name for name, _ in pipeline.rules])
    return _Lane(digest, figures, _returns(tables, sessions, spec.capital))


def _tables(batch: Batch, known: Known, prepared: Prepared) -> Tables:
    pipeline = replace(prepared.pipeline, not_before=known.start)
    market = batch.market
    if prepared.spec.engine.kind == "backtrader":
        from runner.engine.backtrader import run as second  # noqa: PLC0415 - it takes half a second, and may not be there

        own = prepared.strategy
        how = second.How(
            None if own is None else second.Own(own.made, prepared.spec.engine.params),
            prepared.spec.timezone.sessions_per_year,
        )
        return second.backtest(
            pipeline, market.data.tapes, market.around, signals=False, on_progress=_silent, how=how
        ).tables
    return replay(pipeline, market.data.tapes, market.around, signals=False, on_progress=_silent, every=batch.every)


def _silent(_: float) -> None:
    """Tell nobody how far it is."""


def _returns(tables: Tables, sessions: NDArray[np.int32], capital: float) -> Values:
    """Return the session returns of the measured stretch; NaN from where equity isn't above zero."""
    window = measured_window(tables.equity, capital=capital)
    days = sessions[window.rows]
    last = np.flatnonzero(np.append(np.diff(days) != 0, [True] * (days.size > 0)))
    levels = np.append(window.base, np.asarray(tables.equity["equity"], dtype=np.float64)[window.rows[last]])
    found: Values = levels[1:] / np.where(levels[:-1] > 0, levels[:-1], np.nan) - 1.0
    return found


def _results(known: Sequence[Known], lanes: Sequence[_Lane]) -> Results:
    names = list(dict.fromkeys(name for lane in lanes if lane.figures is not None for name in lane.figures))
    columns: Mapping[str, list[Cell]] = {
        name: [None if lane.figures is None else lane.figures[name] for lane in lanes] for name in names
    }
    length = max((lane.returns.size for lane in lanes if lane.returns is not None), default=0)
    returns = np.full((len(lanes), length), np.nan)
    for row, lane in zip(returns, lanes, strict=True):
        if lane.returns is not None:
            row[: lane.returns.size] = lane.returns
    return Results(
        np.array([each.number for each in known], dtype=np.int64),
        [each.trial for each in known],
        ["FAILED" if lane.figures is None else "DONE" for lane in lanes],
        [lane.error for lane in lanes],
        [lane.digest for lane in lanes],
        columns,
        returns,
    )
