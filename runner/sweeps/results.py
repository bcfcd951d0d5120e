"""What became of the lanes of a sweep, column by column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from runner.archive.column import Cell

__all__ = ["FailedLane", "Results"]


@dataclass(frozen=True, slots=True)
class FailedLane:
    """Why a lane has no result."""

    error: str
    """In one line."""


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """K lanes of a sweep that were run, or that failed."""

    number: NDArray[np.int64]
    """[K] the lane's number in the sweep."""
    trial: Sequence[str]
    """[K] 16 hex digits: what was tried on which data by which code; the same wherever it is tried again."""
    status: Sequence[Literal["DONE", "FAILED"]]
    """[K]"""
    error: Sequence[str]
    """[K] in one line; empty where it is done."""
    digest: Sequence[str]
    """[K] 16 hex digits over everything the lane wrote; empty where it failed."""
    metrics: Mapping[str, Sequence[Cell]]
    """Name → [K], as `metrics.json` of the run alone; None where undefined or failed."""
    returns: NDArray[np.float64]
    """[K, T] session returns over the sessions all lanes are measured by; NaN where undefined or failed."""
