"""A sweep that has run, as its pages take it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.report.sensitivity import Sensitivity
from runner.spec.sweep import Sweep
from runner.sweeps.axes import Axis
from runner.sweeps.footing import Footings
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
    recorded: NDArray[np.int64] | None = None
    """[M] rows of the results that `results.returns` is of, ascending; None where it is of all of them."""
    footings: Footings | None = None
    """Which lanes can be ranked against each other; None if all can."""
    walk: WalkForward | None = None
    """How to walk forward; None takes a third of the record to begin with, and tests a twelfth at a time."""
    seed: int = 0
    """Where the drawn histories of the tests begin; the same seed gives the same verdict."""

    def __post_init__(self) -> None:
        run, numbers = len(self.results.trial), self.results.number
        fits = self.places.shape[1:] == (len(self.axes),) and self.results.returns.shape == (
            self.rows.size,
            self.instants.size,
        )
        if run == 0 or not fits or numbers.min() < 0 or numbers.max() >= len(self.places):
            raise ValueError(
                f"places {self.places.shape} and returns {self.results.returns.shape} must fit {run} lanes, one or more,"
                f" {len(self.axes)} axes and {self.instants.size} instants"
            )

    @property
    def rows(self) -> NDArray[np.int64]:
        """Rows of the results whose session returns were kept, ascending."""
        return np.arange(len(self.results.trial)) if self.recorded is None else self.recorded

    @property
    def has_record(self) -> NDArray[np.bool_]:
        """[K] whether session returns were kept and are there from the first session to the last."""
        found, returns = np.zeros(len(self.results.trial), dtype=np.bool_), self.results.returns
        is_whole = np.isfinite(returns[:, 0]) & np.isfinite(returns[:, -1]) if returns.shape[1] else True
        found[self.rows] = is_whole
        return found

    def returns_of(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return [len(rows), T] the session returns of some rows of the results; NaN where they weren't kept."""
        if self.recorded is None:
            return self.results.returns[rows]
        places = np.minimum(np.searchsorted(self.recorded, rows), max(self.recorded.size - 1, 0))
        found = np.full((rows.size, self.instants.size), np.nan)
        if self.recorded.size:
            is_there = self.recorded[places] == rows
            found[is_there] = self.results.returns[places[is_there]]
        return found

    @property
    def run_places(self) -> NDArray[np.int32]:
        """[K, A] the places of the lanes that were run, in the order of `results`."""
        return self.places[self.results.number]

    @property
    def not_run(self) -> int:
        """How many lanes weren't run."""
        return len(self.places) - len(self.results.trial)
