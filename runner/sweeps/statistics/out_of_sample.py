"""The equity of somebody who always traded the lane that had looked best so far, stitched together from the tests.

Changing from one lane to the next is free here: what it would cost to trade from the one's positions to the other's isn't in
the lanes' returns.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.sweeps.statistics.best_lanes import best_lanes
from runner.sweeps.statistics.purge import Split

__all__ = ["OutOfSample", "out_of_sample"]


@dataclass(frozen=True, slots=True)
class OutOfSample:
    """What the chosen lanes came to where they weren't chosen."""

    lanes: NDArray[np.intp]
    """[splits] the lane that was best in each training."""
    rows: NDArray[np.intp]
    """[K] tested rows, in the order of the splits."""
    returns: NDArray[np.float64]
    """[K] per period, of the lane chosen for each."""

    @property
    def equity(self) -> NDArray[np.float64]:
        """[K] what 1 has become at the end of each row."""
        return np.cumprod(1.0 + self.returns, dtype=np.float64)


def out_of_sample(returns: NDArray[np.float64], splits: Sequence[Split]) -> OutOfSample:
    """Return the returns that the best lane of each training had in its test.

    Args:
        returns: [T, N] per period, all finite, N at least 1.
        splits: One or more, with at least two training rows each.

    Raises:
        ValueError: there is no split, one is too short, or a return isn't finite.
    """
    if not splits:
        raise ValueError("there must be a split, were none")
    lanes = best_lanes(returns, [split.train for split in splits])
    rows = np.concatenate([split.test for split in splits])
    of_row = np.repeat(lanes, [split.test.size for split in splits])
    return OutOfSample(lanes, rows, returns[rows, of_row])
