"""How broad the top is: what happens to the best lane when its parameters are off by a little.

A lane's position is its place on each axis of the grid, in the order of the axis: 0, 1, 2 … On an ordinal axis (a
lookback, a threshold) lanes a few places apart are neighbours; on a categorical one (a file, a kind of sizing) no place is
nearer than another, and neighbours have the same.

    distance   the most places apart on any ordinal axis (Chebyshev); infinite where a categorical axis differs
    level      best − tolerance × |best|
    share(r)   lanes up to r places away whose metric is at least the level / all lanes up to r places away
    region     lanes reached from the best by steps of one place along one ordinal axis, without going below the level

A lane without a metric (NaN) is below every level: it counts as a neighbour that failed. A lane at the same position as
the best is the best once more, and no neighbour.

Why the region takes one axis at a time: it joins fewer lanes than diagonal steps would, and on a grid of many axes it
needs two looks per axis instead of 3 to the power of their number.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Plateau", "plateau"]

Grid = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Plateau:
    """The surroundings of the best lane."""

    lane: int
    """The best lane: highest metric, the first of equals."""
    level: float
    """What a metric must reach to be on the plateau."""
    neighbours: tuple[int, ...]
    """Lanes up to 1, 2, … places away."""
    shares: tuple[float | None, ...]
    """How much of those reach the level, 0 to 1; None where there are none."""
    region: int
    """Lanes of the connected region, with the best."""
    region_share: float
    """Its share of all lanes, 0 to 1."""


def plateau(
    positions: Grid, metric: NDArray[np.float64], *, is_ordinal: tuple[bool, ...], radius: int = 2, tolerance: float = 0.1
) -> Plateau:
    """Return how broad the top around the best lane is.

    Args:
        positions: [N, axes] place of each lane on each axis; for an axis without order, any number per value.
        metric: [N] higher is better; NaN where a lane has none.
        is_ordinal: [axes] whether places of the axis have an order.
        radius: Largest distance to look at, 1 or more.
        tolerance: Share of the best metric that may be lost, 0 or more.

    Raises:
        ValueError: the shapes don't fit, an argument is out of its range, or no lane has a metric.
    """
    lanes, axes = positions.shape
    if metric.shape != (lanes,) or len(is_ordinal) != axes or radius < 1 or not tolerance >= 0.0:
        raise ValueError(
            f"positions {positions.shape}, metric {metric.shape} and {len(is_ordinal)} axes must fit; radius must be at"
            f" least 1 and tolerance at least 0, were {radius} and {tolerance}"
        )
    if lanes == 0 or not np.isfinite(metric).any():
        raise ValueError("a lane must have a finite metric, none had")
    known = np.where(np.isfinite(metric), metric, -np.inf)
    best = int(known.argmax())
    level = float(known[best] - tolerance * abs(known[best]))
    reaches = known >= level
    ordinal = np.array(is_ordinal, dtype=bool)
    away = _distances(positions, best, ordinal)
    near = [(away >= 1) & (away <= reach) for reach in range(1, radius + 1)]
    shares = tuple(float(np.mean(reaches[each])) if each.any() else None for each in near)
    region = _region(positions, best, reaches, ordinal)
    return Plateau(best, level, tuple(int(each.sum()) for each in near), shares, region, region / lanes)


def _distances(positions: Grid, best: int, ordinal: NDArray[np.bool_]) -> Grid:
    """Return how far each lane is from the best, [N]; −1 where a categorical axis differs."""
    apart = np.abs(positions - positions[best])
    distance = apart[:, ordinal].max(axis=1, initial=0)
    return np.where(apart[:, ~ordinal].any(axis=1), -1, distance)


def _region(positions: Grid, best: int, reaches: NDArray[np.bool_], ordinal: NDArray[np.bool_]) -> int:
    """Return how many lanes are reached from the best without going below the level."""
    crowd: dict[tuple[int, ...], int] = {}
    for place in map(tuple, positions[reaches].tolist()):
        crowd[place] = crowd.get(place, 0) + 1
    steps = [(int(axis), step) for axis in np.flatnonzero(ordinal) for step in (-1, 1)]
    waiting = deque([tuple(positions[best].tolist())])
    count = crowd.pop(waiting[0])
    while waiting:
        place = waiting.popleft()
        for axis, step in steps:
            beside = (*place[:axis], place[axis] + step, *place[axis + 1 :])
            if beside in crowd:
                count += crowd.pop(beside)
                waiting.append(beside)
    return count
