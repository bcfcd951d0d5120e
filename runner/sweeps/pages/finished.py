"""A sweep that has run, as its pages take it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.report.sensitivity import Sensitivity
from runner.spec.sweep import Sweep
from runner.sweeps.axes import Axis
from runner.sweeps.results import Results
from runner.sweeps.statistics import WalkForward

__all__ = ["Finished"]


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """A sweep that has run. Nothing in it is trusted: all text is made legible and escaped where it is written."""

    name: str
    """The sweep's name, the page's heading."""
    axes: tuple[Axis, ...]
    """In the order of the lanes; none for a sweep of one lane."""
    places: NDArray[np.int32]
    """[K, A] place of each lane's value on each axis, in the order of `results`."""
    results: Results
    """All K lanes that were run, those that failed included."""
    instants: NDArray[np.int64]
    """[T] UTC nanoseconds at which each session's return was known, ascending."""
    sweep: Sweep
    """Says what lanes are ranked by."""
    trials: int
    """Trials ever made on these data, by the ledger; fewer than K are taken for K."""
    periods_per_year: float
    """Sessions in a year, as declared."""
    market: str = ""
    """What was traded, in a few words: symbols, dates, where from."""
    sensitivity: Sensitivity | None = None
    """What the best lane's result depends on, as `sensitivity.json` of the run alone has it; None where nobody asked."""
    not_run: int = 0
    """Lanes of the grid that weren't run: the sweep was interrupted."""
    walk: WalkForward | None = None
    """How to walk forward; None takes a third of the record to begin with, and tests a twelfth at a time."""
    seed: int = 0
    """Where the drawn histories of the tests begin; the same seed gives the same verdict."""

    def __post_init__(self) -> None:
        lanes, axes, rows = len(self.results.trial), len(self.axes), self.instants.size
        if lanes == 0 or self.places.shape != (lanes, axes) or self.results.returns.shape != (lanes, rows):
            raise ValueError(
                f"places {self.places.shape} and returns {self.results.returns.shape} must be of {lanes} lanes, one or more,"
                f" {axes} axes and {rows} instants"
            )
