"""A sweep that tries some of its combinations: a generation of lanes at a time, proposed from what those before came to.

1. A guide proposes points; those that `sweep.where` leaves out count as worst and aren't run (`_proposed`).
2. Points nobody proposed before become lanes, beside those that are there (`_grown`), and are looked at: all are measured
   from the instants that the corners of the space gave (`corners.py`).
3. The generation is run as any sweep is (`Running`): what the trial store knows isn't run again.
4. The guide is told what its points came to, in the order in which it proposed them.

A search that is started again proposes the same and finds it in the store, up to where it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from runner.compose import composing
from runner.compose.swept import text_of
from runner.errors import RunnerError
from runner.spec.sweep import Search
from runner.sweeps.asking import Planned
from runner.sweeps.axes import Axis
from runner.sweeps.checked import Checked
from runner.sweeps.chosen import Meaning, holds_at, meanings_of
from runner.sweeps.corners import are_numbers
from runner.sweeps.dimension import Dimension
from runner.sweeps.grid import Grid, Points
from runner.sweeps.lanes import Lanes
from runner.sweeps.results import Results
from runner.sweeps.running import Executor, Running
from runner.sweeps.store import TrialStore
from runner.sweeps.survey import Survey, surveyed_too

__all__ = ["Guide", "Searching", "guide_of", "searching"]

MOST_ASKED = 100
"""Points that are asked for, for each lane of a generation, before the search ends: `sweep.where` leaves out all others."""


class Guide(Protocol):
    """Whoever proposes points."""

    def ask(self) -> tuple[float, ...]:
        """Return a point: a step for each turn of the grid, a number for each interval."""

    def tell(self, number: int, value: float | None) -> None:
        """Say what the point asked for so many-th came to, from 0; None for nothing."""


@dataclass(slots=True)
class _Space:
    """The points that were proposed, as places on axes whose intervals have the values that were proposed."""

    grid: Grid
    values: list[dict[object, int]]
    """Axis → value → its place; the ends of an interval are there from the start."""
    points: dict[tuple[int, ...], int] = field(default_factory=dict)
    """Places → number of the lane."""

    @property
    def is_exhausted(self) -> bool:
        """Whether there are no other points."""
        return len(self.points) >= self.grid.cells and all(axis.interval is None for axis in self.grid.axes)

    def places(self, point: Sequence[float]) -> tuple[int, ...]:
        """Return the place of a point on each axis."""
        found = [0] * len(self.grid.axes)
        for turn, step in zip(self.grid.turns, point, strict=True):
            for place in turn:
                known = self.values[place]
                is_between = self.grid.axes[place].interval is not None
                found[place] = known.setdefault(step, len(known)) if is_between else int(step)
        return tuple(found)

    def axes(self) -> tuple[Axis, ...]:
        """Return the axes with all values that were proposed."""
        return tuple(
            axis if axis.interval is None else replace(axis, plain=tuple(known), values=tuple(map(text_of, known)))
            for axis, known in zip(self.grid.axes, self.values, strict=True)
        )


@dataclass(slots=True)
class Searching:
    """A search that runs; used as `Running` is."""

    planned: Planned
    """The sweep, its lanes those that were proposed so far."""
    survey: Survey
    """Of those lanes."""
    runs: Path
    """Folder that run directories go to."""
    search: Search
    corners: Survey
    """Of the combinations that were looked at beforehand."""
    done: int = 0
    """Lanes whose results are there."""
    known: int = 0
    """Those that were there before."""
    _space: _Space = field(default_factory=lambda: _Space(Grid((), ()), []))
    _failed: dict[int, RunnerError] = field(default_factory=dict)
    _stores: dict[str, TrialStore] = field(default_factory=dict)
    _meanings: dict[str, Meaning] = field(default_factory=dict)
    _asked: int = 0

    @property
    def missing(self) -> int:
        """How many lanes are proposed at most."""
        return self.search.trials

    @property
    def ledgers(self) -> list[dict[str, int | str]]:
        """How far the ledgers are that the lanes are counted in."""
        return [store.head for store in self._stores.values()]

    @property
    def trials_counted(self) -> int:
        """How many trials were ever made on these data."""
        return sum(store.trials_counted for store in self._stores.values())

    @property
    def specs_counted(self) -> int:
        """How many different specs these were."""
        return sum(store.specs_counted for store in self._stores.values())

    def run(self, executor: Executor, on_progress: Callable[[float], None]) -> None:
        """Propose lanes and run them."""
        lanes, trials = self.planned.lanes, self.search.trials
        with composing(self.planned.files, lanes.kinds) as composer:
            lanes.beds.composer = composer
            guide = guide_of(self.planned, self._space.grid, self.search)
            made = 0
            while made < trials and not self._space.is_exhausted:
                proposed = self._proposed(guide, min(self.search.generation, trials - made))
                if not proposed:
                    return
                came = self._run(
                    sorted({number for _, number in proposed}), executor, _share(on_progress, made, len(proposed), trials)
                )
                for place, number in proposed:
                    guide.tell(place, came.get(number))
                made += len(proposed)

    def results(self) -> tuple[Results, NDArray[np.int64]]:
        """Return what became of all lanes, as `Running.results`."""
        whole = Running(self.planned, self.survey, self.runs, stores=self._stores)
        whole.lay_out()
        return whole.results()

    def _proposed(self, guide: Guide, size: int) -> list[tuple[int, int]]:
        """Return so many points, each as how many-th it was asked for and the number of its lane."""
        found: list[tuple[int, int]] = []
        for _ in range(MOST_ASKED * size):
            if len(found) == size:
                break
            place, point = self._asked, self._space.places(guide.ask())
            self._asked += 1
            if self._holds(point):
                found.append((place, self._space.points.setdefault(point, len(self._space.points))))
            else:
                guide.tell(place, None)
        return found

    def _holds(self, point: tuple[int, ...]) -> bool:
        condition, beds = self.planned.where, self.planned.lanes.beds
        if condition is None:
            return True
        beds.asked = replace(beds.asked, axes=self._space.axes())
        return holds_at(np.array(point, dtype=np.int32), condition, self._meanings, beds)

    def _grown(self) -> range:
        """Make lanes of points that aren't any yet, and return their numbers."""
        lanes, axes = self.planned.lanes, self._space.axes()
        fresh = range(len(lanes), len(self._space.points))
        table = np.array(list(self._space.points), dtype=np.int32).reshape(-1, len(axes))
        lanes.asked = lanes.beds.asked = replace(lanes.asked, axes=axes)
        lanes.grid, lanes.cells = Points(axes, table), np.arange(table.shape[0], dtype=np.int64)
        for number in fresh:
            try:
                lanes.spec(lanes[number])
            except RunnerError as error:
                self._failed[number] = error
        return fresh

    def _run(
        self, numbers: Sequence[int], executor: Executor, on_progress: Callable[[float], None]
    ) -> dict[int, float | None]:
        """Run lanes, and return what each came to by the metric that is searched for."""
        fresh = surveyed_too(self.planned, self._grown(), self.corners)
        self.survey.lanes += fresh.lanes
        self.survey.failed |= fresh.failed
        wanted = set(numbers)
        own = [lane for lane in self.survey.lanes if lane.number in wanted]
        running = Running(self.planned, replace(self.survey, lanes=own, failed={}), self.runs, stores=self._stores)
        running.lay_out()
        before = {lane.number for lane in fresh.lanes}
        try:
            running.run(executor, on_progress)
        finally:
            repeated = len(own) - len(before)  # proposed again: known, and counted before
            self.done += running.done - repeated
            self.known += running.known - repeated
        results, _ = running.results()
        cells = results.metrics.get(self.planned.sweep.metric, [None] * results.number.size)
        return {number: _finite(cell) for number, cell in zip(results.number.tolist(), cells, strict=True)}


