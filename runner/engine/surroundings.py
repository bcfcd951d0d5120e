"""What a signal reads besides the rows of the market, gathered from a run's spec and data."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from runner.engine.pipeline import Pipeline
from runner.market.load import MarketData
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.signal.sheet import Sessions, Sheet, Surroundings
from runner.signal.warm_up import WarmUp
from runner.spec.run import RunSpec

__all__ = ["first_decisions", "surroundings_of"]


def surroundings_of(spec: RunSpec, market: MarketData) -> Surroundings:
    """Return the sessions, events and groups of a run."""
    symbols = spec.universe.symbols
    sessions: dict[str, list[Sessions | None]] = {
        stream: [
            Sessions(found.days, found.open_ns, found.close_ns) if (found := calendars.get(symbol)) else None
            for symbol in symbols
        ]
        for stream, calendars in market.calendars.items()
    }
    groups = {name: _numbers(members, symbols) for name, members in spec.universe.groups.items()}
    return Surroundings(sessions, dict(market.events), groups)


def _numbers(groups: Mapping[str, tuple[str, ...]], symbols: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the number of each symbol's group, in the order of the groups' names; NaN for a symbol without one."""
    number = {symbol: float(place) for place, name in enumerate(sorted(groups)) for symbol in groups[name]}
    return np.array([number.get(symbol, np.nan) for symbol in symbols])


def first_decisions(
    pipeline: Pipeline, tapes: Mapping[Stream, Tape], around: Surroundings
) -> tuple[Sheet, NDArray[np.int64]]:
    """Return the rows of the clock that decides, and [N] the first of each symbol at which every rule is past its warm-up.

    A symbol whose rules never are has the end of its rows.
    """
    sheets: dict[str, Sheet] = {stream: Sheet.of(stream, tape, around) for stream, tape in tapes.items()}
    warm_up = WarmUp(pipeline.graph, sheets)
    first = warm_up.first(*pipeline.roots)
    return warm_up.sheets[pipeline.clock], first
