"""The lane that looked best in each of several sets of rows: what somebody who knew only those rows would have chosen.

Sets enter as a matrix of 0 and 1, so their sums and sums of squares over all lanes are two products of matrices, a chunk of
lanes at a time.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from runner.sweeps.statistics.lane_chunks import lane_chunks
from runner.sweeps.statistics.sharpe import Centred, centred, first_best, sharpe_of_sums

__all__ = ["best_lanes"]

Values = NDArray[np.float64]
Places = NDArray[np.intp]


def best_lanes(returns: Values, sets: Sequence[Places]) -> Places:
    """Return the lane with the highest Sharpe ratio in each set of rows, [sets]; the first of equals.

    A lane without deviation in a set has the ratio 0 there.

    Args:
        returns: [T, N] per period, all finite, N at least 1.
        sets: Rows of each set, at least two each and none twice.

    Raises:
        ValueError: a set has fewer than two rows, there is no lane, or a return isn't finite.
    """
    rows, lanes = returns.shape
    short = [place for place, chosen in enumerate(sets) if chosen.size < 2]
    if short or lanes < 1:
        raise ValueError(f"there must be a lane, and two rows to choose it by: {lanes} lanes, too few rows in sets {short}")
    about = centred(returns)
    if not np.isfinite(about.mean).all():
        raise ValueError("returns must be finite")
    taken = np.zeros((len(sets), rows))
    for place, chosen in enumerate(sets):
        taken[place, chosen] = 1.0
    counts = taken.sum(axis=1, keepdims=True)
    leaders, heights = [], []
    for chunk in lane_chunks(lanes, rows=max(rows, len(sets))):
        distance = returns[:, chunk] - about.mean[chunk]
        part = Centred(about.mean[chunk], about.floor[chunk])
        ratios = sharpe_of_sums(taken @ distance, taken @ np.square(distance), counts, part)
        lane = first_best(ratios)
        leaders.append(lane + chunk.start)
        heights.append(ratios[np.arange(lane.size), lane])
    of_chunks = first_best(np.stack(heights, axis=1))
    return np.stack(leaders, axis=1)[np.arange(len(sets)), of_chunks]