def searching(planned: Planned, search: Search, survey: Survey, runs: Path) -> Searching:
    """Return a search that nothing of has been proposed yet.

    Args:
        planned: The sweep, its lanes the corners of the space.
        search: How it is searched.
        survey: Of the corners.
        runs: Folder that run directories go to.
    """
    lanes, grid = planned.lanes, planned.lanes.grid
    if not isinstance(grid, Grid):
        raise TypeError("a search begins with a grid")
    failed: dict[int, RunnerError] = {}
    empty = Points(grid.axes, np.empty((0, len(grid.axes)), dtype=np.int32))
    own = Lanes(lanes.asked, empty, lanes.beds, np.empty(0, dtype=np.int64), lanes.once)
    found = replace(planned, lanes=own, checked=Checked(failed))
    space = _Space(
        grid, [{value: place for place, value in enumerate(axis.plain)} if axis.interval else {} for axis in grid.axes]
    )
    meanings = {} if planned.where is None else meanings_of(planned.where, grid, lanes.beds, planned.settled)
    none = Survey(survey.markets, starts=survey.starts)
    return Searching(found, none, runs, search, survey, _space=space, _failed=failed, _meanings=meanings)


def guide_of(planned: Planned, grid: Grid, search: Search) -> Guide:
    """Return who proposes points on a grid."""
    from runner.sweeps.optuna_search import OptunaGuide  # noqa: PLC0415 - an extra; only who asks for it pays

    dimensions = [
        Dimension(
            grid.axes[turn[0]].key,
            len(grid.axes[turn[0]].values),
            is_ordered=are_numbers(grid, turn),
            interval=grid.axes[turn[0]].interval,
        )
        for turn in grid.turns
    ]
    return OptunaGuide(search, dimensions, maximises=planned.sweep.direction == "maximise")


def _share(on_progress: Callable[[float], None], made: int, size: int, trials: int) -> Callable[[float], None]:
    return lambda share: on_progress((made + share * size) / trials)


def _finite(cell: float | str | None) -> float | None:
    return float(cell) if isinstance(cell, int | float) and isfinite(cell) else None
