"""Which lanes are best: by the metric of the sweep, by return where that is equal or undefined, and by number at last.

Lanes on different footings aren't ranked against each other: one footing comes after the other, and the best lane is the
best of the first (`sweeps/footing.py`). What cannot be ranked comes last: a lane that is done without the metric before one
that failed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.sweeps.footing import ranked_apart
from runner.sweeps.pages.finished import Finished

__all__ = ["Ranking", "numbers_of", "ranking_of"]

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The lanes of a sweep in their order, the best first."""

    metric: Values
    """[K] what they are ranked by, as it is written; NaN where undefined or failed."""
    height: Values
    """[K] the same so that higher is better."""
    done: NDArray[np.bool_]
    """[K]"""
    order: NDArray[np.intp]
    """[K] rows of the results, footing after footing, the best first and failed ones last."""
    group: NDArray[np.int64]
    """[K] place of each row's footing in that order, 0 for what is judged; −1 where it has none, as it couldn't run."""
    footings: tuple[int, ...]
    """The footings in their order, by their numbers in `Footings`; one if there is nothing to tell apart."""

    @property
    def is_judged(self) -> NDArray[np.bool_]:
        """[K] lanes that are held against the best, and those that would have been if they had run."""
        return self.group <= 0

    @property
    def best(self) -> int | None:
        """The row of the best lane, None if no lane has the metric."""
        first = int(self.order[0])
        return first if np.isfinite(self.height[first]) else None


def ranking_of(finished: Finished) -> Ranking:
    """Return the lanes of a sweep in their order."""
    results = finished.results
    done = np.array([status == "DONE" for status in results.status], dtype=bool)
    metric = np.where(done, numbers_of(results.metrics.get(finished.sweep.metric), done.size), np.nan)
    earned = np.where(done, numbers_of(results.metrics.get("total_return"), done.size), np.nan)
    height = -metric if finished.sweep.direction == "minimise" else metric
    worst = [np.nan_to_num(-each, nan=np.inf, posinf=np.inf, neginf=-np.inf) for each in (height, earned)]
    group, footings = _groups(finished, done, earned)
    order = np.lexsort((results.number, worst[1], worst[0], group, ~done))
    return Ranking(metric, height, done, order, group, footings)


def _groups(finished: Finished, done: NDArray[np.bool_], earned: Values) -> tuple[NDArray[np.int64], tuple[int, ...]]:
    """Return the place of each row's footing in the order of footings, and that order."""
    footings, numbers = finished.footings, finished.results.number
    order = () if footings is None else tuple(ranked_apart(footings, numbers, done, earned))
    if footings is None or len(order) < 2:
        return np.zeros(done.size, dtype=np.int64), order or (0,)
    place = np.full(len(footings.periods) + 1, -1, dtype=np.int64)
    place[list(order)] = np.arange(len(order))
    return place[footings.of_lane[numbers]], order


def numbers_of(cells: Sequence[float | int | str | None] | None, count: int) -> Values:
    """Return a column of metrics as numbers, NaN where it has none; a column that isn't there is all NaN."""
    if cells is None:
        return np.full(count, np.nan)
    numbers = [cell if isinstance(cell, int | float) else np.nan for cell in cells]
    found = np.array(numbers, dtype=np.float64)
    found[~np.isfinite(found)] = np.nan
    return found
