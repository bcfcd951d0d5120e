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
    """[lanes, A] place of every lane's value on each axis, by the lane's number, from `Grid.all_places`."""
    results: Results
    """The K lanes that were run, those that failed included; fewer than there are where the sweep was interrupted."""
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
    walk: WalkForward | None = None
    """How to walk forward; None takes a third of the record to begin with, and tests a twelfth at a time."""
    seed: int = 0
    """Where the drawn histories of the tests begin; the same seed gives the same verdict."""

    def __post_init__(self) -> None:
        run, numbers = len(self.results.trial), self.results.number
        fits = self.places.shape[1:] == (len(self.axes),) and self.results.returns.shape == (run, self.instants.size)
        if run == 0 or not fits or numbers.min() < 0 or numbers.max() >= len(self.places):
            raise ValueError(
                f"places {self.places.shape} and returns {self.results.returns.shape} must fit {run} lanes, one or more,"
                f" {len(self.axes)} axes and {self.instants.size} instants"
            )

    @property
    def run_places(self) -> NDArray[np.int32]:
        """[K, A] the places of the lanes that were run, in the order of `results`."""
        return self.places[self.results.number]

    @property
    def not_run(self) -> int:
        """How many lanes weren't run."""
        return len(self.places) - len(self.results.trial)
