"""Which lanes of a sweep stand on one footing, so that one can be called better than another.

1. They are measured over the same sessions: another window, or other data, is another record.
2. They assume the same of what filling costs and how it is done (`assumed.py`): these aren't the strategy's to choose, and a
   lane isn't better because its costs are assumed away.

`footings_of` tells each lane's footing before results are known; `ranked_apart` puts the footings into their order, the one
that the verdict is about first: of the longest record the dearest assumptions, by what its lanes came to.

Why the dearest by outcome: costs have many shapes, which no formula puts in order, and of the same lanes those come out
worst that pay the most.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.sweeps.survey import Survey

__all__ = ["Footings", "Period", "footings_of", "ranked_apart"]

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Period:
    """What lanes are measured over."""

    first: str
    """Date of the first session."""
    last: str
    sessions: int


@dataclass(frozen=True, slots=True, eq=False)
class Footings:
    """What can be ranked against each other."""

    of_lane: NDArray[np.int64]
    """[lanes] footing of each lane, by its number; −1 where it couldn't run."""
    periods: tuple[Period, ...]
    """[footings] what the lanes of each are measured over."""
    records: tuple[int, ...]
    """[footings] the same number for the same sessions: two periods may have the same ends."""


def footings_of(survey: Survey, lanes: int) -> Footings:
    """Return the footings of a sweep's lanes, in the order of the first lane of each.

    Args:
        survey: What is known of the lanes.
        lanes: How many there are, those that can't run included.
    """
    dates: dict[tuple[object, ...], tuple[int, Period]] = {}
    records: dict[bytes, int] = {}
    known: dict[tuple[int, str], int] = {}
    found, periods, numbers = np.full(lanes, -1, dtype=np.int64), list[Period](), list[int]()
    for lane in survey.lanes:
        measured = lane.market, lane.clock, lane.start
        if measured not in dates:
            sessions = survey.markets.all[lane.market].measured_dates(lane.clock, lane.start)
            dates[measured] = records.setdefault(sessions.tobytes(), len(records)), _period(sessions)
        record, period = dates[measured]
        footing = known.setdefault((record, lane.assumed), len(known))
        if footing == len(periods):
            periods.append(period)
            numbers.append(record)
        found[lane.number] = footing
    return Footings(found, tuple(periods), tuple(numbers))


def ranked_apart(footings: Footings, numbers: NDArray[np.int64], done: NDArray[np.bool_], earned: Values) -> Sequence[int]:
    """Return the footings that have a lane that is done, in their order; the first is the one that is judged.

    Longer records come before shorter ones, of equally long ones that of more lanes, and on one record dearer assumptions
    before cheaper ones.

    Args:
        footings: Of all lanes.
        numbers: [K] of the lanes that were run.
        done: [K]
        earned: [K] total return; NaN where undefined.
    """
    own = footings.of_lane[numbers]
    records = np.array([*footings.records, -1])[own]
    places: list[tuple[int, int, int, float, int]] = []
    for footing in np.unique(own[done & (own >= 0)]).tolist():
        returns = earned[done & (own == footing)]
        returns = returns[np.isfinite(returns)]
        record = footings.records[footing]
        middle = float(np.median(returns)) if returns.size else np.inf
        on_record = int(np.count_nonzero(done & (records == record)))
        places.append((-footings.periods[footing].sessions, -on_record, record, middle, footing))
    return [footing for *_, footing in sorted(places)]


def _period(sessions: NDArray[np.int32]) -> Period:
    if not sessions.size:
        return Period("", "", 0)
    first, last = (str(np.datetime64(int(sessions[place]), "D")) for place in (0, -1))
    return Period(first, last, int(sessions.size))
